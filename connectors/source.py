"""What every source of meeting logs looks like to the rest: a window in, pages of bytes out, a batch per page.

A connector is one module with two halves. ``fetch`` does all I/O, paging and limits; ``parse`` is pure and turns one
page into the contract's tables. The module's ``SOURCE`` ties them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec
from pydantic import BaseModel, ConfigDict

from connectors.contract import Batch
from connectors.errors import ConnectorError
from connectors.pseudonyms import Pseudonyms
from connectors.transport import Meter, Network

LOCAL = ZoneInfo("Europe/Stockholm")
"""Where days begin and end."""

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

    def by_local_day(self) -> Iterator[tuple[date, Window]]:
        """The days in Europe/Stockholm that the window touches, each with the part of it that lies in the window."""
        start = self.start
        while start < self.end:
            day = start.astimezone(LOCAL).date()
            end = min(self.end, local_midnight(day + timedelta(days=1)))
            yield day, Window(start, end)
            start = end


def local_midnight(day: date) -> datetime:
    """When a day begins in Europe/Stockholm, in UTC; days of 23 and 25 hours come out right."""
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC)


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
class Listed:
    """All bookings of one room that overlap a window: those landed there before that are not among them are gone.

    Attributes:
        room: the room's address.
        window: what was asked for and read to its end.
        booking_ids: everything the vendor listed, understood or not.
    """

    room: str
    window: Window
    booking_ids: frozenset[str]


@dataclass(frozen=True)
class Gap:
    """A part of a window in which records were lost on the way, and how many."""

    window: Window
    records: int


@dataclass(frozen=True)
class Covered:
    """What a source that is told things, and cannot ask, knows of the window; without it, all of it is known.

    What lies before and after was not heard of yet and does not count as read.
    """

    window: Window
    gaps: tuple[Gap, ...] = ()

    def whole(self) -> Iterator[Window]:
        """The parts without a loss."""
        start = self.window.start
        for gap in sorted(self.gaps, key=lambda gap: gap.window.start):
            if gap.window.start > start:
                yield Window(start, gap.window.start)
            start = max(start, gap.window.end)
        if start < self.window.end:
            yield Window(start, self.window.end)


class Session(Protocol):
    """What a connector works with while it fetches."""

    meter: Meter


@dataclass
class LocalSession:
    """The session of a source whose records are on this computer: it asks nobody."""

    name: str
    meter: Meter = field(default_factory=Meter)


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


def findings(steps: Mapping[str, Callable[[], str | Finding]]) -> Iterator[Finding]:
    """Look at one thing after the other, until one fails.

    Args:
        steps: what is looked at, to a function that says what it found.
    """
    for what, look in steps.items():
        try:
            found = look()
        except ConnectorError as error:
            yield Finding(what, is_good=False, message=str(error))
            return
        except msgspec.ValidationError:
            yield Finding(what, is_good=False, message="the answer is not understood; look for a newer resfri")
            return
        yield found if isinstance(found, Finding) else Finding(what, is_good=True, message=found)


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
        history: how far back the vendor remembers; None for as far as there is. See :meth:`remembers`.
        late: how long after a meeting its record may still come or change.
    """

    type_name: str
    kind: Kind
    settings: type[SourceSettings]
    open_session: Callable[[str, Any, Network], Session]
    fetch: Callable[[Any, Any, Window, Mapping[str, int]], Iterator[Page | Skipped | Unchanged | Covered | Listed]]
    parse: Callable[[Page, Any, Context], Batch]
    check: Callable[[Any, Any, datetime], Iterator[Finding]]
    history: timedelta | None = None
    late: timedelta = timedelta(days=3)

    def remembers(self, settings: SourceSettings) -> timedelta | None:
        """How far back the vendor of these settings remembers: the demo's own keeps everything."""
        return None if settings.limits == "simulator" else self.history
