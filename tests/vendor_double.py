"""What every vendor double is: a real HTTPS server on localhost with records and faults that a test sets.

A double for another vendor subclasses :class:`VendorDouble` and says how that vendor signs clients in, lists, pages
and refuses. The contract suite then runs against it unchanged.
"""

from __future__ import annotations

import ssl
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
import trustme

from connectors.registry import SOURCES
from connectors.source import Source

ELSEWHERE = "https://elsewhere.test"


@dataclass(frozen=True)
class Request:
    """One request; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """One answer; ``is_cut`` promises more bytes than come."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, msgspec.json.encode(value), {"Content-Type": "application/json", **(headers or {})})


@dataclass
class Faults:
    """What goes wrong; nothing at first."""

    wrong_credentials: bool = False
    is_denied: bool = False
    """The permission is missing."""
    token_uses: int | None = None
    """Requests a token is good for."""
    next: deque[Answer] = field(default_factory=deque)
    """Given to the next requests instead of what they ask for."""
    always: Answer | None = None
    """Given to every request instead of what it asks for."""
    link: Literal["off_host", "looping"] | None = None
    has_duplicate_pages: bool = False
    arrange: Callable[[list[Any]], list[Any]] = lambda rows: rows
    """Brings a list into another order, or repeats some of it."""


class VendorDouble:
    """A vendor; use as a context manager."""

    type_name: ClassVar[str]
    """Of the connector under test."""
    table: ClassVar[str]
    """Where a record becomes one row."""
    where_to_mend: ClassVar[str]
    """What a message about a missing permission must name."""
    secret = "s3cret~of~the~app"
    people = ("anna.ek@exempelby.example", "bo.lind@exempelby.example", "cilla.borg@exempelby.example")

    def __init__(self, folder: Path) -> None:
        self.faults = Faults()
        self.page_size = 2
        self.requests: list[Request] = []
        self.on_request: Callable[[int], None] = lambda _number: None
        """Told the number of each request before it is answered."""
        self._tokens: dict[str, int | None] = {}
        self._lock = threading.Lock()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.root = f"https://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> VendorDouble:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Become unreachable."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def source(self) -> Source:
        return SOURCES[self.type_name]

    @property
    def never_told(self) -> Sequence[str]:
        """What must not stand in any message or log line."""
        return (self.secret, *self._tokens, *self.people, "Anna Ek")

    # -- what each vendor says ----------------------------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        """The source's settings as plain values; secrets as a file, so that another process can read them too."""
        raise NotImplementedError

    def put(self, record_id: str, started_at: datetime, people: int = 2, version: int = 1) -> None:
        """Add or replace a record; sources without a start or people ignore them."""
        raise NotImplementedError

    def remove(self, record_id: str) -> None:
        """Forget a record."""
        raise NotImplementedError

    def spoil(self, record_id: str) -> None:
        """Take something out of a record that it cannot be understood without."""
        raise NotImplementedError

    def is_sign_in(self, request: Request) -> bool:
        raise NotImplementedError

    def sign_in(self, request: Request) -> Answer:
        raise NotImplementedError

    def answer(self, request: Request) -> Answer:
        """The answer to a request that may pass."""
        raise NotImplementedError

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> Answer:
        """A refusal as this vendor writes it."""
        raise NotImplementedError

    # -- for all vendors ----------------------------------------------------------------------------------------

    def new_token(self) -> str:
        token = f"token-{len(self._tokens)}-of-this-run"
        self._tokens[token] = self.faults.token_uses
        return token

    def respond(self, request: Request) -> Answer:
        if self.is_sign_in(request):
            return self.sign_in(request)
        with self._lock:
            self.requests.append(request)
            self.on_request(len(self.requests))
            if self.faults.always is not None:
                return self.faults.always
            if self.faults.next:
                return self.faults.next.popleft()
            if not self._accepts(request.headers.get("authorization", "").removeprefix("Bearer ")):
                return self.refuse(401)
            if self.faults.is_denied:
                return self.refuse(403)
            return self.answer(request)

    def _accepts(self, token: str) -> bool:
        if token not in self._tokens:
            return False
        left = self._tokens[token]
        if left is not None:
            self._tokens[token] = left - 1
        return left is None or left > 0

    def page(self, rows: Sequence[Any], token: str | None, size: int) -> tuple[list[Any], str | None]:
        """The rows of a page and the token of the next one, with the faults of paging."""
        place, _, turn = (token or "0").partition("r")
        first = int(place)
        rows = self.faults.arrange(list(rows))
        following = str(first + size) if first + size < len(rows) else None
        if self.faults.has_duplicate_pages and not turn:
            following = f"{first}r2"
        if self.faults.link == "looping":
            following = f"{first}r{turn}" if turn else f"{first}r1"
        if self.faults.link == "off_host":
            following = "1"
        return rows[first : first + size], following


def _handler(double: VendorDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            request = Request(self.command, unquote(parts.path), query, headers, self.rfile.read(length))
            answer = double.respond(request)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + 100 * answer.is_cut))
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()
            self.close_connection = answer.is_cut

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            with suppress(OSError):  # the client is gone, or does not trust us
                super().handle()

    return Handler
