"""Microsoft Teams: meetings and who was connected to them, from the call records in Microsoft Graph.

Documentation: Microsoft Graph REST v1.0, "callRecord" and its list, and "Throttling limits". The vendor keeps records
for thirty days; a record appears minutes to hours after its call and may be revised later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from connectors.contract import Batch
from connectors.json_records import Instant
from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.graph import BATCH, ask_batched, graph_session, list_pages, token_obtained
from connectors.microsoft.teams_cast import Home
from connectors.microsoft.teams_fetch import LIST, ONE, PARTICIPANTS, SESSIONS, details, fetch, list_filter
from connectors.microsoft.teams_parse import parse
from connectors.session import Limit, VendorSession
from connectors.source import Context, Finding, Page, Skipped, Source, SourceSettings, Unchanged, Window, findings
from connectors.transport import Network

PERMISSION = "CallRecords.Read.All"
LIMITS = {"": (Limit(1500, 20),)}
"""Per app and tenant, members of batches counted one by one. The limits per single record (10 requests in 20 seconds,
50 further pages in 5 minutes) hold the few records with thousands of connections: the vendor then says how long to
wait."""
HISTORY = timedelta(days=30)
PAGE_SIZE = 60
"""The vendor's own default."""
QUIET_DAYS = 3


class TeamsSettings(SourceSettings):
    """A Teams tenant."""

    type: Literal["teams"] = "teams"
    account: MicrosoftAccount
    home_domains: tuple[str, ...] = ()
    """Mail domains of the organisation, for the few participants whose tenant the vendor does not tell."""
    page_size: int = PAGE_SIZE


class _Started(msgspec.Struct):
    id: str
    start_date_time: Instant = msgspec.field(name="startDateTime")


def _open(name: str, settings: TeamsSettings, network: Network) -> VendorSession:
    limits = LIMITS if settings.limits == "documented" else {}
    routes = dict.fromkeys((LIST, ONE, SESSIONS, PARTICIPANTS, BATCH), PERMISSION)
    return graph_session(name, settings.account, network, limits, routes)


def _fetch(
    session: VendorSession, settings: TeamsSettings, window: Window, known: Mapping[str, int]
) -> Iterator[Page | Skipped | Unchanged]:
    return fetch(session, settings.page_size, window, known)


def _parse(page: Page, settings: TeamsSettings, context: Context) -> Batch:
    domains = frozenset(domain.casefold() for domain in settings.home_domains)
    return parse(page, Home(settings.account.tenant_id, domains), context)


def _check(session: VendorSession, settings: TeamsSettings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    newest: list[_Started] = []

    def look_for_records() -> str | Finding:
        # the list is not sorted, so the newest is looked for day by day
        for ago in range(HISTORY.days):
            found = _first_page(session, Window(now - timedelta(days=ago + 1), now - timedelta(days=ago)))
            if found:
                newest.append(max(found, key=lambda record: record.start_date_time))
                return _age(newest[0].start_date_time, now)
        return Finding(
            LIST,
            is_good=False,
            message=f"allowed, but there is no call record of the last {HISTORY.days} days: check that tenant_id is "
            "the tenant in which people meet",
        )

    def look_at_details() -> str:
        if not newest:
            return "not tried, since there is no record to ask for"
        next(ask_batched(session, ONE, details([newest[0].id]), parallel=1))
        return "allowed"

    steps: dict[str, Callable[[], str | Finding]] = {
        "token": lambda: token_obtained(session),
        LIST: look_for_records,
        ONE: look_at_details,
    }
    yield from findings(steps)


def _first_page(session: VendorSession, window: Window) -> list[_Started]:
    pages = list_pages(session, LIST, "/communications/callRecords", list_filter(window))
    return [msgspec.json.decode(raw, type=_Started) for raw in next(pages)]


def _age(newest: datetime, now: datetime) -> str | Finding:
    days = (now - newest).days
    message = f"the newest record found began {newest:%Y-%m-%d %H:%M} UTC, {days} days ago"
    if days < QUIET_DAYS:
        return f"allowed; {message}"
    return Finding(LIST, is_good=False, message=f"{message}: if people have met since, ask Microsoft why none appear")


SOURCE = Source(
    type_name="teams",
    kind="meetings",
    settings=TeamsSettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
    history=HISTORY,
)
