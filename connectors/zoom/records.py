"""Connections as Zoom reports them, in two ways, and what a page of the connector holds.

Names, network addresses, machine names and the reasons people gave for leaving have no field: they are never read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from connectors.json_records import RecordReader
from connectors.zoom.listings import DashboardMeeting, History, HostedMeeting, Listing, any_of, moment_or_none, reads

MEETING, DAY = "zoom_meeting", "zoom_day"
"""What a page holds: an array of :class:`Meeting` or of :class:`Day`."""
NOT_READY = "not_ready"
"""Rule under which meetings count that go on, and those of which the vendor does not say, or not yet, who was there.
These land as they are listed, and every run that lists them asks again."""
WAITING = "in_waiting_room"


@dataclass(frozen=True)
class Connection:
    """One connection to a meeting; None where the vendor does not tell."""

    user: str | None
    mail: str | None
    mark: str
    """What tells connections of one meeting apart."""
    joined_at: datetime | None
    left_at: datetime | None
    is_waiting: bool
    device: str | None = None
    people_in_room: int | None = None
    screen_share: bool | None = None


class ReportParticipant(msgspec.Struct):
    """A connection in ``/report/meetings/{meetingId}/participants``."""

    id: str | None = None
    user_id: int | str | None = None
    user_email: str | None = None
    join_time: str | None = None
    leave_time: str | None = None
    duration: float | None = None
    """Seconds."""
    status: str | None = None

    @property
    def connection(self) -> Connection:
        """The same in the words of both reports."""
        joined, left = moment_or_none(self.join_time), moment_or_none(self.leave_time)
        if left is None and joined is not None and self.duration is not None:
            left = joined + timedelta(seconds=self.duration)
        mark = _mark(self.user_id, self.id, self.user_email, self.join_time)
        is_waiting = self.status == WAITING
        return Connection(self.id or None, self.user_email or None, mark, joined, left, is_waiting)


class DashboardParticipant(msgspec.Struct):
    """A connection in ``/metrics/meetings/{meetingId}/participants``."""

    id: str | None = None
    user_id: int | str | None = None
    email: str | None = None
    device: str | None = None
    in_room_participants: int | None = None
    join_time: str | None = None
    leave_time: str | None = None
    status: str | None = None
    share_application: bool | None = None
    share_desktop: bool | None = None
    share_whiteboard: bool | None = None

    @property
    def connection(self) -> Connection:
        """The same in the words of both reports."""
        return Connection(
            self.id or None, self.email or None, _mark(self.user_id, self.id, self.email, self.join_time),
            moment_or_none(self.join_time), moment_or_none(self.leave_time), self.status == WAITING, self.device,
            self.in_room_participants, any_of(self.share_application, self.share_desktop, self.share_whiteboard),
        )  # fmt: skip


class Meeting(msgspec.Struct, omit_defaults=True):
    """A meeting as one of the lists shows it, and who was connected if that was asked and told."""

    history: History | None = None
    dashboard: DashboardMeeting | None = None
    hosted: HostedMeeting | None = None
    revision: int = 1
    """See :func:`revision_after`."""
    is_whole: bool = True
    """False if the vendor was asked who was connected and did not say, or not yet."""
    report: list[ReportParticipant] | None = None
    metrics: list[DashboardParticipant] | None = None
    account: list[str] | None = None
    """Who of them has an account here, by id and address in small letters; None if that was not asked."""

    @property
    def listing(self) -> Listing:
        """What the list told."""
        listed = self.history or self.dashboard or self.hosted
        if listed is None:
            raise AttributeError("a meeting in no list")
        return listed.listing

    @property
    def version(self) -> int:
        """Grows with every change: see :func:`revision_after`."""
        return self.revision << _REVISION_BITS | (_WHOLE if self.is_whole else 0) | self.listing.fingerprint

    @property
    def connections(self) -> list[Connection] | None:
        """Who was connected, those who never left the waiting room too; None if it is not known."""
        rows: list[ReportParticipant] | list[DashboardParticipant] | None = self.metrics or self.report
        return None if rows is None else [row.connection for row in rows]


_WHOLE, _REVISION_BITS = 1 << 32, 33


def revision_after(known: int | None, fingerprint: int) -> int | None:
    """The revision of a meeting that the list shows; None if that content is landed whole already.

    Zoom has no version of its own. Ours is, from the highest bit to the lowest: how often the list said something new
    about the meeting; whether who was connected is known; the fingerprint of what the list says. It grows with every
    change, also one that makes a meeting shorter or smaller, and when late connections come, and stays where nothing
    changed.
    """
    if known is None:
        return 1
    if known & (_WHOLE - 1) != fingerprint:
        return (known >> _REVISION_BITS) + 1
    return None if known & _WHOLE else known >> _REVISION_BITS


class Day(msgspec.Struct):
    """One day in the vendor's own count."""

    told_date: str = msgspec.field(name="date")
    meetings: int
    participants: int | None = None

    @property
    def day(self) -> date:
        """The day; the vendor writes it with or without a time."""
        return date.fromisoformat(self.told_date[:10])


def _impossible(meeting: Meeting) -> str | None:
    """The field that holds something that cannot be."""
    name, listed = next(
        ((name, each) for name in ("history", "dashboard", "hosted") if (each := getattr(meeting, name))),
        ("list", None),
    )
    if listed is None:
        return name
    if not reads(listed.start_time):
        return f"{name}.start_time"
    if not reads(listed.end_time or None):
        return f"{name}.end_time"
    return next(_unread(meeting), None)


def _unread(meeting: Meeting) -> Iterator[str]:
    for name in ("report", "metrics"):
        for row in getattr(meeting, name) or ():
            for field in ("join_time", "leave_time"):
                if not reads(getattr(row, field) or None):
                    yield f"{name}.{field}"


def _impossible_day(day: Day) -> str | None:
    try:
        return None if day.day and day.meetings >= 0 else "meetings"
    except ValueError:
        return "date"


MEETINGS = RecordReader(Meeting, MEETING, _impossible)
DAYS = RecordReader(Day, DAY, _impossible_day)


def _mark(*parts: int | str | None) -> str:
    return "/".join("" if part is None else str(part) for part in parts)
