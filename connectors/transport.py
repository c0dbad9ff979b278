"""How requests travel: retries that wait as long as a vendor says, the organisation's own proxy and authorities."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Lock
from typing import Any

import requests
from pydantic import BaseModel, ConfigDict
from requests.adapters import HTTPAdapter
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from connectors.errors import ConfigurationError, RetryLater

ATTEMPTS = 5
"""Tries per request, the first included."""
LONGEST_WAIT_SECONDS = 300.0
"""A vendor that asks for a longer pause than this is asked again at the next run."""
RETRIED = (423, 429, 500, 502, 503, 504)
"""Statuses that may pass by themselves."""


class Network(BaseModel):
    """How the organisation's computers reach the outside."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    proxy: str | None = None
    """For example ``http://proxy.example:8080``; None takes the environment's."""
    ca_file: Path | None = None
    """PEM file with the certificate authorities to trust; it wins over what the environment names."""
    timeout_seconds: float = 60.0


@dataclass
class Meter:
    """What a session has asked for; grows while it works."""

    requests: int = 0
    throttled: int = 0
    """Answers that told us to slow down (429)."""
    earlier_today: int = 0
    """Requests of the same source since 00:00 UTC, before this session."""
    _lock: Lock = field(default_factory=Lock, repr=False)

    def count(self, *, requests: int = 0, throttled: int = 0) -> None:
        """Add to the counts, from any thread."""
        with self._lock:
            self.requests += requests
            self.throttled += throttled


def http_session(network: Network, meter: Meter | None = None) -> requests.Session:
    """A requests session with retries, whose own proxy and certificate authorities win over the environment's.

    Raises:
        ConfigurationError: the file of certificate authorities is missing.
    """
    if network.ca_file is not None and not network.ca_file.is_file():
        raise ConfigurationError(f"network.ca_file: there is no {network.ca_file}: check the path in settings")
    # below this level urllib3 writes whole addresses into the log, and those can hold mail addresses
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    session = _OwnSettingsFirst(network.timeout_seconds)
    session.verify = str(network.ca_file) if network.ca_file else True
    if network.proxy:
        session.proxies = {"http": network.proxy, "https": network.proxy}
    retry = _PoliteRetry(
        total=ATTEMPTS - 1,
        redirect=0,
        status_forcelist=RETRIED,
        allowed_methods=None,
        backoff_factor=0.5,
        backoff_max=30,
        backoff_jitter=0.25,
        raise_on_status=False,
        raise_on_redirect=False,
        meter=meter or Meter(),
    )
    session.mount("https://", HTTPAdapter(max_retries=retry, pool_maxsize=32))
    session.mount("http://", HTTPAdapter(max_retries=retry, pool_maxsize=32))
    return session


class _OwnSettingsFirst(requests.Session):
    def __init__(self, timeout_seconds: float) -> None:
        super().__init__()
        self._timeout_seconds = timeout_seconds
        # without an own way in, requests takes one for the host from a .netrc, in place of our token or where none goes
        self.auth = lambda request: request

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        # a library that is lent the session may not think of a timeout, and requests then waits for ever
        options["timeout"] = options.get("timeout") or self._timeout_seconds
        return super().send(request, **options)

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        # requests lets REQUESTS_CA_BUNDLE and HTTPS_PROXY win over what a session was told
        own = self.verify if verify is None else verify
        merged = super().merge_environment_settings(url, proxies, stream, own, cert)
        return {**merged, "proxies": dict(self.proxies)} if self.proxies else merged


class _PoliteRetry(Retry):
    """Waits as long as the vendor says, in seconds or as a date, and counts every further try."""

    def __init__(self, *args: Any, meter: Meter, **options: Any) -> None:
        super().__init__(*args, **options)
        self._meter = meter

    def new(self, **changes: Any) -> _PoliteRetry:
        return super().new(meter=self._meter, **changes)

    def increment(self, *args: Any, **options: Any) -> _PoliteRetry:
        response = options.get("response")
        if response is not None and response.status == 429:
            self._meter.count(throttled=1)
        following = super().increment(*args, **options)
        self._meter.count(requests=1)
        return following

    def parse_retry_after(self, retry_after: str) -> float:
        return seconds_until(retry_after) or 0.0

    def sleep_for_retry(self, response: BaseHTTPResponse) -> bool:
        wait = self.get_retry_after(response)
        if not wait:
            return False
        if wait > LONGEST_WAIT_SECONDS:
            minutes = round(wait / 60)
            raise RetryLater(f"the vendor asks for a pause of {minutes} minutes (status {response.status})")
        time.sleep(wait)
        return True


def seconds_until(retry_after: str) -> float | None:
    """Seconds to wait by a ``Retry-After`` header: a number, an HTTP date or an ISO 8601 date; None if no such."""
    text = retry_after.strip()
    if text.replace(".", "", 1).isdigit():
        return float(text)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(text)
        except ValueError:
            continue
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    return None
