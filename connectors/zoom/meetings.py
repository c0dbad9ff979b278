"""Zoom: meetings and who was connected to them, from the reports and the dashboard of an account.

Documentation: developers.zoom.us, Zoom Meetings API, "Reports" and "Dashboards". The vendor keeps six months; who took
part is known minutes after a meeting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from connectors.contract import Batch
from connectors.session import VendorSession
from connectors.source import Context, Finding, Page, Skipped, Source, SourceSettings, Unchanged, Window, findings
from connectors.transport import Network
from connectors.zoom.account import ZoomAccount
from connectors.zoom.fetch import People, fetch
from connectors.zoom.lists import Found, Lists
from connectors.zoom.parse import parse
from connectors.zoom.routes import DAILY, DASHBOARD_PEOPLE, HISTORY, REPORT_PEOPLE, SCOPES, USERS
from connectors.zoom.session import ZoomSession

HISTORY_KEPT = timedelta(days=180)
PARALLEL = 16
"""Enough for the documented rates where an answer takes 0.4 seconds."""
LOOKED_BACK = timedelta(days=28)
QUIET_DAYS = 3


class ZoomSettings(SourceSettings):
    """A Zoom account."""

    type: Literal["zoom"] = "zoom"
    account: ZoomAccount
    home_domains: tuple[str, ...] = ()
    """Mail domains of the organisation. Without them the account's list of users is asked who belongs to it."""
    parallel: int = Field(default=PARALLEL, ge=1, le=32)
    """Questions under way at the same time."""


def _open(name: str, settings: ZoomSettings, network: Network) -> VendorSession:
    return ZoomSession(name, settings.account, network, is_limited=settings.limits == "documented")


def _fetch(
    session: ZoomSession, settings: ZoomSettings, window: Window, known: Mapping[str, int]
) -> Iterator[Page | Skipped | Unchanged]:
    return fetch(session, not settings.home_domains, settings.parallel, window, known)


def _parse(page: Page, settings: ZoomSettings, context: Context) -> Batch:
    return parse(page, frozenset(domain.casefold() for domain in settings.home_domains), context)


def _check(session: ZoomSession, settings: ZoomSettings, now: datetime) -> Iterator[Finding]:
    lists, found = Lists(session), list[Found]()
    people = REPORT_PEOPLE if settings.account.plan == "pro" else DASHBOARD_PEOPLE

    def look_for_meetings() -> str | Finding:
        found.extend(lists.of(Window(now - LOOKED_BACK, now)).meetings)
        if not found:
            message = f"allowed, but no meeting of the last {LOOKED_BACK.days} days is listed: check account_id"
            return Finding("meetings", is_good=False, message=message)
        newest = max(each.listing.started_at for each in found)
        message = f"allowed ({lists.way}); the newest began {newest:%Y-%m-%d %H:%M} UTC, {(now - newest).days} days ago"
        return Finding("meetings", (now - newest).days < QUIET_DAYS, message)

    def look_at_people() -> str | Finding:
        met = [each for each in found if (each.listing.people or 0) > 1]
        asks = People(session, None, 1)
        if met:
            next(asks.of([max(met, key=lambda each: each.listing.started_at)]))
        if settings.account.plan == "business" and not asks.has_dashboard:
            message = 'the account has no dashboard: set plan = "pro", or have Zoom switch the dashboard on'
            return Finding(people, is_good=False, message=message)
        return f"allowed; plan {settings.account.plan}"

    steps: dict[str, Callable[[], str | Finding]] = {
        "token": lambda: _signed_in(session, settings),
        "meetings": look_for_meetings,
        people: look_at_people,
        "budget": lambda: _budget(session),
    }
    yield from findings(steps)


def _signed_in(session: ZoomSession, settings: ZoomSettings) -> str | Finding:
    session.sign_in()
    routes = [HISTORY, DAILY, REPORT_PEOPLE]
    routes += [DASHBOARD_PEOPLE] if settings.account.plan == "business" else []
    routes += [USERS] if not settings.home_domains else []
    lacking = [SCOPES[route] for route in routes if not session.may(route)]
    if not lacking:
        return "the app signs in"
    return Finding("token", is_good=False, message=f"the app signs in, but {session.how_to_grant(', '.join(lacking))}")


def _budget(session: ZoomSession) -> str:
    account = session.account
    return (
        f"{session.left} of this source's {account.allowance} daily requests are left until 00:00 GMT; the account has "
        f"{account.daily} for all its apps"
    )


SOURCE = Source(
    type_name="zoom",
    kind="meetings",
    settings=ZoomSettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
    history=HISTORY_KEPT,
)
