"""A Cisco Meeting Server that never existed: tells what happens on it as call detail records, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from connectors.cisco_meeting_server.meetings import SOURCE
from connectors.cisco_meeting_server.receiver import Intake
from connectors.cisco_meeting_server.settings import CiscoMeetingServerSettings
from connectors.cisco_meeting_server.spool import Spool
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms
from connectors.pull import Outcome, pull
from connectors.quarantine import Quarantine
from connectors.source import Window
from connectors.transport import Network

DAY = datetime(2026, 10, 29, tzinfo=UTC)
NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)
WINDOW = Window(datetime(2026, 10, 28, 23, tzinfo=UTC), NOW)  # midnight in Stockholm to now
NAME = "bridges"
PSEUDONYMS = Pseudonyms(b"a key of a test, 32 bytes long..")
MEDIA = "<rxAudio><codec>opus</codec></rxAudio><txAudio><codec>opus</codec></txAudio>"
VIDEO = MEDIA + "<rxVideo><codec>h264</codec></rxVideo>"


def guid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def at(clock: str) -> datetime:
    """``10:15`` on the day of the tests, ``+1 10:15`` on the day after."""
    days, _, time = clock.rpartition(" ")
    hours, minutes = time.split(":")
    return DAY + timedelta(days=int(days or 0), hours=int(hours), minutes=int(minutes))


@dataclass
class Bridge:
    """One bridge since its last start."""

    session: str = "first"
    call_bridge: str | None = "bridge a"
    told: list[str] = field(default_factory=list)
    skipped: int = 0

    def tell(self, kind: str, clock: str, inner: str, extra: str = "") -> None:
        index = len(self.told) + self.skipped
        self.told.append(
            f'<record type="{kind}" time="{at(clock):%Y-%m-%dT%H:%M:%SZ}" recordIndex="{index + 1}" '
            f'correlatorIndex="{index}"{extra}>{inner}</record>'
        )

    def lose(self, records: int) -> None:
        """Records that will never be delivered."""
        self.skipped += records

    def call_start(
        self, clock: str, call: str, *, kind: str = "coSpace", space: str = "room 1", correlator: str = ""
    ) -> None:
        link = f"<callCorrelator>{guid(correlator)}</callCorrelator>" if correlator else ""
        self.tell(
            "callStart",
            clock,
            f'<call id="{guid(call)}"><name>Budget 2027</name><ownerName>Berit Ek</ownerName><callType>{kind}</callType>'
            f"<coSpace>{guid(space)}</coSpace>{link}</call>",
        )

    def call_end(self, clock: str, call: str, most: int = 2) -> None:
        self.tell("callEnd", clock, f'<call id="{guid(call)}"><callLegsMaxActive>{most}</callLegsMaxActive></call>')

    def leg_start(
        self, clock: str, leg: str, party: str = "", inner: str = "<type>sip</type><subType>sip</subType>"
    ) -> None:
        self.tell(
            "callLegStart",
            clock,
            f'<callLeg id="{guid(leg)}"><displayName>Anna Berg</displayName><remoteParty>{party or leg + "@exempelby.se"}'
            f"</remoteParty><remoteAddress>192.0.2.7</remoteAddress>{inner}</callLeg>",
        )

    def leg_in(self, clock: str, leg: str, call: str | None, *, lobby: bool = False, inner: str = "") -> None:
        where = f"<call>{guid(call)}</call>" if call else "<ivr/>"
        waits = "<deactivated>true</deactivated>" if lobby else ""
        self.tell(
            "callLegUpdate", clock, f'<callLeg id="{guid(leg)}"><state>connected</state>{where}{waits}{inner}</callLeg>'
        )

    def leg_end(self, clock: str, leg: str, reason: str = "remoteTeardown", inner: str = MEDIA) -> None:
        self.tell("callLegEnd", clock, f'<callLeg id="{guid(leg)}"><reason>{reason}</reason>{inner}</callLeg>')

    def leg(
        self,
        start: str,
        end: str,
        leg: str,
        call: str,
        *,
        party: str = "",
        inner: str = "<type>sip</type>",
        media: str = MEDIA,
    ) -> None:
        """A whole leg in one call."""
        self.leg_start(start, leg, party, inner)
        self.leg_in(start, leg, call)
        self.leg_end(end, leg, inner=media)

    def document(self, records: list[str] | None = None) -> bytes:
        """A post with some records, or all."""
        bridge = f' callBridge="{guid(self.call_bridge)}"' if self.call_bridge else ""
        inner = "\n".join(self.told if records is None else records)
        return (
            f'<?xml version="1.0"?>\n<records session="{guid(self.session)}"{bridge}>\n{inner}\n</records>\n'.encode()
        )

    def posts(self, size: int = 1) -> list[bytes]:
        return [self.document(self.told[at : at + size]) for at in range(0, len(self.told), size)]


@dataclass
class Site:
    """An organisation's spool and landing zone."""

    folder: Path
    settings: dict[str, object] = field(default_factory=dict)

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.folder / "quarantine", PSEUDONYMS)

    @property
    def landing(self) -> Landing:
        return Landing(self.folder / "landing", "exempelby", PSEUDONYMS.fingerprint)

    def receive(self, *bodies: bytes, now: datetime = NOW) -> list[int]:
        """Take posts as the receiver does, in a process of its own as it were."""
        spool = Spool(self.spool, PSEUDONYMS.fingerprint)
        try:
            intake = Intake(NAME, PSEUDONYMS, spool, self.quarantine, lambda: now)
            return [intake.take(body) for body in bodies]
        finally:
            spool.close()

    def pull(self, window: Window = WINDOW) -> Outcome:
        values = {"spool_folder": self.spool, "home_domains": ["exempelby.se"], **self.settings}
        settings = CiscoMeetingServerSettings.model_validate(values)
        args = (self.landing, PSEUDONYMS, self.quarantine, window, lambda: window.end)
        return pull(SOURCE, NAME, settings, Network(), *args)

    def meetings(self, *columns: str) -> list[tuple[object, ...]]:
        return self.landing.read("meetings").sort("started_at", "meeting_id").select(columns).rows()

    def connections(self, *columns: str) -> list[tuple[object, ...]]:
        rows = self.landing.read("participations").sort("joined_at", "participation_id")
        return rows.select(columns).rows()


def later_proof(bridge: Bridge, clock: str = "+5 06:00") -> bytes:
    """A record after the window, which shows that nothing else was to come in it."""
    bridge.tell("callLegEnd", clock, f'<callLeg id="{guid("somebody " + clock)}"><reason>error</reason></callLeg>')
    return bridge.document(bridge.told[-1:])
