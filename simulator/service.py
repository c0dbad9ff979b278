"""Serves the simulated vendor over TLS from a thread; the client may run in the same process or elsewhere."""

from __future__ import annotations

import secrets
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
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

from simulator.addresses import Address, WebexAddress, ZoomAddress
from simulator.faults import Faults, Limits
from simulator.graph import Graph
from simulator.graph_requests import Answer, Request
from simulator.login import Login
from simulator.municipality import Municipality
from simulator.vendor_api import VendorApi
from simulator.webex import Webex
from simulator.webex_payloads import SITE
from simulator.zoom import Zoom

_HOST = "localhost"


@dataclass(frozen=True)
class Vendors:
    """Everyone the service answers for."""

    graph: Graph
    zoom: Zoom
    webex: Webex

    def set(self, now: datetime, faults: Faults) -> None:
        """Move their clocks and switch faults."""
        for vendor in (self.graph, self.zoom, self.webex):
            vendor.set(now, faults)


class Service:
    """A running service. Set ``faults`` or ``now`` between requests; setting either starts the faults anew."""

    def __init__(self, address: Address, vendors: Vendors, server: uvicorn.Server, thread: threading.Thread) -> None:
        self.address = address
        self._vendors, self._graph, self._server, self._thread = vendors, vendors.graph, server, thread

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self._graph.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._vendors.set(self._graph.now, faults)

    @property
    def now(self) -> datetime:
        """The moment it is at the vendor."""
        return self._graph.now

    @now.setter
    def now(self, now: datetime) -> None:
        self._vendors.set(now, self._graph.faults)

    @property
    def requests(self) -> Counter[str]:
        """Requests so far, by label of the route; members of a batch count under theirs."""
        return self._graph.requests + self._vendors.zoom.requests + self._vendors.webex.requests

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
    """Serve a municipality's Microsoft Graph, Zoom and Webex until the block ends, whatever its thread does meanwhile.

    Args:
        municipality: whose.
        now: the moment it is there, with zone; records written later cannot be seen.
        folder: where the certificates go; made if it does not exist.
        faults: what goes wrong from the start.
        limits: ``documented`` keeps as many days as each vendor does (30, 180 and 90), and enforces Graph's rates.
        port: on localhost; 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listener = socket.create_server(("127.0.0.1", port))
    address = _register(municipality, f"https://{_HOST}:{listener.getsockname()[1]}", folder)
    login = Login(address.authority, address.tenant_id, address.client_id, address.client_secret)
    zoom = Zoom(municipality, address.zoom, now, limits)
    webex = Webex(municipality, address.webex, now, limits)
    vendors = Vendors(Graph(municipality, address.base_url, login, now, limits), zoom, webex)
    vendors.set(now, faults)
    config = uvicorn.Config(
        application(vendors),
        ssl_certfile=folder / "server.pem",
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True)
    thread.start()
    service = Service(address, vendors, server, thread)
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
        zoom=ZoomAddress(
            base_url=f"{root}/zoom/v2",
            token_url=f"{root}/zoom/oauth/token",
            account_id=_made_up(municipality, "zoom account"),
            client_id=_made_up(municipality, "zoom app"),
            client_secret=secrets.token_urlsafe(30),
        ),
        webex=WebexAddress(
            base_url=f"{root}/webex/v1",
            token_url=f"{root}/webex/v1/access_token",
            client_id=_made_up(municipality, "webex app"),
            client_secret=secrets.token_urlsafe(30),
            refresh_token=secrets.token_urlsafe(60),
            site=SITE,
        ),
    )


def _made_up(municipality: Municipality, what: str) -> str:
    return uuid5(NAMESPACE_URL, f"{municipality.tenant_id} {what}").hex


def application(vendors: Vendors) -> Starlette:
    """The web application around the vendors."""
    graph, zoom, webex = vendors.graph, vendors.zoom, vendors.webex

    async def discover(request: WebRequest) -> Response:
        graph.requests["discovery"] += 1
        return _json(*graph.login.discover(request.path_params["tenant"]))

    async def token(request: WebRequest) -> Response:
        graph.requests["token"] += 1
        form = dict(parse_qsl((await request.body()).decode()))
        return _json(*graph.login.issue(request.path_params["tenant"], form, graph.faults))

    async def answer(request: WebRequest) -> Response:
        return _response(graph.answer(_asked(request), await request.body()))

    async def download(request: WebRequest) -> Response:
        graph.requests["download"] += 1
        report = graph.usage.fetch(request.path_params["ticket"])
        if report is None or "authorization" in request.headers:
            return Response(status_code=403)
        return Response(report, media_type="application/octet-stream")

    async def zoom_token(request: WebRequest) -> Response:
        zoom.requests["zoom token"] += 1
        form = dict(parse_qsl((await request.body()).decode())) | dict(request.query_params)
        return _response(zoom.token(request.headers.get("authorization", ""), form))

    async def webex_token(request: WebRequest) -> Response:
        webex.requests["webex token"] += 1
        return _response(webex.token(dict(parse_qsl((await request.body()).decode()))))

    def answers(vendor: VendorApi) -> Callable[[WebRequest], Awaitable[Response]]:
        async def answer(request: WebRequest) -> Response:
            return _response(vendor.answer(_asked(request)))

        return answer

    return Starlette(
        routes=[
            Route("/login/{tenant}/v2.0/.well-known/openid-configuration", discover),
            Route("/login/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
            Route("/graph/v1.0/{path:path}", answer, methods=["GET", "POST", "PATCH", "DELETE"]),
            Route("/downloads/{ticket}", download),
            Route("/zoom/oauth/token", zoom_token, methods=["POST"]),
            Route("/zoom/v2/{path:path}", answers(zoom)),
            Route("/webex/v1/access_token", webex_token, methods=["POST"]),
            Route("/webex/v1/{path:path}", answers(webex)),
        ]
    )


def _asked(request: WebRequest) -> Request:
    """The path is decoded once by now, as behind any vendor's gateway."""
    query = f"?{request.url.query}" if request.url.query else ""
    return Request.of(request.method, request.path_params["path"] + query, request.headers)


def _response(given: Answer) -> Response:
    return Response(given.body, given.status, given.headers)


def _json(status: int, body: object) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
