"""Journeys and what they cost: how many is decided by the model with the known effect, the rest by habit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from simulator.calendar import Period
from simulator.geography import DESTINATIONS, SITES, Place, distance_km
from simulator.people import DEPARTMENTS, Person

Floats = npt.NDArray[np.float64]
Mode = Literal["flight", "rail", "bus", "rental", "taxi", "own_car"]

SEASON = (0.9, 1.05, 1.15, 1.05, 1.15, 0.85, 0.3, 0.75, 1.2, 1.25, 1.2, 0.8)
"""Journeys in January to December, relative to an average month."""
MEETING_TRIPS_PER_FTE_AND_YEAR = 2.6
SERVICE_TRIPS_PER_FTE_AND_YEAR = 0.5
"""Inspections: no meeting replaces them, so the effect leaves them alone."""
DISPERSION = 2.0
"""Variance over mean of the trips of a department in a month."""

_MEETING_PURPOSES = ("Möte", "Konferens", "Utbildning", "")
_MEETING_PURPOSE_SHARES = (0.66, 0.12, 0.14, 0.08)
_MODES: tuple[tuple[float, dict[Mode, float]], ...] = (
    (12, {"own_car": 0.55, "bus": 0.2, "taxi": 0.15, "rental": 0.1}),
    (100, {"own_car": 0.58, "rental": 0.14, "rail": 0.16, "bus": 0.1, "taxi": 0.02}),
    (250, {"rail": 0.5, "own_car": 0.26, "rental": 0.18, "bus": 0.06}),
    (450, {"rail": 0.72, "rental": 0.12, "own_car": 0.1, "flight": 0.06}),
    (650, {"rail": 0.45, "flight": 0.52, "rental": 0.03}),
    (1e9, {"flight": 0.94, "rail": 0.06}),
)
"""Shares of modes by kilometres one way by road, up to the limit."""
_SEK_PER_KM = {"flight": 1.9, "rail": 1.25, "bus": 0.9, "rental": 2.6, "taxi": 24.0}
_SEK_TO_START = {"flight": 900.0, "rail": 90.0, "bus": 30.0, "rental": 420.0, "taxi": 60.0}
_VAT = {"flight": 0.06, "rail": 0.06, "bus": 0.06, "rental": 0.25, "taxi": 0.06}
OWN_CAR_ORE_PER_MIL = 3500
"""Mileage allowance, öre per 10 km."""


@dataclass(frozen=True)
class Extra:
    """A further row of a booking: a fee, a hotel stay or a refund (negative). Amounts in öre, tax included."""

    kind: Literal["Avgift", "Hotell", "Återbetalning"]
    amount_ore: int
    vat_ore: int


@dataclass(frozen=True)
class Journey:
    """One person there and back."""

    booking: str
    person: Person
    departs: date
    returns: date
    """Last day away."""
    origin: str
    destination: str
    mode: Mode
    km_one_way: int
    cabin: str
    fuel: str
    purpose: str
    amount_ore: int
    """Tax included."""
    vat_ore: int
    extras: tuple[Extra, ...] = ()

    @property
    def is_for_a_meeting(self) -> bool:
        """Whether a meeting could have replaced it; a blank purpose is one that was forgotten."""
        return self.purpose in _MEETING_PURPOSES

    @property
    def cost_ore(self) -> int:
        """Everything paid for the journey."""
        return self.amount_ore + sum(extra.amount_ore for extra in self.extras)


@dataclass(frozen=True)
class Expected:
    """Expected journeys, department × month in the order of ``DEPARTMENTS``."""

    meeting: Floats
    service: Floats


def full_time_equivalents(people: Sequence[Person], period: Period) -> Floats:
    """Full-time equivalents, department × month, as the staff file gives them: two decimals."""
    rows = {department.name: row for row, department in enumerate(DEPARTMENTS)}
    fte = np.zeros((len(DEPARTMENTS), period.months))
    for person in people:
        fte[rows[person.department], person.first_month : person.after_month] += person.degree
    return fte.round(2)


def expect(fte: Floats, period: Period, effect: float) -> Expected:
    """The model behind the truth.

    For the organisation, the expected meeting trips per full-time equivalent in a month of the second half are
    exactly ``1 - effect`` times those of the same calendar month in the first half.

    Args:
        fte: department × month.
        period: the months.
        effect: share of the meeting trips that are no longer made in the second half.
    """
    season = np.array([SEASON[first.month - 1] for first in period.firsts]) / np.mean(SEASON) / 12
    travels = np.array([department.travels for department in DEPARTMENTS])[:, np.newaxis]
    share = fte * travels / np.maximum((fte * travels).sum(axis=0), 1e-9)
    whole = fte.sum(axis=0) * season
    made = np.where(period.is_after, 1 - effect, 1.0)
    return Expected(
        meeting=share * whole * MEETING_TRIPS_PER_FTE_AND_YEAR * made,
        service=share * whole * SERVICE_TRIPS_PER_FTE_AND_YEAR,
    )


def draw_counts(rng: np.random.Generator, expected: Floats) -> npt.NDArray[np.int64]:
    """Counts with the expected mean and ``DISPERSION`` times its variance (negative binomial)."""
    shape = np.maximum(expected / (DISPERSION - 1), 1e-12)
    return rng.negative_binomial(shape, 1 / DISPERSION)


def travel(rng: np.random.Generator, people: Sequence[Person], period: Period, expected: Expected) -> list[Journey]:
    """All journeys of the period, in the order of their departure."""
    meeting, service = draw_counts(rng, expected.meeting), draw_counts(rng, expected.service)
    journeys: list[Journey] = []
    for row, department in enumerate(DEPARTMENTS):
        members = [person for person in people if person.department == department.name]
        for month in range(period.months):
            present = [person for person in members if person.is_at_work(month)]
            purposes = [
                *rng.choice(_MEETING_PURPOSES, size=meeting[row, month], p=_MEETING_PURPOSE_SHARES),
                *["Tillsyn"] * int(service[row, month]),
            ]
            if not purposes:
                continue
            eager = np.array([person.activity for person in present])
            travellers = rng.choice(len(present), size=len(purposes), p=eager / eager.sum())
            days = rng.choice(period.working_days(month), size=len(purposes))
            for purpose, who, day in zip(purposes, travellers.tolist(), days.tolist(), strict=True):
                departs = date(1970, 1, 1) + timedelta(days=int(day))
                journeys.append(_journey(rng, present[who], departs, str(purpose)))
    journeys.sort(key=lambda journey: (journey.departs, journey.person.employee_no))
    return [_numbered(journey, number) for number, journey in enumerate(journeys)]


def _numbered(journey: Journey, number: int) -> Journey:
    fields = {name: getattr(journey, name) for name in Journey.__dataclass_fields__}
    return Journey(**{**fields, "booking": f"B{100_001 + 7 * number}"})


_HOME = {site.name: site for site in SITES}
_ELSEWHERE = np.array([place.pull for place in DESTINATIONS])


def _journey(rng: np.random.Generator, person: Person, departs: date, purpose: str) -> Journey:
    origin = _HOME[person.site]
    destination = _destination(rng, origin, purpose)
    by_road = distance_km(origin, destination, "road")
    shares = next(shares for limit, shares in _MODES if by_road < limit)
    mode: Mode = list(shares)[int(rng.choice(len(shares), p=list(shares.values())))]
    if destination.name == "Visby":
        mode = "flight"
    km = distance_km(origin, destination, mode)
    nights = _nights(rng, by_road, destination, purpose) if mode != "own_car" else 0
    returns = departs + timedelta(days=nights)
    if mode == "own_car":
        amount, vat, extras, booking_fuel = _own_car(rng, km)
    else:
        amount, vat, extras, booking_fuel = _booked(rng, mode, km, nights, destination)
    business = mode == "flight" and destination.is_abroad and rng.random() < 0.06
    return Journey(
        booking="",
        person=person,
        departs=departs,
        returns=returns,
        origin=origin.name,
        destination=destination.name,
        mode=mode,
        km_one_way=km,
        cabin="Business" if business else ("Ekonomi" if mode in ("flight", "rail") else ""),
        fuel=booking_fuel,
        purpose=purpose,
        amount_ore=amount,
        vat_ore=vat,
        extras=extras,
    )


def _destination(rng: np.random.Generator, origin: Place, purpose: str) -> Place:
    """Another site of the municipality for a third of the meetings and most inspections, else somewhere else."""
    if rng.random() < (0.85 if purpose == "Tillsyn" else 0.3):
        others = [site for site in SITES if site.name != origin.name]
        pull = np.array([site.pull for site in others])
        return others[int(rng.choice(len(others), p=pull / pull.sum()))]
    return DESTINATIONS[int(rng.choice(len(DESTINATIONS), p=_ELSEWHERE / _ELSEWHERE.sum()))]


def _nights(rng: np.random.Generator, by_road: int, destination: Place, purpose: str) -> int:
    mean = 0.03 if by_road < 120 else (0.45 if by_road < 400 else 1.0)
    longer = 1.0 if purpose in ("Konferens", "Utbildning") and by_road >= 120 else 0.0
    return int(min(rng.poisson(mean + longer + (0.8 if destination.is_abroad else 0.0)), 6))


def _tax(amount: int, rate: float) -> int:
    return round(amount - amount / (1 + rate))


def _own_car(rng: np.random.Generator, km: int) -> tuple[int, int, tuple[Extra, ...], str]:
    fuel = str(rng.choice(("Bensin", "Diesel", "El", ""), p=(0.45, 0.2, 0.22, 0.13)))
    return round(2 * km * OWN_CAR_ORE_PER_MIL / 10), 0, (), fuel


def _booked(
    rng: np.random.Generator, mode: Mode, km: int, nights: int, destination: Place
) -> tuple[int, int, tuple[Extra, ...], str]:
    price = (_SEK_TO_START[mode] + 2 * km * _SEK_PER_KM[mode]) * float(rng.lognormal(0.0, 0.25))
    amount = round(100 * price)
    rate = 0.0 if destination.is_abroad else _VAT[mode]
    extras: list[Extra] = []
    if mode != "taxi" and rng.random() < 0.85:
        extras.append(Extra("Avgift", 9500, _tax(9500, 0.25)))
    if nights:
        hotel = round(100 * nights * float(rng.uniform(890, 1690)))
        extras.append(Extra("Hotell", hotel, 0 if destination.is_abroad else _tax(hotel, 0.12)))
    if mode == "rail" and rng.random() < 0.04:
        back = -round(amount * float(rng.choice((0.25, 0.5))))
        extras.append(Extra("Återbetalning", back, _tax(back, rate)))
    return amount, _tax(amount, rate), tuple(extras), ""
