"""Where the simulated vendors are, and who may ask them: what clients need in their settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ZoomAddress:
    """What a client of Zoom needs in its settings."""

    base_url: str
    token_url: str
    account_id: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class WebexAddress:
    """What a client of Webex needs in its settings."""

    base_url: str
    token_url: str
    client_id: str
    client_secret: str
    refresh_token: str
    site: str


@dataclass(frozen=True)
class Address:
    """What a client needs in its settings."""

    base_url: str
    """Graph root; the version root is ``/v1.0`` below it."""
    authority: str
    """For MSAL with ``instance_discovery=False``: by itself it asks Microsoft about hosts it does not know."""
    tenant_id: str
    client_id: str
    client_secret: str
    ca_file: Path
    """PEM of the authority that signed the service's certificate."""
    zoom: ZoomAddress
    webex: WebexAddress
