"""Whole runs against a served vendor: what lands, what is published, and what a failure leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from connectors.errors import ConfigurationError
from connectors.files.importing import import_file
from connectors.files.profiles import FileKind
from pipelines.doctor import examine
from pipelines.ingestion import landing_key
from pipelines.runs import run
from pipelines.runtime import Runtime, open_landing
from simulator.exports import write_exports
from simulator.faults import Faults
from tests.organisation import NOW, Served, larger_municipality, municipality, served

SUMMER = date(2026, 7, 1)
"""For runs in which it does not matter how much is pulled: three months instead of fourteen."""


@pytest.fixture
def organisation(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as found:
        yield found


def rows(published: dict[str, list[tuple[object, ...]]], **where: str) -> list[tuple[object, ...]]:
    """(value, reason) of the published indicators of the whole organisation."""
    names = (
        "organisation department person_group period_kind period_end baseline indicator measure dimension_1 value_1 "
        "dimension_2 value_2 value low high numerator denominator unit known_share people_class reason method_version"
    ).split()
    wanted = {"department": "all", "person_group": "all", "dimension_1": "all"} | where
    found = [dict(zip(names, row, strict=True)) for row in published["out_indicators"]]
    return [
        (row["value"], row["reason"]) for row in found if all(str(row[key]) == value for key, value in wanted.items())
    ]


def test_a_run_pulls_builds_and_publishes_and_a_second_one_changes_nothing(organisation: Served):
    organisation.import_files()
    result = organisation.run()
    assert result.failures == []
    assert set(result.pulled) == {"teams", "directory", "rooms", "room_calendars", "teams_usage"}
    for became in result.pulled.values():
        assert became["pulled"] == became["landed"] + became["rejected"] + sum(became["excluded"].values())
    assert result.pulled["teams"]["excluded"].keys() == {"service_only", "test_call"}
    landed, published = organisation.files("landing"), organisation.published()
    private = (
        organisation.organisation.landing,
        organisation.organisation.quarantine,
        organisation.organisation.warehouse,
    )
    assert all(path.stat().st_mode & 0o077 == 0 for path in private), "others on the computer can read what is private"
    asked = organisation.service.requests["callRecord"]

    again = organisation.run()
    assert organisation.files("landing") == landed
    assert organisation.published() == published
    assert again.version == result.version
    assert again.pulled["teams"]["landed"] == result.pulled["teams"]["landed"]
    # what lands nowhere one by one is asked for again: one-to-one calls, counted by whole days, and excluded calls
    not_landed = len(municipality().calls) - organisation.landing()["meetings"].height
    assert organisation.service.requests["callRecord"] == asked + not_landed


def test_where_dagster_keeps_a_record_every_day_that_was_read_stands_in_it(
    organisation: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    (result,) = run(
        organisation.settings,
        [organisation.organisation],
        "teams",
        date(2026, 9, 1),
        date(2026, 9, 3),
        organisation.runtime,
    )
    assert result.failures == []
    with dg.DagsterInstance.get() as instance:
        days = instance.get_materialized_partitions(landing_key(organisation.organisation, "teams"))
    assert days == {"2026-09-01", "2026-09-02", "2026-09-03"}


def test_a_pull_that_returns_less_removes_nothing(organisation: Served):
    organisation.run("teams", SUMMER)
    before = organisation.landing()
    meetings = before["meetings"]["meeting_id"].to_list()
    organisation.service.faults = Faults(unlisted=frozenset(meetings[::3]))
    assert organisation.run("teams", SUMMER).failures == []
    after = organisation.landing()
    for name in ("meetings", "participations", "meeting_totals"):
        assert after[name].equals(before[name]), name


def test_a_vendor_that_answers_and_tells_of_nothing_is_a_failure_and_the_rest_is_published(organisation: Served):
    organisation.import_files()
    calls = organisation.municipality.calls
    empty_from = datetime(2026, 9, 21, tzinfo=UTC).timestamp() * 1_000_000  # a Monday
    organisation.service.faults = Faults(
        unlisted=frozenset(id_ for id_, start in zip(calls.ids, calls.start, strict=True) if start >= empty_from)
    )
    result = organisation.run()
    differing, silent = sorted(result.failures)
    assert differing.startswith("core_reconciliation: check reconciled: found teams 2026-09-")
    assert "the vendor counts" in differing
    assert "landed are 0" in differing
    assert silent.startswith(
        "core_silences: check speaks: found teams 2026-09-19 to 2026-09-30: it answered, and told of"
    )
    assert result.version is not None


def test_a_source_that_fails_stops_neither_the_others_nor_the_figures(organisation: Served):
    organisation.import_files()
    organisation.service.faults = Faults(denied_permissions=frozenset(("User.Read.All",)))
    result = organisation.run(first=SUMMER)
    assert [failure for failure in result.failures if "User.Read.All" in failure and "directory" in failure]
    assert "teams" in result.pulled
    assert result.version is not None
    landing, _ = open_landing(organisation.organisation)
    (outcome,) = landing.pulls("directory").iter_rows(named=True)
    assert (outcome["status"], outcome["landed"]) == ("failed", 0)


def test_a_month_without_travel_files_is_missing_not_fewer_trips(tmp_path: Path):
    """What one source still knows of the month is not given out as all there is."""
    with served(tmp_path, larger_municipality()) as organisation:
        exports = write_exports(organisation.municipality, tmp_path / "exports")
        for kind, files in (("travel", exports.travel), ("staff", exports.staff), ("sites", exports.sites)):
            for profile, path, *days in files:
                if path.name != "resebyra-2026-05.csv":
                    import_one(organisation, kind, profile, path, None if kind == "sites" else (days[0], days[1]))
        organisation.run("rooms")
        published = organisation.published()
    june = rows(published, indicator="trips_per_fte", period_kind="month", period_end="2026-06-30")
    assert [(value is not None, reason) for value, reason in june] == [(True, None)]
    for end in ("2026-05-31", "2026-06-30"):
        kind = "month" if end == "2026-05-31" else "quarter"
        found = rows(published, indicator="trips_per_fte", period_kind=kind, period_end=end)
        assert found == [(None, "source_missing")], end
    may = [row for row in published["out_coverage"] if str(row[3]) == "2026-05-01" and row[2] == "travel"]
    assert sorted((row[1], row[6]) for row in may) == [
        ("mileage_claims", "covered"), ("rail_account", "covered"), ("travel_agency", "missing"),
    ]  # fmt: skip


def import_one(
    organisation: Served, kind: FileKind, profile: str, path: Path, covers: tuple[date, date] | None = None
) -> None:
    landing, pseudonyms = open_landing(organisation.organisation)
    import_file(path, kind, profile, landing, pseudonyms, NOW, covers=covers)


def test_another_pseudonym_key_is_refused(organisation: Served):
    organisation.run("directory")
    before = organisation.files("landing")
    key = organisation.organisation.key_file
    key.write_text("ab" * 32 + "\n", encoding="ascii")
    result = organisation.run("directory")
    assert any("another pseudonym key" in failure and "put that key back" in failure for failure in result.failures)
    assert organisation.files("landing") == before


def test_days_and_sources_that_cannot_be_are_named(organisation: Served):
    with pytest.raises(
        ConfigurationError, match="no source zoom in settings; there are: directory, room_calendars, rooms, teams"
    ):
        organisation.run("zoom")
    with pytest.raises(ConfigurationError, match="is not over yet"):
        run(
            organisation.settings,
            [organisation.organisation],
            None,
            date(2026, 1, 1),
            date(2030, 1, 1),
            organisation.runtime,
        )


FAILURES = [
    # what is wrong            fault                                                        what the one line says
    ("a wrong secret", None, ["client_secret_file", "Entra admin centre"]),
    ("a missing permission", Faults(denied_permissions=frozenset(("CallRecords.Read.All",))), ["CallRecords.Read.All", "grant"]),
    ("an unreachable host", "stop", ["localhost", "the next run tries again"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def with_rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An organisation whose rooms have landed, which no failure may change."""
    with served(tmp_path_factory.mktemp("failures")) as found:
        found.run("rooms")
        yield found


@pytest.mark.parametrize(
    ("fault", "said"), [failure[1:] for failure in FAILURES], ids=[failure[0] for failure in FAILURES]
)
def test_a_failure_ends_in_one_line_and_leaves_what_was_landed(with_rooms: Served, fault: object, said: list[str]):
    organisation = with_rooms
    landed = organisation.files("landing/rooms")
    secret = organisation.folder / "keys" / "exempelby.secret"
    right = organisation.service.address.client_secret
    secret.write_text("wrong" if fault is None else right, encoding="utf-8")
    if fault == "stop":
        organisation.service.stop()
    elif fault is not None:
        organisation.service.faults = fault  # type: ignore[assignment]
    done = organisation.command("run", "--source", "teams")
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "teams" in line]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("resfri: teams: ")
    assert all(word in lines[0] for word in said), lines[0]
    assert right not in done.stderr + done.stdout
    assert "wrong" not in lines[0]
    assert organisation.files("landing/rooms") == landed


def test_a_file_that_is_not_the_mapped_export_is_refused_in_one_line(organisation: Served):
    path = organisation.folder / "fel.csv"
    path.write_text("Namn;Telefon\nAnna Andersson;070-123 45 67\n", encoding="utf-8")
    done = organisation.command(
        "import", str(path), "--org", "exempelby", "--as", "travel", "--profile", "travel_agency"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "fel.csv is not a file that profile travel_agency describes" in done.stderr
    assert "Anna" not in done.stderr


def test_the_doctor_says_what_is_well_and_what_to_mend(organisation: Served):
    organisation.run()
    soon_after_the_last_meeting = Runtime(clock=lambda: datetime(2026, 10, 2, tzinfo=UTC))
    found = list(examine(organisation.settings, soon_after_the_last_meeting))
    assert [finding.message for _, _, finding in found if not finding.is_good] == []
    assert {source for _, source, _ in found} == {"key", "teams", "teams_usage", "directory", "rooms", "room_calendars"}
    organisation.service.faults = Faults(denied_permissions=frozenset(("Place.Read.All",)))
    done = organisation.command("doctor")
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if "Place.Read.All" in line]
    assert {line.split(": ")[0] for line in lines} == {"MEND exempelby rooms", "MEND exempelby room_calendars"}
    assert all("Entra admin centre" in line for line in lines)
