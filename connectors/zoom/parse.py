"""Turns Zoom's meetings and connections into the contract's tables, and its count by day into totals.

Not read, and why: names (they identify and are typed freely, so that a telephone or a room cannot be told by them);
``leave_reason`` (holds the name); ``failover`` (a connection that was kept is no trouble); registrants (who registered
did not necessarily come); minutes by day (the vendor does not say whether a minute is one meeting's or one person's).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from connectors.contract import Batch
from connectors.json_records import Understood, frame
from connectors.pseudonyms import Pseudonyms
from connectors.source import Context, Page
from connectors.zoom.listings import KINDS, KINDS_UNTOLD, Listing
from connectors.zoom.records import DAY, DAYS, MEETINGS, NOT_READY, Connection, Meeting

ENDPOINTS: Mapping[str, str] = {
    "phone": "phone",
    "h.323/sip": "room",
    "zoom rooms": "room",
    "windows": "app",
    "win": "app",
    "mac": "app",
    "linux": "app",
    "ios": "mobile",
    "android": "mobile",
    "web": "browser",
}
"""``device`` in small letters to what was connected."""
_JOIN_DIGITS = range(8, 13)

_MEETING = (
    "meeting_id version platform kind started_at ended_at organiser_key organiser_party join_key participants_reported "
    "participant_minutes_reported has_room_system has_telephone has_video"
).split()
_PARTICIPATION = (
    "meeting_id version participation_id person_key party party_org_key endpoint room_key people_in_room joined_at "
    "left_at screen_share outcome"
).split()
_TOTAL = "period_from period_to platform modality role basis meetings participations".split()


def parse(page: Page, home_domains: frozenset[str], context: Context) -> Batch:
    """Read one page.

    Args:
        page: meetings, or the vendor's count by day.
        home_domains: mail domains of the organisation, in small letters.
        context: the organisation's pseudonyms.
    """
    if page.what == DAY:
        return _days(page, context)
    understood = MEETINGS.read(page.body, context.pseudonyms)
    sheet = _Sheet(home_domains, context.pseudonyms)
    for meeting in understood.records:
        sheet.add(meeting)
    waiting = sum(not meeting.is_whole for meeting in understood.records)
    return Batch(
        frames={**sheet.frames(), **understood.frames()},
        pulled=understood.count,
        landed=len(understood.records) - waiting,
        excluded={NOT_READY: waiting} if waiting else {},
        unknown_values=dict(sheet.unknown),
        unparsed=tuple(understood.unparsed),
    )


def _days(page: Page, context: Context) -> Batch:
    """The vendor's own count, to hold ours against; its days are no records of meetings and count as none."""
    understood: Understood[Any] = DAYS.read(page.body, context.pseudonyms)
    rows = [
        (day.day, day.day, "zoom", "unknown", "organised", "vendor_report", day.meetings, day.participants)
        for day in understood.records
    ]
    frames = {"meeting_totals": frame("meeting_totals", _TOTAL, rows)} if rows else {}
    return Batch(
        frames={**frames, **understood.frames()},
        pulled=len(understood.rejected),
        unparsed=tuple(understood.unparsed),
    )


class _Of(NamedTuple):
    """What all connections of a meeting have in common."""

    uuid: str
    version: int
    account: frozenset[str]
    is_account_known: bool


class _Sheet:
    """The rows of one page."""

    def __init__(self, home_domains: frozenset[str], pseudonyms: Pseudonyms) -> None:
        self._domains, self._pseudonyms = home_domains, pseudonyms
        self._meetings: list[tuple[Any, ...]] = []
        self._participations: list[tuple[Any, ...]] = []
        self.unknown: Counter[tuple[str, str]] = Counter()

    def frames(self) -> dict[str, Any]:
        """The rows as frames of the contract."""
        tables = (
            ("meetings", _MEETING, self._meetings),
            ("participations", _PARTICIPATION, self._participations),
        )
        return {name: frame(name, columns, rows) for name, columns, rows in tables if rows}

    def add(self, meeting: Meeting) -> None:
        """Land one meeting and who was connected."""
        listing, account = meeting.listing, frozenset(meeting.account or ())
        if listing.type not in KINDS and listing.type not in KINDS_UNTOLD:
            self.unknown["type", str(listing.type)] += 1
        # somebody who only waited did not take part
        connected = [each for each in meeting.connections or () if not each.is_waiting]
        version, is_asked = meeting.version, meeting.account is not None
        of_meeting = _Of(listing.uuid, version, account, is_asked)
        endpoints = {self._connect(of_meeting, each, place) for each, place in _placed(connected)}
        self._meetings.append(
            (
                listing.uuid,
                version,
                "zoom",
                listing.kind,
                listing.started_at,
                listing.ended_at,
                self._pseudonyms.of("mail", listing.host) if listing.host else None,
                self._party(None, listing.host, account, is_asked),
                self._join_key(listing),
                listing.people,
                listing.minutes,
                _took_part("room", endpoints, listing.has_room),
                _took_part("phone", endpoints, listing.has_telephone),
                listing.has_video,
            )
        )

    def _connect(self, meeting: _Of, who: Connection, place: int) -> str:
        """Land a connection, and say what was connected."""
        endpoint = self._endpoint(who)
        party = self._party(who.user, who.mail, meeting.account, meeting.is_account_known)
        is_room = endpoint == "room"
        uuid, of = meeting.uuid, self._pseudonyms.of
        alias = of("mail", who.mail) if who.mail else of("zoom_id", who.user) if who.user else None
        room = who.mail or who.user
        self._participations.append(
            (
                uuid,
                meeting.version,
                of("zoom_connection", f"{uuid}/{who.mark}/{place}"),
                None if is_room else alias,
                party,
                self._pseudonyms.organisation_of(who.mail) if party == "external" and who.mail else None,
                endpoint,
                of("room", room) if is_room and room else None,
                who.people_in_room if is_room else None,
                who.joined_at,
                who.left_at,
                who.screen_share,
                "unknown",
            )
        )
        return endpoint

    def _endpoint(self, who: Connection) -> str:
        if who.people_in_room:
            return "room"
        device = (who.device or "").casefold()
        if device and device not in ENDPOINTS:
            self.unknown["device", who.device or ""] += 1
        return ENDPOINTS.get(device, "unknown")

    def _party(self, user: str | None, mail: str | None, account: frozenset[str], is_asked: bool) -> str:
        """Whether somebody belongs to the organisation: by mail domain, else by the account's list of users."""
        if self._domains:
            return "unknown" if not mail else "internal" if _domain(mail) in self._domains else "external"
        if not is_asked or not (user or mail):
            return "unknown"
        return "internal" if {user, (mail or "").casefold()} & account else "external"

    def _join_key(self, listing: Listing) -> str | None:
        is_number = listing.number.isdigit() and len(listing.number) in _JOIN_DIGITS
        return self._pseudonyms.join_address(f"https://zoom.us/j/{listing.number}") if is_number else None


def _took_part(what: str, endpoints: set[str], listed: bool | None) -> bool | None:
    """Whether a room or a telephone was connected, by the connections or by the list."""
    if what in endpoints or listed:
        return True
    return False if endpoints and "unknown" not in endpoints else listed


def _placed(connections: Iterable[Connection]) -> list[tuple[Connection, int]]:
    """Connections in a fixed order, each with its place among those that the vendor's fields do not tell apart."""
    seen: Counter[str] = Counter()
    placed = []
    for each in sorted(connections, key=lambda one: (one.mark, str(one.left_at), str(one.device))):
        placed.append((each, seen[each.mark]))
        seen[each.mark] += 1
    return placed


def _domain(mail: str) -> str:
    return mail.rpartition("@")[2].casefold()
