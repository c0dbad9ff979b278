"""The kinds of request Graph answers, what each needs permission for and how often each may be made."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.faults import CALL_RECORDS, DIRECTORY, MAILBOX, ONE_RECORD, ONE_RECORDS_PAGES, PLACES, RateLimits
from simulator.graph_requests import Request

_ID = r"(?:/|\(')([0-9a-f-]{36})(?:'\))?"


@dataclass(frozen=True)
class Route:
    """One kind of request."""

    label: str
    path: re.Pattern[str]
    permissions: frozenset[str]
    """Any of them is enough."""


def _route(label: str, path: str, *permissions: str) -> Route:
    return Route(label, re.compile(path), frozenset(permissions))


RECORDS = "communications/callRecords"
ROUTES = (
    _route("callRecords", RECORDS, "CallRecords.Read.All"),
    _route("callRecord", RECORDS + _ID, "CallRecords.Read.All"),
    _route("sessions", RECORDS + _ID + "/sessions", "CallRecords.Read.All"),
    _route("participants_v2", RECORDS + _ID + "/participants_v2", "CallRecords.Read.All"),
    _route("getPstnCalls", RECORDS + r"/getPstnCalls(\(.*\))", "CallRecord-PstnCalls.Read.All", "CallRecords.Read.All"),
    _route("usage", r"reports/getTeamsUserActivity(Counts|UserDetail)\(period='D(7|30|90|180)'\)", "Reports.Read.All"),
    _route("users", "users", "User.Read.All"),
    _route("calendarView", r"users/([^/]+)/calendarView", "Calendars.Read"),
    _route("rooms", "places/microsoft.graph.room", "Place.Read.All"),
)


NOWHERE = _route("unknown", "")


def match(request: Request) -> tuple[Route, tuple[str, ...]]:
    """The kind of a request, and what its path names."""
    for route in ROUTES:
        if found := route.path.fullmatch(request.path):
            return route, found.groups()
    return NOWHERE, ()


def seconds_to_wait(rates: RateLimits, label: str, found: tuple[str, ...], request: Request) -> int:
    """Whole seconds until a request may be made under the documented rates; 0 for now."""
    if label == "users":
        return rates.wait_for("users", DIRECTORY, 1 if "$select" in request.query else 2)
    if label == "rooms":
        return rates.wait_for("places", PLACES)
    if label == "calendarView":
        return rates.wait_for(f"mailbox {found[0].casefold()}", MAILBOX)
    wait = rates.wait_for("callRecords", CALL_RECORDS)
    if label in ("callRecord", "sessions", "participants_v2"):
        is_following = "$skiptoken" in request.query
        limit = ONE_RECORDS_PAGES if is_following else ONE_RECORD
        wait = max(wait, rates.wait_for(f"{found[0]} {is_following}", limit))
    return wait
