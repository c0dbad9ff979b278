"""Calls between two, and every odd call a month brings: tests, answering services, midnight, clock changes, crowds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta

import numpy as np

from simulator.calendar import MINUTE, Period, instant, instants
from simulator.calls import (
    AUDIO,
    FINE,
    GROUP,
    NO_THREAD,
    PEER,
    SERVICE,
    SETUP_FAILED,
    SHARE,
    UNKNOWN,
    VIDEO,
    WINDOWS,
    Block,
)
from simulator.connections import connect
from simulator.meetings import SEASON, Society

_CALLS_PER_PERSON_AND_MONTH = 0.68
_ANSWERING_SERVICES, _TEST_CALLS = 5, 6
"""Of each every month."""
_THREADS = 10_000_000
"""Meeting links of odd calls begin here, apart from the ordinary ones."""


def call_each_other(rng: np.random.Generator, society: Society, period: Period) -> Block:
    """One-to-one calls: mostly within a department, some by telephone, some never answered."""
    people, cast = society.people, society.cast
    at_work = [np.flatnonzero([who.is_at_work(month) for who in people]) for month in range(period.months)]
    rates = [SEASON[first.month - 1] * _CALLS_PER_PERSON_AND_MONTH for first in period.firsts]
    counts = rng.poisson(np.array(rates) * np.array([len(those) for those in at_work]))
    days = np.concatenate([rng.choice(period.working_days(m), size=n) for m, n in enumerate(counts.tolist())])
    caller = np.concatenate([rng.choice(at_work[m], size=n) for m, n in enumerate(counts.tolist())])
    members, starts, sizes = society.pools([who.department for who in people])
    callee = members[starts[caller] + (rng.random(len(caller)) * sizes[caller]).astype(np.int64)]
    month = np.repeat(np.arange(period.months), counts)
    left, came = np.array([who.after_month for who in people]), np.array([who.first_month for who in people])
    is_reachable = (callee != caller) & (came[callee] <= month) & (month < left[callee])
    strangers = cast.first_other_phone + rng.integers(0, cast.other_phones, size=len(caller))
    outsiders = cast.first_outside + rng.integers(0, cast.outside, size=len(caller))
    chance = rng.random(len(caller))
    callee = np.where(chance < 0.14, strangers, np.where(chance < 0.18, outsiders, callee))
    keep = is_reachable | (chance < 0.18)
    caller, callee, days, chance = caller[keep], callee[keep], days[keep], chance[keep]
    by_phone = chance < 0.14
    is_inward = by_phone & (chance < 0.05)
    start = instants(days, rng.uniform(7.5 * 60, 17 * 60, size=len(caller))) + rng.integers(0, 1_000_000, len(caller))
    is_unanswered = rng.random(len(caller)) < 0.06
    seconds = np.where(is_unanswered, rng.uniform(0, 2, len(caller)), rng.lognormal(5.3, 1.0, len(caller)))
    seen = rng.choice((AUDIO, AUDIO | VIDEO, AUDIO | SHARE), size=len(caller), p=(0.7, 0.16, 0.14))
    return Block(
        kind=np.full(len(caller), PEER),
        organiser=np.where(is_inward, callee, caller),
        thread=np.full(len(caller), NO_THREAD),
        call=np.arange(len(caller)),
        who=np.where(is_inward, callee, caller),
        other=np.where(is_inward, caller, callee),
        start=start,
        end=start + (np.minimum(seconds, 5400) * 1_000_000).astype(np.int64),
        platform=np.where(is_inward, UNKNOWN, WINDOWS),
        media=np.where(by_phone, AUDIO, seen),
        is_test=np.zeros(len(caller), dtype=bool),
        failure=np.where(is_unanswered, SETUP_FAILED, FINE),
        is_outbound=np.zeros(len(caller), dtype=bool),
    )


@dataclass
class _Written:
    """Calls written down one by one."""

    kind: list[int] = field(default_factory=list)
    organiser: list[int] = field(default_factory=list)
    thread: list[int] = field(default_factory=list)
    rows: list[tuple[int, int, int, int, int, int, int, bool, bool]] = field(default_factory=list)

    def call(self, kind: int, organiser: int, *, scheduled: bool = True) -> int:
        """Begin a call and give its row."""
        self.kind.append(kind)
        self.organiser.append(organiser)
        self.thread.append(_THREADS + len(self.kind) if scheduled else NO_THREAD)
        return len(self.kind) - 1

    def session(
        self,
        call: int,
        who: int,
        start: int,
        end: int,
        *,
        other: int = SERVICE,
        platform: int = WINDOWS,
        media: int = AUDIO,
        is_test: bool = False,
        is_outbound: bool = False,
    ) -> None:
        """Add a session."""
        self.rows.append((call, who, other, start, end, platform, media, is_test, is_outbound))

    def block(self) -> Block:
        """All of it as columns."""
        columns = [np.array(column) for column in zip(*self.rows, strict=True)]
        call, who, other, start, end, platform, media, is_test, is_outbound = columns
        return Block(
            kind=np.array(self.kind),
            organiser=np.array(self.organiser),
            thread=np.array(self.thread),
            call=call,
            who=who,
            other=other,
            start=start,
            end=end,
            platform=platform,
            media=media,
            is_test=is_test,
            failure=np.full(len(call), FINE),
            is_outbound=is_outbound,
        )


def _steady(society: Society, period: Period) -> list[int]:
    return [row for row, who in enumerate(society.people) if who.is_at_work(0) and who.is_at_work(period.months - 1)]


def odd_calls(rng: np.random.Generator, society: Society, period: Period) -> Block:
    """What breaks naive counting, every month: see the names of the steps."""
    book, steady = _Written(), _steady(society, period)

    def some(count: int) -> list[int]:
        return [int(row) for row in rng.choice(steady, size=count, replace=False)]

    def meet(count: int, start: int, end: int) -> None:
        who = some(count)
        call = book.call(GROUP, who[0])
        for person in who:
            book.session(call, person, start + int(rng.integers(0, 60_000_000)), end, media=AUDIO | VIDEO)

    for index, first in enumerate(period.firsts):
        last = period.month(index + 1) - timedelta(days=1)
        late = first + timedelta(days=9)
        meet(3, instant(late, time(23, 40)), instant(late + timedelta(days=1), time(0, 35)))
        meet(2, instant(last, time(23, 50)), instant(last + timedelta(days=1), time(0, 20)))
        meet(3, instant(first, time(0, 0, 30)), instant(first, time(0, 50)))
        _automatic(rng, book, some, first)
    for sunday in period.clock_changes():
        meet(4, instant(sunday, time(1, 30)), instant(sunday, time(3, 45)))
        meet(3, instant(sunday, time(0, 10)), instant(sunday, time(0, 40)))
    _three_ways_of_two_telephones(rng, book, society, period)
    return book.block()


def _automatic(rng: np.random.Generator, book: _Written, some: Callable[[int], list[int]], first: date) -> None:
    """Answering services without a person, and test calls."""
    for number in range(_ANSWERING_SERVICES):
        start = instant(first + timedelta(days=number), time(10, 5))
        call = book.call(GROUP, some(1)[0], scheduled=False)
        book.session(call, SERVICE, start, start + 40_000_000)
    for number in range(_TEST_CALLS):
        start, person = instant(first + timedelta(days=number), time(7, 50)), some(1)[0]
        call = book.call(PEER, person, scheduled=False)
        book.session(call, person, start, start + 25_000_000 + int(rng.integers(0, 9_000_000)), is_test=True)
    tester, start = some(2), instant(first + timedelta(days=11), time(7, 30))
    call = book.call(GROUP, tester[0], scheduled=False)
    for person in tester:
        book.session(call, person, start, start + MINUTE, is_test=True)


def _three_ways_of_two_telephones(rng: np.random.Generator, book: _Written, society: Society, period: Period) -> None:
    """Telephone conferences at the edge of the rule: of two, of three, and of two with one rejoining."""
    steady, phone = _steady(society, period), society.cast.first_phone
    for first in period.firsts:
        day = first + timedelta(days=13)
        for hour, people in ((9, 2), (10, 3), (11, 2)):
            start = instant(day, time(hour, 0))
            who = [int(row) for row in rng.choice(steady, size=people, replace=False)]
            call = book.call(GROUP, who[0])
            for person in who:
                book.session(call, phone + person, start, start + 20 * MINUTE, platform=UNKNOWN, is_outbound=hour == 9)
            if hour == 11:
                book.session(call, phone + who[0], start + 22 * MINUTE, start + 30 * MINUTE, platform=UNKNOWN)


def crowds(rng: np.random.Generator, society: Society, period: Period) -> Block:
    """Staff meetings: about 80 people every third month, and once a year as many as there are, up to 150."""
    steady = np.array(_steady(society, period))
    call, who, start = [], [], []
    months = [month for month in range(period.months) if month % 3 == 1]
    for row, month in enumerate(months):
        people = rng.choice(steady, size=min(150 if month % 12 == 1 else 80, len(steady)), replace=False)
        day = int(period.working_days(month)[5])
        at = int(instants(np.array([day]), np.array([13 * 60.0]))[0])
        call += [row] * len(people)
        who += people.tolist()
        start += [at] * len(people)
    columns = np.array(call, dtype=np.int64), np.array(who, dtype=np.int64)
    media = np.full(len(call), AUDIO | VIDEO | SHARE, dtype=np.int64)
    sessions = connect(rng, society.cast, *columns, media, np.array(start), np.full(len(call), 60.0 * MINUTE))
    organisers = [who[call.index(row)] for row in range(len(months))]
    return Block(
        kind=np.full(len(months), GROUP),
        organiser=np.array(organisers, dtype=np.int64),
        thread=_THREADS * 2 + np.arange(len(months)),
        call=sessions.call,
        who=sessions.who,
        other=np.full(len(sessions.call), SERVICE),
        start=sessions.start,
        end=sessions.end,
        platform=sessions.platform,
        media=sessions.media,
        is_test=np.zeros(len(sessions.call), dtype=bool),
        failure=sessions.failure,
        is_outbound=np.zeros(len(sessions.call), dtype=bool),
    )
