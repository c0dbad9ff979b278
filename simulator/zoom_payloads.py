"""Meetings, connections and users as Zoom's JSON."""

from __future__ import annotations

import base64
from uuid import UUID

from simulator.attendance import Attendee, Meeting, started_minutes
from simulator.calls import ANDROID, IOS, MACOS, ROOM_SYSTEM, SHARE, WEB, WINDOWS, Calls, people_in_room
from simulator.people import Person
from simulator.vendor_api import Json, zulu

_DEVICES = {
    WINDOWS: "Windows",
    MACOS: "Mac",
    IOS: "iOS",
    ANDROID: "Android",
    WEB: "Windows",
    ROOM_SYSTEM: "H.323/SIP",
}
"""The vendor's words; it documents none for browsers."""


class ZoomPayloads:
    """Renders the calls of a municipality."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def listed(self, meeting: Meeting) -> Json:
        """A meeting in the history."""
        calls, call, host = self._calls, meeting.call, meeting.host
        start, end = int(calls.start[call]), int(calls.end[call])
        return {
            "meeting_uuid": meeting_uuid(calls.ids[call]),
            "meeting_id": meeting_number(calls.ids[call]),
            "type": "Meeting",
            "host_display_name": host.display_name,
            "host_email": host.mail,
            "start_time": zulu(start),
            "end_time": zulu(end),
            "topic": meeting.title,
            "participants": len(meeting.attendees),
            "duration": started_minutes(end - start),
            "total_participant_minutes": meeting.minutes(calls),
            "department": host.department,
            "group": [],
            "source": "Zoom",
            "create_time": zulu(start),
            "custom_fields": [],
            "tracking_fields": [{"field": "Ansvarig", "value": host.display_name}],
            "feature_used": {
                "screen_sharing": meeting.has_sharing,
                "video_on": meeting.has_video,
                "telephone_usage": meeting.has("phone"),
                "join_by_room": meeting.has("room"),
                "in_meeting_chat": False,
                "waiting_room": False,
            },
        }

    def on_report(self, who: Attendee, row: int) -> Json:
        """A connection in the report."""
        calls = self._calls
        start, end = int(calls.session_start[row]), int(calls.session_end[row])
        return {
            # people of other organisations are shown by name alone
            "id": _account_id(who),
            "user_id": str(16_778_240 + row),
            "name": who.name,
            "user_email": _account_mail(who),
            "join_time": zulu(start),
            "leave_time": zulu(end),
            "duration": (end - start) // 1_000_000,
            "registrant_id": "",
            "failover": False,
            "status": "in_meeting",
        }

    def on_dashboard(self, who: Attendee, row: int) -> Json:
        """The same on the dashboard."""
        told = self.on_report(who, row)
        calls, person = self._calls, who.person
        rooms = {"in_room_participants": people_in_room(row)} if who.room else {}
        return {
            "id": told["id"],
            "user_id": told["user_id"],
            "user_name": who.name,
            "email": told["user_email"],
            "device": _DEVICES.get(int(calls.platform[row]), "Phone"),
            "ip_address": person.ip_address if person else "192.0.2.17",
            "pc_name": person.machine if person else "",
            "domain": "exempelby.example" if person else "",
            "location": "Exempelby (SE)",
            "network_type": "Wired" if row % 2 else "Wifi",
            "join_time": told["join_time"],
            "leave_time": told["leave_time"],
            "leave_reason": f"{who.name} left the meeting.",
            "share_application": False,
            "share_desktop": bool(calls.media[row] & SHARE),
            "share_whiteboard": False,
            "status": "in_meeting",
            **rooms,
        }


def meeting_uuid(call: str) -> str:
    """Sixteen bytes in base64: some begin with a slash, some hold two."""
    return base64.b64encode(UUID(call).bytes).decode()


def meeting_number(call: str) -> int:
    """The eleven digits people dial."""
    return 80_000_000_000 + UUID(call).int % 10_000_000_000


def _account_id(who: Attendee) -> str:
    if who.room is not None:
        return base64.urlsafe_b64encode(UUID(who.room.entra_id).bytes).decode().rstrip("=")
    return who.person.zoom_id if who.person else ""


def _account_mail(who: Attendee) -> str:
    return who.person.mail if who.person else who.room.mail if who.room else ""


def user(person: Person, status: str) -> Json:
    """An account."""
    return {
        "id": person.zoom_id,
        "first_name": person.given_name,
        "last_name": person.surname,
        "display_name": person.display_name,
        "email": person.mail,
        "type": 2,
        "pmi": meeting_number(person.entra_id),
        "phone_number": person.mobile,
        "employee_unique_id": person.employee_no,
        "dept": person.department,
        "timezone": "Europe/Stockholm",
        "status": status,
    }
