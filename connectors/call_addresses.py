"""Who is at the far end of a call: taken from its address before anything is written, and judged afterwards.

A call record gives one address of the far end. What is kept of it are keyed pseudonyms: of the address, of its
domain, of its organisation. Whether somebody belongs to the organisation, or a leg is a room, is decided when meetings
are put together, by comparing with the pseudonyms of what settings name; changed settings so hold for all that waits.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import msgspec

from connectors.pseudonyms import Pseudonyms, canonical

NAMELESS = frozenset(("anonymous", "unknown", "unavailable", "restricted", "private", "asterisk"))
"""What telephone exchanges write for a number that is withheld."""

_NUMBER = re.compile(r"\+?\d{3,}")
WHOLE_NUMBER = 6
"""Digits from which on a number names one telephone everywhere, and not an extension of one exchange."""

Party = Literal["internal", "external", "unknown"]


class Who(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """The far end of a leg, in pseudonyms; all are None where the address names nobody."""

    address: str | None = None
    room: str | None = None
    domain: str | None = None
    organisation: str | None = None
    is_number: bool = False


@lru_cache(maxsize=50_000)
def conceal(remote_party: str, pseudonyms: Pseudonyms) -> Who:
    """The pseudonyms of an address such as ``sip:name@example.org`` or ``+4610…@gateway``."""
    text = re.sub(r"^tel:", "", canonical("sip", remote_party))
    name, _, host = text.rpartition("@") if "@" in text else (text, "", "")
    host = host.partition(":")[0]
    if not name or name in NAMELESS or _is_network_address(name):
        return Who()
    if _NUMBER.fullmatch(plain := re.sub(r"[\s().-]", "", name)):
        name = plain
    is_number = bool(_NUMBER.fullmatch(name))
    is_named = bool(host) and not _is_network_address(host)
    if is_number and sum(sign.isdigit() for sign in name) >= WHOLE_NUMBER:
        address = pseudonyms.of("phone", name)
    else:
        address = pseudonyms.of("sip", f"{name}@{host}" if host else name)
    return Who(
        address=address,
        room=pseudonyms.of("room", f"{name}@{host}" if host else name),
        domain=pseudonyms.of("domain", host) if is_named else None,
        organisation=pseudonyms.organisation_of(host) if is_named else None,
        is_number=is_number,
    )


@dataclass(frozen=True)
class Home:
    """What belongs to the organisation, as pseudonyms."""

    domains: frozenset[str]
    room_domains: frozenset[str]
    rooms: frozenset[str]

    @classmethod
    def of(
        cls, domains: Iterable[str], room_domains: Iterable[str], rooms: Iterable[str], pseudonyms: Pseudonyms
    ) -> Home:
        """From the domains, the domains of rooms and the addresses of rooms as settings name them."""
        return cls(
            frozenset(pseudonyms.of("domain", each) for each in (*domains, *room_domains)),
            frozenset(pseudonyms.of("domain", each) for each in room_domains),
            frozenset(room for each in rooms if (room := conceal(each, pseudonyms).room)),
        )

    def is_room(self, who: Who | None) -> bool:
        """Whether a leg is a room system.

        The records tell no room from a person at a desk, so settings must: by a domain in which only rooms are
        registered, or room by room. Everything else stays unknown and is never taken for a room.
        """
        return who is not None and (who.domain in self.room_domains or who.room in self.rooms)

    def party(self, who: Who | None, *, is_guest: bool) -> Party:
        """Whether somebody belongs to the organisation, by domain; a guest of the web page has none of his own."""
        if is_guest:
            return "external"
        if self.is_room(who):
            return "internal"
        # the domain behind a number is the gateway's
        if who is None or who.domain is None or who.is_number or not self.domains:
            return "unknown"
        return "internal" if who.domain in self.domains else "external"


def _is_network_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
