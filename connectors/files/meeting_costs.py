"""Reads what digital meetings cost: licences, telephony and room systems, shared out between telephone, web and video.

How a kind of cost is shared is stated in the profile and lands with the amount, so that nobody has to guess it later.
"""

from __future__ import annotations

import polars as pl

from connectors.contract import MEETING_COSTS, MONEY
from connectors.files.currencies import cost_in_kronor
from connectors.files.mapped_rows import Understood, is_understood, read_fields, reject
from connectors.files.profiles import Profile
from connectors.files.table_files import ROW_NUMBER, TextTable

_KEY = ["modality", "month"]
_AS_BOOKED = "as booked"


def read_meeting_costs(table: TextTable, profile: Profile) -> Understood:
    """Read a cost table into rows of ``meeting_costs``.

    A row that names its modality lands there; another is shared out as the profile says, to the öre: the last
    modality takes what rounding leaves.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    fields = read_fields(table, profile)
    frame = fields.frame.with_columns(pl.col("currency").fill_null("SEK"))
    for name in ("month", "amount"):
        frame = reject(frame, "missing", name, pl.col(name).is_null())
    by_modality = pl.col("modality").is_not_null() & (pl.col("modality") != "unknown")
    is_shared = pl.col("cost_type").is_in(list(profile.allocation)).fill_null(value=False)
    frame = reject(frame, "unknown_value", "cost_type", ~by_modality.fill_null(value=False) & ~is_shared)
    frame = frame.with_columns(cost_in_kronor(profile, "month"))
    frame = reject(frame, "unreadable", "currency", pl.col("cost_sek").is_null())
    understood = frame.filter(is_understood())
    shared = [_shared(understood.filter(~by_modality), cost_type, profile) for cost_type in profile.allocation]
    whole = understood.filter(by_modality).select(*_KEY, "cost_sek", pl.lit(_AS_BOOKED).alias("basis"))
    rows = (
        pl.concat([whole, *shared])
        .group_by(_KEY)
        .agg(pl.col("cost_sek").sum().cast(MONEY), pl.col("basis").unique().sort().str.join("; "))
    )
    return Understood(
        table=MEETING_COSTS.name,
        rows=rows.sort(_KEY),
        outcome=frame.select(
            ROW_NUMBER,
            "rule",
            "reason",
            "field",
            pl.coalesce("cost_sek", "amount").alias("amount"),
            pl.when(pl.col("cost_sek").is_not_null()).then(pl.lit("SEK")).otherwise("currency").alias("currency"),
            pl.col("month").alias("occurred_on"),
        ),
        days=understood["month"],
        unknown_values=fields.unknown_values,
        landed=understood.height,
    )


def _shared(costs: pl.DataFrame, cost_type: str, profile: Profile) -> pl.DataFrame:
    """The costs of one kind, shared out between modalities."""
    shares = sorted((name, share) for name, share in profile.allocation[cost_type].items() if share)
    stated = f"{cost_type}: " + ", ".join(f"{name} {100 * share:g} %" for name, share in shares)
    costs = costs.filter(pl.col("cost_type") == cost_type)
    left = pl.col("cost_sek")
    parts = []
    for position, (name, share) in enumerate(shares, start=1):
        part = (pl.col("cost_sek").cast(pl.Float64) * share).round(2).cast(MONEY)
        part = left if position == len(shares) else part
        left = left - part
        parts.append(
            costs.select(
                pl.lit(name).alias("modality"),
                "month",
                part.cast(MONEY).alias("cost_sek"),
                pl.lit(stated).alias("basis"),
            )
        )
    return pl.concat(parts)
