"""Call detail records as two simulated Cisco Meeting Servers would have posted them, as XML documents.

Every night a monitoring system dials each bridge's menu and hangs up, so that also quiet days have records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.sax.saxutils import escape

import numpy as np

from simulator.attendance import Attendee, Meeting, attend
from simulator.calendar import instant
from simulator.calls import AUDIO, CMS, DROPPED, SETUP_FAILED, SHARE, VIDEO
from simulator.municipality import Municipality
from simulator.people import DOMAIN
from simulator.vendor_api import moment, zulu

BRIDGES = ("a", "b")
_BOTH_EVERY = 4
"""Every so many meetings are spread over both bridges."""
_MONITORED_AT = time(3, 30)
_DAYS_AROUND = 3
"""Days before and after the period in which the bridges are monitored already, and still."""
_REASONS = {DROPPED: "error", SETUP_FAILED: "timeout"}
_START, _LEG_START, _LEG_UPDATE, _LEG_END, _END = range(5)
"""The order of records of one second."""


@dataclass
class _Bridge:
    """What happens on a bridge: instant, place among what happens in that second, type, content."""

    name: str
    events: list[tuple[int, int, str, str]] = field(default_factory=list)

    def tell(self, at: int, place: int, kind: str, content: str) -> None:
        """Something happens."""
        self.events.append((at, place, kind, content))

    def leg(self, id_: str, start: int, end: int, about: str, where: str, used: str) -> None:
        """A leg from its beginning to its end."""
        seconds = (end - start) // 1_000_000
        self.tell(start, _LEG_START, "callLegStart", f'<callLeg id="{id_}">{about}</callLeg>')
        self.tell(start, _LEG_UPDATE, "callLegUpdate", f'<callLeg id="{id_}">{where}</callLeg>')
        lasted = f"<durationSeconds>{seconds}</durationSeconds>"
        self.tell(end, _LEG_END, "callLegEnd", f'<callLeg id="{id_}">{used}{lasted}</callLeg>')


def documents(municipality: Municipality) -> Iterator[tuple[str, date, str]]:
    """What each bridge posts in a day: its name, the day (UTC), and the XML document."""
    for bridge in _happenings(municipality):
        by_day: dict[date, list[str]] = defaultdict(list)
        for index, (at, _, kind, content) in enumerate(sorted(bridge.events)):
            by_day[moment(at).date()].append(
                f'<record type="{kind}" time="{zulu(at)}" recordIndex="{index + 1}" correlatorIndex="{index}">'
                f"{content}</record>"
            )
        session, own = _guid(municipality, f"session {bridge.name}"), _guid(municipality, f"bridge {bridge.name}")
        for day, records in by_day.items():
            head = f'<?xml version="1.0"?>\n<records session="{session}" callBridge="{own}">'
            yield bridge.name, day, "\n".join((head, *records, "</records>\n"))


def write_cdr_archive(municipality: Municipality, folder: Path) -> list[Path]:
    """Write one file a month and bridge, with the documents one after the other as a receiver appends them.

    Args:
        municipality: whose.
        folder: made if it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[Path, list[str]] = defaultdict(list)
    for bridge, day, document in documents(municipality):
        texts[folder / f"bridge-{bridge}-{day:%Y-%m}.xml"].append(document)
    for path, parts in texts.items():
        path.write_text("".join(parts), encoding="utf-8")
    return sorted(texts)


def _happenings(municipality: Municipality) -> Sequence[_Bridge]:
    bridges = [_Bridge(name) for name in BRIDGES]
    for bridge in bridges:
        _monitor(municipality, bridge)
    for number, call in enumerate(np.flatnonzero(municipality.calls.vendor == CMS).tolist()):
        on = bridges if number % _BOTH_EVERY == 0 else [bridges[number % 2]]
        _hold(municipality, attend(municipality, call), on)
    return bridges


def _monitor(municipality: Municipality, bridge: _Bridge) -> None:
    period = municipality.period
    day, last = period.first - timedelta(days=_DAYS_AROUND), period.month(period.months) + timedelta(days=_DAYS_AROUND)
    while day < last:
        at = instant(day, _MONITORED_AT)
        about = f"<remoteParty>monitor@{DOMAIN}</remoteParty><type>sip</type><direction>incoming</direction>"
        where = "<state>connected</state><ivr/>"
        id_ = _guid(municipality, f"monitor {bridge.name} {day}")
        bridge.leg(id_, at, at + 5_000_000, about, where, "<reason>remoteTeardown</reason>")
        day += timedelta(days=1)


def _hold(municipality: Municipality, meeting: Meeting, bridges: Sequence[_Bridge]) -> None:
    """Tell a meeting; one on both bridges has a link between them, and one correlator."""
    calls, call, name = municipality.calls, meeting.call, municipality.calls.ids[meeting.call]
    start, end = int(calls.start[call]), int(calls.end[call])
    ids = [name if bridge is bridges[0] else str(uuid5(UUID(name), bridge.name)) for bridge in bridges]
    link = f"<callCorrelator>{uuid5(UUID(name), 'correlator')}</callCorrelator>" if len(bridges) > 1 else ""
    about = (
        f"<name>{escape(meeting.title)}</name><ownerName>{escape(meeting.host.display_name)}</ownerName>"
        f"<callType>coSpace</callType><coSpace>{uuid5(UUID(name), 'space')}</coSpace>{link}"
    )
    legs = [(each, row) for each in meeting.attendees for row in each.rows]
    for place, (bridge, id_) in enumerate(zip(bridges, ids, strict=True)):
        bridge.tell(start, _START, "callStart", f'<call id="{id_}">{about}</call>')
        own = legs[place :: len(bridges)]
        for who, row in own:
            _connect(municipality, bridge, id_, who, row)
        if len(bridges) > 1:
            inner = "<type>sip</type><subType>distributionLink</subType>"
            where = f"<state>connected</state><call>{id_}</call>"
            bridge.leg(str(uuid5(UUID(id_), "link")), start, end, inner, where, "<reason>callEnded</reason>")
        told = f"<callLegsCompleted>{len(own)}</callLegsCompleted>"
        told += f"<durationSeconds>{(end - start) // 1_000_000}</durationSeconds>"
        bridge.tell(end, _END, "callEnd", f'<call id="{id_}">{told}</call>')


def _connect(municipality: Municipality, bridge: _Bridge, call: str, who: Attendee, row: int) -> None:
    calls = municipality.calls
    address = who.person.ip_address if who.person else "192.0.2.17"
    about = (
        f"<displayName>{escape(who.name)}</displayName><remoteParty>{_called_by(who)}</remoteParty>"
        f"<remoteAddress>{address}</remoteAddress><type>sip</type><subType>sip</subType><direction>incoming</direction>"
    )
    if who.identity.kind == "guest":
        about += "<guestConnection>true</guestConnection>"
    media, used = int(calls.media[row]), f"<reason>{_REASONS.get(int(calls.failure[row]), 'remoteTeardown')}</reason>"
    if media & SHARE:
        used += "<mediaUsagePercentages><presentationContributor>20.0</presentationContributor></mediaUsagePercentages>"
    if media & AUDIO:
        used += "<rxAudio><codec>opus</codec></rxAudio><txAudio><codec>opus</codec></txAudio>"
    if media & VIDEO:
        used += "<rxVideo><codec>h264</codec></rxVideo>"
    where = f"<state>connected</state><call>{call}</call>"
    bridge.leg(calls.session_ids[row], int(calls.session_start[row]), int(calls.session_end[row]), about, where, used)


def _called_by(who: Attendee) -> str:
    """The address at the far end of a leg."""
    if who.person is not None:
        return who.person.upn
    if who.room is not None:
        return who.room.sip_address
    if who.outsider is not None:
        return who.outsider.upn
    return f"{who.identity.id}@sip.{DOMAIN}"


def _guid(municipality: Municipality, what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{municipality.tenant_id} {what}"))
