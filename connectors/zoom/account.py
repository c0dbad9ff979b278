"""Who we are to Zoom: the settings of a server-to-server app, and tokens for it.

Documentation: developers.zoom.us, "Server-to-Server OAuth".
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import requests
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.app_secrets import exactly_one, secret_of
from connectors.errors import ConfigurationError, ConnectorError, RetryLater
from connectors.transport import Network, http_session

API = "https://api.zoom.us/v2"
TOKENS = "https://zoom.us/oauth/token"

Plan = Literal["pro", "business"]

DAILY: Mapping[Plan, int] = {"pro": 30_000, "business": 60_000}
"""Heavy and resource-intensive requests in a day that begins at 00:00 GMT, of all apps in the account."""
RENEWED_BEFORE_SECONDS = 300
_PASSING = (429, 500, 502, 503, 504)
REGISTRATION = "marketplace.zoom.us → Manage → the Server-to-Server OAuth app of client_id"


class ZoomAccount(BaseModel):
    """A server-to-server app in a Zoom account, which may read what its scopes say."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    account_id: str
    client_id: str
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    """A file that holds the secret and nothing else."""
    base_url: str = API
    token_url: str = TOKENS
    plan: Plan = "pro"
    """``business`` stands for Business, Education and Enterprise, which have higher limits and the dashboard."""
    daily_requests: int | None = Field(default=None, gt=0)
    """The account's daily limit, if it is another than the plan's."""
    daily_budget_share: float = Field(default=0.8, gt=0, le=1)
    """The part of it that this source may use; the account's other apps have the rest."""

    @model_validator(mode="after")
    def _has_one_secret(self) -> ZoomAccount:
        exactly_one(self.client_secret, self.client_secret_file)
        return self

    @property
    def daily(self) -> int:
        """The account's daily limit."""
        return self.daily_requests or DAILY[self.plan]

    @property
    def allowance(self) -> int:
        """Requests that this source may make in a day."""
        return max(1, int(self.daily * self.daily_budget_share))

    def secret(self) -> str:
        """The client secret.

        Raises:
            ConfigurationError: its file is missing, unreadable or empty.
        """
        return secret_of(self.client_secret, self.client_secret_file, REGISTRATION)


class Token(msgspec.Struct):
    """A token, and what comes with it."""

    access_token: str
    expires_in: float
    scope: str = ""
    api_url: str | None = None


class ZoomCredentials:
    """Tokens of a server-to-server app, each used until shortly before it expires.

    Args:
        name: the source, for messages.
        account: the app.
        network: how to reach the authority; its proxy and certificate authorities hold here too.
    """

    def __init__(self, name: str, account: ZoomAccount, network: Network) -> None:
        self._name, self._account = name, account
        self._http = http_session(network)
        self._timeout = network.timeout_seconds
        self._host = urlsplit(account.token_url).hostname
        self._token: Token | None = None
        self._good_until = 0.0
        self._lock = threading.Lock()
        self._shown = threading.local()

    def headers(self) -> Mapping[str, str]:
        """The header with a token that is still good.

        Raises:
            ConfigurationError: the authority refuses the app, or is not there.
            RetryLater: the authority could not answer.
        """
        token = self.token()
        self._shown.token = token.access_token
        return {"Authorization": f"Bearer {token.access_token}"}

    def renew(self) -> None:
        """Forget the token that this thread was refused with; another thread may have a new one already."""
        with self._lock:
            if self._token is not None and self._token.access_token == getattr(self._shown, "token", None):
                self._token = None

    def token(self) -> Token:
        """The token and what came with it. Raises as :meth:`headers`."""
        with self._lock:
            if self._token is None or time.monotonic() >= self._good_until:
                self._token = self._ask()
                self._good_until = time.monotonic() + max(1.0, self._token.expires_in - RENEWED_BEFORE_SECONDS)
            return self._token

    def _ask(self) -> Token:
        account = self._account
        try:
            answer = self._http.post(
                account.token_url,
                data={"grant_type": "account_credentials", "account_id": account.account_id},
                auth=(account.client_id, account.secret()),
                timeout=self._timeout,
                allow_redirects=False,
            )
        except ConnectorError as error:
            raise type(error)(f"{self._name}: no token from {self._host}: {error}; the next run tries again") from None
        except requests.exceptions.SSLError:
            raise ConfigurationError(
                f"{self._name}: {self._host} shows a certificate that is not trusted: name the organisation's "
                "certificate authorities in settings (network.ca_file)"
            ) from None
        except requests.exceptions.RequestException as error:
            raise RetryLater(
                f"{self._name}: no token from {self._host} ({type(error).__name__}): check token_url and the proxy in "
                "settings if it stays so; the next run tries again"
            ) from None
        if answer.status_code != 200:
            raise self._refusal(answer)
        try:
            return msgspec.json.decode(answer.content, type=Token)
        except msgspec.DecodeError:
            raise ConfigurationError(
                f"{self._name}: {self._host} does not answer as Zoom's token service: check token_url in settings, and "
                "whether a proxy or sign-in page stands between"
            ) from None

    def _refusal(self, answer: requests.Response) -> ConnectorError:
        """What a refusal means. Its reason is left alone: it is free text."""
        said = f"{self._name}: {self._host} gives no token (status {answer.status_code}"
        if answer.status_code in _PASSING:
            return RetryLater(f"{said}); the next run tries again")
        try:
            error = str(answer.json()["error"])
        except (ValueError, KeyError, TypeError):
            error = ""
        said += f", {error})" if error.replace("_", "").isalpha() and len(error) < 40 else ")"
        match error:
            case "invalid_client":
                return ConfigurationError(
                    f"{said}: check client_id and the client secret in settings against {REGISTRATION} → App "
                    "Credentials"
                )
            case "unsupported_grant_type":
                return ConfigurationError(
                    f"{said}: check that the app of client_id is of the kind Server-to-Server OAuth, at "
                    "marketplace.zoom.us → Manage"
                )
        return ConfigurationError(
            f"{said}: check account_id, client_id and the client secret in settings against {REGISTRATION} → App "
            "Credentials, and that the app is activated"
        )
