"""The replacement rate (METHOD 3): the formula by hand, its edges, and whether its interval covers the truth."""

from __future__ import annotations

import math
from datetime import date

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models import engine

YEAR_END = date(2025, 12, 31)


def replacement(
    series: dict[str, tuple[list[float], list[float]]], exposure: tuple[float, float] = (1.0, 1.0)
) -> dict[str, dict]:
    """Run the models' own SQL over months of (baseline trips, trips), one series per department."""
    months = [date(2025, 1 + number, 1) for number in range(12)]
    frames = []
    for department, (baseline, trips) in series.items():
        frames.append(
            pl.DataFrame(
                {
                    "department": department,
                    "month": months[: len(trips)],
                    "amount": [float(n) for n in trips],
                    "baseline_amount": [float(n) for n in baseline],
                }
            )
        )
    return run(pl.concat(frames), exposure)


def run(pairs: pl.DataFrame, exposure: tuple[float, float] = (1.0, 1.0)) -> dict[str, dict]:
    pairs = pairs.with_columns(
        period_kind=pl.lit("year"),
        period_end=pl.lit(YEAR_END),
        person_group=pl.lit("all"),
        quantity=pl.lit("trips_replaceable"),
        dimension=pl.lit("all"),
        dimension_value=pl.lit("all"),
        basis=pl.lit("per_fte"),
        exposure=pl.lit(exposure[0]),
        baseline_exposure=pl.lit(exposure[1]),
        facts=pl.lit(1),
        facts_known=pl.lit(1),
        baseline_facts=pl.lit(1),
        baseline_facts_known=pl.lit(1),
    )
    with duckdb.connect() as con:
        con.register("core_paired_months", pairs)
        con.register("ref_t_quantiles", engine.reference_tables()["ref_t_quantiles"])
        for name in ("core_comparisons", "core_replacement"):
            con.execute(f"create table {name} as {engine.load_models()[name].sql}")
        found = con.execute("select * from core_replacement").pl()
    return {row["department"]: row for row in found.to_dicts()}


def by_hand(y0: list[float], y1: list[float], f0: float, f1: float) -> tuple[float, float, float]:
    """The same formulas once more, straight from the method's text, with SciPy's quantiles."""
    w = f1 / f0
    expected, made, n = w * sum(y0), sum(y1), len(y0)
    ratio = made / expected
    fitted = [
        (ratio * f1 * (a + b) / (f0 + ratio * f1), f0 * (a + b) / (f0 + ratio * f1))
        for a, b in zip(y0, y1, strict=True)
    ]
    pearson = sum(
        ((b - m1) ** 2 / m1 if m1 else 0) + ((a - m0) ** 2 / m0 if m0 else 0)
        for a, b, (m1, m0) in zip(y0, y1, fitted, strict=True)
    )
    phi = max(1.0, pearson / (n - 1))
    half = float(stats.t.ppf(0.975, n - 1)) * math.sqrt(phi * (1 / made + w * w * sum(y0) / expected**2))
    return 1 - ratio, 1 - ratio * math.exp(half), 1 - ratio * math.exp(-half)


@settings(deadline=None, max_examples=60)
@given(
    y0=st.lists(st.integers(1, 500), min_size=6, max_size=12),
    data=st.data(),
    f0=st.floats(1, 5000),
    f1=st.floats(1, 5000),
)
def test_the_sql_agrees_with_the_formula_written_out_in_python(y0, data, f0, f1):
    y1 = data.draw(st.lists(st.integers(0, 500), min_size=len(y0), max_size=len(y0)).filter(any))
    found = replacement({"a": (y0, y1)}, exposure=(f1, f0))["a"]
    if f1 / f0 * sum(y0) < 5:
        assert found["rate"] is None
    else:
        assert (found["rate"], found["low"], found["high"]) == pytest.approx(
            by_hand(y0, y1, f0, f1), rel=1e-9, abs=1e-9
        )


def test_no_change_is_zero_and_growth_is_negative_never_clipped():
    found = replacement({"same": ([20] * 12, [20] * 12), "more": ([20] * 12, [30] * 12)})
    assert found["same"]["rate"] == pytest.approx(0)
    assert found["more"]["rate"] == pytest.approx(-0.5)
    assert found["more"]["high"] < 0


def test_more_staff_with_the_same_trips_is_a_decrease():
    assert replacement({"a": ([20] * 12, [20] * 12)}, exposure=(200, 100))["a"]["rate"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("baseline", "trips", "rate", "low", "high"),
    [
        ([1] * 12, [0] * 12, 1.0, 1 - 3.69 / 12, 1.0),  # none made: the low end is the Poisson bound of zero
        ([0] * 12, [1] * 12, None, None, None),  # nothing to expect
        ([1, 1, 1, 1] + [0] * 8, [1] * 12, None, None, None),  # 4 expected: too few to say anything
    ],
)
def test_edges(baseline, trips, rate, low, high):
    found = replacement({"a": (baseline, trips)})["a"]
    assert (found["rate"], found["low"], found["high"]) == (rate, low if low is None else pytest.approx(low), high)


def test_few_months_without_a_year_to_borrow_from_have_no_interval():
    found = replacement({"a": ([20] * 5, [10] * 5)})["a"]
    assert found["rate"] == pytest.approx(0.5)
    assert (found["low"], found["high"], found["dispersion"]) == (None, None, None)


def test_quantiles_are_those_of_the_t_distribution():
    table = engine.reference_tables()["ref_t_quantiles"]
    assert table["t_975"].to_list() == pytest.approx(
        stats.t.ppf(0.975, table["degrees_of_freedom"].to_numpy()), abs=1e-9
    )


REPLICATES = 2_000
# fixed before the first look; what varies: effect, trips a month, and how much months vary beyond chance
CALIBRATION = [
    (seed, effect, mean, phi) for seed, (mean, phi) in enumerate([(40, 2.0), (150, 3.0)]) for effect in (0.0, 0.3, 0.6)
]


@pytest.fixture(scope="module")
def calibration() -> dict[tuple[int, float], np.ndarray]:
    """Every replicate of every setting in one build: seasons and growing staff, negative binomial months."""
    season = np.array([0.8, 1.0, 1.1, 1.0, 1.2, 0.9, 0.3, 0.7, 1.3, 1.3, 1.3, 1.1])
    frames, truth = [], {}
    for seed, effect, mean, phi in CALIBRATION:
        rng = np.random.default_rng([20261124, seed, int(effect * 100)])

        def months(mu: np.ndarray, phi: float = phi, rng: np.random.Generator = rng) -> np.ndarray:
            return rng.negative_binomial(mu / (phi - 1), 1 / phi, size=(REPLICATES, 12))  # variance = phi · mean

        baseline, trips = months(mean * season), months(mean * season * 1.05 * (1 - effect))
        names = [f"{seed}/{effect}/{number}" for number in range(REPLICATES)]
        truth |= dict.fromkeys(names, (seed, effect))
        frames.append(
            pl.DataFrame(
                {
                    "department": np.repeat(names, 12),
                    "month": [date(2025, 1 + number, 1) for number in range(12)] * REPLICATES,
                    "amount": trips.ravel().astype(float),
                    "baseline_amount": baseline.ravel().astype(float),
                }
            )
        )
    covered: dict[tuple[int, float], list[bool]] = {}
    for name, row in run(pl.concat(frames), exposure=(1050.0, 1000.0)).items():
        key = truth[name]
        covered.setdefault(key, []).append(row["low"] <= key[1] <= row["high"])
    return {key: np.array(hits) for key, hits in covered.items()}


@pytest.mark.parametrize(("seed", "effect"), [(seed, effect) for seed, effect, _, _ in CALIBRATION])
def test_the_interval_covers_the_true_effect(calibration, seed, effect):
    hits = calibration[seed, effect]
    assert hits.size == REPLICATES
    assert 0.92 <= hits.mean() <= 0.98, f"covers the truth in {hits.mean():.1%} of {hits.size} replicates"
