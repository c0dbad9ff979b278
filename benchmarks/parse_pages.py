"""Pages of each platform, recorded once: how fast they are read without a network, and in how much memory.

The pages are those that the connectors fetch from the simulated vendors for two months of a thousand people. Few meet
in Zoom, Webex and on the bridges there, so that a page, which holds a day, is small; those are joined to the size that
pages of Teams have, as they would have in a larger organisation.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from benchmarks._rows import peak_mb, say
from connectors.pseudonyms import Pseudonyms
from connectors.registry import SOURCES
from connectors.source import Context, Page, Window, local_midnight
from pipelines.demo import ORGANISATION, write_settings
from simulator.calls import VENDORS
from simulator.municipality import simulate
from simulator.service import serve

PLATFORMS = ("teams", "zoom", "webex", "cisco_meeting_server")
LAST_MONTH = date(2026, 9, 1)
NOW = datetime(2026, 10, 16, 4, tzinfo=UTC)
CONTEXT = Context(Pseudonyms(b"benchmarks-have-a-key-their-own!"), date(2026, 10, 16))
TURNS = 5
PAGE_BYTES = 500_000


@dataclass(frozen=True)
class Recorded:
    """What a source fetched, and its settings."""

    settings: Any
    pages: list[Page]

    @property
    def megabytes(self) -> float:
        return sum(len(page.body) for page in self.pages) / 1e6


def record(folder: Path, platforms: tuple[str, ...] = PLATFORMS) -> dict[str, Recorded]:
    """Fetch everything once."""
    municipality = simulate(1000, 2, 1, LAST_MONTH, platforms=VENDORS)
    window = Window(local_midnight(municipality.period.first), NOW)
    found = {}
    with serve(municipality, now=NOW, folder=folder / "vendor") as service:
        loaded = write_settings(folder, municipality, service.address)
        sources = loaded.one(ORGANISATION).settings.sources
        for name in platforms:
            settings = sources[name]
            session = SOURCES[name].open_session(name, settings, loaded.network)
            pages = [page for page in SOURCES[name].fetch(session, settings, window, {}) if isinstance(page, Page)]
            found[name] = Recorded(settings, pages if name == "teams" else joined(pages))
    return found


def joined(pages: list[Page]) -> list[Page]:
    """The same records on fewer pages."""
    records: list[msgspec.Raw] = []
    size, found = 0, []
    (what,) = {page.what for page in pages if page.body[:1] == b"[" and page.what != "zoom_day"}
    for page in (page for page in pages if page.what == what):
        records += msgspec.json.decode(page.body, type=list[msgspec.Raw])
        size += len(page.body)
        if size > PAGE_BYTES:
            found.append(Page(what, msgspec.json.encode(records), page.about))
            records, size = [], 0
    return [*found, Page(what, msgspec.json.encode(records), {})] if records else found


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        recorded = record(Path(name))
    for platform, what in recorded.items():
        parse = SOURCES[platform].parse
        connections = sum(_connections(parse(page, what.settings, CONTEXT)) for page in what.pages)
        before, began = peak_mb(), time.process_time()
        for _ in range(TURNS):
            for page in what.pages:
                parse(page, what.settings, CONTEXT)
        seconds = (time.process_time() - began) / TURNS
        largest = max(len(page.body) for page in what.pages) / 1e6
        size = f"{platform}: {connections:,} participations on {len(what.pages):,} pages, {what.megabytes:,.0f} MB"
        say(f"{size}: a second of one core", connections / seconds / 1000, "thousand", 100, "more")
        say(f"{platform}: MB a second of one core", what.megabytes / seconds, "MB", 100, "more")
        say(f"{platform}: memory that {TURNS} rounds add (largest page {largest:.1f} MB)", peak_mb() - before, "MB", 50)


def _connections(batch: Any) -> int:
    frame = batch.frames.get("participations")
    return 0 if frame is None else int(frame.height)


if __name__ == "__main__":
    sys.exit(main())
