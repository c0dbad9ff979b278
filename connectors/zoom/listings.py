"""Meetings as Zoom lists them, in three ways, as far as they are read.

Each way has a struct that becomes a :class:`Listing`. Topics and names have no field: they are never read. Moments are
text to msgspec, because the vendor writes an empty text where there is none.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from connectors.json_records import Id, is_instant

KINDS: Mapping[int | str | None, str] = {
    1: "ad_hoc", 2: "scheduled", 3: "scheduled", 8: "scheduled", 5: "broadcast", 6: "broadcast", 9: "broadcast",
    "Webinar": "broadcast",
}  # fmt: skip
"""``type`` of a meeting, a number in a host's list and a word in the history, to how it came about."""
KINDS_UNTOLD = frozenset((4, 7, "Meeting", None))
"""Personal rooms (4), personal audio conferences (7) and what the history calls a meeting may be planned or not."""

_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class Listing:
    """What a list tells of a meeting; None where it does not tell."""

    uuid: str
    number: str
    type: int | str | None
    host: str | None
    started_at: datetime
    ended_at: datetime | None
    people: int | None
    minutes: float | None
    has_room: bool | None = None
    has_telephone: bool | None = None
    has_video: bool | None = None

    @property
    def kind(self) -> str:
        """How the meeting came about."""
        return KINDS.get(self.type, "unknown")

    @property
    def extent(self) -> tuple[str, int, float]:
        """Grows as more of a meeting is told; to choose between two rows of one meeting."""
        return (str(self.ended_at or ""), self.people or 0, self.minutes or 0.0)

    @property
    def fingerprint(self) -> int:
        """A number of 32 bits that changes when the list says something else about how the meeting went."""
        told = (self.started_at.isoformat(), str(self.ended_at), self.people, self.minutes)
        return zlib.crc32(repr(told).encode())


class Features(msgspec.Struct):
    """What was used in a meeting."""

    screen_sharing: bool | None = None
    video_on: bool | None = None
    telephone_usage: bool | None = None
    join_by_room: bool | None = None


class History(msgspec.Struct):
    """A meeting or webinar in ``/report/history_meetings``."""

    meeting_uuid: Id
    start_time: Id
    end_time: str | None = None
    meeting_id: int | str | None = None
    type: str | None = None
    host_email: str | None = None
    participants: int | None = None
    duration: float | None = None
    """Minutes."""
    total_participant_minutes: float | None = None
    feature_used: Features | None = None

    @property
    def listing(self) -> Listing:
        """The same in the words of all lists."""
        used = self.feature_used or Features()
        start = moment(self.start_time)
        return Listing(
            self.meeting_uuid, str(self.meeting_id), self.type, self.host_email, start,
            _end(start, self.end_time, self.duration), self.participants or None, self.total_participant_minutes,
            used.join_by_room, used.telephone_usage, any_of(used.video_on, used.screen_sharing),
        )  # fmt: skip


class DashboardMeeting(msgspec.Struct):
    """A meeting in ``/metrics/meetings``."""

    uuid: Id
    start_time: Id
    end_time: str | None = None
    id: int | str | None = None
    email: str | None = None
    participants: int | None = None
    duration: str | float | None = None
    """``HH:MM:SS`` or ``MM:SS``."""
    has_pstn: bool | None = None
    has_sip: bool | None = None
    has_video: bool | None = None
    has_screen_share: bool | None = None

    @property
    def listing(self) -> Listing:
        """The same in the words of all lists."""
        start = moment(self.start_time)
        return Listing(
            self.uuid, str(self.id), None, self.email, start, _end(start, self.end_time, _clock(self.duration)),
            self.participants or None, None,
            self.has_sip or None,  # rooms of Zoom's own do not count as SIP, so that no SIP means nothing
            self.has_pstn, any_of(self.has_video, self.has_screen_share),
        )  # fmt: skip


class HostedMeeting(msgspec.Struct):
    """A meeting in ``/report/users/{userId}/meetings``."""

    uuid: Id
    start_time: Id
    end_time: str | None = None
    id: int | str | None = None
    type: int | None = None
    user_email: str | None = None
    participants_count: int | None = None
    duration: float | None = None
    """Minutes."""
    total_minutes: float | None = None
    has_screen_share: bool | None = None

    @property
    def listing(self) -> Listing:
        """The same in the words of all lists."""
        start = moment(self.start_time)
        return Listing(
            self.uuid, str(self.id), self.type, self.user_email, start,
            _end(start, self.end_time, self.duration), self.participants_count or None, self.total_minutes,
            has_video=self.has_screen_share or None,
        )  # fmt: skip


SHAPES: Mapping[str, msgspec.json.Decoder[Any]] = {
    "history": msgspec.json.Decoder(History),
    "dashboard": msgspec.json.Decoder(DashboardMeeting),
    "hosted": msgspec.json.Decoder(HostedMeeting),
}
"""List to what reads one of its rows; the names are the fields of :class:`Meeting`."""


def reads(text: str | None) -> bool:
    """Whether there is no moment, or one that can be meant."""
    if text is None:
        return True
    try:
        return is_instant(moment(text))
    except ValueError:
        return False


def moment(text: str) -> datetime:
    """A moment as the vendor writes it.

    Raises:
        ValueError: it is none, or has no zone.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("without zone")
    return at


def moment_or_none(text: str | None) -> datetime | None:
    """A moment; None for an empty text. Raises as :func:`moment`."""
    return moment(text) if text else None


def _end(start: datetime, told: str | None, minutes: float | None) -> datetime | None:
    if told:
        return moment(told)
    return start + timedelta(minutes=minutes) if minutes else None


def _clock(text: str | float | None) -> float | None:
    """Minutes in ``HH:MM:SS`` or ``MM:SS``; None for anything else, such as a number of unknown unit."""
    found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 60 + minutes + seconds / 60


def any_of(*flags: bool | None) -> bool | None:
    """Whether any of what is known is so; None if nothing is known."""
    known = [flag for flag in flags if flag is not None]
    return any(known) if known else None
