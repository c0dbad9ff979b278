"""A small Zoom: tokens, the three lists of meetings, who was connected by report and dashboard, users, and its limits."""

from __future__ import annotations

import base64
import re
import time
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote

from tests.vendor_double import ELSEWHERE, Answer, Request, VendorDouble, json_answer

ACCOUNT, CLIENT = "acc-1234567890", "cl-1234567890"
MINUTE = timedelta(minutes=1)
LONGEST_MONTH = timedelta(days=31)
HEAVY = {"pro": 10, "business": 40}
"""In a second."""
SCOPES = (
    "report:read:list_history_meetings:admin", "report:read:daily_usage:admin", "report:read:list_users:admin",
    "report:read:user:admin", "report:read:list_meeting_participants:admin", "dashboard:read:list_meetings:admin",
    "dashboard:read:list_meeting_participants:admin", "user:read:list_users:admin",
)  # fmt: skip
NOT_ALLOWED = "Only for accounts that Anna Ek pays for."


def instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def meeting(uuid: str, start: datetime, people: int = 2, minutes: int = 30, **changes: Any) -> dict[str, Any]:
    """A meeting as the history lists it."""
    return {
        "meeting_uuid": uuid,
        "meeting_id": 81234567890,
        "type": "Meeting",
        "host_display_name": "Anna Ek",
        "host_email": "anna.ek@exempelby.example",
        "start_time": instant(start),
        "end_time": instant(start + minutes * MINUTE),
        "topic": "Anna Ek om lönen",
        "participants": people,
        "duration": minutes,
        "total_participant_minutes": people * minutes,
        "department": "Skola",
        "feature_used": {"screen_sharing": False, "video_on": True, "telephone_usage": False, "join_by_room": False},
    } | changes


def connection(number: int, start: datetime, minutes: int = 30, **changes: Any) -> dict[str, Any]:
    """A connection as the report tells it."""
    return {
        "id": f"person-{number}",
        "user_id": str(16778240 + number),
        "name": "Anna Ek",
        "user_email": f"person-{number}@exempelby.example",
        "join_time": instant(start),
        "leave_time": instant(start + minutes * MINUTE),
        "duration": minutes * 60,
        "registrant_id": "",
        "failover": False,
        "status": "in_meeting",
    } | changes


def on_dashboard(connected: dict[str, Any], device: str = "Windows", **changes: Any) -> dict[str, Any]:
    """The same connection as the dashboard tells it."""
    return {
        "id": connected["id"],
        "user_id": connected["user_id"],
        "user_name": connected["name"],
        "email": connected["user_email"],
        "device": device,
        "ip_address": "192.0.2.1",
        "pc_name": "ANNA-EKS-LAPTOP",
        "join_time": connected["join_time"],
        "leave_time": connected["leave_time"],
        "leave_reason": "Anna Ek left the meeting.",
        "share_desktop": False,
        "status": connected["status"],
    } | changes


class ZoomDouble(VendorDouble):
    """An account with meetings."""

    type_name, table = "zoom", "meetings"
    where_to_mend: ClassVar[str] = "marketplace.zoom.us"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.page_size = 4
        self.plan = "pro"
        self.has_history = self.has_daily = True
        self.rows: dict[str, dict[str, Any]] = {}
        self.connections: dict[str, list[dict[str, Any]]] = {}
        self.dashboard: dict[str, list[dict[str, Any]]] = {}
        """Meetings whose connections the dashboard knows."""
        self.users: list[dict[str, Any]] = []
        self.instead: dict[str, deque[Answer]] = defaultdict(deque)
        """Meeting to what the next questions about who was connected are answered instead."""
        self.uncounted_hosts = False
        self.forgotten = 0
        """Rows that the lists lose without a word."""
        self.latency = 0.0
        self.is_limited = False
        self.daily = 0
        self.routes: Counter[str] = Counter()
        self.arrivals: deque[float] = deque()
        self.asked_people: list[float] = []
        """When questions about who was connected came that were not refused."""
        self.refused = 0
        self.grant = "account_credentials"

    def account(self, **changes: Any) -> dict[str, Any]:
        file = self.folder / "secret"
        file.write_text(f"{self.secret}\n")
        return {
            "account_id": ACCOUNT,
            "client_id": CLIENT,
            "client_secret_file": str(file),
            "base_url": f"{self.root}/v2",
            "token_url": f"{self.root}/oauth/token",
            "plan": self.plan,
        } | changes

    def settings(self) -> dict[str, Any]:
        # one at a time, since the suite's tokens expire by uses
        domains = ["exempelby.example"]
        return {
            "type": "zoom",
            "account": self.account(),
            "home_domains": domains,
            "parallel": 1,
            "limits": "simulator",
        }

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:
        minutes = 29 + version
        self.rows[record_id] = meeting(record_id, started_at, people, minutes)
        self.connections[record_id] = [connection(number, started_at, minutes) for number in range(people)]

    def remove(self, record_id: str) -> None:
        del self.rows[record_id]

    def spoil(self, record_id: str) -> None:
        self.rows[record_id]["start_time"] = ""

    def is_sign_in(self, request: Request) -> bool:
        return request.path == "/oauth/token"

    def sign_in(self, request: Request) -> Answer:
        form = dict(parse_qsl(request.body.decode()))
        expected = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        if self.faults.wrong_credentials or request.headers["authorization"] != f"Basic {expected}":
            return json_answer({"reason": "Anna Ek is unknown", "error": "invalid_client"}, 400)
        if form != {"grant_type": self.grant, "account_id": ACCOUNT}:
            return json_answer({"reason": "Anna Ek is unknown", "error": "invalid_request"}, 400)
        where = ELSEWHERE if self.faults.link == "off_host" else self.root
        return json_answer(
            {
                "access_token": self.new_token(),
                "token_type": "bearer",
                "expires_in": 3599,
                "scope": " ".join(SCOPES),
                "api_url": where,
            }
        )

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> Answer:
        code = {400: 300, 401: 124, 403: 4711, 404: 3001}.get(status, status)
        body = {"code": code, "message": "Anna Ek may not"}
        return json_answer(body, 400 if status == 403 else status, headers)

    def respond(self, request: Request) -> Answer:
        time.sleep(self.latency / 2)
        answer = super().respond(request)
        time.sleep(self.latency / 2)
        return answer

    def answer(self, request: Request) -> Answer:
        if self.is_limited and request.path != "/v2/users" and (refusal := self._over_limit()):
            return refusal
        path = request.path.removeprefix("/v2")
        found = re.fullmatch(r"/(report|metrics)/meetings/(.+)/participants", path)
        if found:
            self.routes[f"{found[1]} people"] += 1
            self.asked_people.append(time.monotonic())
            return self._people(found[1], found[2], request)
        self.routes[path] += 1
        if path.startswith("/report/users/"):
            return self._hosted(unquote(path.split("/")[3]), request)
        return {
            "/report/daily": self._daily,
            "/report/history_meetings": self._history,
            "/metrics/meetings": self._dashboard,
            "/report/users": self._hosts,
            "/users": self._users,
        }[path](request)

    def paged(self, request: Request, key: str, rows: Sequence[Any]) -> Answer:
        size = int(request.query.get("page_size", "30"))
        assert size <= 300
        token = request.query.get("next_page_token")
        shown, following = self.page(rows, token, min(size, self.page_size))
        if self.forgotten:
            shown = shown[: -self.forgotten]
        body = {"page_size": str(size), "next_page_token": following or "", "total_records": str(len(rows)), key: shown}
        return json_answer(body)

    def _over_limit(self) -> Answer | None:
        now = time.monotonic()
        while self.arrivals and now - self.arrivals[0] >= 1:
            self.arrivals.popleft()
        if self.daily and sum(self.routes.values()) >= self.daily:
            midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            headers = {"X-RateLimit-Type": "Daily-limit", "Retry-After": instant(midnight)}
            return self.refuse(429, headers)
        if len(self.arrivals) >= HEAVY[self.plan]:
            self.refused += 1
            return self.refuse(429, {"X-RateLimit-Type": "QPS"})
        self.arrivals.append(now)
        return None

    def _between(self, request: Request) -> list[dict[str, Any]]:
        first, last = (date.fromisoformat(request.query[name]) for name in ("from", "to"))
        assert timedelta() <= last - first < LONGEST_MONTH - timedelta(days=1), request.query
        return [row for row in self.rows.values() if not row["start_time"] or first <= _date(row) <= last]

    def _history(self, request: Request) -> Answer:
        if not self.has_history:
            return json_answer({"code": 200, "message": NOT_ALLOWED}, 400)
        assert request.query["meeting_type"] == "all"
        return self.paged(request, "history_meetings", self._between(request))

    def _dashboard(self, request: Request) -> Answer:
        if self.plan != "business":
            return json_answer({"code": 200, "message": NOT_ALLOWED}, 400)
        alone = request.query["type"] == "pastOne"
        rows = [
            {
                "uuid": row["meeting_uuid"],
                "id": row["meeting_id"],
                "email": row["host_email"],
                "start_time": row["start_time"],
                "end_time": row["end_time"],
                "duration": "30:00",
                "participants": row["participants"],
                "has_pstn": True,
                "has_video": True,
                "has_screen_share": False,
            }
            for row in self._between(request)
            if (row["participants"] == 1) == alone
        ]
        return self.paged(request, "meetings", rows)

    def _hosts(self, request: Request) -> Answer:
        hosts = {} if self.uncounted_hosts else {row["host_email"]: row for row in self._between(request)}
        return self.paged(request, "users", [{"id": host, "email": host, "meetings": 1} for host in hosts])

    def _hosted(self, host: str, request: Request) -> Answer:
        if host.startswith("gone"):
            return json_answer({"code": 1001, "message": f"User does not exist: {host}"}, 404)
        rows = [
            {
                "uuid": row["meeting_uuid"],
                "id": row["meeting_id"],
                "type": 1,
                "user_email": row["host_email"],
                "start_time": row["start_time"],
                "end_time": row["end_time"],
                "duration": row["duration"],
                "total_minutes": row["total_participant_minutes"],
                "participants_count": row["participants"],
            }
            for row in self._between(request)
            if row["host_email"] == host and row["participants"] > 1
        ]
        return self.paged(request, "meetings", rows)

    def _daily(self, request: Request) -> Answer:
        month = (int(request.query["year"]), int(request.query["month"]))
        days: dict[date, list[dict[str, Any]]] = defaultdict(list)
        for row in self.rows.values():
            if row["start_time"] and (_date(row).year, _date(row).month) == month:
                days[_date(row)].append(row)
        told = [
            {
                "date": day.isoformat(),
                "meetings": len(rows),
                "participants": sum(row["participants"] for row in rows),
                "meeting_minutes": sum(row["duration"] for row in rows),
                "new_users": 0,
            }
            for day, rows in sorted(days.items())
        ]
        return json_answer({"year": month[0], "month": month[1], "dates": told})

    def _people(self, report: str, name: str, request: Request) -> Answer:
        # a slash that is not encoded twice is a slash of the path by now
        uuid = unquote(name) if name not in self.connections else name
        if name.startswith("/") or "//" in name:
            return self.refuse(404)
        if self.instead[uuid]:
            return self.instead[uuid].popleft()
        if report == "metrics" and self.plan != "business":
            return json_answer({"code": 200, "message": NOT_ALLOWED}, 400)
        if report == "metrics":
            assert request.query["type"] == "past"
        known = self.dashboard if report == "metrics" else self.connections
        return self.paged(request, "participants", known[uuid]) if uuid in known else self.refuse(404)

    def _users(self, request: Request) -> Answer:
        rows = [user for user in self.users if user["status"] == request.query["status"]]
        return self.paged(request, "users", rows)


class ZoomUsersDouble(ZoomDouble):
    """The users of an account."""

    type_name, table = "zoom_users", "people"

    def settings(self) -> dict[str, Any]:
        return {"type": "zoom_users", "account": self.account(), "is_directory": True, "limits": "simulator"}

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:  # noqa: ARG002
        # every other one has left
        self.users.append(user(record_id, status=("active", "inactive")[len(self.users) % 2]))

    def remove(self, record_id: str) -> None:
        self.users = [each for each in self.users if each["id"] != f"person-{record_id}"]

    def spoil(self, record_id: str) -> None:
        next(each for each in self.users if each["id"] == f"person-{record_id}").pop("id")


def user(number: str, **changes: Any) -> dict[str, Any]:
    """A user."""
    return {
        "id": f"person-{number}",
        "email": f"person-{number}@exempelby.example",
        "first_name": "Anna",
        "last_name": "Ek",
        "dept": "Skola",
        "type": 2,
        "status": "active",
    } | changes


def _date(row: dict[str, Any]) -> date:
    return datetime.fromisoformat(row["start_time"]).date()
