"""Turns Webex meetings into meetings and participations.

Somebody without a mail address is not identified. Somebody who never came further than the lobby was not there. What
the vendor does not tell: who shared a screen, and how a connection went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any

from connectors.contract import Batch
from connectors.json_records import frame, is_instant
from connectors.pseudonyms import Pseudonyms
from connectors.source import Context, Page
from connectors.webex.home import Home, Party, is_room_address, room_key
from connectors.webex.records import GONE, READER, Device, Meeting, Participant, Usage

ENDPOINTS: Mapping[str, str] = {
    "mac": "app",
    "windows": "app",
    "linux": "app",
    "ios": "mobile",
    "iphone": "mobile",
    "ipad": "mobile",
    "android": "mobile",
    "mobile": "mobile",
    "mobilemeetingsapp": "mobile",
    "web": "browser",
    "webapp": "browser",
    "browser": "browser",
    "chromeos": "browser",
    "room": "room",
    "roomdesk": "room",
    "cloudvideodevice": "room",
    "phone": "phone",
    "pstn": "phone",
}
"""``deviceType`` without case and the prefix below to what was connected. The vendor documents no list, only examples
(``mac``, ``webex_meeting_center_mac``) and the words of its own statistics; others are counted as unknown."""
DEVICE_PREFIX = "webex_meeting_center_"
AUDIO: Mapping[str, bool] = {"pstn": True, "voip": True, "inactive": False}
"""``audioType`` to whether there was sound."""
CALL_TYPES = frozenset(("callIn", "callBack"))
"""``callType``: both are telephones."""
VIDEO: Mapping[str, bool] = {"on": True, "off": False}
STATES = frozenset(("lobby", "joined", "end", "breakoutSession"))
SERVICES: Mapping[str, str] = {
    "MeetingCenter": "scheduled",
    "TrainingCenter": "scheduled",
    "SupportCenter": "ad_hoc",
    "EventCenter": "broadcast",
}
"""``serviceType`` to the kind of meeting."""
SCHEDULED: Mapping[str, str] = {"meeting": "scheduled", "webinar": "broadcast"}
"""``scheduledType`` to the kind of meeting."""
IGNORED = frozenset(("", "unknown"))
"""Values that say nothing."""
_MEETING = (
    "meeting_id version platform kind started_at ended_at organiser_key organiser_party join_key "
    "participants_reported participant_minutes_reported peak_participants reported_modality has_room_system "
    "has_telephone has_video"
).split()
_PARTICIPATION = (
    "meeting_id version participation_id person_key party party_org_key endpoint room_key joined_at left_at audio "
    "video outcome"
).split()


def parse(page: Page, home: Home, context: Context) -> Batch:
    """Read one page of meetings.

    Args:
        page: an array of meetings, or one.
        home: what belongs to the organisation.
        context: the organisation's pseudonyms.
    """
    understood = READER.read(page.body, context.pseudonyms)
    sheet = _Sheet(home, context.pseudonyms)
    for meeting in understood.records:
        sheet.add(meeting)
    return Batch(
        frames={**sheet.frames(), **understood.frames()},
        pulled=understood.count,
        landed=len(understood.records),
        unknown_values=dict(sheet.unknown),
        unparsed=tuple(understood.unparsed),
    )


class _Sheet:
    """The rows of one page."""

    def __init__(self, home: Home, pseudonyms: Pseudonyms) -> None:
        self._home, self._pseudonyms = home, pseudonyms
        self._meetings: list[tuple[Any, ...]] = []
        self._participations: list[tuple[Any, ...]] = []
        self.unknown: Counter[tuple[str, str]] = Counter()

    def frames(self) -> dict[str, Any]:
        """The rows as frames of the contract."""
        tables = (("meetings", _MEETING, self._meetings), ("participations", _PARTICIPATION, self._participations))
        return {name: frame(name, columns, rows) for name, columns, rows in tables if rows}

    def add(self, meeting: Meeting) -> None:
        """Land one meeting."""
        usage = meeting.usage
        if meeting.is_without_participants:
            self.unknown["participants", GONE] += 1
        listed = {person.id: person for person in meeting.participants or ()}
        for person in listed.values():
            self._note("state", person.state, STATES)
        people = [person for person in listed.values() if person.was_let_in]
        home_orgs = {p.org_id for p in people if p.org_id and self._home.party(p.email) == "internal"}
        endpoints = {endpoint for person in people for endpoint in self._connect(meeting, person, home_orgs)}
        is_told = bool(people) and "unknown" not in endpoints
        number = "".join(filter(str.isdigit, str(usage.meeting_number or "")))
        self._meetings.append(
            (
                usage.meeting_id,
                meeting.version,
                "webex",
                self._kind(usage),
                usage.start,
                usage.ended_at,
                self._pseudonyms.of("mail", usage.host_email) if usage.host_email else None,
                self._home.party(usage.host_email),
                self._pseudonyms.of("join", f"webex:{number}") if number else None,
                _whole(usage.total_participants),
                usage.total_people_minutes,
                _whole(usage.peak_attendee),
                _modality(usage),
                True if "room" in endpoints else False if is_told else None,
                _has_telephone(usage, endpoints, is_told=is_told),
                # a screen may have been shared without a camera, which is not told
                True if any(person.video == "on" for person in people) else None,
            )
        )

    def _connect(self, meeting: Meeting, person: Participant, home_orgs: Container[str | None]) -> list[str]:
        """Land the connections of a participant, and say what was connected."""
        self._note("video", person.video, VIDEO)
        address = person.email or None
        party, organisation = self._belonging(person, home_orgs)
        used: Counter[str] = Counter()
        endpoints = []
        for number, device in enumerate(person.devices or [Device()]):
            endpoint = self._endpoint(device, address)
            is_room = endpoint == "room"
            name = f"{person.id}/{device.correlation_id or number}" if person.devices else person.id
            used[name] += 1
            self._participations.append(
                (
                    meeting.usage.meeting_id,
                    meeting.version,
                    name if used[name] == 1 else f"{name}/{used[name]}",
                    self._pseudonyms.of("mail", address) if address and not is_room else None,
                    party,
                    organisation,
                    endpoint,
                    room_key(self._pseudonyms, address) if address and is_room else None,
                    _first(device.joined_time, person.joined_time),
                    _first(device.left_time, person.left_time),
                    AUDIO.get(device.audio_type or ""),
                    VIDEO.get(person.video or ""),
                    "unknown",
                )
            )
            endpoints.append(endpoint)
        return endpoints

    def _belonging(self, person: Participant, home_orgs: Container[str | None]) -> tuple[Party, str | None]:
        """The party and, for outsiders, the organisation of somebody: by mail, else by the vendor's organisation.

        The organisation is ours if somebody with one of our mail domains has it in the same meeting.
        """
        address = person.email or None
        party = self._home.party(address)
        if party == "external" and address:
            return party, self._pseudonyms.organisation_of(address)
        if party == "unknown" and person.org_id and home_orgs:
            if person.org_id in home_orgs:
                return "internal", None
            return "external", self._pseudonyms.of("organisation", person.org_id)
        return party, None

    def _endpoint(self, device: Device, address: str | None) -> str:
        self._note("audioType", device.audio_type, AUDIO)
        self._note("callType", device.call_type, CALL_TYPES)
        word = (device.device_type or "").casefold().removeprefix(DEVICE_PREFIX)
        endpoint = ENDPOINTS.get(word, "unknown")
        if endpoint == "room" or (address and is_room_address(address)):
            return "room"
        if device.audio_type == "pstn":
            return "phone"
        if word not in ENDPOINTS and word not in IGNORED:
            self.unknown["deviceType", str(device.device_type)] += 1
        return endpoint

    def _kind(self, usage: Usage) -> str:
        self._note("serviceType", usage.service_type, SERVICES)
        self._note("scheduledType", usage.scheduled_type, SCHEDULED)
        by_service, by_schedule = SERVICES.get(usage.service_type or ""), SCHEDULED.get(usage.scheduled_type or "")
        return "broadcast" if "broadcast" in (by_service, by_schedule) else by_service or by_schedule or "unknown"

    def _note(self, field: str, value: str | None, known: Container[str]) -> None:
        if value is not None and value not in known and value not in IGNORED:
            self.unknown[field, value] += 1


def _first(*instants: datetime | None) -> datetime | None:
    """The first that can be meant: the vendor writes 1970 for what it does not know yet."""
    return next((at for at in instants if is_instant(at)), None)


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


def _modality(usage: Usage) -> str | None:
    """Phone where everyone was on the telephone, web where anyone was not; None where the counts do not tell."""
    if usage.total_participants_voip is None or usage.telephones is None:
        return None
    if usage.total_participants_voip > 0:
        return "web"
    return "phone" if usage.telephones > 0 else None


def _has_telephone(usage: Usage, endpoints: Container[str], *, is_told: bool) -> bool | None:
    if usage.telephones or "phone" in endpoints:
        return True
    return False if is_told or usage.telephones is not None else None
