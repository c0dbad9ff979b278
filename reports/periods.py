"""Periods as people write them: ``2026``, ``2026-Q2``, ``2026-06`` and twelve months, ``2025-11/2026-10``."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

from babel.dates import format_date

from reports.errors import PeriodUnknown

PeriodKind = Literal["month", "quarter", "year", "rolling_12"]
LanguageCode = Literal["sv", "en"]
LOCALES: dict[str, str] = {"sv": "sv_SE", "en": "en_GB"}

_MONTHS_IN: dict[str, int] = {"month": 1, "quarter": 3, "year": 12, "rolling_12": 12}
_QUARTERS = {
    "sv": ("första", "andra", "tredje", "fjärde"),
    "en": ("the first", "the second", "the third", "the fourth"),
}
_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})-?[QqKk]([1-4])")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_TWELVE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])/(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Period:
    """A closed period as the published tables name it: its kind and its last day."""

    end: date
    kind: PeriodKind

    @property
    def months(self) -> tuple[date, ...]:
        """First days of the months in the period, oldest first."""
        return months_to(self.end, _MONTHS_IN[self.kind])

    @property
    def text(self) -> str:
        """The period as it is written in commands, e.g. ``2026-Q2``; ``parse_period`` reads it back."""
        first = self.months[0]
        match self.kind:
            case "year":
                return f"{self.end:%Y}"
            case "quarter":
                return f"{self.end:%Y}-Q{(self.end.month + 2) // 3}"
            case "month":
                return f"{self.end:%Y-%m}"
            case "rolling_12":
                return f"{first:%Y-%m}/{self.end:%Y-%m}"

    @property
    def slug(self) -> str:
        """The period as part of a file name."""
        return self.text.replace("/", "_")

    def label(self, language: LanguageCode) -> str:
        """The period in words, e.g. ``andra kvartalet 2026``."""
        match self.kind:
            case "year":
                return f"{self.end:%Y}"
            case "quarter":
                which = _QUARTERS[language][(self.end.month - 1) // 3]
                return f"{which} {'kvartalet' if language == 'sv' else 'quarter of'} {self.end:%Y}"
            case "month":
                return month_label(self.end, language)
            case "rolling_12":
                return f"{month_label(self.months[0], language)}–{month_label(self.end, language)}"

    def in_years_before(self, first: date, last: date) -> Period | None:
        """The same months, one or more years earlier, that lie between two days.

        Args:
            first: first day of the baseline.
            last: last day of the baseline.

        Returns:
            The counterpart, or None where the baseline does not hold it or the period is part of the baseline.
        """
        for year in range(self.end.year - 1, first.year - 1, -1):
            end = date(year, self.end.month, monthrange(year, self.end.month)[1])
            earlier = Period(end, self.kind)
            if first <= earlier.months[0] and end <= last:
                return earlier
        return None


def parse_period(text: str) -> Period:
    """Read a period.

    Args:
        text: ``2026``, ``2026-Q2`` (also ``2026-K2``), ``2026-06``, or twelve months as ``2025-11/2026-10``.

    Raises:
        PeriodUnknown: the text is none of these; the message shows how to write one.
    """
    text = text.strip()
    if match := _YEAR.fullmatch(text):
        return Period(date(int(match[1]), 12, 31), "year")
    if match := _QUARTER.fullmatch(text):
        return Period(_last_day(int(match[1]), int(match[2]) * 3), "quarter")
    if match := _MONTH.fullmatch(text):
        return Period(_last_day(int(match[1]), int(match[2])), "month")
    if match := _TWELVE.fullmatch(text):
        period = Period(_last_day(int(match[3]), int(match[4])), "rolling_12")
        if f"{period.months[0]:%Y-%m}" == text.partition("/")[0]:
            return period
    raise PeriodUnknown(
        f"'{text}' is not a period. Write a year (2026), a quarter (2026-Q2), a month (2026-06) "
        "or twelve months (2025-11/2026-10)."
    )


def months_to(end: date, count: int) -> tuple[date, ...]:
    """First days of the ``count`` months up to and with the month of ``end``, oldest first."""
    last = end.year * 12 + end.month - 1
    return tuple(date(number // 12, number % 12 + 1, 1) for number in range(last - count + 1, last + 1))


def month_label(day: date, language: LanguageCode) -> str:
    """A month in words with its year, e.g. ``juni 2026``."""
    return str(format_date(day, "LLLL y", locale=LOCALES[language]))


def month_short(day: date, language: LanguageCode) -> str:
    """A month's name in three letters, for axes; never with a full stop."""
    return str(format_date(day, "LLL", locale=LOCALES[language])).rstrip(".")[:3]


def _last_day(year: int, month: int) -> date:
    if year == 0:
        raise PeriodUnknown("Year 0000 does not exist. Write the period's year with four digits, e.g. 2026.")
    return date(year, month, monthrange(year, month)[1])
