"""What the cells of an export mean: numbers, money, distances and places as text, vectorised.

Every reader takes a text expression and gives a typed one. What it cannot read for certain is NULL, which rejects
the row: a value is never guessed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from connectors.contract import LONGEST_PLACE, MONEY
from connectors.errors import ConfigurationError

_FORMULA = r"^\s*(?:[=@+]|-\S)"
_UNITS = "l|liter|litre|litres|kwh|kg|h|tim|timmar|nätter|natt|dygn|st"

Decimal = Literal[",", "."]
DistanceUnit = Literal["km", "mil"]


@dataclass(frozen=True)
class NumberStyle:
    """How a file writes numbers.

    Attributes:
        decimal: the decimal sign; the other of comma and point may stand between thousands, as may any space.
        is_workbook: cells come from a workbook, where a number cell reads ``1234.5`` whatever the decimal sign is.
    """

    decimal: Decimal = ","
    is_workbook: bool = False


def plain_number(text: pl.Expr, style: NumberStyle) -> pl.Expr:
    """A number as text with digits, one decimal point and a leading minus; NULL where the text is no number.

    Understands thousands in groups of three between spaces of any width or points, a minus before or after, and
    parentheses in place of one.
    ``12.5`` is not a number where the decimal sign is a comma, and ``1.234`` is then one thousand two hundred
    and thirty-four, except in a workbook, where it is a number cell.
    """
    group = "." if style.decimal == "," else ","
    text = text.str.replace_all(r"\s", " ").str.replace_all("[−–]", "-")
    text = text.str.replace(r"^\(([^-+]*)\)$", "-${1}")
    text = text.str.replace(r"^([-+]) +", "${1}").str.replace(r"^([^-+].*?) *-$", "-${1}")
    shape = rf"^[-+]?(\d+|\d{{1,3}}( \d{{3}})+|\d{{1,3}}({re.escape(group)}\d{{3}})+)({re.escape(style.decimal)}\d+)?$"
    plain = text.str.replace_all(f"[+ {re.escape(group)}]", "").str.replace(style.decimal, ".", literal=True)
    plain = pl.when(text.str.contains(shape)).then(plain)
    if not style.is_workbook:
        return plain.otherwise(None)
    return pl.when(text.str.contains(r"^-?\d+(\.\d+)?$")).then(text).otherwise(plain.otherwise(None))


def number(text: pl.Expr, style: NumberStyle) -> pl.Expr:
    """A number as Float64."""
    return plain_number(text, style).cast(pl.Float64, strict=False)


def quantity(text: pl.Expr, style: NumberStyle) -> pl.Expr:
    """A number with or without its unit after it (``42,5 liter``, ``12 kg``)."""
    return number(text.str.replace(rf"(?i)\s*(?:{_UNITS})\.?$", ""), style)


def whole(text: pl.Expr, style: NumberStyle) -> pl.Expr:
    """A whole number as Int64; NULL where there are decimals other than zeros."""
    return plain_number(text, style).str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)


def money(text: pl.Expr, style: NumberStyle) -> pl.Expr:
    """An amount as Decimal(18, 2), with or without ``kr``, ``SEK`` or ``:-``.

    Finer than öre is rounded half to even.
    """
    text = text.str.replace(r"(?i)\s*(kr\.?|sek|:-)$", "").str.replace(r"(?i)^(kr\.?|sek)\s*", "")
    return plain_number(text, style).str.to_decimal(scale=6).round(2, mode="half_to_even").cast(MONEY, strict=False)


def distance_km(text: pl.Expr, style: NumberStyle, unit: DistanceUnit) -> pl.Expr:
    """A distance as kilometres; a unit written in the cell (``12,5 km``, ``3 mil``) wins over the column's unit."""
    text = text.str.to_lowercase()
    said = text.str.extract(r"(km|mil)$").fill_null(unit)
    value = number(text.str.replace(r"\s*(km|mil)$", ""), style)
    # 1.1 mil must be 11 km, not 11.000000000000002
    return pl.when(said == "mil").then((value * 10).round(6)).otherwise(value)


def place(text: pl.Expr) -> pl.Expr:
    """A place at locality level: what stands before the first comma.

    A text with a digit or an at-sign is an address, not a locality, and becomes NULL, as does a text too long to
    be a name and one that a spreadsheet would run as a formula.
    """
    name = text.str.split(",").list.first().str.strip_chars()
    is_name = ~text.str.contains(r"[\d@]") & ~text.str.contains(_FORMULA)
    is_locality = is_name & (text.str.len_chars() <= LONGEST_PLACE) & (name != "")
    return pl.when(is_locality).then(name).otherwise(None)


def plain_text(text: pl.Expr) -> pl.Expr:
    """A text with single spaces; NULL for one that a spreadsheet would run as a formula (``=cmd…``)."""
    return pl.when(~text.str.contains(_FORMULA)).then(text.str.normalize("NFC").str.replace_all(r"\s+", " "))


def spelling(text: pl.Expr) -> pl.Expr:
    """One form for all ways to write one word: lower case, single spaces, composed letters."""
    return text.str.normalize("NFC").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()


def period(text: str) -> tuple[date, date]:
    """First and last day of ``2025``, ``2025-Q1``, ``2025-03``, ``2025-03-01`` or ``2025-01-01/2025-03-31``.

    Raises:
        ConfigurationError: the text is none of these, or ends before it begins.
    """
    first_text, slash, last_text = text.strip().partition("/")
    first = _span(first_text)
    last = _span(last_text) if slash else first
    if first is None or last is None or last[1] < first[0]:
        raise ConfigurationError(
            "a period is written 2025, 2025-Q1, 2025-03 or 2025-01-01/2025-03-31: check what the file covers"
        )
    return first[0], last[1]


def _span(text: str) -> tuple[date, date] | None:
    found = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|(\d{2})(?:-(\d{2}))?))?", text.strip())
    if not found:
        return None
    year, quarter, month_, day = (int(part) if part else None for part in found.groups())
    try:
        if day and month_:
            return date(year or 0, month_, day), date(year or 0, month_, day)
        low, high = (quarter * 3 - 2, quarter * 3) if quarter else (month_ or 1, month_ or 12)
        return date(year or 0, low, 1), date(year or 0, high, monthrange(year or 0, high)[1])
    except ValueError:
        return None
