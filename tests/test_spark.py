"""The models on Spark: the same tables, whatever the data, on a small cluster of its own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from connectors.contract import TABLES
from connectors.errors import ConfigurationError
from models import engine, spark
from models.choices import ExpectedSource
from models.inputs import input_tables
from models.method import MethodSettings
from models.spark_sql import spark_type, steps, to_spark
from pipelines.runtime import Runtime
from pipelines.settings_file import load_settings
from pipelines.setup import initialise
from pipelines.transformation import build_warehouse
from tests.random_landing import EXPECTED, random_landing

MODELS = engine.load_models()
COLUMNS = {name: table.schema for name, table in TABLES.items()}
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
MISSING = "PySpark" if importlib.util.find_spec("pyspark") is None else "Java" if shutil.which("java") is None else None


def inputs() -> dict[str, pl.DataFrame]:
    method = MethodSettings(baseline_from="2024-01", baseline_to="2024-12", k=5)
    expected = [ExpectedSource(source=source, kind=kind) for source, kind in EXPECTED]  # type: ignore[arg-type]
    return input_tables("exempelby", "Exempelby", method, expected, date(2026, 1, 20))


def land(folder: Path, tables: dict[str, pl.DataFrame]) -> Path:
    """Tables as landing keeps them: in parts, below folders whose names look like columns."""
    for name, rows in tables.items():
        for number, part in enumerate((rows[::2], rows[1::2])):
            place = folder / name / f"source=s{number}" / "month=2025-01"
            place.mkdir(parents=True)
            part.write_parquet(place / "part.parquet")
            (place / ".part.parquet.tmp").write_bytes(b"half a file")
    return folder


@contextmanager
def two_workers() -> Iterator[object]:
    """A cluster of two workers of one core each, in processes of their own."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .appName("resfri tests")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        # short-lived processes: compiling thoroughly takes longer than running
        .config("spark.driver.extraJavaOptions", QUICK)
        .config("spark.executor.extraJavaOptions", QUICK)
        # few rows in large queries: making Java of them would take longer than running them
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.adaptive.enabled", "false")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    with two_workers() as session:
        yield session


def assert_equal(on_duckdb: Path, on_spark: Path, models: Iterable[engine.Model] = tuple(MODELS.values())) -> None:
    """The two files hold the same tables: keys and counts exactly, DOUBLEs to 1e-9 of their size."""
    with duckdb.connect(str(on_duckdb), read_only=True) as one, duckdb.connect(str(on_spark), read_only=True) as two:
        about = (
            "select table_name, column_name, data_type, comment from duckdb_columns() where not internal order by all"
        )
        assert one.execute(about).fetchall() == two.execute(about).fetchall()
        tables = "select table_name, comment from duckdb_tables() where not internal order by all"
        assert one.execute(tables).fetchall() == two.execute(tables).fetchall()
        for model in models:
            doubles = [column.name for column in model.columns if column.type == "DOUBLE"]
            exact = [column.name for column in model.columns if column.name not in doubles]
            query = f"select * from {model.name} order by all"
            mine, theirs = (each.execute(query).pl().sort(*exact, *doubles, nulls_last=True) for each in (one, two))
            assert mine.select(exact).equals(theirs.select(exact)), model.name
            for name in doubles:
                assert mine[name].is_null().equals(theirs[name].is_null()), (model.name, name)
                apart = (mine[name] - theirs[name]).abs() > 1e-9 * mine[name].abs() + 1e-9
                assert not apart.any(), (model.name, name, mine.filter(apart).head(3), theirs.filter(apart).head(3))


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_model_and_every_type_of_it_has_words_in_spark(model):
    *_, last = steps(model.name, model.sql)
    assert last == model.name
    assert all(spark_type(column.type) for column in model.columns)


def test_a_table_expression_that_would_be_computed_again_and_again_is_a_step_of_its_own():
    doubling = (
        "with a as (select x.n from t x, t y), b as (select x.n from a x, a y), c as (select x.n from b x, b y) {}"
    )
    found = steps(
        "m", doubling.format("select one.n from c as one inner join c on c.n = one.n where one.n in (select n from a)")
    )
    assert list(found) == ["m__c", "m"]
    assert found["m"].count("m__c") == 2
    assert "WITH a AS" in found["m"]
    assert "WITH a AS" in found["m__c"]
    assert "b AS" not in found["m"]


def test_what_has_no_equal_is_refused():
    with pytest.raises(engine.ModelError, match="HUGEINT"):
        spark_type("HUGEINT")
    with pytest.raises(engine.ModelError, match="CENTURY"):
        to_spark("select date_diff('century', a, b) from t")


@pytest.mark.parametrize("what", ["PySpark", "Java"])
def test_what_is_not_installed_is_named_in_one_line(what, tmp_path, monkeypatch):
    settings_file = tmp_path / "resfri.toml"
    settings_file.write_text('[organisations.norrby]\nname = "Norrby"\nengine = "spark"\n', encoding="utf-8")
    list(initialise(settings_file, "norrby", "Norrby"))
    organisation = load_settings(settings_file).one("norrby")
    if what == "PySpark":
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    else:
        pytest.importorskip("pyspark")
        monkeypatch.setattr(spark, "_running", lambda: None)
        monkeypatch.setattr(shutil, "which", lambda _: None)
        monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(ConfigurationError) as said:
        build_warehouse(organisation, Runtime())
    assert str(said.value) == (
        f'organisations.norrby.engine = "spark", but {what} is not installed here: install it as docs/spark.md says, or take '
        'engine = "duckdb", which gives the same figures'
    )
    assert not list(organisation.folder.glob(".*spark*"))


# what a model may write, with values on which the engines' own words would differ
EXPRESSIONS = [
    "timestamptz '2025-03-30 01:30:00+00' at time zone 'Europe/Stockholm' = timestamp '2025-03-30 03:30:00'",
    "timestamptz '2025-10-26 00:30:00+00' at time zone 'Europe/Stockholm' = timestamptz '2025-10-26 01:30:00+00' at time zone 'Europe/Stockholm'",
    "cast(timestamptz '2025-06-30 22:30:00+00' at time zone 'Europe/Stockholm' as date) = date '2025-07-01'",
    "date_diff('second', timestamp '2025-01-01 00:00:00.9', timestamp '2025-01-01 00:00:01.1')",
    "date_diff('second', timestamp '1969-12-31 23:59:59.5', timestamp '1970-01-01 00:00:00.4')",
    "date_diff('microsecond', timestamp '2025-01-01 00:00:00.9', timestamp '2025-01-01 00:00:01.1')",
    "date_diff('day', timestamp '2025-01-01 23:59:00', timestamp '2025-01-02 00:01:00')",
    "date_diff('day', date '2025-03-01', date '2024-02-29')",
    "date_diff('month', date '2024-12-31', date '2025-01-01')",
    "date_diff('year', date '2024-12-31', date '2025-01-01')",
    "date_diff('day', date '2025-01-01', date '2025-01-31') % 7 + 2",
    "1 / 2", "cast(1 as decimal(18, 2)) / 3", "cast(10 as decimal(18, 6)) / nullif(cast(3 as decimal(18, 6)), 0)", "7 % -3", "-7 % 3",
    "cast(2.5 as decimal(18, 0))", "cast(cast(0.1 as double) + 0.2 as decimal(18, 6))",
    "round(cast(2.675 as double), 2)", "round(cast(1.005 as double), 2)", "round(cast(-2.5 as double), 0)", "round(cast(1234.5 as double), -2)",
    "trim('\u00a0 a\u2003')", "ltrim(' a ') || '|'", "rtrim('\u00a0a\u00a0') || '|'", "trim('\t') = '\t'",
    "'a' || null", "'a' || '' || 'b'", "concat('a', null, 'b')", "least(1, null, 3)", "greatest(null, 2)", "coalesce(null, 'x')",
    "dayofweek(date '2025-11-30')", "isodow(date '2025-11-30')", "isodow(date '2025-12-01')",
    "date_trunc('month', date '2025-02-28') = date '2025-02-01'", "date_trunc('week', date '2025-03-02') = date '2025-02-24'", "date_trunc('quarter', timestamp '2025-05-05 05:05:05') = date '2025-04-01'",
    "date '2025-01-31' + interval 1 month = date '2025-02-28'", "date '2025-03-01' - interval 1 day = date '2025-02-28'", "date '2025-03-01' + 2 * interval 1 hour = timestamp '2025-03-01 02:00:00'",
    "regexp_replace('a1b22', '[0-9]+', '#', 'g')", "regexp_matches('ARN–GOT', '^[A-Z]{3}[-–/][A-Z]{3}$')", "regexp_matches('a.b', '\\.')", "translate('åäö', 'åäö', 'aao')",
    "'it''s a \\ b'", "'abc' like '%b%'", "left('åäö', 2)", "right('åäö', 2)", "length('åäö')", "lower('ÅÄÖ')", "replace('a-b-c', '-', '')",
    "year(date '2025-12-31') * 100 + month(date '2025-12-31') * 10 + quarter(date '2025-12-31')", "power(2, 10)", "ln(10)", "exp(1)", "asin(0.5)",
    "cast('9999-12-31' as date) > date '2025-01-01'", "cast(12345678901 as varchar)", "null is distinct from 1",
    "(select count(distinct (a, b)) from (values (1, null), (1, null), (1, 2)) as t (a, b))",
    "(select avg(a) from (values (cast(1 as decimal(18, 2))), (cast(2 as decimal(18, 2))), (cast(2 as decimal(18, 2)))) as t (a))",
    "(select max(a) from (values ('Z'), ('a'), ('Å')) as t (a))",
    "(select sum(a) from (values (1), (null)) as t (a))", "(select sum(a) from (values (1)) as t (a) where a > 1)",
    "(select string_agg(a, ',' order by a) from (values ('b'), (null), ('a')) as t (a))",
    "(select max(place) from (select a, row_number() over (order by a desc) as place from (values (1), (null)) as t (a)) as p where a is null)",
    "(select max(place) from (select a, row_number() over (order by a) as place from (values (1), (null)) as t (a)) as p where a is null)",
]  # fmt: skip


@pytest.mark.spark
@pytest.mark.skipif(MISSING is not None, reason=f"{MISSING} is not installed here")
class TestOnACluster:
    def test_expressions_mean_the_same(self, cluster):
        session = cluster.newSession()
        for key, value in spark.SESSION.items():
            session.conf.set(key, value)
        query = "select " + ", ".join(f"{expression} as e{number}" for number, expression in enumerate(EXPRESSIONS))
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            wanted = connection.execute(query).fetchone()
        found = session.sql(to_spark(query)).collect()[0]
        different = [
            (expression, one, other)
            for expression, one, other in zip(EXPRESSIONS, wanted, found, strict=True)
            if (one is None) != (other is None) or (one != other and one != pytest.approx(other, rel=1e-12))
        ]
        assert different == []

    @pytest.mark.usefixtures("cluster")
    @pytest.mark.parametrize("seed", [1])
    def test_random_organisations_get_equal_tables(self, seed, tmp_path):
        landing = land(tmp_path / "landing", random_landing(seed))
        rows = engine.build(landing, tmp_path / "duckdb.duckdb", inputs(), COLUMNS)
        assert spark.build(landing, tmp_path / "spark.duckdb", inputs(), COLUMNS) == rows
        assert_equal(tmp_path / "duckdb.duckdb", tmp_path / "spark.duckdb")
        # some of them anew, from what the others were
        some = frozenset({"core_meetings", "core_meeting_forms", "out_gaps"})
        assert spark.build(landing, tmp_path / "spark.duckdb", inputs(), COLUMNS, some) == {
            name: rows[name] for name in some
        }
        assert_equal(tmp_path / "duckdb.duckdb", tmp_path / "spark.duckdb")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["duckdb.duckdb", "landing", "spark.duckdb"]

    @pytest.mark.usefixtures("cluster")
    def test_a_failed_build_leaves_the_old_warehouse(self, tmp_path):
        warehouse = tmp_path / "warehouse.duckdb"
        warehouse.write_bytes(b"the old one")
        with pytest.raises(duckdb.Error):
            spark.build(tmp_path, warehouse, {}, {})
        assert warehouse.read_bytes() == b"the old one"
        assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]
