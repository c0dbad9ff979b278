"""Months, working days and the Swedish clock of the simulated period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

LOCAL = ZoneInfo("Europe/Stockholm")
MINUTE = 60_000_000
"""Instants are whole microseconds since 1970 in UTC."""

Instants = npt.NDArray[np.int64]

_CLOSED_DAYS = frozenset(((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)))
_SATURDAY = 5


@dataclass(frozen=True)
class Period:
    """Whole calendar months, oldest first."""

    first: date
    months: int

    @classmethod
    def until(cls, last_month: date, months: int) -> Period:
        """The ``months`` months that end with the month of ``last_month``."""
        number = last_month.year * 12 + last_month.month - months
        return cls(date(number // 12, number % 12 + 1, 1), months)

    def month(self, index: int) -> date:
        """First day of the month with this index; the month after the last has index ``months``."""
        number = self.first.year * 12 + self.first.month - 1 + index
        return date(number // 12, number % 12 + 1, 1)

    @property
    def firsts(self) -> list[date]:
        """First day of every month."""
        return [self.month(index) for index in range(self.months)]

    @property
    def is_after(self) -> npt.NDArray[np.bool_]:
        """Per month: whether it lies in the second half, where the effect works."""
        return np.arange(self.months) >= self.months // 2

    def working_days(self, index: int) -> npt.NDArray[np.int64]:
        """The working days of a month as days since 1970."""
        day, found = self.month(index), []
        while day < self.month(index + 1):
            if day.weekday() < _SATURDAY and (day.month, day.day) not in _CLOSED_DAYS:
                found.append((day - date(1970, 1, 1)).days)
            day += timedelta(days=1)
        return np.array(found, dtype=np.int64)

    def clock_changes(self) -> list[date]:
        """The Sundays in the period on which the clock changes (last of March and October)."""
        changes = []
        for year in range(self.first.year, self.month(self.months).year + 1):
            for month in (3, 10):
                last = date(year, month, 31)
                changes.append(last - timedelta(days=(last.weekday() + 1) % 7))
        return [day for day in changes if self.first <= day < self.month(self.months)]


def instant(day: date, clock: time) -> int:
    """Microseconds since 1970 of a Swedish wall clock time."""
    return int(datetime.combine(day, clock, tzinfo=LOCAL).astimezone(UTC).timestamp()) * 1_000_000


def instants(days: npt.NDArray[np.int64], minutes: npt.NDArray[np.float64]) -> Instants:
    """Microseconds since 1970 of many Swedish wall clock times in the day (not in the hour the clock changes).

    Args:
        days: days since 1970.
        minutes: minutes after local midnight.
    """
    unique, position = np.unique(days, return_inverse=True)
    noon = [datetime.combine(date(1970, 1, 1) + timedelta(days=int(day)), time(12), tzinfo=LOCAL) for day in unique]
    offsets = np.array([int((at.utcoffset() or timedelta()).total_seconds()) for at in noon], dtype=np.int64)
    midnight = days * 86_400_000_000 - offsets[position] * 1_000_000
    return midnight + np.rint(minutes * MINUTE).astype(np.int64)


def local_date(at: int) -> date:
    """The Swedish date of an instant."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(LOCAL).date()
