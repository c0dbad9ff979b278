"""What stands in the calendars of the meeting rooms: physical meetings, hybrid ones, and what was called off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simulator.calendar import MINUTE, Period, instants
from simulator.calls import GROUP, NO_THREAD, SERVICE, TEAMS, Calls, Ints
from simulator.journeys import Floats
from simulator.meetings import SEASON, Society

QUARTER = 15 * MINUTE
_PHYSICAL_PER_PERSON_AND_MONTH = 0.4
_LARGEST = 14
_CANCELLED, _UNUSED_LINK, _TWO_ROOMS = 0.06, 0.1, 0.03
"""Shares of the physical meetings that were called off, have a link that nobody followed, or fill two rooms."""
_TOGETHER, _ALONE, _CALLED_OFF = 0.06, 0.02, 0.015
"""Shares of the meetings in Teams for which several book a room without a system, somebody does for themselves alone,
or a room was booked and let go again."""
_UNUSED = 50_000_000
"""Meeting links that nobody followed begin here, apart from all others."""


@dataclass(frozen=True)
class Booking:
    """One event in the calendars of one or two rooms."""

    rooms: tuple[int, ...]
    """Positions in the list of rooms."""
    organiser: int
    """Position in the list of people."""
    invited: tuple[int, ...]
    """The municipality's people who are asked to come, beside the organiser."""
    start: int
    end: int
    """Microseconds since 1970."""
    thread: int = NO_THREAD
    """Its link to a meeting in Teams."""
    is_cancelled: bool = False

    @property
    def people(self) -> int:
        """How many are asked to come, the organiser included."""
        return len({self.organiser, *self.invited})


class _Rooms:
    """Which rooms are free when: no room is given twice, and what was cancelled leaves it free."""

    def __init__(self, society: Society) -> None:
        self._taken: list[set[int]] = [set() for _ in society.rooms]
        self._at: dict[str, list[int]] = {}
        for row, room in enumerate(society.rooms):
            self._at.setdefault(room.site, []).append(row)

    def free(self, site: str, start: int, end: int) -> list[int]:
        """The free rooms of a site."""
        return [room for room in self._at.get(site, ()) if self.is_free(room, start, end)]

    def is_free(self, room: int, start: int, end: int) -> bool:
        """Whether a room is free."""
        return self._taken[room].isdisjoint(_quarters(start, end))

    def take(self, booking: Booking) -> Booking:
        """Book it."""
        if not booking.is_cancelled:
            for room in booking.rooms:
                self._taken[room].update(_quarters(booking.start, booking.end))
        return booking


def _quarters(start: int, end: int) -> range:
    return range(start // QUARTER, -(-end // QUARTER))


def book_rooms(
    rng: np.random.Generator, society: Society, calls: Calls, period: Period, effect: float
) -> list[Booking]:
    """All bookings, in the order of their start.

    Physical meetings become as much rarer in the second half as trips do.

    Args:
        rng: source of chance.
        society: who meets.
        calls: the digital meetings, some of which people follow together from a room.
        period: the months.
        effect: share of the physical meetings that are no longer held in the second half.
    """
    rooms = _Rooms(society)
    found = [*_beside_calls(rng, society, calls, rooms), *_physical(rng, society, period, effect, rooms)]
    return sorted(found, key=lambda booking: (booking.start, booking.rooms, booking.is_cancelled))


def _beside_calls(rng: np.random.Generator, society: Society, calls: Calls, rooms: _Rooms) -> Iterator[Booking]:
    """Bookings whose link leads to a meeting in Teams that was held, from rooms with and without a system."""
    cast = society.cast
    is_ours = (calls.kind == GROUP) & (calls.vendor == TEAMS) & (calls.thread != NO_THREAD)
    scheduled = np.flatnonzero(is_ours & (calls.organiser < cast.people))
    chances = rng.random((len(scheduled), 2))
    for call, (chance, pick) in zip(scheduled.tolist(), chances.tolist(), strict=True):
        who = calls.who[calls.first[call] : calls.first[call + 1]]
        present = dict.fromkeys(who[who != SERVICE].tolist())
        organiser = int(calls.organiser[call])
        start, end = _times(int(calls.start[call]), int(calls.end[call]))
        systems = [who - cast.first_room for who in present if cast.first_room <= who < cast.first_outside]
        persons = [cast.identities[who].person for who in present]
        invited = tuple(person for person in persons if person is not None and person != organiser)
        booking = Booking((), organiser, invited, start, end, int(calls.thread[call]))
        if systems:
            if rooms.is_free(systems[0], start, end):
                yield rooms.take(replace(booking, rooms=(systems[0],)))
        elif chance < _TOGETHER + _ALONE + _CALLED_OFF and (free := rooms.free(_site(society, organiser), start, end)):
            room = (free[int(pick * len(free))],)
            if chance < _TOGETHER:
                yield rooms.take(replace(booking, rooms=room))
            elif chance < _TOGETHER + _ALONE:
                yield rooms.take(replace(booking, rooms=room, invited=()))
            else:
                yield rooms.take(replace(booking, rooms=room, is_cancelled=True))


def _times(start: int, end: int) -> tuple[int, int]:
    """Whole quarters of an hour around a call, and half an hour at least."""
    first = (start + QUARTER // 2) // QUARTER * QUARTER
    first = first if first < end else start // QUARTER * QUARTER
    return first, max(-(-end // QUARTER) * QUARTER, first + 2 * QUARTER)


def _site(society: Society, person: int) -> str:
    return society.people[person].site


def _physical(
    rng: np.random.Generator, society: Society, period: Period, effect: float, rooms: _Rooms
) -> Iterator[Booking]:
    """Meetings in a room of the host's site; where none is free they meet in an office, and no calendar knows."""
    month, host, start, end = _plan(rng, society, period, effect)
    team, first, size = society.pools([(person.department, person.site) for person in society.people])
    site, first_at_site, size_of_site = society.pools([person.site for person in society.people])
    asked = np.minimum(rng.geometric(0.3, size=len(host)), _LARGEST)
    chances = rng.random((len(host), 5))
    picks = rng.random((len(host), _LARGEST))
    for row, leader in enumerate(host.tolist()):
        spread, fate, link, extent, pick = chances[row].tolist()
        times = int(start[row]), int(end[row])
        free = rooms.free(_site(society, leader), *times)
        if not free:
            continue
        pool = (site, first_at_site, size_of_site) if spread < 0.3 else (team, first, size)
        members = _pick(*pool, leader, picks[row, : asked[row]])
        at_work = (who for who in members if society.people[who].is_at_work(int(month[row])))
        invited = tuple(dict.fromkeys(who for who in at_work if who != leader))
        turn = int(pick * len(free))
        chosen = (free[turn], free[turn - 1]) if extent < _TWO_ROOMS and len(free) > 1 else (free[turn],)
        thread = _UNUSED + row if link < _UNUSED_LINK else NO_THREAD
        yield rooms.take(Booking(chosen, leader, invited, *times, thread, fate < _CANCELLED))


def _plan(rng: np.random.Generator, society: Society, period: Period, effect: float) -> tuple[Ints, Ints, Ints, Ints]:
    """Month, host, start and end of each meeting that somebody wants to hold."""
    people = society.people
    at_work = np.array([[who.is_at_work(month) for who in people] for month in range(period.months)])
    season = np.array([SEASON[first.month - 1] for first in period.firsts])
    rate = season * at_work.sum(axis=1) * _PHYSICAL_PER_PERSON_AND_MONTH * np.where(period.is_after, 1 - effect, 1.0)
    counts = rng.poisson(rate)
    activity = np.array([who.activity for who in people])
    hosts, days = [], []
    for month, count in enumerate(counts.tolist()):
        weights = np.where(at_work[month], activity, 0.0)
        hosts.append(rng.choice(len(people), size=count, p=weights / weights.sum()))
        days.append(rng.choice(period.working_days(month), size=count))
    total = int(counts.sum())
    quarters = rng.integers(8 * 4, 16 * 4, size=total)
    minutes = rng.choice((30, 60, 90, 120, 180), size=total, p=(0.15, 0.45, 0.2, 0.14, 0.06))
    start = instants(np.concatenate(days), (quarters * 15).astype(np.float64))
    month_of = np.repeat(np.arange(period.months), counts)
    return month_of, np.concatenate(hosts).astype(np.int64), start, start + minutes * MINUTE


def _pick(members: Ints, starts: Ints, sizes: Ints, host: int, picks: Floats) -> list[int]:
    chosen: list[int] = members[starts[host] + (picks * sizes[host]).astype(np.int64)].tolist()
    return chosen
