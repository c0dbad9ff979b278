"""The call detail records of a Cisco Meeting Server, as far as they are read.

Documentation: "Cisco Meeting Server, Call Detail Records Guide" (Acano 1.8 to Meeting Server 3.x). Names, titles, tags
and network addresses are not among the fields.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.call_addresses import Who, conceal
from connectors.json_records import is_instant
from connectors.pseudonyms import Pseudonyms

DOCUMENT = "cdr_document"
"""What ``rejected`` and quarantine call a document that is not understood."""

CALL_START, CALL_END = "callStart", "callEnd"
LEG_START, LEG_UPDATE, LEG_END = "callLegStart", "callLegUpdate", "callLegEnd"
READ = frozenset((CALL_START, CALL_END, LEG_START, LEG_UPDATE, LEG_END))
IGNORED = frozenset(("recordingStart", "recordingEnd", "streamingStart", "streamingEnd"))
"""Types of which only the number is kept, so that it is not missing; recorders are also legs, and known as such."""

WANTED = frozenset(
    """
    call@id call/callType call/coSpace call/callCorrelator call/callLegsMaxActive callLeg@id callLeg/remoteParty
    callLeg/type callLeg/subType callLeg/lyncSubType callLeg/guestConnection callLeg/recording callLeg/streaming
    callLeg/groupId callLeg/call callLeg/ivr callLeg/state callLeg/deactivated callLeg/reason
    callLeg/activatedDuration callLeg/alarm@durationPercentage callLeg/alarm/durationPercentage
    callLeg/mediaUsagePercentages callLeg/mediaUsagePercentages/mainVideoContributor
    callLeg/mediaUsagePercentages/presentationContributor callLeg/rxAudio callLeg/txAudio callLeg/rxVideo
    callLeg/txVideo
    """.split()
)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}")


class Record(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """One record, as far as it is read. Spooled without ``remote_party``, which ``who`` stands for then."""

    session: str
    """New at each start of a bridge."""
    index: int
    """``correlatorIndex``: consecutive within a session, the same for every receiver."""
    kind: str
    at: datetime
    bridge: str | None = None
    missing: int = 0
    """Records before this one that the bridge gave up delivering."""
    call: str | None = None
    leg: str | None = None
    call_type: str | None = None
    space: str | None = None
    correlator: str | None = None
    peak: int | None = None
    remote_party: str | None = None
    who: Who | None = None
    leg_type: str | None = None
    sub_type: str | None = None
    lync_type: str | None = None
    group: str | None = None
    is_guest: bool = False
    is_machine: bool = False
    in_ivr: bool = False
    is_connected: bool = False
    in_lobby: bool = False
    reason: str | None = None
    active_seconds: float | None = None
    audio: bool | None = None
    video: bool | None = None
    shared: bool | None = None
    alarm_percent: float | None = None


@dataclass(frozen=True)
class Refusal:
    """Why something was not understood."""

    reason: str
    field: str | None = None


def concealed(record: Record, pseudonyms: Pseudonyms) -> Record:
    """A record with pseudonyms in place of the address."""
    if record.remote_party is None:
        return record
    # the address of a guest is made up for the occasion
    who = None if record.is_guest else conceal(record.remote_party, pseudonyms)
    return msgspec.structs.replace(record, remote_party=None, who=who)


def document_fingerprint(body: bytes, pseudonyms: Pseudonyms) -> str:
    """The keyed hash by which the same document is counted once."""
    return pseudonyms.of("record", hashlib.sha256(body).hexdigest())


class Refused(Exception):  # noqa: N818 - named by what happened
    """A document or record that is not understood."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, field)


def record_of(document: Mapping[str, str], fields: Mapping[str, str]) -> Record:
    """A record from the attributes of its document and its fields.

    Raises:
        Refused: something required is missing or unreadable.
    """
    kind = fields.get("@type", "")
    if not _WORD.fullmatch(kind):
        raise Refused("unreadable" if kind else "missing", "type")
    common: dict[str, Any] = {
        "session": _guid(document, "session", "session", required=True),
        "bridge": _guid(document, "callBridge", "callBridge"),
        "index": _count(fields, "@correlatorIndex", required=True),
        "missing": _count(fields, "@numPreceedingRecordsMissing") or 0,
        "kind": kind,
        "at": _instant(fields.get("@time")),
    }
    return Record(**common, **(_READERS[kind](fields) if kind in READ else {}))


def _call(fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "call": _guid(fields, "call@id", "call.id", required=True),
        "call_type": _word(fields, "call/callType"),
        "space": _guid(fields, "call/coSpace", "coSpace"),
        "correlator": _guid(fields, "call/callCorrelator", "callCorrelator"),
        "peak": _count(fields, "call/callLegsMaxActive"),
    }


def _leg(fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "leg": _guid(fields, "callLeg@id", "callLeg.id", required=True),
        "call": _guid(fields, "callLeg/call", "call"),
        "group": _guid(fields, "callLeg/groupId", "groupId"),
    }


def _leg_start(fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        **_leg(fields),
        "remote_party": fields.get("callLeg/remoteParty", "").strip() or None,
        "leg_type": _word(fields, "callLeg/type"),
        "sub_type": _word(fields, "callLeg/subType"),
        "lync_type": _word(fields, "callLeg/lyncSubType"),
        "is_guest": _flag(fields, "callLeg/guestConnection"),
        "is_machine": _flag(fields, "callLeg/recording") or _flag(fields, "callLeg/streaming"),
    }


def _leg_update(fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        **_leg(fields),
        "in_ivr": "callLeg/ivr" in fields,
        "is_connected": fields.get("callLeg/state", "").strip() == "connected",
        "in_lobby": _flag(fields, "callLeg/deactivated"),
    }


def _leg_end(fields: Mapping[str, str]) -> dict[str, Any]:
    """What a leg used: the bridge receives (rx) what the participant sends."""
    usage = "callLeg/mediaUsagePercentages"
    is_told = any(f"callLeg/{media}" in fields for media in ("rxAudio", "txAudio", "rxVideo", "txVideo"))
    is_told = is_told or usage in fields
    alarms = (
        f"{fields.get('callLeg/alarm@durationPercentage', '')} {fields.get('callLeg/alarm/durationPercentage', '')}"
    )
    told: dict[str, Any] = {
        "audio": "callLeg/rxAudio" in fields or "callLeg/txAudio" in fields,
        "video": "callLeg/rxVideo" in fields or bool(_number(fields, f"{usage}/mainVideoContributor")),
        "shared": bool(_number(fields, f"{usage}/presentationContributor")),
    }
    return {
        **_leg(fields),
        "reason": _word(fields, "callLeg/reason"),
        "active_seconds": _number(fields, "callLeg/activatedDuration"),
        "alarm_percent": max((_number({"": each}, "") or 0.0 for each in alarms.split()), default=None),
        **(told if is_told else {}),
    }


_READERS = {CALL_START: _call, CALL_END: _call, LEG_START: _leg_start, LEG_UPDATE: _leg_update, LEG_END: _leg_end}


def _guid(fields: Mapping[str, str], path: str, name: str, *, required: bool = False) -> str | None:
    text = fields.get(path, "").strip().lower()
    if not text:
        if required:
            raise Refused("missing", name)
        return None
    if not _GUID.fullmatch(text):
        raise Refused("unreadable", name)
    return text


def _count(fields: Mapping[str, str], path: str, *, required: bool = False) -> int | None:
    name, text = path.rsplit("/", 1)[-1].lstrip("@"), fields.get(path, "").strip()
    if not text:
        if required:
            raise Refused("missing", name)
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Refused("unreadable", name)
    return int(text)


def _number(fields: Mapping[str, str], path: str) -> float | None:
    text = fields.get(path, "").strip()
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) else None


def _word(fields: Mapping[str, str], path: str) -> str | None:
    text = fields.get(path, "").strip()
    return text if _WORD.fullmatch(text) else None


def _flag(fields: Mapping[str, str], path: str) -> bool:
    return fields.get(path, "").strip().lower() == "true"


def _instant(text: str | None) -> datetime:
    if not text:
        raise Refused("missing", "time")
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not is_instant(at):
        raise Refused("unreadable", "time")
    return at.astimezone(UTC)
