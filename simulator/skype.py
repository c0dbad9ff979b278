"""Conferences as an administrator exports them from Skype for Business Server's call detail records (LcsCDR).

One row for each joining, one for each media server a person was on beside it, conferences of written messages alone,
and the server's own test conferences: as the database has them, in UTF-16 with tabs.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from simulator.attendance import Meeting, attend
from simulator.calendar import local_date
from simulator.calls import SHARE, SKYPE
from simulator.municipality import Municipality
from simulator.people import DOMAIN
from simulator.vendor_api import moment

COLUMNS = (
    "SessionIdTime",
    "SessionIdSeq",
    "ConferenceStartTime",
    "ConferenceEndTime",
    "Flag",
    "OrganizerUri",
    "UserUri",
    "IsUserInternal",
    "UserJoinTime",
    "UserLeaveTime",
    "McuType",
)
_TEST = 1
"""Bit of ``Flag`` that marks the server's own conferences."""
_CHAT_EVERY = 9
"""Every so many conferences have one of messages alone beside them."""

Row = Sequence[object]


def write_lcscdr(municipality: Municipality, folder: Path) -> list[tuple[Path, date, date]]:
    """Write a file for each month in which Skype was used.

    Args:
        municipality: whose.
        folder: made if it does not exist.

    Returns:
        Each file with the days it covers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_month: dict[date, list[int]] = defaultdict(list)
    for call in np.flatnonzero(municipality.calls.vendor == SKYPE).tolist():
        by_month[local_date(int(municipality.calls.start[call])).replace(day=1)].append(call)
    written = []
    for first, calls in sorted(by_month.items()):
        path = folder / f"lcscdr-{first:%Y-%m}.txt"
        with path.open("w", encoding="utf-16", newline="") as file:
            writer = csv.writer(file, delimiter="\t")
            writer.writerow(COLUMNS)
            writer.writerows(_rows(municipality, first, calls))
        written.append((path, first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)))
    return written


def _rows(municipality: Municipality, first: date, calls: Sequence[int]) -> Iterator[Row]:
    night = datetime.combine(first.replace(day=2), time(1))
    yield _row(night, 1, night, _TEST, f"synthetic@{DOMAIN}", f"synthetic@{DOMAIN}", night, "NULL", inside=True)
    for number, call in enumerate(calls, 2):
        yield from _conference(municipality, attend(municipality, call), number)


def _conference(municipality: Municipality, meeting: Meeting, number: int) -> Iterator[Row]:
    calls = municipality.calls
    start, end = (_naive(int(each[meeting.call])) for each in (calls.start, calls.end))
    for who in meeting.attendees:
        address = who.person.upn if who.person else who.outsider.upn if who.outsider else who.identity.id
        for row in who.rows:
            joined, left = _naive(int(calls.session_start[row])), _naive(int(calls.session_end[row]))
            about = (start, number, end, 0, meeting.host.upn, f"sip:{address}", joined)
            yield _row(*about, left, inside=who.person is not None)
            yield _row(*about, left, inside=who.person is not None, server="audio-video")
            if calls.media[row] & SHARE:
                yield _row(*about, left, inside=who.person is not None, server="applicationsharing")
    if number % _CHAT_EVERY == 0:
        host = f"sip:{meeting.host.upn}"
        for server in ("NULL", "chat"):
            yield _row(start, 100_000 + number, end, 0, meeting.host.upn, host, start, end, inside=True, server=server)


def _row(
    start: datetime,
    number: int,
    end: datetime,
    flag: int,
    organiser: str,
    who: str,
    joined: datetime,
    left: datetime | str,
    *,
    inside: bool,
    server: str = "focus",
) -> Row:
    ends = left if isinstance(left, str) else f"{left:%Y-%m-%d %H:%M:%S}.000"
    named = (f"{each:%Y-%m-%d %H:%M:%S}.000" for each in (start, end, joined))
    began, ended, came = named
    return (began, number, began, ended, flag, f"sip:{organiser}", who, int(inside), came, ends, server)


def _naive(at: int) -> datetime:
    """The server writes UTC and does not say so."""
    return moment(at).replace(tzinfo=None)
