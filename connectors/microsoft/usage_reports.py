"""Usage reports of Teams as Microsoft writes them (CSV), as far as they are read, and the totals in them.

Only numbers and dates are read: whom a row is about has no place here, so concealed names make no difference.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec

from connectors.errors import RetryLater, VendorChanged
from connectors.json_records import RecordReader

DAY, PERIOD = "usageDay", "usagePeriod"
"""What a page holds: an array of days, or one report over people."""
REFRESHED, REPORT_PERIOD = "Report Refresh Date", "Report Period"
DAY_HEADINGS: Mapping[str, str] = {
    "Report Date": "day",
    "Meetings Organized": "organised",
    "Meetings Attended": "attended",
    "Meetings": "meetings",
    "Calls": "calls",
}
"""Heading to field, of the report by day; reports before 2021 have no meetings organised and attended."""
PERSON_HEADINGS: Mapping[str, str] = {
    "Meetings Organized Count": "organised",
    "Meetings Attended Count": "attended",
    "Meeting Count": "meetings",
    "Call Count": "calls",
}
"""The same of the report by person."""

Number = Annotated[int, msgspec.Meta(ge=0)]
Cell = int | str | None


@dataclass(frozen=True)
class Total:
    """One number of a report.

    Attributes:
        role: whether a meeting counts once (organised) or once per person (attended).
        basis: of the contract; calls of two are counted apart.
        number: meetings or calls.
        people: who have any, where that is told.
    """

    role: str
    basis: str
    number: int
    people: int | None = None


class Counts(msgspec.Struct):
    """The numbers of a day or of a person; None where the report has none."""

    organised: Number | None = None
    attended: Number | None = None
    meetings: Number | None = None
    calls: Number | None = None


class Day(Counts, kw_only=True):
    """One day of all people."""

    day: date

    @property
    def period(self) -> tuple[date, date]:
        """First and last day."""
        return self.day, self.day

    def totals(self) -> Iterator[Total]:
        """Its totals; the report does not say whether a call counts once or for both."""
        told = {"organised": self.organised, "attended": self.attended}
        if self.organised is None and self.attended is None:
            told = {"unknown": self.meetings}
        yield from (Total(role, "vendor_report", number) for role, number in told.items() if number is not None)
        if self.calls is not None:
            yield Total("unknown", "one_to_one", self.calls)


class Period(msgspec.Struct):
    """Some days up to the newest, person by person."""

    refreshed_on: date
    days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    people: list[Counts]

    @property
    def period(self) -> tuple[date, date]:
        """First and last day."""
        return self.refreshed_on - timedelta(days=self.days - 1), self.refreshed_on

    def totals(self) -> Iterator[Total]:
        """Its totals; a number that is missing for somebody has none."""
        organised, attended = self._sum("organised"), self._sum("attended")
        roles = {"organised": organised, "attended": attended}
        if organised is None and attended is None:
            roles = {"unknown": self._sum("meetings")}
        yield from (Total(role, "vendor_report", *found) for role, found in roles.items() if found is not None)
        calls = self._sum("calls")
        if calls is not None:
            yield Total("attended", "one_to_one", *calls)

    def _sum(self, name: str) -> tuple[int, int] | None:
        numbers = [getattr(person, name) for person in self.people]
        return None if None in numbers else (sum(numbers), sum(number > 0 for number in numbers))


DAYS = RecordReader(Day, DAY)
PERIODS = RecordReader(Period, PERIOD)


def read_days(source: str, route: str, content: bytes) -> list[dict[str, Cell]]:
    """The days of a report, unread.

    Args:
        source: for messages.
        route: for messages.
        content: the CSV, UTF-8 with or without a byte-order mark.

    Raises:
        RetryLater: the file breaks off.
        VendorChanged: it is something else, or lacks a heading that is needed.
    """
    rows = _rows(source, route, content, ["Report Date"], DAY_HEADINGS)
    return [{field: _cell(row[heading]) for heading, field in DAY_HEADINGS.items() if heading in row} for row in rows]


def read_period(source: str, route: str, content: bytes) -> dict[str, Any] | None:
    """A report by person, unread and without whom it is about; None if nobody is in it. Raises as :func:`read_days`."""
    rows = _rows(source, route, content, [REFRESHED, REPORT_PERIOD], PERSON_HEADINGS)
    spans = {(row[REFRESHED], row[REPORT_PERIOD]) for row in rows}
    if len(spans) > 1:
        raise _changed(source, route, "rows of several periods")
    if not rows:
        return None
    ((refreshed_on, days),) = spans
    people = [{field: _cell(row[name]) for name, field in PERSON_HEADINGS.items() if name in row} for row in rows]
    return {"refreshed_on": refreshed_on, "days": _cell(days), "people": people}


def _rows(
    source: str, route: str, content: bytes, needed: Sequence[str], counted: Mapping[str, str]
) -> list[dict[str, str]]:
    if content.lstrip()[:1] == b"<":
        raise _changed(source, route, "a web page")
    try:
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    except (UnicodeDecodeError, csv.Error, ValueError):
        raise _changed(source, route, "something else") from None
    if not set(needed) <= set(header) or not set(counted) - set(needed) & set(header):
        raise _changed(source, route, "other columns")
    rows = [row for row in rows if row]
    if any(len(row) != len(header) for row in rows):
        raise RetryLater(f"{source}: the report that {route} led to broke off; the next run tries again")
    return [dict(zip(header, row, strict=True)) for row in rows]


def _cell(text: str) -> Cell:
    """A number where there is one, None for nothing, and what is neither as it is."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else text or None


def _changed(source: str, route: str, what: str) -> VendorChanged:
    return VendorChanged(
        f"{source}: {route} led to {what} instead of the report: check whether a proxy or sign-in page stands between, "
        "and look for a newer resfri"
    )
