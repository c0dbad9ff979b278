"""What happens to the data, or to the organisation chart, is never told as fewer trips or meetings.

A small organisation whose second year repeats its first, so that nothing changed: then data go missing, it grows, it is
reorganised, or a department gets another name, and what is published is held against what it was before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

from connectors.contract import TABLES
from models import engine
from models.choices import ExpectedSource
from models.inputs import input_tables
from models.method import MethodSettings
from tests import model_cases

Tables = dict[str, pl.DataFrame]
Row = dict[str, object]
Figures = dict[str, dict[tuple[object, ...], dict[str, Any]]]
"""Published rows by table and grain."""

DEPARTMENTS = ("Skola", "Vård", "Teknik")
EACH = 18
PEOPLE = range(EACH * len(DEPARTMENTS))
SITES = ("Kisa", "Horn")
PLACES = (("Stockholm", "rail", 500), ("Linköping", "car", 120), ("Malmö", "flight", 900))
TRIPS = (1, 1, 2, 1, 2, 1, 1, 1, 2, 2, 3, 1)
"""Of everyone in January to December."""
MEETINGS = (1, 2, 2, 1, 1, 1, 1, 2, 2, 3, 2, 1)
"""Called by everyone, with two others in each."""
MONTHS = [date(year, month, 1) for year in (2024, 2025) for month in range(1, 13)]
HALF = date(2025, 7, 1)


def department(person: int) -> str:
    return DEPARTMENTS[person // EACH]


Named = Callable[[int, date], str]
"""The department of a person in a month, as every source spells it."""


def organisation(named: Named = lambda person, _: department(person), grown: int = 1) -> Tables:
    """Everyone travels and meets as in the same month of the year before; from last July there are so many of each."""
    rows: dict[str, list[Row]] = {
        name: [] for name in ("people", "staff", "travel_segments", "meetings", "participations")
    }
    for observed, copies in ((MONTHS[0], 1), (HALF, grown)):
        rows["people"] += [
            {
                "person_key": f"{copy}-{person}", "department": named(person, observed), "site": SITES[person % 2],
                "observed_on": observed,
            }
            for copy in range(copies) for person in PEOPLE
        ]  # fmt: skip
    for month in MONTHS:
        copies = grown if month >= HALF else 1
        rows["staff"] += [
            {"department": name, "month": month, "headcount": copies * people, "fte": copies * people * 0.875}
            for name, people in Counter(named(person, month) for person in PEOPLE).items()
        ]
        for copy in range(copies):
            rows["travel_segments"] += _trips(month, copy, named)
            for name, found in _meetings(month, copy):
                rows[name] += found
    return model_cases.covered() | {name: model_cases.landing_table(name, found) for name, found in rows.items()}


def _trips(month: date, copy: int, named: Named) -> Iterator[Row]:
    for person in PEOPLE:
        for number in range(TRIPS[month.month - 1]):
            place, mode, km = PLACES[(person + number) % len(PLACES)]
            yield {
                "departed_at": f"{(day := month.replace(day=2 + 9 * number + person % 9))}", "returned_at": f"{day}",
                "person_key": f"{copy}-{person}",
                "department": named(person, month), "destination_place": place, "mode": mode, "distance_km": f"{km}",
                "cost_sek": f"{3 * km}.00", "trip_class": "meeting",
            }  # fmt: skip


def _meetings(month: date, copy: int) -> Iterator[tuple[str, list[Row]]]:
    """With the next one of the own department, and one of the next department."""
    for person in PEOPLE:
        first = person // EACH * EACH
        others = (first + (person + 1) % EACH, (person + EACH) % len(PEOPLE))
        for number in range(MEETINGS[month.month - 1]):
            start = datetime.combine(month.replace(day=2 + 9 * number + person % 9), datetime.min.time())
            begins, ends = f"{start + timedelta(hours=8)}", f"{start + timedelta(hours=8, minutes=20 + person)}"
            name = f"{copy}-{person}-{month}-{number}"
            yield (
                "meetings",
                [{"meeting_id": name, "started_at": begins, "ended_at": ends, "organiser_key": f"{copy}-{person}"}],
            )
            yield (
                "participations",
                [
                    {"meeting_id": name, "person_key": f"{copy}-{who}", "joined_at": begins, "left_at": ends}
                    for who in (person, *others)
                ],
            )


SOURCES = [
    ExpectedSource(source=source, kind=kind)  # type: ignore[arg-type]
    for source, kind in (("teams", "meetings"), ("travel", "travel"), ("staff", "staff"))
]
METHOD = MethodSettings(baseline_from="2024-01", baseline_to="2024-12")


def published(tables: Tables) -> Figures:
    """Build every model: what is published, and how staff changed."""
    landing = {f"landing_{name}": tables.get(name, table.empty()) for name, table in TABLES.items()}
    settings = input_tables("exempelby", "Exempelby", METHOD, SOURCES, date(2026, 1, 20))
    with duckdb.connect(config={"threads": 1}) as connection:
        engine.build_into(connection, landing, settings)
        return {
            name: {
                tuple(row[column] for column in model.grain): row
                for row in connection.table(name).pl().iter_rows(named=True)
            }
            for name, model in engine.load_models().items()
            if model.layer == "out" or name == "core_staff_changes"
        }


def figures(found: Figures, *indicators: str, department: str | None = None) -> list[dict[str, Any]]:
    """Undivided figures of everyone, of some indicators."""
    return [
        row
        for row in found["out_indicators"].values()
        if row["person_group"] == row["dimension_1"] == "all"
        and row["indicator"] in indicators
        and department in (None, row["department"])
    ]


def is_same(before: object, after: object) -> bool:
    is_number = isinstance(before, float) and isinstance(after, float)
    return after == pytest.approx(before, rel=1e-9, abs=1e-12) if is_number else before == after


PARTS = {"numerator", "denominator", "low", "high", "known_share", "people_class", "reason", "trouble_reason"}
"""Of a figure: what it rests on, which is less where months are left out."""


def assert_no_figure_is_another(before: Figures, after: Figures, *tables: str) -> None:
    """Each is what it was, or is not given and says why; none is new."""
    for table in tables:
        assert after[table].keys() <= before[table].keys(), table
        for key, row in after[table].items():
            for column, value in row.items():
                was = before[table][key][column]
                if column not in PARTS and not is_same(was, value):
                    assert value is None, (table, key, column, was, value)
                    assert row["trouble_reason" if column == "trouble_share" else "reason"], (table, key, column)


@pytest.fixture(scope="module")
def unchanged() -> Figures:
    return published(organisation())


def test_a_year_that_repeats_the_one_before_shows_no_change(unchanged):
    changes = figures(unchanged, "travel_change", "replacement_rate")
    assert {row["department"] for row in changes} == {"all", *DEPARTMENTS}
    assert {row["value"] for row in changes} == {0.0}


# -- data that are missing ----------------------------------------------------------------------------------------------


MOMENTS = {
    "travel": {"travel_segments": "departed_at"},
    "teams": {"meetings": "started_at", "participations": "joined_at"},
}


def without(tables: Tables, kind: str, first: date, last: date) -> Tables:
    """As if nobody had handed in travel, or had asked for meetings, from one day to another."""
    spans = [(MONTHS[0], first - timedelta(days=1)), (last + timedelta(days=1), date(2025, 12, 31))]
    known = ", ".join(f"{begins} … {ends}" for begins, ends in spans if begins <= ends)
    told = model_cases.covered(**{kind: known})
    coverage = "files" if kind == "travel" else "pulls"
    left = {
        name: tables[name].filter(~pl.col(column).dt.date().is_between(first, last))
        for name, column in MOMENTS[kind].items()
    }
    return tables | left | {coverage: told[coverage]}


GAPS = {
    "a month": (("2025-05-01", "2025-05-31"), ("2025-10-01", "2025-10-31"), "missing"),
    "a month of the baseline": (("2024-11-01", "2024-11-30"), ("2024-03-01", "2024-03-31"), "missing"),
    "a part of a month": (("2025-11-11", "2025-11-30"), ("2025-08-02", "2025-08-15"), "partial"),
    "the newest days": (("2025-12-05", "2025-12-31"), ("2025-12-31", "2025-12-31"), "partial"),
}
"""Days without travel, days without meetings, and what is said of their months."""


@dataclass(frozen=True)
class Gap:
    """Days that nobody knows of, and what is published nevertheless."""

    first_days: Mapping[str, date]
    status: str
    found: Figures

    def is_in(self, kind: str, period: Mapping[str, Any]) -> bool:
        """Whether a period holds the month of the gap."""
        first, end = self.first_days[kind], period["period_end"]
        months = {"month": 1, "quarter": 3, "rolling_12": 12, "year": 12}[period["period_kind"]]
        return 0 <= (end.year - first.year) * 12 + end.month - first.month < months


@pytest.fixture(scope="module", params=GAPS.values(), ids=GAPS)
def gap(request) -> Gap:
    *spans, status = request.param
    tables, first_days = organisation(), {}
    for kind, span in zip(("travel", "teams"), spans, strict=True):
        first, last = map(date.fromisoformat, span)
        tables, first_days[kind] = without(tables, kind, first, last), first
    return Gap(first_days, status, published(tables))


def test_missing_data_are_never_fewer_trips_or_meetings(unchanged, gap):
    told = ("out_indicators", "out_platforms", "out_statutory_form", "out_remm", "out_decomposition", "out_comparison")
    assert_no_figure_is_another(unchanged, gap.found, *told, "out_destinations")


def test_of_a_period_with_missing_data_no_level_is_told(gap):
    for indicator, kind in (("trips_per_fte", "travel"), ("digital_meetings_per_fte", "teams")):
        concerned = [row for row in figures(gap.found, indicator, department="all") if gap.is_in(kind, row)]
        assert {row["period_kind"] for row in concerned} >= {"month", "quarter", "year", "rolling_12"}
        assert {(row["value"], row["reason"]) for row in concerned} == {(None, "source_missing")}


def test_a_year_is_compared_by_its_eleven_other_months(gap):
    left = len(PEOPLE) * (sum(TRIPS) - TRIPS[gap.first_days["travel"].month - 1])
    changes = [
        (row["numerator"], row["denominator"], row["value"])
        for row in figures(gap.found, "travel_change", department="all")
        if row["measure"] == "trips" and row["period_kind"] == "year"
    ]
    assert changes == [(left, pytest.approx(left), 0.0)] * 2  # per full-time equivalent, and as they are


def test_missing_data_are_listed(unchanged, gap):
    listed, usual = (
        {
            (row["source"], row["month"], row["status"])
            for row in figures["out_coverage"].values()
            if row["is_expected"] and not row["is_covered"]
        }
        for figures in (gap.found, unchanged)
    )
    assert listed - usual == {(kind, first.replace(day=1), gap.status) for kind, first in gap.first_days.items()}
    year = date(gap.first_days["travel"].year, 12, 31)
    asked = gap.found["out_statutory_answers"]["exempelby", year, "1.4 b", "all", "source_missing travel"]
    assert asked["months"] == 1


# -- an organisation that grows ------------------------------------------------------------------------------------------


def test_twice_the_staff_who_travel_and_meet_alike_change_nothing_per_full_time_equivalent(unchanged):
    found = published(organisation(grown=2))
    for row in figures(found, "travel_change", "replacement_rate"):
        if row["value_2"] == "per_fte":
            assert row["value"] == pytest.approx(0, abs=1e-12)
        else:  # twice as many from July on, and none fewer before
            is_more = row["value"] > 0 if row["indicator"] == "travel_change" else row["value"] < 0
            assert is_more or (row["value"] == 0 and row["period_end"] < HALF)
    # year and twelve months weigh the seasons by the staff they had
    levels = {"trips_per_fte", "travel_cost_per_fte", "travel_days_per_fte", "travel_co2_per_fte"}
    for row in figures(found, *levels, "digital_meetings_per_fte", "meeting_length", "digital_share"):
        if row["period_kind"] in ("month", "quarter"):
            key = tuple(row[column] for column in engine.load_models()["out_indicators"].grain)
            assert is_same(unchanged["out_indicators"][key]["value"], row["value"]), key
    assert found["out_gaps"].keys() == unchanged["out_gaps"].keys()


# -- an organisation chart that changes ----------------------------------------------------------------------------------


def renamed(*old: str, new: str) -> Named:
    """Some departments have another name from July on."""
    return lambda person, month: new if month >= HALF and department(person) in old else department(person)


def moved(person: int, month: date) -> str:
    """Six people of Skola, who travel as everybody does, work with Teknik from July on."""
    return "Teknik" if month >= HALF and person < 6 else department(person)


def mapping(*names: tuple[str, str, date]) -> Tables:
    """What spellings mean, and from when."""
    rows: list[Row] = [{"source_value": old, "department": new, "valid_from": since} for old, new, since in names]
    return {"departments": model_cases.landing_table("departments", rows)}


ALWAYS = date(2020, 1, 1)
REORGANISED = {
    "people move": (moved, {}),
    "two departments are one, and every source says so": (renamed("Vård", "Teknik", new="Vård och teknik"), {}),
    "two departments are one, by the mapping": (
        renamed(new=""), mapping(("Vård", "Vård och teknik", HALF), ("Teknik", "Vård och teknik", HALF)),
    ),
    "another name, and nobody says that it is one": (renamed("Skola", new="Utbildning"), {}),
}  # fmt: skip


@pytest.mark.parametrize(("named", "mapped"), REORGANISED.values(), ids=REORGANISED)
def test_no_reorganisation_is_told_as_fewer_trips_or_meetings(unchanged, named, mapped):
    found = published(organisation(named) | mapped)
    # of the organisation everything is as it was
    for table in ("out_indicators", "out_platforms", "out_statutory_form", "out_remm", "out_comparison", "out_gaps"):
        whole = [
            {key: row for key, row in told[table].items() if row.get("department", "all") == "all"}
            for told in (unchanged, found)
        ]
        assert whole[0] == whole[1], table
    # everybody travels and meets alike, and so does each department for as long as it lasts; a year weighs the seasons
    # by the staff a department had in them
    levels = "trips_per_fte", "digital_meetings_per_fte"
    of_all = {level(row): row["value"] for row in figures(unchanged, *levels, department="all")}
    for row in figures(found, *levels):
        usual = of_all[level(row)]
        if row["period_kind"] == "quarter" and usual is not None:
            assert is_same(usual, row["value"]) or (row["value"], row["reason"]) == (None, "no_staff")
    # nobody ceased to travel, and only where people left a department do fewer travel from it in all
    for row in figures(found, "travel_change", "replacement_rate"):
        if row["measure"] == "trips" and row["value"] and not (named is moved and row["value_2"] == "total"):
            assert row["value"] == pytest.approx(0, abs=1e-12), row


def level(row: dict[str, Any]) -> tuple[object, ...]:
    return row["measure"], row["period_kind"], row["period_end"]


def test_a_merged_department_is_reported_from_the_day_that_the_mapping_names():
    merged = "Vård och teknik"
    found = published(organisation() | mapping(("Vård", merged, HALF), ("Teknik", merged, HALF)))
    told = {
        (row["department"], row["period_end"].month)
        for row in figures(found, "trips_per_fte")
        if row["period_kind"] == "quarter" and row["period_end"].year == 2025 and row["value"] is not None
    }
    before, after = {"all", *DEPARTMENTS}, {"all", "Skola", merged}
    assert told == {(name, month) for month in (3, 6) for name in before} | {
        (name, month) for month in (9, 12) for name in after
    }


@pytest.mark.parametrize(
    ("names", "under"),
    [((("Utbildning", "Skola", HALF),), "Skola"), ((("Skola", "Utbildning", ALWAYS),), "Utbildning")],
    ids=["under the old name", "under the new name"],
)
def test_a_renamed_department_that_is_mapped_keeps_every_figure(unchanged, names, under):
    found = published(organisation(renamed("Skola", new="Utbildning")) | mapping(*names))
    for table, rows in unchanged.items():
        expected = {
            tuple(under if part == "Skola" else part for part in key): row | ({"department": under} if row.get("department") == "Skola" else {})
            for key, row in rows.items()
        }  # fmt: skip
        assert found[table] == expected, table
    assert found["core_staff_changes"] == {}


def test_a_renamed_department_that_is_not_mapped_is_asked_about():
    found = published(organisation(renamed("Skola", new="Utbildning")))
    changes = [
        (row["department"], row["month"], row["fte_before"], row["fte"]) for row in found["core_staff_changes"].values()
    ]
    assert sorted(changes) == [("Skola", HALF, EACH * 0.875, 0.0), ("Utbildning", HALF, 0.0, EACH * 0.875)]
