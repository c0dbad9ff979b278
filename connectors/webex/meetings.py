"""Cisco Webex: meetings and who was connected to them, from the usage report and the lists of participants.

Documentation: developer.webex.com, "Meetings Summary Report", "Meeting Participants" and "Meeting Preferences". The
vendor keeps the report for ninety days and answers for thirty at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from connectors.contract import Batch
from connectors.errors import RetryLater
from connectors.session import VendorSession
from connectors.source import Context, Finding, Page, Skipped, Source, Unchanged, Window, findings
from connectors.transport import Network
from connectors.webex.account import WebexAccount
from connectors.webex.fetch import PARTICIPANTS, SITES, USAGE, Plan, fetch, participants, sites, usage_pages
from connectors.webex.home import Home
from connectors.webex.parse import parse
from connectors.webex.records import Usage
from connectors.webex.session import WebexSession, token_obtained

SCOPES: Mapping[str, str] = {
    SITES: "meeting:admin_preferences_read",
    USAGE: "meeting:admin_schedule_read",
    PARTICIPANTS: "meeting:admin_participants_read",
}
HISTORY = timedelta(days=90)
QUIET_DAYS = 3

ServiceType = Literal["MeetingCenter", "EventCenter", "SupportCenter", "TrainingCenter"]


class WebexSettings(WebexAccount):
    """The meetings of a Webex organisation."""

    type: Literal["webex"] = "webex"
    sites: tuple[str, ...] = ()
    """Host names such as ``exempelby.webex.com``; none for all sites of the organisation."""
    service_types: tuple[ServiceType, ...] = ("MeetingCenter", "EventCenter", "SupportCenter", "TrainingCenter")
    home_domains: tuple[str, ...] = ()
    """Mail domains of the organisation; without them nobody is known to be internal."""
    participants: bool = True
    """Ask who was there: one request per new meeting. Without, there are the vendor's own counts only."""


def _open(name: str, settings: WebexSettings, network: Network) -> VendorSession:
    return WebexSession(name, settings, network, SCOPES)


def _fetch(
    session: VendorSession, settings: WebexSettings, window: Window, known: Mapping[str, int]
) -> Iterator[Page | Skipped | Unchanged]:
    plan = Plan(settings.sites, settings.service_types, settings.participants)
    return fetch(session, plan, window, known)


def _parse(page: Page, settings: WebexSettings, context: Context) -> Batch:
    return parse(page, Home(frozenset(domain.casefold() for domain in settings.home_domains)), context)


def _check(session: VendorSession, settings: WebexSettings, now: datetime) -> Iterator[Finding]:
    found: list[str] = list(settings.sites)
    newest: list[Usage] = []

    def look_for_sites() -> str | Finding:
        found.extend(sites(session))
        if found:
            return f"allowed; {len(found)} sites"
        return Finding(SITES, is_good=False, message="allowed, but there is no site: name them in settings (sites)")

    def look_for_meetings() -> str | Finding:
        newest.extend(_newest(session, found, settings.service_types, Window(now - timedelta(days=30), now)))
        if newest:
            return _age(max(usage.start for usage in newest), now)
        return Finding(
            USAGE,
            is_good=False,
            message="allowed, but no site has had a meeting in the last 30 days: check sites and service_types",
        )

    def look_for_participants() -> str:
        if newest:
            participants(session, newest[0].meeting_id)
        return "allowed"

    steps: dict[str, Callable[[], str | Finding]] = {"token": lambda: token_obtained(session, settings, now)}
    if not settings.sites:
        steps[SITES] = look_for_sites
    steps[USAGE] = look_for_meetings
    if settings.participants:
        steps[PARTICIPANTS] = look_for_participants
    yield from findings(steps)


def _newest(session: VendorSession, found: list[str], services: tuple[str, ...], window: Window) -> Iterator[Usage]:
    """The newest meeting of each site and service: the report begins with it."""
    for site in found:
        for service in services:
            for raw in next(usage_pages(session, site, service, window, size=1))[:1]:
                try:
                    yield msgspec.json.decode(raw, type=Usage)
                except msgspec.ValidationError:
                    raise RetryLater(
                        f"{session.name}: a meeting in the answer to {USAGE} is not understood; run a pull"
                    ) from None


def _age(newest: datetime, now: datetime) -> str | Finding:
    days = (now - newest).days
    message = f"the newest meeting found began {newest:%Y-%m-%d %H:%M} UTC, {days} days ago"
    if days < QUIET_DAYS:
        return f"allowed; {message}"
    return Finding(USAGE, is_good=False, message=f"{message}: if people have met since, check sites and service_types")


SOURCE = Source(
    type_name="webex",
    kind="meetings",
    settings=WebexSettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
    history=HISTORY,
)
