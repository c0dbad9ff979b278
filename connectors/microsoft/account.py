"""Who we are to Microsoft: the settings of an app registration, and tokens for it from MSAL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import msal
import requests
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from msal.exceptions import MsalError
from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from connectors.app_secrets import secret_of, text_of
from connectors.errors import ConfigurationError, ConnectorError, RetryLater, VendorChanged
from connectors.transport import Network, http_session

LOGIN = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"

_WAYS_IN = ("client_secret", "client_secret_file", "certificate_file")
_CODE = re.compile(r"AADSTS\d+")
_PASSING = frozenset(("temporarily_unavailable", "server_error"))


class MicrosoftAccount(BaseModel):
    """An app registration of the organisation in Entra, which may read what its administrator granted."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    tenant_id: str
    """Directory (tenant) ID."""
    client_id: str
    """Application (client) ID."""
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    """A file that holds the secret and nothing else."""
    certificate_file: Path | None = None
    """PEM file with a private key without password and its certificate."""
    authority: str | None = None
    """Where tokens come from; None is Microsoft's for the tenant."""
    base_url: str = GRAPH

    @model_validator(mode="after")
    def _has_one_way_in(self) -> MicrosoftAccount:
        given = [name for name in _WAYS_IN if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(_WAYS_IN)}, not {' and '.join(given) or 'none'}")
        return self

    @property
    def way_in(self) -> str:
        """The name of the setting that lets us in."""
        return next(name for name in _WAYS_IN if getattr(self, name) is not None)

    @property
    def registration(self) -> str:
        """Where the app registration is found."""
        return f"Entra admin centre → App registrations → {self.client_id}"


class MicrosoftCredentials:
    """Tokens of an app registration (client credentials), each used until shortly before it expires.

    Args:
        name: the source, for messages.
        account: the app registration.
        network: how to reach the authority; its proxy and certificate authorities hold here too.
    """

    def __init__(self, name: str, account: MicrosoftAccount, network: Network) -> None:
        self._name, self._account = name, account
        self._scope = f"https://{urlsplit(account.base_url).netloc}/.default"
        self._authority = account.authority or f"{LOGIN}/{account.tenant_id}"
        self._http = http_session(network)
        self._http.max_redirects = 0  # a redirect would carry the secret elsewhere
        self._application: Any = None
        self._lock = Lock()

    def headers(self) -> Mapping[str, str]:
        """The header with a token that is still good; MSAL renews it five minutes before it expires.

        Raises:
            ConfigurationError: the authority refuses the account, or is not there.
            RetryLater: the authority could not answer.
        """
        with self._lock:
            answer = self._ask()
        if "access_token" in answer:
            return {"Authorization": f"Bearer {answer['access_token']}"}
        raise self._refusal(answer)

    def renew(self) -> None:
        """Forget the token: the vendor refused it."""
        with self._lock:
            if self._application is not None:
                self._application.remove_tokens_for_client()

    def _ask(self) -> dict[str, Any]:
        try:
            if self._application is None:
                self._application = msal.ConfidentialClientApplication(
                    self._account.client_id,
                    authority=self._authority,
                    client_credential=self._credential(),
                    # this asks Microsoft whether it knows the authority, which a closed network cannot
                    instance_discovery=False,
                    http_client=self._http,
                )
            answer: dict[str, Any] = self._application.acquire_token_for_client(scopes=[self._scope])
        except ConnectorError as error:
            raise type(error)(f"{self._name}: no token: {error}") from None
        except requests.exceptions.SSLError:
            raise ConfigurationError(
                f"{self._name}: {self._host} shows a certificate that is not trusted: name the organisation's "
                "certificate authorities in settings (network.ca_file)"
            ) from None
        except (requests.exceptions.RequestException, MsalError) as error:
            raise RetryLater(
                f"{self._name}: no token from {self._host} ({type(error).__name__}): check authority and the proxy "
                "in settings if it stays so; the next run tries again"
            ) from None
        except (ValueError, KeyError):
            raise ConfigurationError(
                f"{self._name}: {self._host} does not answer as an authority for this tenant: check tenant_id and "
                "authority in settings, and whether a proxy or sign-in page stands between"
            ) from None
        return answer

    @property
    def _host(self) -> str:
        return urlsplit(self._authority).hostname or "the authority"

    def _credential(self) -> str | dict[str, str]:
        account = self._account
        if account.certificate_file is not None:
            return self._certificate(account.certificate_file)
        return secret_of(account.client_secret, account.client_secret_file, account.registration)

    def _certificate(self, file: Path) -> dict[str, str]:
        pem = text_of("certificate_file", file)
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            key = serialization.load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, RSAPrivateKey):
            raise ConfigurationError(
                "certificate_file does not hold a certificate and its RSA private key without password, as PEM: "
                "check it and put both into one file"
            )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = certificate.public_bytes(serialization.Encoding.PEM)
        # MSAL computes the thumbprint from the certificate
        return {"private_key": private.decode(), "public_certificate": public.decode()}

    def _refusal(self, answer: Mapping[str, Any]) -> ConnectorError:
        """What a refusal means. Its description is left alone: it can name people and addresses."""
        account, way_in = self._account, self._account.way_in
        numbers = answer.get("error_codes") or [""]
        found = _CODE.match(str(answer.get("error_description", "")))
        code = f"AADSTS{numbers[0]}" if str(numbers[0]).isdigit() else found.group() if found else "no code"
        said = f"{self._name}: {self._host} gives no token ({code})"
        secrets = f"{account.registration} → Certificates & secrets"
        match code:
            case "AADSTS7000215":
                return ConfigurationError(
                    f"{said}: {way_in} is not a secret of the app: take the value, not the ID, of a secret at {secrets}"
                )
            case "AADSTS7000222":
                return ConfigurationError(f"{said}: {way_in} has expired: make a new secret at {secrets}")
            case "AADSTS700027":
                return ConfigurationError(f"{said}: {way_in} is not known: upload its certificate at {secrets}")
            case "AADSTS700016":
                return ConfigurationError(
                    f"{said}: client_id is not an app of this tenant: compare client_id and tenant_id with the "
                    "overview page at Entra admin centre → App registrations"
                )
            case "AADSTS90002" | "AADSTS900021" | "AADSTS900023":
                return ConfigurationError(
                    f"{said}: tenant_id is not a tenant: compare it with Entra admin centre → Overview"
                )
        if answer.get("error") in _PASSING:
            return RetryLater(f"{said}; the next run tries again")
        if "error" not in answer:
            return VendorChanged(f"{said}, and no error either; look for a newer resfri, or report it with this line")
        return ConfigurationError(f"{said}: check tenant_id, client_id and {way_in} in settings against {secrets}")
