"""The calendars of the rooms as Graph JSON, and who may not be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property

from simulator.bookings import Booking
from simulator.calls import NO_THREAD
from simulator.graph_payloads import Json, instant_text, join_url
from simulator.graph_requests import GraphError, bad
from simulator.municipality import Municipality
from simulator.people import Person, Room

PROPERTIES = (
    "id iCalUId subject bodyPreview start end isAllDay isCancelled isOnlineMeeting onlineMeetingProvider onlineMeeting "
    "onlineMeetingUrl hideAttendees location locations organizer attendees type sensitivity showAs"
).split()
"""What is known of an event; all of it is given without ``$select``."""


class Calendars:
    """The room mailboxes' calendars; the application may look at no others."""

    def __init__(self, municipality: Municipality) -> None:
        self._municipality = municipality

    @cached_property
    def _events(self) -> Mapping[int, Sequence[tuple[int, Booking]]]:
        """Per room its events, each with its number."""
        found: dict[int, list[tuple[int, Booking]]] = {row: [] for row in range(len(self._municipality.rooms))}
        for number, booking in enumerate(self._municipality.bookings):
            for room in booking.rooms:
                found[room].append((number, booking))
        return found

    def find(self, mailbox: str, query: Mapping[str, str]) -> tuple[Room, Sequence[tuple[int, Booking]]]:
        """A room, and its events that overlap the time asked for.

        Raises:
            GraphError: there is no such mailbox, it is a person's, or the time is not understood.
        """
        since, until = (_moment(query.get(name)) for name in ("startDateTime", "endDateTime"))
        for row, room in enumerate(self._municipality.rooms):
            if mailbox.casefold() in (room.mail, room.entra_id):
                events = self._events[row]
                return room, [event for event in events if event[1].start < until and event[1].end > since]
        if any(mailbox.casefold() in (who.upn, who.mail, who.entra_id) for who in self._municipality.people):
            raise GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        raise GraphError(404, "ErrorInvalidUser", f"The requested user '{mailbox}' is invalid.")

    def event(self, room: Room, number: int, booking: Booking) -> Json:
        """An event as it stands in the calendar of a room."""
        people, rooms = self._municipality.people, self._municipality.rooms
        organiser = people[booking.organiser]
        is_online = booking.thread != NO_THREAD
        identity = self._municipality.cast.identities[booking.organiser]
        link = join_url(booking.thread, identity, self._municipality.tenant_id)
        places = [_place(rooms[row]) for row in booking.rooms]
        return {
            "id": f"AAMkADexempelby{number:08}{room.entra_id[:8]}",
            "iCalUId": f"040000008200E00074C5B7101A82E008{number:016X}",
            "subject": f"Möte hos {organiser.display_name}",
            "bodyPreview": "",
            "start": _zoned(booking.start),
            "end": _zoned(booking.end),
            "isAllDay": False,
            "isCancelled": booking.is_cancelled,
            "isOnlineMeeting": is_online,
            "onlineMeetingProvider": "teamsForBusiness" if is_online else "unknown",
            "onlineMeeting": {"joinUrl": link} if is_online else None,
            "onlineMeetingUrl": None,
            "hideAttendees": False,
            "location": places[0],
            "locations": places,
            "organizer": {"emailAddress": _mail(organiser)},
            "attendees": [
                *(_asked("required", _mail(people[who])) for who in booking.invited),
                *(_asked("resource", _mail(rooms[row])) for row in booking.rooms),
            ],
            "type": "singleInstance",
            "sensitivity": "normal",
            "showAs": "free" if booking.is_cancelled else "busy",
        }


def _mail(whose: Person | Room) -> Json:
    name = whose.name if isinstance(whose, Room) else whose.display_name
    return {"name": name, "address": whose.mail}


def _asked(kind: str, address: Json) -> Json:
    return {"type": kind, "status": {"response": "none", "time": "0001-01-01T00:00:00Z"}, "emailAddress": address}


def _place(room: Room) -> Json:
    return {
        "displayName": room.name,
        "locationType": "conferenceRoom",
        "locationUri": room.mail,
        "uniqueId": room.mail,
        "uniqueIdType": "directory",
    }


def _zoned(at: int) -> Json:
    return {"dateTime": f"{instant_text(at).removesuffix('Z')}.0000000", "timeZone": "UTC"}


def _moment(text: str | None) -> int:
    """Microseconds since 1970; without an offset it is UTC."""
    if text is None:
        raise bad("This request requires a time window specified by StartDateTime and EndDateTime.")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad(f"The value '{text}' of a parameter is not a valid date and time.") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(at.timestamp()) * 1_000_000 + at.microsecond
