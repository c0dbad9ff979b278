"""Which vendor's platform each call takes place on: departments have their habits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.calls import CMS, GROUP, SERVICE, TEAMS, WEBEX, ZOOM, Block, Bools, Cast, Ints
from simulator.people import Person

_SECOND = 1_000_000
_USUAL = {ZOOM: 0.08, WEBEX: 0.06, CMS: 0.04}
_HABITS: Mapping[str, Mapping[int, float]] = {
    "Kultur- och fritidsförvaltningen": {ZOOM: 0.4, WEBEX: 0.03, CMS: 0.02},
    "Samhällsbyggnadsförvaltningen": {ZOOM: 0.08, WEBEX: 0.18, CMS: 0.05},
    "Kommunledningskontoret": {ZOOM: 0.06, WEBEX: 0.1, CMS: 0.2},
}
"""Share of the group calls that a department's people hold on each platform, where it is not the usual one."""


def choose_vendors(
    rng: np.random.Generator, block: Block, cast: Cast, people: Sequence[Person], vendors: Sequence[int]
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
    """
    shares = np.zeros((len(people), CMS + 1))
    for row, person in enumerate(people):
        for vendor, share in _HABITS.get(person.department, _USUAL).items():
            shares[row, vendor] = share if vendor in vendors else 0.0
    until = np.cumsum(shares[:, ZOOM:], axis=1)
    organiser = np.minimum(block.organiser, cast.people - 1)
    choice: Ints = (rng.random(len(block.kind))[:, np.newaxis] >= until[organiser]).sum(axis=1) + ZOOM
    chosen: Ints = np.where(_can_move(block, cast) & (choice <= CMS), choice, TEAMS).astype(np.int64)
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
