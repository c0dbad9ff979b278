"""Gives amounts in other currencies their cost in kronor, by the rates a profile states and by no others."""

from __future__ import annotations

import polars as pl

from connectors.contract import MONEY
from connectors.files.profiles import Profile
from connectors.files.values import period

KRONOR = "SEK"


def cost_in_kronor(profile: Profile, day: str = "departed_at") -> pl.Expr:
    """``cost_sek``: the amount in kronor, or times the rate of its currency on its day; NULL without a rate.

    Args:
        profile: with its table of rates.
        day: the column with the day, as a date or a datetime.
    """
    in_kronor = pl.when(pl.col("currency") == KRONOR).then(pl.col("amount"))
    converted = (pl.col("amount").cast(pl.Float64) * _rate(profile, day)).round(2, mode="half_to_even").cast(MONEY)
    return pl.coalesce(in_kronor, converted).alias("cost_sek")


def _rate(profile: Profile, day: str) -> pl.Expr:
    """Kronor for one unit; of several periods that hold the day, the shortest counts."""
    stated = [
        (last - first, first, last, currency, rate)
        for currency, rates in profile.rates.items()
        for when, rate in rates.items()
        for first, last in (period(when),)
    ]
    known = [
        pl.when((pl.col("currency") == currency) & pl.col(day).cast(pl.Date).is_between(first, last)).then(rate)
        for _, first, last, currency, rate in sorted(stated)
    ]
    return pl.coalesce([*known, pl.lit(None, pl.Float64)])
