"""What happens to the data, or to the organisation chart, is never told as fewer trips or meetings.

A small organisation whose second year repeats its first, so that nothing changed: then data go missing, it grows, it is
reorganised, or a department gets another name, and what is published is held against what it was before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import duckdb
import polars as pl

from connectors.contract import TABLES
from models import engine
from models.choices import ExpectedSource
from models.inputs import input_tables
from models.method import MethodSettings
from tests import model_cases

Tables = dict[str, pl.DataFrame]
Row = dict[str, object]

DEPARTMENTS = ("Skola", "Vård", "Teknik")
EACH = 16
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


def organisation(grown: int = 1) -> Tables:
    """Everyone travels and meets as in the same month of the year before; in the second year there are so many of each."""
    rows: dict[str, list[Row]] = {
        name: [] for name in ("people", "staff", "travel_segments", "meetings", "participations")
    }
    for copy in range(grown):
        rows["people"] += [
            {"person_key": f"{copy}-{person}", "department": department(person), "site": SITES[person % 2]}
            for person in PEOPLE
        ]
    for month in MONTHS:
        copies = grown if month.year == 2025 else 1
        rows["staff"] += [
            {"department": name, "month": month, "headcount": copies * EACH, "fte": copies * EACH * 0.875}
            for name in DEPARTMENTS
        ]
        for copy in range(copies):
            rows["travel_segments"] += _trips(month, copy)
            for name, found in _meetings(month, copy):
                rows[name] += found
    return model_cases.covered() | {name: model_cases.landing_table(name, found) for name, found in rows.items()}


def _trips(month: date, copy: int) -> Iterator[Row]:
    for person in PEOPLE:
        for number in range(TRIPS[month.month - 1]):
            place, mode, km = PLACES[(person + number) % len(PLACES)]
            yield {
                "departed_at": f"{(day := month.replace(day=2 + 9 * number + person % 9))}", "returned_at": f"{day}",
                "person_key": f"{copy}-{person}",
                "department": department(person), "destination_place": place, "mode": mode, "distance_km": f"{km}",
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
            yield "meetings", [
                {"meeting_id": name, "started_at": begins, "ended_at": ends, "organiser_key": f"{copy}-{person}"}
            ]
            yield "participations", [
                {"meeting_id": name, "person_key": f"{copy}-{who}", "joined_at": begins, "left_at": ends}
                for who in (person, *others)
            ]


SOURCES = [ExpectedSource(source=s, kind=k) for s, k in (("teams", "meetings"), ("travel", "travel"), ("staff", "staff"))]  # type: ignore[arg-type]


def published(tables: Tables) -> dict[str, pl.DataFrame]:
    """Every published table of an organisation."""
    landing = {f"landing_{name}": tables.get(name, table.empty()) for name, table in TABLES.items()}
    settings = input_tables(
        "exempelby", "Exempelby", MethodSettings(baseline_from="2024-01", baseline_to="2024-12"), SOURCES, date(2026, 1, 20)
    )
    with duckdb.connect(config={"threads": 1}) as connection:
        engine.build_into(connection, landing, settings)
        return {name: connection.table(name).pl() for name in engine.load_models() if name.startswith("out_")}
