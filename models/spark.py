"""Run the models on Apache Spark: the same SELECTs over the same landing Parquet, into the same warehouse file.

Each model is computed once and written as Parquet into a working folder, from where the models after it and the
warehouse read it; no row passes through Python.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from models import engine
from models.engine import Model, ModelError
from models.spark_sql import spark_type, steps

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameReader, SparkSession

SESSION = {
    # every time without a zone of its own is in UTC, as in DuckDB's session
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    # a number too large, or a text that is no number, is an error and not NULL, as in DuckDB
    "spark.sql.ansi.enabled": "true",
    # Parquet: local times stay local, instants are written as DuckDB reads them, no column comes from a folder's name
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # a table that is sent to every worker may take long to compute on a small or busy cluster
    "spark.sql.broadcastTimeout": "7200",
}
"""What the results rest on, and that they come at all; everything else is left to whoever runs the cluster."""

_AT_ONCE = 4
"""Models that Spark is given at a time: a small one leaves most of a cluster, and of its planner's time, to others."""

Columns = Iterable[tuple[str, str]]
"""Column names with their DuckDB types."""


class SparkMissingError(Exception):
    """PySpark or Java is not installed here."""


def build(
    landing: Path | str,
    warehouse: Path,
    inputs: Mapping[str, pl.DataFrame],
    landing_columns: Mapping[str, Mapping[str, Any]],
    only: frozenset[str] | None = None,
    *,
    master: str = "local[*]",
    working_folder: Path | None = None,
) -> dict[str, int]:
    """Do what ``engine.build`` does, on Spark.

    Args:
        landing: the organisation's landing folder, or its address in an object store that Spark can read.
        warehouse: the DuckDB file to replace; on any error the old one stays.
        inputs: the ``settings_`` tables.
        landing_columns: landing table to column name to Polars type.
        only: the models to build anew in a copy of the warehouse there is; None builds all of them from nothing.
        master: where Spark runs; without effect in a process that has a session already, as in a notebook.
        working_folder: where results lie until the build is done; a cluster's machines must all see it under this path.

    Returns:
        Rows per model built.

    Raises:
        ModelError: a result's columns differ from its declaration.
        SparkMissingError: PySpark or Java is not installed.
        pyspark.errors.PySparkException: Spark could not run a model.
    """
    working = (working_folder or warehouse.parent).absolute() / f".{warehouse.name}.spark"
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True, mode=0o700)
    try:
        with _session(master, working) as session, engine.replacing(warehouse, copied=only is not None) as connection:
            counts = _Build(session, connection, landing, working, landing_columns).run(inputs, only)
            engine.describe(connection, only)
            return counts
    finally:
        shutil.rmtree(working, ignore_errors=True)


class _Build:
    def __init__(
        self,
        session: SparkSession,
        connection: duckdb.DuckDBPyConnection,
        landing: Path | str,
        working: Path,
        landing_columns: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._session = session
        self._connection = connection
        self._landing = landing.absolute().as_uri() if isinstance(landing, Path) else landing.rstrip("/")
        self._working = working
        self._landing_columns = landing_columns
        self._known: set[str] = set()
        self._alone = Lock()

    def run(self, inputs: Mapping[str, pl.DataFrame], only: frozenset[str] | None) -> dict[str, int]:
        self._connection.execute("SET TimeZone = 'UTC'")
        for name, rows in {**engine.reference_tables(), **inputs}.items():
            engine.store(self._connection, name, rows, "TABLE")
        for name, columns in self._landing_columns.items():
            engine.store(self._connection, f"landing_{name}", pl.DataFrame(schema=dict(columns)), "TEMP TABLE")
        chosen = engine.chosen_models(only)
        order = TopologicalSorter({name: model.depends_on & chosen.keys() for name, model in chosen.items()})
        order.prepare()
        counts: dict[str, int] = {}
        running: dict[Future[int], str] = {}
        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            while order.is_active():
                running |= {pool.submit(self._model, chosen[name]): name for name in order.get_ready()}
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    counts[running[done]] = done.result()
                    order.done(running.pop(done))
        finally:
            pool.shutdown(cancel_futures=True)
        return {name: counts[name] for name in chosen}

    def _model(self, model: Model) -> int:
        with self._alone:
            for name in sorted(model.depends_on - self._known):
                self._provide(name)
        *before, (_, select) = steps(model.name, model.sql).items()
        for name, query in before:
            self._write(name, self._session.sql(query))
        result = self._session.sql(select)
        declared = [(column.name, column.type) for column in model.columns]
        found, wanted = result.columns, [name for name, _ in declared]
        if found != wanted:
            raise ModelError(f"{model.name}: its columns are {found} on Spark, declared are {wanted}")
        typed = result.selectExpr(*(f"CAST(`{name}` AS {spark_type(type_)}) AS `{name}`" for name, type_ in declared))
        folder = self._write(model.name, typed)
        columns = ", ".join(f'CAST("{name}" AS {type_}) AS "{name}"' for name, type_ in declared)
        files = engine.literal(str(folder / "*.parquet"))
        read = f"SELECT {columns} FROM read_parquet({files}, hive_partitioning = false)"  # noqa: S608 - our own names
        with self._alone:
            return engine.create(self._connection, model, read)

    def _write(self, name: str, rows: DataFrame) -> Path:
        """Compute a result, once: whatever reads it afterwards reads what was written."""
        folder = self._working / name
        rows.write.parquet(folder.as_uri())
        self._view(name, self._session.read.schema(rows.schema).parquet(folder.as_uri()))
        return folder

    def _provide(self, table: str) -> None:
        """Show Spark a table that no model of this build makes: landed, a setting, or a model of an earlier build."""
        described = self._connection.execute(f"DESCRIBE {table}").fetchall()
        columns = [(str(row[0]), str(row[1])) for row in described]
        landed = table.removeprefix("landing_")
        if landed != table and landed in self._landing_columns:
            found = self._landed(landed, columns)
            if found is not None:
                self._view(table, found)
                return
        folder = self._working / table
        folder.mkdir()
        file = engine.literal(str(folder / "part.parquet"))
        self._connection.execute(f"COPY (FROM {table}) TO {file} (FORMAT parquet)")
        self._view(table, self._read(columns).parquet(folder.as_uri()))

    def _landed(self, table: str, columns: Columns) -> DataFrame | None:
        """The rows of a landing table; None while nothing has landed."""
        from pyspark.errors import AnalysisException

        # looked up recursively, so that no column is made of a folder's name
        reader = self._read(columns).option("recursiveFileLookup", "true").option("pathGlobFilter", "part.parquet")
        try:
            return reader.parquet(f"{self._landing}/{table}")
        except AnalysisException as error:
            if error.getCondition() != "PATH_NOT_FOUND":
                raise
            return None

    def _read(self, columns: Columns) -> DataFrameReader:
        return self._session.read.schema(", ".join(f"`{name}` {spark_type(type_)}" for name, type_ in columns))

    def _view(self, name: str, rows: DataFrame) -> None:
        rows.createOrReplaceTempView(name)
        self._known.add(name)


@contextmanager
def _session(master: str, working: Path) -> Iterator[SparkSession]:
    """A session of its own in the Spark there is, or in one that is started for it and stopped after it."""
    if importlib.util.find_spec("pyspark") is None:
        raise SparkMissingError("PySpark is not installed here")
    from pyspark.errors import PySparkRuntimeError

    running = _running()
    if running is None and not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise SparkMissingError("Java is not installed here")
    try:
        spark = running or _started(master, working)
    except PySparkRuntimeError as error:
        raise SparkMissingError(f"Java does not start Spark ({error.getCondition()})") from None
    try:
        session = spark.newSession()
        for key, value in SESSION.items():
            session.conf.set(key, value)
        yield session
    finally:
        if running is None:
            spark.stop()


def _running() -> SparkSession | None:
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()


def _started(master: str, working: Path) -> SparkSession:
    from pyspark.sql import SparkSession

    builder = (
        SparkSession.builder.appName("resfri")
        .master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.warehouse.dir", (working / "unused").as_uri())
    )
    if master.startswith("local"):
        # one machine: nothing listens to the network, what does not fit in memory stays in the organisation's folder,
        # and few rows are not dealt out to two hundred tasks
        builder = (
            builder.config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.local.dir", str(working / "spilled"))
            .config("spark.sql.shuffle.partitions", str(2 * (os.cpu_count() or 1)))
        )
    return builder.getOrCreate()
