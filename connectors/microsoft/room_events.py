"""Events in a room's calendar as Microsoft Graph describes them, as far as they are read.

Subject, text and names have no field here: they are never read. What a place is called is looked through for a
meeting's link and not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from connectors.json_records import Id, is_instant

BOOKING = "booking"
"""What a page holds: an array of events, each with the room in whose calendar it stands."""
MEETING_HOSTS = (
    "zoom.us", "webex.com", "teams.microsoft.com", "teams.live.com", "meet.google.com", "meet.lync.com",
    "gotomeeting.com", "whereby.com",
)  # fmt: skip
"""Hosts, and those below them, whose links lead to meetings."""
RESOURCE = "resource"
ROOM = "conferenceRoom"

_LINK = re.compile(r"(?:https://|sips?:)[^\s;,<>\"']+", re.IGNORECASE)


class _Moment(msgspec.Struct, rename="camel"):
    date_time: Annotated[datetime, msgspec.Meta(tz=False)]
    time_zone: str

    @property
    def instant(self) -> datetime:
        """The moment; it is asked for in UTC."""
        return self.date_time.replace(tzinfo=UTC)


class _Mail(msgspec.Struct):
    address: str | None = None


class _Party(msgspec.Struct, rename="camel"):
    type: str | None = None
    email_address: _Mail | None = None

    @property
    def address(self) -> str | None:
        """The address, in lower case."""
        return ((self.email_address.address if self.email_address else None) or "").casefold() or None


class _Location(msgspec.Struct, rename="camel"):
    display_name: str | None = None
    location_type: str | None = None
    location_uri: str | None = None


class _OnlineMeeting(msgspec.Struct, rename="camel"):
    join_url: str | None = None


class Event(msgspec.Struct, rename="camel"):
    """One occurrence of an event."""

    id: Id
    i_cal_u_id: Id = msgspec.field(name="iCalUId")
    start: _Moment
    end: _Moment
    is_cancelled: bool | None = None
    is_online_meeting: bool | None = None
    online_meeting: _OnlineMeeting | None = None
    online_meeting_url: str | None = None
    hide_attendees: bool | None = None
    location: _Location | None = None
    locations: list[_Location] | None = None
    organizer: _Party | None = None
    attendees: list[_Party] | None = None

    @property
    def places(self) -> list[_Location]:
        """Where it is held."""
        return [*([self.location] if self.location else []), *(self.locations or ())]

    def join_link(self, own_hosts: Sequence[str]) -> str | None:
        """The link to the online part: the vendor's own, else another's that was written as the place."""
        if self.online_meeting is not None and self.online_meeting.join_url:
            return self.online_meeting.join_url
        if self.online_meeting_url:
            return self.online_meeting_url
        return next((link for place in self.places for link in _links(place, (*MEETING_HOSTS, *own_hosts))), None)


class Booking(msgspec.Struct):
    """An event in the calendar of a room."""

    room: Id
    event: Event

    @property
    def invited(self) -> int | None:
        """How many people are asked to come, the organiser included; a distribution list counts as one.

        Rooms are not counted, whether asked as a resource, as a place or as if they were people. None where the
        calendar does not show who is asked.
        """
        event = self.event
        if event.attendees is None or event.hide_attendees:
            return None
        rooms = {self.room.casefold(), *(party.address for party in event.attendees if party.type == RESOURCE)}
        rooms.update((place.location_uri or "").casefold() for place in event.places if place.location_type == ROOM)
        asked = [*event.attendees, *([event.organizer] if event.organizer else [])]
        return len({party.address for party in asked} - rooms - {None})


def impossible(booking: Booking) -> str | None:
    """The field of a booking that cannot be meant; None if there is none."""
    event = booking.event
    for name, moment in (("start", event.start), ("end", event.end)):
        if moment.time_zone != "UTC":
            return f"event.{name}.timeZone"
        if not is_instant(moment.instant):
            return f"event.{name}.dateTime"
    return "event.end" if event.end.instant < event.start.instant else None


def _links(place: _Location, hosts: Sequence[str]) -> Iterator[str]:
    """Links to meetings in what a place is called; an address to call is always one."""
    for text in (place.display_name, place.location_uri):
        for link in _LINK.findall(text or ""):
            host = _host(link)
            if host is None or any(host == known or host.endswith(f".{known}") for known in hosts):
                yield link


def _host(link: str) -> str | None:
    try:
        return urlsplit(link).hostname
    except ValueError:
        return ""


SELECTED = ",".join(field.encode_name for field in msgspec.structs.fields(Event))
