"""Meeting habits: who meets whom, how often and for how long. Group meetings of every ordinary sort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.calendar import MINUTE, Period, instants
from simulator.calls import AUDIO, FINE, GROUP, NO_THREAD, SERVICE, SHARE, VIDEO, Block, Bools, Cast, Ints
from simulator.connections import connect
from simulator.people import OutsidePerson, Person, Room

SEASON = (0.95, 1.0, 1.1, 1.05, 1.05, 0.9, 0.35, 0.8, 1.15, 1.2, 1.15, 0.85)
"""Meetings in January to December, relative to an average month."""

TEAM, DEPARTMENT, CROSS, OUTSIDE, ELSEWHERE, TELEPHONE = range(6)
"""Sorts of meeting: one team at one site, a whole department, several departments, with another organisation,
called by another organisation, by telephone."""
_RATES = (0.76, 0.32, 0.22, 0.23, 0.09, 0.06)
"""Meetings of each sort per person and month."""
_RISE = 1.4
"""How much more the meetings that span sites or organisations rise than trips fall, relative to their number."""
_LARGEST_ORDINARY = 12
_LARGE_SHARE = 0.0012
_LENGTHS = (15.0, 30.0, 45.0, 60.0, 90.0, 120.0)
_LENGTH_SHARES = (0.1, 0.36, 0.14, 0.28, 0.08, 0.04)


@dataclass(frozen=True)
class Society:
    """The people of a municipality and the pools they meet in, as arrays of identities."""

    people: Sequence[Person]
    rooms: Sequence[Room]
    outside: Sequence[OutsidePerson]
    cast: Cast

    def pools(self, keys: Sequence[object]) -> tuple[Ints, Ints, Ints]:
        """Members grouped by a key each: all members pool after pool, where a person's pool begins, its size."""
        _, pool = np.unique(np.array([str(key) for key in keys]), return_inverse=True)
        sizes = np.bincount(pool)
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        return np.argsort(pool, kind="stable"), starts[pool], sizes[pool]


@dataclass
class Plan:
    """Meetings before anyone has joined: one row each."""

    month: Ints
    sort: Ints
    host: Ints
    """The person of ours whose pool the participants come from."""
    size: Ints
    start: Ints
    minutes: np.ndarray[tuple[int], np.dtype[np.float64]]

    def __len__(self) -> int:
        return len(self.month)


def plan_meetings(rng: np.random.Generator, society: Society, period: Period, effect: float) -> Plan:
    """Decide how many meetings of each sort there are in each month, who calls them, how large and when."""
    people = society.people
    at_work = np.array([[who.is_at_work(month) for who in people] for month in range(period.months)])
    expected = np.outer([SEASON[first.month - 1] for first in period.firsts] * at_work.sum(axis=1), _RATES)
    is_spanning = np.array([DEPARTMENT <= sort <= TELEPHONE for sort in range(len(_RATES))])
    expected *= np.where(np.outer(period.is_after, is_spanning), 1 + _RISE * effect, 1.0)
    counts = rng.poisson(expected)
    month, sort = (axis.astype(np.int64) for axis in np.nonzero(counts))
    month, sort = np.repeat(month, counts[month, sort]), np.repeat(sort, counts[month, sort])
    activity = np.array([who.activity for who in people])
    host = np.empty(len(month), dtype=np.int64)
    for index in range(period.months):
        weights = np.where(at_work[index], activity, 0.0)
        here = month == index
        host[here] = rng.choice(len(people), size=int(here.sum()), p=weights / weights.sum())
    size = np.minimum(1 + rng.geometric(0.27, size=len(month)), _LARGEST_ORDINARY)
    size = np.where(sort == TELEPHONE, rng.choice((2, 3, 4, 5), size=len(month), p=(0.4, 0.35, 0.15, 0.1)), size)
    is_large = (rng.random(len(month)) < _LARGE_SHARE) & np.isin(sort, (DEPARTMENT, CROSS))
    size = np.where(is_large, rng.integers(30, 110, size=len(month)), size)
    return Plan(month, sort, host, size, *_schedule(rng, month, period))


def _schedule(
    rng: np.random.Generator, month: Ints, period: Period
) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Starts on the quarter in working hours, and lengths in minutes."""
    days = np.empty(len(month), dtype=np.int64)
    for index in range(period.months):
        here = month == index
        days[here] = rng.choice(period.working_days(index), size=int(here.sum()))
    hours = rng.choice(np.arange(8, 17), size=len(month), p=(0.11, 0.16, 0.16, 0.1, 0.07, 0.15, 0.14, 0.08, 0.03))
    quarters = rng.choice((0, 15, 30, 45), size=len(month), p=(0.55, 0.12, 0.25, 0.08))
    minutes = rng.choice(_LENGTHS, size=len(month), p=_LENGTH_SHARES)
    return instants(days, (hours * 60 + quarters).astype(np.float64)), minutes


def invite(rng: np.random.Generator, society: Society, plan: Plan) -> tuple[Ints, Ints, Ints]:
    """Who takes part: rows (meeting, identity) without repetition, and the organiser of each meeting.

    People who are not at work that month are left out, so that a few meetings end up with a single participant.
    """
    people, cast = society.people, society.cast
    meeting = np.repeat(np.arange(len(plan)), plan.size)
    host = plan.host[meeting]
    who = np.empty(len(meeting), dtype=np.int64)
    sort = plan.sort[meeting]
    by_team = society.pools([(person.department, person.site) for person in people])
    by_department = society.pools([person.department for person in people])
    everyone = society.pools(["all"] * len(people))
    for pools, sorts in (
        (by_team, (TEAM,)),
        (by_department, (DEPARTMENT, OUTSIDE, TELEPHONE)),
        (everyone, (CROSS, ELSEWHERE)),
    ):
        members, starts, sizes = pools
        here = np.isin(sort, sorts)
        pick = (rng.random(int(here.sum())) * sizes[host[here]]).astype(np.int64)
        who[here] = members[starts[host[here]] + pick]
    first = np.concatenate(([0], np.cumsum(plan.size)[:-1]))
    who[first] = plan.host
    organiser = plan.host.copy()
    _bring_outsiders(rng, society, plan, meeting, who)
    elsewhere = np.flatnonzero(plan.sort == ELSEWHERE)
    organiser[elsewhere] = who[first[elsewhere] + 1]
    guests = (rng.random(len(who)) < 0.008) & (who < cast.people)
    guests[first] = False
    who[guests] = cast.first_guest + rng.integers(0, cast.guests, size=int(guests.sum()))
    joined, after = np.array([p.first_month for p in people]), np.array([p.after_month for p in people])
    person = np.minimum(who, cast.people - 1)
    month = plan.month[meeting]
    is_there = (who >= cast.people) | ((joined[person] <= month) & (month < after[person]))
    _, keep = np.unique(meeting * len(cast.identities) + who, return_index=True)
    keep = keep[is_there[keep]]
    return meeting[keep], who[keep], organiser


def _bring_outsiders(rng: np.random.Generator, society: Society, plan: Plan, meeting: Ints, who: Ints) -> None:
    """Replace part of the participants by people of one outside organisation per meeting (in place)."""
    members, starts, sizes = society.pools([person.organisation for person in society.outside])
    partner = rng.integers(0, len(society.outside), size=len(plan))
    is_first = np.concatenate(([True], meeting[1:] != meeting[:-1]))
    is_second = np.concatenate(([False], is_first[:-1])) & ~is_first
    chance = np.where(plan.sort == OUTSIDE, 0.4, np.where(plan.sort == ELSEWHERE, 0.6, 0.0))[meeting]
    swap = ~is_first & ((rng.random(len(meeting)) < chance) | (is_second & (chance > 0)))
    pick = (rng.random(int(swap.sum())) * sizes[partner[meeting[swap]]]).astype(np.int64)
    who[swap] = society.cast.first_outside + members[starts[partner[meeting[swap]]] + pick]


def _media(rng: np.random.Generator, plan: Plan, meeting: Ints, is_organiser: Bools) -> Ints:
    """Sound for everyone; pictures and shared screens by the manner of the meeting."""
    manner = rng.random(len(plan))
    is_sound_only = (manner < 0.08) | (plan.sort == TELEPHONE)
    video = rng.random(len(meeting)) < np.where(manner < 0.2, 0.1, 0.7)[meeting]
    share = rng.random(len(meeting)) < np.where(is_organiser, 0.5, 0.08)
    seen = np.where(video, VIDEO, 0) | np.where(share, SHARE, 0)
    return np.where(is_sound_only[meeting], AUDIO, AUDIO | seen)


def hold_meetings(rng: np.random.Generator, society: Society, period: Period, effect: float) -> Block:
    """All ordinary group meetings of the period."""
    cast = society.cast
    plan = plan_meetings(rng, society, period, effect)
    meeting, who, organiser = invite(rng, society, plan)
    media = _media(rng, plan, meeting, who == organiser[meeting])
    dials = np.where(plan.sort[meeting] == TELEPHONE, 0.93, 0.015)
    by_phone = (who < cast.people) & (rng.random(len(who)) < dials)
    is_stranger = by_phone & (rng.random(len(who)) < 0.12) & (who != organiser[meeting])
    who = np.where(by_phone, cast.first_phone + np.minimum(who, cast.people - 1), who)
    strangers = cast.first_other_phone + rng.integers(0, cast.other_phones, size=len(who))
    who = np.where(is_stranger, strangers, who)
    media = np.where(by_phone, AUDIO, media)
    rooms, in_room = _book_rooms(rng, society, plan)
    room_media = np.full(len(rooms), AUDIO | VIDEO, dtype=np.int64)
    meeting, who = np.concatenate((meeting, in_room)), np.concatenate((who, rooms))
    media = np.concatenate((media, room_media))
    sessions = connect(rng, cast, meeting, who, media, plan.start[meeting], plan.minutes[meeting] * MINUTE)
    is_scheduled = rng.random(len(plan)) < 0.75
    return Block(
        kind=np.full(len(plan), GROUP),
        organiser=organiser,
        thread=np.where(is_scheduled | (plan.sort == ELSEWHERE), np.arange(len(plan)), NO_THREAD),
        call=sessions.call,
        who=sessions.who,
        other=np.full(len(sessions.call), SERVICE),
        start=sessions.start,
        end=sessions.end,
        platform=sessions.platform,
        media=sessions.media,
        is_test=np.zeros(len(sessions.call), dtype=bool),
        failure=np.where(sessions.failure, sessions.failure, FINE),
        is_outbound=(sessions.who >= cast.first_phone) & (rng.random(len(sessions.call)) < 0.2),
    )


def _book_rooms(rng: np.random.Generator, society: Society, plan: Plan) -> tuple[Ints, Ints]:
    """Room systems that join: identities and meetings; one in the host's own site where there is one."""
    by_site: dict[str, list[int]] = {}
    for row, room in enumerate(society.rooms):
        if room.has_video:
            by_site.setdefault(room.site, []).append(society.cast.first_room + row)
    booked = np.flatnonzero((rng.random(len(plan)) < 0.11) & (plan.sort <= OUTSIDE))
    sites = [society.people[person].site for person in plan.host[booked].tolist()]
    picks = rng.random(len(booked))
    found = [
        (by_site[site][int(pick * len(by_site[site]))], meeting)
        for site, pick, meeting in zip(sites, picks.tolist(), booked.tolist(), strict=True)
        if site in by_site
    ]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
