"""Data checks made from the declarations: a landing table's contract, a model's ``.yml``; none is written by hand.

The same :class:`Check` runs on a frame through Great Expectations (``run_checks``: landing batches, published tables)
or inside DuckDB in one pass per table (``warehouse_checks``: tables too large to copy). A result holds counts and
column names, never a value: what fails a check may be somebody's.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import duckdb
import polars as pl

from connectors.contract import Table
from models.engine import Model, load_models

Kind = Literal["unique", "required", "one_of", "holds"]


@dataclass(frozen=True)
class Check:
    """One thing that must be true of every row of a table."""

    name: str
    """Letters, digits and ``_`` only, unique within the table: usable as the name of an asset check."""
    table: str
    kind: Kind
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    """For ``one_of``: what the column may hold besides NULL."""
    condition: str = ""
    """For ``holds``: SQL that is true, or unknown, for every row."""

    @property
    def description(self) -> str:
        """What must be true, in one line."""
        listed = ", ".join(self.columns)
        if self.kind == "unique":
            return f"no two rows of {self.table} have the same {listed}"
        if self.kind == "required":
            return f"every row of {self.table} has {listed}"
        if self.kind == "one_of":
            return f"{self.table}.{listed} is one of {', '.join(self.values)}"
        return f"in every row of {self.table}: {self.condition}"


@dataclass(frozen=True)
class CheckResult:
    """What became of a check."""

    check: Check
    rows: int
    """Rows looked at."""
    unexpected: int
    """Rows that fail; of rows with the same key, all of them."""

    @property
    def name(self) -> str:
        """The check's name."""
        return self.check.name

    @property
    def passed(self) -> bool:
        """Whether every row is as it must be."""
        return self.unexpected == 0

    @property
    def message(self) -> str:
        """One line: table, what must be true, how many rows are not so."""
        outcome = "holds" if self.passed else f"fails in {self.unexpected} of {self.rows} rows"
        return f"{self.check.description}: {outcome}"


def landing_checks(table: Table) -> list[Check]:
    """What the contract says of one frame of a landing table: required columns, closed lists, key."""
    required = [
        Check(f"{column.name}_required", table.name, "required", (column.name,))
        for column in table.columns
        if not column.nullable
    ]
    closed = [
        Check(f"{column.name}_one_of", table.name, "one_of", (column.name,), column.values)
        for column in table.columns
        if column.values
    ]
    return [*required, *closed, Check("key_unique", table.name, "unique", table.key)]


def model_checks(model: Model) -> list[Check]:
    """What a model's ``.yml`` says of its rows: grain and conditions.

    The grain of an ``out_`` table is never NULL. That of a ``core_`` table may be: the person or department of a row
    can be unknown.
    """
    checks = [Check("grain_unique", model.name, "unique", model.grain)] if model.grain else []
    if model.layer == "out":
        checks += [Check(f"{column}_required", model.name, "required", (column,)) for column in model.grain]
    for number, condition in enumerate(model.checks, 1):
        words = "_".join(re.findall(r"[a-z0-9]+", condition.lower()))[:60].strip("_")
        checks.append(Check(f"row_{number}_{words}", model.name, "holds", condition=condition))
    return checks


def warehouse_checks(connection: duckdb.DuckDBPyConnection, models: Iterable[Model] | None = None) -> list[CheckResult]:
    """Run every model's checks inside the database, each table read once.

    Args:
        connection: the warehouse.
        models: the models to check; all by default.

    Raises:
        duckdb.Error: a table is missing.
    """
    results: list[CheckResult] = []
    for model in load_models().values() if models is None else models:
        checks = model_checks(model)
        counted = ", ".join(_count_of_unexpected(check) for check in checks)
        # the names and conditions are the model's own, from its .yml
        row = connection.execute(f"SELECT count(*), {counted or 'NULL'} FROM {model.name}").fetchone()  # noqa: S608
        rows, *unexpected = row or (0,)
        results += [CheckResult(check, rows, found) for check, found in zip(checks, unexpected, strict=False)]
    return results


def run_checks(checks: Sequence[Check], frame: pl.DataFrame) -> list[CheckResult]:
    """Run checks of one table on its rows, through Great Expectations.

    Conditions are SQL: DuckDB says of each row whether they hold, and Great Expectations judges that column, so that
    every kind of check ends in the same kind of result.

    Args:
        checks: checks of one table, from ``landing_checks`` or ``model_checks``.
        frame: the rows.

    Raises:
        ValueError: the frame lacks a column, or a check could not be run; a fault in resfri, not in the data.
    """
    if not checks:
        return []
    missing = sorted({column for check in checks for column in check.columns} - set(frame.columns))
    if missing:
        raise ValueError(f"{checks[0].table}: the rows to check lack {', '.join(missing)}")
    judged = _with_conditions(checks, frame)
    validated = _validate([_expectation(check) for check in checks], judged)
    by_name = {result.expectation_config.meta["check"]: result for result in validated}
    results = []
    for check in checks:
        result = by_name[check.name]
        if "unexpected_count" not in result.result:
            raise ValueError(
                f"{check.table}: the check {check.name} could not be run; report this as a fault in resfri"
            )
        results.append(CheckResult(check, frame.height, int(result.result["unexpected_count"])))
    return results


def _count_of_unexpected(check: Check) -> str:
    listed = ", ".join(check.columns)
    if check.kind == "unique":
        duplicates = f"SELECT count(*) AS n FROM {check.table} GROUP BY {listed} HAVING count(*) > 1"  # noqa: S608
        return f"(SELECT coalesce(sum(n), 0)::BIGINT FROM ({duplicates}))"  # noqa: S608
    if check.kind == "required":
        return f"count(*) FILTER (WHERE {listed} IS NULL)"
    if check.kind == "one_of":
        allowed = ", ".join("'" + value.replace("'", "''") + "'" for value in check.values)
        return f"count(*) FILTER (WHERE {listed} NOT IN ({allowed}))"
    return f"count(*) FILTER (WHERE NOT ({check.condition}))"


def _with_conditions(checks: Sequence[Check], frame: pl.DataFrame) -> pl.DataFrame:
    """The columns the checks look at, and one more per condition: whether it holds."""
    looked_at = sorted({column for check in checks for column in check.columns})
    conditions = [check for check in checks if check.kind == "holds"]
    if not conditions:
        return frame.select(looked_at)
    # a condition that is unknown is not broken, as in a database's own checks
    listed = ", ".join(f'coalesce(({check.condition}), true) AS "{check.name}"' for check in conditions)
    with duckdb.connect() as connection:
        connection.register("checked_rows", frame)
        held = connection.execute(f"SELECT {listed} FROM checked_rows").pl()  # noqa: S608 - from the model's .yml
    return pl.concat([frame.select(looked_at), held], how="horizontal")


def _expectation(check: Check) -> Any:
    import great_expectations as gx  # takes seconds

    gxe: Any = gx.expectations  # the package does not export them by name

    meta = {"check": check.name}
    if check.kind == "unique" and len(check.columns) > 1:
        return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(check.columns), ignore_row_if="never", meta=meta)
    if check.kind == "unique":
        return gxe.ExpectColumnValuesToBeUnique(column=check.columns[0], meta=meta)
    if check.kind == "required":
        return gxe.ExpectColumnValuesToNotBeNull(column=check.columns[0], meta=meta)
    if check.kind == "one_of":
        return gxe.ExpectColumnValuesToBeInSet(column=check.columns[0], value_set=list(check.values), meta=meta)
    return gxe.ExpectColumnValuesToBeInSet(column=check.name, value_set=[True], meta=meta)


def _validate(expectations: list[Any], frame: pl.DataFrame) -> Any:
    """Run expectations on a frame in memory."""
    import great_expectations as gx

    batch = _whole_frames().get_batch({"dataframe": frame.to_pandas()})
    suite = gx.ExpectationSuite(name="declared", expectations=expectations)
    # no values in the result: only how many
    return batch.validate(suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0}).results


@cache
def _whole_frames() -> Any:
    """Where frames are handed over: one context a process, no progress bar, nothing sent anywhere."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    for name in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(name).setLevel(logging.ERROR)  # they lower their own levels on import
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return (
        context.data_sources.add_pandas("memory")
        .add_dataframe_asset("rows")
        .add_batch_definition_whole_dataframe("whole")
    )
