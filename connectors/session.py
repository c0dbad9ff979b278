"""One polite HTTP session per source: documented limits, retries, own CA and proxy, and errors that say what to do.

Only paths of the configured host are ever asked, so that a token never leaves for another one, and an address is named
in a message by its route (``GET /users``), never by what it holds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
from pyrate_limiter import Duration, Limiter, Rate

from connectors.errors import ConfigurationError, ConnectorError, RetryLater, SkippedRecord, VendorChanged
from connectors.transport import ATTEMPTS, RETRIED, Meter, Network, http_session

MOST_PAGES = 100_000
"""A list with more pages than this is taken for a loop."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    """At most so many requests in so many seconds."""

    requests: int
    seconds: float


class Credentials(Protocol):
    """What lets a request in."""

    def headers(self) -> Mapping[str, str]:
        """The headers to send, with a token that is still good.

        Raises:
            ConfigurationError: the vendor refuses the credentials.
            RetryLater: the vendor could not be asked.
        """

    def renew(self) -> None:
        """Forget the token: the vendor refused it, the next request needs a new one."""


@dataclass(frozen=True)
class Ask:
    """One question of many asked at once."""

    route: str
    url: str
    params: Mapping[str, str] | None = None
    limit: str = ""


class VendorSession:
    """A session with one vendor.

    Args:
        name: the source, for messages.
        base_url: where every path starts; links elsewhere are refused.
        credentials: what lets requests in.
        network: proxy, certificate authorities, timeout.
        limits: the vendor's documented limits by label; ``""`` holds for every request. Missing labels have none.
        permissions: route to what must be granted where, for the message when it is refused.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        credentials: Credentials,
        network: Network,
        *,
        limits: Mapping[str, Sequence[Limit]] | None = None,
        permissions: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/")
        self.meter = Meter()
        self._credentials = credentials
        self._timeout = network.timeout_seconds
        self._permissions = permissions or {}
        self._limiters = {label: limiter(limits) for label, limits in (limits or {}).items() if limits}
        self._http = http_session(network, self.meter)

    def get(
        self,
        route: str,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        limit: str = "",
        accept: Iterable[int] = (),
        gone: str | None = None,
    ) -> requests.Response:
        """Ask for something.

        Args:
            route: how messages name the address, such as ``GET /users``.
            url: a path below the base, or a link the vendor gave.
            params: query parameters.
            headers: beside the credentials'.
            limit: label of the limit that applies beside the general one.
            accept: statuses other than 2xx that the caller handles.
            gone: rule under which a 404 or 410 counts as one skipped record.

        Raises:
            ConfigurationError: the credentials, a permission or the address are refused.
            RetryLater: no answer now, after several tries.
            SkippedRecord: the record is gone and ``gone`` says so.
            VendorChanged: any other refusal, or a link to another host.
        """
        return self._ask("GET", route, url, params, None, headers, limit, accept, gone, 1)

    def post(
        self,
        route: str,
        url: str,
        body: Any,
        *,
        headers: Mapping[str, str] | None = None,
        limit: str = "",
        accept: Iterable[int] = (),
        weight: int = 1,
    ) -> requests.Response:
        """Send JSON; ``weight`` is how many requests it counts for. Raises as :meth:`get`."""
        return self._ask("POST", route, url, None, body, headers, limit, accept, None, weight)

    def pages(
        self,
        route: str,
        url: str,
        params: Mapping[str, str] | None,
        next_link: Callable[[requests.Response], str | None],
        **options: Any,
    ) -> Iterator[requests.Response]:
        """Follow a list to its end.

        Args:
            route: as in :meth:`get`.
            url: the first page.
            params: of the first page; links carry their own.
            next_link: the link to the next page in an answer, or None.
            options: as in :meth:`get`.

        Raises:
            VendorChanged: a link was followed before, or leads to another host. And as :meth:`get`.
        """
        seen: set[str] = set()
        while len(seen) < MOST_PAGES:
            answer = self.get(route, url, params, **options)
            yield answer
            link = next_link(answer)
            if link is None:
                return
            if link in seen:
                raise VendorChanged(
                    f"{self.name}: {route} leads back to a page already read; nothing is lost, try again"
                )
            seen.add(link)
            url, params = link, None
        raise VendorChanged(f"{self.name}: {route} has more than {MOST_PAGES} pages")

    def download(self, route: str, url: str, *, limit: str = "") -> bytes:
        """Fetch what the vendor lays ready elsewhere and answers with a link to, which is good for some minutes.

        The link lets in whoever has it: no token, and nothing else of ours, goes along to the other host.

        Raises:
            RetryLater: the link is no longer good, or there is no answer.
            VendorChanged: there is no link, or none that is safe to follow. And as :meth:`get`.
        """
        answer = self.get(route, url, limit=limit, accept=(302,))
        if answer.status_code != 302:
            raise self.refusal(route, answer.status_code, None)
        link = answer.headers.get("Location", "")
        where = _origin(link)
        if where is None or where[0] != "https" or not where[1]:
            raise VendorChanged(
                f"{self.name}: {route} gave a link that is not https; it was not followed. Look for a newer resfri, or "
                "report it with this line"
            )
        self.meter.count(requests=1)
        laid_ready = self._send("GET", route, link, None, None, {})
        if 200 <= laid_ready.status_code < 300:
            return laid_ready.content
        if laid_ready.status_code in (401, 403, 404, 410, *RETRIED):
            raise RetryLater(
                f"{self.name}: what {route} led to was answered {laid_ready.status_code}; the next run tries again"
            )
        raise self.refusal(route, laid_ready.status_code, None)

    def sign_in(self) -> None:
        """Make sure that the credentials let us in. Raises as :class:`Credentials`."""
        self._credentials.headers()

    def get_many(
        self, asks: Sequence[Ask], parallel: int, **options: Any
    ) -> Iterator[requests.Response | SkippedRecord]:
        """Ask several questions at once and give the answers in the order of the questions.

        A skipped record comes back as the error that says so; every other error is raised.
        """

        def one(ask: Ask) -> requests.Response | SkippedRecord:
            try:
                return self.get(ask.route, ask.url, ask.params, limit=ask.limit, **options)
            except SkippedRecord as skipped:
                return skipped

        with ThreadPoolExecutor(parallel) as pool:
            yield from pool.map(one, asks)

    def _ask(
        self,
        method: str,
        route: str,
        url: str,
        params: Mapping[str, str] | None,
        body: Any,
        headers: Mapping[str, str] | None,
        limit: str,
        accept: Iterable[int],
        gone: str | None,
        weight: int,
    ) -> requests.Response:
        address = self._address(route, url)
        for attempt in (1, 2):
            self._wait_for_turn(limit, weight)
            answer = self._send(
                method, route, address, params, body, {**(headers or {}), **self._credentials.headers()}
            )
            if answer.status_code == 401 and attempt == 1 and 401 not in accept:
                self._credentials.renew()
                continue
            break
        if 200 <= answer.status_code < 300 or answer.status_code in accept:
            return answer
        raise self.refusal(route, answer.status_code, error_code(answer), gone)

    def _wait_for_turn(self, limit: str, weight: int) -> None:
        for label in dict.fromkeys(("", limit)):
            if label in self._limiters:
                self._limiters[label].try_acquire(self.name, weight)
        self.meter.count(requests=weight)

    def _send(
        self,
        method: str,
        route: str,
        address: str,
        params: Mapping[str, str] | None,
        body: Any,
        headers: Mapping[str, str],
    ) -> requests.Response:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._http.request(
                    method,
                    address,
                    params=params,
                    json=body,
                    headers=headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
            except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
                # a body that breaks off is not tried again by urllib3, which has handed it over by then
                _log.warning("%s: the answer to %s broke off, attempt %d of %d", self.name, route, attempt, ATTEMPTS)
                time.sleep(min(8.0, 0.25 * 2**attempt))
                self.meter.count(requests=1)
            except RetryLater as pause:
                raise RetryLater(f"{self.name}: {route}: {pause}; the next run tries again") from None
            except requests.exceptions.SSLError:
                raise ConfigurationError(
                    f"{self.name}: {urlsplit(address).hostname} shows a certificate that is not trusted: name the "
                    "organisation's certificate authorities in settings (network.ca_file)"
                ) from None
            except requests.exceptions.RequestException as error:
                raise RetryLater(
                    f"{self.name}: no answer from {urlsplit(address).hostname} to {route} ({_kind(error)}): check "
                    "base_url and the proxy in settings if it stays so; the next run tries again"
                ) from None
        raise RetryLater(f"{self.name}: the answer to {route} broke off {ATTEMPTS} times; the next run tries again")

    def _address(self, route: str, url: str) -> str:
        if url.startswith("/"):
            return self.base_url + url
        address = urljoin(self.base_url + "/", url) if _origin(url) else url
        if _origin(address) != _origin(self.base_url):
            raise VendorChanged(
                f"{self.name}: {route} gave a link to another host than {urlsplit(self.base_url).hostname}; it was not "
                "followed. If the vendor has moved, change base_url in settings"
            )
        return address

    def refusal(self, route: str, status: int, code: str | None, gone: str | None = None) -> ConnectorError:
        """What a refusal by the vendor means, as the error to raise.

        Args:
            route: as in :meth:`get`.
            status: of the answer.
            code: the vendor's own.
            gone: as in :meth:`get`.
        """
        said = f"{route} was answered {status}" + (f" ({code})" if code else "")
        if status == 401:
            return ConfigurationError(f"{self.name}: {said}: the credentials in settings are not accepted; renew them")
        if status == 403:
            needed = self._permissions.get(route, "the permission this route needs, at the vendor")
            return ConfigurationError(f"{self.name}: {said}: grant {needed}")
        if status in (404, 410):
            if gone is not None:
                return SkippedRecord(f"{self.name}: {said}", gone)
            return ConfigurationError(f"{self.name}: {said}: nothing is there; check base_url in settings")
        if status in RETRIED:
            return RetryLater(f"{self.name}: {said}, {ATTEMPTS} times; the next run tries again")
        return VendorChanged(f"{self.name}: {said}; look for a newer resfri, or report it with this line")


def json_of(name: str, route: str, answer: requests.Response) -> Any:
    """An answer's JSON.

    Raises:
        RetryLater: it begins as JSON and breaks off.
        VendorChanged: it is a web page or anything else.
    """
    try:
        return msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        begins = answer.content.lstrip()[:1]
        if begins in (b"{", b"["):
            raise RetryLater(f"{name}: the answer to {route} broke off; the next run tries again") from None
        what = "a web page" if begins == b"<" else "something else"
        raise VendorChanged(
            f"{name}: {route} was answered with {what} instead of JSON: check base_url, and whether a proxy or sign-in "
            "page stands between"
        ) from None


def error_code(answer: requests.Response) -> str | None:
    """The vendor's own code of an error; its message is left alone, since it can name people."""
    try:
        body = answer.json()
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    inner = body.get("error", body)
    code = inner.get("code") if isinstance(inner, dict) else inner
    text = str(code) if isinstance(code, (str, int)) else ""
    return text if text and len(text) <= 60 and text.replace("_", "").replace(".", "").isalnum() else None


def limiter(limits: Sequence[Limit]) -> Limiter:
    """A limiter that lets at most so many through as all limits allow."""
    rates = [Rate(each.requests, round(each.seconds * Duration.SECOND)) for each in limits]
    # a little late, so that what is hurried or held up under way does not break a limit on arrival
    slack = min(50, max(1, min(rate.interval for rate in rates) // 32))
    return Limiter(sorted(rates, key=lambda rate: rate.interval), buffer_ms=slack)


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    """Scheme, host and port of a URL; None if it is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return None


def _kind(error: Exception) -> str:
    """The kind of a network error without its text, which can hold the whole address."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return type(reason or error).__name__
