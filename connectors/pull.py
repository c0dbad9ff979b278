"""Pulls one window of one source into the landing zone and writes down what became of every record.

Pages are parsed as they come and written in portions, so that a run that is killed keeps what it had and the next one
goes on from there. A window counts as covered only when all of it was read.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from connectors.contract import Batch
from connectors.errors import ConnectorError
from connectors.gone_bookings import cancel_gone
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms
from connectors.quarantine import Quarantine
from connectors.source import (
    LOCAL,
    Context,
    Covered,
    Listed,
    Page,
    Skipped,
    Source,
    SourceSettings,
    Unchanged,
    Window,
    local_midnight,
)
from connectors.transport import Network

PORTION = 20_000
"""Rows that are gathered before they are written."""

_log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What became of one pull: ``pulled`` = ``landed`` + ``rejected`` + the sum of ``excluded``."""

    source: str
    window: Window
    status: str = "failed"
    pulled: int = 0
    landed: int = 0
    rejected: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    unknown_values: Counter[tuple[str, str]] = field(default_factory=Counter)
    requests: int = 0
    throttled: int = 0
    error: str | None = None
    whole: tuple[Window, ...] = ()
    """Where records were lost on the way: the parts of the window that are complete all the same."""

    def add(self, batch: Batch) -> None:
        """Count one page."""
        rejected = batch.frames["rejected"].height if "rejected" in batch.frames else 0
        excluded = sum(batch.excluded.values())
        if batch.pulled != batch.landed + rejected + excluded:
            raise ArithmeticError(
                f"{self.source}: of {batch.pulled} records {batch.landed} landed, {rejected} were rejected and "
                f"{excluded} excluded: that does not add up, which is a fault in resfri"
            )
        self.pulled += batch.pulled
        self.landed += batch.landed
        self.rejected += rejected
        self.excluded.update(batch.excluded)
        self.unknown_values.update(batch.unknown_values)

    def note(self, records: Skipped | Unchanged) -> None:
        """Count records that did not come, or need not."""
        self.pulled += records.records
        if isinstance(records, Skipped):
            self.excluded[records.rule] += records.records
        else:
            self.landed += records.records

    def hear(self, covered: Covered) -> None:
        """Keep to what the source knows of the window."""
        self.window = covered.window
        lost = sum(gap.records for gap in covered.gaps)
        if lost:
            self.whole = tuple(covered.whole())
            self.error = (
                f"{self.source}: {lost} records between {covered.gaps[0].window.start:%Y-%m-%d %H:%M} and "
                f"{max(gap.window.end for gap in covered.gaps):%Y-%m-%d %H:%M} UTC never came; put an archive of them "
                "in archive_folder if there is one"
            )

    def rows(self) -> Iterator[dict[str, object]]:
        """The row of the attempt, and one without records for each part that is complete although others are not."""
        yield self.row()
        for window in self.whole if self.status == "partial" else ():
            yield Outcome(self.source, window, "complete").row()

    def row(self) -> dict[str, object]:
        """The row of ``pulls``."""
        return {
            "window_from": self.window.start,
            "window_to": self.window.end,
            "status": self.status,
            "pulled": self.pulled,
            "landed": self.landed,
            "rejected": self.rejected,
            "excluded": sum(self.excluded.values()),
            "excluded_by": json.dumps(dict(sorted(self.excluded.items()))) if self.excluded else None,
            "requests": self.requests,
            "error": self.error,
        }


def pull(
    source: Source,
    name: str,
    settings: SourceSettings,
    network: Network,
    landing: Landing,
    pseudonyms: Pseudonyms,
    quarantine: Quarantine,
    window: Window,
    clock: Callable[[], datetime],
    progress: Callable[[int], None] = lambda _pulled: None,
) -> Outcome:
    """Read one window of one source.

    Args:
        source: the connector.
        name: the source as settings name it.
        settings: the connector's own.
        network: proxy, certificate authorities, timeout.
        landing: where rows go.
        pseudonyms: of the organisation.
        quarantine: where unreadable records wait.
        window: what to ask for.
        clock: the time now, aware.
        progress: told how many records have come so far.

    Raises:
        ConnectorError: the pull ended early; what had come is landed and the attempt is written down as partial or
            failed.
    """
    outcome = Outcome(name, window)
    now = clock()
    context = Context(pseudonyms, now.astimezone(LOCAL).date())
    portion = _Portion(landing, name, now)
    session = None
    listed: list[Listed] = []
    try:
        _try_quarantined_again(source, name, settings, context, quarantine, portion)
        session = source.open_session(name, settings, network)
        session.meter.earlier_today = requests_today(landing, name, now)
        known = landing.known(name) if source.kind == "meetings" else {}
        for page in source.fetch(session, settings, window, known):
            if isinstance(page, Page):
                batch = source.parse(page, settings, context)
                outcome.add(batch)
                quarantine.keep(name, batch.unparsed, now)
                portion.add(batch)
            elif isinstance(page, Covered):
                outcome.hear(page)
            elif isinstance(page, Listed):
                listed.append(page)
            else:
                outcome.note(page)
            progress(outcome.pulled)
        portion.write()
        cancel_gone(landing, name, listed, pseudonyms, now)
        outcome.status = "partial" if outcome.error else "complete"
    except ConnectorError as error:
        portion.write()
        outcome.status = "partial" if outcome.landed else "failed"
        outcome.error, outcome.whole = str(error), ()
        raise
    except Exception as fault:
        outcome.status, outcome.whole = "failed", ()
        outcome.error = f"{name}: a fault in resfri ({type(fault).__name__}): report it with the log of this run"
        raise
    finally:
        if session is not None:
            outcome.requests, outcome.throttled = session.meter.requests, session.meter.throttled
        if outcome.error is not None or outcome.status == "complete":
            for row in outcome.rows():
                landing.record_pull(name, row, now)
        _warn(outcome)
    return outcome


def next_window(
    source: Source,
    settings: SourceSettings,
    last_complete: datetime | None,
    now: datetime,
    asked: Window | None = None,
) -> Window:
    """What a nightly run asks for: from the end of the last complete pull, at least the days in which records change.

    Args:
        source: the connector.
        settings: the connector's own; its ``limits`` say whether the documented history holds.
        last_complete: end of the last complete pull; None for the first.
        now: aware.
        asked: what the schedule asks for at least.

    Returns:
        A window that ends now and begins no earlier than the vendor remembers.
    """
    starts = [now - source.late, *([last_complete] if last_complete else []), *([asked.start] if asked else [])]
    history = source.remembers(settings)
    if last_complete is None and history is not None:
        starts.append(now - history)
    # whole days, so that what is counted by day is counted whole
    first = local_midnight(min(starts).astimezone(LOCAL).date())
    return within_history(source, settings, Window(first, now), now)


def within_history(source: Source, settings: SourceSettings, window: Window, now: datetime) -> Window:
    """The part of a window that the vendor still remembers; it may be empty.

    Asking for more would be answered with nothing, and nothing would then count as known.
    """
    history = source.remembers(settings)
    if history is None:
        return window
    first = now - history + timedelta(minutes=5)
    return replace(window, start=max(window.start, first), end=max(window.end, first))


def _try_quarantined_again(
    source: Source, name: str, settings: SourceSettings, context: Context, quarantine: Quarantine, portion: _Portion
) -> None:
    """A newer version may understand what an older one could not."""
    for record in quarantine.read(name):
        batch = source.parse(Page(record.what, record.body, {}), settings, context)
        if batch.landed and not batch.unparsed:
            portion.add(batch)
            portion.write()
            quarantine.release(name, record)


def requests_today(landing: Landing, name: str, now: datetime) -> int:
    """What a source has asked since 00:00 UTC, when vendors' daily limits begin anew."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    pulls = landing.pulls(name)
    return int(pulls.filter(pl.col("seen_at") >= today)["requests"].sum())


class _Portion:
    """Rows gathered until there are enough to write."""

    def __init__(self, landing: Landing, source: str, seen_at: datetime) -> None:
        self._landing, self._source, self._seen_at = landing, source, seen_at
        self._frames: dict[str, list[pl.DataFrame]] = {}
        self._rows = 0

    def add(self, batch: Batch) -> None:
        for name, frame in batch.frames.items():
            if frame.height:
                self._frames.setdefault(name, []).append(frame)
                self._rows += frame.height
        if self._rows >= PORTION:
            self.write()

    def write(self) -> None:
        frames = {name: pl.concat(parts, how="diagonal") for name, parts in self._frames.items()}
        if frames:
            self._landing.write(self._source, Batch(frames), self._seen_at)
        self._frames, self._rows = {}, 0


def _warn(outcome: Outcome) -> None:
    for (name, value), count in sorted(outcome.unknown_values.items()):
        _log.warning("%s: %s %r is not known; kept as unknown (%d times)", outcome.source, name, value, count)


def describe(outcome: Outcome) -> Mapping[str, Any]:
    """The outcome as plain values, for logs and metadata."""
    return {
        "window": f"{outcome.window.start:%Y-%m-%d %H:%M} – {outcome.window.end:%Y-%m-%d %H:%M} UTC",
        "status": outcome.status,
        "pulled": outcome.pulled,
        "landed": outcome.landed,
        "rejected": outcome.rejected,
        "excluded": dict(sorted(outcome.excluded.items())),
        "requests": outcome.requests,
        "throttled": outcome.throttled,
    }
