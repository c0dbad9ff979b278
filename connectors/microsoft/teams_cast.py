"""Who is in a call of Teams: person, room, telephone, and to which organisation they belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from connectors.microsoft.entra_names import home_address, is_guest_name, is_number
from connectors.microsoft.teams_records import CallRecord, Identity
from connectors.pseudonyms import Pseudonyms

Party = Literal["internal", "external", "unknown"]

_PSEUDONYM_KIND: Mapping[str, str] = {
    "user": "entra_id",
    "onPremises": "on_premises",
    "acsUser": "acs",
    "spoolUser": "acs",
}


@dataclass(frozen=True)
class Home:
    """What belongs to the organisation."""

    tenant_id: str
    domains: frozenset[str]

    def party(self, identity: Identity) -> Party:
        """Whether somebody belongs to the organisation: by tenant, else by the domain of the user name.

        A guest account in the organisation's own tenant belongs to another organisation.
        """
        if is_guest_name(identity.upn):
            return "external"
        if identity.tenant_id:
            return "internal" if identity.tenant_id.casefold() == self.tenant_id.casefold() else "external"
        if identity.upn and self.domains:
            return "internal" if identity.upn.rpartition("@")[2].casefold() in self.domains else "external"
        return "unknown"


class Cast:
    """Who is in one call.

    Sessions give ids and tenants; only the list of participants gives user names. Together they say which mailbox a
    room is and which domain an outside tenant has.
    """

    def __init__(self, record: CallRecord, home: Home, pseudonyms: Pseudonyms) -> None:
        self._home, self._pseudonyms = home, pseudonyms
        self._names = {who.id: who.upn for _, who in record.participants if who.id and who.upn}
        self._domains: dict[str, str] = {}
        for _, who in record.participants:
            if who.tenant_id and who.upn and not is_guest_name(who.upn) and home.party(who) == "external":
                # the smallest, so that the order of participants does not matter
                self._domains[who.tenant_id] = min(who.upn, self._domains.get(who.tenant_id, who.upn))

    def party(self, who: tuple[str, Identity] | None) -> Party:
        """Whether somebody belongs to the organisation."""
        return self._home.party(self._named(who[1])) if who else "unknown"

    def person_key(self, who: tuple[str, Identity] | None) -> str | None:
        """The pseudonym of somebody; None for a withheld number and whoever has no id."""
        if who is None or not who[1].id or (who[0] == "phone" and not is_number(who[1].id)):
            return None
        return self._pseudonyms.of(_PSEUDONYM_KIND.get(who[0], who[0]), who[1].id)

    def room_key(self, who: tuple[str, Identity] | None) -> str | None:
        """The pseudonym of a room: of its mailbox, which is also what the list of rooms knows it by."""
        if who is None:
            return None
        name = self._named(who[1]).upn or who[1].id
        return self._pseudonyms.of("room", name) if name else None

    def organisation_key(self, who: tuple[str, Identity] | None) -> str | None:
        """The pseudonym of an outside participant's organisation.

        By registrable domain where a user name of that tenant is known, as in other sources; else by tenant. Private
        mail is nobody's organisation.
        """
        if who is None:
            return None
        identity = self._named(who[1])
        address = self._domains.get(identity.tenant_id or "", identity.upn or "")
        if address:
            return self._pseudonyms.organisation_of(home_address(address))
        return self._pseudonyms.of("organisation", identity.tenant_id) if identity.tenant_id else None

    def _named(self, identity: Identity) -> Identity:
        if identity.upn or identity.id not in self._names:
            return identity
        return msgspec.structs.replace(identity, upn=self._names[identity.id])
