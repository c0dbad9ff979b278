"""What of a window Cisco Meeting Servers are known to have told, and how many records never came.

Nobody can be asked for what is missing, but records are numbered without a hole in each session of a bridge: what lies
between two consecutive numbers is known whole, a jump is a loss, and after the last record nothing is known yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from connectors.source import Covered, Gap, Window

SILENT = timedelta(days=3)
"""A bridge that is silent for longer than the others no longer holds up what is known."""
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, order=True)
class Mark:
    """That a record is here."""

    session: str
    index: int
    at: datetime
    missing: int
    bridge: str | None


def covered(marks: Iterable[Mark], window: Window) -> Covered | None:
    """What is known of a window; None if nothing is.

    Args:
        marks: of the records in the window, and of each session's nearest before and after it, each record once.
        window: asked for.
    """
    sessions: dict[str, list[Mark]] = defaultdict(list)
    for mark in sorted(marks, key=lambda mark: (mark.session, mark.index)):
        sessions[mark.session].append(mark)
    if not sessions:
        return None
    start = max(window.start, min(mark.at for own in sessions.values() for mark in own))
    end = min(window.end, _heard_until(sessions))
    if start > end:
        return None
    known = Window(start, end)
    gaps = [gap for own in sessions.values() for gap in _gaps(own, sessions) if _overlap(gap.window, known)]
    return Covered(known, tuple(sorted(gaps, key=lambda gap: (gap.window.start, gap.window.end))))


def _heard_until(sessions: dict[str, list[Mark]]) -> datetime:
    """Until when every bridge in use has been heard; one that has started anew is heard in its newer session."""
    last = {session: max(mark.at for mark in own) for session, own in sessions.items()}
    newest = max(last.values())
    in_use = [
        last[session]
        for session, own in sessions.items()
        if last[session] >= newest - SILENT and not any(_follows(other, own) for other in sessions.values())
    ]
    return min(in_use, default=newest)


def _follows(other: list[Mark], own: list[Mark]) -> bool:
    return own[0].bridge is not None and other[0].bridge == own[0].bridge and other[0].at > own[0].at


def _gaps(own: list[Mark], sessions: dict[str, list[Mark]]) -> Iterable[Gap]:
    first = own[0]
    earlier = [marks[-1].at for marks in sessions.values() if marks[0].at < first.at]
    if max(first.index, first.missing) and earlier:
        # the bridge's session before this one says since when something can be missing
        before = [marks[-1].at for marks in sessions.values() if _follows(own, marks)]
        yield Gap(Window(min(max(before, default=first.at), first.at), first.at + _SECOND),
                  max(first.index, first.missing))  # fmt: skip
    run = 1
    for previous, mark in pairwise(own):
        jump = mark.index - previous.index - 1
        run = 1 if jump else run + 1
        # of the records that the bridge gave up on, those that came another way are not missing
        missing = max(jump, mark.missing - (0 if jump else run - 1))
        if missing > 0:
            begin, end = sorted((previous.at, mark.at))
            yield Gap(Window(begin, end + _SECOND), missing)


def _overlap(one: Window, other: Window) -> bool:
    return one.start < other.end and one.end > other.start
