"""What a cell means: every way to write a value that is understood, and the ones that are refused."""

# ruff: noqa: DTZ001 - travel exports hold wall-clock times, which have no zone

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConfigurationError
from connectors.files import dates, values
from connectors.files.personal_numbers import holds_personal_number
from connectors.files.values import NumberStyle

COMMA, POINT, WORKBOOK = NumberStyle(","), NumberStyle("."), NumberStyle(",", is_workbook=True)


def one(reader, text: str) -> object:
    return pl.select(reader(pl.lit(text, pl.String))).item()


@pytest.mark.parametrize(
    ("text", "style", "amount"),
    [
        ("1234,50", COMMA, "1234.50"),
        ("1 234,50", COMMA, "1234.50"),
        ("1\u00a0234,50 kr", COMMA, "1234.50"),
        ("1\u202f234\u202f567 SEK", COMMA, "1234567.00"),
        ("1.234,50", COMMA, "1234.50"),
        ("1.234", COMMA, "1234.00"),
        ("kr 12", COMMA, "12.00"),
        ("450:-", COMMA, "450.00"),
        ("-7,5", COMMA, "-7.50"),
        ("- 7,5", COMMA, "-7.50"),
        ("−7,5", COMMA, "-7.50"),
        ("1 234,50-", COMMA, "-1234.50"),
        ("1 234,50- kr", COMMA, "-1234.50"),
        ("0,125", COMMA, "0.12"),
        ("0,135", COMMA, "0.14"),
        ("1,234.50", POINT, "1234.50"),
        ("1.234", WORKBOOK, "1.23"),
        ("1234.5", WORKBOOK, "1234.50"),
        ("1 234,5", WORKBOOK, "1234.50"),
        ("1.234.567", WORKBOOK, "1234567.00"),
    ],
)
def test_amounts_understood(text, style, amount):
    assert one(lambda cell: values.money(cell, style), text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("12.5", COMMA),
        ("1,5", POINT),
        ("1 23", COMMA),
        ("1.23,4", COMMA),
        ("12,", COMMA),
        ("1,2,3", COMMA),
        ("-5-", COMMA),
        ("12 EUR", COMMA),
        ("ca 100", COMMA),
        ("1e5", COMMA),
        ("", COMMA),
        ("9" * 17, COMMA),
        ("9" * 60, COMMA),
    ],
)
def test_amounts_refused(text, style):
    assert one(lambda cell: values.money(cell, style), text) is None


@given(
    amount=st.decimals(-(10**9), 10**9, places=2),
    group=st.sampled_from(["", " ", "\u00a0", "\u202f", "other"]),
    style=st.sampled_from([COMMA, POINT]),
    minus_after=st.booleans(),
    unit=st.sampled_from(["", " kr", "kr"]),
)
def test_an_amount_written_in_any_style_is_read_back(amount, group, style, minus_after, unit):
    group = {",": ".", ".": ","}[style.decimal] if group == "other" else group
    digits = f"{abs(amount):,.2f}".replace(",", "_").replace(".", style.decimal).replace("_", group)
    sign = "-" if amount < 0 else ""
    text = f"{digits}{sign}{unit}" if minus_after else f"{sign}{digits}{unit}"
    assert one(lambda cell: values.money(cell, style), text) == amount


@pytest.mark.parametrize(
    ("text", "unit", "km"),
    [
        ("12,5", "km", 12.5),
        ("1,1", "mil", 11.0),
        ("1,1 mil", "km", 11.0),
        ("30 km", "mil", 30.0),
        ("30KM", "mil", 30.0),
        ("1 200", "km", 1200.0),
        ("tre mil", "km", None),
        ("12 miles", "km", None),
    ],
)
def test_distances(text, unit, km):
    assert one(lambda cell: values.distance_km(cell, COMMA, unit), text) == km


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-01", datetime(2024, 3, 1)),
        ("2024-03-01 08:15", datetime(2024, 3, 1, 8, 15)),
        ("2024-03-01T08:15:30", datetime(2024, 3, 1, 8, 15, 30)),
        ("2024-02-30", None),
        ("2024-3-1", datetime(2024, 3, 1)),
        ("0224-03-01", None),
        ("2024-03-01 25:00", None),
        ("2024-03-01 och hem dagen efter", None),
        ("45352", datetime(2024, 3, 1)),
    ],
)
def test_moments(text, moment):
    assert one(dates.wall_clock, text) == moment


@pytest.mark.parametrize(
    ("text", "first_day"),
    [("2025-03", date(2025, 3, 1)), ("2025-03-17", date(2025, 3, 1)), ("2025-13", None), ("mars", None)],
)
def test_months(text, first_day):
    assert one(dates.month, text) == first_day


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Borås", "Borås"),
        ("Borås, Sverige", "Borås"),
        ("Storgatan 5, Borås", None),
        ("någon@exempel.se", None),
        ("hembesök hos en brukare som bor utanför tätorten vid den gamla skolan", None),
    ],
)
def test_a_place_lands_at_locality_level_or_not_at_all(text, place):
    assert one(values.place, text) == place


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025-Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-02-03", date(2024, 2, 3), date(2024, 2, 3)),
        ("2025-01/2025-03", date(2025, 1, 1), date(2025, 3, 31)),
        ("2025-01-15/2025-03-02", date(2025, 1, 15), date(2025, 3, 2)),
    ],
)
def test_periods(text, first, last):
    assert values.period(text) == (first, last)


@pytest.mark.parametrize("text", ["mars 2025", "2025-13", "2025-02-30", "2025-03/2025-01", ""])
def test_a_period_that_cannot_be_read_says_how_to_write_one(text):
    with pytest.raises(ConfigurationError, match="2025-Q1"):
        values.period(text)


# serial numbers 980–999 are set apart for tests and belong to nobody
@pytest.mark.parametrize(
    "text",
    [
        "19800101-9804",
        "198001019804",
        "800101-9804",
        "8001019804",
        "800101+9804",
        "möte om 800101-9804 igen",
        "800161-9801",
    ],
)
def test_personal_numbers_are_found(text):
    assert holds_personal_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "800101-9805",  # check digit
        "801301-9800",  # month 13
        "800230-9808",  # 30 February
        "5566778899",  # an organisation number has no month
        "12345678001019804",  # part of a longer number
        "202503010817",  # a date and a time
        "8001019804,50",  # an amount
        "2025-03-01 08:15:00",
    ],
)
def test_other_numbers_are_not_personal_numbers(text):
    assert not holds_personal_number(text)
