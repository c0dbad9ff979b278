"""Does the interval of the replacement rate cover the truth? Simulated organisations through the models' own SQL.

The noise: negative binomial months (variance φ times the mean) with seasons and growing staff, whose rates follow each
other (correlation of months up to 0.2), and years that differ by 5 % where three or more baseline years are known. Seeds
were fixed before the first look.
"""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy import signal, stats

from models import engine

REPLICATES = 4_000
EFFECTS = (0.0, 0.1, 0.3, 0.6)
NOISE = ((40.0, 2.0, 0.1), (150.0, 3.0, 0.2))
"""Trips a month, φ, and the correlation of a month with the next."""
HISTORY = ((1, 0.0), (3, 0.05), (5, 0.05))
"""Baseline years known, and how much years differ."""
SEASON = np.array([0.8, 1.0, 1.1, 1.0, 1.2, 0.9, 0.3, 0.7, 1.3, 1.3, 1.3, 1.1])
CASES = [(noise, history, effect) for noise, history in ((0, 0), (1, 0), (0, 2), (1, 1)) for effect in EFFECTS]
LAST_YEAR = 2025
CHAIN = ("core_paired_months", "core_comparisons", "core_baseline_years", "core_replacement")


def simulated(noise: int, history: int, effect: float) -> pl.DataFrame:
    """Months of trips of REPLICATES organisations: the baseline years, then one year with the effect."""
    rng = np.random.default_rng([20261130, noise, history, int(effect * 100)])
    (mean, phi, correlation), (years, shock) = NOISE[noise], HISTORY[history]
    months = 12 * (years + 1)
    # gamma rates that follow each other, so that each month alone is negative binomial
    innovation = rng.standard_normal((REPLICATES, months + 24))
    carried = correlation * phi / (phi - 1)
    latent = signal.lfilter([np.sqrt(1 - carried**2)], [1, -carried], innovation)[:, 24:]
    expected = mean * np.tile(SEASON, years + 1)
    expected[-12:] *= 1.05 * (1 - effect)  # five per cent more staff
    shape = expected / (phi - 1)
    rates = stats.gamma.ppf(stats.norm.cdf(latent), shape, scale=phi - 1)
    rates = rates * np.exp(np.repeat(rng.normal(0, shock, (REPLICATES, years + 1)), 12, axis=1))
    first = LAST_YEAR - years
    names = [f"{noise}/{history}/{effect}/{number}" for number in range(REPLICATES)]
    return pl.DataFrame(
        {
            "department": np.repeat(names, months),
            "month": [date(first + number // 12, 1 + number % 12, 1) for number in range(months)] * REPLICATES,
            "amount": rng.poisson(rates).ravel().astype(float),
        }
    )


@pytest.fixture(scope="module")
def intervals() -> pl.DataFrame:
    """Every replicate of every case in one build."""
    monthly = pl.concat(simulated(*case) for case in CASES).with_columns(
        person_group=pl.lit("all"), quantity=pl.lit("trips_replaceable"), dimension=pl.lit("all"),
        dimension_value=pl.lit("all"), facts=pl.lit(1), facts_known=pl.lit(1),
    )  # fmt: skip
    calendar = engine.reference_tables()["ref_calendar"]
    numbered = calendar.select("month", "month_number", year=pl.col("month").dt.year())
    period = numbered.filter(pl.col("year") >= LAST_YEAR - 1, pl.col("year") <= LAST_YEAR).select(
        "month", "month_number",
        period_kind=pl.when(pl.col("year") == LAST_YEAR).then(pl.lit("year")).otherwise(pl.lit("baseline")),
        period_end=pl.date(pl.col("year"), 12, 31),
    )  # fmt: skip
    tables = {
        "core_monthly": monthly,
        "core_cells": monthly.select("department", "person_group", "quantity", "dimension", "dimension_value").unique(),
        "core_denominators": monthly.select(
            "month", "department", "person_group",
            denominator=pl.when(pl.col("month").dt.year() == LAST_YEAR).then(1050.0).otherwise(1000.0),
        ),
        "core_kind_coverage": numbered.filter(pl.col("year") <= LAST_YEAR).select(
            # each history is known as far back as it was simulated: before, the organisation has no staff figures
            "month", kind=pl.lit("travel"), is_covered=pl.lit(True)
        ),
        "core_periods": period,
        "settings_method": pl.DataFrame({"baseline_to": [date(LAST_YEAR - 1, 12, 1)]}),
        "ref_t_quantiles": engine.reference_tables()["ref_t_quantiles"],
        "ref_calendar": calendar,
        "ref_totals": engine.reference_tables()["ref_totals"],
    }  # fmt: skip
    with duckdb.connect() as con:
        for name, rows in tables.items():
            con.register(name, rows)
        for name in CHAIN:
            con.execute(f"create table {name} as {engine.load_models()[name].sql}")
        return con.execute("select * from core_replacement where basis = 'per_fte'").pl()


@pytest.mark.parametrize(("noise", "history", "effect"), CASES)
def test_the_interval_covers_the_true_effect(intervals, noise, history, effect):
    found = intervals.filter(pl.col("department").str.starts_with(f"{noise}/{history}/{effect}/"))
    assert found.height == REPLICATES
    years, _ = HISTORY[history]
    assert set(found["baseline_years"]) == {years}
    covered = ((found["low"] <= effect) & (effect <= found["high"])).mean()
    assert 0.92 <= covered <= 0.98, f"covers the truth in {covered:.1%}"
    if effect == 0:
        claimed = 1 - covered
        assert claimed <= 0.06, f"claims an effect where there is none in {claimed:.1%}"
