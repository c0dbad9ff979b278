"""The published figures one by one: a value with what it rests on, or the reason there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

NOT_PUBLISHED = "not_published"
"""Reason of a cell that has no row at all: the published file says nothing about it."""
NO_STAFF = "no_staff"
"""Reason of a figure per FTE whose full-time equivalents are not known; its count may still be."""


@dataclass(frozen=True)
class Cell:
    """One published figure, or the reason there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    unit: str = ""
    known_share: float | None = None
    people_class: str | None = None
    reason: str | None = NOT_PUBLISHED
    basis: str | None = None
    """``per_fte`` or ``total`` for comparisons, else None."""

    @property
    def is_known(self) -> bool:
        """There is a figure."""
        return self.value is not None

    @property
    def why(self) -> str | None:
        """The reason as the texts name it: a comparison lacks its data or staff on either side, a level on one."""
        if self.basis is not None and self.reason in {"source_missing", NO_STAFF}:
            return f"{self.reason}_compared"
        return self.reason

    def count(self) -> Cell:
        """The count behind a figure per FTE, where only the staff figures are missing; else the cell as it is."""
        if self.value is None and self.reason == NO_STAFF and self.numerator is not None:
            return replace(self, value=self.numerator, reason=None)
        return self


def is_total(cells: Sequence[Cell]) -> bool:
    """No cell has a figure per FTE, but counts are known: then the counts are what can be shown."""
    return not any(cell.is_known for cell in cells) and any(cell.count().is_known for cell in cells)


def cells_of(indicators: pl.DataFrame) -> dict[tuple[object, ...], Cell]:
    """Every row of ``out_indicators`` by its key: period, baseline, department, group, measure, breakdown, basis."""
    cells: dict[tuple[object, ...], Cell] = {}
    for row in indicators.iter_rows(named=True):
        key = (
            row["period_kind"], row["period_end"], row["baseline"], row["department"], row["person_group"],
            row["indicator"], row["measure"], row["dimension_1"], row["value_1"], row["value_2"],
        )  # fmt: skip
        cells[key] = Cell(
            row["value"], row["low"], row["high"], row["numerator"], row["denominator"], row["unit"] or "",
            row["known_share"], row["people_class"], row["reason"],
            row["value_2"] if row["dimension_2"] == "basis" else None,
        )  # fmt: skip
    return cells
