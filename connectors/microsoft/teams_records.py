"""Call records as Microsoft Graph describes them, as far as they are read.

Names, titles, network addresses, machine names and the text of feedback have no field here: they are never read.
"""

from __future__ import annotations

import msgspec

from connectors.json_records import Id, Instant, RecordReader, is_instant
from connectors.microsoft.teams_fetch import CALL_RECORD

SERVICES = frozenset(("application", "applicationInstance", "acsApplicationInstance", "spoolApplicationInstance"))
"""Identities that are no person: bots, recorders, call queues and answering services."""


class Identity(msgspec.Struct, frozen=True):
    """One identity."""

    id: str | None = None
    tenant_id: str | None = msgspec.field(default=None, name="tenantId")
    upn: str | None = msgspec.field(default=None, name="userPrincipalName")


class IdentitySet(msgspec.Struct, rename="camel", frozen=True):
    """An identity, in the place that says what it is; the likeliest first."""

    user: Identity | None = None
    guest: Identity | None = None
    phone: Identity | None = None
    encrypted: Identity | None = None
    on_premises: Identity | None = None
    acs_user: Identity | None = None
    spool_user: Identity | None = None
    device: Identity | None = None
    application: Identity | None = None
    application_instance: Identity | None = None
    acs_application_instance: Identity | None = None
    spool_application_instance: Identity | None = None

    @property
    def one(self) -> tuple[str, Identity] | None:
        """The identity and what it is; None if it is empty."""
        for kind, name in _FIELDS:
            identity = getattr(self, name)
            if identity is not None:
                return kind, identity
        return None


_FIELDS = tuple((field.encode_name, field.name) for field in msgspec.structs.fields(IdentitySet))


class UserAgent(msgspec.Struct):
    """What somebody was connected with."""

    platform: str | None = None


class Feedback(msgspec.Struct):
    """What somebody said of the quality."""

    rating: str | None = None


class Endpoint(msgspec.Struct, rename="camel"):
    """One end of a session."""

    type: str = msgspec.field(default="", name="@odata.type")
    user_agent: UserAgent | None = None
    identity: IdentitySet | None = None
    associated_identity: Identity | None = None
    feedback: Feedback | None = None

    @property
    def who(self) -> tuple[str, Identity] | None:
        """The identity at this end and what it is; None if it is not told."""
        found = self.identity.one if self.identity else None
        if found is None and self.associated_identity is not None and self.associated_identity.id:
            return "user", self.associated_identity
        return found

    @property
    def is_human(self) -> bool:
        """Whether a person, a telephone or a room is at this end, and not a service."""
        if self.type.endswith("serviceEndpoint"):
            return False
        who = self.who
        return who[0] not in SERVICES if who else self.type.endswith("participantEndpoint")


class Failure(msgspec.Struct):
    """When a session failed."""

    stage: str | None = None


class Session(msgspec.Struct, rename="camel"):
    """One connection."""

    id: Id
    start_date_time: Instant | None = None
    end_date_time: Instant | None = None
    modalities: list[str] | None = None
    is_test: bool | None = None
    failure_info: Failure | None = None
    caller: Endpoint | None = None
    callee: Endpoint | None = None

    @property
    def humans(self) -> list[Endpoint]:
        """The ends that are no services, the caller first."""
        return [end for end in (self.caller, self.callee) if end is not None and end.is_human]


class Participant(msgspec.Struct):
    """Somebody who took part, or the organiser."""

    identity: IdentitySet | None = None


class CallRecord(msgspec.Struct, rename="camel"):
    """One call."""

    id: Id
    version: int
    start_date_time: Instant
    sessions: list[Session]
    type: str | None = None
    end_date_time: Instant | None = None
    join_web_url: str | None = None
    modalities: list[str] | None = None
    organizer: IdentitySet | None = None
    organizer_v2: Participant | None = msgspec.field(default=None, name="organizer_v2")
    participants_v2: list[Participant] | None = msgspec.field(default=None, name="participants_v2")

    @property
    def organiser(self) -> tuple[str, Identity] | None:
        """Who called the meeting; the older of the two fields no longer has data since July 2026."""
        newer = self.organizer_v2.identity.one if self.organizer_v2 and self.organizer_v2.identity else None
        return newer or (self.organizer.one if self.organizer else None)

    @property
    def participants(self) -> list[tuple[str, Identity]]:
        """Everyone the record lists, services left out."""
        found = [each.identity.one for each in self.participants_v2 or () if each.identity]
        return [one for one in found if one is not None and one[0] not in SERVICES]


def _impossible(record: CallRecord) -> str | None:
    if record.version < 0:
        return "version"
    return None if is_instant(record.start_date_time) else "startDateTime"


READER = RecordReader(CallRecord, CALL_RECORD, _impossible)
