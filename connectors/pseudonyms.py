"""Keyed pseudonyms: the only form in which a person, a meeting address or a room leaves a connector.

A pseudonym is HMAC-SHA-256 over ``kind:canonical value`` with a key that belongs to one organisation, lies outside
its data folder and is readable by its owner alone. The same value gives the same pseudonym in every source of the
organisation and a different one in every other organisation.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
import unicodedata
from base64 import urlsafe_b64encode
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import phonenumbers
import tldextract

from connectors.errors import ConfigurationError

KEY_BYTES = 32
HOME_REGION = "SE"

_FREE_MAIL = frozenset(
    (
        "gmail.com", "googlemail.com", "hotmail.com", "hotmail.se", "outlook.com", "outlook.se", "live.com",
        "live.se", "msn.com", "yahoo.com", "yahoo.se", "icloud.com", "me.com", "mac.com", "telia.com",
        "bredband.net", "comhem.se", "spray.se", "proton.me", "protonmail.com",
    )
)  # fmt: skip
_TEAMS_THREAD = re.compile(r"19:[^/?#]+@thread\.[a-z0-9]+", re.IGNORECASE)
_ZOOM_NUMBER = re.compile(r"/[jsw]/(\d{8,12})")
_WEBEX_NUMBER = re.compile(r"/(?:meet|m)/(?:pr)?(\d{8,12})/?", re.IGNORECASE)
_WEBEX_CALLED = re.compile(r"sips?:(\d{8,12})@(?:[\w-]+\.)*webex\.com", re.IGNORECASE)
_WEBEX_TICKET = re.compile(r"(?:^|&)mtid=([^&]+)", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"^\+?[\d\s()./-]{6,}$")
_REMEMBERED = 200_000
"""Values whose spelling or pseudonym is kept for as long as the process lives: the same people meet again and again."""


class Pseudonyms:
    """Turns identifying values into keyed pseudonyms of one organisation."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ConfigurationError(
                f"a pseudonym key has {KEY_BYTES} bytes, this one has {len(key)}; run 'resfri init'"
            )
        self._key = key
        self._of = lru_cache(maxsize=_REMEMBERED)(self._digest)

    @classmethod
    def from_file(cls, path: Path) -> Pseudonyms:
        """Read the key that ``resfri init`` wrote.

        Raises:
            ConfigurationError: the file is missing, malformed or readable by others.
        """
        try:
            text = path.read_text("ascii").strip()
        except FileNotFoundError:
            raise ConfigurationError(
                f"no pseudonym key at {path}: run 'resfri init', or put back the key this data was read with"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"the pseudonym key {path} cannot be read: {type(error).__name__}") from None
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigurationError(f"others can read the pseudonym key {path}: run chmod 600 on it")
        try:
            return cls(bytes.fromhex(text))
        except ValueError:
            raise ConfigurationError(f"{path} is not a pseudonym key (64 hexadecimal digits)") from None

    @property
    def fingerprint(self) -> str:
        """A short public mark of the key, kept in the landing zone so that another key is refused."""
        return self._digest("fingerprint:key")[:16]

    def derived_key(self, purpose: str) -> bytes:
        """A key of its own for another purpose, as URL-safe base64: knowing it does not help to find pseudonyms."""
        return urlsafe_b64encode(hmac.new(self._key, f"derived key:{purpose}".encode(), hashlib.sha256).digest())

    def of(self, kind: str, value: str) -> str:
        """The pseudonym of a value of a kind, after bringing it to its canonical form.

        Args:
            kind: entra_id, mail, sip, phone, employee_no, room, device, join, event, organisation, …
            value: the value as the vendor writes it.

        Returns:
            32 lower-case hexadecimal digits. Mail addresses, SIP addresses and user principal names of one
            mailbox share a pseudonym, since vendors use them for one another.
        """
        return self._of(f"{_FAMILY.get(kind, kind)}:{canonical(kind, value)}")

    def join_address(self, url: str | None) -> str | None:
        """The pseudonym of a meeting's join address, equal for every spelling of one meeting link; None for none."""
        address = join_address(url)
        return None if address is None else self._of(f"join:{address}")

    def organisation_of(self, address: str) -> str | None:
        """The pseudonym of the organisation behind an address: its registrable domain, None for private mail."""
        domain = registrable_domain(address)
        return None if domain is None or domain in _FREE_MAIL else self._of(f"organisation:{domain}")

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]


_FAMILY = {"upn": "address", "mail": "address", "sip": "address"}


def new_key(path: Path) -> bool:
    """Write a new random key with mode 0600 unless there is one already.

    Returns:
        True if a key was written, False if one was there and was left alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


@lru_cache(maxsize=_REMEMBERED)
def canonical(kind: str, value: str) -> str:
    """One spelling for all spellings of a value: lower case, no ``sip:``, telephone numbers as E.164."""
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    if kind in _FAMILY:
        text = re.sub(r"^(sips?|mailto|smtp):", "", text)
        return text.split(";", 1)[0]
    if kind == "phone":
        return _e164(re.sub(r"^tel:", "", text))
    if kind == "employee_no":
        return text.lstrip("0") or text
    return text


def _e164(text: str) -> str:
    if not _PLAIN_NUMBER.match(text):
        return text
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def join_address(url: str | None) -> str | None:
    """The canonical form of a join address: ``teams:<thread>``, ``zoom:<number>``, ``webex:<number>`` or ``sip:<uri>``.

    A Webex link that does not show the meeting's number keeps what tells the meeting: the ticket (``MTID``) of its
    site, or the path. Unknown links keep host and path without query. None for no address, or none
    that can be read.
    """
    if not url or not url.strip():
        return None
    text = unquote(url.strip())
    thread = _TEAMS_THREAD.search(text)
    if thread:
        return f"teams:{thread.group().lower()}"
    called = _WEBEX_CALLED.fullmatch(text)
    if called:
        return f"webex:{called.group(1)}"
    if text.lower().startswith(("sip:", "sips:")):
        return f"sip:{canonical('sip', text)}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    if host.endswith("zoom.us"):
        number = _ZOOM_NUMBER.search(parts.path)
        if number:
            return f"zoom:{number.group(1)}"
    if host == "webex.com" or host.endswith(".webex.com"):
        return f"webex:{_webex_meeting(host, parts.path, parts.query)}"
    return f"{host}{parts.path.rstrip('/')}".casefold() or None


def _webex_meeting(host: str, path: str, query: str) -> str:
    number = _WEBEX_NUMBER.fullmatch(path)
    if number:
        return number.group(1)
    ticket = _WEBEX_TICKET.search(query)
    return f"{host}?mtid={ticket.group(1).lower()}" if ticket else f"{host}{path.rstrip('/').lower()}"


@lru_cache(maxsize=_REMEMBERED)
def registrable_domain(address: str) -> str | None:
    """The domain an organisation registers, from a mail address, SIP address or host name; None if there is none."""
    host = canonical("sip", address).rsplit("@", 1)[-1]
    return _public_suffixes()(host).top_domain_under_public_suffix or None


@lru_cache(maxsize=1)
def _public_suffixes() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list that ships with the package
