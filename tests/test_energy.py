"""Energy for business trips (METHOD 2, 6): kilometres × kWh per kilometre, or litres × kWh per litre, in megawatt-hours."""

from __future__ import annotations

import pytest

from models.choices import Target
from tests.model_cases import ask, build, covered, value

PEOPLE = [f"p{number:02d}" for number in range(20)]


def travelled(*journeys: dict[str, object]):
    """Each of twenty people makes each of the journeys once in June."""
    rows = [
        {"departed_at": f"2025-06-{1 + number:02d}", "person_key": person, "trip_class": "meeting"} | journey
        for journey in journeys
        for number, person in enumerate(PEOPLE)
    ]
    return build(covered() | {"travel_segments": rows}, only=("core_level_figures",))


def energy(con, period: str = "year 2025-12-31", columns: str = "value, reason", **where):
    return value(con, "core_level_figures", "travel_energy_mwh.energy_mwh", period, columns, **where)


@pytest.mark.parametrize(
    ("journey", "kwh"),
    [
        ({"mode": "rail", "distance_km": "400"}, 400 * 0.065),
        ({"mode": "bus", "distance_km": "400"}, 400 * 0.175),
        ({"mode": "car", "distance_km": "400"}, 400 * 0.6),
        ({"mode": "car", "fuel": "electric", "distance_km": "400"}, 400 * 0.19),
        ({"mode": "taxi", "distance_km": "400"}, 400 * 0.6),
        ({"mode": "ferry", "distance_km": "400"}, 400 * 0.6),
        pytest.param(
            {"mode": "flight", "distance_km": "998"},
            998 * 0.6,
            id="500 km one way divides short flights from long: 998 km there and back is 499",
        ),
        ({"mode": "flight", "distance_km": "1000"}, 1000 * 0.4),
        ({"mode": "rail", "distance_km": "0"}, 0.0),
    ],
)
def test_energy_is_kilometres_by_the_mode(journey, kwh):
    con = travelled(journey)
    # twenty people, and a megawatt-hour is a thousand kilowatt-hours
    assert energy(con)[0] == pytest.approx(20 * kwh / 1000)
    assert energy(con, "month 2025-06-30")[0] == pytest.approx(20 * kwh / 1000)
    assert energy(con, "quarter 2025-03-31") == (0.0, None)
    by_mode = {"dimension_1": "mode", "value_1": str(journey["mode"])}
    assert energy(con, **by_mode)[0] == pytest.approx(20 * kwh / 1000)


def test_a_total_needs_no_staff_data():
    con = travelled({"mode": "rail", "distance_km": "400"})
    assert energy(con, columns="reason, denominator, unit") == (None, None, "MWh")


@pytest.mark.parametrize(
    ("unknown", "reason"),
    [
        pytest.param({"mode": "rail"}, "incomplete", id="half of the distances unknown"),
        pytest.param(
            {"mode": "machine", "distance_km": "400"},
            "incomplete",
            id="nobody knows a machine's energy by the kilometre",
        ),
    ],
)
def test_unknown_energy_is_not_nothing(unknown, reason):
    con = travelled({"mode": "rail", "distance_km": "400"}, unknown)
    assert energy(con, columns="known_share, reason") == (0.5, reason)


def test_a_year_not_covered_is_missing():
    con = travelled({"mode": "rail", "distance_km": "400"})
    assert energy(con, "rolling_12 2024-03-31")[1] == "source_missing"


@pytest.mark.parametrize(("change", "less"), [(-0.2, 1580.0), (-0.4, 3160.0)])
def test_progress_to_a_target_is_reckoned_from_kilometres(change, less):
    """7,900 MWh of driving, 20 or 40 % less of it, and the target is met to the megawatt-hour."""
    base_km = 7_900_000 / 0.6 / 20
    target = Target(
        name="Energi", indicator="travel_energy_mwh", measure="energy_mwh", base_year=2024, change=change, year=2025
    )
    rows = [
        {"departed_at": f"{year}-06-{1 + number:02d}", "person_key": person, "mode": "car", "distance_km": str(km)}
        for year, km in ((2024, base_km), (2025, base_km * (1 + change)))
        for number, person in enumerate(PEOPLE)
    ]
    con = build(covered() | {"travel_segments": rows}, only=("core_target_years",), targets={"energy": target})
    found = ask(
        con, "select base_value - target_value, base_value - value, share_of_way, forecast_reason from core_target_years "
        "where period_kind = 'year' and period_end = '2025-12-31'",
    )  # fmt: skip
    assert found == [(pytest.approx(less), pytest.approx(less), pytest.approx(1.0), "short_history")]
    assert energy(con, "year 2024-12-31")[0] == pytest.approx(7900)


def test_an_outside_shock_is_seen_in_the_own_change_and_is_no_effect():
    """Everyone travels 40 % less: the own figure says so, and nothing is left beside three others who do as well."""
    rows = [
        {
            "departed_at": f"{year}-{month:02d}-{1 + number:02d}",
            "person_key": PEOPLE[number],
            "mode": "car",
            "distance_km": "100",
        }
        for year, trips in ((2024, 20), (2025, 12))
        for month in range(1, 13)
        for number in range(trips)
    ]
    others = """
        organisation | indicator     | measure    | period_kind | period_end | dimension_2 | value_2 | value
        vikby        | travel_change | energy_kwh | year        | 2025-12-31 | basis       | total   | -0.39
        skogas       | travel_change | energy_kwh | year        | 2025-12-31 | basis       | total   | -0.40
        lund         | travel_change | energy_kwh | year        | 2025-12-31 | basis       | total   | -0.41
    """
    con = build(covered() | {"travel_segments": rows}, others=others)
    found = ask(
        con, "select own_change, effect, low < 0 and high > 0, others, baseline from out_comparison "
        "where measure = 'energy_kwh' and value_2 = 'total' and period_kind = 'year' and period_end = '2025-12-31'",
    )  # fmt: skip
    assert found == [(pytest.approx(-0.40), pytest.approx(0, abs=0.001), True, 3, "2024")]
    published = ask(
        con, "select indicator, measure, value from out_indicators where indicator = 'replacement_rate' and value_2 = 'total' "
        "and period_kind = 'year' and period_end = '2025-12-31' and dimension_1 = 'all'",
    )  # fmt: skip
    assert published == [("replacement_rate", "trips", pytest.approx(0.4))]
