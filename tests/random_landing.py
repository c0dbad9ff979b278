"""A small organisation made of random rows in every landing table: rich, and full of what is awkward.

Every column of the contract is filled by what it is called and what type it has, so that a new column, or a new table, is
filled too. Keys come from small pools, so that rows of different tables meet; times crowd around clock changes, month
ends and each other; everything that may be NULL sometimes is.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl

from connectors.contract import INSTANT, MONEY, TABLES, WALL_CLOCK, Column, Table

FIRST, LAST = date(2023, 12, 1), date(2025, 12, 31)
CLOCK_CHANGES = [
    datetime.fromisoformat(f"{day}T01:00") for day in ("2024-03-31", "2024-10-27", "2025-03-30", "2025-10-26")
]
DEPARTMENTS = ("Skola", "Skola ", "Vård & omsorg", "Teknik", "IT", "Överförmyndaren")
PLACES = (
    "Stockholm",
    "GÖTEBORG",
    "Malmö\u00a0",
    " Umeå",
    "ARN-GOT",
    "ARN–LLA",
    "Arlanda",
    "Sundsvall",
    "Nowhere's end",
    "",
)
FILES = {"travel": ("travel1", "travel2", "travel3"), "staff": ("staff1", "staff2")}
ROWS = {
    "pulls": 60, "meetings": 500, "participations": 2200, "people": 220, "identities": 130, "travel_segments": 900,
    "room_bookings": 200, "staff": 0, "files": 0,
}  # fmt: skip
SOURCES = {
    "pulls": ("teams", "zoom", "bookings"),
    "meetings": ("teams", "zoom"),
    "participations": ("teams", "zoom"),
    "meeting_totals": ("teams", "zoom", "usage"),
    "people": ("directory", "zoom"),
    "identities": ("directory", "zoom"),
    "room_bookings": ("bookings",),
    "travel_segments": ("travel", "cards"),
    "staff": ("staff",),
}
EXPECTED = (
    ("teams", "meetings"), ("zoom", "meetings"), ("travel", "travel"), ("cards", "travel"), ("staff", "staff"),
    ("directory", "directory"), ("bookings", "bookings"),
)  # fmt: skip


def random_landing(seed: int, people: int = 60) -> dict[str, pl.DataFrame]:
    """A frame per landing table."""
    chance = random.Random(seed)
    return {
        name: table.frame(_unique(table, list(_rows(chance, table, people)))).sample(
            fraction=1, shuffle=True, seed=seed
        )
        for name, table in TABLES.items()
    }


def _rows(chance: random.Random, table: Table, people: int) -> list[dict[str, object]]:
    if table.name == "files":
        return [
            _file(chance, table, kind, sha, number) for kind, shas in FILES.items() for number, sha in enumerate(shas)
        ]
    if table.name == "staff":
        months = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(24)]
        return [
            _row(chance, table, people)
            | {
                "department": department,
                "month": month,
                "person_group": group,
                "file_sha256": chance.choice(FILES["staff"]),
            }
            | {"headcount": chance.randint(3, 15), "fte": chance.choice([None, 7.25, round(chance.uniform(2, 14), 3)])}
            for department in DEPARTMENTS[:4]
            for month in months
            for group in ("employee", "elected")
        ]
    return [_whole(chance, table, _row(chance, table, people)) for _ in range(ROWS.get(table.name, 40))]


def _file(chance: random.Random, table: Table, kind: str, sha: str, number: int) -> dict[str, object]:
    spans = [(FIRST, date(2024, 12, 31)), (date(2025, 1, 1), LAST), (date(2025, 6, 1), date(2025, 6, 30))]
    covers_from, covers_to = spans[number] if kind == "travel" else (FIRST, LAST)
    return _row(chance, table, 0) | {
        "source": "cards" if sha == "travel3" else kind, "file_sha256": sha, "kind": kind, "covers_from": covers_from,
        "covers_to": covers_to, "replaces_sha256": "staff1" if sha == "staff2" and chance.random() < 0.3 else None,
    }  # fmt: skip


def _row(chance: random.Random, table: Table, people: int) -> dict[str, object]:
    row = {column.name: _value(chance, column, people) for column in table.columns}
    return row | {"org_id": "exempelby", "source": chance.choice(SOURCES.get(table.name, ("source",)))}


def _whole(chance: random.Random, table: Table, row: dict[str, object]) -> dict[str, object]:
    """A row whose parts fit together, most of the time."""
    if table.name == "travel_segments":
        row["file_sha256"] = chance.choice(FILES["travel"])
        row["row_number"] = chance.randint(1, 100_000)
        row["row_means"] = chance.choice(("segment", "one_way", "round_trip", "round_trip", row["row_means"]))
        row["time_zone"] = "Europe/Stockholm"
    if table.name in ("pulls", "meeting_totals") and chance.random() < 0.8:
        row["status"] = "complete"
    for first, last, longest in (
        ("started_at", "ended_at", 300), ("joined_at", "left_at", 200), ("starts_at", "ends_at", 300),
        ("departed_at", "arrived_at", 3_000), ("arrived_at", "returned_at", 9_000), ("window_from", "window_to", 200_000),
        ("period_from", "period_to", 90), ("valid_from", "valid_to", 900),
    ):  # fmt: skip
        begun = row.get(first)
        if isinstance(begun, date) and row.get(last) is not None and chance.random() < 0.95:
            unit = timedelta(minutes=1) if isinstance(begun, datetime) else timedelta(days=1)
            row[last] = begun + unit * chance.choice((0, 1, chance.randint(0, longest)))
    return row


def _value(chance: random.Random, column: Column, people: int) -> object:
    if column.nullable and chance.random() < 0.12:
        return None
    if column.values:
        return chance.choice(column.values)
    if column.dtype in (INSTANT, WALL_CLOCK):
        at = _moment(chance)
        return at.replace(tzinfo=UTC) if column.dtype == INSTANT else at
    if column.dtype == pl.Date():
        return chance.choice((_day(chance), _day(chance).replace(day=1)))
    if column.dtype == MONEY:
        return Decimal(chance.randint(-50_000, 900_000)) / 100
    if column.dtype == pl.Boolean():
        return chance.random() < 0.6
    if column.dtype == pl.Int64():
        return 1 if column.name == "version" else chance.choice((0, 1, 2, 3, chance.randint(0, 40)))
    if column.dtype == pl.Float64():
        return _number(chance, column.name)
    return _text(chance, column.name, people)


def _number(chance: random.Random, name: str) -> float:
    if name == "latitude":
        return chance.uniform(55, 68)
    if name == "longitude":
        return chance.uniform(11, 24)
    return chance.choice((0.0, 0.5, 2.675, round(chance.uniform(0, 900), 1), chance.uniform(0, 900)))


def _text(chance: random.Random, name: str, people: int) -> str:
    if name in ("person_key", "alias_key", "organiser_key"):
        # a few people have several keys
        return f"p{chance.randrange(max(people, 1)):03}" + chance.choice(
            ("", "", "", "a", "b") if name == "alias_key" else ("",)
        )
    if name in ("department", "source_value", "parent"):
        return chance.choice(DEPARTMENTS)
    if name in ("site", "municipality") or name.endswith("_place"):
        return chance.choice(PLACES)
    if name == "currency":
        return chance.choice(("SEK", "EUR"))
    sizes = {"meeting_id": 450, "participation_id": 5_000, "booking_id": 5_000, "event_key": 80, "booking_ref": 250}
    return f"{name}{chance.randrange(sizes.get(name, 30))}"


def _day(chance: random.Random) -> date:
    day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))
    return chance.choice((day, day, day, (day.replace(day=1) - timedelta(days=1)), day.replace(day=1)))


def _moment(chance: random.Random) -> datetime:
    near = (
        chance.choice(CLOCK_CHANGES)
        if chance.random() < 0.1
        else datetime.combine(_day(chance), time(chance.randrange(24)))
    )
    return (
        near
        + timedelta(minutes=chance.choice((0, 0, 1, 30, 59, -1)))
        + timedelta(microseconds=chance.choice((0, 0, 0, 900_000, 1)))
    )


def _unique(table: Table, rows: list[dict[str, object]]) -> list[Mapping[str, object]]:
    """One row per key, as landing keeps them."""
    return list({tuple(row[name] for name in table.key): row for row in rows}.values())
