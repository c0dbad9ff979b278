"""Fetches call records from Microsoft Graph: lists them day by day, and asks for what is new in batches of twenty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.errors import SkippedRecord
from connectors.json_records import Id
from connectors.microsoft.graph import ask_batched, list_pages
from connectors.session import VendorSession
from connectors.source import Page, Skipped, Unchanged, Window, local_midnight

LIST = "GET /communications/callRecords"
ONE = "GET /communications/callRecords/{id}"
SESSIONS = "GET /communications/callRecords/{id}/sessions"
PARTICIPANTS = "GET /communications/callRecords/{id}/participants_v2"
CALL_RECORD = "callRecord"
"""What a page holds: an array of call records with their sessions and participants."""
EXPAND = "sessions,participants_v2"
"""Without segments, which hold network addresses and are many times as large."""
PARALLEL = 4
"""Batches under way at the same time; a batch takes the vendor long and us nothing."""
GONE = "gone_at_vendor"
"""Rule under which records count that were listed and are not there any more."""


class Listed(msgspec.Struct):
    """A call record as the list shows it."""

    id: Id
    version: int
    type: str | None = None


class _Parts(msgspec.Struct):
    sessions: list[msgspec.Raw] = []
    participants_v2: list[msgspec.Raw] = []
    more_sessions: str | None = msgspec.field(default=None, name="sessions@odata.nextLink")
    more_participants: str | None = msgspec.field(default=None, name="participants_v2@odata.nextLink")


def fetch(
    session: VendorSession, page_size: int, window: Window, known: Mapping[str, int]
) -> Iterator[Page | Skipped | Unchanged]:
    """Read the call records that began in a window.

    Calls of two are counted by day and never land by themselves, so all of a day come on one page that says which
    day it is; a day that the window cuts off at its start cannot be counted, and its page does not say so.

    Args:
        session: with Graph.
        page_size: records per page of the list.
        window: when the calls began.
        known: the meetings that are landed, id to version.

    Raises:
        ConnectorError: as the session does.
    """
    for day, part in window.by_local_day():
        listed, unread = _list(session, page_size, part)
        if unread:
            yield Page(CALL_RECORD, msgspec.json.encode(unread), {})
        fresh = [record for record in listed if known.get(record.id, -1) < record.version]
        if len(fresh) < len(listed):
            yield Unchanged(len(listed) - len(fresh))
        yield from _meetings(session, [record.id for record in fresh if record.type == "groupCall"])
        others = [record.id for record in fresh if record.type != "groupCall"]
        yield from _day(session, others, day if part.start == local_midnight(day) else None)


def _list(session: VendorSession, page_size: int, window: Window) -> tuple[list[Listed], list[msgspec.Raw]]:
    """The newest version of each record listed, and what stands in the list and is no record."""
    listed: dict[str, Listed] = {}
    unread = []
    for page in list_pages(
        session,
        LIST,
        "/communications/callRecords",
        list_filter(window),
        headers={"Prefer": f"odata.maxpagesize={page_size}"},
    ):
        for raw in page:
            try:
                record = msgspec.json.decode(raw, type=Listed)
            except msgspec.ValidationError:
                unread.append(raw)
                continue
            if record.id not in listed or listed[record.id].version < record.version:
                listed[record.id] = record
    return list(listed.values()), unread


def list_filter(window: Window) -> dict[str, str]:
    """The query for the records that began in a window."""
    start, end = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (window.start, window.end))
    return {"$filter": f"startDateTime ge {start} and startDateTime lt {end}"}


def details(ids: Iterable[str]) -> list[str]:
    """Where to ask for records."""
    return [f"/communications/callRecords/{quote(record, safe='')}?$expand={EXPAND}" for record in ids]


def _meetings(session: VendorSession, ids: list[str]) -> Iterator[Page | Skipped]:
    for answers in ask_batched(session, ONE, details(ids), PARALLEL):
        records, gone = _whole(session, answers)
        if records:
            yield Page(CALL_RECORD, msgspec.json.encode(records), {})
        if gone:
            yield Skipped(GONE, gone)


def _day(session: VendorSession, ids: list[str], day: date | None) -> Iterator[Page | Skipped]:
    records: list[Any] = []
    gone = 0
    for answers in ask_batched(session, ONE, details(ids), PARALLEL):
        found, missing = _whole(session, answers)
        records += found
        gone += missing
    if records:
        yield Page(CALL_RECORD, msgspec.json.encode(records), {"day": day.isoformat()} if day else {})
    if gone:
        yield Skipped(GONE, gone)


def _whole(session: VendorSession, answers: Iterable[msgspec.Raw | None]) -> tuple[list[Any], int]:
    """The records of a batch with everything that belongs to them, and how many are gone."""
    records: list[Any] = []
    gone = 0
    for answer in answers:
        try:
            if answer is None:
                gone += 1
            else:
                records.append(_with_rest(session, answer))
        except SkippedRecord:
            gone += 1
    return records, gone


def _with_rest(session: VendorSession, raw: msgspec.Raw) -> Any:
    """A record with the sessions and participants that did not fit on its first page.

    Raises:
        SkippedRecord: the record is gone meanwhile; half of it must not land.
    """
    try:
        parts = msgspec.json.decode(raw, type=_Parts)
    except msgspec.ValidationError:
        return raw  # rejected when it is parsed
    links = (
        ("sessions", SESSIONS, parts.sessions, parts.more_sessions),
        ("participants_v2", PARTICIPANTS, parts.participants_v2, parts.more_participants),
    )
    whole = {}
    for name, route, items, link in links:
        if link is not None:
            pages = list_pages(session, route, link, None, gone=GONE)
            whole[name] = [*items, *(item for page in pages for item in page)]
    return {**msgspec.json.decode(raw), **whole} if whole else raw
