"""How people connect to a meeting: late, twice, from two devices, by telephone, with a line that breaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.calendar import MINUTE
from simulator.calls import (
    ANDROID,
    AUDIO,
    DROPPED,
    FINE,
    IOS,
    IP_PHONE,
    MACOS,
    ROOM_SYSTEM,
    SETUP_FAILED,
    UNKNOWN,
    WEB,
    WINDOWS,
    Bools,
    Cast,
    Ints,
)

_REJOIN, _SECOND_DEVICE, _FAILED_ATTEMPT = 0.06, 0.03, 0.006
_BROKEN = 0.3
"""Share of rejoins that were broken lines."""
_SHORTEST = 20 * 1_000_000


@dataclass
class Sessions:
    """Connections as columns."""

    call: Ints
    who: Ints
    start: Ints
    end: Ints
    platform: Ints
    media: Ints
    failure: Ints


def _devices(rng: np.random.Generator, cast: Cast, who: Ints) -> Ints:
    usual = rng.choice((WINDOWS, MACOS, IOS, ANDROID, WEB), size=len(who), p=(0.72, 0.06, 0.09, 0.05, 0.08))
    is_room = (who >= cast.first_room) & (who < cast.first_outside)
    is_guest = (who >= cast.first_guest) & (who < cast.first_phone)
    device = np.where(is_room, ROOM_SYSTEM, np.where(is_guest, WEB, usual))
    return np.where(who >= cast.first_phone, np.where(rng.random(len(who)) < 0.1, IP_PHONE, UNKNOWN), device)


def connect(
    rng: np.random.Generator, cast: Cast, call: Ints, who: Ints, media: Ints, start: Ints, length: np.ndarray
) -> Sessions:
    """Turn participations into sessions: one per connection, in no particular order.

    Args:
        rng: source of chance.
        cast: the identities.
        call: the meeting, one row per participation.
        who: identity, SERVICE excepted.
        media: bits.
        start: planned start in microseconds.
        length: planned length in microseconds.
    """
    count = len(call)
    late = np.where(rng.random(count) < 0.06, rng.uniform(4, 14, count), rng.normal(0.3, 1.4, count))
    joined = start + (np.clip(late, -5, 14) * MINUTE).astype(np.int64)
    gone = start + (np.clip(rng.normal(0.98, 0.06, count), 0.5, 1.2) * length).astype(np.int64)
    gone = np.maximum(gone, joined + _SHORTEST) + rng.integers(0, 1_000_000, size=count)
    joined += rng.integers(0, 1_000_000, size=count)
    platform, failure = _devices(rng, cast, who), np.full(count, FINE, dtype=np.int64)

    again = np.flatnonzero(rng.random(count) < _REJOIN)
    breaks = joined[again] + ((gone[again] - joined[again]) * rng.uniform(0.2, 0.8, len(again))).astype(np.int64)
    back = np.minimum(breaks + rng.integers(5, 240, size=len(again)) * 1_000_000, gone[again])
    second = Sessions(call[again], who[again], back, gone[again], platform[again], media[again], failure[again])
    gone = gone.copy()
    gone[again] = breaks
    failure[again] = np.where(rng.random(len(again)) < _BROKEN, DROPPED, FINE)

    is_person: Bools = who < cast.people
    also = np.flatnonzero((rng.random(count) < _SECOND_DEVICE) & is_person)
    by_phone = rng.random(len(also)) < 0.3
    middle = joined[also] + ((gone[also] - joined[also]) * rng.uniform(0.0, 0.5, len(also))).astype(np.int64)
    device = Sessions(
        call[also],
        np.where(by_phone, cast.first_phone + who[also], who[also]),
        middle,
        gone[also],
        np.where(by_phone, UNKNOWN, IOS),
        np.full(len(also), AUDIO, dtype=np.int64),
        np.full(len(also), FINE, dtype=np.int64),
    )

    tried = np.flatnonzero((rng.random(count) < _FAILED_ATTEMPT) & is_person)
    attempt = Sessions(
        call[tried],
        who[tried],
        joined[tried] - 8_000_000,
        joined[tried] - 5_000_000,
        platform[tried],
        media[tried] & AUDIO,
        np.full(len(tried), SETUP_FAILED, dtype=np.int64),
    )
    main = Sessions(call, who, joined, gone, platform, media, failure)
    parts = [main, second, device, attempt]
    return Sessions(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("call", "who", "start", "end", "platform", "media", "failure")
        )
    )
