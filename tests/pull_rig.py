"""A connector pulled into a real landing zone, for tests; light, because one test starts it in another process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms
from connectors.pull import Outcome, pull
from connectors.quarantine import Quarantine
from connectors.registry import SOURCES
from connectors.source import Window, local_midnight
from connectors.transport import Network

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(local_midnight(date(2026, 10, 29)), NOW)
START = datetime(2026, 10, 30, 9, 0, tzinfo=UTC)
NAME = "under_test"
KEY = b"a key of a test, 32 bytes long.."


@dataclass
class Rig:
    """A connector, its settings and a landing zone."""

    type_name: str
    raw_settings: dict[str, object]
    ca_file: Path | None
    folder: Path

    @property
    def landing(self) -> Landing:
        return Landing(self.folder / "landing", "exempelby", self.pseudonyms.fingerprint)

    @property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.folder / "quarantine", self.pseudonyms)

    @property
    def pseudonyms(self) -> Pseudonyms:
        return Pseudonyms(KEY)

    def pull(self, window: Window = WINDOW, now: datetime = NOW) -> Outcome:
        source = SOURCES[self.type_name]
        network = Network(ca_file=self.ca_file, timeout_seconds=10)
        parsed = source.settings.model_validate(self.raw_settings)
        args = (self.landing, self.pseudonyms, self.quarantine)
        return pull(source, NAME, parsed, network, *args, window, lambda: now)

    def rows(self, table: str) -> pl.DataFrame:
        return self.landing.read(table, NAME)

    def content(self) -> dict[str, tuple[str, int]]:
        """What is landed: file to hash and time of writing; the pulls themselves left out."""
        files = (self.folder / "landing").rglob("part.parquet")
        return {
            str(path.relative_to(self.folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in files
            if path.parts[path.parts.index("landing") + 1] != "pulls"
        }

    def hashes(self) -> dict[str, str]:
        return {name: digest for name, (digest, _) in self.content().items()}
