"""Trips, days, emissions and coverage (METHOD 1 and 6): what a row of travel counts for, and which months are known."""

from __future__ import annotations

from datetime import date

import pytest

from models.choices import ExpectedSource
from tests.model_cases import ask, build, covered, landing_table

TRIP = "departed_at | returned_at | distance_km | person_key | mode | fuel | cabin | trip_class | vehicle_key | travellers\n"


def trips(text: str, **tables):
    return build(covered() | {"travel_segments": TRIP + text} | tables)


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
        "select quantity, sum(amount) from core_quantities where quantity in ('trips', 'distance_km') group by 1",
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
        "select quantity, sum(amount) from core_quantities where quantity like 'trips%' group by 1 order by 1",
    )
    assert found == [("trips", 3.0), ("trips_replaceable", 2.0)]


def test_a_single_way_of_nobody_known_is_not_a_trip_but_a_gap():
    segment = "departed_at | row_means | distance_km\n" + "\n".join("2025-03-03 | one_way | 10" for _ in range(9))
    con = build(covered() | {"travel_segments": segment})
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


@pytest.mark.parametrize(
    ("covers", "month", "status"),
    [
        ("2025-03-01 … 2025-03-31", "2025-03", "covered"),
        ("2025-03-01 … 2025-03-30", "2025-03", "partial"),
        pytest.param(
            "2025-03-01 … 2025-03-15, 2025-03-16 … 2025-03-31", "2025-03", "covered", id="two files side by side"
        ),
        pytest.param(
            "2025-03-01 … 2025-03-15, 2025-03-17 … 2025-03-31", "2025-03", "partial", id="one day between them"
        ),
        ("2025-03-01 … 2025-03-31", "2025-04", "missing"),
    ],
)
def test_a_month_is_covered_when_every_day_is_spoken_for(covers, month, status):
    con = build(covered(travel=covers))
    found = ask(
        con, f"select status from core_coverage where source = 'travel' and strftime(month, '%Y-%m') = '{month}'"
    )
    assert found == [(status,)]


@pytest.mark.parametrize(
    ("pulls", "status"),
    [
        ("2025-03-01 … 2025-03-31", "covered"),
        ("2025-02-10 … 2025-03-20, 2025-03-18 … 2025-04-20", "covered"),
        ("2025-02-10 … 2025-03-20, 2025-03-22 … 2025-04-20", "partial"),
    ],
)
def test_pulls_cover_local_months_also_when_clocks_change(pulls, status):
    con = build(covered(teams=pulls))
    found = ask(con, "select status from core_coverage where source = 'teams' and strftime(month, '%Y-%m') = '2025-03'")
    assert found == [(status,)]


def test_a_failed_pull_covers_nothing_and_says_so():
    pull = "window_from | window_to | status | error\n2025-02-28T23:00 | 2025-03-31T22:00 | failed | unreachable"
    con = build(covered(teams=None) | {"pulls": pull})
    found = ask(
        con,
        "select status, is_covered from core_coverage where source = 'teams' and strftime(month, '%Y-%m') = '2025-03'",
    )
    assert found == [("failed", False)]


def test_a_corrected_file_replaces_its_predecessor_and_going_back_works():
    files = """
        file_sha256 | covers_from | covers_to  | replaces_sha256
        old         | 2025-01-01  | 2025-12-31 |
        new         | 2025-01-01  | 2025-12-31 | old
    """
    assert ask(build({"files": files}), "select file_sha256 from core_files") == [("new",)]
    back = landing_table("files", files.replace("2025-12-31 |\n", "2025-12-31 | new\n"))
    later = back["seen_at"].dt.offset_by("1d")
    back = back.with_columns(seen_at=later.zip_with(back["file_sha256"] == "old", back["seen_at"]))
    assert ask(build({"files": back}), "select file_sha256 from core_files") == [("old",)]


STAFF = """
    department | month      | headcount | fte | person_group
    Skola      | 2025-01-01 | 100       | 90  | employee
    Vård       | 2025-01-01 | 50        | 40  | employee
    Skola      | 2025-01-01 | 10        |     | elected
    Skola      | 2025-02-01 | 100       |     | employee
    Vård       | 2025-02-01 | 50        | 40  | employee
"""


def test_full_time_equivalents_are_unknown_as_soon_as_one_part_is():
    con = build(covered() | {"staff": STAFF})
    found = ask(
        con, "select strftime(month, '%m'), department, person_group, denominator from core_denominators order by all"
    )
    assert found == [
        ("01", "Skola", "all", 90.0),
        ("01", "Skola", "elected", 10.0),
        ("01", "Vård", "all", 40.0),
        ("01", "all", "all", 130.0),
        ("01", "all", "elected", 10.0),  # elected representatives are counted per person
        ("02", "Skola", "all", None),
        ("02", "Vård", "all", 40.0),
        ("02", "all", "all", None),
    ]


def test_a_source_is_missed_only_in_the_months_it_is_expected_for():
    """Pulls: January whole, February failed, March broken off; expected from February to April."""
    pulls = """
        window_from      | window_to        | status
        2024-12-31T23:00 | 2025-01-31T23:00 | complete
        2025-01-31T23:00 | 2025-02-28T23:00 | failed
        2025-02-28T23:00 | 2025-03-31T22:00 | partial
    """
    source = ExpectedSource(source="teams", kind="meetings", expected_from="2025-02", expected_to="2025-04")
    con = build({"pulls": pulls}, as_of=date(2025, 6, 30), sources=(source,), only=("core_coverage",))
    found = ask(con, "select cast(month as varchar), is_expected, is_covered, status from core_coverage order by 1")
    assert found == [
        ("2025-01-01", False, True, "covered"),
        ("2025-02-01", True, False, "failed"),
        ("2025-03-01", True, False, "partial"),
        ("2025-04-01", True, False, "missing"),
        ("2025-05-01", False, False, "not_expected"),
    ]


def test_a_month_tried_and_failed_and_told_in_part_is_partial():
    pulls = """
        window_from      | window_to        | status
        2025-02-28T23:00 | 2025-03-31T22:00 | failed
        2025-03-20T23:00 | 2025-03-31T22:00 | partial
        2025-03-31T22:00 | 2025-04-10T22:00 | complete
        2025-04-10T22:00 | 2025-04-30T22:00 | failed
    """
    con = build({"pulls": pulls}, as_of=date(2025, 5, 1), sources=(("teams", "meetings"),), only=("core_coverage",))
    assert ask(con, "select month(month), status from core_coverage order by 1") == [(3, "partial"), (4, "partial")]


def test_people_without_a_headcount_make_the_sum_of_the_elected_unknown():
    staff = """
        department | month      | person_group | headcount | fte
        Skola      | 2025-01-01 | elected      | 40        |
        Vård       | 2025-01-01 | elected      |           |
        Skola      | 2025-01-01 | employee     | 100       | 80
    """
    con = build(covered() | {"staff": staff}, only=("core_denominators",))
    found = ask(
        con,
        "select person_group, denominator_unit, denominator from core_denominators where department = 'all' order by 1",
    )
    assert found == [("all", "fte", 80.0), ("elected", "people", None)]
    assert ask(con, "select department, headcount from core_staff_monthly where person_group = 'elected' order by 1")[0] == (
        "Skola", 40,
    )  # fmt: skip


def test_staff_of_a_month_to_come_stand_under_the_name_they_were_given():
    staff = "department | month | headcount | fte\nSkola | 2025-03-01 | 20 | 20\nSkola | 2025-09-01 | 21 | 21"
    departments = "source_value | department | valid_from\nSkola | Utbildning | 2020-01-01"
    con = build(
        covered() | {"staff": staff, "departments": departments}, as_of=date(2025, 4, 20), only=("core_staff_monthly",)
    )
    assert ask(con, "select month(month), department from core_staff_monthly order by 1") == [
        (3, "Utbildning"),
        (9, "Skola"),
    ]


def test_a_spelling_means_a_department_for_as_long_as_the_mapping_says():
    departments = """
        source_value | department | valid_from | valid_to
        Skola        | Utbildning | 2025-02-01 | 2025-03-31
        Skola        | Lärande    | 2025-05-31 |
    """
    con = build(
        covered()
        | {"staff": "department | month | headcount | fte\nSkola | 2025-01-01 | 20 | 20", "departments": departments},
        only=("core_departments",),
    )
    found = ask(
        con,
        "select month(month), department from core_departments where month between '2025-01-01' and '2025-06-01' order by 1",
    )
    assert found == [
        (1, "Skola"), (2, "Utbildning"), (3, "Utbildning"), (4, "Skola"), (5, "Lärande"), (6, "Lärande"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ({"A": 50, "B": 40, "C": 30}, set()),
        pytest.param(
            {"A": 50, "B": 40, "C": 3}, {"B", "C"}, id="one small unit would still be seen: the next smallest joins"
        ),
        ({"A": 50, "B": 5, "C": 3}, {"B", "C"}),
        pytest.param(
            {"A": 50, "B": 30, "C": 2, "D": 2}, {"B", "C", "D"}, id="two small ones are four people: still too few"
        ),
        ({"A": 7}, {"A"}),
    ],
)
def test_small_units_are_merged_before_anything_is_counted(sizes, merged):
    staff = "department | month | headcount | fte\n" + "\n".join(
        f"{d} | 2025-01-01 | {n} | {n}" for d, n in sizes.items()
    )
    con = build(covered() | {"staff": staff})
    found = dict(
        ask(con, "select source_value, reporting_department from core_departments where month = date '2025-06-01'")
    )
    assert found == {d: "Små enheter" if d in merged else d for d in sizes}


def test_once_small_always_small_and_earlier_years_stay_as_they_were():
    staff = "department | month | headcount | fte\n" + "\n".join(
        f"{d} | {y}-01-01 | {n} | {n}"
        for d, counts in {"A": (50, 50, 50), "B": (20, 5, 20)}.items()
        for y, n in zip((2023, 2024, 2025), counts, strict=True)
    )
    con = build(covered() | {"staff": staff})
    found = ask(
        con,
        "select year(month), reporting_department from core_departments where source_value = 'B' and month(month) = 6 and year(month) between 2023 and 2025 order by 1",
    )
    assert found == [(2023, "B"), (2024, "Små enheter"), (2025, "Små enheter")]


def test_a_renamed_department_keeps_its_figures():
    con = build(
        covered()
        | {
            "staff": "department | month | headcount | fte\nSkola | 2025-01-01 | 20 | 20\nUtbildning | 2025-06-01 | 20 | 20\nVård | 2025-01-01 | 30 | 30",
            "departments": "source_value | department | valid_from | valid_to\nSkola | Utbildning | 2020-01-01 |",
        }
    )
    found = ask(
        con,
        "select distinct source_value, reporting_department from core_departments where year(month) = 2025 order by 1",
    )
    assert found == [("Skola", "Utbildning"), ("Utbildning", "Utbildning"), ("Vård", "Vård")]
