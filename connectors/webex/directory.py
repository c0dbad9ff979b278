"""The people of a Webex organisation: which mail and SIP addresses are one person's, and departments if asked for.

Documentation: developer.webex.com, "People". Read as it is today. Names, titles and telephone numbers have no field
here: they are never read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from connectors.contract import Batch
from connectors.json_records import Id, RecordReader, frame, locality
from connectors.pseudonyms import Pseudonyms
from connectors.session import VendorSession
from connectors.source import Context, Finding, Page, Skipped, Source, Unchanged, Window, findings
from connectors.transport import Network
from connectors.webex.account import WebexAccount
from connectors.webex.session import WebexSession, list_pages, token_obtained

ROUTE = "GET /people"
SCOPES: Mapping[str, str] = {ROUTE: "spark-admin:people_read"}
PAGE_SIZE = 100
"""The vendor's own default."""
PERSON = "person"
NO_PERSON = frozenset(("bot", "appuser"))
"""Of ``type``, those that are no people of the organisation: programs and guests."""
SIP_TYPES = frozenset(("enterprise", "cloud-calling"))
IGNORED_SIP_TYPES = frozenset(("personal-room",))
"""The address of a meeting room of one's own is a place, not a person."""

PersonGroup = Literal["employee", "elected", "consultant", "unknown"]


class WebexDirectorySettings(WebexAccount):
    """The people of a Webex organisation."""

    type: Literal["webex_directory"] = "webex_directory"
    is_directory: bool = False
    """Webex is where departments are kept: land people too. Else only which addresses belong together."""
    person_groups: Mapping[str, PersonGroup] = {}
    """Department, as the directory spells it, to the group of its people."""
    other_group: PersonGroup = "employee"
    """The group of everyone else."""
    excluded_departments: frozenset[str] = frozenset()
    """Departments whose people never land."""


class _Sip(msgspec.Struct):
    value: str | None = None
    type: str | None = None


class _Address(msgspec.Struct):
    locality: str | None = None
    type: str | None = None


class Person(msgspec.Struct, rename="camel"):
    """A person, as far as it is read."""

    id: Id
    emails: list[str] = []
    sip_addresses: list[_Sip] | None = None
    department: str | None = None
    addresses: list[_Address] | None = None
    login_enabled: bool | str | None = None
    """Documented as text."""
    type: str | None = None

    @property
    def site(self) -> str | None:
        """Where the person works, at locality level."""
        at_work = [each.locality for each in self.addresses or () if each.type in ("work", None)]
        return next(filter(None, map(locality, at_work)), None)

    @property
    def is_active(self) -> bool | None:
        """Whether the person may sign in; None if that is not told."""
        return {"true": True, "false": False}.get(str(self.login_enabled).casefold())


_READER = RecordReader(Person, PERSON)
_PEOPLE = "person_key observed_on department site person_group is_active".split()
_IDENTITIES = "alias_key person_key alias_kind".split()


def _open(name: str, settings: WebexDirectorySettings, network: Network) -> VendorSession:
    return WebexSession(name, settings, network, SCOPES)


def _fetch(
    session: VendorSession,
    settings: WebexDirectorySettings,  # noqa: ARG001
    window: Window,  # noqa: ARG001
    known: Mapping[str, int],  # noqa: ARG001
) -> Iterator[Page | Skipped | Unchanged]:
    # who is busy or away is of no use, and costs the vendor much
    query = {"max": str(PAGE_SIZE), "excludeStatus": "true"}
    for people in list_pages(session, ROUTE, "/people", query):
        yield Page(PERSON, msgspec.json.encode(people), {})


def _parse(page: Page, settings: WebexDirectorySettings, context: Context) -> Batch:
    understood = _READER.read(page.body, context.pseudonyms)
    people, identities = [], []
    excluded: Counter[str] = Counter()
    unknown: Counter[tuple[str, str]] = Counter()
    for person in understood.records:
        if person.type in NO_PERSON or person.department in settings.excluded_departments:
            excluded["no_person" if person.type in NO_PERSON else "excluded_department"] += 1
            continue
        if person.type not in ("person", None):
            unknown["type", person.type] += 1
        key = context.pseudonyms.of("webex_id", person.id)
        group = settings.person_groups.get(person.department or "", settings.other_group)
        people.append((key, context.today, person.department or None, person.site, group, person.is_active))
        identities += [(alias, key, kind) for alias, kind in _aliases(person, context.pseudonyms, unknown).items()]
    frames = {"identities": frame("identities", _IDENTITIES, identities), **understood.frames()}
    if settings.is_directory:
        frames["people"] = frame("people", _PEOPLE, people)
    return Batch(
        frames=frames,
        pulled=understood.count,
        landed=len(people),
        excluded=dict(excluded),
        unknown_values=dict(unknown),
        unparsed=tuple(understood.unparsed),
    )


def _aliases(person: Person, pseudonyms: Pseudonyms, unknown: Counter[tuple[str, str]]) -> dict[str, str]:
    """Alias to its kind; of two kinds with one value, such as mail and SIP address, the first is kept."""
    keys = {pseudonyms.of("mail", address): "mail" for address in person.emails if address}
    for sip in person.sip_addresses or ():
        if sip.type in SIP_TYPES and sip.value:
            keys.setdefault(pseudonyms.of("sip", sip.value), "sip")
        elif sip.type is not None and sip.type not in SIP_TYPES | IGNORED_SIP_TYPES:
            unknown["sipAddresses.type", sip.type] += 1
    return keys


def _check(session: VendorSession, settings: WebexDirectorySettings, now: datetime) -> Iterator[Finding]:
    def look_at_people() -> str | Finding:
        found = [msgspec.json.decode(raw) for raw in next(list_pages(session, ROUTE, "/people", {"max": "100"}))]
        if not settings.is_directory or any(person.get("department") for person in found):
            return "allowed"
        return Finding(
            ROUTE,
            is_good=False,
            message=f"allowed, but none of the first {len(found)} people has a department: fill it in, in Control Hub "
            "→ Users, or the figures will be for the whole organisation only",
        )

    steps: dict[str, Callable[[], str | Finding]] = {
        "token": lambda: token_obtained(session, settings, now),
        ROUTE: look_at_people,
    }
    yield from findings(steps)


SOURCE = Source(
    type_name="webex_directory",
    kind="directory",
    settings=WebexDirectorySettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
)
