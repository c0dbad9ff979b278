"""Bookings of the meeting rooms in Exchange Online, from the calendar of each room's mailbox.

Documentation: Microsoft Graph REST v1.0, "List calendarView", "event" and "Throttling limits". Days that have come are
read, series as their single occurrences. Subject and text are not asked for, and of a place only a meeting's link is
kept. ``Calendars.Read`` as an application permission opens every mailbox; RBAC for Applications in Exchange can grant
it for the room mailboxes alone, and then it need not be granted in Entra.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import quote

import msgspec

from connectors.contract import Batch
from connectors.errors import SkippedRecord
from connectors.json_records import RecordReader, frame
from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.graph import graph_session, list_pages, token_obtained
from connectors.microsoft.room_events import BOOKING, SELECTED, Booking, impossible
from connectors.microsoft.rooms import PAGE_SIZE as ROOMS_PER_PAGE
from connectors.microsoft.rooms import PATH as ROOMS_PATH
from connectors.microsoft.rooms import PERMISSION as ROOMS_PERMISSION
from connectors.microsoft.rooms import ROUTE as ROOMS
from connectors.session import Limit, VendorSession
from connectors.source import (
    Context,
    Finding,
    Listed,
    Page,
    Skipped,
    Source,
    SourceSettings,
    Unchanged,
    Window,
    findings,
)
from connectors.transport import Network

CALENDAR = "GET /users/{room}/calendarView"
PERMISSION = "Calendars.Read (or, for the room mailboxes alone, RBAC for Applications in Exchange)"
LIMITS = {"": (Limit(10_000, 600),)}
"""Per app and mailbox, with at most four requests at once; rooms are read one after the other."""
PAGE_SIZE = 500
"""The vendor takes up to 1000."""
IN_UTC = {"Prefer": 'outlook.timezone="UTC"'}
_COLUMNS = (
    "booking_id event_key room_key starts_at ends_at invited is_online_meeting join_key is_cancelled cancelled_basis"
).split()


class RoomCalendarsSettings(SourceSettings):
    """The calendars of a tenant's rooms."""

    type: Literal["room_calendars"] = "room_calendars"
    account: MicrosoftAccount
    meeting_hosts: tuple[str, ...] = ()
    """Hosts of the organisation's own meeting servers, whose links in a booking's place are meeting links too."""


class _Place(msgspec.Struct, rename="camel"):
    email_address: str | None = None


class _Named(msgspec.Struct):
    id: str | None = None


_READER = RecordReader(Booking, BOOKING, impossible)


def _open(name: str, settings: RoomCalendarsSettings, network: Network) -> VendorSession:
    limits = LIMITS if settings.limits == "documented" else {}
    permissions = {ROOMS: ROOMS_PERMISSION, CALENDAR: PERMISSION}
    return graph_session(name, settings.account, network, limits, permissions)


def _fetch(
    session: VendorSession,
    settings: RoomCalendarsSettings,  # noqa: ARG001
    window: Window,
    known: Mapping[str, int],  # noqa: ARG001
) -> Iterator[Page | Skipped | Unchanged | Listed]:
    seen: set[str] = set()
    for room in _rooms(session):
        if not room:
            yield Skipped("room_without_address")
        elif room.casefold() not in seen:
            seen.add(room.casefold())
            yield from _calendar(session, room, window)


def _rooms(session: VendorSession) -> Iterator[str | None]:
    for rooms in list_pages(session, ROOMS, ROOMS_PATH, {"$top": str(ROOMS_PER_PAGE)}):
        yield from (msgspec.json.decode(raw, type=_Place).email_address for raw in rooms)


def _calendar(session: VendorSession, room: str, window: Window) -> Iterator[Page | Skipped | Listed]:
    """The bookings of a room, and then that these are all."""
    ids: set[str | None] = set()
    try:
        for events in _event_pages(session, room, window, PAGE_SIZE):
            ids.update(msgspec.json.decode(raw, type=_Named).id for raw in events)
            yield Page(BOOKING, msgspec.json.encode([{"room": room, "event": raw} for raw in events]), {})
    except SkippedRecord as skipped:
        yield Skipped(skipped.rule)
        return
    if None not in ids:
        yield Listed(room, window, frozenset(name for name in ids if name))


def _event_pages(session: VendorSession, room: str, window: Window, size: int) -> Iterator[list[msgspec.Raw]]:
    query = {
        "startDateTime": _utc(window.start),
        "endDateTime": _utc(window.end),
        "$select": SELECTED,
        "$top": str(size),
    }
    path = f"/users/{quote(room, safe='@')}/calendarView"
    return list_pages(session, CALENDAR, path, query, headers=IN_UTC, gone="room_without_calendar")


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _parse(page: Page, settings: RoomCalendarsSettings, context: Context) -> Batch:
    understood = _READER.read(page.body, context.pseudonyms)
    pseudonyms = context.pseudonyms
    rows = []
    for booking in understood.records:
        event = booking.event
        join_key = pseudonyms.join_address(event.join_link(settings.meeting_hosts))
        rows.append(
            (
                event.id,
                pseudonyms.of("event", f"{event.i_cal_u_id} {event.start.instant.isoformat()}"),
                pseudonyms.of("room", booking.room),
                event.start.instant,
                event.end.instant,
                booking.invited,
                True if join_key else event.is_online_meeting,
                join_key,
                event.is_cancelled,
                "vendor" if event.is_cancelled else None,
            )
        )
    return Batch(
        frames={"room_bookings": frame("room_bookings", _COLUMNS, rows), **understood.frames()},
        pulled=understood.count,
        landed=len(rows),
        unparsed=tuple(understood.unparsed),
    )


def _check(session: VendorSession, settings: RoomCalendarsSettings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    rooms: list[str] = []

    def look_at_rooms() -> str | Finding:
        rooms.extend(room for room in _rooms(session) if room)
        if rooms:
            return f"allowed; {len(rooms)} rooms"
        message = (
            "allowed, but there are no rooms: make room mailboxes in Exchange, or take this source out of settings"
        )
        return Finding(ROOMS, is_good=False, message=message)

    def look_at_calendars() -> str | Finding:
        if not rooms:
            return "not tried, since there is no room"
        for number, room in enumerate(rooms):
            try:
                next(_event_pages(session, room, Window(now - timedelta(days=1), now), 1))
            except SkippedRecord:
                continue
            return (
                "allowed" if number == 0 else f"allowed; the first {number} rooms have no calendar in Exchange Online"
            )
        return Finding(
            CALENDAR,
            is_good=False,
            message="no room has a calendar in Exchange Online: check where the room mailboxes are, or take this "
            "source out of settings",
        )

    steps: dict[str, Callable[[], str | Finding]] = {
        "token": lambda: token_obtained(session),
        ROOMS: look_at_rooms,
        CALENDAR: look_at_calendars,
    }
    yield from findings(steps)


SOURCE = Source(
    type_name="room_calendars",
    kind="bookings",
    settings=RoomCalendarsSettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
)
