"""What lands of a simulated organisation, straight from what happened in it: no vendor and no file in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl

from connectors.contract import TABLES
from simulator.calendar import Period
from simulator.journeys import Floats, Journey
from simulator.people import DEPARTMENTS, Person

SEEN = datetime(2026, 1, 1, tzinfo=UTC)
MODES = {"own_car": "car", "rental": "car"}
FUELS = {"Bensin": "petrol", "Diesel": "diesel", "El": "electric", "": None}
PURPOSES = {"Möte": "meeting", "Konferens": "conference", "Utbildning": "training", "Tillsyn": "inspection"}
TRIP_CLASSES = {"": "unknown", "Tillsyn": "service"}
CABINS = {"Ekonomi": "economy", "Business": "business", "": None}


def landed(name: str, source: str, rows: Iterable[dict[str, object]]) -> pl.DataFrame:
    """Rows of a landing table of one source."""
    return TABLES[name].frame({"org_id": "organisation", "source": source, "seen_at": SEEN} | row for row in rows)


def files(period: Period) -> pl.DataFrame:
    """A file of travel and one of staff, each of the whole period."""
    told = {"profile": "p", "covers_basis": "declared", "rows_read": 0, "rows_landed": 0, "rows_rejected": 0}
    days = {"covers_from": period.first, "covers_to": period.month(period.months) - timedelta(days=1)}
    return pl.concat(
        landed("files", kind, [{"file_sha256": kind, "kind": kind, "rows_excluded": 0} | told | days])
        for kind in ("travel", "staff")
    )


def staff(people: Sequence[Person], fte: Floats, period: Period) -> pl.DataFrame:
    """A row per department, month and group, as payroll tells them."""
    rows: list[dict[str, object]] = []
    for month, first in enumerate(period.firsts):
        present = [(person.department, person.group) for person in people if person.is_at_work(month)]
        for row, department in enumerate(DEPARTMENTS):
            for group in ("employee", "elected"):
                if count := present.count((department.name, group)):
                    equivalents = float(fte[row, month]) if group == "employee" else None
                    rows.append(
                        {
                            "file_sha256": "staff", "department": department.name, "month": first, "person_group": group,
                            "headcount": count, "fte": equivalents,
                        }
                    )  # fmt: skip
    return landed("staff", "staff", rows)


def travel(journeys: Iterable[Journey]) -> pl.DataFrame:
    """A row per journey, there and back, with everything paid for it."""
    return landed("travel_segments", "travel", (_journey(*numbered) for numbered in enumerate(journeys, 1)))


def _journey(number: int, journey: Journey) -> dict[str, object]:
    return {
        "file_sha256": "travel", "row_number": number, "booking_ref": journey.booking,
        "person_key": journey.person.employee_no, "department": journey.person.department,
        "departed_at": midnight(journey.departs), "returned_at": midnight(journey.returns), "time_precision": "day",
        "mode": MODES.get(journey.mode, journey.mode), "fuel": FUELS[journey.fuel],
        "is_own_car": journey.mode == "own_car", "origin_place": journey.origin,
        "destination_place": journey.destination, "distance_km": 2.0 * journey.km_one_way,
        "cost_sek": Decimal(journey.cost_ore) / 100, "cabin": CABINS[journey.cabin],
        "purpose": PURPOSES.get(journey.purpose, "unknown"), "row_means": "round_trip",
        "trip_class": TRIP_CLASSES.get(journey.purpose, "meeting"),
    }  # fmt: skip


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())
