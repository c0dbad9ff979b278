"""Which vendor's platform each call takes place on: departments have their habits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.calls import CMS, GROUP, SERVICE, SKYPE, TEAMS, WEBEX, ZOOM, Block, Bools, Cast, Ints
from simulator.people import Person

_SECOND = 1_000_000
_USUAL = {ZOOM: 0.08, WEBEX: 0.06, CMS: 0.04}
_SKYPE = 0.1
"""Share of what would be in Teams that is in Skype, as long as there is Skype."""
_HABITS: Mapping[str, Mapping[int, float]] = {
    "Kultur- och fritidsförvaltningen": {ZOOM: 0.4, WEBEX: 0.03, CMS: 0.02},
    "Samhällsbyggnadsförvaltningen": {ZOOM: 0.08, WEBEX: 0.18, CMS: 0.05},
    "Kommunledningskontoret": {ZOOM: 0.06, WEBEX: 0.1, CMS: 0.2},
}
"""Share of the group calls that a department's people hold on each platform, where it is not the usual one."""


def choose_vendors(
    rng: np.random.Generator,
    block: Block,
    cast: Cast,
    people: Sequence[Person],
    vendors: Sequence[int],
    skype_ends: int,
) -> Ints:
    """Say where each call takes place, and round the times of those elsewhere than in Teams to what is told there.

    Only Teams has calls between two, calls of other organisations, tests, answering services, and people who dial in
    with their own telephone, whom the others could not recognise. Meetings elsewhere have at least two of the
    municipality's people, or nobody but the organiser, so that it is certain whether they count.

    Args:
        rng: source of chance.
        block: all calls; sessions elsewhere get whole seconds, and at least one.
        cast: the identities.
        people: the municipality's.
        vendors: those in use.
        skype_ends: microseconds since 1970; nobody meets in Skype from then on.
    """
    shares = np.zeros((len(people), CMS + 1))
    for row, person in enumerate(people):
        for vendor, share in _HABITS.get(person.department, _USUAL).items():
            shares[row, vendor] = share if vendor in vendors else 0.0
    until = np.cumsum(shares[:, ZOOM:], axis=1)
    organiser = np.minimum(block.organiser, cast.people - 1)
    choice: Ints = (rng.random(len(block.kind))[:, np.newaxis] >= until[organiser]).sum(axis=1) + ZOOM
    can_move = _can_move(block, cast)
    chosen: Ints = np.where(can_move & (choice <= CMS), choice, TEAMS).astype(np.int64)
    if SKYPE in vendors:
        could = can_move & (chosen == TEAMS) & _has_only_people(block, cast) & (_starts(block) < skype_ends)
        chosen[could & (rng.random(len(block.kind)) < _SKYPE)] = SKYPE
    elsewhere = chosen[block.call] != TEAMS
    start = np.where(elsewhere, block.start // _SECOND * _SECOND, block.start)
    block.end = np.where(elsewhere, np.maximum(block.end // _SECOND * _SECOND, start + _SECOND), block.end)
    block.start = start
    return chosen


def _can_move(block: Block, cast: Cast) -> Bools:
    count = len(block.kind)
    is_own_phone = (block.who >= cast.first_phone) & (block.who < cast.first_other_phone)
    is_barred = (block.who == SERVICE) | block.is_test | is_own_phone
    barred = np.bincount(block.call, weights=is_barred, minlength=count) > 0
    pairs = np.unique(block.call * len(cast.identities) + np.maximum(block.who, 0))
    present = np.bincount(pairs // len(cast.identities), minlength=count)
    ours = np.bincount(pairs[pairs % len(cast.identities) < cast.people] // len(cast.identities), minlength=count)
    is_certain = (ours >= 2) | ((present == 1) & (ours == 1))
    found: Bools = (block.kind == GROUP) & (block.organiser < cast.people) & ~barred & is_certain
    return found


def _has_only_people(block: Block, cast: Cast) -> Bools:
    """Calls without rooms, guests and telephones, which the records of Skype tell from nobody."""
    is_person = (block.who < cast.people) | ((block.who >= cast.first_outside) & (block.who < cast.first_guest))
    found: Bools = np.bincount(block.call, weights=~is_person, minlength=len(block.kind)) == 0
    return found


def _starts(block: Block) -> Ints:
    start = np.full(len(block.kind), np.iinfo(np.int64).max)
    np.minimum.at(start, block.call, block.start)
    return start
