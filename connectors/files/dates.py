"""Reads the dates and times of an export, however they are written; vectorised, and never by guessing.

``03/04/2024`` is a day in March or in April. Which one is settled by the other values of the same column, where one of
them can only be read one way, or by the profile; until then the value is NULL and its row is rejected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import polars as pl

from connectors.contract import WALL_CLOCK

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""A year outside these is a typing error; landing it would stretch the file's period over centuries."""

DateOrder = Literal["day_first", "month_first"]

EXCEL_DAY_ZERO = pl.datetime(1899, 12, 30)
"""What a workbook counts days from, as it has been since March 1900."""

_TIME = r"[ t](?:kl\.? ?)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?(?: ?([ap])m)?$"
_CLOCK = r"^(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?(?: ?([ap])m)?$"
_WEEKDAY = r"^(?:mån|tis|ons|tor|fre|lör|sön|mon|tue|wed|thu|fri|sat|sun)[a-zåäö]*\.?,? (?:den )?"
_YEAR_FIRST = (r"^(\d{4})[-./](\d{1,2})[-./](\d{1,2})$", r"^(\d{4})(\d{2})(\d{2})$")
_DAY_FIRST = (r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$", r"^(\d{1,2})/(\d{1,2})[ -]+(\d{4})$")
_EITHER = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$"
_NAMED = r"^(\d{1,2})\.?[ -]([a-zåäö]{3,9})\.?,?[ -](\d{4})$"
_NAME_FIRST = r"^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})$"
_MONTH = r"^(\d{4})-(\d{2})$"
_MONTH_NAMED = r"^([a-zåäö]{3,9})\.?,? (\d{4})$"
_WEEK = r"^(\d{4})[- ]?(?:w|v|vecka|week)\.? ?(\d{1,2})$"
_WEEK_FIRST = r"^(?:w|v|vecka|week)\.? ?(\d{1,2})[ ,/-]+(\d{4})$"
_SERIAL = r"^(\d{5}(?:[.,]\d+)?)$"

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january", "feb febr februari february", "mar mars march", "apr april", "maj may",
            "jun juni june", "jul juli july", "aug augusti august", "sep sept september", "okt oct oktober october",
            "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip


def wall_clock(text: pl.Expr, order: DateOrder | None = None) -> pl.Expr:
    """A local date, or date and time, as a datetime without zone.

    Understands ISO 8601, ``20240301``, ``01.03.2024``, ``1/3 2024``, ``03/25/2024``, ``1 mars 2024``, the serial
    number of a workbook's day, a month (its first day) and a week (its Monday), each but the serial number with a
    time after it.

    Args:
        text: the cells of one whole column: its values settle whether day or month comes first.
        order: which comes first, where that is known.
    """
    return text.map_batches(lambda column: moments(column, order), return_dtype=WALL_CLOCK)


def moments(column: pl.Series, order: DateOrder | None = None) -> pl.Series:
    """The same for a column: every spelling of a day, and of a time of day, is read once."""
    frame = column.to_frame("text").select(text=_plain(pl.col("text")))
    frame = frame.select("text", day=_date_part(pl.col("text")), time=pl.col("text").str.extract(f"({_TIME})"))
    day = each_once(frame["day"], lambda text: _day(text, order))
    since_midnight = each_once(frame["time"], lambda text: _clock(text, _TIME))
    frame = frame.select(
        "text", day=day, time=pl.when(frame["time"].is_null()).then(pl.duration()).otherwise(since_midnight)
    )
    moment = pl.coalesce(pl.col("day") + pl.col("time"), _serial(pl.col("text")))
    in_range = pl.col("moment").dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return frame.select(moment=moment.cast(WALL_CLOCK)).select(pl.when(in_range).then("moment")).to_series()


def each_once(column: pl.Series, read: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """Read every distinct text of a column once."""
    distinct = column.unique().to_frame("text")
    known = distinct.with_columns(read(pl.col("text")).alias("value"))
    return column.to_frame("text").join(known, on="text", how="left", nulls_equal=True, maintain_order="left")["value"]


def _day(day: pl.Expr, order: DateOrder | None) -> pl.Expr:
    year_first = [_date(_part(day, shape, 1), _part(day, shape, 2), _part(day, shape, 3)) for shape in _YEAR_FIRST]
    day_first = [_date(_part(day, shape, 3), _part(day, shape, 2), _part(day, shape, 1)) for shape in _DAY_FIRST]
    named = [
        _date(_part(day, _NAMED, 3), _month_number(day, _NAMED, 2), _part(day, _NAMED, 1)),
        _date(_part(day, _NAME_FIRST, 3), _month_number(day, _NAME_FIRST, 1), _part(day, _NAME_FIRST, 2)),
    ]
    return pl.coalesce(*year_first, *day_first, *named, _either(day, order), *_months(day), *_weeks(day))


def precision(text: pl.Expr) -> pl.Expr:
    """How exact a date is as it is written: ``minute``, ``day``, or ``month`` for months and weeks."""
    text = _plain(text)
    coarse = "|".join((_MONTH, _MONTH_NAMED, _WEEK, _WEEK_FIRST))
    return (
        pl.when(text.str.contains(_TIME) | text.str.contains(r"^\d{5}[.,]\d"))
        .then(pl.lit("minute"))
        .when(text.str.contains(coarse))
        .then(pl.lit("month"))
        .otherwise(pl.lit("day"))
    )


def month(text: pl.Expr) -> pl.Expr:
    """A month (``2025-03``, ``202503``, ``mars 2025``, or any day of it) as its first day."""
    dashed = text.str.replace(r"^((?:19|20)\d{2})(0[1-9]|1[0-2])$", "${1}-${2}")
    day = wall_clock(dashed)
    is_week = _plain(dashed).str.contains(f"{_WEEK}|{_WEEK_FIRST}")
    return pl.when(~is_week).then(day.dt.date().dt.month_start())


def clock(text: pl.Expr) -> pl.Expr:
    """A time of day (``08:15``, ``8.15``, ``0815``, ``3:15 pm``) as the duration since midnight."""
    dotted = _plain(text).str.replace(r"^(\d{2})(\d{2})$", "${1}:${2}")
    return pl.when(dotted.str.contains(_CLOCK)).then(_clock(dotted, _CLOCK))


def _plain(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"\s+", " ").str.replace(_WEEKDAY, "")


def _date_part(text: pl.Expr) -> pl.Expr:
    return text.str.replace(_TIME, "").str.strip_chars(" ,")


def _part(text: pl.Expr, shape: str, group: int) -> pl.Expr:
    return text.str.extract(shape, group).cast(pl.Int32, strict=False)


def _month_number(text: pl.Expr, shape: str, group: int) -> pl.Expr:
    name = text.str.extract(shape, group)
    return name.replace_strict(list(_MONTHS), list(_MONTHS.values()), default=None, return_dtype=pl.Int32)


def _date(year: pl.Expr, number: pl.Expr, day: pl.Expr) -> pl.Expr:
    """A date at midnight, NULL where there is no such day."""
    digits = pl.concat_str(year, number, day, separator="-")
    return digits.str.to_datetime("%Y-%m-%d", strict=False, time_unit="us")


def _either(day: pl.Expr, order: DateOrder | None) -> pl.Expr:
    """Dates of which day or month may come first; NULL where nothing settles it."""
    first, second, year = (_part(day, _EITHER, group) for group in (1, 2, 3))
    by_day, by_month = _date(year, second, first), _date(year, first, second)
    if order:
        return by_day if order == "day_first" else by_month
    only_day, only_month = (first > 12).fill_null(value=False), (second > 12).fill_null(value=False)
    says_day, says_month = only_day.any(), only_month.any()
    return (
        pl.when(only_day | (first == second) | (says_day & ~says_month & ~only_month))
        .then(by_day)
        .when(only_month | (says_month & ~says_day))
        .then(by_month)
    )


def _months(day: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    first = pl.lit(1, pl.Int32)
    return (
        _date(_part(day, _MONTH, 1), _part(day, _MONTH, 2), first),
        _date(_part(day, _MONTH_NAMED, 2), _month_number(day, _MONTH_NAMED, 1), first),
    )


def _weeks(day: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    return (
        _monday(_part(day, _WEEK, 1), _part(day, _WEEK, 2)),
        _monday(_part(day, _WEEK_FIRST, 2), _part(day, _WEEK_FIRST, 1)),
    )


def _monday(year: pl.Expr, week: pl.Expr) -> pl.Expr:
    """The Monday of an ISO week; NULL where the year has no such week."""
    in_first_week = _date(year, pl.lit(1, pl.Int32), pl.lit(4, pl.Int32))
    days = 7 * (week.cast(pl.Int64) - 1) - in_first_week.dt.weekday().cast(pl.Int64) + 1
    monday = in_first_week + pl.duration(days=days)
    return pl.when((monday.dt.iso_year() == year) & (monday.dt.week() == week)).then(monday)


def _serial(text: pl.Expr) -> pl.Expr:
    days = text.str.extract(_SERIAL, 1).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return EXCEL_DAY_ZERO + pl.duration(seconds=(days * 86_400).round().cast(pl.Int64))


def _clock(text: pl.Expr, shape: str) -> pl.Expr:
    """The time of day in a text as a duration; nothing where none is written, NULL where there is no such time."""
    hour, minute = _part(text, shape, 1), _part(text, shape, 2)
    second, half = _part(text, shape, 3).fill_null(0), text.str.extract(shape, 4)
    whole_hour = pl.when(half.is_null()).then(hour).otherwise(hour % 12 + pl.when(half == "p").then(12).otherwise(0))
    is_time = (hour <= 23) & (minute <= 59) & (second <= 59) & (half.is_null() | hour.is_between(1, 12))
    since_midnight = pl.duration(hours=whole_hour, minutes=minute, seconds=second)
    return pl.when(hour.is_null()).then(pl.duration(hours=0)).when(is_time).then(since_midnight)
