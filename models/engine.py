"""Run the models: one SELECT per file, from landing Parquet to a warehouse of ``core_`` and ``out_`` tables.

Each model is two files: ``<layer>/<name>.sql`` with one SELECT, and ``<layer>/<name>.yml`` with its description, grain,
columns and checks. The order of execution is read from the SQL itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, cast

import duckdb
import polars as pl
import yaml

from models import calendar

DIALECT = "duckdb"

MEMORY = "2500MB"
"""What the database may hold in memory; more of a large organisation is spilled into a folder beside the warehouse."""

STORAGE = "v1.3.0"
"""The format of the warehouse's file, read by DuckDB 1.3 and later: text is written faster than in those before."""


@dataclass(frozen=True)
class ModelColumn:
    """A column of a model, as its ``.yml`` declares it."""

    name: str
    type: str
    unit: str | None
    description: str


@dataclass(frozen=True)
class Model:
    """One model: its SELECT and what its ``.yml`` says of the result."""

    name: str
    layer: Literal["core", "out"]
    sql: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[ModelColumn, ...]
    checks: tuple[str, ...]
    """SQL conditions that hold for every row."""
    depends_on: frozenset[str]
    """Every table the SELECT reads: models, ``landing_``, ``ref_`` and ``settings_`` tables."""

    def comments(self) -> Iterator[str]:
        """The statements that write the declaration into a database, as comments on the table and its columns."""
        yield f"COMMENT ON TABLE {self.name} IS {literal(self.description)}"
        for column in self.columns:
            text = column.description + (f" [{column.unit}]" if column.unit else "")
            yield f"COMMENT ON COLUMN {self.name}.{column.name} IS {literal(text)}"


class ModelError(Exception):
    """A model does not do what its ``.yml`` declares; a fault in resfri, not in the data."""


@cache
def load_models() -> Mapping[str, Model]:
    """All models, in an order in which each comes after those it reads."""
    models = {model.name: model for layer in ("core", "out") for model in _read_layer(layer)}
    order = TopologicalSorter(
        {name: sorted(model.depends_on & models.keys()) for name, model in sorted(models.items())}
    )
    return {name: models[name] for name in order.static_order()}


@cache
def reference_tables() -> Mapping[str, pl.DataFrame]:
    """The sourced reference data and the calendar, by table name (``ref_…``)."""
    folder = resources.files("models") / "reference"
    tables = {"ref_calendar": calendar.months()}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".csv"):
            tables[f"ref_{file.name.removesuffix('.csv')}"] = pl.read_csv(file.read_bytes(), infer_schema_length=None)
        elif file.name.endswith(".yml"):
            rows = _declared(file.read_text("utf-8"))
            tables[f"ref_{file.name.removesuffix('.yml')}"] = pl.DataFrame(rows, infer_schema_length=None)
    return tables


def build(
    landing: Path,
    warehouse: Path,
    inputs: Mapping[str, pl.DataFrame],
    landing_columns: Mapping[str, Mapping[str, Any]],
    only: frozenset[str] | None = None,
) -> dict[str, int]:
    """Build every model of one organisation into a new warehouse file and put it in place when it is whole.

    Args:
        landing: the organisation's landing folder.
        warehouse: the DuckDB file to replace; on any error the old one stays.
        inputs: the ``settings_`` tables (see ``models.inputs.input_tables``).
        landing_columns: landing table to column name to Polars type: the shape a table has when nothing landed.
        only: the models to build anew in a copy of the warehouse there is; None builds all of them from nothing.

    Returns:
        Rows per model built.

    Raises:
        ModelError: a result's columns differ from its declaration.
        duckdb.Error: the database could not run a model.
    """
    with replacing(warehouse, copied=only is not None) as connection:
        counts = build_into(connection, landing_views(landing, landing_columns), inputs, only)
        describe(connection, only)
        return counts


@contextmanager
def replacing(warehouse: Path, *, copied: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a new warehouse file that takes the place of the old one when everything went well.

    Args:
        warehouse: the DuckDB file to replace; on any error the old one stays.
        copied: begin with what the old one holds, if there is one.

    Yields:
        A connection to the new file.
    """
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    fresh = warehouse.with_name(f".{warehouse.name}.building")
    fresh.unlink(missing_ok=True)
    try:
        if copied and warehouse.exists():
            shutil.copyfile(warehouse, fresh)
        with duckdb.connect(str(fresh), config={"storage_compatibility_version": STORAGE}) as connection:
            yield connection
        _flush(fresh)
        fresh.replace(warehouse)
    finally:
        fresh.unlink(missing_ok=True)
        fresh.with_name(fresh.name + ".wal").unlink(missing_ok=True)
        shutil.rmtree(fresh.with_name(fresh.name + ".tmp"), ignore_errors=True)


def build_into(
    connection: duckdb.DuckDBPyConnection,
    landing: Mapping[str, pl.DataFrame | str],
    inputs: Mapping[str, pl.DataFrame],
    only: frozenset[str] | None = None,
) -> dict[str, int]:
    """Build every model in an open database, in memory or on disk.

    Args:
        connection: the database to build in.
        landing: ``landing_`` table name to its rows, or to the SELECT that reads them.
        inputs: the ``settings_`` tables.
        only: the models to build; None for all of them.

    Returns:
        Rows per model built.
    """
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    # rows have no order unless a model gives them one, so none is held back until those before it are written
    connection.execute("SET preserve_insertion_order = false")
    for name, rows in landing.items():
        if isinstance(rows, str):
            connection.execute(f"CREATE TEMP VIEW {name} AS {rows}")
        else:
            store(connection, name, rows, "TEMP TABLE")
    for name, rows in {**reference_tables(), **inputs}.items():
        store(connection, name, rows, "TABLE")
    return {name: create(connection, model, model.sql) for name, model in chosen_models(only).items()}


def chosen_models(only: frozenset[str] | None) -> dict[str, Model]:
    """The models to build, in their order; all of them if ``only`` is None."""
    return {name: model for name, model in load_models().items() if only is None or name in only}


def landing_views(landing: Path, columns: Mapping[str, Mapping[str, Any]]) -> dict[str, pl.DataFrame | str]:
    """Where each landing table is read from: its Parquet files, or an empty frame while there are none."""
    views: dict[str, pl.DataFrame | str] = {}
    for table, schema in columns.items():
        if any((landing / table).glob("**/part.parquet")):
            files = literal(str(landing / table / "**" / "part.parquet"))
            read = f"read_parquet({files}, hive_partitioning = false, union_by_name = true)"
            views[f"landing_{table}"] = f"SELECT {', '.join(schema)} FROM {read}"  # noqa: S608 - our own names
        else:
            views[f"landing_{table}"] = pl.DataFrame(schema=dict(schema))
    return views


def _read_layer(layer: str) -> Iterator[Model]:
    folder: Traversable = resources.files("models") / layer
    database = duckdb.connect()
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".sql"):
            continue
        name = file.name.removesuffix(".sql")
        sql = file.read_text("utf-8")
        about = _declared((folder / f"{name}.yml").read_text("utf-8"))
        columns = tuple(ModelColumn(c["name"], c["type"], c.get("unit"), c["description"]) for c in about["columns"])
        yield Model(
            name=name,
            layer=cast('Literal["core", "out"]', layer),
            sql=sql,
            description=about["description"].strip(),
            grain=tuple(about["grain"]),
            columns=columns,
            checks=tuple(about.get("checks", ())),
            depends_on=frozenset(database.get_table_names(sql)),
        )


def _declared(text: str) -> Any:
    # the same safe loader, several times as fast where it is there in C
    return yaml.load(text, yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)  # noqa: S506


def create(connection: duckdb.DuckDBPyConnection, model: Model, select: str) -> int:
    """Store what a SELECT gives as a model's table; rows stored.

    Raises:
        ModelError: the result's columns differ from the declaration.
    """
    connection.execute(f"CREATE OR REPLACE TABLE {model.name} AS {select}")
    found = [(str(row[0]), str(row[1])) for row in connection.execute(f"DESCRIBE {model.name}").fetchall()]
    declared = [(column.name, column.type) for column in model.columns]
    if found != declared:
        differing = [f"{f} (declared {d})" for f, d in zip(found, declared, strict=False) if f != d]
        raise ModelError(
            f"{model.name}: {len(found)} columns, {len(declared)} declared; first different: {differing[:1] or 'count'}"
        )
    row = connection.execute(f"SELECT count(*) FROM {model.name}").fetchone()  # noqa: S608 - a file's own name
    return int(row[0]) if row else 0


def describe(connection: duckdb.DuckDBPyConnection, only: frozenset[str] | None = None) -> None:
    """Write what every model's ``.yml`` says of it into the database.

    In one transaction: of its own each comment takes as long as the rows of a small table.
    """
    comments = [comment for model in chosen_models(only).values() for comment in model.comments()]
    connection.execute("; ".join(["BEGIN", *comments, "COMMIT"]))


def store(connection: duckdb.DuckDBPyConnection, name: str, rows: pl.DataFrame, what: str) -> None:
    """Store a frame as a ``TABLE`` or ``TEMP TABLE``."""
    connection.register("__rows", rows)
    connection.execute(f"CREATE OR REPLACE {what} {name} AS SELECT * FROM __rows")  # noqa: S608 - our own names
    connection.unregister("__rows")


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
