"""Finds which column of an unknown file is which field, by its heading and by whether its values read as that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import polars as pl

from connectors.files import dates, values
from connectors.files.profiles import FIELDS, FileKind, Reading
from connectors.files.synonyms import Meaning, Synonyms, goes_by
from connectors.files.table_files import TextTable
from connectors.files.values import Decimal, NumberStyle

_SAMPLE = 2_000
_SHARE_READ = 0.5
_NUMBERS: tuple[Reading, ...] = ("whole", "number", "money", "distance")
_SHARED_BY_WORDS = ("mode", "row_means", "fuel", "vehicle_class")
"""Fields that may be read from a column that says another of them too: a product is a mode and a meaning."""


def columns_of(table: TextTable, kind: FileKind, words: Synonyms) -> dict[str, str]:
    """Field to heading, in the order of the fields; a column is one field, words excepted.

    A column whose values do not read as its heading promises is passed over.
    """
    found: dict[str, str] = {}
    for name in words.columns:
        taken = {
            heading for other, heading in found.items() if not (name in _SHARED_BY_WORDS and other in _SHARED_BY_WORDS)
        }
        for synonym in words.columns[name]:
            heading = next((heading for heading in table.headings if goes_by(heading, synonym)), None)
            if heading is None or heading in taken:
                continue
            if _reads_as(table, heading, FIELDS[kind][name], _telling(words.values.get(name, {}))):
                found[name] = heading
                break
    return found


def decimal_of(table: TextTable, kind: FileKind, columns: Mapping[str, str]) -> Decimal:
    """The decimal sign with which most of the numbers read; a comma where both do."""
    numeric = [heading for name, heading in columns.items() if FIELDS[kind][name] in _NUMBERS]

    def read(decimal: Decimal) -> int:
        style = NumberStyle(decimal, table.is_workbook)
        counts = [
            table.frame[heading].to_frame("text").select(values.distance_km(_money_text(), style, "km").count()).item()
            for heading in numeric
        ]
        return sum(counts)

    return "." if read(".") > read(",") else ","


def spelled(column: pl.Series) -> list[str]:
    """The distinct spellings of a column, as ``values.spelling`` writes them."""
    distinct = column.drop_nulls().unique().to_frame("text").select(values.spelling(pl.col("text")))
    return distinct.to_series().unique().sort().to_list()


def _telling(known: Mapping[str, Meaning]) -> list[str]:
    """The spellings that tell what a column is: a fee says nothing of how somebody travelled."""
    return [spelling for spelling, meaning in known.items() if meaning not in ("other", "unknown")]


def _money_text() -> pl.Expr:
    return pl.col("text").str.replace(r"(?i)\s*(kr\.?|sek|:-)$", "").str.replace(r"(?i)^(kr\.?|sek)\s*", "")


def _reads_as(table: TextTable, heading: str, reading: Reading, known: Collection[str]) -> bool:
    """Whether half of a column's values read so; an empty column reads as anything."""
    sample = table.frame[heading].drop_nulls().head(_SAMPLE)
    if sample.is_empty():
        return True
    if reading in ("code", "word", "score") and known:
        spellings = sample.to_frame("text").select(values.spelling(pl.col("text"))).to_series()
        return reading == "score" or spellings.is_in(list(known)).any()
    styles = [NumberStyle(decimal, table.is_workbook) for decimal in (",", ".")]
    readers = _readers(reading, styles)
    shares = [1 - dates.each_once(sample, reader).null_count() / sample.len() for reader in readers]
    return not shares or max(shares) >= _SHARE_READ


def _readers(reading: Reading, styles: list[NumberStyle]) -> list[Callable[[pl.Expr], pl.Expr]]:
    """The ways in which a column may be read; none for texts, which read as anything."""
    by_style: dict[Reading, Callable[[pl.Expr, NumberStyle], pl.Expr]] = {
        "money": values.money,
        "number": values.quantity,
        "whole": values.whole,
        "distance": _distance,
    }
    if reading in by_style:
        return [_with(by_style[reading], style) for style in styles]
    plain: dict[Reading, list[Callable[[pl.Expr], pl.Expr]]] = {
        "moment": [dates.wall_clock, _day_first],
        "month": [dates.month],
        "clock": [dates.clock],
    }
    return plain.get(reading, [])


def _with(read: Callable[[pl.Expr, NumberStyle], pl.Expr], style: NumberStyle) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: read(text, style)


def _distance(text: pl.Expr, style: NumberStyle) -> pl.Expr:
    return values.distance_km(text, style, "km")


def _day_first(text: pl.Expr) -> pl.Expr:
    return dates.wall_clock(text, "day_first")
