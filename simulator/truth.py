"""What really happened, counted record by record without any of the system's own code.

Straightforward and slow on purpose: the SQL models are compared with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from simulator.bookings import Booking
from simulator.calendar import Period, local_date
from simulator.calls import (
    GROUP,
    NO_THREAD,
    PEER,
    SERVICE,
    SHARE,
    TEAMS,
    VENDORS,
    VIDEO,
    ZOOM,
    Calls,
    Cast,
    Identity,
    iterate,
    people_in_room,
)
from simulator.journeys import Floats, Journey
from simulator.people import Person
from simulator.tickets import RailBooking

_MINUTE = 60_000_000
_EVENING = (*range(18, 24), *range(6))
"""The hours of the day that are evening and night."""


@dataclass
class PlatformTruth:
    """One month's digital meetings on one platform."""

    meetings: int = 0
    attended: int = 0
    distinct_people: int = 0
    person_minutes: float = 0.0


@dataclass
class MonthTruth:
    """One month by the Swedish date of the start.

    Meetings: web and video from 2 distinct people or rooms, telephone from 3. A person who dials in from the number
    in the directory is that person.
    """

    month: str
    digital_meetings: int = 0
    """Group meetings that count, each once, whoever called them."""
    digital_phone: int = 0
    digital_web: int = 0
    digital_video: int = 0
    organised_internally: int = 0
    """Of them, called by someone of the municipality."""
    spanning_organised_internally: int = 0
    """Of them, with people from at least two sites or from outside."""
    attended: int = 0
    """Pairs of a digital meeting and one of the municipality's people in it."""
    distinct_people: int = 0
    """The municipality's people in at least one digital meeting."""
    person_minutes: float = 0.0
    """Minutes of the municipality's people in digital meetings; overlapping connections count once."""
    by_platform: dict[str, PlatformTruth] = field(default_factory=dict)
    """The same by the platform the meetings took place on."""
    peer_to_peer_calls: int = 0
    """Calls between two, answered or not; test calls are none."""
    meeting_forms: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("digital", "hybrid", "physical"), 0))
    """Digital meetings by whether some sat together in a room, and meetings in a booked room that were not digital.
    Two or more sit together where a room's system counts them, or where they are invited to a room; what was cancelled
    is not held."""
    fte: float = 0.0
    trips: int = 0
    meeting_trips: int = 0
    km: int = 0
    cost_sek: float = 0.0
    travel_days: int = 0
    trips_by_mode: dict[str, int] = field(default_factory=dict)
    rail_hours: float = 0.0
    """Hours in trains, of the journeys that began in the month."""
    rail_evening_hours: float = 0.0
    """Of them, between 18 and 6 by the clock."""


@dataclass(frozen=True)
class Truth:
    """The known effect and the true figures of every month."""

    effect: float
    first_month_after: str
    """The effect works from this month on."""
    months: tuple[MonthTruth, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


def find_truth(
    calls: Calls,
    cast: Cast,
    people: Sequence[Person],
    journeys: Iterable[Journey],
    fte: Floats,
    period: Period,
    effect: float,
    tickets: Mapping[str, RailBooking] | None = None,
    bookings: Sequence[Booking] = (),
) -> Truth:
    """Count everything."""
    months = {f"{first:%Y-%m}": MonthTruth(f"{first:%Y-%m}") for first in period.firsts}
    for column, month in enumerate(months.values()):
        month.fte = round(float(fte[:, column].sum()), 2)
    _count_meetings(calls, cast, people, months)
    _count_forms(calls, cast, bookings, months)
    for call in iterate(calls, PEER):
        if not any(calls.is_test[row] for row in calls.sessions_of(call)):
            months[_month(calls, call)].peer_to_peer_calls += 1
    _count_journeys(journeys, months)
    _count_hours(journeys, tickets or {}, months)
    after = f"{period.month(period.months // 2):%Y-%m}"
    return Truth(effect, after, tuple(months.values()))


def _month(calls: Calls, call: int) -> str:
    return f"{local_date(int(calls.start[call])):%Y-%m}"


def _participant(identity: Identity) -> str:
    return identity.id if identity.person is None else f"person {identity.person}"


def _count_meetings(calls: Calls, cast: Cast, people: Sequence[Person], months: dict[str, MonthTruth]) -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    seen_on: dict[tuple[str, str], set[int]] = defaultdict(set)
    for call in iterate(calls, GROUP):
        rows, present, modality = _present(calls, cast, call)
        if modality is None:
            continue
        month = months[_month(calls, call)]
        month.digital_meetings += 1
        setattr(month, f"digital_{modality}", getattr(month, f"digital_{modality}") + 1)
        ours = {identity.person for identity in present if identity.person is not None}
        month.attended += len(ours)
        seen[month.month] |= ours
        platform = VENDORS[calls.vendor[call]]
        there = month.by_platform.setdefault(platform, PlatformTruth())
        there.meetings += 1
        there.attended += len(ours)
        seen_on[month.month, platform] |= ours
        organiser = cast.identities[calls.organiser[call]]
        if organiser.person is not None:
            month.organised_internally += 1
            sites = {people[person].site for person in ours}
            if len(sites) >= 2 or any(identity.kind == "outside" for identity in present):
                month.spanning_organised_internally += 1
        for person in ours:
            spans = [
                (int(calls.session_start[row]), int(calls.session_end[row]))
                for row, identity in zip(rows, present, strict=True)
                if identity.person == person
            ]
            month.person_minutes += _union(spans) / _MINUTE
            there.person_minutes += _union(spans) / _MINUTE
    for name, persons in seen.items():
        months[name].distinct_people = len(persons)
    for (name, platform), persons in seen_on.items():
        months[name].by_platform[platform].distinct_people = len(persons)


def _present(calls: Calls, cast: Cast, call: int) -> tuple[list[int], list[Identity], str | None]:
    """The sessions of a call and whose they are, and its modality; None if it is no digital meeting."""
    rows = [row for row in calls.sessions_of(call) if calls.who[row] != SERVICE and not calls.is_test[row]]
    present = [cast.identities[calls.who[row]] for row in rows]
    modality = _modality(present, [int(calls.media[row]) for row in rows])
    is_met = len({_participant(identity) for identity in present}) >= (3 if modality == "phone" else 2)
    return rows, present, modality if is_met else None


def _count_forms(calls: Calls, cast: Cast, bookings: Sequence[Booking], months: dict[str, MonthTruth]) -> None:
    linked: dict[int, list[int]] = defaultdict(list)
    for call in iterate(calls, GROUP):
        if calls.vendor[call] == TEAMS and calls.thread[call] != NO_THREAD:
            linked[int(calls.thread[call])].append(call)
    with_a_room: set[int] = set()
    for booking in bookings:
        if booking.is_cancelled:
            continue
        held = [
            call
            for call in linked.get(booking.thread, ())
            if calls.start[call] < booking.end and calls.end[call] > booking.start
        ]
        if booking.people >= 2:
            with_a_room.update(held[:1])
            if not held:
                months[f"{local_date(booking.start):%Y-%m}"].meeting_forms["physical"] += 1
    for call in iterate(calls, GROUP):
        rows, present, modality = _present(calls, cast, call)
        if modality is not None:
            is_counted = calls.vendor[call] == ZOOM and any(
                identity.kind == "room" and people_in_room(row) >= 2
                for row, identity in zip(rows, present, strict=True)
            )
            # somebody is elsewhere: people with a connection of their own, or those in another room
            rooms = {identity.id for identity in present if identity.kind == "room"}
            is_spread = len(rooms) >= 2 or any(identity.kind != "room" for identity in present)
            is_together = is_counted or call in with_a_room
            form = "hybrid" if is_together and is_spread else "digital"
            months[_month(calls, call)].meeting_forms[form] += 1


def _modality(present: Sequence[Identity], media: Sequence[int]) -> str:
    if any(identity.kind == "room" for identity in present):
        return "video"
    if any(identity.kind == "phone" for identity in present) and not any(used & (VIDEO | SHARE) for used in media):
        return "phone"
    return "web"


def _union(spans: list[tuple[int, int]]) -> int:
    """Microseconds covered by at least one span."""
    covered, until = 0, 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, until))
        until = max(until, end)
    return covered


def _count_journeys(journeys: Iterable[Journey], months: dict[str, MonthTruth]) -> None:
    for journey in journeys:
        month = months[f"{journey.departs:%Y-%m}"]
        month.trips += 1
        month.meeting_trips += journey.is_for_a_meeting
        month.km += 2 * journey.km_one_way
        month.cost_sek = round(month.cost_sek + journey.cost_ore / 100, 2)
        month.travel_days += (journey.returns - journey.departs).days + 1
        month.trips_by_mode[journey.mode] = month.trips_by_mode.get(journey.mode, 0) + 1


def _count_hours(
    journeys: Iterable[Journey], tickets: Mapping[str, RailBooking], months: dict[str, MonthTruth]
) -> None:
    minutes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for journey in journeys:
        if journey.booking not in tickets:
            continue
        counted = minutes[f"{journey.departs:%Y-%m}"]
        for way in (tickets[journey.booking].out, tickets[journey.booking].back):
            whole = (way.arrives - way.departs) // timedelta(minutes=1)
            counted[0] += whole
            counted[1] += sum((way.departs + timedelta(minutes=n)).hour in _EVENING for n in range(whole))
    for name, (whole, evening) in minutes.items():
        months[name].rail_hours, months[name].rail_evening_hours = whole / 60, evening / 60
