"""What an address in Webex says: whose it is, and whether it is a room's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors.pseudonyms import Pseudonyms, canonical

Party = Literal["internal", "external", "unknown"]

ROOM_DOMAINS = ("room.ciscospark.com", "rooms.webex.com", "rooms.ciscospark.com")
"""Ends of the addresses that Webex gives to room systems."""


@dataclass(frozen=True)
class Home:
    """What belongs to the organisation.

    Attributes:
        domains: mail domains, in lower case.
    """

    domains: frozenset[str]

    def party(self, address: str | None) -> Party:
        """Whether an address belongs to the organisation; an empty list of domains knows nobody."""
        if not address or not self.domains:
            return "unknown"
        if _domain(address) in self.domains:
            return "internal"
        # every customer's room systems have the vendor's own domain
        return "unknown" if is_room_address(address) else "external"


def room_key(pseudonyms: Pseudonyms, address: str) -> str:
    """The pseudonym of a room: of the address it is called by."""
    return pseudonyms.of("room", canonical("sip", address))


def is_room_address(address: str) -> bool:
    """Whether an address is one that Webex gives to room systems."""
    return _domain(address).endswith(ROOM_DOMAINS)


def _domain(address: str) -> str:
    return canonical("sip", address).rpartition("@")[2]
