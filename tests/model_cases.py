"""Small tables in, small tables out: what the specification tests of the models are written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from connectors.contract import INSTANT, MONEY, TABLES, WALL_CLOCK, Table
from models import engine
from models.choices import Action, Authority, ExpectedSource, Target, TripClassRule
from models.inputs import OTHERS, input_tables
from models.method import MethodSettings
from pipelines import reconciliation
from tests import examples
from tests.model_arms import counting

AS_OF = date(2026, 1, 20)
TRAVEL_2024_2025 = "2024-01-01 … 2025-12-31"

FIXED: dict[str, object] = {"org_id": "exempelby", "source": "s", "seen_at": datetime(2026, 1, 1, tzinfo=UTC)}
DEFAULTS: dict[str, dict[str, object]] = {
    "meetings": {
        "version": 1, "platform": "teams", "kind": "scheduled", "organiser_party": "internal", "source": "teams",
    },
    "participations": {"version": 1, "party": "internal", "endpoint": "app", "outcome": "ok", "source": "teams"},
    "people": {"person_group": "employee", "is_active": True, "observed_on": date(2024, 1, 1), "source": "directory"},
    "identities": {"alias_kind": "mail", "source": "directory"},
    "staff": {"person_group": "employee", "source": "staff", "file_sha256": "staff"},
    # in a file that is in force in every case
    "departments": {"source": "departments", "file_sha256": "staff"},
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
    header, *body = lines or [[]]
    return [{name: cell for name, cell in zip(header, line, strict=True) if cell} for line in body]


def landing_table(name: str, text: str | list[dict[str, object]]) -> pl.DataFrame:
    """Rows of a landing table with the columns a case does not care about filled in."""
    table = TABLES[name]
    given = rows(text) if isinstance(text, str) else text
    fixed = FIXED | DEFAULTS.get(name, {})
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
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Stockholm")).astimezone(UTC)


Sources = Sequence[tuple[str, str] | ExpectedSource]
SOURCES: Sources = (("teams", "meetings"), ("travel", "travel"), ("staff", "staff"))


def build(
    tables: Mapping[str, str | pl.DataFrame | list[dict[str, object]]],
    as_of: date = AS_OF,
    sources: Sources = SOURCES,
    only: tuple[str, ...] = (),
    targets: Mapping[str, Target] | None = None,
    actions: tuple[Action, ...] = (),
    others: str | None = None,
    authorities: Sequence[Authority] = (),
    trip_classes: Sequence[TripClassRule] = (),
    factors: pl.DataFrame | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
    **method: object,
) -> duckdb.DuckDBPyConnection:
    """Build models in memory from a few landing rows: those named and what they are made of, or every one."""
    landing = {
        f"landing_{name}": given
        if isinstance(given := tables.get(name, table.empty()), pl.DataFrame)
        else landing_table(name, given)
        for name, table in TABLES.items()
    }
    choices = {"targets": targets, "actions": actions, "authorities": authorities, "trip_classes": trip_classes}
    inputs = _inputs(as_of, sources, others, method, factors=factors, **choices)
    _note(tables, inputs, as_of, sources, method)
    # a few rows are counted sooner by one thread than shared out among several
    connection = connection or duckdb.connect(config={"threads": 1})
    return build_into(connection, landing, inputs, needed(*only) if only else None)


def _note(
    tables: Mapping[str, str | pl.DataFrame | list[dict[str, object]]],
    inputs: Mapping[str, pl.DataFrame],
    as_of: date,
    sources: Sources,
    method: Mapping[str, object],
) -> None:
    """Note a case for the page of rules: what its author wrote, not what was filled in, nor what all cases are given."""
    usual = covered()
    told: dict[str, Sequence[Mapping[str, object]]] = {
        name: rows(given) if isinstance(given, str) else _unusual(name, given) if isinstance(given, pl.DataFrame) else given
        for name, given in tables.items()
        if not (isinstance(given, pl.DataFrame) and name in usual and given.equals(usual[name]))
    }  # fmt: skip
    if tuple(sources) not in ((), tuple(SOURCES)):
        told["settings_sources"] = inputs["settings_sources"].to_dicts()
    for name in ("authorities", "trip_classes", "targets", "actions", "others"):
        told[f"settings_{name}"] = inputs[f"settings_{name}"].to_dicts()
    examples.given(told, method if as_of == AS_OF else {"as_of": as_of, **method})


def _unusual(name: str, frame: pl.DataFrame) -> list[dict[str, object]]:
    """The rows of a landing table in the columns that hold more than what is filled in."""
    usual = FIXED | DEFAULTS.get(name, {})
    numbers = {
        "row_number": list(range(1, frame.height + 1)),
        "participation_id": [f"c{number}" for number in range(1, frame.height + 1)],
    }
    kept = [
        column
        for column in frame.columns
        if column not in ("org_id", "seen_at") and frame[column].to_list() != numbers.get(column)
        and not frame[column].is_null().all() and set(frame[column].to_list()) != {usual.get(column)}
    ]  # fmt: skip
    return [{column: "" if value is None else value for column, value in row.items()} for row in frame[kept].to_dicts()]


def needed(*names: str) -> frozenset[str]:
    """Models, and those they are made of."""
    models = engine.load_models()
    above = {read for name in names for read in models[name].depends_on if read in models}
    return frozenset(names) | (needed(*above) if above else frozenset())


def build_into(
    connection: duckdb.DuckDBPyConnection,
    landing: Mapping[str, pl.DataFrame],
    inputs: Mapping[str, pl.DataFrame],
    only: frozenset[str] | None = None,
) -> duckdb.DuckDBPyConnection:
    """Build models as ``engine.build_into`` does, count which of their arms are reached, and give where they are."""
    with counting(connection):
        engine.build_into(connection, landing, inputs, only)
    return connection


def _inputs(
    as_of: date, sources: Sources, others: str | None, method: Mapping[str, object], **choices: Any
) -> dict[str, pl.DataFrame]:
    settings = MethodSettings(**({"baseline_from": "2024-01", "baseline_to": "2024-12"} | dict(method)))  # type: ignore[arg-type]
    expected = [
        one if isinstance(one, ExpectedSource) else ExpectedSource(source=one[0], kind=one[1])  # type: ignore[arg-type]
        for one in sources
    ]
    told = None if others is None else _with_types(others, OTHERS)
    return input_tables("exempelby", "Exempelby", settings, expected, as_of, others=told, **choices)


UNDIVIDED: dict[str, str] = {
    "organisation": "exempelby", "department": "all", "person_group": "all", "baseline": "2024", "dimension": "all",
    "dimension_value": "all", "dimension_1": "all", "value_1": "all", "dimension_2": "all", "value_2": "all",
    "known_share": "1", "people": "50", "is_withheld": "false", "is_covered": "true", "is_expected": "true",
}  # fmt: skip
"""What columns hold in rows of models that do not care about them."""


def _with_types(text: str, schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    """An ASCII table in the columns of a schema."""
    filled = [{name: (UNDIVIDED | row).get(name) for name in schema} for row in rows(text)]
    return pl.DataFrame(filled, schema=dict.fromkeys(schema, pl.String)).with_columns(
        pl.col(name).str.to_date() if dtype == pl.Date else pl.col(name).cast(dtype) for name, dtype in schema.items()
    )


def compute(
    models: tuple[str, ...],
    tables: Mapping[str, str],
    as_of: date = AS_OF,
    targets: Mapping[str, Target] | None = None,
    others: str | None = None,
    factors: pl.DataFrame | None = None,
    sources: Sources = (),
    **method: object,
) -> duckdb.DuckDBPyConnection:
    """Some models over the tables they read, each written out; tables not given are empty, and NULL is NULL."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set timezone = 'UTC'")
    with counting(connection):
        known = engine.load_models()
    reads = {name for model in models for name in known[model].depends_on} - set(models)
    inputs = _inputs(as_of, sources, others, method, targets=targets, factors=factors)
    _note(tables, inputs, as_of, sources, method)
    own = {**engine.reference_tables(), **inputs}
    for name in sorted(reads - known.keys()):
        landed = name.removeprefix("landing_")
        frame = landing_table(landed, tables.get(name, [])) if landed in TABLES else own[name]
        connection.register(name, frame.to_arrow())
    for name in sorted(reads & known.keys()):
        types = {column.name: column.type for column in known[name].columns}
        given = rows(tables.get(name, ""))
        assert not {column for row in given for column in row} - types.keys(), name
        filled = [{column: (UNDIVIDED | row).get(column) for column in types} for row in given]
        filled = [{column: None if told == "NULL" else told for column, told in row.items()} for row in filled]
        connection.register("given", pl.DataFrame(filled, schema=dict.fromkeys(types, pl.String)).to_arrow())
        casts = ", ".join(f"cast({column} as {type_}) as {column}" for column, type_ in types.items())
        connection.execute(f"create table {name} as select {casts} from given")
    for name in (name for name in known if name in models):
        connection.execute(f"create table {name} as {known[name].sql}")
        for check in known[name].checks:
            assert _fetch(connection, f"select count(*) from {name} where not ({check})")[1] == [(0,)], (name, check)
    return connection


COUNTING = ("core_periods", "core_kind_coverage", "core_period_coverage", "core_period_denominators")
"""What turns months into periods, for cases that give the months themselves."""


def months(first: str, last: str) -> list[str]:
    """Months as their first days, both ends included."""
    return [
        str(month)
        for month in pl.date_range(
            date.fromisoformat(f"{first}-01"), date.fromisoformat(f"{last}-01"), "1mo", eager=True
        )
    ]


def known_months(
    first: str, last: str, kinds: tuple[str, ...] = ("meetings", "travel"), but: tuple[str, ...] = ()
) -> str:
    """``core_coverage``: every month known for each kind of data, but some."""
    lines = [
        f"{kind} | {kind} | {month} | {'false' if month[:7] in but else 'true'}"
        for kind in kinds
        for month in months(first, last)
    ]
    return "\n".join(["source | kind | month | is_covered", *lines])


def staff_months(first: str, last: str, fte: float, but: tuple[str, ...] = ()) -> str:
    """``core_denominators``: so many full-time equivalents in every month, unknown in some."""
    lines = [f"{month} | {'' if month[:7] in but else fte}" for month in months(first, last)]
    return "\n".join(["month | denominator", *lines])


def cells(quantities: Mapping[str, str], first: int = 2025, last: int = 2025, departments: tuple[str, ...] = ()) -> str:
    """``core_disclosure``: one undivided cell per quantity and period of whole years, ``amount | people | known share``."""
    ends = [
        (kind, end)
        for year in range(first, last + 1)
        for kind, every in (("month", 1), ("quarter", 3), ("rolling_12", 3), ("year", 12))
        for end in (date(year + m // 12, m % 12 + 1, 1) - timedelta(days=1) for m in range(every, 13, every))
    ]
    lines = [
        f"{kind} | {end} | {quantity} | {department} | {told}"
        for quantity, told in quantities.items()
        for department in ("all", *departments)
        for kind, end in ends
        if department == "all" or kind in ("quarter", "year")
    ]
    head = "period_kind | period_end | quantity | department | amount | people | known_share"
    return "\n".join([head, *lines])


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    columns, found = _fetch(connection, sql)
    examples.asked(sql, columns, found)
    return found


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[tuple[object, ...]]]:
    found = connection.execute(sql)
    return [name for name, *_ in found.description or ()], found.fetchall()


def value(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    measure: str,
    period: str = "year 2025-12-31",
    columns: str = "value, reason",
    **where: str,
) -> tuple[object, ...]:
    """One figure of a table of figures: ``indicator.measure`` of a period, undivided unless said."""
    indicator, _, measure = measure.partition(".")
    kind, _, end = period.partition(" ")
    asked = {"department": "all", "dimension_1": "all", "value_1": "all"} | where
    conditions = " and ".join(f"{column} = '{given}'" for column, given in asked.items())
    names, found = _fetch(
        connection,
        f"select {columns} from {table} where indicator = '{indicator}' and measure = '{measure}' "
        f"and period_kind = '{kind}' and period_end = date '{end}' and {conditions}",
    )
    assert len(found) == 1, (indicator, measure, period, found)
    examples.answered(
        table, ("figure", "period", *where, *names), [(f"{indicator}.{measure}", period, *where.values(), *found[0])]
    )
    return found[0]


def verdict(connection: duckdb.DuckDBPyConnection, check: str) -> reconciliation.Verdict:
    """What somebody at the organisation is asked to look at."""
    found = reconciliation.verdict(connection, check)
    examples.answered("resfri check", ("what somebody is asked to look at",), [(line,) for line in found.lines])
    return found
