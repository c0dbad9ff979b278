"""Turns call records into meetings and participations; calls of two become totals of their day.

Telephones need no separate source: a caller from the telephone network has a session like everyone else, with the
number as identity. The log of such calls (``getPstnCalls``) is therefore not asked for; its rows cannot be tied to
call records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from connectors.contract import Batch
from connectors.json_records import frame, is_instant
from connectors.microsoft.teams_cast import Cast, Home
from connectors.microsoft.teams_records import READER, CallRecord, Endpoint, Identity, Session
from connectors.source import Context, Page

ENDPOINTS: Mapping[str, str] = {
    "windows": "app",
    "macOS": "app",
    "holoLens": "app",
    "iOS": "mobile",
    "android": "mobile",
    "web": "browser",
    "ipPhone": "phone",
    "roomSystem": "room",
    "surfaceHub": "room",
}
"""``platform`` of a user agent to what was connected."""
VIDEO = frozenset(("video",))
SCREEN = frozenset(("screenSharing", "videoBasedScreenSharing"))
MEDIA = VIDEO | SCREEN | {"audio"}
TYPES = frozenset(("groupCall", "peerToPeer"))
OUTCOMES: Mapping[str, str] = {"callSetup": "setup_failed", "midcall": "dropped"}
"""``stage`` of a failure to how the connection went."""
POOR = frozenset(("bad", "poor"))
"""``rating`` of a participant's feedback that counts as trouble."""
IGNORED = frozenset(("unknown", "unknownFutureValue", "data"))
"""Values that say nothing we count."""

_MEETING = (
    "meeting_id version platform kind started_at ended_at organiser_key organiser_party join_key "
    "participants_reported has_room_system has_telephone has_video"
).split()
_PARTICIPATION = (
    "meeting_id version participation_id person_key party party_org_key endpoint room_key joined_at left_at audio "
    "video screen_share outcome"
).split()
_TOTAL = ("period_from period_to platform modality role basis meetings participations person_minutes").split()


def parse(page: Page, home: Home, context: Context) -> Batch:
    """Read one page of call records.

    Args:
        page: an array of call records, or one; ``about`` says which ``day`` if all calls of two of a day are on it.
        home: what belongs to the organisation.
        context: the organisation's pseudonyms.
    """
    understood = READER.read(page.body, context.pseudonyms)
    sheet = _Sheet(home, context, page.about.get("day"))
    for record in understood.records:
        sheet.add(record)
    return Batch(
        frames={**sheet.frames(), **understood.frames()},
        pulled=understood.count,
        landed=len(understood.records) - sheet.excluded.total(),
        excluded=dict(sheet.excluded),
        unknown_values=dict(sheet.unknown),
        unparsed=tuple(understood.unparsed),
    )


class _Sheet:
    """The rows of one page."""

    def __init__(self, home: Home, context: Context, day: str | None) -> None:
        self._home, self._context = home, context
        self._day = date.fromisoformat(day) if day else None
        self._meetings: list[tuple[Any, ...]] = []
        self._participations: list[tuple[Any, ...]] = []
        self._one_to_one: dict[str, list[float]] = {}
        self.excluded: Counter[str] = Counter()
        self.unknown: Counter[tuple[str, str]] = Counter()

    def add(self, record: CallRecord) -> None:
        """Count or land one call."""
        self._note("type", [record.type], TYPES)
        sessions = list({session.id: session for session in record.sessions if not session.is_test}.values())
        if record.sessions and not sessions:
            self.excluded["test_call"] += 1
        elif not any(session.humans for session in sessions) and (sessions or not record.participants):
            self.excluded["service_only"] += 1
        elif _is_one_to_one(record, sessions):
            self._count(record, sessions)
        else:
            self._land(record, sessions)

    def frames(self) -> dict[str, Any]:
        """The rows as frames of the contract."""
        totals = [
            (self._day, self._day, "teams", modality, "unknown", "one_to_one", int(calls), int(ends), minutes)
            for modality, (calls, ends, minutes) in sorted(self._one_to_one.items())
        ]
        tables = (
            ("meetings", _MEETING, self._meetings),
            ("participations", _PARTICIPATION, self._participations),
            ("meeting_totals", _TOTAL, totals),
        )
        return {name: frame(name, columns, rows) for name, columns, rows in tables if rows}

    def _count(self, record: CallRecord, sessions: list[Session]) -> None:
        """A call of two: counted, answered or not, and nothing of it lands."""
        if self._day is None:
            self.excluded["one_to_one_of_cut_off_day"] += 1
            return
        ends = [(session, end) for session in sessions for end in session.humans]
        endpoints = [self._endpoint(end) for _, end in ends]
        minutes = [_minutes(session.start_date_time, session.end_date_time) for session, _ in ends]
        if not sessions:
            minutes = [_minutes(record.start_date_time, record.end_date_time)] * len(record.participants)
        if "room" in endpoints:
            modality = "video"
        elif "phone" in endpoints and not _media(record, sessions) & (VIDEO | SCREEN):
            modality = "phone"
        else:
            modality = "web"
        total = self._one_to_one.setdefault(modality, [0, 0, 0.0])
        total[0] += 1
        total[1] += len(minutes)
        total[2] += sum(minutes)

    def _land(self, record: CallRecord, sessions: list[Session]) -> None:
        cast = Cast(record, self._home, self._context.pseudonyms)
        endpoints = [self._connect(record, session, cast) for session in sessions]
        connected = {endpoint for each in endpoints for endpoint in each}
        media = _media(record, sessions)
        organiser = record.organiser
        self._meetings.append(
            (
                record.id,
                record.version,
                "teams",
                # the vendor does not say; a call that was escalated may have a link, a channel call may have none
                "scheduled" if record.join_web_url else "ad_hoc",
                record.start_date_time,
                record.end_date_time if is_instant(record.end_date_time) else None,
                cast.person_key(organiser),
                cast.party(organiser),
                self._context.pseudonyms.join_address(record.join_web_url),
                len(record.participants) if not sessions else None,
                "room" in connected if sessions else None,
                "phone" in connected if sessions else None,
                bool(media & (VIDEO | SCREEN)) if media else None,
            )
        )

    def _connect(self, record: CallRecord, session: Session, cast: Cast) -> list[str]:
        """Land the connections of a session, and say what was connected."""
        media = frozenset(session.modalities or ())
        self._note("modalities", media, MEDIA)
        audio, video, screen = _used(media)
        endpoints: list[str] = []
        for end in session.humans:
            who, endpoint = end.who, self._endpoint(end)
            party = cast.party(who)
            is_room = endpoint == "room"
            self._participations.append(
                (
                    record.id,
                    record.version,
                    session.id if not endpoints else f"{session.id}/callee",
                    None if is_room else cast.person_key(who),
                    party,
                    cast.organisation_key(who) if party == "external" else None,
                    endpoint,
                    cast.room_key(who) if is_room else None,
                    session.start_date_time if is_instant(session.start_date_time) else None,
                    session.end_date_time if is_instant(session.end_date_time) else None,
                    audio,
                    video,
                    screen,
                    self._outcome(session, end),
                )
            )
            endpoints.append(endpoint)
        return endpoints

    def _endpoint(self, end: Endpoint) -> str:
        who: tuple[str, Identity] | None = end.who
        platform = end.user_agent.platform if end.user_agent else None
        self._note("platform", [platform], ENDPOINTS)
        return "phone" if who and who[0] == "phone" else ENDPOINTS.get(platform or "", "unknown")

    def _outcome(self, session: Session, end: Endpoint) -> str:
        if session.failure_info is not None:
            stage = session.failure_info.stage
            self._note("failureInfo.stage", [stage], OUTCOMES)
            return OUTCOMES.get(stage or "", "unknown")
        rating = end.feedback.rating if end.feedback else None
        return "poor_quality" if rating in POOR else "ok"

    def _note(self, field: str, values: Iterable[str | None], known: Container[str]) -> None:
        for value in values:
            if value is not None and value not in known and value not in IGNORED:
                self.unknown[field, value] += 1


def _is_one_to_one(record: CallRecord, sessions: list[Session]) -> bool:
    """Whether a call is between two; where the vendor does not know, whether it looks like it."""
    if record.type in TYPES:
        return record.type == "peerToPeer"
    return record.join_web_url is None and len(sessions) == 1 and len(sessions[0].humans) == 2


@lru_cache(maxsize=1000)
def _used(media: frozenset[str]) -> tuple[bool | None, bool | None, bool | None]:
    """Whether sound, picture and screen were used; None where that is not told."""
    if not media & MEDIA:
        return None, None, None
    return "audio" in media, bool(media & VIDEO), bool(media & SCREEN)


def _media(record: CallRecord, sessions: list[Session]) -> frozenset[str]:
    """The media anyone used; empty if that is not told."""
    return MEDIA.intersection([*(record.modalities or ()), *(m for each in sessions for m in each.modalities or ())])


def _minutes(start: datetime | None, end: datetime | None) -> float:
    if start is None or end is None or not is_instant(start) or not is_instant(end):
        return 0.0
    return max(0.0, (end - start).total_seconds() / 60)
