"""A small Microsoft Graph: sign-in, call records with batches and nested pages, users, rooms, calendars, reports."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from tests.vendor_double import ELSEWHERE, Answer, Request, VendorDouble, json_answer

TENANT = "6f0c1b6e-1111-4222-8333-5a5a5a5a5a5a"
OTHER_TENANT = "0e0e0e0e-2222-4333-8444-1b1b1b1b1b1b"
CLIENT = "c11e17c1-3333-4444-8555-2c2c2c2c2c2c"
MINUTE = timedelta(minutes=1)
THREAD = "19:meeting_Zm9y@thread.v2"
_CLAUSE = re.compile(r"startDateTime ge (\S+) and startDateTime lt (\S+)")


def instant(at: datetime) -> str:
    """As Graph writes instants: UTC, with seven decimals."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}7Z"


def person(number: int, tenant: str | None = TENANT, kind: str = "user", who: str | None = None) -> dict[str, Any]:
    """An identity set with one person in it."""
    identity = {"id": who or f"person-{number}", "displayName": "Anna Ek", "tenantId": tenant}
    return {kind: identity}


def endpoint(identity: dict[str, Any] | None, platform: str = "windows", rating: str | None = None) -> dict[str, Any]:
    """A person's end of a session."""
    return {
        "@odata.type": "#microsoft.graph.callRecords.participantEndpoint",
        "name": "ANNA-EKS-LAPTOP",
        "userAgent": {"@odata.type": "#microsoft.graph.callRecords.clientUserAgent", "platform": platform},
        "identity": identity,
        "feedback": None if rating is None else {"rating": rating, "text": "Anna hördes inte", "tokens": {}},
    }


SERVICE: dict[str, Any] = {
    "@odata.type": "#microsoft.graph.callRecords.serviceEndpoint",
    "userAgent": {"@odata.type": "#microsoft.graph.callRecords.serviceUserAgent", "role": "conferencing"},
}


def session(session_id: str, start: datetime, caller: Any, **changes: Any) -> dict[str, Any]:
    """A session of half an hour between somebody and the service."""
    return {
        "id": session_id,
        "startDateTime": instant(start),
        "endDateTime": instant(start + 30 * MINUTE),
        "modalities": ["audio", "video"],
        "isTest": False,
        "failureInfo": None,
        "caller": caller,
        "callee": SERVICE,
    } | changes


def call_record(record_id: str, start: datetime, people: int = 2, version: int = 1, **changes: Any) -> dict[str, Any]:
    """A meeting of the organisation's own people."""
    return {
        "@odata.context": "https://graph.test/$metadata#communications/callRecords/$entity",
        "id": record_id,
        "version": version,
        "type": "groupCall",
        "modalities": ["audio", "video"],
        "lastModifiedDateTime": instant(start + 60 * MINUTE),
        "startDateTime": instant(start),
        "endDateTime": instant(start + 30 * MINUTE),
        "joinWebUrl": f"https://teams.microsoft.com/l/meetup-join/{quote(THREAD)}/0?context=%7b%22Oid%22%3a%22x%22%7d",
        "organizer_v2": {"id": "person-0", "identity": person(0)},
        "participants_v2": [{"id": f"person-{n}", "identity": person(n)} for n in range(people)],
        "sessions": [session(f"{record_id}-s{n}", start, endpoint(person(n))) for n in range(people)],
    } | changes


def one_to_one(record_id: str, start: datetime, **changes: Any) -> dict[str, Any]:
    """A call of two of the organisation's people."""
    call = session(record_id, start, endpoint(person(0)), callee=endpoint(person(1)), modalities=["audio"])
    return (
        call_record(record_id, start, type="peerToPeer", joinWebUrl=None, modalities=["audio"], sessions=[call])
        | changes
    )


def user(number: str, **changes: Any) -> dict[str, Any]:
    """An account."""
    return {
        "id": f"person-{number}",
        "accountEnabled": True,
        "userType": "Member",
        "displayName": "Anna Ek",
        "department": "Skola",
        "officeLocation": "Kisa, plan 2",
        "city": "Kisa",
        "employeeId": f"0{number}",
        "employeeType": None,
        "mail": f"anna{number}@exempelby.example",
        "userPrincipalName": f"anna{number}@exempelby.example",
        "proxyAddresses": [f"SMTP:anna{number}@exempelby.example"],
        "mobilePhone": None,
        "businessPhones": [],
    } | changes


def room(number: str, **changes: Any) -> dict[str, Any]:
    """A room."""
    return {
        "@odata.type": "#microsoft.graph.room",
        "id": f"place-{number}",
        "emailAddress": f"rum{number}@exempelby.example",
        "displayName": "Anna Ek-rummet",
        "capacity": 8,
        "building": "Stadshuset",
        "address": {"street": "Storgatan 1", "city": "Kisa"},
        "videoDeviceName": "Panel",
    } | changes


def event(number: str, start: datetime, **changes: Any) -> dict[str, Any]:
    """An hour's booking of a room by two people, as it stands in the room's calendar."""

    def moment(at: datetime) -> dict[str, str]:
        return {"dateTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}

    def mailbox(name: str, kind: str | None = None) -> dict[str, Any]:
        address = {"emailAddress": {"name": "Anna Ek", "address": f"{name}@exempelby.example"}}
        return address if kind is None else {**address, "type": kind, "status": {"response": "accepted"}}

    return {
        "id": f"event-{number}",
        "iCalUId": f"0400{number}",
        "subject": "Anna Ek",
        "isCancelled": False,
        "isOnlineMeeting": False,
        "onlineMeeting": None,
        "onlineMeetingUrl": None,
        "hideAttendees": False,
        "start": moment(start),
        "end": moment(start + 60 * MINUTE),
        "location": {"displayName": "Anna Ek-rummet", "locationType": "conferenceRoom"},
        "locations": [],
        "organizer": mailbox("anna"),
        "attendees": [mailbox("bo", "required"), mailbox("rum1", "resource")],
    } | changes


class GraphDouble(VendorDouble):
    """Sign-in and lists; subclasses choose the source."""

    path: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.rows: dict[str, dict[str, Any]] = {}
        self.description = "AADSTS7000215: Invalid client secret for anna.ek@exempelby.example."

    def account(self, **way_in: Any) -> dict[str, Any]:
        """The account in settings."""
        if not way_in:
            file = self.folder / "secret"
            file.write_text(f"{self.secret}\n")
            way_in = {"client_secret_file": str(file)}
        authority, base = f"{self.root}/login/{TENANT}", f"{self.root}/graph"
        return {"tenant_id": TENANT, "client_id": CLIENT, "authority": authority, "base_url": base, **way_in}

    def settings(self) -> dict[str, Any]:
        return {"type": self.type_name, "account": self.account()}

    def remove(self, record_id: str) -> None:
        del self.rows[record_id]

    def is_sign_in(self, request: Request) -> bool:
        return request.path.startswith("/login/")

    def sign_in(self, request: Request) -> Answer:
        authority = f"{self.root}/login/{TENANT}"
        if request.path == f"/login/{TENANT}/v2.0/.well-known/openid-configuration":
            endpoints = {"token_endpoint": f"{authority}/oauth2/v2.0/token", "issuer": f"{authority}/v2.0"}
            return json_answer({**endpoints, "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize"})
        if not request.path.startswith(f"/login/{TENANT}/"):
            return json_answer({"error": "invalid_tenant", "error_description": "AADSTS90002: no tenant"}, 400)
        form = dict(parse_qsl(request.body.decode()))
        assert form["scope"].split() == [f"{self.root}/.default"]
        is_known = form.get("client_secret") == self.secret or "client_assertion" in form
        if self.faults.wrong_credentials or not is_known:
            return json_answer({"error": "invalid_client", "error_description": self.description}, 401)
        return json_answer({"token_type": "Bearer", "expires_in": 3599, "access_token": self.new_token()})

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> Answer:
        code = {401: "InvalidAuthenticationToken", 403: "Forbidden", 404: "NotFound", 429: "TooManyRequests"}
        error = {"code": code.get(status, "ServiceUnavailable"), "message": "Anna Ek may not"}
        return json_answer({"error": error}, status, headers)

    def answer(self, request: Request) -> Answer:
        assert request.path == f"/graph/v1.0{self.path}", request.path
        return self.list(request, list(self.rows.values()), self.page_size)

    def list(self, request: Request, rows: Sequence[Any], size: int) -> Answer:
        """One page of a list."""
        items, following = self.page(rows, request.query.get("$skiptoken"), size)
        body: dict[str, Any] = {"@odata.context": "x", "value": items}
        if following:
            body["@odata.nextLink"] = self.link(request.path, {**request.query, "$skiptoken": following})
        return json_answer(body)

    def link(self, path: str, query: dict[str, str]) -> str:
        """An absolute link."""
        return f"{ELSEWHERE if self.faults.link == 'off_host' else self.root}{path}?{urlencode(query, safe='$')}"


class DirectoryDouble(GraphDouble):
    """An Entra directory."""

    type_name, table, path = "entra_directory", "people", "/users"
    where_to_mend = "User.Read.All"

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:  # noqa: ARG002
        self.rows[record_id] = user(record_id)

    def spoil(self, record_id: str) -> None:
        del self.rows[record_id]["id"]


class RoomsDouble(GraphDouble):
    """The rooms of a tenant."""

    type_name, table, path = "entra_rooms", "rooms", "/places/microsoft.graph.room"
    where_to_mend = "Place.Read.All"

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:  # noqa: ARG002
        self.rows[record_id] = room(record_id)

    def spoil(self, record_id: str) -> None:
        del self.rows[record_id]["emailAddress"]


class CalendarsDouble(GraphDouble):
    """The calendars of a tenant's rooms."""

    type_name, table, path = "room_calendars", "room_bookings", "/places/microsoft.graph.room"
    where_to_mend = "Place.Read.All"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.rooms = [room("1")]
        self.in_room: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        """Address of a room to its events; those of :attr:`rows` are in the first room."""
        self.without_calendar: set[str] = set()
        self.denied: set[str] = set()

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:  # noqa: ARG002
        self.rows[record_id] = event(record_id, started_at)

    def spoil(self, record_id: str) -> None:
        del self.rows[record_id]["start"]

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix("/graph/v1.0")
        if path == self.path:
            return self.list(request, self.rooms, self.page_size)
        found = re.fullmatch(r"/users/([^/]+)/calendarView", path)
        assert found, path
        assert request.headers["prefer"] == 'outlook.timezone="UTC"'
        address = found.group(1)
        if address in self.denied:
            return self.refuse(403)
        if address in self.without_calendar:
            return self.refuse(404)
        own = self.rows if address == self.rooms[0]["emailAddress"] else {}
        first, last = (datetime.fromisoformat(request.query[name]) for name in ("startDateTime", "endDateTime"))
        asked = request.query["$select"].split(",")
        listed = [
            {name: value for name, value in each.items() if name in asked}
            for each in (*own.values(), *self.in_room[address].values())
            if _touches(each, first, last)
        ]
        return self.list(request, listed, min(self.page_size, int(request.query["$top"])))


def _touches(each: dict[str, Any], first: datetime, last: datetime) -> bool:
    """Whether an event overlaps a window; one whose start was taken away always does."""
    if "start" not in each:
        return True
    start, end = (datetime.fromisoformat(each[name]["dateTime"][:19]).replace(tzinfo=UTC) for name in ("start", "end"))
    return start < last and end > first


class UsageDouble(GraphDouble):
    """The usage reports of a tenant, laid ready on another host (the same server by another name)."""

    type_name, table, path = "teams_usage", "meeting_totals", "/reports"
    where_to_mend = "Reports.Read.All"
    day_headings = ("Report Refresh Date", "Report Date", "Calls", "Meetings", "Meetings Organized",
                    "Meetings Attended", "Report Period")  # fmt: skip
    person_headings = ("Report Refresh Date", "User Id", "User Principal Name", "Call Count", "Meeting Count",
                       "Meetings Organized Count", "Meetings Attended Count", "Report Period")  # fmt: skip

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.people_rows: list[dict[str, Any]] = []
        self.downloads: list[Request] = []
        self.laid_ready: deque[Answer] = deque()
        """Given to the next downloads instead of the report."""
        self.location: str | None = None
        """Where a report is said to be; None is where it is."""

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:  # noqa: ARG002
        day = date(2026, 10, 20) + timedelta(days=int(record_id[1:]))
        self.rows[record_id] = {"Report Date": day.isoformat(), "Meetings Organized": "7"}

    def spoil(self, record_id: str) -> None:
        self.rows[record_id]["Meetings Organized"] = "many"

    def respond(self, request: Request) -> Answer:
        if not request.headers["host"].startswith("127.0.0.1"):
            return super().respond(request)
        self.downloads.append(request)
        if self.laid_ready:
            return self.laid_ready.popleft()
        by_day = "Counts" in request.path
        rows = self.faults.arrange(list(self.rows.values())) if by_day else self.people_rows
        return Answer(200, self._csv(self.day_headings if by_day else self.person_headings, rows))

    def answer(self, request: Request) -> Answer:
        found = re.fullmatch(r"/graph/v1\.0/reports/(getTeamsUserActivity\w+)\(period='D\d+'\)", request.path)
        assert found, request.path
        ready = f"{self.root.replace('localhost', '127.0.0.1')}/data/download/{found.group(1)}"
        location = {"Location": ready if self.location is None else self.location}
        return Answer(302, headers={"Content-Type": "text/plain", "Set-Cookie": "graph=1; Path=/", **location})

    def _csv(self, headings: Sequence[str], rows: Sequence[dict[str, Any]]) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode("utf-8-sig")


class TeamsDouble(GraphDouble):
    """The call records of a tenant."""

    type_name, table, path = "teams", "meetings", "/communications/callRecords"
    where_to_mend = "CallRecords.Read.All"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.members: dict[str, deque[Answer]] = defaultdict(deque)
        """Record to what the next questions for it in a batch are answered instead."""
        self.nested_page_size = 60

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:
        self.rows[record_id] = call_record(record_id, started_at, people, version)

    def spoil(self, record_id: str) -> None:
        self.rows[record_id]["sessions"][0]["startDateTime"] = "yesterday"

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix("/graph/v1.0")
        if path == "/$batch":
            members = msgspec.json.decode(request.body)["requests"]
            assert 1 <= len(members) <= 20
            return json_answer({"responses": [self._member(member) for member in reversed(members)]})
        if path != self.path:
            record, name = path.removeprefix(f"{self.path}/").split("/")
            return self.list(request, self.rows[record][name], self.nested_page_size)
        size = int(request.headers["prefer"].partition("=")[2]) if "prefer" in request.headers else self.page_size
        found = _CLAUSE.fullmatch(request.query["$filter"])
        assert found, request.query
        start, end = (datetime.fromisoformat(text) for text in found.groups())
        listed = [
            row for row in self.rows.values() if start <= datetime.fromisoformat(row["startDateTime"][:26] + "Z") < end
        ]
        hidden = ("sessions", "participants_v2")
        summaries = [{name: value for name, value in row.items() if name not in hidden} for row in listed]
        return self.list(request, summaries, min(size, self.page_size))

    def _member(self, member: dict[str, str]) -> dict[str, Any]:
        parts = urlsplit(member["url"])
        record = parts.path.rpartition("/")[2]
        if self.members[record]:
            answer = self.members[record].popleft()
        elif record not in self.rows:
            answer = self.refuse(404)
        else:
            assert dict(parse_qsl(parts.query)) == {"$expand": "sessions,participants_v2"}
            answer = json_answer(self._detail(record))
        body = msgspec.json.decode(answer.body)
        return {"id": member["id"], "status": answer.status, "headers": answer.headers, "body": body}

    def _detail(self, record: str) -> dict[str, Any]:
        whole, size = dict(self.rows[record]), self.nested_page_size
        for name in ("sessions", "participants_v2"):
            if len(whole.get(name, ())) > size:
                path = f"/graph/v1.0{self.path}/{record}/{name}"
                whole |= {
                    name: whole[name][:size],
                    f"{name}@odata.nextLink": self.link(path, {"$skiptoken": str(size)}),
                }
        return whole
