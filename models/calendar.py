"""The calendar the models count in: months, and the quarter, year and twelve months each belongs to."""

from __future__ import annotations

from datetime import date

import polars as pl

FIRST_MONTH = date(2005, 1, 1)
LAST_MONTH = date(2059, 12, 1)


def months() -> pl.DataFrame:
    """One row per month from 2005 to 2059.

    Returns:
        ``month`` (first day), ``month_end``, ``next_month``, ``quarter_end``, ``year_end`` (last days), ``year`` and
        ``month_number`` (running number, so that months can be subtracted).
    """
    month = pl.date_range(FIRST_MONTH, LAST_MONTH, "1mo", eager=True).alias("month")
    return pl.DataFrame(month).with_columns(
        month_end=pl.col("month").dt.month_end(),
        next_month=pl.col("month").dt.offset_by("1mo"),
        quarter_end=pl.col("month").dt.truncate("1q").dt.offset_by("2mo").dt.month_end(),
        year_end=pl.date(pl.col("month").dt.year(), 12, 31),
        year=pl.col("month").dt.year().cast(pl.Int32),
        month_number=(pl.col("month").dt.year().cast(pl.Int32) * 12 + pl.col("month").dt.month().cast(pl.Int32)),
    )
