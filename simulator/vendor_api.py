"""What the reports of Zoom and Webex have in common: routes, tokens, the documented window, and the faults."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np

from simulator.calls import Calls
from simulator.faults import Faults, Limits, RequestFaults
from simulator.graph_requests import Answer, Request, spoiled
from simulator.login import Tokens
from simulator.municipality import Municipality

Json = dict[str, Any]
JSON = {"Content-Type": "application/json"}


class Refusal(Exception):  # noqa: N818 - an answer of the vendor
    """A request is refused.

    Attributes:
        status: of HTTP.
        code: the vendor's own number for it, where it has one.
        headers: besides the usual ones.
    """

    def __init__(
        self, status: int, message: str, code: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers or {}


@dataclass(frozen=True)
class Route:
    """One kind of request."""

    label: str
    path: str
    """Regular expression, below the version root."""
    scope: str
    answer: Callable[..., Answer]


@dataclass
class Rows:
    """The calls on one vendor's platform that can be seen at a moment, by start."""

    calls: Calls
    vendor: int
    kept: timedelta
    limits: Limits
    _found: dict[int, int] = field(default_factory=dict)
    """Row to start, by start."""

    def __contains__(self, call: int) -> bool:
        return call in self._found

    def look(self, now: datetime) -> None:
        """Look again: calls that have ended, and are not too old under the documented limits."""
        calls, at = self.calls, _microseconds(now)
        is_here = (calls.vendor == self.vendor) & (calls.end <= at)
        if self.limits == "documented":
            is_here &= calls.start >= at - self.kept // timedelta(microseconds=1)
        found = np.flatnonzero(is_here)
        found = found[np.argsort(calls.start[found], kind="stable")]
        self._found = dict(zip(found.tolist(), calls.start[found].tolist(), strict=True))

    def between(self, first: datetime, last: datetime) -> list[int]:
        """Rows of the calls with ``first <= start < last``."""
        since, until = _microseconds(first), _microseconds(last)
        return [row for row, start in self._found.items() if since <= start < until]


class VendorApi:
    """Answers one vendor's requests about a municipality at a moment that can be moved."""

    routes: tuple[Route, ...]

    def __init__(self, municipality: Municipality, rows: Rows, now: datetime) -> None:
        self.requests: Counter[str] = Counter()
        self.tokens = Tokens()
        self.municipality, self.rows = municipality, rows
        self.set(now, Faults())

    def set(self, now: datetime, faults: Faults) -> None:
        """Move the clock and switch faults."""
        self.now, self.faults = now, faults
        self._request_faults = RequestFaults(faults)
        self.rows.look(now)

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        found = [(route, hit) for route in self.routes if (hit := re.fullmatch(route.path, request.path))]
        label = found[0][0].label if found else "unknown"
        self.requests[label] += 1
        try:
            if not found:
                raise Refusal(404, "This API endpoint does not exist.")
            self._check(found[0][0], request)
            answer = found[0][0].answer(request, *found[0][1].groups())
        except Refusal as refusal:
            return self.refused(refusal)
        return spoiled(answer, self._request_faults, label)

    def refused(self, refusal: Refusal) -> Answer:
        """A refusal as the vendor writes it."""
        raise NotImplementedError

    def forbidden(self, scope: str) -> Refusal:
        """The app lacks a scope."""
        raise NotImplementedError

    def _check(self, route: Route, request: Request) -> None:
        """Refuse what cannot, or may not, be answered.

        Raises:
            Refusal: saying why.
        """
        if self._request_faults.strikes("unavailable", route.label):
            raise Refusal(503, "The service is temporarily unavailable.")
        if not self.tokens.accepts(request.headers.get("authorization", "")):
            raise Refusal(401, "Invalid access token.", 124)
        if self._request_faults.throttles(route.label):
            seconds = self.faults.retry_after_seconds
            wait = {} if seconds is None else {"Retry-After": str(seconds)}
            raise Refusal(429, "You have reached the maximum rate limit for this API. Try again later.", 429, wait)
        if route.scope in self.faults.denied_permissions:
            raise self.forbidden(route.scope)


def json_answer(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """JSON as an answer."""
    return Answer(status, msgspec.json.encode(body), {**JSON, **(headers or {})})


def moment(at: int) -> datetime:
    """Microseconds since 1970 as an instant."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


def zulu(at: int) -> str:
    """Microseconds since 1970 in whole seconds UTC: ``2026-10-01T08:00:00Z``."""
    return f"{moment(at):%Y-%m-%dT%H:%M:%SZ}"


def _microseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000
