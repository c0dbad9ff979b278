"""Fetches Webex meetings: the usage report of every site and service, and participants of what is new or changed.

Participants come from ``meetingParticipants``, which shows each device and who waited in the lobby; the attendee report
shows neither, and costs as many requests.

The report has no version, so one is made here that only grows: a counter of revisions, a fingerprint of the numbers
and times in the report, and how much is known of the participants. What comes with another fingerprint than the one
that is landed is the next revision; what comes with the same one is not asked for again, unless its participants were
not told yet. The fingerprint covers nothing that names anyone, so that nobody can be guessed from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from connectors.errors import SkippedRecord
from connectors.json_records import is_instant
from connectors.session import VendorSession, json_of
from connectors.source import Page, Skipped, Unchanged, Window
from connectors.webex.records import GONE, MEETING, Participant, Usage
from connectors.webex.session import changed, list_pages

SITES = "GET /meetingPreferences/sites"
USAGE = "GET /meetingReports/usage"
PARTICIPANTS = "GET /meetingParticipants"
USAGE_PAGE_SIZE = 1000
"""The most the vendor takes."""
PARTICIPANTS_PAGE_SIZE = 100
"""The most the vendor takes."""
LONGEST_QUESTION = timedelta(days=30)
PARALLEL = 4
"""Meetings whose participants are asked for at the same time."""
AT_ONCE = 50
"""Meetings on a page for the parser."""
IN_UTC = {"timezone": "UTC"}

NOT_ASKED, NOT_TOLD, TOLD = 0, 1, 2
"""What is known of a meeting's participants; not told yet are those of a meeting that somebody has not left."""
_LEVEL_BITS, _FINGERPRINT_BITS = 2, 38
_REVISION_AT = _LEVEL_BITS + _FINGERPRINT_BITS


@dataclass(frozen=True)
class Plan:
    """What to ask for.

    Attributes:
        sites: host names; empty for all that the vendor names.
        service_types: as the vendor names them.
        participants: whether to ask who was there.
    """

    sites: Sequence[str]
    service_types: Sequence[str]
    participants: bool


class _Site(msgspec.Struct):
    site_url: str = msgspec.field(name="siteUrl")


class _Sites(msgspec.Struct):
    sites: list[_Site]


def fetch(
    session: VendorSession, plan: Plan, window: Window, known: Mapping[str, int]
) -> Iterator[Page | Skipped | Unchanged]:
    """Read the meetings that began in a window.

    Args:
        session: with Webex.
        plan: what to ask for.
        window: when the meetings began.
        known: the meetings that are landed, id to version.

    Raises:
        ConnectorError: as the session does.
    """
    listed: set[str] = set()
    for site in plan.sites or sites(session):
        for service in plan.service_types:
            for part in by_thirty_days(window):
                for rows in usage_pages(session, site, service, part):
                    yield from _page(session, plan, rows, listed, known)


def sites(session: VendorSession) -> list[str]:
    """The sites that the app may see."""
    answer = session.get(SITES, "/meetingPreferences/sites")
    json_of(session.name, SITES, answer)
    try:
        return [site.site_url for site in msgspec.json.decode(answer.content, type=_Sites).sites]
    except msgspec.ValidationError:
        raise changed(session, SITES) from None


def usage_pages(
    session: VendorSession, site: str, service: str, window: Window, size: int = USAGE_PAGE_SIZE
) -> Iterator[list[msgspec.Raw]]:
    """The usage report of one site and service, at most thirty days of it, newest first."""
    start, end = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (window.start, window.end))
    query = {"siteUrl": site, "serviceType": service, "from": start, "to": end, "max": str(size)}
    return list_pages(session, USAGE, "/meetingReports/usage", query, headers=IN_UTC)


def participants(session: VendorSession, meeting_id: str) -> list[msgspec.Raw] | None:
    """Who was in a meeting, in the lobby included; None if the vendor no longer knows."""
    query = {"meetingId": meeting_id, "max": str(PARTICIPANTS_PAGE_SIZE)}
    try:
        pages = list_pages(session, PARTICIPANTS, "/meetingParticipants", query, headers=IN_UTC, gone=GONE)
        return [person for page in pages for person in page]
    except SkippedRecord:
        return None


def by_thirty_days(window: Window) -> Iterator[Window]:
    """The window in parts that the vendor answers."""
    start = window.start
    while start < window.end:
        end = min(window.end, start + LONGEST_QUESTION)
        yield Window(start, end)
        start = end


def next_version(known: int | None, usage: Usage, level: int) -> int:
    """The version of a meeting that is landed in a version, or not yet: never lower, and higher if it changed.

    Args:
        known: the version that is landed.
        usage: the meeting as it is reported now.
        level: what is known of its participants now.
    """
    fingerprint = _fingerprint(usage)
    revision = 0 if known is None else known >> _REVISION_AT
    if known is not None and _fingerprint_in(known) == fingerprint:
        level = max(level, _level_in(known))
    elif known is not None:
        revision += 1
    return revision << _REVISION_AT | fingerprint << _LEVEL_BITS | level


def is_unchanged(known: int | None, usage: Usage, wanted: int) -> bool:
    """Whether a meeting is landed as it is reported now, with as much of its participants as is wanted."""
    return known is not None and _fingerprint_in(known) == _fingerprint(usage) and _level_in(known) >= wanted


def _fingerprint(usage: Usage) -> int:
    digest = hashlib.sha256(repr(usage.counted).encode()).digest()
    return int.from_bytes(digest[:8]) >> (64 - _FINGERPRINT_BITS)


def _fingerprint_in(version: int) -> int:
    return version >> _LEVEL_BITS & (1 << _FINGERPRINT_BITS) - 1


def _level_in(version: int) -> int:
    return version & (1 << _LEVEL_BITS) - 1


def _page(
    session: VendorSession, plan: Plan, rows: Sequence[msgspec.Raw], listed: set[str], known: Mapping[str, int]
) -> Iterator[Page | Unchanged]:
    """What is new on a page of the report; what was listed before, on a page that shifted meanwhile, is not."""
    unread: list[Any] = []
    fresh: list[tuple[Usage, msgspec.Raw]] = []
    unchanged = 0
    for raw in rows:
        try:
            usage = msgspec.json.decode(raw, type=Usage)
        except msgspec.ValidationError:
            unread.append({"version": 0, "usage": raw})
            continue
        if usage.meeting_id in listed:
            continue
        listed.add(usage.meeting_id)
        if is_unchanged(known.get(usage.meeting_id), usage, TOLD if plan.participants else NOT_ASKED):
            unchanged += 1
        else:
            fresh.append((usage, raw))
    if unread:
        yield Page(MEETING, msgspec.json.encode(unread), {})
    if unchanged:
        yield Unchanged(unchanged)
    with ThreadPoolExecutor(PARALLEL) as pool:
        for first in range(0, len(fresh), AT_ONCE):
            some = fresh[first : first + AT_ONCE]
            ids = [usage.meeting_id for usage, _ in some]
            people = list(pool.map(lambda each: participants(session, each), ids)) if plan.participants else []
            yield _meetings(some, people or [None] * len(some), plan, known)


def _meetings(
    some: Sequence[tuple[Usage, msgspec.Raw]],
    people: Sequence[list[msgspec.Raw] | None],
    plan: Plan,
    known: Mapping[str, int],
) -> Page:
    meetings = []
    for (usage, raw), who in zip(some, people, strict=True):
        level = _level(usage, who) if plan.participants else NOT_ASKED
        version = next_version(known.get(usage.meeting_id), usage, level)
        is_without = plan.participants and who is None
        meetings.append({"version": version, "usage": raw, "participants": who, "is_without_participants": is_without})
    return Page(MEETING, msgspec.json.encode(meetings), {})


def _level(usage: Usage, people: list[msgspec.Raw] | None) -> int:
    """Whether the list of participants is finished: as long as somebody has not left, it can change by itself."""
    if people is None or (not people and usage.total_participants):
        return NOT_TOLD
    try:
        found = [msgspec.json.decode(person, type=Participant) for person in people]
    except msgspec.ValidationError:
        return TOLD  # rejected when it is parsed
    return TOLD if all(is_instant(person.left_time) for person in found if person.was_let_in) else NOT_TOLD
