"""Who we are to Webex: the settings of an integration or service app, and access tokens for it.

Documentation: developer.webex.com, "Integrations" and "Service Apps". Both get access tokens for a refresh token that
lasts ninety days from its last use.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock, local
from urllib.parse import urlsplit

import msgspec
import requests
from pydantic import ConfigDict, Field, SecretStr, model_validator

from connectors.app_secrets import exactly_one, secret_of
from connectors.errors import ConfigurationError, ConnectorError, RetryLater, VendorChanged
from connectors.session import json_of
from connectors.source import SourceSettings
from connectors.transport import RETRIED, Network, http_session
from connectors.webex.tokens import WHERE_FROM, RefreshTokenFile

WEBEX = "https://webexapis.com/v1"
TOKEN = "POST /access_token"  # noqa: S105 - a route
LEEWAY = timedelta(minutes=5)
"""A token is renewed so long before it expires."""
LONGEST_TRACKING_ID = 80


class WebexAccount(SourceSettings):
    """What every source in Webex needs to be let in."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    """A file that holds the secret and nothing else."""
    token_file: Path
    """Holds the refresh token, mode 0600; it is rewritten at every run. Sources of one app share it."""
    base_url: str = WEBEX
    requests_per_second: float = Field(5.0, gt=0)
    """Our own politeness: the vendor publishes no number, and says 429 and how long to wait when it is too much."""

    @model_validator(mode="after")
    def _has_one_secret(self) -> WebexAccount:
        exactly_one(self.client_secret, self.client_secret_file)
        return self


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: float
    refresh_token: str | None = None


class WebexCredentials:
    """Access tokens of an app, each used until shortly before it expires or the vendor refuses it.

    Args:
        name: the source, for messages.
        account: the app.
        network: how to reach the vendor; its proxy and certificate authorities hold here too.
    """

    def __init__(self, name: str, account: WebexAccount, network: Network) -> None:
        self._name, self._account = name, account
        self._file = RefreshTokenFile(account.token_file)
        self._http = http_session(network)
        self._token: str | None = None
        self._good_until = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()
        self._handed_out = local()

    def headers(self) -> Mapping[str, str]:
        """The header with a token that is still good.

        Raises:
            ConfigurationError: the app or its refresh token is refused, or the token file cannot be used.
            RetryLater: the vendor could not answer.
        """
        with self._lock:
            if self._token is None or datetime.now(UTC) + LEEWAY > self._good_until:
                self._token = self._renewed()
            self._handed_out.token = self._token
        return {"Authorization": f"Bearer {self._handed_out.token}"}

    def renew(self) -> None:
        """Forget the token this thread was given, unless another thread has renewed it already."""
        with self._lock:
            if self._token == getattr(self._handed_out, "token", None):
                self._token = None

    def _renewed(self) -> str:
        try:
            secret = secret_of(self._account.client_secret, self._account.client_secret_file, WHERE_FROM)
            with self._file.lock():
                return self._ask_with_each(secret)
        except ConnectorError as error:
            raise type(error)(f"{self._name}: no token: {error}") from None

    def _ask_with_each(self, secret: str) -> str:
        """Ask with the newest refresh token, and with the one before if the newest never became good."""
        for token in self._file.tokens():
            answer = self._ask(token, secret)
            if answer.ok and not answer.is_redirect:
                granted = self._granted(answer)
                now = datetime.now(UTC)
                # in its place before the access token that came with it is used
                self._file.keep(granted.refresh_token or token, token, now)
                self._good_until = now + timedelta(seconds=granted.expires_in)
                return granted.access_token
            if answer.status_code not in (400, 401):
                break
        raise self._refusal(answer)

    def _ask(self, token: str, secret: str) -> requests.Response:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._account.client_id,
            "client_secret": secret,
            "refresh_token": token,
        }
        address = f"{self._account.base_url.rstrip('/')}/access_token"
        host = urlsplit(address).hostname
        try:
            return self._http.post(address, data=form, allow_redirects=False)
        except requests.exceptions.SSLError:
            raise ConfigurationError(
                f"{host} shows a certificate that is not trusted: name the organisation's certificate authorities in "
                "settings (network.ca_file)"
            ) from None
        except requests.exceptions.RequestException as error:
            raise RetryLater(
                f"no answer from {host} to {TOKEN} ({type(error).__name__}): check base_url and the proxy in settings "
                "if it stays so; the next run tries again"
            ) from None

    def _granted(self, answer: requests.Response) -> _Granted:
        json_of("sign-in", TOKEN, answer)
        try:
            return msgspec.json.decode(answer.content, type=_Granted)
        except msgspec.ValidationError:
            raise VendorChanged(
                f"the answer to {TOKEN} no longer has the documented shape; look for a newer resfri"
            ) from None

    def _refusal(self, answer: requests.Response) -> ConnectorError:
        """What a refusal means; its text is left alone, since it can name people."""
        tracking = tracking_id(answer)
        said = f"{TOKEN} was answered {answer.status_code}" + (f" ({tracking})" if tracking else "")
        if answer.status_code in RETRIED:
            return RetryLater(f"{said}; the next run tries again")
        if answer.status_code in (400, 401):
            return ConfigurationError(
                f"{said}: check client_id and the client secret; if they are right, the refresh token in token_file "
                f"has expired (90 days without use) or been withdrawn: make a new one at {WHERE_FROM}"
            )
        return VendorChanged(f"{said}: check base_url in settings, or look for a newer resfri")


def refresh_token_renewed_at(name: str, account: WebexAccount) -> datetime:
    """When the refresh token of an app was last used.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return RefreshTokenFile(account.token_file).renewed_at()
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}: no token: {error}") from None


def tracking_id(answer: requests.Response) -> str | None:
    """The vendor's own mark of a request, which its support asks for; it names nobody."""
    text = answer.headers.get("trackingId", "")
    is_plain = text.replace("_", "").replace("-", "").isalnum() and len(text) <= LONGEST_TRACKING_ID
    return f"trackingId {text}" if is_plain else None
