"""Trips, days, emissions and coverage (METHOD 1 and 6): what a row of travel counts for, and which months are known."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, build, compute, covered

TRIP = "departed_at | returned_at | distance_km | person_key | mode | fuel | cabin | trip_class | vehicle_key | travellers\n"


def trips(text: str, **tables):
    return build(covered() | {"travel_segments": TRIP + text} | tables, only=("core_quantities",))


@pytest.mark.parametrize(
    ("departed", "returned", "days", "is_odd"),
    [
        ("2025-03-03", "2025-03-03", 1, False),
        pytest.param("2025-03-03", "2025-03-04", 2, False, id="both days count"),
        ("2025-03-31", "2025-04-01", 2, False),
        pytest.param("2025-03-29T22:00", "2025-03-30T23:00", 2, False, id="clocks change on the way"),
        ("2025-03-03", "2025-05-31", 90, False),
        pytest.param("2025-03-03", "2025-06-01", None, True, id="more than 90 days is not one trip"),
        pytest.param("2025-03-03", "2025-03-02", None, True, id="home before leaving"),
        pytest.param("2025-03-03", "", None, False, id="unknown, not odd"),
    ],
)
def test_travel_days_run_from_leaving_to_coming_home(departed, returned, days, is_odd):
    con = trips(f"{departed} | {returned} | 300 | anna | rail | | | meeting | |")
    assert ask(con, "select days, is_odd_duration, trips from core_trips") == [(days, is_odd, 1)]


def test_a_person_is_at_home_and_of_the_group_where_the_directory_had_them_on_that_day():
    people = """
        person_key | site      | person_group | observed_on
        anna       | Kisa      | employee     | 2024-01-01
        anna       | Linköping | elected      | 2025-03-04
    """
    segments = "departed_at | person_key\n2025-03-03 | anna\n2025-03-04 | anna\n2025-03-05 |"
    con = build(covered() | {"travel_segments": segments, "people": people}, only=("core_trips", "core_segments"))
    assert ask(con, "select home_locality from core_segments order by row_number") == [
        ("kisa",),
        ("linkoping",),
        (None,),
    ]
    found = ask(con, "select person_group from core_trips order by row_number")
    assert found == [("employee",), ("elected",), ("unknown",)]


@pytest.mark.parametrize(
    ("distance_km", "length"), [("198", "short"), ("199.9", "short"), ("200", "long"), ("", "unknown"), ("0", "short")]
)
def test_a_trip_is_long_from_100_km_one_way(distance_km, length):
    con = trips(f"2025-03-03 | 2025-03-03 | {distance_km} | anna | rail | | | meeting | |")
    assert ask(con, "select length from core_trips") == [(length,)]


@pytest.mark.parametrize(
    ("person", "vehicle", "travellers", "count"),
    [
        ("anna", "", "", 1),
        ("anna", "car1", "", 1),
        pytest.param("", "", "", 1, id="one traveller, unknown who"),
        pytest.param("", "car1", "", 0, id="a pool car without a driver: kilometres and emissions, never trips"),
        ("anna", "", "3", 3),
    ],
)
def test_trips_are_counted_per_person(person, vehicle, travellers, count):
    con = trips(f"2025-03-03 | 2025-03-03 | 80 | {person} | car | petrol | | meeting | {vehicle} | {travellers}")
    assert ask(con, "select trips from core_trips") == [(count,)]
    found = ask(
        con,
        "select quantity, sum(amount) from core_quantities join core_series using (series_number) where quantity in ('trips', 'distance_km') group by 1",
    )
    assert dict(found) == {"distance_km": 80.0} | ({"trips": float(count)} if count else {})


def test_trips_no_meeting_could_replace_count_as_trips_but_not_as_replaceable():
    con = trips(
        """2025-03-03 | 2025-03-03 | 80 | anna | car | | | service | |
           2025-03-04 | 2025-03-04 | 80 | anna | car | | | meeting | |
           2025-03-05 | 2025-03-05 | 80 | anna | car | | | unknown | |"""
    )
    found = ask(
        con,
        "select quantity, sum(amount) from core_quantities join core_series using (series_number) where quantity like 'trips%' group by 1 order by 1",
    )
    assert found == [("trips", 3.0), ("trips_replaceable", 2.0)]


def test_a_single_way_of_nobody_known_is_not_a_trip_but_a_gap():
    segment = "departed_at | row_means | distance_km\n" + "\n".join("2025-03-03 | one_way | 10" for _ in range(9))
    con = build(covered() | {"travel_segments": segment}, only=("core_trips", "out_gaps"))
    assert ask(con, "select sum(trips), sum(distance_km) from core_trips") == [(0, 90.0)]
    assert ask(con, "select gap, rows, share from out_gaps where gap = 'not_assembled'") == [("not_assembled", 9, 1.0)]
    assert ask(con, "select count(*) from out_gaps where gap = 'missing_return'") == [(0,)]


def test_fees_hotels_and_refunds_follow_their_booking_and_stand_alone_without_one():
    con = build(
        covered()
        | {
            "travel_segments": """
                departed_at | row_means  | booking_ref | cost_sek | person_key | mode
                2025-03-31  | round_trip | b1          | 1000.00  | anna       | rail
                2025-04-02  | fee        | b1          | 50.50    |            | other
                2025-04-03  | refund     | b1          | -200.00  |            | other
                2025-04-04  | hotel      | b2          | 900.00   | bo         | other
                2025-04-05  | private    | b3          | 70.00    | bo         | rail
            """
        }
    )
    found = ask(
        con,
        "select strftime(month, '%Y-%m'), mode, person_key, cast(sum(cost_sek) as double) from core_travel_costs group by 1, 2, 3 order by 1",
    )
    assert found == [("2025-03", "rail", "anna", 850.5), ("2025-04", "other", "bo", 900.0)]


def test_a_fee_follows_what_of_its_booking_became_a_journey():
    con = build(
        covered()
        | {
            "travel_segments": """
                departed_at | row_means  | booking_ref | cost_sek | person_key | mode
                2025-03-31  | round_trip | b1          | 300      | bo         | bus
                2025-03-31  | cancellation | b1        |          | bo         | bus
                2025-04-02  | round_trip | b1          | 1000     | anna       | rail
                2025-05-02  | fee        | b1          | 50       |            | other
            """
        },
        only=("core_travel_costs",),
    )
    found = "select strftime(month, '%Y-%m'), mode, person_key from core_travel_costs where row_means = 'fee'"
    assert ask(con, found) == [("2025-04", "rail", "anna")]


def test_cost_without_a_journey_is_the_persons_and_cost_without_a_day_its_bookings():
    rows = """
        departed_at | row_means  | booking_ref | cost_sek | person_key | person_group
        2025-03-31  | round_trip | b1          | 1000     | anna       |
                    | fee        | b1          | 50       |            |
        2025-04-04  | hotel      | b2          | 900      | anna       |
        2025-04-05  | hotel      | b3          | 800      | anna       | elected
        2025-04-06  | hotel      | b4          | 700      |            |
                    | fee        | b5          | 60       |            |
    """
    staff = "department | month | headcount | fte\nSkola | 2025-01-01 | 20 | 20"
    people = "person_key | department\nanna | Skola" + "".join(f"\np{n} | Skola" for n in range(9))
    con = build(covered() | {"travel_segments": rows, "staff": staff, "people": people}, only=("core_travel_costs",))
    found = ask(
        con,
        "select month(month), person_key, department, person_group, cast(cost_sek as double) from core_travel_costs order by 1, 5",
    )
    assert found == [
        (3, "anna", "Skola", "employee", 50.0),
        (3, "anna", "Skola", "employee", 1000.0),
        (4, None, None, "unknown", 700.0),
        (4, "anna", "Skola", "elected", 800.0),
        (4, "anna", "Skola", "employee", 900.0),
    ]


def test_cost_without_a_journey_is_of_the_group_the_person_is_of_on_that_day():
    con = compute(
        ("core_travel_costs",),
        {
            "landing_travel_segments": """
                departed_at      | row_means | person_key | cost_sek
                2025-03-31T23:00 | hotel     | anna       | 800
                2025-04-01T00:00 | hotel     | anna       | 900
            """,
            "core_files": "file_sha256\ntravel",
            "core_people": """
                person_key | valid_from | valid_before | person_group
                anna       | 1900-01-01 | 2025-04-01   | employee
                anna       | 2025-04-01 | 9999-12-31   | elected
            """,
        },
    )
    found = ask(con, "select person_group, cast(cost_sek as double) from core_travel_costs order by cost_sek")
    assert found == [("employee", 800.0), ("elected", 900.0)]


@pytest.mark.parametrize(
    ("mode", "fuel", "cabin", "km", "co2_kg", "co2e_kg"),
    [
        ("rail", "", "", "200", 1.4, 1.4),
        ("car", "petrol", "", "100", 13.26, 16.7),
        ("car", "electric", "", "100", 1.4, 1.4),
        pytest.param("car", "", "", "100", 13.26, 15.2, id="unknown fuel has a factor of its own"),
        pytest.param("flight", "", "", "998", 133.67212, 132.734, id="below 500 km one way"),
        ("flight", "", "economy", "1000", 73.44, 133.0),
        ("flight", "", "", "1000", 74.67, 133.0),
        ("flight", "", "business", "8000", 1583.68, 1064.0),
        pytest.param("public_transport", "", "", "20", None, None, id="no sourced factor: unknown, never zero"),
        ("rail", "", "", "", None, None),
        ("unknown", "", "", "20", None, None),
    ],
)
def test_footprint_takes_the_most_specific_factor(mode, fuel, cabin, km, co2_kg, co2e_kg):
    con = trips(f"2025-03-03 | 2025-03-03 | {km} | anna | {mode} | {fuel} | {cabin} | meeting | |")
    ((co2, co2e),) = ask(con, "select co2_kg, co2e_kg from core_trip_footprint")
    assert co2 == (co2_kg if co2_kg is None else pytest.approx(co2_kg, rel=1e-9))
    assert co2e == (co2e_kg if co2e_kg is None else pytest.approx(co2e_kg, rel=1e-9))


def test_what_a_journey_counts_for_is_each_travellers_and_no_journey_counts_for_nothing():
    con = compute(
        ("core_travel_quantities",),
        {
            "core_trips": """
                file_sha256 | row_number | month      | person_key | trip_class | trips | days
                t           | 1          | 2025-03-01 | anna       | meeting    | 1     | 2
                t           | 2          | 2025-03-01 | bo         | service    | 1     | 1
                t           | 3          | 2025-03-01 | cia        | unknown    | 1     |
                t           | 4          | 2025-03-01 | three      | meeting    | 3     | 2
                t           | 5          | 2025-03-01 | pool car   | meeting    | 0     | 1
            """,
            "core_trip_hours": """
                file_sha256 | row_number | hours | evening_hours
                t           | 1          | 6     | 0.5
                t           | 2          | 2     | 0
                t           | 3          |       |
                t           | 4          | 5     | 1.5
                t           | 5          |       |
            """,
        },
    )
    found = ask(
        con,
        """select quantity, person_key, cast(amount as double), facts, facts_known from core_travel_quantities
           order by quantity, person_key""",
    )
    assert found == [
        ("evening_hours", "anna", 0.5, 1, 1),
        ("evening_hours", "cia", None, 1, 0),
        ("evening_hours", "three", 4.5, 1, 1),  # and nobody who was home in time
        ("travel_days", "anna", 2.0, 1, 1),
        ("travel_days", "bo", 1.0, 1, 1),
        ("travel_days", "cia", None, 1, 0),
        ("travel_days", "three", 6.0, 1, 1),
        ("travel_hours", "anna", 6.0, 1, 1),
        ("travel_hours", "bo", 2.0, 1, 1),
        ("travel_hours", "cia", None, 1, 0),
        ("travel_hours", "three", 15.0, 1, 1),
        ("trips", "anna", 1.0, 1, 1),
        ("trips", "bo", 1.0, 1, 1),
        ("trips", "cia", 1.0, 1, 1),
        ("trips", "three", 3.0, 1, 1),
        ("trips_replaceable", "anna", 1.0, 1, 1),
        ("trips_replaceable", "cia", 1.0, 1, 1),
        ("trips_replaceable", "three", 3.0, 1, 1),
    ]


def test_legs_give_kilometres_fuel_gives_what_it_burned_and_a_vehicle_with_fuel_adds_nothing_more():
    con = compute(
        ("core_travel_quantities",),
        {
            "core_trips": """
                file_sha256 | row_number | month      | person_key | trip_class | length | mode | trips
                t           | 1          | 2025-03-01 | anna       | meeting    | long   | rail | 1
            """,
            "core_trip_legs": """
                file_sha256 | row_number | trip_file_sha256 | trip_row_number
                t           | 1          | t                | 1
                t           | 2          | t                | 1
            """,
            "core_segments": """
                file_sha256 | row_number | mode | statutory_category | distance_km
                t           | 1          | rail | train              | 400
                t           | 2          | car  | car                | 20
            """,
            "core_trip_footprint": """
                file_sha256 | row_number | co2_kg | co2e_kg | energy_kwh | is_by_fuel
                t           | 1          | 2.8    | 2.9     | 26         | false
                t           | 2          | 2.6    | 3.4     | 12         | true
            """,
            "core_fuel": """
                month      | department | mode | statutory_category | co2_kg | co2e_kg | energy_kwh
                2025-03-01 | Skola      | car  | car                | 94.4   | 120     | 364
            """,
        },
    )
    found = ask(
        con,
        """select quantity, mode, person_key, person_group, length, trip_class, statutory_category, cast(amount as double)
           from core_travel_quantities where quantity in ('distance_km', 'co2_kg', 'co2e_kg', 'energy_kwh')
           order by quantity, mode, person_key""",
    )
    by_car, by_rail = ("car", "anna", "all", "long", "meeting"), ("rail", "anna", "all", "long", "meeting")
    fuel = ("car", None, "unknown", "unknown", "unknown")  # nobody knows whose journeys a litre was for
    assert found == [
        ("co2_kg", *by_car, "car", 0.0),
        ("co2_kg", *fuel, "car", 94.4),
        ("co2_kg", *by_rail, "train", 2.8),
        ("co2e_kg", *by_car, None, 0.0),
        ("co2e_kg", *fuel, None, 120.0),
        ("co2e_kg", *by_rail, None, 2.9),
        ("distance_km", *by_car, "car", 20.0),
        ("distance_km", *by_rail, "train", 400.0),
        ("energy_kwh", *by_car, None, 0.0),
        ("energy_kwh", *fuel, None, 364.0),
        ("energy_kwh", *by_rail, None, 26.0),
    ]
