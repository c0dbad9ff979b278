"""Reads totals of meetings that somebody counted or was told: of years before there was a log, or of a supplier.

A total stays what it is: that of a year lands as a year and is never spread over its months.
"""

from __future__ import annotations

import polars as pl

from connectors.contract import MEETING_TOTALS
from connectors.errors import ConfigurationError
from connectors.files.mapped_rows import Understood, is_understood, plain_outcome, read_fields, reject
from connectors.files.profiles import Profile
from connectors.files.table_files import TextTable
from connectors.files.values import period

_KEY = ["period_from", "period_to", "department", "platform", "modality", "role"]
_COUNTS = ("meetings", "participations", "person_minutes", "people")


def read_meeting_totals(table: TextTable, profile: Profile) -> Understood:
    """Read a table of totals into rows of ``meeting_totals`` with the basis ``manual``.

    ``period`` is written 2019, 2019-Q1, 2019-03 or 2019-01-01/2019-06-30. Whether each meeting counts once
    (``organised``) or once per person (``attended``) must be known; a row that gives no number is none.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    fields = read_fields(table, profile)
    spans = _spans(fields.frame["period"])
    frame = fields.frame.join(spans, on="period", how="left", maintain_order="left")
    frame = reject(frame, "missing", "period", pl.col("period").is_null())
    frame = reject(frame, "unreadable", "period", pl.col("period_from").is_null())
    frame = reject(frame, "missing", "role", pl.col("role").is_null())
    frame = frame.with_columns(
        pl.col("platform").fill_null("other"),
        pl.col("modality").fill_null("unknown"),
        (pl.col("person_hours") * 60).alias("person_minutes_of_hours"),
    ).with_columns(pl.coalesce("person_minutes", "person_minutes_of_hours").alias("person_minutes"))
    frame = reject(frame, "missing", "meetings", pl.all_horizontal(pl.col(name).is_null() for name in _COUNTS))
    for name in _COUNTS:
        frame = reject(frame, "negative", name, pl.col(name) < 0)
    frame = reject(frame, "repeated", "period", is_understood().sum().over(_KEY) > 1)
    understood = frame.filter(is_understood())
    return Understood(
        table=MEETING_TOTALS.name,
        rows=understood.select(*_KEY, *_COUNTS, pl.lit("manual").alias("basis")),
        outcome=plain_outcome(frame, pl.col("period_from")),
        days=pl.concat([understood["period_from"], understood["period_to"]]),
        unknown_values=fields.unknown_values,
        landed=understood.height,
    )


def _spans(written: pl.Series) -> pl.DataFrame:
    """Every way a period is written, and the days it means."""
    found = []
    for text in written.drop_nulls().unique().sort():
        try:
            found.append((text, *period(text)))
        except ConfigurationError:
            continue
    return pl.DataFrame(found, schema={"period": pl.String, "period_from": pl.Date, "period_to": pl.Date}, orient="row")
