"""Turns the records of Cisco Meeting Servers into meetings and participations; gateway calls become totals of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from connectors.call_addresses import Home
from connectors.cisco_meeting_server.assembly import Leg, Meeting, Stay, legs_of
from connectors.cisco_meeting_server.records import CALL_END, CALL_START, LEG_START, concealed
from connectors.contract import Batch
from connectors.json_records import frame
from connectors.source import Context, Page

PLATFORM = "cisco_meeting_server"
OWN_CALLS = frozenset(("coSpace", "adHoc"))
"""Types of calls that only users of the bridge itself can have made: its owner is the organiser's organisation."""
CALL_TYPES = OWN_CALLS | {"lyncConferencing", "forwarding"}
LEG_TYPES = frozenset(("sip", "acano"))
SUB_TYPES = frozenset(("sip", "lync", "avaya", "distributionLink"))
LYNC_TYPES = frozenset(("audioVideo", "applicationSharing", "instantMessaging"))
OUTCOMES: Mapping[str, str] = {
    "apiInitiatedTeardown": "ok",
    "callDeactivated": "ok",
    "callEnded": "ok",
    "callMoved": "ok",
    "clientInitiatedTeardown": "ok",
    "localTeardown": "ok",
    "remoteTeardown": "ok",
    "error": "dropped",
    "timeout": "dropped",
    "confirmationTimeOut": "setup_failed",
    "dnsFailure": "setup_failed",
    "encryptionRequired": "setup_failed",
    "incorrectPasscode": "setup_failed",
    "ivrTimeout": "setup_failed",
    "ivrUnknownCall": "setup_failed",
    "participantLimitReached": "setup_failed",
    "remoteBusy": "setup_failed",
    "remoteRejected": "setup_failed",
    "ringingTimeout": "setup_failed",
    "tenantParticipantLimitReached": "setup_failed",
    "unknownDestination": "setup_failed",
}
"""Reason of a leg's end to how the connection went."""
POOR_PERCENT = 10.0
"""Share of a leg's time with an alarm of the bridge from which on its quality was poor; our own choice."""

_MEETING = (
    "meeting_id version platform kind started_at ended_at organiser_party join_key correlator_key "
    "participants_reported peak_participants has_room_system has_telephone has_video"
).split()
_PARTICIPATION = (
    "meeting_id version participation_id person_key party party_org_key endpoint room_key joined_at left_at audio "
    "video screen_share outcome"
).split()
_TOTAL = "period_from period_to platform modality role basis meetings participations person_minutes".split()
_MEETINGS = msgspec.json.Decoder(list[Meeting])


class Sheet:
    """The rows of one page.

    Args:
        home: what belongs to the organisation.
        knows_rooms: whether settings name any room; without, it is unknown whether one took part.
        context: the organisation's pseudonyms.
    """

    def __init__(self, home: Home, *, knows_rooms: bool, context: Context) -> None:
        self._home, self._knows_rooms, self._pseudonyms = home, knows_rooms, context.pseudonyms
        self._meetings: list[tuple[Any, ...]] = []
        self._participations: list[tuple[Any, ...]] = []
        self._unknown: Counter[tuple[str, str]] = Counter()

    def read(self, page: Page) -> Batch:
        """Read a page of meetings; ``about`` says which ``day`` if all one-to-one calls of it are on the page."""
        found = [self._concealed(meeting) for meeting in _MEETINGS.decode(page.body)]
        for meeting in found:
            self._note(meeting)
        one_to_one = [meeting for meeting in found if meeting.is_one_to_one]
        for meeting in found:
            if not meeting.is_one_to_one:
                self._land(meeting)
        frames = {
            name: frame(name, columns, rows)
            for name, columns, rows in (
                ("meetings", _MEETING, self._meetings),
                ("participations", _PARTICIPATION, self._participations),
            )
            if rows
        }
        day = page.about.get("day")
        if one_to_one and day:
            frames["meeting_totals"] = frame(
                "meeting_totals", _TOTAL, self._totals(date.fromisoformat(day), one_to_one)
            )
        cut_off = len(one_to_one) if not day else 0
        return Batch(
            frames=frames,
            pulled=len(found),
            landed=len(found) - cut_off,
            excluded={"one_to_one_of_cut_off_day": cut_off} if cut_off else {},
            unknown_values=dict(self._unknown),
        )

    def _concealed(self, meeting: Meeting) -> Meeting:
        """Archived records still hold addresses."""
        records = tuple(concealed(record, self._pseudonyms) for record in meeting.records)
        return msgspec.structs.replace(meeting, records=records)

    def _land(self, meeting: Meeting) -> None:
        legs = legs_of(meeting)
        stays = [stay for leg in legs for stay in leg.stays]
        endpoints = [self._connect(meeting, leg) for leg in legs]
        starts = [record for record in meeting.records if record.kind == CALL_START]
        types = {record.call_type for record in starts}
        space = min((record.space for record in starts if record.space), default=None)
        correlator = min((record.correlator for record in starts if record.correlator), default=None)
        peaks = [record.peak for record in meeting.records if record.kind == CALL_END and record.peak is not None]
        # the peaks of several bridges need not be at one time, and count the links between them
        peak = peaks[0] if len(meeting.calls) == len(peaks) == 1 else None
        self._meetings.append(
            (
                meeting.meeting_id,
                meeting.version,
                PLATFORM,
                "ad_hoc" if types == {"adHoc"} else "unknown",  # a space is used for planned and unplanned meetings
                min((stay.joined_at for stay in stays), default=meeting.first),
                _ended_at(meeting, stays),
                "internal" if types and types <= OWN_CALLS else "unknown",
                self._pseudonyms.of("join", f"cms:{space}") if space else None,
                self._pseudonyms.of("correlator", correlator) if correlator else None,
                peak if not any(record.leg for record in meeting.records) else None,
                peak,
                True if "room" in endpoints else False if endpoints and self._knows_rooms else None,
                "phone" in endpoints if endpoints else None,
                _has_video(legs),
            )
        )

    def _connect(self, meeting: Meeting, leg: Leg) -> str:
        """Land the stays of a leg, and say what was connected."""
        start, end = leg.start, leg.end
        who, endpoint = start.who if start else None, self._endpoint(leg)
        party = self._home.party(who, is_guest=bool(start and start.is_guest))
        for number, stay in enumerate(leg.stays, 1):
            self._participations.append(
                (
                    meeting.meeting_id,
                    meeting.version,
                    leg.id if number == 1 else f"{leg.id}/{number}",
                    who.address if who and endpoint != "room" else None,
                    party,
                    who.organisation if who and party == "external" else None,
                    endpoint,
                    who.room if who and endpoint == "room" else None,
                    stay.joined_at,
                    stay.left_at,
                    end.audio if end else None,
                    end.video if end else None,
                    leg.is_sharing if leg.is_sharing or end is None or end.shared is not None else None,
                    _outcome(leg, stay),
                )
            )
        return endpoint

    def _endpoint(self, leg: Leg) -> str:
        start = leg.start
        if start is None:
            return "unknown"
        if self._home.is_room(start.who):
            return "room"
        if start.is_guest:
            return "browser"
        if start.leg_type == "acano" or start.sub_type == "lync":
            return "app"
        # video systems have numbers too; what sends a picture is no telephone
        is_phone = start.who is not None and start.who.is_number and not (leg.end and leg.end.video)
        return "phone" if is_phone else "unknown"

    def _totals(self, day: date, calls: list[Meeting]) -> list[tuple[Any, ...]]:
        totals: dict[str, list[float]] = {}
        for call in calls:
            legs = legs_of(call)
            endpoints = [self._endpoint(leg) for leg in legs]
            modality = "video" if "room" in endpoints else "web"
            if "phone" in endpoints and modality == "web" and not _has_video(legs):
                modality = "phone"
            total = totals.setdefault(modality, [0, 0, 0.0])
            total[0] += 1
            total[1] += len(legs)
            total[2] += sum(_minutes(stay) for leg in legs for stay in leg.stays)
        return [
            (day, day, PLATFORM, modality, "unknown", "one_to_one", int(meetings), int(ends), minutes)
            for modality, (meetings, ends, minutes) in sorted(totals.items())
        ]

    def _note(self, meeting: Meeting) -> None:
        for record in meeting.records:
            values: tuple[tuple[str, str | None, Any], ...] = (("reason", record.reason, OUTCOMES),)
            if record.kind == CALL_START:
                values = (("callType", record.call_type, CALL_TYPES),)
            elif record.kind == LEG_START:
                values = (
                    ("type", record.leg_type, LEG_TYPES),
                    ("subType", record.sub_type, SUB_TYPES),
                    ("lyncSubType", record.lync_type, LYNC_TYPES),
                )
            self._unknown.update((name, value) for name, value, known in values if value and value not in known)


def _outcome(leg: Leg, stay: Stay) -> str:
    end = leg.end
    if not stay.is_last:
        return "unknown" if end is None and stay is leg.stays[-1] else "ok"
    outcome = OUTCOMES.get(end.reason or "", "unknown") if end else "unknown"
    is_poor = end is not None and end.alarm_percent is not None and end.alarm_percent >= POOR_PERCENT
    return "poor_quality" if outcome == "ok" and is_poor else outcome


def _ended_at(meeting: Meeting, stays: list[Stay]) -> datetime | None:
    """When all calls had ended; where that was never told, when the last leg that did end had."""
    if meeting.call_ends.keys() == set(meeting.calls):
        return max(meeting.call_ends.values())
    ends = [stay.left_at for stay in stays if stay.left_at is not None]
    # nobody can have joined after the end
    return max([*ends, *(stay.joined_at for stay in stays)]) if ends else None


def _has_video(legs: list[Leg]) -> bool | None:
    if any(leg.is_sharing or (leg.end and leg.end.video) for leg in legs):
        return True
    return False if legs and all(leg.end and leg.end.video is not None for leg in legs) else None


def _minutes(stay: Stay) -> float:
    return max(0.0, (stay.left_at - stay.joined_at).total_seconds() / 60) if stay.left_at else 0.0
