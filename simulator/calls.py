"""The calls a meeting platform recorded, as columns: a few hundred thousand rows stay small and fast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt

from simulator.people import OutsidePerson, Person, Room, uuids

GROUP, PEER = 0, 1
"""Kinds of call."""
AUDIO, VIDEO, SHARE = 1, 2, 4
"""Media, as bits."""
PLATFORMS = ("windows", "macOS", "iOS", "android", "web", "ipPhone", "roomSystem", "unknown")
WINDOWS, MACOS, IOS, ANDROID, WEB, IP_PHONE, ROOM_SYSTEM, UNKNOWN = range(len(PLATFORMS))
FINE, SETUP_FAILED, DROPPED = 0, 1, 2
"""How a session went."""
VENDORS = ("teams", "zoom", "webex", "cisco_meeting_server", "skype_for_business")
"""Meeting platforms; the last one is given up halfway through the time."""
TEAMS, ZOOM, WEBEX, CMS, SKYPE = range(len(VENDORS))
SERVICE = -1
"""Instead of an identity: a service of the vendor."""
NO_THREAD = -1

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Identity:
    """Who an endpoint belongs to, as a meeting platform sees it."""

    kind: Literal["user", "outside", "room", "guest", "phone"]
    id: str
    """Entra id, or the number of a telephone."""
    display_name: str | None
    upn: str | None
    tenant_id: str | None
    person: int | None = None
    """Whose it is in truth: position in the list of people; None for rooms and people from outside."""


@dataclass(frozen=True)
class Cast:
    """All identities, in blocks: people, rooms, outside people, guests, people's telephones, other telephones."""

    identities: tuple[Identity, ...]
    people: int
    rooms: int
    outside: int
    guests: int
    other_phones: int

    @property
    def first_room(self) -> int:
        """Position of the first room."""
        return self.people

    @property
    def first_outside(self) -> int:
        """Position of the first person of another organisation."""
        return self.first_room + self.rooms

    @property
    def first_guest(self) -> int:
        """Position of the first guest without an account."""
        return self.first_outside + self.outside

    @property
    def first_phone(self) -> int:
        """Position of the first person's telephone; they follow in the order of the people."""
        return self.first_guest + self.guests

    @property
    def first_other_phone(self) -> int:
        """Position of the first telephone of nobody in the directory."""
        return self.first_phone + self.people


def assemble_cast(
    rng: np.random.Generator,
    tenant_id: str,
    people: Sequence[Person],
    rooms: Sequence[Room],
    outside: Sequence[OutsidePerson],
) -> Cast:
    """List everyone and everything that can be in a call."""
    guest_ids = uuids(rng, 60)
    strangers = rng.choice(90_000, size=200, replace=False) + 10_000
    identities = [
        *(Identity("user", who.entra_id, who.display_name, who.upn, tenant_id, i) for i, who in enumerate(people)),
        *(Identity("room", room.entra_id, room.name, room.mail, tenant_id) for room in rooms),
        *(Identity("outside", who.entra_id, None, None, who.tenant_id) for who in outside),
        *(Identity("guest", guest, f"Besökare {number + 1}", None, None) for number, guest in enumerate(guest_ids)),
        *(Identity("phone", who.mobile, None, None, None, i) for i, who in enumerate(people)),
        *(Identity("phone", f"+467410{number}", None, None, None) for number in strangers),
    ]
    return Cast(tuple(identities), len(people), len(rooms), len(outside), len(guest_ids), len(strangers))


@dataclass
class Block:
    """Calls as a generator makes them: sessions point at the row of their call within the block."""

    kind: Ints
    organiser: Ints
    thread: Ints
    call: Ints
    who: Ints
    other: Ints
    start: Ints
    end: Ints
    platform: Ints
    media: Ints
    is_test: Bools
    failure: Ints
    is_outbound: Bools
    """The service called the participant."""


@dataclass
class Calls:
    """All calls in the order of their start, with their sessions.

    Columns of a call: ``ids``, ``kind``, ``organiser`` (identity), ``thread`` (meeting link, ``NO_THREAD``),
    ``start`` and ``end`` (microseconds), ``version``, ``modified`` (when the newest version was written), ``vendor``
    (whose platform it took place on).
    Sessions of call ``i`` are ``first[i]`` to ``first[i + 1]``; ``who`` and ``other`` are identities or ``SERVICE``.
    """

    ids: list[str]
    kind: Ints
    organiser: Ints
    thread: Ints
    start: Ints
    end: Ints
    version: Ints
    modified: Ints
    vendor: Ints
    first: Ints
    session_ids: list[str]
    who: Ints
    other: Ints
    session_start: Ints
    session_end: Ints
    platform: Ints
    media: Ints
    is_test: Bools
    failure: Ints
    is_outbound: Bools

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def sessions(self) -> int:
        """Number of sessions of all calls."""
        return len(self.session_ids)

    def sessions_of(self, call: int) -> range:
        """Rows of a call's sessions."""
        return range(int(self.first[call]), int(self.first[call + 1]))


def join(blocks: Sequence[Block]) -> Block:
    """Put blocks one after the other."""
    before = np.cumsum([0, *(len(block.kind) for block in blocks)])
    whole = Block(*(np.concatenate([getattr(block, field.name) for block in blocks]) for field in fields(Block)))
    whole.call = np.concatenate([block.call + offset for block, offset in zip(blocks, before, strict=False)])
    return whole


def assemble(rng: np.random.Generator, block: Block, vendor: Ints | None = None) -> Calls:
    """Order calls by start; a call lasts from its first session's start to its last one's end.

    Args:
        rng: source of chance.
        block: the calls.
        vendor: whose platform each call took place on; None for Teams alone.
    """
    call, count = block.call, len(block.kind)
    vendor = np.full(count, TEAMS) if vendor is None else vendor
    start, end = np.full(count, np.iinfo(np.int64).max), np.zeros(count, dtype=np.int64)
    np.minimum.at(start, call, block.start)
    np.maximum.at(end, call, block.end)
    order = np.argsort(start, kind="stable")
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    by_call = np.lexsort((block.start, place[call]))
    sizes = np.bincount(place[call], minlength=count)
    version = rng.choice((1, 2, 3), size=count, p=(0.7, 0.22, 0.08))
    written = end[order] + rng.integers(10 * 60, 150 * 60, size=count) * 1_000_000 * version
    return Calls(
        ids=uuids(rng, count),
        kind=block.kind[order],
        organiser=block.organiser[order],
        thread=block.thread[order],
        start=start[order],
        end=end[order],
        version=version.astype(np.int64),
        modified=written,
        vendor=vendor[order],
        first=np.concatenate(([0], np.cumsum(sizes))),
        session_ids=uuids(rng, len(call)),
        who=block.who[by_call],
        other=block.other[by_call],
        session_start=block.start[by_call],
        session_end=block.end[by_call],
        platform=block.platform[by_call],
        media=block.media[by_call],
        is_test=block.is_test[by_call],
        failure=block.failure[by_call],
        is_outbound=block.is_outbound[by_call],
    )


def people_in_room(row: int) -> int:
    """How many people sit before a room's system, by the row of its session; of all vendors Zoom alone counts them."""
    return 1 + row % 4


def iterate(calls: Calls, kind: int) -> Iterator[int]:
    """Rows of the calls of one kind."""
    return iter(np.flatnonzero(calls.kind == kind).tolist())
