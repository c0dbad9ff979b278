"""Publishing: what a version holds, what is refused, and what readers see whatever happens in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from connectors.contract import TABLES
from models import engine
from models.choices import ExpectedSource
from models.inputs import input_tables
from models.method import MethodSettings
from pipelines.publication import KEPT_VERSIONS, publish
from pipelines.publication_checks import PublicationRefused
from reports.published import open_published
from tests.model_cases import AS_OF, build_into, covered, landing_table

OUT = [model for model in engine.load_models().values() if model.layer == "out"]
SOURCES = [
    ExpectedSource(source=s, kind=k) for s, k in (("teams", "meetings"), ("travel", "travel"), ("staff", "staff"))
]  # type: ignore[arg-type]
SETTINGS = MethodSettings(baseline_from="2024-01", baseline_to="2024-12")


def write_warehouse(path: Path, trips_a_month: int = 20, as_of: date = AS_OF, is_counted: bool = True) -> Path:
    """A real warehouse on disk: twenty people of one department who travel every month of two years."""
    rows = [
        {"departed_at": f"{year}-{month:02d}-{1 + n:02d}", "person_key": f"p{n:02d}", "distance_km": "100", "cost_sek": "250.00"}
        for year in (2024, 2025) for month in range(1, 13) for n in range(trips_a_month)
    ]  # fmt: skip
    given = covered() | {
        "travel_segments": landing_table("travel_segments", rows),
        "people": landing_table("people", [{"person_key": f"p{n:02d}", "department": "Skola"} for n in range(20)]),
        "staff": landing_table(
            "staff",
            [{"department": "Skola", "month": date(year, month, 1), "headcount": 100, "fte": 80.0}
             for year in (2024, 2025) for month in range(1, 13)],
        ),
    }  # fmt: skip
    landing = {f"landing_{name}": given.get(name, table.empty()) for name, table in TABLES.items()}
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        inputs = input_tables("exempelby", "Exempelby", SETTINGS, SOURCES, as_of)
        (build_into if is_counted else engine.build_into)(connection, landing, inputs)
    return path


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    return write_warehouse(tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb")


@pytest.fixture
def warehouse(original: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(original.read_bytes())
    return copy


def change(warehouse: Path, *statements: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_version_is_read_by_reports_and_by_plain_duckdb(warehouse, tmp_path):
    done = publish(warehouse, tmp_path / "published", AS_OF)
    assert done.is_new
    assert done.version.startswith("2026-01-20-")
    assert names(tmp_path / "published") == sorted([done.version, "CURRENT"])
    assert names(done.folder) == sorted(
        ["resfri.duckdb", "datapackage.json", *(f"{model.name}.parquet" for model in OUT)]
    )

    read = open_published(tmp_path / "published", "exempelby")
    assert (read.version, read.name, read.as_of) == (done.version, "Exempelby", AS_OF)
    assert read.indicators.height == done.tables["out_indicators"] > 0

    with duckdb.connect(str(done.database), read_only=True) as published:
        found = published.execute("SELECT table_name, comment FROM duckdb_tables() ORDER BY 1").fetchall()
        assert found == sorted((model.name, model.description) for model in OUT)
        (comment,) = published.execute(
            "SELECT comment FROM duckdb_columns() WHERE table_name = 'out_gaps' AND column_name = 'share'"
        ).fetchone()
        assert comment == "Their share of the month's rows. [0–1]"


def test_the_three_forms_of_a_version_hold_the_same(warehouse, tmp_path):
    done = publish(warehouse, tmp_path / "published", AS_OF)
    package = json.loads((done.folder / "datapackage.json").read_text("utf-8"))
    assert (package["name"], package["version"]) == ("resfri-exempelby", done.version)
    assert package["created"] == "2026-01-20T00:00:00Z"
    assert str(tmp_path) not in json.dumps(package)
    with duckdb.connect(str(done.database), read_only=True) as published:
        for resource in package["resources"]:
            name, key = resource["name"], resource["schema"]["primaryKey"]
            stored = published.execute(f"SELECT * FROM {name}").pl()
            assert stored.equals(pl.read_parquet(done.folder / resource["path"])), name
            assert [field["name"] for field in resource["schema"]["fields"]] == stored.columns
            assert stored.equals(stored.sort(key)), name
    assert {resource["name"] for resource in package["resources"]} == {model.name for model in OUT}
    (gaps,) = [resource for resource in package["resources"] if resource["name"] == "out_gaps"]
    assert {
        "name": "share",
        "type": "number",
        "unit": "0–1",
        "description": "Their share of the month's rows.",
    } in gaps["schema"]["fields"]


def test_the_same_figures_are_published_once(warehouse, tmp_path):
    published = tmp_path / "published"
    first = publish(warehouse, published, AS_OF)
    again = publish(warehouse, published, AS_OF)
    assert (again.version, again.is_new) == (first.version, False)

    # the next night nothing has closed: the figures are the same, and so is the version
    next_night = AS_OF + timedelta(days=1)
    night = publish(write_warehouse(tmp_path / "next.duckdb", as_of=next_night), published, next_night)
    assert (night.version, night.is_new, night.tables) == (first.version, False, first.tables)


def test_equal_content_makes_equal_files_whatever_order_the_warehouse_holds_it_in(warehouse, tmp_path):
    one = publish(warehouse, tmp_path / "one", AS_OF)
    change(
        warehouse,
        "CREATE OR REPLACE TABLE out_indicators AS SELECT * FROM out_indicators ORDER BY value, period_end DESC",
    )
    other = publish(warehouse, tmp_path / "other", AS_OF)
    assert one.version == other.version
    for name in names(one.folder):
        if name != "resfri.duckdb":
            assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes(), name


REFUSED = {
    "a figure twice": (
        ["INSERT INTO out_indicators SELECT * FROM out_indicators LIMIT 1"],
        "out_indicators: check grain_unique fails in 2 of",
    ),
    "a key left empty": (["UPDATE out_gaps SET gap = NULL"], "out_gaps: check gap_required fails"),
    "a row condition": (
        ["UPDATE out_indicators SET known_share = 2 WHERE known_share IS NOT NULL"],
        "out_indicators: check row_3_",
    ),
    "too few people": (
        ["UPDATE out_indicators SET people_class = '5–7' WHERE people_class = '20–49'"],
        "out_indicators: figures that rest on fewer than k people in ",
    ),
    "a withheld figure that shows its count": (
        ["UPDATE out_indicators SET value = NULL, low = NULL, high = NULL, reason = 'too_few_people' WHERE indicator = 'trips_per_fte'"],
        "out_indicators: ",
    ),
    "a gap of few rows": (
        ["INSERT INTO out_gaps VALUES ('exempelby', 'travel', DATE '2025-05-01', 'x', 3, 0.1, NULL)"],
        "out_gaps: counts of fewer than k rows in 1 rows",
    ),
    "a mail address": (
        ["UPDATE out_indicators SET department = 'anna.ek@exempelby.example' WHERE department = 'Skola'"],
        "out_indicators.department: holds what looks like a mail address",
    ),
    "a telephone number": (
        ["UPDATE out_settings SET value = 'Exempelby 070-174 06 35' WHERE setting = 'organisation_name'"],
        "out_settings.value: holds what looks like a telephone number",
    ),
    "a personal identity number": (
        ["UPDATE out_coverage SET source = '19811228-9874' WHERE source = 'travel'"],
        "out_coverage.source: holds what looks like a personal identity number",
    ),
    "a table that is not there": (["DROP TABLE out_factors"], "warehouse.duckdb cannot be read"),
    "another day": (
        ["UPDATE out_settings SET value = '2026-01-19' WHERE setting = 'as_of'"],
        "out_settings: computed for 2026-01-19, not for 2026-01-20",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "message"), REFUSED.values(), ids=REFUSED)
def test_what_may_not_be_read_is_refused_and_the_version_before_stays(warehouse, tmp_path, statements, message):
    published = tmp_path / "published"
    before = publish(warehouse, published, AS_OF)
    change(warehouse, *statements)
    with pytest.raises(PublicationRefused) as refused:
        publish(warehouse, published, AS_OF)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)
    assert not any(secret in str(refused.value) for secret in ("anna", "070", "1228"))
    assert names(published) == sorted([before.version, "CURRENT"])
    assert open_published(published, "exempelby").version == before.version


def relabel(warehouse: Path, text: str) -> None:
    change(warehouse, f"UPDATE out_settings SET value = '{text}' WHERE setting = 'organisation_name'")


def test_the_newest_versions_and_the_current_one_are_kept(warehouse, tmp_path):
    published = tmp_path / "published"
    made = []
    for label in "ABCDE":
        relabel(warehouse, label)
        made.append(publish(warehouse, published, AS_OF).version)
        os.utime(published / made[-1], ns=(len(made) * 10**9,) * 2)
    assert names(published) == sorted([*made[-KEPT_VERSIONS:], "CURRENT"])


def test_leftovers_of_a_killed_run_are_removed(warehouse, tmp_path):
    published = tmp_path / "published"
    for leftover in (".building-2026-01-01-00000000", ".removing-2026-01-01-00000000"):
        (published / leftover).mkdir(parents=True)
        (published / leftover / "resfri.duckdb").write_bytes(b"half")
    done = publish(warehouse, published, AS_OF)
    assert names(published) == sorted([done.version, "CURRENT"])


def test_a_current_version_that_is_gone_is_published_again(warehouse, tmp_path):
    published = tmp_path / "published"
    done = publish(warehouse, published, AS_OF)
    (published / "CURRENT").write_text("2020-01-01-00000000\n", "utf-8")
    assert publish(warehouse, published, AS_OF).version == done.version
    assert open_published(published, "exempelby").version == done.version


PUBLISH_FOR_EVER = """
import sys, time
from datetime import date
from pathlib import Path
import duckdb
from pipelines.publication import publish
folder = Path(sys.argv[1])
while True:
    with duckdb.connect(str(folder / "warehouse.duckdb")) as warehouse:
        warehouse.execute("UPDATE out_settings SET value = ? WHERE setting = 'organisation_name'", [f"at {time.time()}"])
    publish(folder / "warehouse.duckdb", folder / "published", date(2026, 1, 20))
    print("published", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_run_killed_at_any_moment_leaves_a_version_to_read(warehouse, tmp_path):
    script = tmp_path / "publish_for_ever.py"
    script.write_text(PUBLISH_FOR_EVER, "utf-8")
    for delay in (0.2, 0.5):
        run = subprocess.Popen(
            [sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
        )
        assert run.stdout
        assert run.stdout.readline() == b"published\n"
        time.sleep(delay)
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdout.close()
        assert open_published(warehouse.parent / "published", "exempelby").indicators.height > 0
    assert (
        publish(warehouse, tmp_path / "published", AS_OF).version
        == open_published(tmp_path / "published", "exempelby").version
    )
