"""What made emissions change (METHOD 3): trips × km per trip × shares of modes × kg per km, which add up to the whole."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model_cases import ask, compute

TERMS = ("trips_per_fte", "km_per_trip", "mode", "fuel_and_cabin")
Modes = dict[str, tuple[float, float | None]]
"""Kilometres and kilograms of each mode; None where nobody reckons any."""


def decomposed(
    past: Modes, now: Modes, trips: tuple[float, float] = (100, 100), fte: tuple[object, object] = (10, 10),
    withheld: tuple[str, ...] = (), covered: str = "true", known_share: float = 1.0, months: int = 12,
    is_withheld: str = "false", period_kind: str = "year", **method: object,
):  # fmt: skip
    """A baseline year 2024 and a year 2025, of equivalents half as much again."""
    cells, periods, staff, coverage = [], [], [], []
    for (kind, year), modes, made, staffed in zip(
        (("baseline", 2024), (period_kind, 2025)), (past, now), trips, fte, strict=True
    ):
        head = f"{kind} | {year}-12-31"
        cells.append(f"{head} | trips | all | all | {made} | {is_withheld} | 1")
        # made in a way that has neither kilometres nor emissions, and so is no part of either
        cells.append(f"{head} | trips | mode | other | 1 | false | 1")
        for quantity, place, times in (("distance_km", 0, 1), ("co2_kg", 1, 1), ("co2e_kg", 1, 1.5)):
            share = 1 if kind == "baseline" else known_share
            total = times * sum(amounts[place] or 0 for amounts in modes.values())
            cells.append(f"{head} | {quantity} | all | all | {total!r} | false | {share}")
            cells += [
                f"{head} | {quantity} | mode | {mode} | {times * amounts[place]!r} | {'true' if mode in withheld else 'false'} | {share}"
                for mode, amounts in modes.items()
                if amounts[place] is not None
            ]
        count = 12 if kind == "baseline" else months
        periods += [f"1 | {kind} | {year}-12-31 | 12 | {year}-{month:02d}-01 | 1" for month in range(1, count + 1)]
        staff.append(f"{head} | {'' if staffed is None else staffed}")
        coverage.append(f"{head} | travel | {covered}")
    tables = {
        "core_disclosure": "period_kind | period_end | quantity | dimension | dimension_value | amount | is_withheld | known_share\n"
        + "\n".join(cells),
        "core_periods": "period_number | period_kind | period_end | months | month | month_number\n"
        + "\n".join(periods),
        "core_period_denominators": "period_kind | period_end | denominator\n" + "\n".join(staff),
        "core_period_coverage": "period_kind | period_end | kind | is_covered\n" + "\n".join(coverage),
    }
    return compute(("out_decomposition",), tables, **method)  # type: ignore[arg-type]


def terms(con, gas: str = "co2_kg") -> dict[str, float]:
    found = ask(con, f"select term, change_kg from out_decomposition where gas = '{gas}'")
    return dict(found)  # type: ignore[arg-type]


def mean(a: float, b: float) -> float:
    """The logarithmic mean."""
    return a if a == b else (a - b) / math.log(a / b)


CAR = {"car": (1000.0, 150.0)}


@pytest.mark.parametrize(
    ("changed", "term"),
    [
        # half of everything: the emissions per full-time equivalent fall from 15 to 7.5 kg
        ({"now": {"car": (500.0, 75.0)}, "trips": (100, 50)}, "trips_per_fte"),
        ({"now": {"car": (500.0, 75.0)}}, "km_per_trip"),
        ({"now": {"car": (1000.0, 75.0)}}, "fuel_and_cabin"),
        ({"now": CAR, "fte": (10, 20)}, "trips_per_fte"),
    ],
)
def test_one_thing_that_changes_takes_all_of_the_change(changed, term):
    found = terms(decomposed(past=CAR, **changed))
    assert found["all"] == pytest.approx(-7.5)
    assert {name: found[name] for name in TERMS} == pytest.approx(
        {name: -7.5 if name == term else 0.0 for name in TERMS}, abs=1e-12
    )


@pytest.mark.parametrize("given_", [{}, {"period_kind": "rolling_12"}, {"known_share": 0.8}])
def test_one_trip_of_one_kilometre_becomes_one_of_two(given_):
    """One full-time equivalent, one kilogram: two of them are one more, all of it longer trips."""
    con = decomposed({"car": (1.0, 1.0)}, {"car": (2.0, 2.0)}, trips=(1, 1), fte=(1, 1), **given_)
    assert terms(con) == pytest.approx(dict.fromkeys(TERMS, 0.0) | {"km_per_trip": 1.0, "all": 1.0}, abs=1e-9)
    assert terms(con, "co2e_kg") == pytest.approx(
        dict.fromkeys(TERMS, 0.0) | {"km_per_trip": 1.5, "all": 1.5}, abs=1e-9
    )


def test_from_car_to_rail_by_hand():
    """The same trips and kilometres, half of them by rail instead of by car."""
    past: Modes = {"car": (1000.0, 150.0), "rail": (1000.0, 7.0)}
    now: Modes = {"car": (500.0, 75.0), "rail": (1500.0, 10.5)}
    found = terms(decomposed(past, now))
    # per full-time equivalent: car 15 → 7.5 kg, rail 0.7 → 1.05; shares 1/2 → 1/4 and 1/2 → 3/4
    expected = mean(7.5, 15) * math.log(0.25 / 0.5) + mean(1.05, 0.7) * math.log(0.75 / 0.5)
    assert expected == pytest.approx(-7.15)  # −7.5 + 0.35
    assert found == pytest.approx(dict.fromkeys(TERMS, 0.0) | {"mode": -7.15, "all": -7.15}, abs=1e-9)


def test_everything_changes_at_once_by_hand():
    past: Modes = {"car": (6000.0, 900.0), "rail": (2000.0, 14.0)}
    now: Modes = {"car": (2700.0, 351.0), "rail": (2700.0, 16.2)}
    found = terms(decomposed(past, now, trips=(100, 72), fte=(10, 12)))
    # trips 10 → 6, km per trip 80 → 75; car: share 0.75 → 0.5, 0.15 → 0.13 kg/km, 90 → 29.25 kg; rail 1.4 → 1.35 kg
    car, rail = mean(29.25, 90.0), mean(1.35, 1.4)
    expected = {
        "trips_per_fte": (car + rail) * math.log(6 / 10),
        "km_per_trip": (car + rail) * math.log(75 / 80),
        "mode": car * math.log(0.5 / 0.75) + rail * math.log(0.5 / 0.25),
        "fuel_and_cabin": car * math.log(0.13 / 0.15) + rail * math.log(0.006 / 0.007),
        "all": (351 + 16.2) / 12 - (900 + 14) / 10,
    }
    assert found == pytest.approx(expected, abs=1e-9)
    assert sum(found[name] for name in TERMS) == pytest.approx(found["all"], abs=1e-9)


@pytest.mark.parametrize("flown", ["past", "now"])
def test_a_mode_of_one_side_only_is_a_change_of_mode(flown):
    """Flights stopped, or began: nothing is said of their fuel, which the other side does not know."""
    with_flights: Modes = {"rail": (1000.0, 7.0), "flight": (1000.0, 150.0)}
    without: Modes = {"rail": (2000.0, 14.0)}
    past, now = (with_flights, without) if flown == "past" else (without, with_flights)
    found = terms(decomposed(past, now))
    sign = -1 if flown == "past" else 1
    # 157 kg with flights and 14 without, of ten full-time equivalents
    assert found["all"] == pytest.approx(sign * 14.3)
    assert found["mode"] == pytest.approx(sign * 14.3, abs=1e-6)
    assert found["fuel_and_cabin"] == pytest.approx(0, abs=1e-9)
    assert sum(found[name] for name in TERMS) == pytest.approx(found["all"], abs=1e-9)


def test_what_is_gone_on_foot_has_kilometres_and_no_emissions():
    """Half of the way is walked that was driven: 15 kg become 7.5, and nothing is said of fuel."""
    found = terms(decomposed(CAR, {"car": (500.0, 75.0), "foot": (500.0, None)}))
    assert found == pytest.approx(dict.fromkeys(TERMS, 0.0) | {"mode": -7.5, "all": -7.5}, abs=1e-6)


def test_modes_that_may_not_be_shown_are_one_mode_together():
    past: Modes = {"car": (6000.0, 900.0), "ferry": (500.0, 100.0), "flight": (1500.0, 300.0)}
    now: Modes = {"car": (5000.0, 700.0), "bus": (80.0, 8.0), "ferry": (900.0, 180.0), "flight": (100.0, 20.0)}
    hidden = terms(decomposed(past, now, withheld=("ferry", "flight")))
    now_together: Modes = {"car": now["car"], "bus": now["bus"], "x": (1000.0, 200.0)}
    together = terms(decomposed({"car": past["car"], "x": (2000.0, 400.0)}, now_together))
    assert hidden == pytest.approx(together, abs=1e-9)
    assert sum(hidden[name] for name in TERMS) == pytest.approx(hidden["all"], abs=1e-9)


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ({"covered": "false"}, "source_missing"),
        ({"months": 6}, "not_comparable"),
        ({"known_share": 0.7}, "incomplete"),
        ({"fte": (10, None)}, "no_staff"),
        ({"fte": (0, 10)}, "no_staff"),
        ({"fte": (None, 10)}, "no_staff"),
        ({"is_withheld": "true"}, "too_few_people"),
        ({"trips": (100, 0)}, "nothing_counted"),
        ({"now": {"car": (0.0, 0.0)}}, "nothing_counted"),
    ],
)
def test_what_cannot_be_decomposed_says_why(given_, reason):
    con = decomposed(**{"past": CAR, "now": CAR} | given_)
    assert ask(con, "select distinct change_kg, reason from out_decomposition") == [(None, reason)]
    assert ask(con, "select count(*) from out_decomposition") == [(2 * 5,)]


def test_a_year_that_shares_a_month_with_the_baseline_is_not_compared_with_it():
    con = decomposed(CAR, CAR, baseline_from="2024-02", baseline_to="2025-01")
    assert ask(con, "select count(*) from out_decomposition") == [(0,)]


KM, KG_PER_KM = st.floats(1, 1e5), st.floats(0.001, 1)
SIDES = st.dictionaries(
    st.sampled_from(["car", "rail", "flight", "bus", "ferry"]), st.tuples(KM, KG_PER_KM), min_size=1
).map(lambda modes: {mode: (round(km, 6), round(km * kg, 6)) for mode, (km, kg) in modes.items()})
"""Kilometres and kilograms by mode, in millionths as the models before tell them."""


@settings(max_examples=10, deadline=None)
@given(SIDES, SIDES, st.tuples(st.integers(1, 5000), st.integers(1, 5000)), st.sets(st.sampled_from(["car", "rail"])))
def test_the_parts_add_up_to_the_whole(past, now, trips, withheld):
    found = terms(decomposed(past, now, trips, fte=(300, 310), withheld=tuple(withheld)))
    assert sum(found[name] for name in TERMS) == pytest.approx(found["all"], rel=1e-9, abs=1e-9)
