"""Rail tickets: when each way of a journey leaves and arrives, by the clock of the place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from simulator.journeys import Floats, Journey

_EARLIEST, _LATEST = 4 * 60, 23 * 60 + 50
"""Minutes after midnight between which the trains of a day run; the night train leaves later and arrives next day."""
_CHANGE = 20
"""Minutes between two trains, at least."""
_NIGHT_TRAIN_MINUTES = 300


@dataclass(frozen=True)
class Ticket:
    """One way."""

    origin: str
    destination: str
    departs: datetime
    arrives: datetime


@dataclass(frozen=True)
class RailBooking:
    """The two tickets of a journey; without the traveller's number where they are on another journey meanwhile."""

    out: Ticket
    back: Ticket
    names_traveller: bool


@dataclass
class _Way:
    """A train somebody takes on a day, before it is known when."""

    wish: int
    minutes: int
    is_night_train: bool = False
    departs: int = 0


def issue_tickets(rng: np.random.Generator, journeys: Sequence[Journey]) -> dict[str, RailBooking]:
    """The tickets of every journey by rail, by the number of its booking.

    Nobody is in two trains at once: a way of a traveller leaves after the one before it has arrived, and what was
    booked for somebody who is away by rail already was for a guest, whose number the account does not have.
    """
    by_rail = [journey for journey in journeys if journey.mode == "rail"]
    chances = rng.random((len(by_rail), 5))
    named = _named(by_rail)
    ways: dict[str, tuple[_Way, _Way]] = {}
    days: dict[tuple[str, date], list[_Way]] = defaultdict(list)
    for journey, chance in sorted(
        zip(by_rail, chances, strict=True), key=lambda pair: (pair[0].departs, pair[0].returns, pair[0].booking)
    ):
        out, back = ways[journey.booking] = _wishes(journey, chance)
        traveller = journey.person.employee_no if journey.booking in named else journey.booking
        days[traveller, journey.departs].append(out)
        days[traveller, journey.returns].append(back)
    for trains in days.values():
        _fit(trains)
    return {
        journey.booking: RailBooking(
            _ticket(journey.origin, journey.destination, journey.departs, ways[journey.booking][0]),
            _ticket(journey.destination, journey.origin, journey.returns, ways[journey.booking][1]),
            journey.booking in named,
        )
        for journey in by_rail
    }


def _named(by_rail: Sequence[Journey]) -> set[str]:
    """Bookings of journeys that begin when the one before has ended, or on its last day."""
    back_on: dict[str, date] = {}
    named = set()
    for journey in sorted(by_rail, key=lambda journey: (journey.departs, journey.returns, journey.booking)):
        number = journey.person.employee_no
        if journey.departs >= back_on.get(number, date.min):
            named.add(journey.booking)
            back_on[number] = journey.returns
    return named


def _wishes(journey: Journey, chance: Floats) -> tuple[_Way, _Way]:
    """When a traveller would like to leave, and how long the trains take: about 90 km in an hour, and a little more."""
    nights = (journey.returns - journey.departs).days
    out, back = (round(15 + journey.km_one_way / 1.5 * (0.9 + 0.25 * share)) for share in chance[:2].tolist())
    leave, manner, home = chance[2:].tolist()
    if nights >= 2 and out > _NIGHT_TRAIN_MINUTES and manner < 0.4:
        way_out = _Way(20 * 60 + 30 + int(120 * leave), out, is_night_train=True)
    elif nights and manner < 0.25:
        way_out = _Way(12 * 60 + int(420 * leave), out)
    else:
        way_out = _Way(5 * 60 + 30 + int(240 * leave), out)
    earliest = 8 * 60 if nights else 14 * 60 + 30
    return way_out, _Way(earliest + int((20 * 60 - earliest) * home), back)


def _fit(trains: Sequence[_Way]) -> None:
    """Set when each train of a traveller's day leaves: as wished, one after the other, and all before midnight."""
    latest = _LATEST + 10 * 60 if trains[-1].is_night_train else _LATEST
    room = latest - _EARLIEST - _CHANGE * (len(trains) - 1)
    pace = min(1.0, room / sum(train.minutes for train in trains))
    at = _EARLIEST
    for train in trains:
        train.minutes = int(train.minutes * pace)
        train.departs = max(train.wish, at)
        at = train.departs + train.minutes + _CHANGE
    for train in reversed(trains):
        train.departs = min(train.departs, latest - train.minutes)
        latest = train.departs - _CHANGE


def _ticket(origin: str, destination: str, day: date, way: _Way) -> Ticket:
    departs = datetime.combine(day, time()) + timedelta(minutes=way.departs)
    return Ticket(origin, destination, departs, departs + timedelta(minutes=way.minutes))
