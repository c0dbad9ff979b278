"""What a report is made of, free of any format: headlines, figures and tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reports.cells import Cell
from reports.language import DASH, Language

LOWEST_DRAWN = -1.0
"""A rate's interval that reaches below this is cut in the picture, and the figure's note says so."""


@dataclass(frozen=True)
class TableCell:
    """One cell of a table: text for people and, where there is one, the number for spreadsheets and tests."""

    text: str
    number: float | None = None
    why: str = ""
    """Why the figure is missing, in words. Set exactly when the cell is a figure that is missing."""
    indicator: str = ""
    """The indicator a figure belongs to, which decides how a spreadsheet writes the number."""

    is_quiet: bool = False
    """Says only that nothing is to be said here."""

    @property
    def is_missing(self) -> bool:
        """The cell should hold a figure and does not."""
        return bool(self.why)


@dataclass(frozen=True)
class Table:
    """A table: the first column names the row."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    numeric: frozenset[int] = frozenset()
    """Columns with figures, aligned to the right."""
    indented: frozenset[int] = frozenset()
    """Rows that are a part of the row above."""
    emphasised: frozenset[int] = frozenset()
    """Rows that sum up the others."""


@dataclass(frozen=True)
class Point:
    """One value of a figure."""

    label: str
    series: str
    value: float | None
    low: float | None = None
    high: float | None = None
    written: str = ""
    """The value as the table writes it."""


@dataclass(frozen=True)
class Figure:
    """A picture in the making, with the words and the table that carry the same content."""

    id: str
    title: str
    takeaway: str
    alt: str
    axis: str
    labels: tuple[str, ...]
    """Categories in their order."""
    series: tuple[str, ...]
    """Series in their order."""
    points: tuple[Point, ...]
    table: Table
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Categories for which the period's own figure is missing."""
    is_share: bool = False

    @property
    def is_empty(self) -> bool:
        """There is nothing to draw."""
        return all(point.value is None for point in self.points)


@dataclass(frozen=True)
class Headline:
    """One of the figures a manager reads first."""

    id: str
    label: str
    value: str
    sentences: tuple[str, ...]
    cell: Cell
    indicator: str = ""
    """What the figure is, which decides how a spreadsheet writes it."""
    is_missing: bool = False
    notes: tuple[str, ...] = ()


def figure_cell(language: Language, indicator: str, cell: Cell) -> TableCell:
    """A published cell as a table cell: the figure with its interval, or a dash and why."""
    if cell.value is None:
        return missing_cell(language, cell.why)
    return TableCell(language.cell(indicator, cell), cell.value, indicator=indicator)


def missing_cell(language: Language, reason: str | None) -> TableCell:
    """A figure that is missing, with the reason in words."""
    return TableCell(DASH, None, language.reason(reason, short=True))


def words(*texts: str) -> tuple[TableCell, ...]:
    """Table cells of plain text."""
    return tuple(TableCell(text) for text in texts)


def sentences(*parts: str | Iterable[str]) -> tuple[str, ...]:
    """The sentences that are not empty."""
    flat = (text for part in parts for text in ([part] if isinstance(part, str) else part))
    return tuple(text for text in flat if text)
