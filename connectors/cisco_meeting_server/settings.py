"""Settings of Cisco Meeting Server: what belongs to the organisation, where records lie, who may hand them over."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.source import SourceSettings

MOST_BYTES = 5_000_000


class ReceiverSettings(BaseModel):
    """Where the receiver listens, and to whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    """The address to listen on; by default this computer alone, as behind a proxy that speaks TLS."""
    port: int = 8443
    path_secret_file: Path
    """A file with at least 16 of A–Z, a–z, 0–9, _ and -; bridges post to ``/cdr/<secret>``."""
    allowed_addresses: Annotated[tuple[IPv4Network | IPv6Network, ...], Field(min_length=1)]
    """Addresses or networks of the bridges, as the receiver sees them."""
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    most_bytes: int = MOST_BYTES
    """Largest post."""


class CiscoMeetingServerSettings(SourceSettings):
    """The bridges of an organisation."""

    type: Literal["cisco_meeting_server"] = "cisco_meeting_server"
    spool_folder: Path | None = None
    """Where the receiver keeps records; by default below the organisation's folder."""
    archive_folder: Path | None = None
    """Files (``*.xml``) of records kept earlier."""
    home_domains: tuple[str, ...] = ()
    """Domains of the organisation's own SIP addresses."""
    room_domains: tuple[str, ...] = ()
    """Of them, domains in which only room systems are registered."""
    room_addresses: tuple[str, ...] = ()
    """SIP addresses of room systems elsewhere."""
    receiver: ReceiverSettings | None = None
    """Needed to receive; not to read archived files."""
