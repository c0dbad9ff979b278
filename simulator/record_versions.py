"""Which version of each call record can be seen at a moment, and what that version holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from simulator.calendar import MINUTE
from simulator.calls import SERVICE, TEAMS, Bools, Calls, Ints
from simulator.faults import Faults, Limits

KEPT = timedelta(days=30)
"""How long the vendor keeps call records (documented limits)."""
_EARLIER = 7 * MINUTE


@dataclass(frozen=True)
class Session:
    """A connection as one version tells it: its row among all sessions, start and end in microseconds."""

    row: int
    start: int
    end: int


@dataclass(frozen=True)
class Content:
    """What one version of a call record holds; instants in microseconds."""

    version: int
    modified: int
    start: int
    end: int
    sessions: list[Session]


class View:
    """The call records as they stand at one moment.

    Version ``v`` of ``n`` is written ``v / n`` of the way between the end of the call and the writing of the last.
    An earlier version misses the sessions that began last, or ends too early where there is only one.
    """

    def __init__(self, calls: Calls, rows: dict[str, int], now: datetime, limits: Limits, faults: Faults) -> None:
        """Look.

        Args:
            calls: all calls.
            rows: id of a call to its row.
            now: the moment, with zone.
            limits: whether records older than ``KEPT`` are gone.
            faults: the ones about single records.
        """
        self._calls, self._faults = calls, faults
        self._now = int(now.timestamp()) * 1_000_000
        self._step = (calls.modified - calls.end) // calls.version
        self._version: Ints = np.clip((self._now - calls.end) // self._step, 0, calls.version)
        self._start = calls.start.copy()
        self._start[[rows[record] for record in faults.earlier]] -= _EARLIER
        self._exists: Bools = (self._version > 0) & (calls.vendor == TEAMS)
        if limits == "documented":
            self._exists &= self._start >= self._now - KEPT // timedelta(microseconds=1)
        self._listed = self._exists.copy()
        self._listed[[rows[record] for record in faults.unlisted]] = False
        self._exists[[rows[record] for record in faults.gone]] = False

    def exists(self, call: int) -> bool:
        """Whether the record of a call can be read."""
        return bool(self._exists[call])

    def listed(self, since: int, until: int) -> list[int]:
        """Rows of the calls in the list with ``since <= start < until`` (microseconds)."""
        found: list[int] = np.flatnonzero(self._listed & (self._start >= since) & (self._start < until)).tolist()
        return found

    def content(self, call: int) -> Content:
        """What the newest version that has been written holds."""
        calls, version = self._calls, int(self._version[call])
        final = int(calls.version[call])
        sessions = [
            Session(row, int(calls.session_start[row]), int(calls.session_end[row])) for row in calls.sessions_of(call)
        ]
        if version < final:
            sessions = _so_far(sessions, version, final)
        modified = int(calls.end[call] + self._step[call] * version)
        record = calls.ids[call]
        if record in self._faults.without_last:
            sessions, version, modified = self._without_last(sessions), version + 1, self._now
        if record in self._faults.earlier:
            first = sessions[0]
            sessions = [Session(first.row, first.start - _EARLIER, first.end), *sessions[1:]]
            version, modified = version + 1, self._now
        ends = max(session.end for session in sessions)
        return Content(version, modified, sessions[0].start, ends, sessions)

    def _without_last(self, sessions: list[Session]) -> list[Session]:
        """Without anyone who came last; a call keeps at least its first participant."""
        who = self._calls.who
        comers = list(dict.fromkeys(int(who[session.row]) for session in sessions if who[session.row] != SERVICE))
        return [session for session in sessions if who[session.row] != comers[-1]] if len(comers) > 1 else sessions


def _so_far(sessions: list[Session], version: int, final: int) -> list[Session]:
    if len(sessions) > 1:
        return sessions[: max(1, len(sessions) * version // final)]
    only = sessions[0]
    return [Session(only.row, only.start, only.start + (only.end - only.start) * version // final)]
