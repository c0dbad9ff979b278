"""The replacement rate (METHOD 3): the formula by hand, and its edges. Whether it covers the truth: test_calibration.py."""

from __future__ import annotations

import math
from datetime import date

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models import engine
from tests import examples
from tests.model_cases import build_into

YEAR_END = date(2025, 12, 31)
SHOWN = (
    "department", "period_kind", "period_end", "months", "amount", "expected", "known_share", "baseline_known_share",
    "rate", "low", "high", "degrees_of_freedom", "dispersion",
)  # fmt: skip
"""What the page of rules shows of an answer."""


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


NO_HISTORY = pl.DataFrame(
    schema=dict.fromkeys(("department", "person_group", "dimension", "dimension_value", "basis"), pl.String)
    | {"years": pl.Int64, "log_variance": pl.Float64, "mean_inverse": pl.Float64}
)


def run(
    pairs: pl.DataFrame, exposure: tuple[float, float] = (1.0, 1.0), history: pl.DataFrame = NO_HISTORY
) -> dict[str, dict]:
    found = compared(pairs, exposure, "core_replacement", history)
    return {row["department"]: row for row in found}


def compared(
    pairs: pl.DataFrame, exposure: tuple[float, float], model: str, history: pl.DataFrame = NO_HISTORY
) -> list[dict]:
    """What a model says of paired months: of the year, of nothing broken down, unless the pairs say otherwise."""
    given = {
        "period_kind": pl.lit("year"),
        "period_end": pl.lit(YEAR_END),
        "person_group": pl.lit("all"),
        "quantity": pl.lit("trips_replaceable"),
        "dimension": pl.lit("all"),
        "dimension_value": pl.lit("all"),
        "basis": pl.lit("per_fte"),
        "exposure": pl.lit(exposure[0]),
        "baseline_exposure": pl.lit(exposure[1]),
        "facts": pl.lit(1),
        "facts_known": pl.lit(1),
        "baseline_facts": pl.lit(1),
        "baseline_facts_known": pl.lit(1),
    }
    told = {"core_paired_months": pairs.to_dicts(), "core_baseline_years": history.to_dicts()}
    examples.given(told, {"exposure": exposure} if exposure != (1.0, 1.0) else {})
    pairs = pairs.with_columns(**{name: value for name, value in given.items() if name not in pairs.columns})
    with duckdb.connect() as con:
        known = {"core_paired_months": pairs, "core_baseline_years": history}
        build_into(con, {}, known, frozenset({"core_comparisons", "core_replacement"}))
        found = con.execute(f"select * from {model}").pl().to_dicts()
    shown = [name for name in SHOWN if found and name in found[0]]
    examples.asked(f"from {model}", shown, [[row[name] for name in shown] for row in found])
    return found


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
    phi = max(1.0, pearson / (n - 1)) * carried(y0, y1, fitted)
    half = float(stats.t.ppf(0.975, n - 1)) * math.sqrt(phi * (1 / made + w * w * sum(y0) / expected**2))
    return 1 - ratio, 1 - ratio * math.exp(half), 1 - ratio * math.exp(-half)


def carried(y0: list[float], y1: list[float], fitted: list[tuple[float, float]]) -> float:
    """(1 + r) / (1 − r): what it costs that a month takes after the one before it."""
    n = len(y0)
    residuals = [
        (b - m1) / math.sqrt(m1 * m0 / (m1 + m0)) if m1 and m0 else 0.0
        for a, b, (m1, m0) in zip(y0, y1, fitted, strict=True)
    ]
    squares = sum(each * each for each in residuals)
    lagged = sum(a * b for a, b in zip(residuals[1:], residuals[:-1], strict=True))
    r = (lagged / squares + 1 / n) / (1 - 4 / n) if squares else 0.0
    r = min(max(r, 0.02), 0.6)
    return (1 + r) / (1 - r)


@settings(deadline=None, max_examples=60)
@given(
    y0=st.lists(st.integers(1, 500), min_size=6, max_size=12),
    data=st.data(),
    f0=st.floats(1, 5000),
    f1=st.floats(1, 5000),
)
def test_the_program_agrees_with_the_formula_written_out_once_more(y0, data, f0, f1):
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
        pytest.param(
            [1] * 12, [0] * 12, 1.0, 1 - 3.69 / 12, 1.0, id="none made: the low end is the Poisson bound of zero"
        ),
        pytest.param([0] * 12, [1] * 12, None, None, None, id="nothing to expect"),
        pytest.param([1, 1, 1, 1] + [0] * 8, [1] * 12, None, None, None, id="4 expected: too few to say anything"),
    ],
)
def test_none_made_none_expected_and_too_few_expected(baseline, trips, rate, low, high):
    found = replacement({"a": (baseline, trips)})["a"]
    assert (found["rate"], found["low"], found["high"]) == (rate, low if low is None else pytest.approx(low), high)


def test_few_months_without_a_year_to_borrow_from_have_no_interval():
    found = replacement({"a": ([20] * 5, [10] * 5)})["a"]
    assert found["rate"] == pytest.approx(0.5)
    assert (found["low"], found["high"], found["dispersion"]) == (None, None, None)


def test_how_much_months_vary_does_not_depend_on_how_many_work():
    varied = ([10, 30] * 6, [30, 10] * 6)  # each month: (30 − 20)²/20 + (10 − 20)²/20 = 10, over twelve less one
    for staff in (0.5, 1.0, 80.0):
        assert replacement({"a": varied}, exposure=(staff, staff))["a"]["dispersion"] == pytest.approx(120 / 11)


def test_months_of_a_single_trip_to_be_expected_vary_as_others_do():
    # one trip fits either side of each month: (2 − 1)² + (0 − 1)², over twelve less one
    assert replacement({"a": ([0, 2] * 6, [2, 0] * 6)})["a"]["dispersion"] == pytest.approx(24 / 11)


def test_an_interval_is_wider_where_months_take_after_each_other():
    """Half a year of more trips than the year before, then half a year of fewer; and the same months to and fro."""
    follow, swing = ([1] * 6 + [3] * 6, [3] * 6 + [1] * 6), ([1, 3] * 6, [3, 1] * 6)
    found = replacement({"follow": follow, "swing": swing})
    for name, (y0, y1) in {"follow": follow, "swing": swing}.items():
        rate, low, high = (found[name][end] for end in ("rate", "low", "high"))
        assert (rate, low, high) == pytest.approx(by_hand(y0, y1, 1.0, 1.0), abs=1e-9)
    assert found["follow"]["low"] < found["swing"]["low"] < found["swing"]["high"] < found["follow"]["high"]


def test_a_month_without_trips_on_either_side_fits_exactly():
    found = replacement({"a": ([10, 30] * 5 + [0, 0], [30, 10] * 5 + [0, 0])})["a"]
    assert found["dispersion"] == pytest.approx(100 / 11)


def test_six_months_have_an_interval_of_their_own():
    found = replacement({"a": ([20] * 6, [10] * 6)})["a"]
    assert (found["degrees_of_freedom"], found["dispersion"]) == (5, 1.0)


def test_five_expected_trips_are_enough_to_say_something_and_fewer_are_not():
    found = replacement({"five": ([1, 1, 1, 1, 1, 0], [1, 0, 0, 0, 0, 0])})["five"]
    assert found["rate"] == pytest.approx(0.8)
    # residuals of a month with a trip on either side: 0.8 and −0.2, each over √(1/6 · 5/6 · the month's trips)
    trips = [2, 1, 1, 1, 1]
    residuals = [(made - n / 6) / math.sqrt(n * 5 / 36) for n, made in zip(trips, [1, 0, 0, 0, 0], strict=True)] + [0]
    follows = sum(a * b for a, b in zip(residuals[1:], residuals[:-1], strict=True)) / sum(r * r for r in residuals)
    r = (follows + 1 / 6) / (1 - 4 / 6)
    half = stats.t.ppf(0.975, 5) * math.sqrt((1 + r) / (1 - r) * (1 + 5 / 25))
    assert (found["low"], found["high"]) == (
        pytest.approx(1 - 0.2 * math.exp(half)),
        pytest.approx(1 - 0.2 * math.exp(-half)),
    )


def months(period_kind: str, period_end: date, baseline: list[float], trips: list[float]) -> pl.DataFrame:
    pairs = {"month": [date(2025, 1 + n, 1) for n in range(len(trips))], "amount": trips, "baseline_amount": baseline}
    return pl.DataFrame(pairs).with_columns(
        department=pl.lit("a"), period_kind=pl.lit(period_kind), period_end=pl.lit(period_end)
    )


@pytest.mark.parametrize(("known", "degrees"), [(6, 5), (5, None)])
def test_twelve_months_of_which_six_are_known_can_be_borrowed_from(known, degrees):
    quarter = months("quarter", date(2025, 3, 31), [20.0] * 3, [10.0] * 3)
    borrowed = months("rolling_12", date(2025, 3, 31), [20.0] * known, [10.0] * known)
    found = compared(pl.concat([quarter, borrowed]), (1.0, 1.0), "core_replacement")
    assert {row["period_kind"]: row["degrees_of_freedom"] for row in found}["quarter"] == degrees


def test_few_months_borrow_how_much_months_vary_from_the_latest_twelve():
    """A quarter of three months; twelve months up to March, and up to December, which vary more."""
    varied = ([10.0, 30.0] * 6, [30.0, 10.0] * 6)
    steady = ([20.0] * 11, [10.0] * 11)
    found = compared(
        pl.concat(
            [
                months("quarter", date(2025, 3, 31), [20.0] * 3, [10.0] * 3),
                months("rolling_12", date(2025, 3, 31), *steady),
                months("rolling_12", date(2025, 9, 30), [20.0] * 12, [10.0] * 12),
                months("rolling_12", date(2025, 12, 31), *varied),
                months("year", date(2025, 12, 31), [20.0] * 5, [10.0] * 5),
            ]
        ),
        (1.0, 1.0),
        "core_replacement",
    )
    by_period = {(row["period_kind"], row["period_end"].month): row for row in found}
    # each month: (30 − 20)²/20 + (10 − 20)²/20 = 10, over twelve months less one
    assert by_period["rolling_12", 12]["dispersion"] == pytest.approx(12 * 10 / 11)
    for period in (("quarter", 3), ("year", 12)):
        assert by_period[period]["dispersion"] == pytest.approx(12 * 10 / 11)
        assert by_period[period]["degrees_of_freedom"] == 11
    # months that swing to and fro do not follow each other: r is the least there is
    half = stats.t.ppf(0.975, 11) * math.sqrt(12 * 10 / 11 * 1.02 / 0.98 * (1 / 30 + 60 / 60**2))
    assert by_period["quarter", 3]["low"] == pytest.approx(1 - 0.5 * math.exp(half))
    assert by_period["quarter", 3]["high"] == pytest.approx(1 - 0.5 * math.exp(-half))


def test_only_trips_that_a_meeting_could_replace_have_a_rate():
    pairs = pl.DataFrame({"department": "a", "month": [date(2025, 1, 1)], "amount": [9.0], "baseline_amount": [9.0]})
    both = pl.concat([pairs.with_columns(quantity=pl.lit(name)) for name in ("trips_replaceable", "cost_sek")])
    assert [row["rate"] for row in compared(both, (1.0, 1.0), "core_replacement")] == [0.0]


def test_the_known_share_of_what_is_compared_is_by_rows_and_nothing_is_known_whole():
    pairs = pl.DataFrame(
        {
            "department": ["a", "a", "none"], "month": [date(2025, n, 1) for n in (1, 2, 1)],
            "amount": [30.0, 10.0, 0.0], "baseline_amount": [20.0, 20.0, 0.0],
            "facts": [3, 1, 0], "facts_known": [2, 1, 0], "baseline_facts": [2, 3, 0], "baseline_facts_known": [1, 3, 0],
        }
    )  # fmt: skip
    found = {row["department"]: row for row in compared(pairs, (100.0, 50.0), "core_comparisons")}
    assert (found["a"]["known_share"], found["a"]["baseline_known_share"]) == (0.75, 0.8)
    assert (found["none"]["known_share"], found["none"]["baseline_known_share"]) == (1.0, 1.0)
    # twice the staff: twice the trips are expected
    assert [found["a"][name] for name in ("months", "amount", "expected", "expected_variance")] == [2, 40, 80, 160]


def test_quantiles_are_those_of_the_t_distribution():
    table = engine.reference_tables()["ref_t_quantiles"]
    assert table["t_975"].to_list() == pytest.approx(
        stats.t.ppf(0.975, table["degrees_of_freedom"].to_numpy()), abs=1e-9
    )


def test_what_whole_years_differ_beyond_chance_is_added_for_both_years():
    """Three baseline years, s² = 0.01 of their logarithms; a year of 240 trips differs by 1/240 by chance alone."""
    history = pl.DataFrame(
        {
            "department": ["a", "b"], "person_group": "all", "dimension": "all", "dimension_value": "all",
            "basis": "per_fte", "years": [3, 2], "log_variance": 0.01, "mean_inverse": 1 / 240,
        }
    )  # fmt: skip
    months = [date(2025, 1 + number, 1) for number in range(12)]
    pairs = pl.concat(
        pl.DataFrame({"department": name, "month": months, "amount": 10.0, "baseline_amount": 20.0}) for name in "ab"
    )
    found = run(pairs, history=history)
    carry = 1.02 / 0.98  # residuals of nothing: the least a month takes after the one before
    by_months = carry * (1 / 120 + 1 / 240)
    by_years = 2 * (0.01 - carry / 240)
    degrees = (by_months + by_years) ** 2 / (by_months**2 / 11 + by_years**2 / 2)
    half = float(stats.t.ppf(0.975, degrees)) * math.sqrt(by_months + by_years)
    assert found["a"]["degrees_of_freedom"] == pytest.approx(degrees)
    # the quantile is taken from a table of whole degrees of freedom, straight in one divided by them
    assert found["a"]["low"] == pytest.approx(1 - 0.5 * math.exp(half), rel=2e-3)
    # two years say nothing of how years differ
    half = float(stats.t.ppf(0.975, 11)) * math.sqrt(by_months)
    assert found["b"]["low"] == pytest.approx(1 - 0.5 * math.exp(half), rel=1e-9)
