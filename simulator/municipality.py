"""A Swedish municipality that never existed: people, meetings and journeys from a seed, with a known true effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property

import numpy as np

from simulator.bookings import Booking, book_rooms
from simulator.calendar import LOCAL, Period, instant
from simulator.calls import VENDORS, Calls, Cast, assemble, assemble_cast, join
from simulator.journeys import Expected, Floats, Journey, expect, full_time_equivalents, travel
from simulator.meetings import Society, hold_meetings
from simulator.odd_calls import call_each_other, crowds, odd_calls
from simulator.people import OutsidePerson, Person, Room, acquaint, employ, furnish, uuids
from simulator.tickets import RailBooking, issue_tickets
from simulator.truth import Truth, find_truth
from simulator.vendors import choose_vendors


@dataclass(frozen=True)
class Municipality:
    """Everything there is to know about it."""

    name: str
    tenant_id: str
    seed: int
    effect: float
    period: Period
    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    outside: tuple[OutsidePerson, ...]
    cast: Cast
    calls: Calls = field(repr=False)
    fte: Floats = field(repr=False)
    """Full-time equivalents, department × month."""
    expected: Expected = field(repr=False)
    journeys: tuple[Journey, ...] = field(repr=False)
    tickets: Mapping[str, RailBooking] = field(repr=False)
    """Of the journeys by rail, by booking."""
    bookings: tuple[Booking, ...] = field(repr=False)
    """Of the meeting rooms."""

    @cached_property
    def truth(self) -> Truth:
        """What really happened; takes a second or two the first time."""
        return find_truth(
            self.calls, self.cast, self.people, self.journeys, self.fte, self.period, self.effect, self.tickets,
            self.bookings,
        )  # fmt: skip

    @property
    def platforms(self) -> set[str]:
        """Where anyone has met, of ``VENDORS``."""
        return {VENDORS[vendor] for vendor in np.unique(self.calls.vendor)}

    def accounts(self, now: datetime) -> list[tuple[Person, bool]]:
        """Everyone who has begun by a moment, and whether they are still there."""
        local, first = now.astimezone(LOCAL), self.period.first
        month = (local.year - first.year) * 12 + local.month - first.month
        begun = [person for person in self.people if person.first_month <= max(month, 0)]
        stay = self.period.months
        return [(person, month < person.after_month or person.after_month == stay) for person in begun]

    def personal_strings(self) -> list[str]:
        """Every text that identifies one person and must therefore occur nowhere below a data folder.

        Display names, user principal names, mail addresses, telephone numbers in both spellings, employee numbers,
        ids at Entra, Zoom and Webex, names and network addresses of computers, of the municipality's people and of
        everyone they met.
        """
        found: set[str] = set()
        for person in self.people:
            found |= {person.display_name, person.upn, person.mail, person.employee_no, person.entra_id}
            found |= {person.mobile, person.mobile_as_written, person.machine, person.ip_address}
            found |= {person.zoom_id, person.webex_id, person.webex_sip_address}
        for other in self.outside:
            found |= {other.display_name, other.upn, other.entra_id}
        found |= {identity.id for identity in self.cast.identities if identity.kind in ("guest", "phone")}
        return sorted(found)


def simulate(
    people: int = 1000,
    months: int = 24,
    seed: int = 1,
    last_month: date = date(2026, 10, 1),
    effect: float = 0.30,
    platforms: Sequence[str] = VENDORS[:1],
) -> Municipality:
    """Invent a municipality and let it meet and travel.

    In the second half of the months, the expected number of meeting trips per full-time equivalent is ``1 - effect``
    times that of the same calendar month in the first half, and more meetings span sites and organisations. The same
    arguments give the same municipality.

    Args:
        people: everyone employed or elected at some time in the period; at least 24.
        months: whole calendar months; even, so that both halves hold the same calendar months when it is 24.
        seed: of all chance.
        last_month: any day of the last month.
        effect: the share of meeting trips no longer made, 0 to below 1.
        platforms: where people meet, of ``VENDORS``; Teams is always there.

    Raises:
        ValueError: too few people or months, an effect that is no share, or a platform that is not known.
    """
    if months < 1 or not 0 <= effect < 1:
        raise ValueError(f"at least one month and an effect from 0 to below 1, not {months} and {effect}")
    elsewhere = [VENDORS.index(platform) for platform in platforms]
    period = Period.until(last_month, months)
    parts = np.random.SeedSequence(seed).spawn(7)
    who, meet, alone, go, where, ride, book = (np.random.default_rng(part) for part in parts)
    staff, rooms, outside = tuple(employ(who, people, period)), tuple(furnish(who)), tuple(acquaint(who))
    tenant_id = uuids(who, 1)[0]
    cast = assemble_cast(who, tenant_id, staff, rooms, outside)
    society = Society(staff, rooms, outside, cast)
    blocks = [
        hold_meetings(meet, society, period, effect),
        call_each_other(alone, society, period),
        odd_calls(alone, society, period),
        crowds(alone, society, period),
    ]
    block = join(blocks)
    vendor = choose_vendors(where, block, cast, staff, elsewhere, instant(period.month(months // 2), time()))
    fte = full_time_equivalents(staff, period)
    expected = expect(fte, period, effect)
    calls = assemble(alone, block, vendor)
    journeys = tuple(travel(go, staff, period, expected))
    return Municipality(
        name="Exempelby kommun",
        tenant_id=tenant_id,
        seed=seed,
        effect=effect,
        period=period,
        people=staff,
        rooms=rooms,
        outside=outside,
        cast=cast,
        calls=calls,
        fte=fte,
        expected=expected,
        journeys=journeys,
        tickets=issue_tickets(ride, journeys),
        bookings=tuple(book_rooms(book, society, calls, period, effect)),
    )
