"""The token endpoint of the identity platform: client credentials with a secret or a certificate."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jwt
from cryptography.x509 import load_pem_x509_certificate

from simulator.faults import Faults

PROMISED_SECONDS = 3599
SCOPE = "/.default"


@dataclass
class _Token:
    expires: float
    uses: int | None


class Tokens:
    """The access tokens that one vendor has given, and which ones still work."""

    def __init__(self) -> None:
        self._tokens: dict[str, _Token] = {}

    def new(self, faults: Faults) -> str:
        """Another token."""
        token = secrets.token_urlsafe(48)
        self._tokens[token] = _Token(time.monotonic() + faults.token_lifetime, faults.token_uses)
        return token

    def accepts(self, authorization: str) -> bool:
        """Whether a request with this header may pass; a use of the token."""
        scheme, _, presented = authorization.partition(" ")
        token = self._tokens.get(presented)
        if scheme.lower() != "bearer" or token is None or time.monotonic() >= token.expires:
            return False
        if token.uses is not None:
            token.uses -= 1
        return token.uses is None or token.uses >= 0


class Login:
    """Gives tokens to one registered application of one tenant, and knows which ones still work."""

    def __init__(self, authority: str, tenant_id: str, client_id: str, client_secret: str) -> None:
        self.authority = authority
        self.certificate: str | None = None
        """PEM of a certificate registered for the application."""
        self._tenant_id, self._client_id, self._client_secret = tenant_id, client_id, client_secret
        self.tokens = Tokens()

    @property
    def _token_endpoint(self) -> str:
        return f"{self.authority}/oauth2/v2.0/token"

    def discover(self, tenant_id: str) -> tuple[int, dict[str, Any]]:
        """Status and body of ``/v2.0/.well-known/openid-configuration``."""
        if tenant_id != self._tenant_id:
            return _refused(400, "invalid_tenant", 90002, f"Tenant '{tenant_id}' not found.")
        return 200, {
            "token_endpoint": self._token_endpoint,
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "issuer": f"{self.authority}/v2.0",
            "authorization_endpoint": f"{self.authority}/oauth2/v2.0/authorize",
        }

    def issue(self, tenant_id: str, form: Mapping[str, str], faults: Faults) -> tuple[int, dict[str, Any]]:
        """Status and body of the token endpoint."""
        if tenant_id != self._tenant_id:
            return _refused(400, "invalid_tenant", 90002, f"Tenant '{tenant_id}' not found.")
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        if form.get("client_id") != self._client_id:
            return _refused(400, "unauthorized_client", 700016, "Application was not found in the directory.")
        if not form.get("scope", "").endswith(SCOPE):
            return _refused(400, "invalid_scope", 1002012, f"The scope must end with {SCOPE}.")
        if "client_assertion" in form:
            if not self._is_signed_by_certificate(form["client_assertion"]):
                return _refused(401, "invalid_client", 700027, "Client assertion failed signature validation.")
        elif not secrets.compare_digest(form.get("client_secret", "").encode(), self._client_secret.encode()):
            return _refused(401, "invalid_client", 7000215, "Invalid client secret provided.")
        promised = {"expires_in": PROMISED_SECONDS, "ext_expires_in": PROMISED_SECONDS}
        return 200, {"token_type": "Bearer", **promised, "access_token": self.tokens.new(faults)}

    def _is_signed_by_certificate(self, assertion: str) -> bool:
        if self.certificate is None:
            return False
        key = load_pem_x509_certificate(self.certificate.encode()).public_key()
        try:
            claims = jwt.decode(assertion, key, algorithms=["PS256", "RS256"], audience=self._token_endpoint)  # type: ignore[arg-type]
        except jwt.InvalidTokenError:
            return False
        return claims.get("iss") == claims.get("sub") == self._client_id


def _refused(status: int, error: str, number: int, text: str) -> tuple[int, dict[str, Any]]:
    trace, correlation, at = uuid4(), uuid4(), f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
    return status, {
        "error": error,
        "error_description": f"AADSTS{number}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}",
        "error_codes": [number],
        "timestamp": at,
        "trace_id": str(trace),
        "correlation_id": str(correlation),
    }
