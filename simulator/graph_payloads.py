"""Call records, sessions and participants as Graph JSON: fast, because every endpoint is rendered once."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

import msgspec

from simulator.calls import (
    AUDIO,
    DROPPED,
    IP_PHONE,
    NO_THREAD,
    PEER,
    PLATFORMS,
    SERVICE,
    SETUP_FAILED,
    SHARE,
    UNKNOWN,
    VIDEO,
    WINDOWS,
    Identity,
)
from simulator.municipality import Municipality
from simulator.record_versions import Content, Session

Json = dict[str, Any]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - printed with Z
_MEDIA = ((AUDIO, "audio"), (VIDEO, "video"), (SHARE, "videoBasedScreenSharing"))
_KINDS = (
    "application applicationInstance device encrypted guest onPremises phone user acsUser spoolUser "
    "acsApplicationInstance spoolApplicationInstance"
).split()
_KIND = {"user": "user", "outside": "user", "room": "user", "guest": "guest", "phone": "phone"}
_POOR_EVERY, _GOOD_EVERY = 61, 17
"""Sessions in which the caller was asked how it went."""


def instant_text(at: int) -> str:
    """Microseconds since 1970 as Graph writes instants: UTC, with seven decimals or none."""
    text = (_EPOCH + timedelta(microseconds=at)).isoformat()
    return f"{text}4Z" if "." in text else f"{text}Z"


def raw(value: object) -> msgspec.Raw:
    """Rendered once, put into many payloads."""
    return msgspec.Raw(msgspec.json.encode(value))


def modalities(media: int) -> list[str]:
    """The names of media bits."""
    return [name for bit, name in _MEDIA if media & bit]


_MODALITIES = [raw(modalities(media)) for media in range(8)]
_FAILURE = {
    SETUP_FAILED: raw({"stage": "callSetup", "reason": "The call was not answered or could not be set up."}),
    DROPPED: raw({"stage": "midcall", "reason": "The media connection was lost."}),
}


def _service(role: str) -> msgspec.Raw:
    agent = {"@odata.type": "#microsoft.graph.callRecords.serviceUserAgent", "headerValue": None, "role": role}
    return raw({"@odata.type": "#microsoft.graph.callRecords.serviceEndpoint", "userAgent": agent})


_CONFERENCE, _ANSWERING = _service("skypeForBusinessAudioVideoMcu"), _service("skypeForBusinessAutoAttendant")


class CallPayloads:
    """Renders the calls of a municipality."""

    def __init__(self, municipality: Municipality) -> None:
        self._calls, self._people = municipality.calls, municipality.people
        self._identities: Sequence[Identity] = municipality.cast.identities
        self._home = municipality.tenant_id
        self._endpoint, self._participant = cache(self._render_endpoint), cache(self._render_participant)

    def summary(self, call: int, content: Content) -> Json:
        """A call record without what must be expanded."""
        calls, media = self._calls, 0
        for session in content.sessions:
            media |= int(calls.media[session.row])
        organiser = self._identities[calls.organiser[call]]
        return {
            "id": calls.ids[call],
            "version": content.version,
            "type": "peerToPeer" if calls.kind[call] == PEER else "groupCall",
            "modalities": _MODALITIES[media],
            "lastModifiedDateTime": instant_text(content.modified),
            "startDateTime": instant_text(content.start),
            "endDateTime": instant_text(content.end),
            "joinWebUrl": join_url(int(calls.thread[call]), organiser, self._home),
            "organizer_v2": self._participant(int(calls.organiser[call])),
        }

    def session(self, session: Session, *, with_segments: bool) -> Json:
        """A session; with the network addresses and devices of its segment if asked for."""
        calls, row = self._calls, session.row
        who, other, platform = int(calls.who[row]), int(calls.other[row]), int(calls.platform[row])
        rating = "poor" if row % _POOR_EVERY == 0 else "good" if row % _GOOD_EVERY == 0 else None
        ends = self._endpoint(who, platform, rating), self._other_endpoint(who, other)
        caller, callee = ends[::-1] if calls.is_outbound[row] else ends
        times = {"startDateTime": instant_text(session.start), "endDateTime": instant_text(session.end)}
        failure = _FAILURE.get(int(calls.failure[row]))
        rendered: Json = {
            "id": calls.session_ids[row],
            "modalities": _MODALITIES[int(calls.media[row])],
            **times,
            "isTest": bool(calls.is_test[row]),
            "failureInfo": failure,
            "caller": caller,
            "callee": callee,
        }
        if with_segments:
            networks = [self._network(who), self._network(other)]
            caller_network, callee_network = networks[::-1] if calls.is_outbound[row] else networks
            segment = {"id": calls.session_ids[row], **times, "failureInfo": failure, "caller": caller}
            media = _media(caller_network, callee_network, session)
            rendered["segments"] = [{**segment, "callee": callee, "media": [media]}]
        return rendered

    def participants(self, content: Content) -> list[msgspec.Raw]:
        """Everyone in a call, each once."""
        calls = self._calls
        pairs = [int(end) for session in content.sessions for end in (calls.who[session.row], calls.other[session.row])]
        return [self._participant(who) for who in dict.fromkeys(pairs) if who != SERVICE]

    def _render_participant(self, who: int) -> msgspec.Raw:
        identity = self._identities[who]
        others: Json = dict.fromkeys(_KINDS)
        return raw({"id": identity.id, "identity": {**others, _KIND[identity.kind]: _described(identity)}})

    def _other_endpoint(self, who: int, other: int) -> msgspec.Raw:
        if other == SERVICE:
            return _ANSWERING if who == SERVICE else _CONFERENCE
        return self._endpoint(other, UNKNOWN if self._identities[other].kind == "phone" else WINDOWS, None)

    def _render_endpoint(self, who: int, platform: int, rating: str | None) -> msgspec.Raw:
        if who == SERVICE:
            return _CONFERENCE
        identity = self._identities[who]
        described = _described(identity)
        machine = None
        if identity.kind == "user" and identity.person is not None and platform != IP_PHONE:
            machine = self._people[identity.person].machine
        endpoint = {
            "@odata.type": "#microsoft.graph.callRecords.participantEndpoint",
            "name": machine,
            "cpuName": None,
            "userAgent": _user_agent(identity, platform),
            "identity": {_KIND[identity.kind]: described},
            "associatedIdentity": {"@odata.type": "#microsoft.graph.userIdentity", **described},
        }
        if rating is not None:
            endpoint["feedback"] = {"rating": rating, "text": None, "tokens": {"Echo": rating == "poor"}}
        return raw(endpoint)

    def _network(self, who: int) -> Json | None:
        person = self._identities[who].person if who != SERVICE else None
        if person is None or self._identities[who].kind == "phone":
            return None
        address = self._people[person].ip_address
        subnet = address.rpartition(".")[0] + ".0"
        return {
            "ipAddress": address,
            "subnet": subnet,
            "reflexiveIPAddress": "192.0.2.17",
            "connectionType": "wifi" if person % 3 else "wired",
            "macAddress": None,
            "dnsSuffix": "exempelby.example",
            "linkSpeed": 1_000_000_000,
            "port": 50_000 + person % 20,
        }


def join_url(thread: int, organiser: Identity, home: str) -> str | None:
    """The link to a meeting, as in its record and its invitation; ``home`` is the municipality's own tenant."""
    if thread == NO_THREAD:
        return None
    name = base64.b64encode(f"meeting thread {thread:>12}".encode()).decode()
    context = quote(f'{{"Tid":"{organiser.tenant_id or home}","Oid":"{organiser.id}"}}')
    return f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{name}%40thread.v2/0?context={context}"


def _described(identity: Identity) -> Json:
    described: Json = {"id": identity.id, "displayName": identity.display_name, "tenantId": identity.tenant_id}
    if _KIND[identity.kind] == "user":
        described["userPrincipalName"] = identity.upn
    return described


def _user_agent(identity: Identity, platform: int) -> Json:
    is_phone = identity.kind == "phone"
    return {
        "@odata.type": "#microsoft.graph.callRecords.clientUserAgent",
        "headerValue": None if is_phone else f"SimulatedTeams/26 ({PLATFORMS[platform]})",
        "applicationVersion": None if is_phone else "26.1.0",
        "platform": PLATFORMS[platform],
        "productFamily": "unknown" if is_phone else "teams",
        "communicationServiceId": None,
        "azureADAppId": None,
    }


def _media(caller: Json | None, callee: Json | None, session: Session) -> Json:
    stream = {
        "streamId": str(1_000_000_000 + session.row),
        "streamDirection": "callerToCallee",
        "averageJitter": "PT0.012S",
        "averageRoundTripTime": "PT0.041S",
        "averagePacketLossRate": 0.001,
        "wasMediaBypassed": False,
    }
    device = {"captureDeviceName": "Headset", "renderDeviceName": "Headset"}
    return {
        "label": "main-audio",
        "callerNetwork": caller,
        "calleeNetwork": callee,
        "callerDevice": device,
        "calleeDevice": device,
        "streams": [stream],
    }
