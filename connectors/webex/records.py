"""Meetings and their participants as Webex describes them, as far as they are read.

Names, titles, tracking codes, telephone numbers, network addresses, companies and street addresses have no field here:
they are never read.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from connectors.json_records import Id, Instant, RecordReader, is_instant

MEETING = "meeting"
GONE = "gone_at_vendor"
"""How what the vendor no longer has is counted."""
"""What a page holds: an array of meetings with their version and participants."""


class Usage(msgspec.Struct, rename="camel"):
    """A meeting as the usage report shows it; durations are minutes."""

    meeting_id: Id
    start: Instant
    end: Instant | None = None
    duration: float | None = None
    meeting_number: str | int | None = None
    scheduled_type: str | None = None
    service_type: str | None = None
    host_email: str | None = None
    total_people_minutes: float | None = None
    total_participants: float | None = None
    total_participants_voip: float | None = None
    total_participants_call_in: float | None = None
    total_participants_call_out: float | None = None
    peak_attendee: float | None = None

    @property
    def counted(self) -> tuple[object, ...]:
        """Everything that is read and names nobody: what tells a revised meeting from an unchanged one."""
        return (
            self.start.timestamp(),
            self.end.timestamp() if self.end else None,
            self.duration,
            self.scheduled_type,
            self.service_type,
            *self.totals,
        )

    @property
    def totals(self) -> tuple[float | None, ...]:
        """The vendor's own counts."""
        return (
            self.total_people_minutes,
            self.total_participants,
            self.total_participants_voip,
            self.total_participants_call_in,
            self.total_participants_call_out,
            self.peak_attendee,
        )

    @property
    def ended_at(self) -> datetime | None:
        """The end, or the start and the minutes it lasted."""
        if self.end is not None and is_instant(self.end):
            return self.end
        return self.start + timedelta(minutes=self.duration) if self.duration is not None else None

    @property
    def telephones(self) -> float | None:
        """Participants by telephone; None if that is not told."""
        told = [n for n in (self.total_participants_call_in, self.total_participants_call_out) if n is not None]
        return sum(told) if told else None


class Device(msgspec.Struct, rename="camel"):
    """One connection of a participant."""

    correlation_id: str | None = None
    device_type: str | None = None
    audio_type: str | None = None
    call_type: str | None = None
    joined_time: Instant | None = None
    left_time: Instant | None = None


class Participant(msgspec.Struct, rename="camel"):
    """Somebody, or a room, who was in a meeting or in its lobby."""

    id: Id
    org_id: str | None = None
    email: str | None = None
    state: str | None = None
    video: str | None = None
    joined_time: Instant | None = None
    left_time: Instant | None = None
    devices: list[Device] | None = None

    @property
    def was_let_in(self) -> bool:
        """Whether they came further than the lobby."""
        return self.state != "lobby"


class Meeting(msgspec.Struct):
    """A meeting of the usage report with what we add to it when we fetch it."""

    version: int
    usage: Usage
    participants: list[Participant] | None = None
    """None where they were not asked for, or are not there."""
    is_without_participants: bool = False
    """They were asked for and are not there: the meeting lands with the report's own counts, and is asked for again."""


def _impossible(meeting: Meeting) -> str | None:
    usage = meeting.usage
    if not is_instant(usage.start):
        return "usage.start"
    if usage.duration is not None and not 0 <= usage.duration <= 366 * 24 * 60:
        return "usage.duration"
    return "usage.totals" if any(number is not None and number < 0 for number in usage.totals) else None


READER = RecordReader(Meeting, MEETING, _impossible)
