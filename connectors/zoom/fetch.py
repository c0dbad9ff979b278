"""Fetches meetings from Zoom: a list for the account, and who was connected for what is new or changed in it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date
from itertools import chain
from typing import Any

import msgspec
import requests

from connectors.errors import ConnectorError, SkippedRecord
from connectors.session import Ask, json_of
from connectors.source import Page, Skipped, Unchanged, Window
from connectors.zoom.lists import Found, Lists, spans
from connectors.zoom.pages import List, encoded, read_all, read_rest
from connectors.zoom.records import DAY, MEETING, NOT_READY, Day, revision_after
from connectors.zoom.routes import DAILY, DASHBOARD_PEOPLE, REPORT_PEOPLE, USERS
from connectors.zoom.session import HEAVY, MEDIUM, PlanLacks, ZoomSession

GROUP = 50
"""Most meetings on a page."""

_log = logging.getLogger(__name__)

Answer = tuple[Found, dict[str, list[msgspec.Raw]] | None]
"""A meeting and who was connected; None where the vendor does not say."""


class _Ids(msgspec.Struct):
    """Whatever may say who somebody is, in any of the vendor's shapes."""

    id: str | int | None = None
    email: str | None = None
    user_email: str | None = None
    host_email: str | None = None


class _Days(msgspec.Struct):
    dates: list[msgspec.Raw]


def fetch(
    session: ZoomSession, asks_users: bool, parallel: int, window: Window, known: Mapping[str, int]
) -> Iterator[Page | Skipped | Unchanged]:
    """Read the meetings that began in a window, the oldest first.

    Args:
        session: with Zoom.
        asks_users: whether the account's list of users says who belongs to it.
        parallel: questions under way at the same time.
        window: when the meetings began.
        known: the meetings that are landed, id to version.

    Raises:
        RetryLater: also when the vendor lists nothing for days on which it counts meetings. And as the session does.
    """
    session.sign_in()
    users = account_users(session) if asks_users else None
    counts, totals = _count_by_day(session, window)
    if totals:
        yield Page(DAY, msgspec.json.encode(totals), {})
    lists, people = Lists(session), People(session, users, parallel)
    for span in spans(window):
        listed = lists.of(span)
        lists.hold_against(counts, span, listed)
        if listed.gone_hosts:
            yield Skipped("host_gone", listed.gone_hosts)
        if listed.unread:
            yield Page(MEETING, msgspec.json.encode(listed.unread), {})
        for _, day in span.by_local_day():
            today = [found for found in listed.meetings if day.start <= found.listing.started_at < day.end]
            yield from _day(people, today, known)


def account_users(session: ZoomSession) -> frozenset[str]:
    """Id and address, in small letters, of everyone who has or had an account."""
    found: set[str] = set()
    for status in ("active", "inactive"):
        for raw in read_all(session, List(USERS, "/users", "users", MEDIUM, {"status": status})):
            found |= _ids(raw)
    return frozenset(found)


def _count_by_day(session: ZoomSession, window: Window) -> tuple[dict[date, Day], list[msgspec.Raw]]:
    """The vendor's own count for the days that are over, and what it said of them."""
    counts, told = {}, []
    today = window.end.astimezone(UTC).date()
    months = {(day.year, day.month) for day, _ in window.by_local_day()}
    for year, month in sorted(months):
        answer = session.get(DAILY, "/report/daily", {"year": str(year), "month": str(month)}, limit=HEAVY)
        json_of(session.name, DAILY, answer)
        try:
            rows = msgspec.json.decode(answer.content, type=_Days).dates
        except msgspec.ValidationError:
            raise session.changed(DAILY) from None
        for raw in rows:
            try:
                day = msgspec.json.decode(raw, type=Day)
                if day.day < today:
                    counts[day.day] = day
                    told.append(raw)
            except (msgspec.ValidationError, ValueError):
                told.append(raw)  # rejected when it is parsed
    return counts, told


def _day(people: People, listed: Iterable[Found], known: Mapping[str, int]) -> Iterator[Page | Skipped | Unchanged]:
    """The meetings that began on one day."""
    alone: list[Found] = []
    asked: list[Found] = []
    revisions: dict[str, int] = {}
    unchanged = unended = 0
    for found in listed:
        listing = found.listing
        revision = revision_after(known.get(listing.uuid), listing.fingerprint)
        if revision is None:
            unchanged += 1
        elif listing.ended_at is None:
            unended += 1
        else:
            revisions[listing.uuid] = revision
            # who was at a broadcast is not counted, and one who was alone met nobody
            (alone if listing.kind == "broadcast" or listing.people == 1 else asked).append(found)
    if unchanged:
        yield Unchanged(unchanged)
    if unended:
        yield Skipped(NOT_READY, unended)
    answers = chain(((found, {}) for found in alone), people.of(asked))
    yield from _pages(people.record(found, revisions[found.listing.uuid], rows) for found, rows in answers)


def _pages(records: Iterable[dict[str, Any]]) -> Iterator[Page]:
    """Records on pages; what came before an error is on a page too, so that it is not asked for again."""
    group: list[dict[str, Any]] = []
    try:
        for record in records:
            group.append(record)
            if len(group) >= GROUP:
                yield Page(MEETING, msgspec.json.encode(group), {})
                group = []
    except ConnectorError:
        if group:
            yield Page(MEETING, msgspec.json.encode(group), {})
        raise
    if group:
        yield Page(MEETING, msgspec.json.encode(group), {})


class People:
    """Asks who was connected: the dashboard where the plan has it, for devices and heads in rooms, else the report.

    Args:
        session: with Zoom.
        users: who has an account; None if that is not asked.
        parallel: questions under way at the same time.
    """

    def __init__(self, session: ZoomSession, users: frozenset[str] | None, parallel: int) -> None:
        self._session, self._users, self._parallel = session, users, parallel
        self.has_dashboard = session.account.plan == "business"

    def of(self, meetings: Sequence[Found]) -> Iterator[Answer]:
        """Who was connected to each meeting, in no particular order."""
        left = {found.listing.uuid: found for found in meetings}
        if self.has_dashboard:
            try:
                for found, rows in self._ask("metrics", list(left.values())):
                    if rows is not None:
                        del left[found.listing.uuid]
                        yield found, rows
            except PlanLacks as lacks:
                self.has_dashboard = False
                _log.warning("%s; going on with the report, which tells no devices and no heads in rooms", lacks)
        # the dashboard does not know every meeting that the report knows
        yield from self._ask("report", list(left.values()))

    def _ask(self, part: str, meetings: Sequence[Found]) -> Iterator[Answer]:
        lists = [_people_list(part, found.listing.uuid) for found in meetings]
        asks = [Ask(each.route, each.url, each.first, each.limit) for each in lists]
        answers = self._session.get_many(asks, self._parallel, gone=NOT_READY) if asks else ()
        for found, what, answer in zip(meetings, lists, answers, strict=True):
            yield found, self._rows(part, what, answer)

    def _rows(
        self, part: str, what: List, answer: requests.Response | SkippedRecord
    ) -> dict[str, list[msgspec.Raw]] | None:
        if isinstance(answer, SkippedRecord):
            return None
        try:
            rows = read_rest(self._session, what, answer)
        except SkippedRecord:
            return None
        return {part: rows} if rows else None

    def record(self, found: Found, revision: int, rows: Mapping[str, list[msgspec.Raw]] | None) -> dict[str, Any]:
        """What a page holds of a meeting: see :class:`connectors.zoom.records.Meeting`."""
        record = {found.shape: found.raw, "revision": revision, "is_whole": rows is not None, **(rows or {})}
        if self._users is not None:
            everyone = [found.raw, *(row for part in (rows or {}).values() for row in part)]
            record["account"] = sorted(self._users & {one for raw in everyone for one in _ids(raw)})
        return record


def _people_list(part: str, uuid: str) -> List:
    if part == "metrics":
        return List(
            DASHBOARD_PEOPLE, f"/metrics/meetings/{encoded(uuid)}/participants", "participants", HEAVY, {"type": "past"}
        )
    return List(REPORT_PEOPLE, f"/report/meetings/{encoded(uuid)}/participants", "participants", HEAVY, {})


def _ids(raw: msgspec.Raw) -> set[str]:
    """Id and address, in small letters, of whom a row is about."""
    try:
        told = msgspec.json.decode(raw, type=_Ids)
    except msgspec.ValidationError:
        return set()
    mails = {mail.casefold() for mail in (told.email, told.user_email, told.host_email) if mail}
    return mails | ({told.id} if isinstance(told.id, str) and told.id else set())
