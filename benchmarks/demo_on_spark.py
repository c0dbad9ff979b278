"""The demo's organisation on DuckDB and on a Spark cluster of two workers: the time of each, and tables that differ."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks._rows import say
from models.engine import load_models
from pipelines.demo import ORGANISATION, run_demo
from pipelines.runtime import Runtime
from pipelines.settings_file import load_settings
from pipelines.transformation import build_warehouse
from tests.test_spark import assert_equal, two_workers

PEOPLE, MONTHS, SEED = 1000, 24, 1


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "demo"
        run_demo(folder, PEOPLE, MONTHS, SEED, Console(quiet=True))
        organisation = load_settings(folder / "resfri.toml").one(ORGANISATION)
        started = time.monotonic()
        build_warehouse(organisation, Runtime())
        say("the demo's organisation on DuckDB", time.monotonic() - started, "s")
        on_duckdb = folder / "duckdb.duckdb"
        shutil.copyfile(organisation.warehouse, on_duckdb)
        settings = organisation.settings.model_copy(update={"engine": "spark"})
        with two_workers():
            started = time.monotonic()
            build_warehouse(organisation.model_copy(update={"settings": settings}), Runtime())
        say("the demo's organisation on Spark, local-cluster[2,1,1024]", time.monotonic() - started, "s")
        differing = []
        for model in load_models().values():
            try:
                assert_equal(on_duckdb, organisation.warehouse, (model,))
            except AssertionError:
                differing.append(model.name)
        named = f": {', '.join(differing)}" if differing else ""
        say(f"tables of {len(load_models())} that differ by more than 1e-9{named}", len(differing), "tables", 0)


if __name__ == "__main__":
    main()
