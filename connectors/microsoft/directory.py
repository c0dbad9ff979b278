"""The directory in Microsoft Entra: people with department and place of work, and the addresses and numbers they have.

Documentation: Microsoft Graph REST v1.0, "user" and its list. Read as it is today; names and titles are not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from connectors.contract import Batch
from connectors.json_records import Id, RecordReader, frame, locality
from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.entra_names import is_guest_name, is_number
from connectors.microsoft.graph import graph_session, list_pages, token_obtained
from connectors.pseudonyms import Pseudonyms
from connectors.session import Limit, VendorSession
from connectors.source import Context, Finding, Page, Skipped, Source, SourceSettings, Unchanged, Window, findings
from connectors.transport import Network

ROUTE = "GET /users"
PERMISSION = "User.Read.All"
LIMITS = {"": (Limit(3500, 10),)}
"""Resource units of the smallest tenants; a page with $select costs one."""
PAGE_SIZE = 999
"""The most the vendor takes."""
USER = "user"

PersonGroup = Literal["employee", "elected", "consultant", "unknown"]


class DirectorySettings(SourceSettings):
    """An Entra directory."""

    type: Literal["entra_directory"] = "entra_directory"
    account: MicrosoftAccount
    person_groups: Mapping[str, PersonGroup] = {}
    """``employeeType`` or department, as the directory spells it, to the group of the person."""
    other_group: PersonGroup = "employee"
    """The group of everyone else."""
    excluded_departments: frozenset[str] = frozenset()
    """Departments whose people never land."""
    needs_employee_id: bool = False
    """Leave out accounts without ``employeeId``: rooms, functions and services, where all staff have one."""


class User(msgspec.Struct, rename="camel"):
    """An account, as far as it is read."""

    id: Id
    account_enabled: bool | None = None
    user_type: str | None = None
    department: str | None = None
    office_location: str | None = None
    city: str | None = None
    employee_id: str | None = None
    employee_type: str | None = None
    mail: str | None = None
    user_principal_name: str | None = None
    proxy_addresses: list[str] | None = None
    mobile_phone: str | None = None
    business_phones: list[str] | None = None

    def aliases(self) -> Iterator[tuple[str, str]]:
        """Kind and value of every other name of the person."""
        yield from (("mail", value) for value in (self.mail, self.user_principal_name) if value)
        for address in self.proxy_addresses or ():
            scheme, _, value = address.partition(":")
            kind = _SCHEMES.get(scheme.casefold())
            if kind and value:
                yield kind, value
        numbers = (self.mobile_phone, *(self.business_phones or ()))
        yield from (("phone", number) for number in numbers if number and is_number(number))
        if self.employee_id:
            yield "employee_no", self.employee_id


_SCHEMES: Mapping[str, str] = {"smtp": "mail", "sip": "sip"}
_READER = RecordReader(User, USER)
_SELECT = ",".join(field.encode_name for field in msgspec.structs.fields(User))
_PEOPLE = "person_key observed_on department site person_group is_active".split()
_IDENTITIES = "alias_key person_key alias_kind".split()


def _open(name: str, settings: DirectorySettings, network: Network) -> VendorSession:
    limits = LIMITS if settings.limits == "documented" else {}
    return graph_session(name, settings.account, network, limits, {ROUTE: PERMISSION})


def _fetch(
    session: VendorSession,
    settings: DirectorySettings,  # noqa: ARG001
    window: Window,  # noqa: ARG001
    known: Mapping[str, int],  # noqa: ARG001
) -> Iterator[Page | Skipped | Unchanged]:
    for users in list_pages(session, ROUTE, "/users", {"$select": _SELECT, "$top": str(PAGE_SIZE)}):
        yield Page(USER, msgspec.json.encode(users), {})


def _parse(page: Page, settings: DirectorySettings, context: Context) -> Batch:
    understood = _READER.read(page.body, context.pseudonyms)
    people, identities = [], []
    excluded: dict[str, int] = {}
    for user in understood.records:
        rule = _excluded_by(user, settings)
        if rule:
            excluded[rule] = excluded.get(rule, 0) + 1
            continue
        key = context.pseudonyms.of("entra_id", user.id)
        site = locality(user.office_location) or locality(user.city)
        group = _group(user, settings)
        people.append((key, context.today, user.department or None, site, group, user.account_enabled))
        identities += [(alias, key, kind) for alias, kind in _alias_keys(user, context.pseudonyms).items()]
    return Batch(
        frames={
            "people": frame("people", _PEOPLE, people),
            "identities": frame("identities", _IDENTITIES, identities),
            **understood.frames(),
        },
        pulled=understood.count,
        landed=len(people),
        excluded=excluded,
        unparsed=tuple(understood.unparsed),
    )


def _excluded_by(user: User, settings: DirectorySettings) -> str | None:
    if user.user_type == "Guest" or is_guest_name(user.user_principal_name):
        return "guest_account"
    if user.department in settings.excluded_departments:
        return "excluded_department"
    return "no_employee_id" if settings.needs_employee_id and not user.employee_id else None


def _group(user: User, settings: DirectorySettings) -> PersonGroup:
    groups = settings.person_groups
    by_type = groups.get(user.employee_type or "")
    return by_type or groups.get(user.department or "") or settings.other_group


def _alias_keys(user: User, pseudonyms: Pseudonyms) -> dict[str, str]:
    """Alias to its kind; of two kinds with one value, such as mail and SIP address, the first is kept."""
    keys: dict[str, str] = {}
    for kind, value in user.aliases():
        keys.setdefault(pseudonyms.of(kind, value), kind)
    return keys


def _check(session: VendorSession, settings: DirectorySettings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    def look_at_users() -> str | Finding:
        pages = list_pages(session, ROUTE, "/users", {"$select": "id,department", "$top": "100"})
        users = [msgspec.json.decode(raw, type=User) for raw in next(pages)]
        if any(user.department for user in users):
            return "allowed; departments are filled in"
        return Finding(
            ROUTE,
            is_good=False,
            message=f"allowed, but none of the first {len(users)} accounts has a department: fill in the department "
            "in Entra, or the figures will be for the whole organisation only",
        )

    steps: dict[str, Callable[[], str | Finding]] = {"token": lambda: token_obtained(session), ROUTE: look_at_users}
    yield from findings(steps)


SOURCE = Source(
    type_name="entra_directory",
    kind="directory",
    settings=DirectorySettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
)
