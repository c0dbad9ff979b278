"""What clients ask of Graph, read and answered the way Graph does: filters, expansions, pages, errors."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from uuid import uuid4

import msgspec

from simulator.faults import RequestFaults

EVER = -(2**62), 2**62
"""Microseconds before and after everything."""
_CLAUSE = re.compile(r"startDateTime (ge|gt|le|lt) (\S+)")
_DAYS = re.compile(r"\(fromDateTime=(\d{4}-\d\d-\d\d),toDateTime=(\d{4}-\d\d-\d\d)\)")
_EXPANSIONS = ("sessions", "sessions($expand=segments)", "participants_v2")


class GraphError(Exception):
    """A refusal."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.retry_after = retry_after


@dataclass(frozen=True)
class Request:
    """One request, from the network or a member of a batch."""

    method: str
    path: str
    """Below the version root."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str]) -> Request:
        """From a URL relative to the version root."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return cls(method, parts.path.lstrip("/"), query, {name.lower(): text for name, text in headers.items()})

    @property
    def page_size(self) -> int | None:
        """``Prefer: odata.maxpagesize=N``."""
        found = re.search(r"odata\.maxpagesize=(\d+)", self.headers.get("prefer", ""))
        return max(1, int(found[1])) if found else None


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


def refusal(error: GraphError) -> Answer:
    """An error as Graph writes it."""
    number = str(uuid4())
    inner = {"date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}", "request-id": number, "client-request-id": number}
    body = {"error": {"code": error.code, "message": error.message, "innerError": inner}}
    headers = {"Content-Type": "application/json"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Answer(error.status, msgspec.json.encode(body), headers)


def spoiled(answer: Answer, faults: RequestFaults, label: str) -> Answer:
    """The answer as it arrives, if a fault hits it."""
    if faults.strikes("truncated", label):
        return replace(answer, body=answer.body[: len(answer.body) // 2])
    if faults.strikes("not_json", label):
        return replace(answer, body=b"upstream connect error or disconnect/reset before headers")
    if faults.strikes("html", label):
        return Answer(200, b"<!DOCTYPE html><html><title>Sign in</title></html>", {"Content-Type": "text/html"})
    return answer


def bad(message: str) -> GraphError:
    """A request that cannot be understood."""
    return GraphError(400, "BadRequest", message)


def started(text: str | None) -> tuple[int, int]:
    """The microseconds ``from <= start < to`` that a ``$filter`` asks for.

    Raises:
        GraphError: anything but comparisons of startDateTime joined by ``and``.
    """
    since, until = EVER
    for clause in text.split(" and ") if text else ():
        found = _CLAUSE.fullmatch(clause.strip())
        if not found:
            raise bad("Invalid filter clause")
        at = _microseconds(found[2])
        match found[1]:
            case "ge":
                since = max(since, at)
            case "gt":
                since = max(since, at + 1)
            case "lt":
                until = min(until, at)
            case _:
                until = min(until, at + 1)
    return since, until


def _microseconds(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad("Invalid filter clause") from None
    if at.tzinfo is None:
        raise bad("Invalid filter clause: an instant needs an offset")
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def days(text: str) -> tuple[date, date]:
    """The first and last day in ``(fromDateTime=…,toDateTime=…)``.

    Raises:
        GraphError: no two days in order.
    """
    found = _DAYS.fullmatch(text)
    try:
        first, last = (date.fromisoformat(day) for day in found.groups()) if found else (date.max, date.min)
    except ValueError:
        raise bad("Invalid date range.") from None
    if last < first:
        raise bad("Invalid date range.")
    return first, last


def expanded(text: str | None) -> set[str]:
    """The navigation properties a ``$expand`` asks for.

    Raises:
        GraphError: one that call records do not have.
    """
    wanted = {part.strip() for part in text.split(",")} if text else set()
    if not wanted <= set(_EXPANSIONS):
        raise bad("Parsing OData Select and Expand failed")
    return wanted


def selected(text: str | None, known: set[str]) -> list[str] | None:
    """The properties a ``$select`` asks for; None for the default ones.

    Raises:
        GraphError: one that does not exist.
    """
    if not text:
        return None
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise bad(f"Parsing OData Select and Expand failed: Could not find a property named '{name}'.")
    return names


def top(text: str | None, default: int, most: int) -> int:
    """The page size a ``$top`` asks for.

    Raises:
        GraphError: no number, or more than the most.
    """
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise bad(f"Invalid page size specified: '{text}'. Must be between 1 and {most} inclusive.")
    return int(text)


@dataclass(frozen=True)
class Place:
    """Where in a list a page begins, and how many it holds: the meaning of a skiptoken."""

    at: int
    size: int
    is_repeated: bool = False

    @classmethod
    def of(cls, request: Request, size: int) -> Place:
        """The place a request asks for.

        Raises:
            GraphError: a skiptoken that was never given out.
        """
        token = request.query.get("$skiptoken")
        if token is None:
            return cls(0, size)
        try:
            at, own_size, is_repeated = msgspec.json.decode(base64.urlsafe_b64decode(token), type=tuple[int, int, bool])
        except (msgspec.DecodeError, binascii.Error, ValueError):
            raise bad("Invalid skiptoken") from None
        return cls(at, own_size, is_repeated)

    def link(self, address: str, query: Mapping[str, str]) -> str:
        """A link to the page here."""
        token = base64.urlsafe_b64encode(msgspec.json.encode((self.at, self.size, self.is_repeated))).decode()
        parameters: dict[str, Any] = {**query, "$skiptoken": token}
        return f"{address}?{urlencode(parameters, safe='$,()', quote_via=quote)}"
