"""The rooms of a Webex organisation: seats, and whether there is a video system, from workspaces and devices.

Documentation: developer.webex.com, "Workspaces" and "Devices". Read as it is today. A room is known by the address it
is called by, under which its system also takes part in meetings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from connectors.contract import Batch
from connectors.json_records import Id, RecordReader, frame
from connectors.session import VendorSession
from connectors.source import Context, Finding, Page, Skipped, Source, Unchanged, Window, findings
from connectors.transport import Network
from connectors.webex.account import WebexAccount
from connectors.webex.home import room_key
from connectors.webex.session import WebexSession, list_pages, token_obtained

WORKSPACES = "GET /workspaces"
DEVICES = "GET /devices"
SCOPES: Mapping[str, str] = {WORKSPACES: "spark-admin:workspaces_read", DEVICES: "spark-admin:devices_read"}
PAGE_SIZE = 100
WORKSPACE = "workspace"
ROOM_TYPES = frozenset(("notSet", "huddle", "meetingRoom", "open", "other"))
"""``type`` of a workspace where several people can meet, or that nobody has typed."""
SINGLE_TYPES = frozenset(("desk", "focus"))
"""``type`` of a workspace for one."""
HAS_VIDEO: Mapping[str, bool | None] = {"roomdesk": True, "phone": False, "accessory": None, "webexgo": None}
"""``type`` of a device to whether it is a video system, or says nothing of it."""
IGNORED = frozenset(("unknown",))


class WebexRoomsSettings(WebexAccount):
    """The rooms of a Webex organisation."""

    type: Literal["webex_rooms"] = "webex_rooms"


class _Device(msgspec.Struct, rename="camel"):
    workspace_id: str | None = None
    type: str | None = None


class _Calendar(msgspec.Struct, rename="camel"):
    email_address: str | None = None


class Workspace(msgspec.Struct, rename="camel"):
    """A workspace, as far as it is read."""

    id: Id
    capacity: float | None = None
    type: str | None = None
    sip_address: str | None = None
    calendar: _Calendar | None = None

    @property
    def address(self) -> str:
        """What it is called by: its own address, else its mailbox, else its id."""
        mailbox = self.calendar.email_address if self.calendar else None
        return self.sip_address or mailbox or self.id


class _Equipped(msgspec.Struct):
    workspace: Workspace
    device_types: list[str] = []


_READER = RecordReader(_Equipped, WORKSPACE)
_COLUMNS = "room_key observed_on capacity has_video".split()


def _open(name: str, settings: WebexRoomsSettings, network: Network) -> VendorSession:
    return WebexSession(name, settings, network, SCOPES)


def _fetch(
    session: VendorSession,
    settings: WebexRoomsSettings,  # noqa: ARG001
    window: Window,  # noqa: ARG001
    known: Mapping[str, int],  # noqa: ARG001
) -> Iterator[Page | Skipped | Unchanged]:
    query = {"max": str(PAGE_SIZE)}
    types: dict[str, list[str]] = {}
    for devices in list_pages(session, DEVICES, "/devices", query):
        for device in map(_device, devices):
            if device.workspace_id and device.type:
                types.setdefault(device.workspace_id, []).append(device.type)
    for workspaces in list_pages(session, WORKSPACES, "/workspaces", query):
        equipped = [{"workspace": raw, "device_types": sorted(types.get(_id(raw), []))} for raw in workspaces]
        yield Page(WORKSPACE, msgspec.json.encode(equipped), {})


def _device(raw: msgspec.Raw) -> _Device:
    try:
        return msgspec.json.decode(raw, type=_Device)
    except msgspec.ValidationError:
        return _Device()  # a device says something of a room only if it says which


def _id(raw: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=Workspace).id
    except msgspec.ValidationError:
        return ""  # rejected when it is parsed


def _parse(page: Page, settings: WebexRoomsSettings, context: Context) -> Batch:  # noqa: ARG001
    understood = _READER.read(page.body, context.pseudonyms)
    rows = []
    excluded: Counter[str] = Counter()
    unknown: Counter[tuple[str, str]] = Counter()
    for record in understood.records:
        workspace = record.workspace
        if workspace.type in SINGLE_TYPES:
            excluded["place_for_one"] += 1
            continue
        if workspace.type is not None and workspace.type not in ROOM_TYPES:
            unknown["workspace.type", workspace.type] += 1
        unknown.update(("device.type", word) for word in record.device_types if word not in {*HAS_VIDEO, *IGNORED})
        seats = workspace.capacity
        rows.append(
            (
                room_key(context.pseudonyms, workspace.address),
                context.today,
                round(seats) if seats is not None and seats > 0 else None,  # −1 and 0 are how nobody said
                _has_video(record.device_types),
            )
        )
    return Batch(
        frames={"rooms": frame("rooms", _COLUMNS, rows), **understood.frames()},
        pulled=understood.count,
        landed=len(rows),
        excluded=dict(excluded),
        unknown_values=dict(unknown),
        unparsed=tuple(understood.unparsed),
    )


def _has_video(device_types: Iterable[str]) -> bool | None:
    """Whether any device is a video system; None if none says: another vendor's system may stand there."""
    told = [HAS_VIDEO.get(word) for word in device_types]
    return True if True in told else False if told and all(each is False for each in told) else None


def _check(session: VendorSession, settings: WebexRoomsSettings, now: datetime) -> Iterator[Finding]:
    def look_at_workspaces() -> str | Finding:
        if next(list_pages(session, WORKSPACES, "/workspaces", {"max": "1"})):
            return "allowed"
        message = "allowed, but there are no workspaces: add them in Control Hub, or take this source out of settings"
        return Finding(WORKSPACES, is_good=False, message=message)

    def look_at_devices() -> str:
        next(list_pages(session, DEVICES, "/devices", {"max": "1"}))
        return "allowed"

    steps: dict[str, Callable[[], str | Finding]] = {
        "token": lambda: token_obtained(session, settings, now),
        DEVICES: look_at_devices,
        WORKSPACES: look_at_workspaces,
    }
    yield from findings(steps)


SOURCE = Source(
    type_name="webex_rooms",
    kind="rooms",
    settings=WebexRoomsSettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
)
