"""Who was in a call and how they are called: what the reports of Zoom, Webex and Meeting Server are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.calls import SHARE, VIDEO, Calls, Identity
from simulator.municipality import Municipality
from simulator.people import OutsidePerson, Person, Room

_MINUTE = 60_000_000


@dataclass(frozen=True)
class Attendee:
    """An identity in a call, and the rows of its sessions."""

    identity: Identity
    number: int
    """Position among all identities."""
    rows: tuple[int, ...]
    person: Person | None = None
    room: Room | None = None
    outsider: OutsidePerson | None = None

    @property
    def name(self) -> str:
        """What others see in the list of participants."""
        if self.outsider is not None:
            return self.outsider.display_name
        return self.identity.display_name or self.identity.id


@dataclass(frozen=True)
class Meeting:
    """A call with everyone in it."""

    call: int
    attendees: tuple[Attendee, ...]
    host: Person
    rows: Sequence[int]
    media: int

    @property
    def title(self) -> str:
        """Titles name people, as they do in life."""
        return f"Avstämning med {self.host.display_name}"

    @property
    def has_video(self) -> bool:
        """Whether anyone was seen."""
        return bool(self.media & VIDEO)

    @property
    def has_sharing(self) -> bool:
        """Whether anyone showed a screen."""
        return bool(self.media & SHARE)

    def has(self, kind: str) -> bool:
        """Whether an identity of a kind took part."""
        return any(each.identity.kind == kind for each in self.attendees)

    def minutes(self, calls: Calls) -> int:
        """Started minutes of all connections together."""
        return sum(started_minutes(int(calls.session_end[row] - calls.session_start[row])) for row in self.rows)


def attend(municipality: Municipality, call: int) -> Meeting:
    """Look up who was in a call of the municipality's own people."""
    calls, cast = municipality.calls, municipality.cast
    sessions: dict[int, list[int]] = {}
    media = 0
    for row in calls.sessions_of(call):
        sessions.setdefault(int(calls.who[row]), []).append(row)
        media |= int(calls.media[row])
    attendees = []
    for number, rows in sessions.items():
        identity = cast.identities[number]
        person = municipality.people[number] if identity.kind == "user" else None
        room = municipality.rooms[number - cast.first_room] if identity.kind == "room" else None
        outsider = municipality.outside[number - cast.first_outside] if identity.kind == "outside" else None
        attendees.append(Attendee(identity, number, tuple(rows), person, room, outsider))
    host = municipality.people[int(calls.organiser[call])]
    return Meeting(call, tuple(attendees), host, calls.sessions_of(call), media)


def started_minutes(duration: int) -> int:
    """A duration in microseconds as vendors bill it."""
    return -(-duration // _MINUTE)
