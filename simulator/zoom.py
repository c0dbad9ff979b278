"""The simulated Zoom: a server-to-server app, the account's reports and dashboard, and its users."""

from __future__ import annotations

import base64
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TypeVar
from urllib.parse import unquote

from simulator.addresses import ZoomAddress
from simulator.attendance import Meeting, attend
from simulator.calls import ZOOM
from simulator.faults import Limits
from simulator.graph_requests import Answer, Request
from simulator.municipality import Municipality
from simulator.vendor_api import Json, Refusal, Route, Rows, VendorApi, json_answer, moment
from simulator.zoom_payloads import ZoomPayloads, meeting_uuid, user

KEPT = timedelta(days=180)
_LONGEST = timedelta(days=31)
_USUAL_PAGE, _LARGEST_PAGE = 30, 300
_PROMISED_SECONDS = 3599

T = TypeVar("T")


class Zoom(VendorApi):
    """Answers requests about the municipality's account."""

    def __init__(self, municipality: Municipality, address: ZoomAddress, now: datetime, limits: Limits) -> None:
        self._address, self._payloads = address, ZoomPayloads(municipality.calls)
        self.routes = (
            Route("zoom history", "report/history_meetings", "report:read:list_history_meetings:admin", self._history),
            Route("zoom daily", "report/daily", "report:read:daily_usage:admin", self._daily),
            Route(
                "zoom report people",
                "report/meetings/(.+)/participants",
                "report:read:list_meeting_participants:admin",
                self._report,
            ),
            Route(
                "zoom dashboard people",
                "metrics/meetings/(.+)/participants",
                "dashboard:read:list_meeting_participants:admin",
                self._dashboard,
            ),
            Route("zoom users", "users", "user:read:list_users:admin", self._users),
        )
        super().__init__(municipality, Rows(municipality.calls, ZOOM, KEPT, limits), now)

    def token(self, authorization: str, form: Mapping[str, str]) -> Answer:
        """The token endpoint."""
        expected = base64.b64encode(f"{self._address.client_id}:{self._address.client_secret}".encode()).decode()
        if not secrets.compare_digest(authorization.encode(), f"Basic {expected}".encode()):
            return json_answer({"reason": "Invalid client_id or client_secret", "error": "invalid_client"}, 400)
        if form.get("grant_type") != "account_credentials":
            return json_answer({"reason": "unsupported grant type", "error": "unsupported_grant_type"}, 400)
        if form.get("account_id") != self._address.account_id:
            return json_answer({"reason": "Bad Request", "error": "invalid_request"}, 400)
        scopes = " ".join(route.scope for route in self.routes if route.scope not in self.faults.denied_permissions)
        granted = {"access_token": self.tokens.new(self.faults), "token_type": "bearer", "scope": scopes}
        root = self._address.base_url.removesuffix("/v2")
        return json_answer({**granted, "expires_in": _PROMISED_SECONDS, "api_url": root})

    def refused(self, refusal: Refusal) -> Answer:
        """With the vendor's own number."""
        return json_answer(
            {"code": refusal.code or refusal.status, "message": str(refusal)}, refusal.status, refusal.headers
        )

    def forbidden(self, scope: str) -> Refusal:
        """Told with 400."""
        return Refusal(400, f"Invalid access token, does not contain scopes:[{scope}].", 4711)

    @cached_property
    def _rows_by_uuid(self) -> dict[str, int]:
        calls = self.municipality.calls
        return {meeting_uuid(calls.ids[row]): row for row in range(len(calls)) if calls.vendor[row] == ZOOM}

    def _history(self, request: Request) -> Answer:
        first, last = _days(request)
        found = self.rows.between(_midnight(first), _midnight(last + timedelta(days=1)))
        shown, rest = self._page(request, found)
        return json_answer(
            {"history_meetings": [self._payloads.listed(attend(self.municipality, row)) for row in shown], **rest}
        )

    def _daily(self, request: Request) -> Answer:
        try:
            first = date(int(request.query["year"]), int(request.query["month"]), 1)
        except (KeyError, ValueError):
            raise Refusal(400, "Validation Failed.", 300) from None
        after = (first + timedelta(days=31)).replace(day=1)
        calls = self.municipality.calls
        days: dict[date, list[int]] = defaultdict(list)
        for row in self.rows.between(_midnight(first), _midnight(after)):
            days[moment(int(calls.start[row])).date()].append(row)
        dates = [
            {
                "date": day.isoformat(),
                "new_users": 0,
                "meetings": len(rows),
                "participants": sum(len(calls.sessions_of(row)) for row in rows),
                "meeting_minutes": sum(attend(self.municipality, row).minutes(calls) for row in rows),
            }
            for day, rows in sorted(days.items())
        ]
        return json_answer({"year": first.year, "month": first.month, "dates": dates})

    def _meeting(self, name: str) -> Meeting:
        """A UUID that holds what would else be another part of the path must be encoded twice.

        Raises:
            Refusal: there is no such meeting, or none with as many as two people.
        """
        row = self._rows_by_uuid.get(name if "%" not in name else unquote(name))
        if name.startswith("/") or "//" in name or row is None or row not in self.rows:
            raise Refusal(404, "Meeting does not exist.", 3001)
        return attend(self.municipality, row)

    def _report(self, request: Request, name: str) -> Answer:
        return self._people(request, self._meeting(name), on_dashboard=False)

    def _dashboard(self, request: Request, name: str) -> Answer:
        if request.query.get("type") != "past":  # live meetings are asked for by default
            raise Refusal(404, "Meeting does not exist.", 3001)
        return self._people(request, self._meeting(name), on_dashboard=True)

    def _people(self, request: Request, meeting: Meeting, *, on_dashboard: bool) -> Answer:
        joins = [(each, row) for each in meeting.attendees for row in each.rows]
        shown, rest = self._page(request, joins)
        describe = self._payloads.on_dashboard if on_dashboard else self._payloads.on_report
        return json_answer({"participants": [describe(each, row) for each, row in shown], **rest})

    def _users(self, request: Request) -> Answer:
        status = request.query.get("status", "active")
        accounts = self.municipality.accounts(self.now)
        found = [person for person, is_there in accounts if ("active" if is_there else "inactive") == status]
        shown, rest = self._page(request, found)
        return json_answer({"users": [user(person, status) for person in shown], **rest})

    def _page(self, request: Request, items: Sequence[T]) -> tuple[Sequence[T], Json]:
        """The items of a page, and what stands around them; sizes are text here and there, as at the vendor."""
        told = request.query.get("page_size", str(_USUAL_PAGE))
        if not told.isdigit() or not 1 <= int(told) <= _LARGEST_PAGE:
            raise Refusal(400, "Validation Failed.", 300)
        try:
            at = int(base64.urlsafe_b64decode(request.query.get("next_page_token") or "MA==").decode())
        except ValueError:
            raise Refusal(400, "The next page token is invalid or expired.", 300) from None
        after = at + int(told)
        token = base64.urlsafe_b64encode(str(after).encode()).decode() if after < len(items) else ""
        return items[at:after], {"page_size": int(told), "total_records": len(items), "next_page_token": token}


def _days(request: Request) -> tuple[date, date]:
    """The days asked for.

    Raises:
        Refusal: no days, or more than a month.
    """
    told = [request.query.get(name, "") for name in ("from", "to")]
    if not all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in told):
        raise Refusal(400, "Validation Failed.", 300)
    first, last = (date.fromisoformat(day) for day in told)
    if not timedelta() <= last - first < _LONGEST:
        raise Refusal(400, "The date range must be within one month.", 300)
    return first, last


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
