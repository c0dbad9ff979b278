"""How much whole years differ (METHOD 3): which years before the baseline tell, and where an interval covers them."""

from __future__ import annotations

import math
import statistics

import pytest

from tests.model_cases import ask, compute, known_months
from tests.model_cases import months as month_list

UNDIVIDED = ("all", "all", "all", "all")
"""Department, group of people, dimension and its value: the whole organisation."""


def years_before(
    made: dict[int, int],
    fte: dict[int, float] | None = None,
    but: tuple[str, ...] = (),
    but_fte: dict[str, float | None] | None = None,
    places: dict[tuple[str, ...], int] | None = None,
    known: str | None = None,
    totals: str = "",
    **method,
):
    """So many trips in each month of some years, times what is said of a place; 2024 is the baseline."""
    places = places or {UNDIVIDED: 1}
    monthly, staff = [], []
    for year, trips in made.items():
        for month in month_list(f"{year}-01", f"{year}-12"):
            monthly += [
                f"{month} | trips_replaceable | {' | '.join(place)} | {times * trips}"
                for place, times in places.items() if trips
            ]  # fmt: skip
            monthly += [f"{month} | trips | {' | '.join(place)} | {1000 + year}" for place in places]
            exposure = {month[:7]: (fte or {}).get(year, 80.0)} | (but_fte or {})
            staff += [
                f"{month} | {department} | {group} | {'NULL' if exposure[month[:7]] is None else exposure[month[:7]]}"
                for department, group in {place[:2] for place in places}
            ]
    place = "department | person_group | dimension | dimension_value"
    return compute(
        ("core_periods", "core_kind_coverage", "core_baseline_years"),
        {
            "core_coverage": known or known_months(f"{min(made)}-01", f"{max(made)}-12", but=but),
            "core_totals": f"source | kind | month | quantity | amount\n{totals}",
            "core_cells": f"quantity | {place}\n"
            + "\n".join(["trips | Vård | all | all | all", *(f"trips_replaceable | {' | '.join(each)}" for each in places)]),
            "core_monthly": f"month | quantity | {place} | amount\n" + "\n".join(monthly),
            "core_denominators": "month | department | person_group | denominator\n" + "\n".join(staff),
        },
        **method,
    )  # fmt: skip


def years_of(con, columns: str = "years, log_variance, mean_inverse") -> dict[str, tuple[object, ...]]:
    return {str(basis): tuple(rest) for basis, *rest in ask(con, f"select basis, {columns} from core_baseline_years")}


def test_the_years_up_to_the_baseline_tell_how_much_years_differ():
    con = years_before({2022: 10, 2023: 20, 2024: 40, 2025: 5}, fte={2022: 80.0, 2023: 80.0, 2024: 320.0})
    # a year: 120, 240 and 480 trips, of 80, 80 and 320 full-time equivalents
    inverse = pytest.approx((1 / 120 + 1 / 240 + 1 / 480) / 3)
    found = years_of(con)
    assert found["total"] == (3, pytest.approx(statistics.variance([0, math.log(2), math.log(4)])), inverse)
    assert found["per_fte"] == (3, pytest.approx(statistics.variance([0, math.log(2), 0])), inverse)


@pytest.mark.parametrize(
    ("told", "per_fte", "total"),
    [
        pytest.param({}, 3, 3, id="all is known"),
        pytest.param({"but": ("2022-05",)}, 2, 2, id="a month of travel is not known"),
        pytest.param({"but": ("2023-12",)}, 1, 1, id="years before a gap tell nothing"),
        pytest.param({"but_fte": {"2023-05": None}}, 1, 3, id="a month of staff is not known"),
        pytest.param({"but_fte": {"2022-01": 0.0}}, 2, 3, id="a month without staff"),
        pytest.param({"but_fte": {"2022-01": 1.0}}, 3, 3, id="a month of one full-time equivalent"),
        pytest.param({"made": {2022: 10, 2023: 0, 2024: 40}}, 1, 1, id="a year in which nobody travelled"),
    ],
)
def test_years_count_as_far_back_as_all_is_known_without_a_gap(told, per_fte, total):
    found = years_of(years_before(**({"made": {2022: 10, 2023: 20, 2024: 40}} | told)), "years")
    assert found == {"per_fte": (per_fte,), "total": (total,)}


def test_one_year_differs_from_none():
    found = years_of(years_before({2024: 40}))
    assert found == {basis: (1, None, pytest.approx(1 / 480)) for basis in ("per_fte", "total")}


def test_a_year_of_a_single_trip_is_a_year():
    """The baseline is December alone: one trip in that of 2023, and two in that of 2024."""
    con = years_before({2023: 1, 2024: 2}, fte={2023: 1.0, 2024: 1.0}, baseline_from="2024-12", baseline_to="2024-12")
    expected = (2, pytest.approx(statistics.variance([0, math.log(2)])), pytest.approx((1 + 1 / 2) / 2))
    assert years_of(con) == {"per_fte": expected, "total": expected}


def test_only_the_months_of_the_baseline_are_looked_at_in_the_years_before_it():
    """Half a year is the baseline: a gap in the other half is none."""
    con = years_before(
        {2022: 10, 2023: 20, 2024: 40}, but=("2022-06", "2023-01"), baseline_from="2024-07", baseline_to="2024-12"
    )
    assert years_of(con)["total"] == (
        3, pytest.approx(statistics.variance([0, math.log(2), math.log(4)])),
        pytest.approx((1 / 60 + 1 / 120 + 1 / 240) / 3),
    )  # fmt: skip


def test_every_department_length_and_mode_has_years_of_its_own():
    places = {
        UNDIVIDED: 20, ("Skola", "all", "all", "all"): 10, ("all", "elected", "all", "all"): 5,
        ("all", "all", "length", "long"): 4, ("all", "all", "mode", "rail"): 3, ("all", "all", "mode", "car"): 2,
        ("all", "all", "trip_class", "meeting"): 1,
    }  # fmt: skip
    con = years_before({2023: 1, 2024: 2}, places=places)
    found = ask(
        con,
        "select department, person_group, dimension, dimension_value, years, mean_inverse from core_baseline_years "
        "where basis = 'total' order by mean_inverse",
    )
    del places["all", "all", "trip_class", "meeting"]
    assert found == [
        (*place, 2, pytest.approx((1 / (12 * times) + 1 / (24 * times)) / 2)) for place, times in places.items()
    ]


def test_of_years_known_by_totals_only_the_whole_organisation_has_them():
    places = dict.fromkeys(
        (UNDIVIDED, ("Skola", "all", "all", "all"), ("all", "elected", "all", "all"), ("all", "all", "mode", "rail")), 1
    )
    known = known_months("2023-01", "2024-12", but=tuple(month[:7] for month in month_list("2023-01", "2023-12")))
    totals = "\n".join(
        f"travel | travel | {month} | trips_replaceable | 9" for month in month_list("2023-01", "2023-12")
    )
    con = years_before({2023: 10, 2024: 20}, places=places, known=known, totals=totals)
    found = ask(
        con,
        "select department, person_group, dimension, dimension_value, years from core_baseline_years where basis = 'total'",
    )
    assert {tuple(place): years for *place, years in found} == dict.fromkeys(places, 1) | {UNDIVIDED: 2}


@pytest.mark.parametrize(("years", "is_covering"), [(1, False), (2, False), (3, True), (6, True)])
def test_an_interval_covers_ordinary_differences_between_years_from_three_years_on(years, is_covering):
    """Which is said of the whole organisation, of all trips and of trips per full-time equivalent."""
    told = f"""
        department | person_group | dimension | dimension_value | basis   | years
        all        | all          | all       | all             | per_fte | {years}
        all        | all          | all       | all             | total   | 9
        Skola      | all          | all       | all             | per_fte | 4
        all        | elected      | all       | all             | per_fte | 5
        all        | all          | mode      | rail            | per_fte | 7
        """
    con = compute(("out_baselines",), {"core_baseline_years": told})
    found = ask(con, "select baseline, basis, years, is_covering_years from out_baselines order by basis")
    assert found == [("2024", "per_fte", years, is_covering), ("2024", "total", 9, True)]
