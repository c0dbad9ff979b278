"""Targets (METHOD 4): a straight line from base to target, how much of the way is gone, and where the years so far lead."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from scipy import stats

from models.choices import Action, Target
from tests.model_cases import COUNTING, ask, build, compute, known_months, value

YEARLY = "indicator | measure | unit | period_kind | period_end | value | reason\n"


def energy(change: float, base_value: float | None = 7900.0, base_year: int = 2020, year: int = 2030) -> Target:
    """The counties' own target: 7,900 MWh of energy for business trips, so much less."""
    return Target(
        name="Energi", indicator="travel_energy_mwh", measure="energy_mwh", base_year=base_year, base_value=base_value,
        change=change, year=year,
    )  # fmt: skip


def years(values: dict[int, float | None], kind: str = "year", month_day: str = "12-31") -> str:
    return "\n".join(
        f"travel_energy_mwh | energy_mwh | MWh | {kind} | {year}-{month_day} | "
        + ("| incomplete" if amount is None else f"{amount} |")
        for year, amount in values.items()
    )


def targets(target: Target, *tables: str):
    given = {"core_level_figures": YEARLY + "\n".join(tables), "core_coverage": known_months("2020-01", "2025-12")}
    return compute(
        ("core_periods", "core_target_years", "core_target_figures", "out_targets"), given, targets={"energy": target}
    )


def row(con, columns: str, end: str = "2025-12-31", kind: str = "year") -> tuple[object, ...]:
    (found,) = ask(con, f"select {columns} from out_targets where period_kind = '{kind}' and period_end = '{end}'")
    return found


@pytest.mark.parametrize(
    ("change", "target_value", "less"),
    # −20 % and −40 % of 7,900 MWh: 1,580 and 3,160 MWh less, as the project of the five counties says
    [(-0.2, 6320.0, 1580.0), (-0.4, 4740.0, 3160.0)],
)
def test_a_target_of_the_counties(change, target_value, less):
    con = targets(energy(change), years({2025: 7110.0}))
    base, target, path, way, status = row(con, "base_value, target_value, path_value, share_of_way, status")
    assert (base, target, base - target) == pytest.approx((7900.0, target_value, less))
    # in 2025 half of the ten years are gone, so half of what is to go should be gone
    assert path == pytest.approx(7900 - less / 2)
    # 7,110 MWh are 790 MWh less than 7,900
    assert way == pytest.approx(790 / less)
    assert status == ("on_path" if less / 2 <= 790 else "behind")


@pytest.mark.parametrize(
    ("amount", "way", "status"),
    [
        # of −20 % of 7,900 by 2030: 6,320; in 2025 the line is at 7,110
        (8690.0, -0.5, "behind"),  # 790 more instead of 1,580 less
        (7900.0, 0.0, "behind"),
        (7111.0, 789 / 1580, "behind"),
        (7110.0, 0.5, "on_path"),
        (6321.0, 1579 / 1580, "on_path"),
        (6320.0, 1.0, "reached"),
        (4740.0, 2.0, "reached"),  # the figure is not clipped
        (0.0, 5.0, "reached"),
    ],
)
def test_how_much_of_the_way_is_gone(amount, way, status):
    con = targets(energy(-0.2), years({2025: amount}))
    found_way, found_status, reason = row(con, "share_of_way, status, reason")
    assert (found_way, found_status, reason) == (pytest.approx(way), status, None)
    assert value(con, "core_target_figures", "target_progress.share_of_way", dimension_1="target", value_1="energy")[
        0
    ] == pytest.approx(way)


def test_more_digital_meetings_is_a_target_upwards():
    target = Target(
        name="Möten", indicator="digital_meetings_per_fte", measure="organised", base_year=2023, change=0.5, year=2027
    )
    text = "\n".join(
        f"digital_meetings_per_fte | organised | meetings/FTE | year | {year}-12-31 | {meetings} |"
        for year, meetings in {2023: 20, 2024: 22, 2025: 26}.items()
    )
    con = targets(target, text)
    # 20 → 30 in four years: 22.5 and 25 after one and two
    assert row(con, "path_value, status", "2024-12-31") == (22.5, "behind")
    assert row(con, "path_value, status", "2025-12-31") == (25.0, "on_path")
    assert row(con, "share_of_way")[0] == pytest.approx(6 / 10)


def test_the_base_is_the_base_years_own_value_where_settings_do_not_say_it():
    con = targets(energy(-0.2, base_value=None, base_year=2024), years({2024: 1000.0, 2025: 900.0}))
    # 2024 → 2030: −200 in six years
    assert row(con, "base_value, target_value, path_value, share_of_way") == pytest.approx(
        (1000.0, 800.0, 1000 - 200 / 6, 100 / 200)
    )


@pytest.mark.parametrize("base_year_value", [{}, {2024: None}])
def test_without_a_base_value_there_is_nothing_to_measure_from(base_year_value):
    con = targets(energy(-0.2, base_value=None, base_year=2024), years(base_year_value | {2025: 900.0}))
    assert row(con, "base_value, target_value, share_of_way, status, reason") == (None, None, None, None, "no_baseline")


def test_a_year_that_may_not_be_shown_keeps_its_reason():
    con = targets(energy(-0.2), years({2024: 7500.0, 2025: None}))
    assert row(con, "value, share_of_way, status, reason") == (None, None, None, "incomplete")
    # the line is at 7,900 − 4 · 158 = 7,268 in 2024
    assert row(con, "status", "2024-12-31") == ("behind",)


def test_twelve_months_to_midsummer_lie_between_two_years():
    con = targets(energy(-0.2), years({2025: 7189.0}, "rolling_12", "06-30"))
    # July 2024 to June 2025 lies at 2024.5: 7,900 − 4.5 · 158 = 7,189
    assert row(con, "path_value, status", "2025-06-30", "rolling_12") == (pytest.approx(7189.0), "on_path")


@pytest.mark.parametrize("last", [2, 3])
def test_three_years_are_too_few_for_a_forecast_and_four_are_not(last):
    con = targets(energy(-0.2), years({2022 + n: 7900 * 0.95**n for n in range(last + 1)}))
    found = row(con, "forecast, forecast_low, forecast_high, reached_year, forecast_reason", f"{2022 + last}-12-31")
    if last == 2:
        assert found == (None, None, None, None, "short_history")
    else:
        # every year 5 % less: in 2030, eight years after 2022, and without scatter no interval
        expected = 7900 * 0.95**8
        # 7,900 · 0.95^n ≤ 6,320 first for n = 5: 0.95^4 = 0.8145, 0.95^5 = 0.7738
        assert found == (*(pytest.approx(expected) for _ in range(3)), 2027, None)


def test_the_forecast_is_a_straight_line_through_the_logarithms():
    amounts = {2020: 7900.0, 2021: 7600.0, 2022: 7700.0, 2023: 7100.0, 2024: 7000.0, 2025: 6900.0}
    con = targets(energy(-0.2), years(amounts))
    x, y = np.array(list(amounts)), np.log(list(amounts.values()))
    slope, _ = np.polyfit(x - x.mean(), y, 1)
    residual = y - y.mean() - slope * (x - x.mean())
    scatter = math.sqrt((residual**2).sum() / (len(x) - 2))
    middle = y.mean() + slope * (2030 - x.mean())
    half = float(stats.t.ppf(0.975, len(x) - 2)) * scatter * math.sqrt(
        1 + 1 / len(x) + (2030 - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()
    )  # fmt: skip
    expected = [math.exp(middle), math.exp(middle - half), math.exp(middle + half)]
    assert list(row(con, "forecast, forecast_low, forecast_high")) == pytest.approx(expected, rel=1e-9)
    # 2024 knows nothing of 2025
    assert row(con, "forecast", "2024-12-31")[0] != pytest.approx(expected[0])


def test_a_target_of_next_year_is_asked_for_in_full():
    con = targets(energy(-0.2, base_year=2024, year=2025), years({2024: 7900.0, 2025: 7000.0}))
    assert row(con, "path_value, target_value, status") == (pytest.approx(6320.0), pytest.approx(6320.0), "behind")
    assert row(con, "path_value", "2024-12-31") == (7900.0,)


def test_a_small_organisation_has_a_target_of_one_megawatt_hour_less():
    con = targets(energy(-0.2, base_value=5.0), years({2025: 4.5}))
    assert row(con, "target_value, share_of_way") == (4.0, 0.5)


def test_less_than_one_megawatt_hour_is_a_point_of_the_line_and_can_be_a_target():
    # half as much every year from 2022: 0.8, 0.4, 0.2, 0.1; the target of 0.05 is reached a year later
    target = energy(-0.9375, base_value=0.8, base_year=2022)
    con = targets(target, years({2022 + n: 0.8 * 0.5**n for n in range(4)}))
    assert row(con, "forecast, reached_year, forecast_reason") == (pytest.approx(0.8 * 0.5**8), 2026, None)


@pytest.mark.parametrize("change", [-1.0, -1.5])
def test_a_line_of_so_much_less_each_year_never_reaches_nothing(change):
    con = targets(energy(change), years({2022 + n: 7900 * 0.5**n for n in range(4)}))
    found, reached, reason = row(con, "forecast, reached_year, forecast_reason")
    assert (found, reached, reason) == (pytest.approx(7900 * 0.5**8), None, None)


def test_a_line_upwards_reaches_a_target_upwards():
    # e times as much every year from 1 in 2022: e^4 = 54.6 in 2026, and e^5 = 148.4 in 2027 is above a hundred times as much
    con = targets(energy(99.0, base_value=1.0, base_year=2022), years({2022 + n: math.exp(n) for n in range(4)}))
    assert row(con, "reached_year, forecast_reason") == (2027, None)


def test_a_line_that_leads_away_never_reaches_the_target():
    con = targets(energy(-0.2), years({2022 + n: 7900 * 1.05**n for n in range(4)}))
    assert row(con, "reached_year, forecast_reason") == (None, None)


def test_a_level_line_never_reaches_a_target_below_it():
    # one kilowatt-hour every year, whose logarithm is nothing
    con = targets(energy(-0.2, base_value=1.0, base_year=2022), years({2022 + n: 1.0 for n in range(4)}))
    assert row(con, "forecast, reached_year, forecast_reason") == (1.0, None, None)


def test_a_missing_year_is_no_point_of_the_line():
    con = targets(energy(-0.2), years({2021: 7900.0, 2022: None, 2023: 7500.0, 2024: 7300.0}))
    assert row(con, "forecast_reason", "2024-12-31") == ("short_history",)


def test_no_target_is_said_not_left_out():
    con = compute(
        (*COUNTING, "core_target_years", "core_target_figures"), {"core_coverage": known_months("2024-01", "2025-12")}
    )
    assert value(con, "core_target_figures", "target_progress.share_of_way") == (None, "no_target")


def test_no_target_is_said_of_years_and_twelve_months_and_only_where_no_target_tells_of_them():
    con = targets(energy(-0.2), years({2025: 7110.0}))
    found = ask(con, "select period_kind, dimension_1, reason from core_target_figures where period_end = '2025-12-31' order by 1")  # fmt: skip
    assert found == [("rolling_12", "all", "no_target"), ("year", "target", None)]
    found = ask(
        con, "select count(*) from core_target_figures where period_end = '2024-12-31' and reason = 'no_target'"
    )
    assert found == [(2,)]


ABOUT = "person_group, baseline, dimension_2, value_2, numerator, denominator, known_share, people, unit"


def test_a_share_of_the_way_stands_with_the_year_it_is_measured_from():
    con = targets(energy(-0.2), years({2025: 7110.0}))
    figure = "target_progress.share_of_way"
    found = value(con, "core_target_figures", figure, columns=ABOUT, dimension_1="target", value_1="energy")
    assert found == ("all", "2020", "all", "all", None, None, 1.0, 50, "share")
    found = value(con, "core_target_figures", figure, "rolling_12 2025-12-31", ABOUT)
    assert found == ("all", "none", "all", "all", None, None, None, None, "share")


def test_actions_stand_with_their_day_and_both_names():
    done = (
        Action(on=date(2025, 3, 1), kind="policy", sv="Resepolicy", en="Travel policy"),
        Action(on=date(2025, 9, 1), sv="Nya rum"),
    )
    con = build({}, only=("out_actions",), actions=done)
    assert ask(con, "select cast(action_on as varchar), kind, name_sv, name_en from out_actions order by 1") == [
        ("2025-03-01", "policy", "Resepolicy", "Travel policy"),
        ("2025-09-01", "other", "Nya rum", "Nya rum"),
    ]
