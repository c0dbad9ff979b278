"""The users of a Zoom account: which Zoom id is whose address, and people where Zoom is the directory.

Documentation: developers.zoom.us, Zoom Users API, "List users". Read as it is today; names are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from connectors.contract import Batch
from connectors.json_records import Id, RecordReader, frame
from connectors.session import VendorSession
from connectors.source import Context, Finding, Page, Skipped, Source, SourceSettings, Unchanged, Window, findings
from connectors.transport import Network
from connectors.zoom.account import ZoomAccount
from connectors.zoom.pages import List, read_all
from connectors.zoom.routes import USERS
from connectors.zoom.session import MEDIUM, ZoomSession

USER = "zoom_user"
STATUSES = ("active", "inactive")
"""Invited people who never answered (pending) have no account."""

PersonGroup = Literal["employee", "elected", "consultant", "unknown"]


class ZoomUsersSettings(SourceSettings):
    """The users of a Zoom account."""

    type: Literal["zoom_users"] = "zoom_users"
    account: ZoomAccount
    is_directory: bool = False
    """Whether Zoom says which people and departments there are, for want of a directory."""
    person_groups: Mapping[str, PersonGroup] = {}
    """Department, as Zoom spells it, to the group of its people."""
    other_group: PersonGroup = "employee"
    """The group of everyone else."""
    excluded_departments: frozenset[str] = frozenset()
    """Departments whose people never land."""


class User(msgspec.Struct):
    """A user, as far as it is read."""

    id: Id
    email: Id
    dept: str | None = None
    status: str | None = None


_READER = RecordReader(User, USER)
_PEOPLE = "person_key observed_on department person_group is_active".split()
_IDENTITIES = "alias_key person_key alias_kind".split()


def _open(name: str, settings: ZoomUsersSettings, network: Network) -> VendorSession:
    return ZoomSession(name, settings.account, network, is_limited=settings.limits == "documented")


def _list(status: str) -> List:
    return List(USERS, "/users", "users", MEDIUM, {"status": status})


def _fetch(
    session: ZoomSession,
    settings: ZoomUsersSettings,  # noqa: ARG001
    window: Window,  # noqa: ARG001
    known: Mapping[str, int],  # noqa: ARG001
) -> Iterator[Page | Skipped | Unchanged]:
    session.sign_in()
    for status in STATUSES:
        users = read_all(session, _list(status))
        if users:
            yield Page(USER, msgspec.json.encode(users), {"status": status})


def _parse(page: Page, settings: ZoomUsersSettings, context: Context) -> Batch:
    understood = _READER.read(page.body, context.pseudonyms)
    people, identities = [], []
    excluded = 0
    for user in understood.records:
        if user.dept in settings.excluded_departments:
            excluded += 1
            continue
        # participants are known by their address where Zoom tells it, so the address stands for the person
        key = context.pseudonyms.of("mail", user.email)
        identities.append((context.pseudonyms.of("zoom_id", user.id), key, "zoom_id"))
        group = settings.person_groups.get(user.dept or "", settings.other_group)
        status = user.status or page.about.get("status")
        people.append((key, context.today, user.dept or None, group, status == "active" if status else None))
    frames = {"identities": frame("identities", _IDENTITIES, identities)}
    if settings.is_directory:
        frames["people"] = frame("people", _PEOPLE, people)
    return Batch(
        frames={**frames, **understood.frames()},
        pulled=understood.count,
        landed=len(people),
        excluded={"excluded_department": excluded} if excluded else {},
        unparsed=tuple(understood.unparsed),
    )


def _check(session: ZoomSession, settings: ZoomUsersSettings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    def sign_in() -> str:
        session.sign_in()
        return "the app signs in"

    def look_at_users() -> str | Finding:
        users = read_all(session, _list("active"))
        departments = {msgspec.json.decode(raw, type=User).dept for raw in users}
        if departments - {None, ""} or not settings.is_directory:
            return f"allowed; {len(users)} active users"
        return Finding(
            USERS,
            is_good=False,
            message=f"allowed, but none of {len(users)} users has a department: fill it in at zoom.us → User "
            "Management → Users, or the figures will be for the whole organisation only",
        )

    steps: dict[str, Callable[[], str | Finding]] = {"token": sign_in, USERS: look_at_users}
    yield from findings(steps)


SOURCE = Source(
    type_name="zoom_users",
    kind="directory",
    settings=ZoomUsersSettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
)
