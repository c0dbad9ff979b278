"""Every way to write a day that is understood, and the ones that could mean two."""

# ruff: noqa: DTZ001 - travel exports hold wall-clock times, which have no zone

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import dates


def read(*cells: str | None, order: dates.DateOrder | None = None) -> list[datetime | None]:
    return dates.moments(pl.Series(cells, dtype=pl.String), order).to_list()


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2024-03-01", datetime(2024, 3, 1), "day"),
        ("2024-03-01 08:15", datetime(2024, 3, 1, 8, 15), "minute"),
        ("2024-03-01 kl. 8.15", datetime(2024, 3, 1, 8, 15), "minute"),
        ("2024/3/1", datetime(2024, 3, 1), "day"),
        ("20240301", datetime(2024, 3, 1), "day"),
        ("01.03.2024", datetime(2024, 3, 1), "day"),
        ("1.3.2024 23:59:59", datetime(2024, 3, 1, 23, 59, 59), "minute"),
        ("1/3 2024", datetime(2024, 3, 1), "day"),
        ("1/3-2024", datetime(2024, 3, 1), "day"),
        ("25/12/2024", datetime(2024, 12, 25), "day"),
        ("12/25/2024 3:15 PM", datetime(2024, 12, 25, 15, 15), "minute"),
        ("12/25/2024 12:05 am", datetime(2024, 12, 25, 0, 5), "minute"),
        ("07/07/2024", datetime(2024, 7, 7), "day"),
        ("fredag den 1 mars 2024", datetime(2024, 3, 1), "day"),
        ("1 OKT 2024", datetime(2024, 10, 1), "day"),
        ("March 1, 2024", datetime(2024, 3, 1), "day"),
        ("45352", datetime(2024, 3, 1), "day"),
        ("45352,34375", datetime(2024, 3, 1, 8, 15), "minute"),
        ("2024-W10", datetime(2024, 3, 4), "month"),
        ("v. 1 2025", datetime(2024, 12, 30), "month"),
        ("vecka 53 2020", datetime(2020, 12, 28), "month"),
        ("2024-03", datetime(2024, 3, 1), "month"),
        ("mars 2024", datetime(2024, 3, 1), "month"),
    ],
)
def test_days_understood(text, moment, precision):
    assert read(text) == [moment]
    assert pl.select(dates.precision(pl.lit(text))).item() == precision


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2024", "3-4-2024", "24-03-01", "240301", "2024-02-30", "31/4 2024", "13/13/2024", "2024-13-01",
        "1899-12-31", "1900-01-01", "1", "99999", "vecka 53 2021", "v 10", "1 mars", "2024", "1 mors 2024",
        "2024-03-01 24:00", "12/25/2024 13:00 pm", "2024-03-01 – 2024-03-04", "2024-03-01T08:15:00Z", "",
    ],
)  # fmt: skip
def test_days_refused(text):
    assert read(text) == [None]


def test_one_value_of_the_column_settles_which_comes_first():
    assert read("03/04/2024", "25/04/2024") == [datetime(2024, 4, 3), datetime(2024, 4, 25)]
    assert read("03/04/2024", "04/25/2024") == [datetime(2024, 3, 4), datetime(2024, 4, 25)]


def test_a_column_that_contradicts_itself_settles_nothing():
    found = read("03/04/2024", "25/04/2024", "04/25/2024", None)
    assert found == [None, datetime(2024, 4, 25), datetime(2024, 4, 25), None]


def test_what_the_profile_says_settles_it_and_refuses_the_other_way():
    assert read("03/04/2024", "04/25/2024", order="day_first") == [datetime(2024, 4, 3), None]
    assert read("03/04/2024", "25/04/2024", order="month_first") == [datetime(2024, 3, 4), None]


@settings(max_examples=60, deadline=None)
@given(day=st.dates(date(1990, 1, 1), date(2100, 12, 31)), minutes=st.integers(0, 1439), has_time=st.booleans())
def test_a_day_written_in_any_certain_way_is_read_back(day, minutes, has_time):
    moment = datetime(day.year, day.month, day.day)
    after = timedelta(minutes=minutes) if has_time else timedelta(0)
    time = f" {minutes // 60:02d}:{minutes % 60:02d}" if has_time else ""
    ways = [f"{day}", f"{day:%Y%m%d}", f"{day:%d.%m.%Y}", f"{day.day}/{day.month} {day.year}"]
    assert read(*(way + time for way in ways)) == [moment + after] * 4
    assert read(str((day - date(1899, 12, 30)).days)) == [moment]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("08:15", 495),
        ("8.15", 495),
        ("0815", 495),
        ("23:59:30", 1439.5),
        ("3:15 pm", 915),
        ("24:00", None),
        ("8", None),
    ],
)
def test_times_of_day(text, minutes):
    found = pl.select(dates.clock(pl.lit(text))).item()
    assert found == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("text", "first_day"),
    [
        ("202403", date(2024, 3, 1)),
        ("mars 2024", date(2024, 3, 1)),
        ("17.3.2024", date(2024, 3, 1)),
        ("v10 2024", None),
    ],
)
def test_months(text, first_day):
    assert pl.select(dates.month(pl.lit(text))).item() == first_day
