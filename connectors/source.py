"""What every source of meeting logs looks like to the rest: a window in, pages of bytes out, a batch per page.

A connector is one module with two halves. ``fetch`` does all I/O, paging and limits; ``parse`` is pure and turns one
page into the contract's tables. The module's ``SOURCE`` ties them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from connectors.contract import Batch
from connectors.pseudonyms import Pseudonyms
from connectors.session import VendorSession
from connectors.transport import Network

Kind = Literal["meetings", "directory", "rooms", "bookings", "totals"]


class SourceSettings(BaseModel):
    """What every source's settings have in common; each connector adds its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    """Which connector reads the source."""
    limits: Literal["documented", "simulator"] = "documented"
    """``simulator`` lifts the vendor's documented limits and history for the demo's own vendor."""


@dataclass(frozen=True)
class Window:
    """From an instant up to, not including, another; both in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Page:
    """One answer as the vendor gave it.

    Attributes:
        what: what kind of thing it holds, a word of the connector's own.
        body: the bytes.
        about: what the bytes do not say themselves, such as which meeting they belong to.
    """

    what: str
    body: bytes
    about: Mapping[str, str]


@dataclass(frozen=True)
class Skipped:
    """Records that were asked for and did not come, under the rule that says why."""

    rule: str
    records: int = 1


@dataclass(frozen=True)
class Unchanged:
    """Records the vendor listed that are landed already in the same version, and were not asked for again."""

    records: int


@dataclass(frozen=True)
class Context:
    """What parsing may know beside the page: the organisation's pseudonyms and the day of the run."""

    pseudonyms: Pseudonyms
    today: date
    """Europe/Stockholm; the day on which a directory said what it said."""


@dataclass(frozen=True)
class Finding:
    """One thing ``resfri doctor`` looked at."""

    what: str
    is_good: bool
    message: str
    """What was found and, if it is not good, what to do."""


@dataclass(frozen=True)
class Source:
    """One connector.

    Attributes:
        type_name: what settings call it (``type``).
        kind: what it reads. Only meetings have a window; the others are read as they are today.
        settings: the class of its settings.
        open_session: a session for some settings.
        fetch: pages for a window; ``known`` holds the meetings already landed, id to version.
        parse: one page as rows of the contract.
        check: what the doctor wants to know.
        history: how far back the vendor remembers; None for as far as there is.
        late: how long after a meeting its record may still come or change.
    """

    type_name: str
    kind: Kind
    settings: type[SourceSettings]
    open_session: Callable[[str, Any, Network], VendorSession]
    fetch: Callable[[VendorSession, Any, Window, Mapping[str, int]], Iterator[Page | Skipped | Unchanged]]
    parse: Callable[[Page, Any, Context], Batch]
    check: Callable[[VendorSession, Any, datetime], Iterator[Finding]]
    history: timedelta | None = None
    late: timedelta = timedelta(days=3)
