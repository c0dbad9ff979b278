"""Reads Zoom's lists page by page: all of a list, or an error.

The token of a next page lives fifteen minutes, so a list is read to its end before anything else is asked; one whose
token has expired all the same is read again from its start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import requests

from connectors.errors import RetryLater
from connectors.session import json_of
from connectors.zoom.session import StaleToken, ZoomSession

PAGE_SIZE = 300
"""The most the vendor gives."""
READINGS = 3
"""How often a list is begun before the run gives up."""


@dataclass(frozen=True)
class List:
    """One list at the vendor.

    Attributes:
        route: how messages name it.
        url: its path.
        key: the field that holds its rows.
        limit: the label of the limit that applies.
        params: query parameters, the same for all its pages.
    """

    route: str
    url: str
    key: str
    limit: str
    params: dict[str, str]

    @property
    def first(self) -> dict[str, str]:
        """The query of its first page."""
        return {"page_size": str(PAGE_SIZE), **self.params}

    def link(self, token: str) -> str:
        """Where its next page is."""
        return f"{self.url}?{urlencode({**self.first, 'next_page_token': token})}"


@dataclass(frozen=True)
class Rows:
    """One page of a list."""

    rows: list[msgspec.Raw]
    token: str | None
    total: int | None
    """Rows on all pages, where the vendor says so."""


def read_all(session: ZoomSession, what: List, gone: str | None = None) -> list[msgspec.Raw]:
    """All rows of a list, each once.

    Args:
        session: with Zoom.
        what: the list.
        gone: rule under which a list that is not there counts as one skipped record.

    Raises:
        RetryLater: the vendor gives fewer rows than it says there are, or its tokens expire again and again.
        VendorChanged: the answer has another shape. And as the session does.
    """
    for _ in range(READINGS - 1):
        try:
            return _read(session, what, what.url, what.first, gone)
        except StaleToken:
            continue
    return _read(session, what, what.url, what.first, gone)


def read_rest(session: ZoomSession, what: List, answer: requests.Response) -> list[msgspec.Raw]:
    """All rows of a list whose first page has come. Raises as :func:`read_all`."""
    page = rows_of(session, what, answer)
    if page.token is None:
        return _unique(page.rows)
    try:
        return _unique([*page.rows, *_read(session, what, what.link(page.token), None, None, len(page.rows))])
    except StaleToken:
        return read_all(session, what)


def rows_of(session: ZoomSession, what: List, answer: requests.Response) -> Rows:
    """What a page holds.

    Raises:
        VendorChanged: the answer has another shape.
    """
    json_of(session.name, what.route, answer)
    try:
        fields = msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw])
        rows = msgspec.json.decode(fields[what.key], type=list[msgspec.Raw])
        token = msgspec.json.decode(fields.get("next_page_token", b"null"), type=str | None)
        # the vendor writes some numbers as text
        total = msgspec.json.decode(fields.get("total_records", b"null"), type=int | None, strict=False)
    except (msgspec.ValidationError, KeyError):
        raise session.changed(what.route) from None
    return Rows(rows, token or None, total)


def encoded(uuid: str) -> str:
    """A meeting's UUID as part of a path: encoded twice where it would else be taken for several parts."""
    once = quote(uuid, safe="")
    return quote(once, safe="") if uuid.startswith("/") or "//" in uuid else once


def _read(
    session: ZoomSession, what: List, url: str, params: dict[str, str] | None, gone: str | None, have: int = 0
) -> list[msgspec.Raw]:
    rows: list[msgspec.Raw] = []
    total: int | None = None

    def next_link(answer: requests.Response) -> str | None:
        token = rows_of(session, what, answer).token
        return what.link(token) if token else None

    options: dict[str, Any] = {"limit": what.limit, "gone": gone}
    for answer in session.pages(what.route, url, params, next_link, **options):
        page = rows_of(session, what, answer)
        rows += page.rows
        total = page.total
    if total is not None and have + len(rows) < total:
        raise RetryLater(
            f"{session.name}: {what.route} gave {have + len(rows)} of {total} records: nothing of it was taken as "
            "read, and the next run tries again"
        )
    return _unique(rows)


def _unique(rows: list[msgspec.Raw]) -> list[msgspec.Raw]:
    """Without rows that came twice, letter by letter, as on a page that came twice."""
    return list({bytes(row): row for row in rows}.values())
