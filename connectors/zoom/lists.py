"""The ways to a list of an account's meetings, and what is believed of an empty one.

What the plan has decides. ``history_meetings`` is asked first; where the vendor says that the plan lacks it, the
dashboard's list (Business), then the reports of each active host. Those two do not list webinars. Whatever the way, a
list that is empty while the vendor's own count by day is not is an error and never a quiet day.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import msgspec

from connectors.errors import RetryLater, SkippedRecord
from connectors.json_records import Id
from connectors.source import LOCAL, Window
from connectors.zoom.listings import SHAPES, Listing
from connectors.zoom.pages import List, read_all
from connectors.zoom.records import Day
from connectors.zoom.routes import DAILY, DASHBOARD, HISTORY, HOSTED, HOSTS
from connectors.zoom.session import HEAVY, INTENSIVE, PlanLacks, ZoomSession

LONGEST_SPAN = timedelta(days=30)
"""The vendor takes a month, and counts the first and the last day."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """A meeting in a list."""

    shape: str
    raw: msgspec.Raw
    listing: Listing


@dataclass
class Listed:
    """What a list says of a span."""

    meetings: list[Found] = field(default_factory=list)
    unread: list[dict[str, msgspec.Raw]] = field(default_factory=list)
    """Rows that are no meetings."""
    gone_hosts: int = 0
    """Hosts that were gone when their meetings were asked for."""


class _Host(msgspec.Struct):
    id: Id


def spans(window: Window) -> Iterator[Window]:
    """A window in parts that the vendor takes."""
    start = window.start
    while start < window.end:
        end = min(window.end, start + LONGEST_SPAN - timedelta(days=2))
        yield Window(start, end)
        start = end


def dates(span: Window) -> dict[str, str]:
    """The days of a span as the vendor wants them; wide enough whether it counts them in UTC or in local time."""
    last = (span.end - timedelta(microseconds=1)).astimezone(LOCAL).date()
    return {"from": span.start.astimezone(UTC).date().isoformat(), "to": last.isoformat()}


class Lists:
    """The ways to a list of meetings; a way that the plan lacks is not tried again."""

    def __init__(self, session: ZoomSession) -> None:
        self._session = session
        ways: dict[str, Callable[[Window, Listed], Iterable[msgspec.Raw]]] = {
            "history": self._history,
            "dashboard": self._dashboard,
            "hosted": self._hosted,
        }
        if session.account.plan != "business":
            del ways["dashboard"]
        self._ways = ways

    @property
    def way(self) -> str:
        """The way that is taken."""
        return next(iter(self._ways))

    def of(self, span: Window) -> Listed:
        """The meetings that began in a span, each once.

        Raises:
            PlanLacks: the plan has none of the ways. And as the session does.
        """
        while True:
            try:
                listed = Listed()
                rows = list(self._ways[self.way](span, listed))
            except PlanLacks as lacks:
                if len(self._ways) == 1:
                    raise
                del self._ways[self.way]
                _log.warning("%s; going on with the list of meetings called %s", lacks, self.way)
            else:
                _sort_out(self.way, rows, span, listed)
                return listed

    def hold_against(self, counts: Mapping[date, Day], span: Window, listed: Listed) -> None:
        """Refuse to take an empty list for a quiet time.

        Raises:
            RetryLater: the vendor counts meetings of several people on days that lie whole in the span.
        """
        whole = [day for day in counts if span.start <= _begins(day) and _begins(day + timedelta(days=1)) <= span.end]
        met = sum(counts[day].meetings for day in whole if (counts[day].participants or 0) > counts[day].meetings)
        if met and not listed.meetings and not listed.unread:
            raise RetryLater(
                f"{self._session.name}: the list of meetings called {self.way} is empty where {DAILY} counts {met}: "
                "nothing was taken as read, and the next run tries again. If it stays so, check that the app's owner "
                "has a role that may view reports, at zoom.us → User Management → Roles"
            )

    def _history(self, span: Window, _: Listed) -> Iterable[msgspec.Raw]:
        params = {**dates(span), "date_type": "start_time", "meeting_type": "all"}
        return read_all(self._session, List(HISTORY, "/report/history_meetings", "history_meetings", HEAVY, params))

    def _dashboard(self, span: Window, _: Listed) -> Iterable[msgspec.Raw]:
        for kind in ("past", "pastOne"):
            params = {**dates(span), "type": kind}
            yield from read_all(self._session, List(DASHBOARD, "/metrics/meetings", "meetings", INTENSIVE, params))

    def _hosted(self, span: Window, listed: Listed) -> Iterable[msgspec.Raw]:
        params = {**dates(span), "type": "active"}
        for raw in read_all(self._session, List(HOSTS, "/report/users", "users", HEAVY, params)):
            try:
                host = msgspec.json.decode(raw, type=_Host).id
            except msgspec.ValidationError:
                raise self._session.changed(HOSTS) from None
            url, query = f"/report/users/{quote(host, safe='')}/meetings", {**dates(span), "type": "past"}
            try:
                yield from read_all(self._session, List(HOSTED, url, "meetings", HEAVY, query), gone="host_gone")
            except SkippedRecord:
                listed.gone_hosts += 1


def _sort_out(shape: str, rows: Iterable[msgspec.Raw], span: Window, listed: Listed) -> None:
    """Keep what began in the span; of a meeting that is listed twice, the longer one."""
    found: dict[str, Found] = {}
    for raw in rows:
        try:
            listing = SHAPES[shape].decode(raw).listing
        except (msgspec.ValidationError, ValueError):
            listed.unread.append({shape: raw})  # rejected when it is parsed
            continue
        if span.start <= listing.started_at < span.end:
            other = found.get(listing.uuid)
            if other is None or other.listing.extent < listing.extent:
                found[listing.uuid] = Found(shape, raw, listing)
    listed.meetings += found.values()


def _begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
