"""The meeting rooms in Exchange Online: seats, place and whether there is a video system.

Documentation: Microsoft Graph REST v1.0, "room" and the list of places. Read as it is today. A room is known by its
mailbox's address, which is also the user name under which its room system takes part in calls; the ``id`` of a place
occurs nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from connectors.contract import Batch
from connectors.json_records import Id, RecordReader, frame, locality
from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.graph import graph_session, list_pages, token_obtained
from connectors.session import Limit, VendorSession
from connectors.source import Context, Finding, Page, Skipped, Source, SourceSettings, Unchanged, Window, findings
from connectors.transport import Network

ROUTE = "GET /places/microsoft.graph.room"
PATH = "/places/microsoft.graph.room"
PERMISSION = "Place.Read.All"
LIMITS = {"": (Limit(10_000, 600),)}
PAGE_SIZE = 100
"""The vendor's own default."""
ROOM = "room"


class RoomsSettings(SourceSettings):
    """The rooms of a tenant."""

    type: Literal["entra_rooms"] = "entra_rooms"
    account: MicrosoftAccount


class _Address(msgspec.Struct):
    city: str | None = None


class Room(msgspec.Struct, rename="camel"):
    """A room, as far as it is read."""

    email_address: Id
    capacity: int | str | None = None
    """Documented as a number; the vendor's own example shows text."""
    building: str | None = None
    address: _Address | None = None
    video_device_name: str | None = None


_COLUMNS = "room_key observed_on capacity has_video site".split()


def _impossible(room: Room) -> str | None:
    text = str(room.capacity if room.capacity is not None else 0)
    return None if text.isascii() and text.isdigit() else "capacity"


_READER = RecordReader(Room, ROOM, _impossible)


def _open(name: str, settings: RoomsSettings, network: Network) -> VendorSession:
    limits = LIMITS if settings.limits == "documented" else {}
    return graph_session(name, settings.account, network, limits, {ROUTE: PERMISSION})


def _fetch(
    session: VendorSession,
    settings: RoomsSettings,  # noqa: ARG001
    window: Window,  # noqa: ARG001
    known: Mapping[str, int],  # noqa: ARG001
) -> Iterator[Page | Skipped | Unchanged]:
    for rooms in list_pages(session, ROUTE, PATH, {"$top": str(PAGE_SIZE)}):
        yield Page(ROOM, msgspec.json.encode(rooms), {})


def _parse(page: Page, settings: RoomsSettings, context: Context) -> Batch:  # noqa: ARG001
    understood = _READER.read(page.body, context.pseudonyms)
    rows = [
        (
            context.pseudonyms.of("room", room.email_address),
            context.today,
            int(room.capacity) if room.capacity else None,  # the vendor writes 0 where nobody said how many
            True if room.video_device_name else None,  # not filled in is not the same as not there
            locality(room.address.city if room.address else None) or locality(room.building),
        )
        for room in understood.records
    ]
    return Batch(
        frames={"rooms": frame("rooms", _COLUMNS, rows), **understood.frames()},
        pulled=understood.count,
        landed=len(rows),
        unparsed=tuple(understood.unparsed),
    )


def _check(session: VendorSession, settings: RoomsSettings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    def look_at_rooms() -> str | Finding:
        if next(list_pages(session, ROUTE, PATH, {"$top": "1"})):
            return "allowed"
        message = (
            "allowed, but there are no rooms: make room mailboxes in Exchange, or take this source out of settings"
        )
        return Finding(ROUTE, is_good=False, message=message)

    steps: dict[str, Callable[[], str | Finding]] = {"token": lambda: token_obtained(session), ROUTE: look_at_rooms}
    yield from findings(steps)


SOURCE = Source(
    type_name="entra_rooms",
    kind="rooms",
    settings=RoomsSettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
)
