"""Meetings, participants, people and rooms as Webex's JSON."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from simulator.attendance import Attendee, Meeting, started_minutes
from simulator.calls import ANDROID, AUDIO, IOS, MACOS, ROOM_SYSTEM, VIDEO, WEB, WINDOWS
from simulator.municipality import Municipality
from simulator.people import Person, Room
from simulator.vendor_api import Json, moment, zulu

SITE = "exempelby.webex.com"
_DEVICES = {
    WINDOWS: "webex_meeting_center_windows",
    MACOS: "webex_meeting_center_mac",
    IOS: "webex_meeting_center_iphone",
    ANDROID: "webex_meeting_center_android",
    WEB: "webex_meeting_center_web",
    ROOM_SYSTEM: "room",
}


class WebexPayloads:
    """Renders what a municipality has at Webex."""

    def __init__(self, municipality: Municipality) -> None:
        self._calls = municipality.calls
        self._org_id = str(uuid5(NAMESPACE_URL, f"webex {municipality.tenant_id}"))

    def used(self, meeting: Meeting, zone: ZoneInfo) -> Json:
        """A meeting in the usage report."""
        calls, call, host = self._calls, meeting.call, meeting.host
        start, end = int(calls.start[call]), int(calls.end[call])
        phones = sum(each.identity.kind == "phone" for each in meeting.attendees)
        phone_minutes = sum(
            started_minutes(int(calls.session_end[row] - calls.session_start[row]))
            for each in meeting.attendees
            if each.identity.kind == "phone"
            for row in each.rows
        )
        people, minutes = len(meeting.attendees), meeting.minutes(calls)
        return {
            "meetingId": meeting_id(calls.ids[call]),
            "meetingNumber": str(meeting_number(calls.ids[call])),
            "meetingTitle": meeting.title,
            "start": _local(start, zone),
            "end": _local(end, zone),
            "duration": started_minutes(end - start),
            "scheduledType": "meeting",
            "hostDisplayName": host.display_name,
            "hostEmail": host.mail,
            "totalPeopleMinutes": minutes,
            "totalCallInMinutes": phone_minutes,
            "totalCallInTollFreeMinutes": 0,
            "totalCallOutDomestic": 0,
            "totalCallOutInternational": 0,
            "totalVoipMinutes": minutes - phone_minutes,
            "totalParticipants": people,
            "totalParticipantsVoip": people - phones,
            "totalParticipantsCallIn": phones,
            "totalParticipantsCallOut": 0,
            "peakAttendee": people,
            "totalRegistered": 0,
            "totalInvitee": people,
            "serviceType": "MeetingCenter",
            "trackingCodes": [{"name": "Ansvarig", "value": host.display_name}],
        }

    def participant(self, meeting: Meeting, who: Attendee, zone: ZoneInfo) -> Json:
        """Somebody, or a room, in a meeting."""
        calls, call = self._calls, meeting.call
        is_ours = who.person is not None or who.room is not None
        mail = who.person.mail if who.person else who.room.webex_address if who.room else ""
        whole, is_seen = meeting_id(calls.ids[call]), any(calls.media[row] & VIDEO for row in who.rows)
        return {
            "id": f"{whole}_{uuid5(NAMESPACE_URL, f'{whole} {who.number}')}",
            "orgId": self._org_id if is_ours else str(uuid5(NAMESPACE_URL, who.identity.tenant_id or "nobody's")),
            "host": who.person == meeting.host,
            "coHost": False,
            "spaceModerator": False,
            "email": who.outsider.upn if who.outsider else mail,
            "displayName": who.name,
            "invitee": is_ours,
            "muted": False,
            "meetingStartTime": _local(int(calls.start[call]), zone),
            "video": "on" if is_seen else "off",
            "state": "end",
            "joinedTime": _local(min(int(calls.session_start[row]) for row in who.rows), zone),
            "leftTime": _local(max(int(calls.session_end[row]) for row in who.rows), zone),
            "siteUrl": SITE,
            "meetingId": whole,
            "hostEmail": meeting.host.mail,
            "devices": [self._connection(who, row, zone) for row in who.rows],
        }

    def _connection(self, who: Attendee, row: int, zone: ZoneInfo) -> Json:
        calls, is_phone = self._calls, who.identity.kind == "phone"
        start, end = int(calls.session_start[row]), int(calls.session_end[row])
        phone = {"callType": "callIn", "phoneNumber": who.identity.id} if is_phone else {}
        heard = "pstn" if is_phone else "voip" if calls.media[row] & AUDIO else "inactive"
        return {
            "correlationId": calls.session_ids[row],
            "deviceType": _DEVICES.get(int(calls.platform[row]), "phone"),
            "audioType": heard,
            "joinedTime": _local(start, zone),
            "leftTime": _local(end, zone),
            "durationSecond": (end - start) // 1_000_000,
            **phone,
        }

    def person(self, account: tuple[Person, bool]) -> Json:
        """An account."""
        person, is_there = account
        started = zulu(0)
        return {
            "id": person.webex_id,
            "emails": [person.mail],
            "phoneNumbers": [{"type": "mobile", "value": person.mobile, "primary": True}],
            "sipAddresses": [
                {"type": "cloud-calling", "value": person.webex_sip_address, "primary": True},
                {"type": "personal-room", "value": f"{person.upn.partition('@')[0]}@{SITE}", "primary": False},
            ],
            "displayName": person.display_name,
            "firstName": person.given_name,
            "lastName": person.surname,
            "orgId": self._org_id,
            "department": person.department,
            "addresses": [{"type": "work", "country": "SE", "locality": person.site}],
            "created": started,
            "lastModified": started,
            "timezone": "Europe/Stockholm",
            "loginEnabled": "true" if is_there else "false",
            "type": "person",
        }

    def workspace(self, room: Room) -> Json:
        """A room."""
        has_system = {"sipAddress": room.webex_address} if room.has_video else {}
        return {
            "id": _workspace_id(room),
            "orgId": self._org_id,
            "displayName": room.name,
            "capacity": room.capacity,
            "type": "meetingRoom",
            "created": zulu(0),
            "calling": {"type": "freeCalling"},
            "calendar": {"type": "microsoft", "emailAddress": room.mail},
            **has_system,
        }

    def system(self, room: Room) -> Json:
        """The video system of a room."""
        return {
            "id": str(uuid5(NAMESPACE_URL, f"device {room.mail}")),
            "displayName": room.name,
            "workspaceId": _workspace_id(room),
            "orgId": self._org_id,
            "product": "Room Bar",
            "type": "roomdesk",
            "connectionStatus": "connected",
            "primarySipUrl": room.webex_address,
            "created": zulu(0),
        }


def meeting_id(call: str) -> str:
    """The id of one meeting that was held."""
    return f"{UUID(call).hex}_I_{meeting_number(call)}"


def meeting_number(call: str) -> int:
    """The ten digits people dial."""
    return 2_000_000_000 + UUID(call).int % 1_000_000_000


def _workspace_id(room: Room) -> str:
    return str(uuid5(NAMESPACE_URL, f"workspace {room.mail}"))


def _local(at: int, zone: ZoneInfo) -> str:
    return moment(at).astimezone(zone).isoformat(timespec="seconds").replace("+00:00", "Z")
