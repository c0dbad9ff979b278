"""The simulated Webex: refresh tokens, the usage report, participants, people, workspaces and devices."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator.addresses import WebexAddress
from simulator.attendance import attend
from simulator.calls import WEBEX
from simulator.faults import Limits
from simulator.graph_requests import Answer, Request
from simulator.municipality import Municipality
from simulator.vendor_api import Json, Refusal, Route, Rows, VendorApi, json_answer
from simulator.webex_payloads import SITE, WebexPayloads, meeting_id

KEPT = timedelta(days=90)
_LONGEST = timedelta(days=30)
_USUAL_PAGE = 10
_USAGE_PAGE, _PEOPLE_PAGE = 1000, 100
_ACCESS_SECONDS, _REFRESH_SECONDS = 1_209_599, 7_775_999

T = TypeVar("T")


class Webex(VendorApi):
    """Answers requests about the municipality's organisation and its one site."""

    def __init__(self, municipality: Municipality, address: WebexAddress, now: datetime, limits: Limits) -> None:
        self._address, self._payloads = address, WebexPayloads(municipality)
        self.routes = (
            Route("webex sites", "meetingPreferences/sites", "meeting:admin_preferences_read", self._sites),
            Route("webex usage", "meetingReports/usage", "meeting:admin_schedule_read", self._usage),
            Route("webex participants", "meetingParticipants", "meeting:admin_participants_read", self._participants),
            Route("webex people", "people", "spark-admin:people_read", self._people),
            Route("webex workspaces", "workspaces", "spark-admin:workspaces_read", self._workspaces),
            Route("webex devices", "devices", "spark-admin:devices_read", self._devices),
        )
        super().__init__(municipality, Rows(municipality.calls, WEBEX, KEPT, limits), now)

    def token(self, form: Mapping[str, str]) -> Answer:
        """The token endpoint: the refresh token stays the same, and is good for ninety more days."""
        if form.get("grant_type") != "refresh_token":
            return self.refused(Refusal(400, "The grant type is not supported."))
        given = form.get("client_id", ""), form.get("client_secret", ""), form.get("refresh_token", "")
        known = self._address.client_id, self._address.client_secret, self._address.refresh_token
        if not secrets.compare_digest("\n".join(given).encode(), "\n".join(known).encode()):
            return self.refused(Refusal(401, "The client or its refresh token is not valid."))
        return json_answer(
            {
                "access_token": self.tokens.new(self.faults),
                "expires_in": _ACCESS_SECONDS,
                "refresh_token": self._address.refresh_token,
                "refresh_token_expires_in": _REFRESH_SECONDS,
                "token_type": "Bearer",
            }
        )

    def refused(self, refusal: Refusal) -> Answer:
        """With the mark that the vendor's support asks for."""
        mark = f"ROUTER_{str(uuid4()).upper()}"
        body = {"message": str(refusal), "errors": [{"description": str(refusal)}], "trackingId": mark}
        return json_answer(body, refusal.status, {"trackingId": mark, **refusal.headers})

    def forbidden(self, scope: str) -> Refusal:
        """The vendor does not say which scope."""
        del scope
        return Refusal(403, "The request is understood, but access is not allowed.")

    @cached_property
    def _rows_by_id(self) -> dict[str, int]:
        calls = self.municipality.calls
        return {meeting_id(calls.ids[row]): row for row in range(len(calls)) if calls.vendor[row] == WEBEX}

    def _sites(self, request: Request) -> Answer:
        del request
        return json_answer({"sites": [{"siteUrl": SITE, "default": True}]})

    def _usage(self, request: Request) -> Answer:
        query, zone = request.query, _zone(request)
        if query.get("siteUrl") != SITE:
            raise Refusal(400, "'siteUrl' is missing, or no site of the organisation.")
        last = _instant(query["to"]) if "to" in query else self.now
        first = _instant(query["from"]) if "from" in query else last - timedelta(days=7)
        if not timedelta() <= last - first <= _LONGEST:
            raise Refusal(400, "The interval between 'from' and 'to' must be within 30 days.")
        is_asked = query.get("serviceType", "MeetingCenter") == "MeetingCenter"
        found = self.rows.between(first, last)[::-1] if is_asked else []
        return self._page(
            request, found, lambda row: self._payloads.used(attend(self.municipality, row), zone), _USAGE_PAGE
        )

    def _participants(self, request: Request) -> Answer:
        row = self._rows_by_id.get(request.query.get("meetingId", ""))
        if row is None or row not in self.rows:
            raise Refusal(404, "The meeting could not be found.")
        meeting, zone = attend(self.municipality, row), _zone(request)
        return self._page(
            request, meeting.attendees, lambda who: self._payloads.participant(meeting, who, zone), _PEOPLE_PAGE
        )

    def _people(self, request: Request) -> Answer:
        return self._page(request, self.municipality.accounts(self.now), self._payloads.person, _PEOPLE_PAGE)

    def _workspaces(self, request: Request) -> Answer:
        return self._page(request, self.municipality.rooms, self._payloads.workspace, _PEOPLE_PAGE)

    def _devices(self, request: Request) -> Answer:
        systems = [room for room in self.municipality.rooms if room.has_video]
        return self._page(request, systems, self._payloads.system, _PEOPLE_PAGE)

    def _page(self, request: Request, items: Sequence[T], describe: Callable[[T], Json], most: int) -> Answer:
        """A page, with the address of the next one in a header.

        Raises:
            Refusal: a size that is no number, or too large.
        """
        size, at = request.query.get("max", str(_USUAL_PAGE)), request.query.get("offset", "0")
        if not size.isdigit() or not at.isdigit() or not 1 <= int(size) <= most:
            raise Refusal(400, f"'max' must be between 1 and {most}.")
        after, headers = int(at) + int(size), {}
        if after < len(items):
            query = urlencode({**request.query, "offset": after})
            headers["Link"] = f'<{self._address.base_url}/{request.path}?{query}>; rel="next"'
        return json_answer({"items": [describe(item) for item in items[int(at) : after]]}, headers=headers)


def _zone(request: Request) -> ZoneInfo:
    try:
        return ZoneInfo(request.headers.get("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        raise Refusal(400, "The 'timezone' header is no time zone.") from None


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "A time is not in ISO 8601.") from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo("UTC"))
