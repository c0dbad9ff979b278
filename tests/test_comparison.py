"""Beside others (METHOD 4): difference in differences, and the median and quartiles of organisations compared with."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from tests.model_cases import ask, compute

OWN = "indicator | measure | period_kind | period_end | baseline | dimension_2 | value_2 | value | unit\n"
OTHERS = "organisation | indicator | measure | period_kind | period_end | baseline | dimension_2 | value_2 | value\n"
CHANGE = "travel_change | co2_kg | year | 2025-12-31 | 2019 | basis | per_fte"


def compared(own: float | str, others: list[float], line: str = CHANGE, others_line: str | None = None, **method):
    told = "\n".join(f"o{number:02d} | {others_line or line} | {change}" for number, change in enumerate(others))
    given = {"out_indicators": f"{OWN}{line} | {own} | share"}
    return compute(("out_comparison", "out_benchmark"), given, others=OTHERS + told, **method)


def effect(con, columns: str = "own_change, others_change, effect, low, high, others, reason") -> tuple[object, ...]:
    (found,) = ask(con, f"select {columns} from out_comparison")
    return found


def by_hand(own: float, others: list[float]) -> tuple[float, float, float, float]:
    """others' change, effect, low, high: g = ln R; d = g_own − mean(g); exp(d ± t·sd·√(1 + 1/n)) − 1."""
    logs, n = [math.log(1 + change) for change in others], len(others)
    mean = sum(logs) / n
    spread = math.sqrt(sum((log - mean) ** 2 for log in logs) / (n - 1))
    difference = math.log(1 + own) - mean
    half = float(stats.t.ppf(0.975, n - 1)) * spread * math.sqrt(1 + 1 / n)
    return (
        math.exp(mean) - 1,
        math.exp(difference) - 1,
        math.exp(difference - half) - 1,
        math.exp(difference + half) - 1,
    )


def test_minus_25_percent_against_minus_8_percent_over_six_years():
    """CO2 per employee six years after the base year, beside three others that came down 8 % together."""
    # 0.92 · 0.92 · 0.92 = (0.92/1.1) · 0.92 · (0.92 · 1.1): a geometric mean of −8 %
    others = [0.92 / 1.1 - 1, -0.08, 0.92 * 1.1 - 1]
    own, theirs, found, low, high, n, reason = effect(compared(-0.25, others))
    assert (own, theirs, n, reason) == (pytest.approx(-0.25), pytest.approx(-0.08), 3, None)
    # 0.75 / 0.92 = 0.8152…: 18.5 % less than had it followed the others
    assert found == pytest.approx(0.75 / 0.92 - 1)
    # sd of ln = ln 1.1 = 0.0953; t with 2 degrees of freedom 4.3027; √(4/3) = 1.1547: half width 0.4735
    half = 4.302652729911275 * math.log(1.1) * math.sqrt(4 / 3)
    assert (low, high) == pytest.approx((0.75 / 0.92 * math.exp(-half) - 1, 0.75 / 0.92 * math.exp(half) - 1))
    # three others cannot tell −18.5 % from nothing
    assert low < 0 < high


def test_no_trip_at_all_is_a_change_without_an_effect():
    own, theirs, found, low, high, n, reason = effect(compared(-1.0, [-0.1, -0.1, -0.1]))
    assert (own, theirs, n, reason) == (-1.0, pytest.approx(-0.1), 3, "too_few_trips")
    assert (found, low, high) == (None, None, None)


def test_another_without_any_trip_is_left_out():
    assert effect(compared(-0.25, [-0.1, -0.1, -0.1, -1.0]), "others, reason") == (3, None)


def test_two_others_are_too_few():
    found = effect(compared(-0.25, [-0.08, -0.07]))
    assert found == (pytest.approx(-0.25), None, None, None, None, 2, "too_few_organisations")


def test_no_others_at_all():
    assert effect(compared(-0.25, [])) == (pytest.approx(-0.25), None, None, None, None, 0, "too_few_organisations")


@pytest.mark.parametrize("others", [[-0.42, -0.40, -0.38], [-0.40, -0.40, -0.40]])
def test_what_happens_to_everyone_is_no_effect(others):
    """An outside shock of −40 %: the own change shows it, the effect is about nothing."""
    own, _, found, low, high, _, _ = effect(compared(-0.40, others))
    assert own == pytest.approx(-0.40)
    assert found == pytest.approx(0, abs=0.001)
    assert low <= found + 1e-12
    assert found <= high + 1e-12


@pytest.mark.parametrize("n", [15, 50])
def test_a_county_of_fifteen_municipalities_and_a_network_of_fifty(n):
    others = [-0.08 + 0.01 * (number % 7 - 3) for number in range(n)]
    _, theirs, found, low, high, counted, _ = effect(compared(-0.25, others))
    assert counted == n
    assert (theirs, found, low, high) == pytest.approx(by_hand(-0.25, others), rel=1e-9)
    assert high < 0  # so many others make −18.5 % a clear effect


def test_the_replacement_rate_is_compared_as_what_remains():
    line = "replacement_rate | trips | year | 2025-12-31 | 2019 | basis | per_fte"
    own, theirs, found, *_ = effect(compared(0.30, [0.10, 0.10, 0.10], line))
    # R = 0.7 beside 0.9
    assert (own, theirs, found) == pytest.approx((-0.30, -0.10, 0.7 / 0.9 - 1))


@pytest.mark.parametrize(
    "other",
    [
        CHANGE.replace("2019", "2018"),  # another baseline
        CHANGE.replace("2025-12-31", "2024-12-31"),  # another period
        CHANGE.replace("per_fte", "total"),  # another basis
        CHANGE.replace("co2_kg", "co2e_kg"),  # another boundary
    ],
)
def test_only_like_is_compared_with_like(other):
    assert effect(compared(-0.25, [-0.08, -0.08, -0.08], others_line=other), "others, effect") == (0, None)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"{CHANGE} | all   | all     | all  | all", 1),
        (f"{CHANGE} | Skola | all     | all  | all", 0),  # a department
        (f"{CHANGE} | all   | elected | all  | all", 0),
        (f"{CHANGE} | all   | all     | mode | rail", 0),  # a part of it
    ],
)
def test_only_the_whole_organisation_is_compared(line, found):
    """What others publish to compare with is of the whole organisation and undivided."""
    head = OWN.replace("value_2 |", "value_2 | department | person_group | dimension_1 | value_1 |")
    told = "\n".join(f"o{number} | {CHANGE} | -0.08" for number in range(3))
    con = compute(
        ("out_comparison", "out_benchmark"), {"out_indicators": f"{head}{line} | -0.25 | share"}, others=OTHERS + told
    )
    assert (
        ask(con, "select count(*) from out_comparison") == ask(con, "select count(*) from out_benchmark") == [(found,)]
    )


def test_levels_have_no_effect():
    con = compared(2.5, [1.0, 2.0, 3.0], LEVEL)
    assert ask(con, "from out_comparison") == []
    assert ask(con, "select count(*) from out_benchmark") == [(1,)]


def test_each_figure_is_compared_with_its_own_kind():
    """Two periods, two measures, two bases and two baselines, each with three others of its own."""
    lines = {
        CHANGE: (-0.25, -0.08),
        CHANGE.replace("2025", "2024"): (-0.20, -0.07),
        CHANGE.replace("co2_kg", "km"): (-0.15, -0.06),
        CHANGE.replace("per_fte", "total"): (-0.10, -0.05),
        CHANGE.replace("2019", "2018"): (-0.05, -0.04),
        CHANGE.replace("travel_change | co2_kg", "replacement_rate | trips"): (0.30, 0.10),
        CHANGE.replace("year", "rolling_12"): (-0.35, -0.09),
    }
    own = "\n".join(f"{line} | {value} | share" for line, (value, _) in lines.items())
    others = "\n".join(f"o{n} | {line} | {value}" for line, (_, value) in lines.items() for n in range(3))
    con = compute(("out_comparison",), {"out_indicators": OWN + own}, others=OTHERS + others)
    found = ask(
        con, "select own_change, others_change, effect, low, high, others from out_comparison order by own_change"
    )
    ratios = sorted(
        (1 - value, 1 - other) if line.startswith("replacement") else (1 + value, 1 + other)
        for line, (value, other) in lines.items()
    )
    # three others alike: no scatter
    expected = [(mine - 1, theirs - 1, *[mine / theirs - 1] * 3, 3) for mine, theirs in ratios]
    assert [row for line in found for row in line] == pytest.approx([row for line in expected for row in line])


def test_an_own_figure_that_may_not_be_shown_is_not_compared():
    con = compared("", [-0.08, -0.08, -0.08])
    assert ask(con, "from out_comparison") == ask(con, "from out_benchmark") == []


LEVEL = "trips_per_fte | trips | year | 2025-12-31 | none | all | all"


@pytest.mark.parametrize(
    ("others", "quartiles"),
    [
        ([], None),
        ([1.0, 2.0], (None, None, None)),
        ([3.0, 1.0, 2.0], (1.0, 2.0, 3.0)),  # ceil(3/4) = 1st, the middle one, ceil(9/4) = 3rd
        ([4.0, 1.0, 2.0, 3.0], (1.0, 2.5, 3.0)),  # 1st, between the 2nd and the 3rd, 3rd
        ([float(n) for n in range(1, 16)], (4.0, 8.0, 12.0)),  # 15 municipalities: 4th, 8th, 12th
        ([float(n) for n in range(1, 51)], (13.0, 25.5, 38.0)),  # 50: 13th, between the 25th and the 26th, 38th
    ],
)
def test_median_and_quartiles_of_others(others, quartiles):
    con = compared(2.5, others, LEVEL)
    found = ask(con, "select first_quartile, median, third_quartile, others, value, reason from out_benchmark")
    if quartiles is None:
        assert found == []
    else:
        reason = "too_few_organisations" if len(others) < 3 else None
        assert found == [(*quartiles, len(others), 2.5, reason)]


@pytest.mark.parametrize(
    "other",
    [
        LEVEL.replace("trips_per_fte", "travel_days_per_fte"),
        LEVEL.replace("| trips |", "| days |"),
        LEVEL.replace("year", "rolling_12"),
        LEVEL.replace("2025-12-31", "2024-12-31"),
        LEVEL.replace("all | all", "basis | all"),
        LEVEL.replace("all | all", "all | total"),
    ],
)
def test_no_figure_stands_beside_another_kind(other):
    assert other != LEVEL
    assert ask(compared(2.5, [1.0, 2.0, 3.0], LEVEL, other), "from out_benchmark") == []
