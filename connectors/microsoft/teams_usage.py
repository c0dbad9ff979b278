"""Microsoft Teams by the vendor's own count: meetings organised and attended, day by day, for half a year back.

Documentation: Microsoft Graph REST v1.0, "getTeamsUserActivityCounts" and "getTeamsUserActivityUserDetail". Totals to
hold the call records against, and the only ones from before those begin. Numbers come one or two days late. The
report by person is added up: whom its rows are about, by name or concealed, is never looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec

from connectors.contract import Batch
from connectors.json_records import Understood, frame
from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.graph import graph_session, token_obtained
from connectors.microsoft.usage_reports import DAY, DAYS, PERIOD, PERIODS, Cell, read_days, read_period
from connectors.session import Limit, VendorSession
from connectors.source import (
    LOCAL,
    Context,
    Covered,
    Finding,
    Page,
    Skipped,
    Source,
    SourceSettings,
    Unchanged,
    Window,
    findings,
    local_midnight,
)
from connectors.transport import Network

COUNTS = "GET /reports/getTeamsUserActivityCounts"
DETAIL = "GET /reports/getTeamsUserActivityUserDetail"
PERMISSION = "Reports.Read.All"
LIMITS = {COUNTS: (Limit(14, 600),), DETAIL: (Limit(14, 600),), "": (Limit(40, 600),)}
"""Per app, tenant and report; and per tenant."""
HISTORY = timedelta(days=180)
LATE_DAYS = 4
"""The newest day is at most so old: numbers are up to two days late, and the vendor is sometimes later."""
_COLUMNS = "period_from period_to platform modality role basis meetings people".split()

ReportPeriod = Literal["D7", "D30", "D90", "D180"]


class TeamsUsageSettings(SourceSettings):
    """The usage reports of a Teams tenant."""

    type: Literal["teams_usage"] = "teams_usage"
    account: MicrosoftAccount
    people_period: ReportPeriod | None = "D30"
    """The days up to the newest that the totals over people span; None leaves them out. They overlap from one run to
    the next: to be read one by one, never added up."""


def _open(name: str, settings: TeamsUsageSettings, network: Network) -> VendorSession:
    limits = LIMITS if settings.limits == "documented" else {}
    return graph_session(name, settings.account, network, limits, dict.fromkeys((COUNTS, DETAIL), PERMISSION))


def _fetch(
    session: VendorSession,
    settings: TeamsUsageSettings,
    window: Window,
    known: Mapping[str, int],  # noqa: ARG001
) -> Iterator[Page | Skipped | Unchanged | Covered]:
    # all that the vendor remembers each time: it is one request, and numbers may be mended later
    days = read_days(session.name, COUNTS, _report(session, COUNTS, "D180"))
    yield Page(DAY, msgspec.json.encode(days), {})
    if settings.people_period is not None:
        period = read_period(session.name, DETAIL, _report(session, DETAIL, settings.people_period))
        if period is not None:
            yield Page(PERIOD, msgspec.json.encode(period), {})
    yield _covered(_dates(days), window)


def _report(session: VendorSession, route: str, period: ReportPeriod) -> bytes:
    return session.download(route, f"{route.removeprefix('GET ')}(period='{period}')", limit=route)


def _dates(days: Sequence[Mapping[str, Cell]]) -> list[date]:
    """The days of a report in their order; one that cannot be read is rejected when it is parsed."""
    found = []
    for row in days:
        try:
            found.append(date.fromisoformat(str(row["day"])))
        except ValueError:
            continue
    return sorted(found)


def _covered(days: Sequence[date], window: Window) -> Covered:
    """The part of the window that a report tells of."""
    if not days:
        return Covered(Window(window.start, window.start))
    start = max(window.start, local_midnight(days[0]))
    end = min(window.end, local_midnight(days[-1] + timedelta(days=1)))
    return Covered(Window(start, max(start, end)))


def _parse(page: Page, settings: TeamsUsageSettings, context: Context) -> Batch:  # noqa: ARG001
    reader = PERIODS if page.what == PERIOD else DAYS
    understood: Understood[Any] = reader.read(page.body, context.pseudonyms)
    rows = [
        (*record.period, "teams", "unknown", total.role, total.basis, total.number, total.people)
        for record in understood.records
        for total in record.totals()
    ]
    return Batch(
        frames={"meeting_totals": frame("meeting_totals", _COLUMNS, rows), **understood.frames()},
        pulled=understood.count,
        landed=len(understood.records),
        unparsed=tuple(understood.unparsed),
    )


def _check(session: VendorSession, settings: TeamsUsageSettings, now: datetime) -> Iterator[Finding]:
    def look_at_days() -> str | Finding:
        days = _dates(read_days(session.name, COUNTS, _report(session, COUNTS, "D30")))
        if days and (now.astimezone(LOCAL).date() - days[-1]).days <= LATE_DAYS:
            return f"allowed; the newest day is {days[-1]}"
        newest = f"the newest day is {days[-1]}" if days else "it holds no day"
        message = f"allowed, but {newest}: compare with Teams admin centre → Analytics & reports → Usage reports"
        return Finding(COUNTS, is_good=False, message=message)

    def look_at_people() -> str:
        if settings.people_period is None:
            return "left out by settings (people_period)"
        found = read_period(session.name, DETAIL, _report(session, DETAIL, settings.people_period))
        return "allowed" if found else "allowed; nobody is in it yet"

    steps: dict[str, Callable[[], str | Finding]] = {
        "token": lambda: token_obtained(session),
        COUNTS: look_at_days,
        DETAIL: look_at_people,
    }
    yield from findings(steps)


SOURCE = Source(
    type_name="teams_usage",
    kind="totals",
    settings=TeamsUsageSettings,
    open_session=_open,
    fetch=_fetch,
    parse=_parse,
    check=_check,
    history=HISTORY,
)
