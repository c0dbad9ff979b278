"""A municipality small enough to serve at once, and a client that asks its Graph as plainly as possible."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import requests

from simulator.addresses import Address
from simulator.faults import Faults
from simulator.municipality import Municipality, simulate
from simulator.service import Service, serve

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""Weeks after the last call: every record has its last version."""
RECORDS = "/communications/callRecords"


@cache
def exempelby() -> Municipality:
    """Two months of 170 people: about 1,500 calls, one of them with 150 participants."""
    return simulate(people=170, months=2, seed=7, last_month=date(2026, 10, 1))


class Client:
    """Signs in once and asks; nothing is retried."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(address.ca_file)
        self.root = f"{address.base_url}/v1.0"

    def sign_in(self, **changes: str) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.address.client_id,
            "client_secret": self.address.client_secret,
            "scope": "https://localhost/.default",
        }
        answer = self.session.post(f"{self.address.authority}/oauth2/v2.0/token", data=form | changes)
        if answer.ok:
            self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return answer

    def ask(self, path: str, **headers: str) -> requests.Response:
        return self.session.get(path if path.startswith("https:") else self.root + path, headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        answer = self.ask(path, **headers)
        assert answer.ok, answer.text
        return answer.json()

    def refused(self, path: str, **headers: str) -> tuple[int, str]:
        answer = self.ask(path, **headers)
        return answer.status_code, answer.json()["error"]["code"]

    def pages(self, path: str, **headers: str) -> Iterator[Any]:
        link: str | None = path
        while link is not None:
            page = self.get(link, **headers)
            yield page["value"]
            link = page.get("@odata.nextLink")

    def all(self, path: str, **headers: str) -> list[Any]:
        return [item for page in self.pages(path, **headers) for item in page]

    def batch(self, *urls: str) -> requests.Response:
        members = [{"id": str(number), "method": "GET", "url": url} for number, url in enumerate(urls)]
        return self.session.post(f"{self.root}/$batch", json={"requests": members})


@contextmanager
def served(
    now: datetime = NOW, limits: Any = "simulator", faults: Faults | None = None
) -> Iterator[tuple[Service, Client]]:
    """A service with a client that has signed in."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"now": now, "folder": Path(folder), "limits": limits, "faults": faults or Faults()}
        with serve(exempelby(), **options) as service:
            client = Client(service.address)
            assert client.sign_in().ok
            yield service, client
