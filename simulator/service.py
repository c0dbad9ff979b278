"""Serves the simulated vendor over TLS from a thread; the client may run in the same process or elsewhere."""

from __future__ import annotations

import secrets
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl
from uuid import NAMESPACE_URL, uuid5

import msgspec
import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as WebRequest
from starlette.responses import Response
from starlette.routing import Route

from simulator.faults import Faults, Limits
from simulator.graph import Graph
from simulator.graph_requests import Request
from simulator.login import Login
from simulator.municipality import Municipality

_HOST = "localhost"


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


class Service:
    """A running service. Set ``faults`` or ``now`` between requests; setting either starts the faults anew."""

    def __init__(self, address: Address, graph: Graph, server: uvicorn.Server, thread: threading.Thread) -> None:
        self.address = address
        self._graph, self._server, self._thread = graph, server, thread

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self._graph.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._graph.set(self._graph.now, faults)

    @property
    def now(self) -> datetime:
        """The moment it is at the vendor."""
        return self._graph.now

    @now.setter
    def now(self, now: datetime) -> None:
        self._graph.set(now, self._graph.faults)

    @property
    def requests(self) -> Counter[str]:
        """Requests so far, by label of the route; members of a batch count under theirs."""
        return self._graph.requests.copy()

    def register_certificate(self, pem: str) -> None:
        """Let the application sign in with the private key of this certificate (PEM)."""
        self._graph.login.certificate = pem

    def stop(self) -> None:
        """Become unreachable."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()


@contextmanager
def serve(
    municipality: Municipality,
    *,
    now: datetime,
    folder: Path,
    faults: Faults = Faults(),  # noqa: B008 - frozen
    limits: Limits = "simulator",
    port: int = 0,
) -> Iterator[Service]:
    """Serve a municipality's Microsoft Graph until the block ends, whatever the calling thread does meanwhile.

    Args:
        municipality: whose.
        now: the moment it is there, with zone; records written later cannot be seen.
        folder: where the certificates go; made if it does not exist.
        faults: what goes wrong from the start.
        limits: ``documented`` keeps 30 days and enforces the vendor's rates.
        port: on localhost; 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listener = socket.create_server(("127.0.0.1", port))
    address = _register(municipality, f"https://{_HOST}:{listener.getsockname()[1]}", folder)
    login = Login(address.authority, address.tenant_id, address.client_id, address.client_secret)
    graph = Graph(municipality, address.base_url, login, now, limits)
    graph.set(now, faults)
    config = uvicorn.Config(
        application(graph),
        ssl_certfile=folder / "server.pem",
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True)
    thread.start()
    service = Service(address, graph, server, thread)
    try:
        yield service
    finally:
        service.stop()
        listener.close()


def _register(municipality: Municipality, root: str, folder: Path) -> Address:
    """Write certificates for the address and register an application."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert(_HOST, "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    return Address(
        base_url=f"{root}/graph",
        authority=f"{root}/login/{municipality.tenant_id}",
        tenant_id=municipality.tenant_id,
        client_id=str(uuid5(NAMESPACE_URL, municipality.tenant_id)),
        client_secret=secrets.token_urlsafe(30),
        ca_file=folder / "ca.pem",
    )


def application(graph: Graph) -> Starlette:
    """The web application around a Graph."""

    async def discover(request: WebRequest) -> Response:
        graph.requests["discovery"] += 1
        return _json(*graph.login.discover(request.path_params["tenant"]))

    async def token(request: WebRequest) -> Response:
        graph.requests["token"] += 1
        form = dict(parse_qsl((await request.body()).decode()))
        return _json(*graph.login.issue(request.path_params["tenant"], form, graph.faults))

    async def answer(request: WebRequest) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        asked = Request.of(request.method, request.path_params["path"] + query, request.headers)
        given = graph.answer(asked, await request.body())
        return Response(given.body, given.status, given.headers)

    return Starlette(
        routes=[
            Route("/login/{tenant}/v2.0/.well-known/openid-configuration", discover),
            Route("/login/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
            Route("/graph/v1.0/{path:path}", answer, methods=["GET", "POST", "PATCH", "DELETE"]),
        ]
    )


def _json(status: int, body: object) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
