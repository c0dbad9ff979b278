"""A small organisation whose vendor is served by the test itself: settings, files, runs, and what they left on disk."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
from rich.console import Console

from connectors.contract import TABLES
from pipelines.demo import ORGANISATION, import_exports, write_settings
from pipelines.runs import RunResult, run
from pipelines.runtime import Runtime, open_landing
from pipelines.settings import Organisation, Settings
from simulator.municipality import Municipality, simulate
from simulator.service import Service, serve

RESFRI = Path(sys.executable).with_name("resfri")
FIRST, LAST_MONTH = date(2025, 8, 1), date(2026, 9, 1)
NOW = datetime(2026, 10, 16, 4, tzinfo=UTC)


@cache
def municipality() -> Municipality:
    """Fourteen months of a hundred people."""
    return simulate(people=100, months=14, seed=5, last_month=LAST_MONTH)


@cache
def larger_municipality() -> Municipality:
    """So many people that a month's figures may be shown; too many to pull meetings of in a test."""
    return simulate(people=600, months=14, seed=5, last_month=LAST_MONTH)


@dataclass
class Served:
    """An organisation, its vendor, and how to run it."""

    folder: Path
    service: Service
    settings: Settings
    municipality: Municipality

    @property
    def organisation(self) -> Organisation:
        return self.settings.one(ORGANISATION)

    @property
    def runtime(self) -> Runtime:
        return Runtime(clock=lambda: NOW)

    def run(self, source: str | None = None, first: date | None = FIRST) -> RunResult:
        """Pull, build and publish in this process."""
        (result,) = run(self.settings, [self.organisation], source, first, None, self.runtime)
        return result

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the ``resfri`` command as a person would."""
        return resfri(*words, "--settings", str(self.settings.file))

    def import_files(self) -> None:
        import_exports(self.folder, self.municipality, self.organisation, NOW, Console(quiet=True))

    def landing(self) -> dict[str, pl.DataFrame]:
        """What landed, without the time it was seen."""
        landing, _ = open_landing(self.organisation)
        return {name: landing.read(name).drop("seen_at") for name in TABLES}

    def files(self, below: str) -> Mapping[str, tuple[str, int]]:
        """Every file below a folder of the organisation: its content's hash, and when it was written."""
        root = self.organisation.folder / below
        return {
            str(path.relative_to(root)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }

    def published(self) -> dict[str, list[tuple[object, ...]]]:
        """The published tables, row by row."""
        version = (self.organisation.published / "CURRENT").read_text("utf-8").strip()
        with duckdb.connect(str(self.organisation.published / version / "resfri.duckdb"), read_only=True) as connection:
            names = [
                row[0] for row in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
            ]
            return {name: connection.execute(f"from {name}").fetchall() for name in names}


def resfri(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([RESFRI, *words], capture_output=True, text=True, timeout=900, check=False)


@contextmanager
def served(folder: Path, whose: Municipality | None = None) -> Iterator[Served]:
    """Serve the municipality and write settings for it."""
    whose = whose or municipality()
    with serve(whose, now=NOW + timedelta(hours=1), folder=folder / "vendor") as service:
        yield Served(folder, service, write_settings(folder, whose, service.address), whose)
