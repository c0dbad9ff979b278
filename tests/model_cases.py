"""Small tables in, small tables out: what the specification tests of the models are written in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import polars as pl

from connectors.contract import INSTANT, MONEY, TABLES, WALL_CLOCK, Table
from models import engine
from models.method import ExpectedSource, MethodSettings, input_tables

AS_OF = date(2026, 1, 20)
TRAVEL_2024_2025 = "2024-01-01 … 2025-12-31"

DEFAULTS: dict[str, dict[str, object]] = {
    "meetings": {
        "version": 1, "platform": "teams", "kind": "scheduled", "organiser_party": "internal", "source": "teams",
    },
    "participations": {"version": 1, "party": "internal", "endpoint": "app", "outcome": "ok", "source": "teams"},
    "people": {"person_group": "employee", "is_active": True, "observed_on": date(2024, 1, 1), "source": "directory"},
    "identities": {"alias_kind": "mail", "source": "directory"},
    "staff": {"person_group": "employee", "source": "staff", "file_sha256": "staff"},
    "travel_segments": {
        "source": "travel", "file_sha256": "travel", "mode": "rail", "purpose": "meeting", "trip_class": "unknown",
        "row_means": "round_trip", "time_precision": "day",
    },
    "pulls": {
        "status": "complete", "pulled": 0, "landed": 0, "rejected": 0, "excluded": 0, "requests": 0, "source": "teams",
    },
    "files": {
        "kind": "travel", "profile": "p", "covers_basis": "declared", "rows_read": 0, "rows_landed": 0,
        "rows_rejected": 0, "rows_excluded": 0, "source": "travel",
    },
}  # fmt: skip


def rows(text: str) -> list[dict[str, str]]:
    """An ASCII table as rows; blank cells are left out."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    header, *body = lines
    return [{name: cell for name, cell in zip(header, line, strict=True) if cell} for line in body]


def landing_table(name: str, text: str | list[dict[str, object]]) -> pl.DataFrame:
    """Rows of a landing table with the columns a case does not care about filled in."""
    table = TABLES[name]
    given = rows(text) if isinstance(text, str) else text
    fixed = {"org_id": "exempelby", "source": "s", "seen_at": datetime(2026, 1, 1, tzinfo=UTC)} | DEFAULTS.get(name, {})
    filled = [fixed | {column: _typed(table, column, value) for column, value in row.items()} for row in given]
    for number, row in enumerate(filled, 1):
        if "row_number" in table.schema:
            row.setdefault("row_number", number)
        if "participation_id" in table.schema:
            row.setdefault("participation_id", f"c{number}")
    return table.frame(filled)


def _typed(table: Table, column: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    dtype = table.schema[column]
    if dtype == INSTANT:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if dtype == WALL_CLOCK:
        return datetime.fromisoformat(value)
    if dtype == MONEY:
        return Decimal(value)
    if dtype == pl.Date():
        return date.fromisoformat(value)
    if dtype == pl.Boolean():
        return value == "yes"
    if dtype == pl.Int64():
        return int(value)
    if dtype == pl.Float64():
        return float(value)
    return value


def covered(travel: str | None = TRAVEL_2024_2025, teams: str | None = TRAVEL_2024_2025) -> dict[str, pl.DataFrame]:
    """Files and pulls that cover whole spans of local days, written ``from … to`` (both included)."""
    spans: dict[str, list[dict[str, object]]] = {"files": [], "pulls": []}
    if travel:
        for number, (first, last) in enumerate(_spans(travel)):
            spans["files"].append(
                {
                    "source": "travel",
                    "file_sha256": "travel" if number == 0 else f"travel{number}",
                    "covers_from": first,
                    "covers_to": last,
                }
            )
    spans["files"].append(
        {
            "source": "staff",
            "kind": "staff",
            "file_sha256": "staff",
            "covers_from": date(2020, 1, 1),
            "covers_to": date(2029, 12, 31),
        }
    )
    if teams:
        for first, last in _spans(teams):
            spans["pulls"].append(
                {"window_from": _local_midnight(first), "window_to": _local_midnight(last + timedelta(days=1))}
            )
    return {name: landing_table(name, given) for name, given in spans.items()}


def _spans(text: str) -> list[tuple[date, date]]:
    return [tuple(date.fromisoformat(day.strip()) for day in span.split("…")) for span in text.split(",")]  # type: ignore[misc]


def _local_midnight(day: date) -> datetime:
    from zoneinfo import ZoneInfo

    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Stockholm")).astimezone(UTC)


def build(
    tables: dict[str, str | pl.DataFrame | list[dict[str, object]]],
    as_of: date = AS_OF,
    sources: tuple[tuple[str, str], ...] = (("teams", "meetings"), ("travel", "travel"), ("staff", "staff")),
    **method: object,
) -> duckdb.DuckDBPyConnection:
    """Build every model in memory from a few landing rows."""
    settings = MethodSettings(**({"baseline_from": "2024-01", "baseline_to": "2024-12"} | method))  # type: ignore[arg-type]
    expected = [ExpectedSource(source=source, kind=kind) for source, kind in sources]  # type: ignore[arg-type]
    landing = {
        f"landing_{name}": given
        if isinstance(given := tables.get(name, table.empty()), pl.DataFrame)
        else landing_table(name, given)
        for name, table in TABLES.items()
    }
    connection = duckdb.connect()
    engine.build_into(connection, landing, input_tables("exempelby", "Exempelby", settings, expected, as_of))
    return connection


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    return connection.execute(sql).fetchall()
