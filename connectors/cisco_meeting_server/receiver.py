"""The service that Cisco Meeting Servers post their call detail records to.

A post is answered 200, and nothing else, once every record in it is on disk: the vendor takes only 200 for delivered
and sends everything else again. Hence

- what cannot be read (no XML, a document type declaration, too deep) is kept encrypted in quarantine, counted, and
  answered 200 as well: the same bytes would come for ever and hold up what follows them;
- what cannot be written is answered 503, and comes again;
- what is too large is answered 413 unread and counted; it comes again until ``most_bytes`` is raised.

The protocol has no authentication: only the listed addresses get past 403, and only the secret path past 404.
"""

from __future__ import annotations

import hmac
import logging
import os
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.cisco_meeting_server.documents import read_documents
from connectors.cisco_meeting_server.records import DOCUMENT, Record, concealed, document_fingerprint
from connectors.cisco_meeting_server.settings import ReceiverSettings
from connectors.cisco_meeting_server.spool import Rejection, Spool
from connectors.contract import Unparsed
from connectors.errors import ConfigurationError
from connectors.pseudonyms import Pseudonyms
from connectors.quarantine import Quarantine

MOST_DOCUMENTS = 20
"""Documents in one post; the vendor sends one."""
SECRET = re.compile(r"[A-Za-z0-9_-]{16,200}")

_log = logging.getLogger(__name__)


def receiver_app(
    name: str,
    settings: ReceiverSettings,
    pseudonyms: Pseudonyms,
    spool: Spool,
    quarantine: Quarantine,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """The service as an ASGI application.

    Args:
        name: the source as settings name it.
        settings: of the receiver.
        pseudonyms: of the organisation.
        spool: where records go.
        quarantine: where unreadable documents wait; those that are understood by now are taken out first.
        clock: the time now, aware.

    Raises:
        ConfigurationError: the secret is missing, weak or readable by others.
    """
    secret = _secret(settings.path_secret_file)
    intake = Intake(name, pseudonyms, spool, quarantine, clock)
    intake.try_again()

    async def receive(request: Request) -> Response:
        if not _is_allowed(request, settings):
            return Response(status_code=403)
        given = str(request.path_params["path"]).encode()
        if request.method != "POST" or not hmac.compare_digest(given, f"cdr/{secret}".encode()):
            return Response(status_code=404)
        try:
            body = await _body(request, settings.most_bytes)
            if body is None:
                await run_in_threadpool(intake.too_large)
                return Response(status_code=413, headers={"Connection": "close"})
            await run_in_threadpool(intake.take, body)
        except ClientDisconnect:
            return Response(status_code=400)
        except OSError as error:
            _log.error("%s: a post could not be stored (%s): it was answered 503 and comes again; make room on the "
                       "disk of the spool", name, error.strerror or type(error).__name__)  # fmt: skip
            return Response(status_code=503)
        return Response(status_code=200)

    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return Starlette(routes=[Route("/{path:path}", receive, methods=methods)])


def serve_receiver(
    name: str, settings: ReceiverSettings, pseudonyms: Pseudonyms, spool_folder: Path, quarantine: Quarantine
) -> None:
    """Serve until the process is told to stop.

    Raises:
        ConfigurationError: see :func:`receiver_app` and :class:`connectors.cisco_meeting_server.spool.Spool`; or a
        TLS file is missing.
    """
    for file in (settings.tls_certificate_file, settings.tls_key_file):
        if file is not None and not file.is_file():
            raise ConfigurationError(f"{name}: there is no {file}: check the TLS files of the receiver in settings")
    spool = Spool(spool_folder, pseudonyms.fingerprint)
    try:
        uvicorn.run(
            receiver_app(name, settings, pseudonyms, spool, quarantine),
            host=settings.host,
            port=settings.port,
            ssl_certfile=settings.tls_certificate_file,
            ssl_keyfile=settings.tls_key_file,
            # its lines would hold the secret path and addresses
            access_log=False,
            # a header could name any address as the sender's
            proxy_headers=False,
            server_header=False,
            log_level="warning",
        )
    finally:
        spool.close()


class Intake:
    """What becomes of the body of a post. Returning means durable."""

    def __init__(
        self, name: str, pseudonyms: Pseudonyms, spool: Spool, quarantine: Quarantine, clock: Callable[[], datetime]
    ) -> None:
        self._name, self._pseudonyms, self._spool = name, pseudonyms, spool
        self._quarantine, self._clock = quarantine, clock

    def take(self, body: bytes) -> int:
        """Store the records of a body and keep what is not understood; says how many records were new.

        Raises:
            OSError: it could not be written.
        """
        documents = list(read_documents(body, MOST_DOCUMENTS))
        refusals = [refusal for document in documents for refusal in document.refusals]
        if not documents:
            _log.warning("%s: an empty post", self._name)
        if refusals:
            fingerprint = document_fingerprint(body, self._pseudonyms)
            now = self._clock()
            self._quarantine.keep(self._name, [Unparsed(DOCUMENT, fingerprint, body)], now)
            first = refusals[0]
            if self._spool.reject(Rejection(DOCUMENT, first.reason, fingerprint, now, first.field)):
                _log.warning("%s: a post was not understood (%s %s); it is kept in quarantine",
                             self._name, first.reason, first.field or "")  # fmt: skip
        return self._spool.store(self._concealed(record) for document in documents for record in document.records)

    def too_large(self) -> None:
        """Count a post that was not read; the same one comes again and again, so once a day is enough."""
        now = self._clock()
        fingerprint = self._pseudonyms.of("record", f"too large {now:%Y-%m-%d}")
        if self._spool.reject(Rejection(DOCUMENT, "too_large", fingerprint, now)):
            _log.warning("%s: a post was larger than most_bytes and was refused; raise it in settings", self._name)

    def try_again(self) -> None:
        """A newer version may understand what an older one could not."""
        for kept in self._quarantine.read(self._name):
            documents = list(read_documents(kept.body, MOST_DOCUMENTS))
            if kept.what == DOCUMENT and documents and not any(document.refusals for document in documents):
                self._spool.store(self._concealed(record) for document in documents for record in document.records)
                self._quarantine.release(self._name, kept)

    def _concealed(self, record: Record) -> Record:
        return concealed(record, self._pseudonyms)


async def _body(request: Request, most_bytes: int) -> bytes | None:
    """The body, or None if it is larger than allowed; then most of it was not read."""
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared) > most_bytes:
        return None
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most_bytes:
            return None
        parts.append(part)
    return b"".join(parts)


def _is_allowed(request: Request, settings: ReceiverSettings) -> bool:
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in settings.allowed_addresses)


def _secret(path: Path) -> str:
    try:
        secret = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the receiver's path_secret_file {path} cannot be read: {type(error).__name__}"
        ) from None
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigurationError(f"others can read the receiver's secret {path}: run chmod 600 on it")
    if not SECRET.fullmatch(secret):
        raise ConfigurationError(f"{path}: the secret needs at least 16 of A–Z, a–z, 0–9, _ and -, and nothing else")
    return secret
