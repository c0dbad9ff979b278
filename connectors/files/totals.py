"""Reads totals that somebody counted or was told: of years before there was a log, or of a supplier.

A total stays what it is: that of a year lands as a year and is never spread over its months.
"""

from __future__ import annotations

import polars as pl

from connectors.contract import MEETING_TOTALS, TRAVEL_TOTALS
from connectors.errors import ConfigurationError
from connectors.files.mapped_rows import Understood, is_understood, plain_outcome, read_fields, reject
from connectors.files.profiles import Profile
from connectors.files.table_files import TextTable
from connectors.files.values import period

_KEYS = {
    MEETING_TOTALS: ("period_from", "period_to", "department", "platform", "modality", "role"),
    TRAVEL_TOTALS: ("period_from", "period_to", "department", "mode", "fuel", "length", "trip_class"),
}
_NUMBERS = {
    MEETING_TOTALS: ("meetings", "participations", "person_minutes", "people"),
    TRAVEL_TOTALS: ("trips", "distance_km", "cost_sek", "co2_kg", "days", "people"),
}
_UNSAID = {"platform": "other", "modality": "unknown", "length": "unknown", "trip_class": "unknown"}
"""What a total is of when nobody says it."""


def read_totals(table: TextTable, profile: Profile) -> Understood:
    """Read a table of totals into rows of ``meeting_totals`` or ``travel_totals`` with the basis ``manual``.

    ``period`` is written 2019, 2019-Q1, 2019-03 or 2019-01-01/2019-06-30. A row that gives no number is none.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    landing_table = MEETING_TOTALS if profile.kind == "meeting_totals" else TRAVEL_TOTALS
    key, numbers = _KEYS[landing_table], _NUMBERS[landing_table]
    fields = read_fields(table, profile)
    frame = fields.frame.join(_spans(fields.frame["period"]), on="period", how="left", maintain_order="left")
    frame = reject(frame, "missing", "period", pl.col("period").is_null())
    frame = reject(frame, "unreadable", "period", pl.col("period_from").is_null())
    frame = frame.with_columns(pl.col(name).fill_null(word) for name, word in _UNSAID.items() if name in frame.columns)
    if landing_table is MEETING_TOTALS:
        frame = frame.with_columns(pl.coalesce("person_minutes", pl.col("person_hours") * 60).alias("person_minutes"))
    else:
        frame = frame.rename({"distance": "distance_km"})
    frame = reject(frame, "missing", numbers[0], pl.all_horizontal(pl.col(name).is_null() for name in numbers))
    for name in numbers:
        frame = reject(frame, "negative", name, pl.col(name) < 0)
    frame = reject(frame, "repeated", "period", is_understood().sum().over(key) > 1)
    understood = frame.filter(is_understood())
    return Understood(
        table=landing_table.name,
        rows=understood.select(*key, *numbers, pl.lit("manual").alias("basis")),
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
