"""The simulated Microsoft Graph: which request gets which answer, with its limits and faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

import msgspec

from simulator.bookings import Booking
from simulator.faults import Faults, Limits, RateLimits, RequestFaults
from simulator.graph_calendars import PROPERTIES, Calendars
from simulator.graph_directory import DEFAULT_PROPERTIES, OTHER_PROPERTIES, room_place, telephone_rows, users
from simulator.graph_payloads import CallPayloads, Json
from simulator.graph_requests import (
    Answer,
    GraphError,
    Place,
    Request,
    bad,
    days,
    expanded,
    refusal,
    selected,
    spoiled,
    started,
    top,
)
from simulator.graph_routes import NOWHERE, RECORDS, Route, match, seconds_to_wait
from simulator.login import Login
from simulator.municipality import Municipality
from simulator.record_versions import View
from simulator.usage_reports import UsageReports

RECORDS_A_PAGE, SESSIONS_A_PAGE, PARTICIPANTS_A_PAGE, TELEPHONE_ROWS_A_PAGE = 60, 60, 130, 1000
BATCH_SIZE = 20
_LONGEST_TELEPHONE_DAYS = 90
_ELSEWHERE = "https://graph.elsewhere.example/v1.0"


class Graph:
    """Answers requests about one municipality at a moment that can be moved."""

    def __init__(self, municipality: Municipality, root: str, login: Login, now: datetime, limits: Limits) -> None:
        self.requests: Counter[str] = Counter()
        self.login = login
        self._municipality, self._root = municipality, f"{root}/v1.0"
        self._downloads = f"{root.removesuffix('/graph')}/downloads"
        self.usage = UsageReports(municipality)
        self._rows = {record: row for row, record in enumerate(municipality.calls.ids)}
        self._calendars = Calendars(municipality)
        self._payloads = CallPayloads(municipality)
        self._rates = RateLimits() if limits == "documented" else None
        self._limits: Limits = limits
        self._answers: dict[str, Callable[..., Json]] = {
            "callRecords": self._call_records,
            "callRecord": self._call_record,
            "sessions": self._sessions,
            "participants_v2": self._participants,
            "getPstnCalls": self._telephone_calls,
            "users": self._users,
            "rooms": self._rooms,
            "calendarView": self._calendar_view,
        }
        self.set(now, Faults())

    def set(self, now: datetime, faults: Faults) -> None:
        """Move the clock and switch faults."""
        self.now, self.faults = now, faults
        self._request_faults = RequestFaults(faults)
        self._view = View(self._municipality.calls, self._rows, now, self._limits, faults)

    def answer(self, request: Request, body: bytes = b"") -> Answer:
        """Answer a request from the network."""
        label = "$batch" if request.path == "$batch" else match(request)[0].label
        if self._request_faults.strikes("unavailable", label):
            self.requests[label] += 1
            return refusal(GraphError(503, "ServiceUnavailable", "The service is temporarily unavailable."))
        if not self.login.tokens.accepts(request.headers.get("authorization", "")):
            self.requests[label] += 1
            return refusal(GraphError(401, "InvalidAuthenticationToken", "Access token has expired or is not valid."))
        answer = self._batch(request, body) if label == "$batch" else self._one(request)
        return spoiled(answer, self._request_faults, label)

    def _batch(self, request: Request, body: bytes) -> Answer:
        self.requests["$batch"] += 1
        try:
            members = msgspec.json.decode(body, type=dict[str, list[dict[str, Any]]])["requests"]
        except (msgspec.DecodeError, KeyError):
            return refusal(bad("Invalid batch payload format."))
        if request.method != "POST" or not 1 <= len(members) <= BATCH_SIZE:
            return refusal(bad(f"A batch is a POST of 1 to {BATCH_SIZE} requests."))
        responses = []
        for member in members:
            answer = self._one(Request.of(member["method"], member["url"], member.get("headers") or {}))
            given = {"id": member["id"], "status": answer.status, "headers": answer.headers}
            responses.append({**given, "body": msgspec.Raw(answer.body)})
        return Answer(200, msgspec.json.encode({"responses": responses[::-1]}))

    def _one(self, request: Request) -> Answer:
        route, found = match(request)
        self.requests[route.label] += 1
        try:
            self._check(route, found, request)
            if route.label == "usage":
                return self._usage(*found)
            return Answer(200, msgspec.json.encode(self._answers[route.label](request, *found)))
        except GraphError as error:
            return refusal(error)

    def _usage(self, name: str, days: str) -> Answer:
        """A report is laid ready elsewhere; whoever has the link may fetch it, and should show no token there."""
        ticket = self.usage.lay_ready(name, int(days), self.now)
        return Answer(302, b"", {"Location": f"{self._downloads}/{ticket}", "Content-Type": "text/plain"})

    def _check(self, route: Route, found: tuple[str, ...], request: Request) -> None:
        """Refuse what does not exist, is too much or is not permitted.

        Raises:
            GraphError: saying which.
        """
        if route is NOWHERE:
            raise bad(f"Resource not found for the segment '{request.path.split('/')[0]}'.")
        if request.method != "GET":
            raise GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        if self._request_faults.throttles(route.label):
            raise _too_many(self.faults.retry_after_seconds)
        if self._rates and (wait := seconds_to_wait(self._rates, route.label, found, request)):
            raise _too_many(wait)
        if route.permissions <= self.faults.denied_permissions:
            code = "Authorization_RequestDenied" if route.label == "users" else "Forbidden"
            raise GraphError(403, code, "Insufficient privileges to complete the operation.")

    def _row(self, record: str) -> int:
        row = self._rows.get(record)
        if row is None or not self._view.exists(row):
            raise GraphError(404, "NotFound", "The call record was not found.")
        return row

    def _call_records(self, request: Request) -> Json:
        size = request.page_size or RECORDS_A_PAGE
        found = self._view.listed(*started(request.query.get("$filter")))
        return self._page(
            request, RECORDS, found, size, lambda call: self._payloads.summary(call, self._view.content(call))
        )

    def _call_record(self, request: Request, record: str) -> Json:
        wanted = expanded(request.query.get("$expand"))
        content = self._view.content(self._row(record))
        summary = self._payloads.summary(self._rows[record], content)
        body: Json = {"@odata.context": self._context(f"{RECORDS}/$entity"), **summary}
        if "participants_v2" in wanted:
            found = self._payloads.participants(content)
            body |= self._nested(record, "participants_v2", found, PARTICIPANTS_A_PAGE, lambda item: item)
        if with_segments := "sessions($expand=segments)" in wanted:
            wanted.add("sessions")
        if "sessions" in wanted:
            render = partial(self._payloads.session, with_segments=with_segments)
            query = {"$expand": "segments"} if with_segments else {}
            body |= self._nested(record, "sessions", content.sessions, SESSIONS_A_PAGE, render, query)
        return body

    def _nested(
        self,
        record: str,
        name: str,
        items: Sequence[Any],
        size: int,
        render: Callable[[Any], object],
        query: Mapping[str, str] = MappingProxyType({}),
    ) -> Json:
        address = f"{RECORDS}/{record}/{name}"
        body: Json = {f"{name}@odata.context": self._context(address), name: [render(it) for it in items[:size]]}
        if len(items) > size:
            body[f"{name}@odata.nextLink"] = self._tampered(Place(size, size).link(f"{self._root}/{address}", query))
        return body

    def _sessions(self, request: Request, record: str) -> Json:
        if (expansion := request.query.get("$expand")) not in (None, "segments"):
            raise bad(f"Could not find a property named '{expansion}' on type 'microsoft.graph.callRecords.session'.")
        content = self._view.content(self._row(record))
        return self._page(
            request,
            f"{RECORDS}/{record}/sessions",
            content.sessions,
            request.page_size or SESSIONS_A_PAGE,
            partial(self._payloads.session, with_segments=expansion is not None),
        )

    def _participants(self, request: Request, record: str) -> Json:
        found = self._payloads.participants(self._view.content(self._row(record)))
        address = f"{RECORDS}/{record}/participants_v2"
        return self._page(request, address, found, request.page_size or PARTICIPANTS_A_PAGE, lambda item: item)

    def _telephone_calls(self, request: Request, arguments: str) -> Json:
        first, last = days(arguments)
        if (last - first).days > _LONGEST_TELEPHONE_DAYS:
            raise GraphError(406, "NotAcceptable", f"The date range exceeds {_LONGEST_TELEPHONE_DAYS} days.")
        rows = telephone_rows(self._municipality, self._view, first, last)
        page = self._page(request, request.path, rows, TELEPHONE_ROWS_A_PAGE, lambda row: row)
        context = self._context("Collection(microsoft.graph.callRecords.pstnCallLogRow)")
        return {**page, "@odata.context": context, "@odata.count": len(page["value"])}

    def _users(self, request: Request) -> Json:
        if "$skip" in request.query:
            raise bad("'$skip' is not supported by the service.")
        size = top(request.query.get("$top"), 100, 999)
        names = selected(request.query.get("$select"), {*DEFAULT_PROPERTIES, *OTHER_PROPERTIES})
        shown = names or DEFAULT_PROPERTIES
        page = self._page(
            request,
            "users",
            users(self._municipality, self.now),
            size,
            lambda user: {name: user[name] for name in shown},
        )
        return page | {"@odata.context": self._context(f"users({','.join(names)})" if names else "users")}

    def _rooms(self, request: Request) -> Json:
        size = top(request.query.get("$top"), 100, 1000)
        return self._page(request, request.path, self._municipality.rooms, size, room_place)

    def _calendar_view(self, request: Request, mailbox: str) -> Json:
        size = top(request.query.get("$top"), 10, 1000)
        shown = selected(request.query.get("$select"), set(PROPERTIES)) or PROPERTIES
        room, events = self._calendars.find(mailbox, request.query)

        def render(event: tuple[int, Booking]) -> Json:
            whole = self._calendars.event(room, *event)
            return {name: whole[name] for name in shown}

        return self._page(request, request.path, events, size, render)

    def _page(
        self, request: Request, address: str, items: Sequence[Any], size: int, render: Callable[[Any], object]
    ) -> Json:
        place = Place.of(request, size)
        body: Json = {
            "@odata.context": self._context(address),
            "value": [render(item) for item in items[place.at : place.at + place.size]],
        }
        query = {name: text for name, text in request.query.items() if name != "$skiptoken"}
        following = replace(place, at=place.at + place.size, is_repeated=False)
        is_last = following.at >= len(items)
        if self.faults.duplicate_page and not place.is_repeated:
            following, is_last = replace(place, is_repeated=True), False
        if self.faults.next_link == "looping":
            following, is_last = place, False
        if not is_last or self.faults.next_link == "off_host":
            body["@odata.nextLink"] = self._tampered(following.link(f"{self._root}/{address}", query))
        return body

    def _context(self, what: str) -> str:
        return f"{self._root}/$metadata#{what}"

    def _tampered(self, link: str) -> str:
        return link.replace(self._root, _ELSEWHERE) if self.faults.next_link == "off_host" else link


def _too_many(retry_after: int | None) -> GraphError:
    return GraphError(429, "TooManyRequests", "Please retry again later.", retry_after)
