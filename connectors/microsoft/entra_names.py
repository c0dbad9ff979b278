"""How Microsoft Entra and Teams write whom they mean: guests' user names and telephone numbers."""

from __future__ import annotations

_GUEST_MARK = "#ext#"


def is_guest_name(upn: str | None) -> bool:
    """Whether a user name is that of a guest account, whose owner belongs to another organisation."""
    return upn is not None and _GUEST_MARK in upn.casefold()


def is_number(text: str) -> bool:
    """Whether a telephone's id is its number; withheld and masked numbers are many people's."""
    return sum(sign.isdigit() for sign in text) >= 6 and "*" not in text


def home_address(upn: str) -> str:
    """The address behind a user name; a guest's own one stands before ``#EXT#``, with ``_`` for ``@``."""
    name, mark, _ = upn.casefold().partition(_GUEST_MARK)
    return "@".join(name.rsplit("_", 1)) if mark else upn
