"""Finds what looks like a Swedish personal identity number or co-ordination number, so that none is ever read in.

Shape and check digit as the Swedish Tax Agency describes them (SKV 704): YYMMDD-NNNC or YYYYMMDD-NNNC, with 60
added to the day in a co-ordination number; the check digit is Luhn's over the ten last digits.
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

_SIGN = r"(?:[ \u00a0]?[-+–−][ \u00a0]?|[ \u00a0])"
_DAY = r"(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
_CANDIDATE = rf"(?:\d\d)?\d\d(?:0[1-9]|1[0-2]){_DAY}{_SIGN}?\d{{4}}"
_NUMBER = re.compile(rf"(?<![\d.,])(\d\d)?(\d\d)(\d\d)(\d\d)({_SIGN}?)(\d{{4}})(?!\d|[.,]\d)")
_TIMESTAMPS_FROM = 2013


def holds_personal_number(text: str) -> bool:
    """Whether a text holds what looks like a personal identity number, anywhere in it."""
    return any(_is_personal_number(found) for found in _NUMBER.finditer(text))


def first_personal_number(column: pl.Series) -> int | None:
    """The position of the first text in a column that holds one; None if there is none."""
    candidates = column.str.contains(_CANDIDATE).fill_null(value=False).arg_true()
    for position, text in zip(candidates, column.gather(candidates), strict=True):
        if holds_personal_number(text):
            return int(position)
    return None


def _is_personal_number(found: re.Match[str]) -> bool:
    century, year, month, day, sign, serial = found.groups()
    if century and century not in ("18", "19", "20"):
        return False
    whole_years = [int(century + year)] if century else [1900 + int(year), 2000 + int(year)]
    if century and sign in ("", " ", "\u00a0") and whole_years[0] >= _TIMESTAMPS_FROM and _is_time(serial):
        return False  # 202503010815 is a date and a time
    number = int(day) - 60 if int(day) > 60 else int(day)
    if not any(_is_date(whole_year, int(month), number) for whole_year in whole_years):
        return False
    return _luhn(year + month + day + serial)


def _is_time(digits: str) -> bool:
    return int(digits[:2]) < 24 and int(digits[2:]) < 60


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(digits):
        product = int(digit) * (2 - position % 2)
        total += product - 9 if product > 9 else product
    return total % 10 == 0
