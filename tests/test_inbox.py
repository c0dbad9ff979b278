"""The inbox: a file dropped in a folder is read once, and the receipt beside it says what became of it and why."""

from __future__ import annotations

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from connectors.contract import TABLES
from connectors.errors import ConfigurationError
from connectors.files.inspection import inspect
from connectors.pseudonyms import new_key
from pipelines.definitions import definitions
from pipelines.inbox import reading as inbox_module
from pipelines.inbox.profile_choice import said_by
from pipelines.inbox.reading import Reading, read_inbox
from pipelines.inbox.receipts import in_swedish
from pipelines.runs import run
from pipelines.runtime import Runtime, open_landing
from pipelines.settings import Organisation, Settings
from pipelines.settings_file import load_settings
from tests.test_file_import import AGENCY_PROFILE, HEADER, trip

NOW = datetime(2026, 10, 16, 4, tzinfo=UTC)


class Inbox:
    """An organisation without sources, and its folder for files; every file dropped is an hour newer than the last."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "resfri.toml").write_text('[organisations.borg]\nname = "Borg"\n', "utf-8")
        self.settings: Settings = load_settings(folder / "resfri.toml")
        self.organisation: Organisation = self.settings.one("borg")
        new_key(self.organisation.key_file)
        self.folder = folder / "inbox" / "borg"
        self.runtime = Runtime(clock=lambda: NOW)
        self._hours: Iterator[int] = iter(range(1, 1000))

    def drop(self, name: str, *rows: str, header: str = HEADER, age: timedelta | None = None) -> Path:
        return self.drop_bytes(name, "\n".join([header, *rows, ""]).encode("utf-8-sig"), age)

    def drop_bytes(self, name: str, content: bytes, age: timedelta | None = None) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        moment = NOW - age if age is not None else NOW - timedelta(days=60) + timedelta(hours=next(self._hours))
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        return path

    def read(self) -> Reading:
        return read_inbox(self.organisation, self.runtime)

    def days(self) -> list[date]:
        landing, _ = open_landing(self.organisation)
        return sorted(landing.read("travel_segments")["departed_at"].dt.date())

    def state(self) -> dict[str, tuple[bytes, int]]:
        """Every file of landing and inbox: content, and when it was written."""
        roots = (self.organisation.landing, self.folder)
        return {
            str(path): (path.read_bytes(), path.stat().st_mtime_ns)
            for root in roots
            for path in sorted(root.rglob("*"))
            if path.is_file() and path.name != ".lock"
        }


def receipt(path: Path) -> str:
    content = path.with_name(path.name + ".kvitto.txt").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "Notepad would not show it right"
    return content.decode("utf-8-sig").replace("\r\n", "\n")


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


# -- what the person sees -----------------------------------------------------------------------------------------


def test_a_dropped_file_is_read_and_its_receipt_says_what_was_understood(inbox: Inbox):
    rows = [trip(f"2025-03-{day:02}", person=f"EMP{day}") for day in range(1, 29)]
    path = inbox.drop("travel/mars.csv", *rows, trip("2025-03-32", "200,00"))
    original = path.read_bytes()
    found = inbox.read()
    assert (found.read, found.refused) == (1, 0)
    text = receipt(path)
    for words in (
        "RESULTAT: Filen är inläst.",
        "profil travel_agency",
        "Period: 2025-03-01 – 2025-03-31 (enligt filens rader)",
        "Rader: 29 = 28 förstådda + 1 inte förstådda + 0 utelämnade",
        "Belopp i SEK: 28200.00 = 28000.00 förstådda + 200.00 inte förstådda + 0.00 utelämnade",
        "- Avresedatum går inte att läsa: 1 rader",
        "De första: rad 29",
    ):
        assert words in text
    assert path.read_bytes() == original
    assert len(inbox.days()) == 28


def test_unknown_words_stand_in_the_receipt_and_nowhere_in_the_data(inbox: Inbox):
    path = inbox.drop("travel/travel_agency/mars.csv", trip("2025-03-04"), trip("2025-03-05", mode="Häst"))
    reading = inbox.read()
    assert "- Färdmedel (mode): ”häst”, 1 rader" in receipt(path)
    kept = b"".join(each.read_bytes() for each in inbox.organisation.folder.rglob("*") if each.is_file())
    assert "häst".encode() not in kept
    assert "häst" not in str(reading).casefold()


def test_folders_are_made_for_every_kind_of_file(inbox: Inbox):
    inbox.read()
    assert {path.name for path in inbox.folder.iterdir()} >= {"travel", "staff", "sites", "meetings"}


# -- once, corrected, overlapping ---------------------------------------------------------------------------------


def test_the_same_again_changes_no_byte_and_no_receipt(inbox: Inbox):
    inbox.drop("travel/mars.csv", trip("2025-03-04"))
    inbox.drop("travel/fel.csv", "x", header="Namn")
    inbox.read()
    before = inbox.state()
    again = inbox.read()
    assert inbox.state() == before
    assert (again.read, again.unchanged, again.refused, again.lines) == (0, 2, 0, [])


def test_the_same_file_under_two_names_counts_once(inbox: Inbox):
    inbox.drop("travel/mars.csv", trip("2025-03-04"))
    copy = inbox.drop("travel/kopia.csv", trip("2025-03-04"))
    inbox.read()
    assert inbox.days() == [date(2025, 3, 4)]
    assert "Samma innehåll finns i travel/mars.csv. Det räknas en gång." in receipt(copy)


def test_a_corrected_file_replaces_exactly_its_predecessor_and_stays_the_one(inbox: Inbox):
    inbox.drop("travel/februari.csv", trip("2025-02-04"))
    first = inbox.drop("travel/mars.csv", trip("2025-03-04"))
    inbox.read()
    second = inbox.drop("travel/mars-rättad.csv", trip("2025-03-05"))
    inbox.read()
    wanted = [date(2025, 2, 4), date(2025, 3, 5)]
    assert inbox.days() == wanted
    assert "Filen är ersatt" in receipt(first)
    assert "Ersatt av: travel/mars-rättad.csv" in receipt(first)
    assert "Ersätter den fil" in receipt(second)

    before = inbox.state()
    inbox.read()
    assert inbox.state() == before
    # also when nothing is remembered, the old file does not come back in place of its correction
    (inbox.organisation.landing / "inbox.json").unlink()
    inbox.read()
    assert inbox.days() == wanted
    assert inbox.state().keys() == before.keys()


def test_an_original_and_its_correction_dropped_on_one_day(inbox: Inbox):
    first = inbox.drop("travel/z.csv", trip("2025-03-04"))
    inbox.drop("travel/a.csv", trip("2025-03-05"))
    inbox.read()
    assert inbox.days() == [date(2025, 3, 5)]
    assert "Ersatt av: travel/a.csv" in receipt(first)


def test_a_replaced_file_comes_back_when_its_owner_says_so(inbox: Inbox):
    first = inbox.drop("travel/mars.csv", trip("2025-03-04"))
    inbox.drop("travel/mars2.csv", trip("2025-03-05"))
    inbox.read()
    first.rename(first.with_name("mars (ersätter).csv"))
    for _ in range(2):
        inbox.read()
        assert inbox.days() == [date(2025, 3, 4)]


@pytest.mark.parametrize(
    ("word", "days"),
    [("ersätter", [date(2025, 4, 5)]), ("lägg till", [date(2025, 3, 4), date(2025, 4, 4), date(2025, 4, 5)])],
)
def test_an_overlap_is_refused_until_the_name_answers(inbox: Inbox, word: str, days: list[date]):
    inbox.drop("travel/vår.csv", trip("2025-03-04"), trip("2025-04-04"))
    inbox.read()
    path = inbox.drop("travel/april.csv", trip("2025-04-05"))
    assert inbox.read().refused == 1
    text = receipt(path)
    assert "Filen gäller 2025-04-01 – 2025-04-30, men en inläst fil gäller 2025-03-01 – 2025-04-30" in text
    assert "(ersätter)" in text
    assert "(lägg till)" in text
    assert inbox.days() == [date(2025, 3, 4), date(2025, 4, 4)]

    path.rename(path.with_name(f"april ({word}).csv"))
    inbox.read()
    assert inbox.days() == days
    assert not path.with_name("april.csv.kvitto.txt").exists(), "a question that was answered still asks"


# -- which profile ------------------------------------------------------------------------------------------------


def test_a_profile_beside_the_file_wins_and_what_it_learns_is_used(inbox: Inbox):
    path = inbox.drop("travel/egen/mars.csv", trip("2025-03-04", mode="X2000"))
    profile = path.with_name("my_agency.toml")
    text = AGENCY_PROFILE.read_text("utf-8")
    profile.write_text(text, "utf-8")
    inbox.read()
    assert "profil my_agency" in receipt(path)
    assert "Färdmedel (mode): ”x2000”" in receipt(path)
    profile.write_text(text.replace("[values.mode]", '[values.mode]\n"x2000" = "rail"'), "utf-8")
    inbox.read()
    assert "(mode)" not in receipt(path)
    landing, _ = open_landing(inbox.organisation)
    assert landing.read("travel_segments")["mode"].to_list() == ["rail"]


ASKED = [
    # where it lies            header      what its owner is told
    ("travel/namn.csv", "Namn", "Ingen av profilerna känner igen filens kolumner"),
    ("travel/2025/mars.csv", HEADER, "Undermappen 2025 har inte namn efter en profil"),
    ("resor/mars.csv", HEADER, "Filen ligger inte i en mapp som säger vad den innehåller"),
    ("mars.csv", HEADER, "Filen ligger inte i en mapp som säger vad den innehåller"),
    ("staff/mars.csv", HEADER, "Ingen av profilerna känner igen filens kolumner"),
]


@pytest.mark.parametrize(("name", "header", "said"), ASKED, ids=[each[0] for each in ASKED])
def test_a_file_nobody_can_place_asks_its_owner(inbox: Inbox, name: str, header: str, said: str):
    path = inbox.drop(name, trip("2025-03-04"), header=header)
    assert inbox.read().refused == 1
    assert said in receipt(path)
    assert inbox.days() == []


def test_a_file_understood_by_less_than_it_takes_needs_its_folder_to_say_so(inbox: Inbox):
    rows = [trip("2025-03-04"), trip("2025-03-32"), trip("2025-03-33")]
    path = inbox.drop("travel/mars.csv", *rows)
    assert inbox.read().refused == 1
    assert "travel_agency ligger närmast, men förstår bara 33%" in receipt(path)
    inbox.drop("travel/travel_agency/mars.csv", *rows)
    assert inbox.read().read == 1


def test_a_file_two_profiles_can_read_goes_to_the_one_that_knows_more_of_it(inbox: Inbox):
    """A train ticket is a row of an agency's statement without its mode: the agency's flights must not become trains."""
    path = inbox.drop("travel/mars.csv", trip("2025-03-04", mode="Flyg"))
    with_rail_alone = inspect(path, "travel", profile="rail_account")
    assert with_rail_alone.share_understood == 1.0
    inbox.read()
    landing, _ = open_landing(inbox.organisation)
    assert landing.read("travel_segments").select("source", "mode").rows() == [("travel_agency", "flight")]


# -- what is refused or left --------------------------------------------------------------------------------------

REFUSED = [
    (b"%PDF-1.7", "ingen tabell"),
    (b"", "Filen är tom"),
    (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "låst med lösenord"),
    (f"{HEADER}\n{trip('2025-03-04', person='19800101-9804')}\n".encode(), "ser ut som ett personnummer (kolumn 2"),
]


@pytest.mark.parametrize(("content", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_cannot_be_read_stops_no_other_file(inbox: Inbox, content: bytes, said: str):
    bad = inbox.drop_bytes("travel/a.csv", content)
    inbox.drop("travel/b.csv", trip("2025-03-04"))
    found = inbox.read()
    assert (found.read, found.refused) == (1, 1)
    assert said in receipt(bad)
    assert "9804" not in receipt(bad) + str(found)
    assert inbox.days() == [date(2025, 3, 4)]


def test_a_fault_over_one_file_stops_no_other_and_says_nothing_of_it(inbox: Inbox, monkeypatch: pytest.MonkeyPatch):
    whole = inbox_module.import_file

    def faulty(path: Path, *arguments, **options):
        if path.name == "a.csv":
            raise ValueError("Anna Andersson")
        return whole(path, *arguments, **options)

    monkeypatch.setattr(inbox_module, "import_file", faulty)
    bad = inbox.drop("travel/a.csv", trip("2025-02-04"))
    inbox.drop("travel/b.csv", trip("2025-03-04"))
    found = inbox.read()
    assert (found.read, found.faults) == (1, 1)
    assert "Anna" not in receipt(bad) + str(found)
    monkeypatch.undo()
    assert inbox.read().read == 1


def test_a_file_being_written_waits(inbox: Inbox):
    path = inbox.drop("travel/mars.csv", trip("2025-03-04"), age=timedelta(seconds=5))
    assert (inbox.read().waiting, inbox.days()) == (1, [])
    assert not path.with_name("mars.csv.kvitto.txt").exists()
    inbox.drop("travel/mars.csv", trip("2025-03-04"), trip("2025-03-05"))
    assert inbox.read().read == 1
    assert len(inbox.days()) == 2


@pytest.mark.parametrize(
    "name", ["~$mars.csv", ".mars.csv", "mars.csv.part", "mars.csv.kvitto.txt", "Thumbs.db", "a/b/c.csv"]
)
def test_what_nobody_handed_in_is_left_alone(inbox: Inbox, name: str):
    inbox.drop(f"travel/{name}", trip("2025-03-04"))
    found = inbox.read()
    assert (found.read, found.refused, found.waiting) == (0, 0, 0)


def test_a_link_out_of_the_inbox_is_not_followed(inbox: Inbox, tmp_path: Path):
    (tmp_path / "hemlig.csv").write_text(HEADER + "\n" + trip("2025-03-04"), "utf-8")
    inbox.read()
    (inbox.folder / "travel" / "mars.csv").symlink_to(tmp_path / "hemlig.csv")
    assert (inbox.read().read, inbox.days()) == (0, [])


def test_a_name_can_be_a_persons_and_is_not_remembered(inbox: Inbox):
    inbox.drop("travel/anna-andersson.csv", trip("2025-03-04"))
    inbox.read()
    assert "anna" not in (inbox.organisation.landing / "inbox.json").read_text("utf-8")


# -- what a name says ---------------------------------------------------------------------------------------------

MARCH = (date(2025, 3, 1), date(2025, 3, 31))


@pytest.mark.parametrize(
    ("stem", "overlap", "covers"),
    [
        ("resor", "refuse", None),
        ("resor-2025-03", "refuse", MARCH),
        ("2025-03", "refuse", MARCH),
        ("resor 2025-q1", "refuse", (date(2025, 1, 1), MARCH[1])),
        ("resor-2025-03 (ersätter)", "replace", MARCH),
        ("resor-2025-03(Lägg till)", "add", MARCH),
        ("resor-2025-03-04", "refuse", None),
        ("resor-2024-2025", "refuse", None),
        ("resor-2025-13", "refuse", None),
        ("ersätter", "refuse", None),
    ],
)
def test_what_a_name_says(stem: str, overlap: str, covers: object):
    assert (said_by(stem).overlap, said_by(stem).covers) == (overlap, covers)


def test_a_month_without_trips_is_declared_by_the_name(inbox: Inbox):
    path = inbox.drop("travel/travel_agency/juli.csv")
    inbox.read()
    assert "Skriv perioden sist i filens namn" in receipt(path)
    inbox.drop("travel/travel_agency/resor-2025-07.csv")
    inbox.read()
    landing, _ = open_landing(inbox.organisation)
    assert landing.files()["covers_from"].to_list() == [date(2025, 7, 1)]


def messages(module: Path) -> list[str]:
    """The messages of a module's ConfigurationErrors of every type, with 7 for what is filled in."""
    found = []
    errors = {each.__name__ for each in (ConfigurationError, *ConfigurationError.__subclasses__())}
    assert errors >= {"NotDescribed", "NoDatedRows"}
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in errors:
            (message,) = node.args
            parts = message.values if isinstance(message, ast.JoinedStr) else [message]
            found.append("".join(_filled(part) for part in parts))
    return found


def _filled(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    is_column = isinstance(part, ast.FormattedValue) and getattr(part.value, "id", "") == "column"
    return "column 7" if is_column else "7"


def test_every_reason_an_import_can_give_is_said_in_swedish():
    names = "table_files text_tables json_tables texts kinds importing periods mapped_rows profiles"
    folder = Path(inbox_module.__file__).parents[2] / "connectors" / "files"
    told = {
        message: in_swedish("mars.csv", message)[0]
        for name in names.split()
        for message in messages(folder / f"{name}.py")
    }
    assert len(told) > 25
    assert [message for message, why in told.items() if why.startswith("resfri säger")] == []


# -- whole runs ---------------------------------------------------------------------------------------------------


def test_a_run_without_sources_reads_the_inbox_builds_and_publishes(inbox: Inbox):
    inbox.drop("travel/mars.csv", *(trip(f"2025-03-{day:02}") for day in range(1, 29)))
    bad = inbox.drop("travel/fel.csv", "x", header="Namn")
    (result,) = run(inbox.settings, [inbox.organisation], None, None, None, inbox.runtime)
    assert result.failures == []
    assert result.version is not None
    assert result.files == [
        "travel/mars.csv: 28 rows read = 28 understood + 0 not understood + 0 excluded (travel_agency)",
        "travel/fel.csv: not imported; why stands in fel.csv.kvitto.txt",
    ]
    assert "Filen är inte inläst" in receipt(bad)


def test_two_files_that_tell_of_the_same_travel_are_published_when_it_is_said_which_counts(inbox: Inbox):
    inbox.drop("travel/mars.csv", *(trip(f"2025-03-{day:02}") for day in range(1, 29)))
    header = "Bokningsnummer;Anställningsnr;Avresedatum;Från;Till;Pris"
    rail = (f"R{day};EMP{day};2025-03-{day:02};Borås;Lund;100,00" for day in range(1, 29))
    inbox.drop("travel/rail_account/tag.csv", *rail, header=header)
    (result,) = run(inbox.settings, [inbox.organisation], None, None, None, inbox.runtime)
    asked, stopped = result.failures
    assert "core_authorities: check one_source: found rail_account and travel_agency both tell of cost by rail" in asked
    assert "nothing new is published until that check passes" in stopped
    assert result.version is None
    path = inbox.settings.file
    counts = '{ rail = "rail_account" }'
    path.write_text(
        path.read_text("utf-8") + f"[organisations.borg.authoritative]\ntrips = {counts}\ncost = {counts}\n", "utf-8"
    )
    settings = load_settings(path)
    (result,) = run(settings, [settings.one("borg")], None, None, None, inbox.runtime)
    assert result.failures == []
    assert result.version is not None


def test_the_sensor_asks_once_for_what_is_new(inbox: Inbox):
    repository = definitions(inbox.settings).get_repository_def()
    sensor = repository.get_sensor_def("inbox_borg")
    assert (sensor.job_name, sensor.minimum_interval_seconds) == ("files_borg", 300)
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING

    def tick(cursor: str | None) -> tuple[int, str | None]:
        with dg.instance_for_test() as instance:
            found = sensor.evaluate_tick(dg.build_sensor_context(instance, cursor=cursor, repository_def=repository))
        return len(found.run_requests or []), found.cursor or cursor

    assert tick(None) == (0, None)
    inbox.drop("travel/mars.csv", trip("2025-03-04"))
    asked, cursor = tick(None)
    assert asked == 1
    assert tick(cursor) == (0, cursor)
    inbox.drop("travel/april.csv", trip("2025-04-04"))
    asked, cursor = tick(cursor)
    assert asked == 1
    inbox.read()
    assert tick(cursor)[0] == 0
    for word in ("succeeded", "failed"):
        assert repository.get_sensor_def(f"build_after_files_{word}_borg").job_name == "build_borg"


def test_killed_in_the_middle_the_next_reading_gives_the_undisturbed_landing(tmp_path: Path):
    whole, killed = Inbox(tmp_path / "whole"), Inbox(tmp_path / "killed")
    shutil.copyfile(whole.organisation.key_file, killed.organisation.key_file)
    for each in (whole, killed):
        for month in range(1, 7):
            each.drop(f"travel/{month}.csv", *(trip(f"2025-{month:02}-{day:02}") for day in range(1, 28)))
            each.drop(f"travel/{month}-rättad.csv", *(trip(f"2025-{month:02}-{day:02}") for day in range(2, 28)))
    whole.read()
    program = (
        "import sys; from pathlib import Path; from pipelines.settings_file import load_settings;"
        "from pipelines.runtime import Runtime; from pipelines.inbox.reading import read_inbox;"
        "print('ready', flush=True);"
        "read_inbox(load_settings(Path(sys.argv[1])).one('borg'), Runtime())"
    )
    for delay in (0.1, 0.25, 0.5):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(killed.settings.file)],
            stdout=subprocess.PIPE, cwd=Path(inbox_module.__file__).parents[2],
        )  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    killed.read()
    for name in TABLES:
        found, wanted = (open_landing(each.organisation)[0].read(name).drop("seen_at") for each in (killed, whole))
        assert found.equals(wanted), name
    texts = [{path.name: path.read_bytes() for path in each.folder.rglob("*.kvitto.txt")} for each in (killed, whole)]
    assert texts[0] == texts[1]
    assert not list(killed.folder.rglob(".*.tmp"))
    assert pl.Series(killed.days()).dt.day().min() == 2
