"""The whole demo, once, as somebody types it: what it prints, publishes and keeps, held against what is true."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from zipfile import ZipFile

import duckdb
import polars as pl
import pytest

from pipelines.runtime import open_landing
from pipelines.settings import Organisation
from pipelines.settings_file import load_settings
from simulator.calls import VENDORS
from simulator.municipality import Municipality, simulate
from tests.organisation import resfri

pytestmark = pytest.mark.demo


@dataclass(frozen=True)
class Demo:
    folder: Path
    done: subprocess.CompletedProcess[str]

    @property
    def organisation(self) -> Organisation:
        return load_settings(self.folder / "resfri.toml").one("exempelby")

    @property
    def database(self) -> Path:
        version = (self.organisation.published / "CURRENT").read_text("utf-8").strip()
        return self.organisation.published / version / "resfri.duckdb"

    @cached_property
    def municipality(self) -> Municipality:
        first, last = self.ask("select min(month), max(month) from out_coverage where kind = 'travel' and is_expected")[
            0
        ]
        assert first == date(last.year - 2, last.month % 12 + 1, 1) or (last.year - first.year) in (1, 2)
        return simulate(1000, 24, 1, last, platforms=VENDORS)

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    found = Demo(folder, resfri("demo", "--dir", str(folder)))
    assert found.done.returncode == 0, found.done.stderr
    return found


def test_it_prints_headline_figures_and_where_everything_is(demo: Demo):
    said = demo.done.stdout
    for words in ("Ersättningsgrad: ", "Digitala möten per årsarbetskraft: ", "Tjänsteresor per årsarbetskraft: "):
        assert words in said
    paths = [Path(path) for path in re.findall(r"(?:Published file|Report): (.+)", said)]
    assert [path.suffix for path in paths] == [".duckdb", ".html", ".xlsx"]
    assert all(path.stat().st_size > 10_000 for path in paths)
    assert demo.done.stderr == ""


def test_the_published_file_is_plain_duckdb_with_only_described_out_tables(demo: Demo):
    tables = demo.ask("select table_name, comment from duckdb_tables()")
    assert len(tables) >= 6
    assert all(name.startswith("out_") and comment for name, comment in tables)
    assert demo.ask("select count(*) from duckdb_views() where not internal") == [(0,)]
    assert demo.ask("select table_name, column_name from duckdb_columns() where comment is null and not internal") == []


def test_no_simulated_person_occurs_in_any_file_below_the_data_folder(demo: Demo):
    """Names, addresses, numbers and ids, searched in what Parquet and DuckDB files decode to and in every other file."""
    personal = demo.municipality.personal_strings()
    assert len(personal) > 9000
    texts: dict[str, pl.Series] = {}
    for path in (path for path in demo.organisation.folder.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            texts |= texts_of(str(path), pl.read_parquet(path))
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
                    texts |= texts_of(f"{path.name}.{table}", connection.sql(f"from {table}").pl())
        elif path.suffix == ".xlsx":
            with ZipFile(path) as book:
                texts[path.name] = pl.Series([book.read(part).decode("utf-8", "replace") for part in book.namelist()])
        else:
            texts[path.name] = pl.Series([path.read_bytes().decode("utf-8", "replace")])
    found = pl.concat(
        pl.DataFrame({"text": series, "place": name}, schema={"text": pl.String, "place": pl.String})
        for name, series in texts.items()
    ).unique("text")  # one search over everything: preparing it for 9,000 words takes longer than searching
    assert found.height > 100_000
    hits = found.filter(pl.col("text").str.contains_any(personal, ascii_case_insensitive=True))
    assert hits["place"].unique().to_list() == []


def texts_of(name: str, frame: pl.DataFrame) -> dict[str, pl.Series]:
    return {
        f"{name}.{column}": frame[column].drop_nulls().unique() for column in frame.select(pl.col(pl.String)).columns
    }


def test_the_search_would_find_them(demo: Demo):
    """Exports and archived call records, which lie outside the data folder, do hold employee numbers and addresses."""
    personal = demo.municipality.personal_strings()
    for found in ((demo.folder / "exports").glob("*.csv"), (demo.folder / "cdr").glob("*.xml")):
        export = next(found).read_bytes().decode("utf-8", "replace")
        assert pl.Series([export]).str.contains_any(personal).item()


def monthly(demo: Demo, indicator: str, measure: str) -> dict[str, float]:
    """Numerators of the whole organisation by month."""
    rows = demo.ask(
        f"""select strftime(period_end, '%Y-%m'), numerator from out_indicators
            where indicator = '{indicator}' and measure = '{measure}' and period_kind = 'month'
            and department = 'all' and person_group = 'all' and dimension_1 = 'all' and numerator is not null"""
    )
    return {str(month): float(value) for month, value in rows}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("indicator", "measure", "truth"),
    [
        ("digital_meetings_per_fte", "organised", "organised_internally"),
        ("digital_meetings_per_fte", "attended", "attended"),
        ("trips_per_fte", "trips", "trips"),
        ("travel_days_per_fte", "days", "travel_days"),
        ("travel_cost_per_fte", "cost_sek", "cost_sek"),
        ("replacement_rate", "trips", "meeting_trips"),
    ],
)
def test_what_was_counted_is_what_happened(demo: Demo, indicator: str, measure: str, truth: str):
    """Month by month and exactly; only months whose figures may be shown are there to be compared."""
    true = {month.month: getattr(month, truth) for month in demo.municipality.truth.months}
    found = monthly(demo, indicator, measure)
    assert len(found) >= (12 if indicator == "replacement_rate" else 18)
    assert found == pytest.approx({month: true[month] for month in found}, rel=1e-9)


def test_each_platforms_meetings_are_what_happened_there(demo: Demo):
    """Month by month and exactly, before anything is suppressed or put together: meetings, people and their minutes."""
    with duckdb.connect(str(demo.organisation.warehouse), read_only=True) as connection:
        rows = connection.execute(
            """select strftime(meeting.month, '%Y-%m'), meeting.platform, count(distinct meeting_number),
                count(person.participant_number), count(distinct person.participant_number), sum(person.microseconds) / 60e6
            from core_meetings as meeting
            left join (from core_participations where is_person and is_internal) as person
                using (meeting_number)
            where meeting.is_digital group by all"""
        ).fetchall()
    found = {(month, platform): counted for month, platform, *counted in rows}
    true = {
        (month.month, platform): [there.meetings, there.attended, there.distinct_people, there.person_minutes]
        for month in demo.municipality.truth.months
        for platform, there in month.by_platform.items()
    }
    assert set(found) == set(true)
    assert len(true) == 24 * (len(VENDORS) - 1) + 12  # Skype is given up after a year
    for key, counted in true.items():
        assert found[key] == pytest.approx(counted, rel=1e-9), key


def test_person_minutes_of_all_platforms_together_are_what_happened(demo: Demo):
    with duckdb.connect(str(demo.organisation.warehouse), read_only=True) as connection:
        rows = connection.execute(
            """select strftime(meeting.month, '%Y-%m'), sum(person.microseconds) / 60e6
            from core_meetings as meeting inner join core_participations as person using (meeting_number)
            where meeting.is_digital and is_person and is_internal group by all"""
        ).fetchall()
    true = {month.month: month.person_minutes for month in demo.municipality.truth.months}
    assert dict(rows) == pytest.approx(true, rel=1e-9)


def test_the_true_effect_lies_inside_the_published_interval(demo: Demo):
    ((value, low, high),) = demo.ask(
        """select value, low, high from out_indicators where indicator = 'replacement_rate' and period_kind = 'rolling_12'
           and department = 'all' and person_group = 'all' and dimension_1 = 'all' and value_2 = 'per_fte'
           and value is not null"""
    )
    effect = demo.municipality.effect
    assert low <= effect <= high
    assert low < value < high
    # an interval that says nothing would hold the truth as well
    assert high - low < 0.25


def test_meetings_are_digital_hybrid_or_physical_as_they_were(demo: Demo):
    """Month by month and exactly, before anything is suppressed, and what is published is the same."""
    with duckdb.connect(str(demo.organisation.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select strftime(month, '%Y-%m'), form, count(*) from core_meeting_forms group by all"
        ).fetchall()
    found = {(month, form): count for month, form, count in rows}
    true = {
        (month.month, form): count
        for month in demo.municipality.truth.months
        for form, count in month.meeting_forms.items()
    }
    assert min(true.values()) > 0
    assert len(true) == 3 * 24
    assert found == true
    published = demo.ask(
        """select strftime(period_end, '%Y-%m'), value_1, numerator, denominator from out_indicators
           where indicator = 'meeting_form_share' and period_kind = 'month' and department = 'all'
           and person_group = 'all' and dimension_1 = 'meeting_form' and value is not null"""
    )
    assert len(published) == 3 * 24
    for month, form, part, whole in published:
        assert part == true[str(month), str(form)]
        assert whole == sum(count for (when, _), count in true.items() if when == month)


def test_hours_in_trains_are_those_on_the_tickets(demo: Demo):
    """Journey by journey exactly, and as published: no month is broken down by mode, quarters are."""
    with duckdb.connect(str(demo.organisation.warehouse), read_only=True) as connection:
        rows = connection.execute(
            """select strftime(trip.month, '%Y-%m'), count(*), sum(hours.hours), sum(hours.evening_hours)
            from core_trips as trip inner join core_trip_hours as hours using (file_sha256, row_number)
            where trip.mode = 'rail' group by all"""
        ).fetchall()
    found = {month: counted for month, *counted in rows}
    true = {
        month.month: [month.trips_by_mode["rail"], month.rail_hours, month.rail_evening_hours]
        for month in demo.municipality.truth.months
    }
    assert set(found) == set(true)
    assert min(evening for *_, evening in true.values()) > 0
    for month, counted in true.items():
        assert found[month] == pytest.approx(counted, rel=1e-9), month
    for place, measure in ((1, "all"), (2, "evening")):
        published = demo.ask(
            f"""select period_end, numerator from out_indicators
                where indicator = 'travel_hours' and measure = '{measure}' and period_kind = 'quarter'
                and department = 'all' and person_group = 'all' and dimension_1 = 'mode' and value_1 = 'rail'
                and value is not null"""
        )
        assert len(published) >= 4
        for end, hours in published:
            quarter = [date(end.year, end.month - back, 1) for back in range(3)]  # type: ignore[attr-defined]
            # a journey's hours are rounded to millionths
            assert hours == pytest.approx(sum(true[f"{month:%Y-%m}"][place] for month in quarter), abs=0.001)


def test_hours_of_all_modes_together_stay_unknown_without_those_in_cars(demo: Demo):
    rows = demo.ask(
        """select distinct value, reason from out_indicators where indicator = 'travel_hours' and department = 'all'
           and person_group = 'all' and dimension_1 = 'all' and period_kind = 'rolling_12' and reason <> 'source_missing'"""
    )
    assert rows == [(None, "incomplete")]


def test_every_record_pulled_is_accounted_for(demo: Demo):
    landing, _ = open_landing(demo.organisation)
    pulls = landing.read("pulls")
    files = landing.files()
    asked = set(pulls["source"])
    assert asked == {*VENDORS} - {"skype_for_business"} | {
        "directory", "rooms", "room_calendars", "teams_usage", "zoom_users", "webex_directory", "webex_rooms",
    }  # fmt: skip
    assert set(files["source"]) == {
        "travel_agency", "rail_account", "mileage_claims", "staff", "sites", "skype_for_business", "survey_answers",
        "training_participants", "meeting_costs",
    }  # fmt: skip
    assert (pulls["pulled"] == pulls["landed"] + pulls["rejected"] + pulls["excluded"]).all()
    assert (files["rows_read"] == files["rows_landed"] + files["rows_rejected"] + files["rows_excluded"]).all()
    assert files["rows_rejected"].sum() == 0
    assert files.filter(pl.col("source") == "skype_for_business")["rows_excluded"].min() > 0  # tests, messages, servers


def test_every_figure_can_be_explained_and_reported_in_both_languages(demo: Demo):
    settings = ("--settings", str(demo.folder / "resfri.toml"), "--org", "exempelby")
    ((quarter,),) = demo.ask(
        "select max(period_end) from out_indicators where period_kind = 'quarter' and value is not null"
    )
    period = f"{quarter.year}-Q{(quarter.month + 2) // 3}"  # type: ignore[attr-defined]
    done = resfri("explain", "replacement_rate", *settings, "--period", period)
    assert done.returncode == 0, done.stderr
    for words in ("Täljare", "Nämnare", "Resebyrå", "Tågkonto", "Milersättning"):
        assert words in done.stdout, words
    done = resfri("report", *settings, "--period", period, "--language", "en", "--out", str(demo.folder / "out"))
    assert done.returncode == 0, done.stderr
    assert len(list((demo.folder / "out").iterdir())) == 2
    done = resfri("report", *settings, "--period", "2019-Q1")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "nothing is published for 2019-Q1" in done.stderr


def test_the_vendor_gone_a_run_fails_in_one_line_and_everything_stays(demo: Demo):
    before = {
        path: path.read_bytes() for path in demo.organisation.landing.rglob("*.parquet") if "pulls" not in path.parts
    }
    done = resfri("run", "--settings", str(demo.folder / "resfri.toml"), "--source", "teams")
    assert done.returncode == 1
    assert len([line for line in done.stderr.splitlines() if line.startswith("resfri: teams: ")]) == 1
    after = {
        path: path.read_bytes() for path in demo.organisation.landing.rglob("*.parquet") if "pulls" not in path.parts
    }
    assert after == before


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path):
    (tmp_path / "viktigt.txt").write_text("viktigt", encoding="utf-8")
    done = resfri("demo", "--dir", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "choose another --dir" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["viktigt.txt"]


def test_what_microsoft_counts_itself_is_what_landed(demo: Demo):
    """Half a year of the usage report: its days are UTC, and ours Swedish, so that a meeting at midnight may change days."""
    with duckdb.connect(str(demo.organisation.warehouse), read_only=True) as connection:
        ((days, told, landed, off),) = connection.execute(
            """select count(*), sum(vendor_count), sum(landed_count), sum(abs(vendor_count - landed_count))
            from core_reconciliation where source = 'teams' and counted = 'meetings'"""
        ).fetchall()
        opened = connection.execute("select count(*) from core_reconciliation where is_open").fetchone()
    assert days == 180
    assert told == pytest.approx(landed, rel=0.002)
    assert off <= 0.005 * told
    assert opened == (0,)
