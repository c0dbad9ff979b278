"""A small Webex: sign-in with refresh tokens that rotate, usage reports with Link headers, people, workspaces, devices."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from tests.vendor_double import ELSEWHERE, Answer, Request, VendorDouble, json_answer

CLIENT = "C0ffee0123456789"
SITE = "exempelby.webex.com"
TRACKING = "ROUTER_C0FFEE00-7E57-0002-0003-00D0B1E00D0B"
MINUTE = timedelta(minutes=1)
LONGEST_QUESTION = timedelta(days=30)


def instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def usage(meeting_id: str, start: datetime, people: int = 2, **changes: Any) -> dict[str, Any]:
    """Half an hour in the usage report."""
    return {
        "meetingId": meeting_id,
        "meetingNumber": "123 456 789",
        "meetingTitle": "Anna Ek: lönesamtal",
        "start": instant(start),
        "end": instant(start + 30 * MINUTE),
        "duration": 30,
        "scheduledType": "meeting",
        "hostDisplayName": "Anna Ek",
        "hostEmail": "anna.ek@exempelby.example",
        "totalPeopleMinutes": 30 * people,
        "totalParticipants": people,
        "totalParticipantsVoip": people,
        "totalParticipantsCallIn": 0,
        "totalParticipantsCallOut": 0,
        "peakAttendee": people,
        "totalInvitee": 9,
        "serviceType": "MeetingCenter",
        "trackingCodes": [{"name": "Department", "value": "Anna Ek"}],
    } | changes


def device(start: datetime, **changes: Any) -> dict[str, Any]:
    """A connection of half an hour."""
    return {
        "correlationId": "c0",
        "deviceType": "webex_meeting_center_mac",
        "audioType": "voip",
        "joinedTime": instant(start),
        "leftTime": instant(start + 30 * MINUTE),
        "durationSecond": 1800,
        "phoneNumber": "+46701234567",
    } | changes


def participant(number: int, start: datetime, **changes: Any) -> dict[str, Any]:
    """Somebody who stayed for half an hour."""
    return {
        "id": f"part_{number}",
        "orgId": "our-org",
        "host": number == 0,
        "email": f"anna{number}@exempelby.example",
        "displayName": "Anna Ek",
        "video": "on",
        "state": "end",
        "joinedTime": instant(start),
        "leftTime": instant(start + 30 * MINUTE),
        "devices": [device(start, correlationId=f"join-{number}")],
    } | changes


class WebexDouble(VendorDouble):
    """What the three sources have in common."""

    where_to_mend: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.rows: dict[str, dict[str, Any]] = {}
        self.refresh_tokens = ["refresh-0-of-this-run"]
        """All ever given; the last is the newest."""
        self.good = set(self.refresh_tokens)
        self.rotates = True
        self.forgets_old = "when the new one is used"
        """Or ``at once``, or ``never``."""
        self.sign_ins = 0
        self.under_way = self.most_under_way = 0
        self.loses: frozenset[str] = frozenset()
        """Parameters that links to the next page leave out."""
        self.denied: frozenset[str] = frozenset()
        """Paths that are answered 403."""
        self.rate: int | None = None
        """Requests answered in any one second; more are told to wait one."""
        self.told_to_wait = 0
        self._answered: deque[float] = deque()
        self.token_file = folder / "webex.token"

    @property
    def never_told(self) -> Sequence[str]:
        return (*super().never_told, *self.refresh_tokens, "+4670")

    def settings(self) -> dict[str, Any]:
        secret = self.folder / "secret"
        if not secret.exists():
            secret.write_text(f"{self.secret}\n")
        if not self.token_file.exists():
            self.token_file.touch(mode=0o600)
            self.token_file.write_text(f"{self.refresh_tokens[-1]}\n")
        return {
            "type": self.type_name,
            "client_id": CLIENT,
            "client_secret_file": str(secret),
            "token_file": str(self.token_file),
            "base_url": f"{self.root}/v1",
            "requests_per_second": 10_000,
        }

    def remove(self, record_id: str) -> None:
        del self.rows[record_id]

    def new_token(self) -> str:
        # many requests may be under way when a token expires; the one after it is good for all of them
        has_expired = any(left is not None and left <= 0 for left in self._tokens.values())
        token = super().new_token()
        if self.faults.token_uses and has_expired:
            self._tokens[token] = None
        return token

    def is_sign_in(self, request: Request) -> bool:
        return request.path == "/v1/access_token"

    def sign_in(self, request: Request) -> Answer:
        with self._lock:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        time.sleep(0.01)
        with self._lock:
            self.under_way -= 1
            self.sign_ins += 1
            return self._grant(dict(parse_qsl(request.body.decode())))

    def _grant(self, form: dict[str, str]) -> Answer:
        assert (form["grant_type"], form["client_id"]) == ("refresh_token", CLIENT)
        used = form["refresh_token"]
        if self.faults.wrong_credentials or form["client_secret"] != self.secret:
            return self.refuse(401)
        if used not in self.good:
            return self.refuse(400)
        if self.forgets_old == "when the new one is used":
            self.good = {used}
        if self.rotates:
            new = f"refresh-{len(self.refresh_tokens)}-of-this-run"
            self.refresh_tokens.append(new)
            self.good = {new} if self.forgets_old == "at once" else self.good | {new}
        return json_answer(
            {
                "access_token": self.new_token(),
                "expires_in": 1209599,
                "refresh_token": self.refresh_tokens[-1],
                "refresh_token_expires_in": 7775999,
            }
        )

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> Answer:
        body = {"message": "Anna Ek may not", "errors": [{"description": "Anna Ek"}], "trackingId": TRACKING}
        return json_answer(body, status, {"trackingId": TRACKING, **(headers or {})})

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix("/v1")
        if path in self.denied:
            return self.refuse(403)
        now = time.monotonic()
        while self._answered and now - self._answered[0] >= 1:
            self._answered.popleft()
        if self.rate is not None and len(self._answered) >= self.rate:
            self.told_to_wait += 1
            return self.refuse(429, {"Retry-After": "1"})
        self._answered.append(now)
        return self.reply(path, request)

    def reply(self, path: str, request: Request) -> Answer:
        """The answer to a request that was let through."""
        raise NotImplementedError

    def list(self, request: Request, rows: Sequence[Any], size: int) -> Answer:
        """One page of a list; ten things where the request does not say how many."""
        size = min(size, int(request.query.get("max", "10")))
        items, following = self.page(rows, request.query.get("offset"), size)
        headers = {"trackingId": TRACKING}
        if following:
            query = {name: value for name, value in request.query.items() if name not in self.loses}
            root = ELSEWHERE if self.faults.link == "off_host" else self.root
            headers["Link"] = f'<{root}{request.path}?{urlencode({**query, "offset": following})}>; rel="next"'
        return json_answer({"items": items}, headers=headers)


class WebexMeetingsDouble(WebexDouble):
    """The meetings of one site; the same name with ``other`` before it is another one."""

    type_name, table = "webex", "meetings"
    where_to_mend = "meeting:admin_schedule_read"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.present: dict[str, list[dict[str, Any]]] = {}
        """Meeting to its participants; a meeting without is unknown to that route."""
        self.sites = [SITE]
        self.site_of: dict[str, str] = {}

    def settings(self) -> dict[str, Any]:
        return super().settings() | {
            "sites": [SITE],
            "service_types": ["MeetingCenter"],
            "home_domains": ["Exempelby.example"],
        }

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:  # noqa: ARG002
        self.rows[record_id] = usage(record_id, started_at, people)
        self.present[record_id] = [participant(number, started_at) for number in range(people)]

    def remove(self, record_id: str) -> None:
        super().remove(record_id)
        del self.present[record_id]

    def spoil(self, record_id: str) -> None:
        self.present[record_id][0]["leftTime"] = "yesterday"

    def asked(self, path: str) -> int:
        """Requests for a route so far."""
        return sum(request.path == f"/v1{path}" for request in self.requests)

    def reply(self, path: str, request: Request) -> Answer:
        if path == "/meetingPreferences/sites":
            return json_answer({"sites": [{"siteUrl": site, "default": site == SITE} for site in self.sites]})
        assert request.headers["timezone"] == "UTC"
        if path == "/meetingParticipants":
            people = self.present.get(request.query.get("meetingId", ""))
            return self.refuse(404) if people is None else self.list(request, people, 100)
        assert path == "/meetingReports/usage", path
        if "siteUrl" not in request.query:
            return self.refuse(400)
        return self.list(request, self._listed(request.query), self.page_size)

    def _listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """What a question is about: without ``from`` the week before ``to``, without a service the meetings."""
        end = datetime.fromisoformat(query["to"])
        start = datetime.fromisoformat(query["from"]) if "from" in query else end - timedelta(days=7)
        assert end - start <= LONGEST_QUESTION
        service = query.get("serviceType", "MeetingCenter")
        found = [
            row
            for name, row in self.rows.items()
            if self.site_of.get(name, SITE) == query["siteUrl"]
            and row.get("serviceType") == service
            and start <= datetime.fromisoformat(row["start"]) < end
        ]
        return sorted(found, key=lambda row: row["start"], reverse=True)


class WebexDirectoryDouble(WebexDouble):
    """The people of an organisation."""

    type_name, table = "webex_directory", "people"
    where_to_mend = "spark-admin:people_read"

    def settings(self) -> dict[str, Any]:
        return super().settings() | {"is_directory": True}

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:  # noqa: ARG002
        self.rows[record_id] = person(record_id)

    def spoil(self, record_id: str) -> None:
        del self.rows[record_id]["id"]

    def reply(self, path: str, request: Request) -> Answer:
        assert path == "/people", path
        return self.list(request, list(self.rows.values()), self.page_size)


class WebexRoomsDouble(WebexDouble):
    """The workspaces of an organisation and the devices in them."""

    type_name, table = "webex_rooms", "rooms"
    where_to_mend = "spark-admin:devices_read"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.devices: list[dict[str, Any]] = []

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:  # noqa: ARG002
        self.rows[record_id] = workspace(record_id)

    def spoil(self, record_id: str) -> None:
        del self.rows[record_id]["id"]

    def reply(self, path: str, request: Request) -> Answer:
        if path == "/devices":
            return self.list(request, self.devices, self.page_size)
        assert path == "/workspaces", path
        return self.list(request, list(self.rows.values()), self.page_size)


def person(number: str, **changes: Any) -> dict[str, Any]:
    """Somebody in the directory."""
    return {
        "id": f"webex-{number}",
        "emails": [f"anna{number}@exempelby.example"],
        "phoneNumbers": [{"type": "work", "value": "+46701234567", "primary": True}],
        "displayName": "Anna Ek",
        "title": "Rektor Anna Ek",
        "department": "Skola",
        "addresses": [{"type": "work", "locality": "Kisa", "streetAddress": "Storgatan 1"}],
        "sipAddresses": [
            {"type": "cloud-calling", "value": f"sip.{number}@exempelby.calls.example", "primary": True},
            {"type": "personal-room", "value": f"rum.{number}@exempelby.webex.com", "primary": False},
        ],
        "loginEnabled": "true",
        "type": "person",
    } | changes


def workspace(number: str, **changes: Any) -> dict[str, Any]:
    """A room."""
    return {
        "id": f"workspace-{number}",
        "displayName": "Anna Ek-rummet",
        "capacity": 8,
        "type": "meetingRoom",
        "sipAddress": f"rum{number}@exempelby.rooms.webex.com",
        "calendar": {"type": "microsoft", "emailAddress": f"rum{number}@exempelby.example"},
        "notes": "nyckel hos Anna Ek",
    } | changes
