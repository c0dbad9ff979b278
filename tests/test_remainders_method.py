"""What is left when one published figure is taken from another, and how many people that rests on."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute, known_months

SERIES = """
series_number | quantity          | department | person_group
1             | trips             | Skola      | employee
2             | trips_replaceable | Skola      | employee
3             | trips             | Skola      | elected
4             | trips             | NULL       | unknown
5             | trips             | Skola      | employee
6             | trips_replaceable | Skola      | employee
"""
CELLS = """
series_number | cell_number | quantity          | dimension          | dimension_value | department | person_group
1             | 1           | trips             | all                | all             | all        | all
1             | 2           | trips             | mode               | rail            | all        | all
1             | 3           | trips             | modality           | web             | all        | all
1             | 4           | trips             | meeting_form       | digital         | all        | all
1             | 5           | trips             | statutory_category | x               | all        | all
1             | 6           | trips             | all                | all             | Skola      | all
1             | 7           | trips             | mode               | rail            | Skola      | all
2             | 11          | trips_replaceable | all                | all             | all        | all
2             | 12          | trips_replaceable | mode               | rail            | all        | all
2             | 13          | trips_replaceable | modality           | web             | all        | all
2             | 14          | trips_replaceable | meeting_form       | digital         | all        | all
2             | 16          | trips_replaceable | all                | all             | Skola      | all
2             | 17          | trips_replaceable | mode               | rail            | Skola      | all
3             | 1           | trips             | all                | all             | all        | all
3             | 8           | trips             | all                | all             | all        | elected
4             | 1           | trips             | all                | all             | all        | all
4             | 2           | trips             | mode               | rail            | all        | all
5             | 9           | trips             | mode               | car             | all        | all
6             | 19          | trips_replaceable | mode               | car             | all        | all
"""


def rests(
    quantities: list[str],
    period: str,
    remainder: str = "rest",
    columns: str = "people",
    cells: str = CELLS,
    **where: str,
) -> list[tuple[object, ...]]:
    """What is left of months ``month series person amount [people]`` in a period."""
    lines = []
    for text in quantities:
        month, series, person, amount, *people = text.split()
        number = 12 * int(month[:4]) + int(month[5:])
        lines.append(f"{number} | {series} | {person.strip('?')} | {amount} | {people[0] if people else 1}")
    tables = {
        "core_series": SERIES,
        "core_series_cells": cells,
        "core_quantities": "month_number | series_number | person_number | amount | people\n" + "\n".join(lines),
        "core_coverage": known_months("2024-01", "2025-12"),
    }
    where = {"dimension_value": "all", "department": "all"} | where
    conditions = " and ".join(f"{name} is not distinct from nullif('{value}', 'NULL')" for name, value in where.items())
    kind, _, end = period.partition(" ")
    return ask(
        compute(("core_periods", "core_remainders"), tables),
        f"select {columns} from core_remainders where remainder = '{remainder}' and period_kind = '{kind}' "
        f"and period_end = date '{end}' and {conditions} order by all",
    )


JANUARY, QUARTER = "month 2025-01-31", "quarter 2025-03-31"


@pytest.mark.parametrize(
    ("trips", "people"),
    [
        (["2025-01 1 1 2", "2025-01 2 1 2"], []),
        (["2025-01 1 1 2", "2025-01 2 1 1"], [(1,)]),
        (["2025-01 1 1 2"], [(1,)]),
        (["2025-01 1 1 2", "2025-01 2 1 2", "2025-01 1 2 1"], [(1,)]),
        (["2025-01 1 1 2", "2025-01 2 1 1", "2025-01 1 2 3", "2025-01 2 2 1"], [(2,)]),
    ],
)
def test_a_whole_less_its_part_rests_on_who_did_what_is_not_of_the_part(trips, people):
    assert rests(trips, JANUARY) == people


def test_months_with_something_left_do_not_make_up_for_others():
    """More of a part than of its whole does not happen, but would not hide what is left in another month."""
    assert rests(["2025-01 1 1 1", "2025-02 2 1 1"], QUARTER) == [(1,)]


@pytest.mark.parametrize(
    ("period", "people"),
    [
        (JANUARY, 1), ("month 2025-02-28", 2), (QUARTER, 2), ("quarter 2025-06-30", 1), ("quarter 2025-12-31", 3),
        ("year 2025-12-31", 3), ("year 2024-12-31", 1), ("rolling_12 2025-03-31", 3), ("baseline 2024-12-31", 1),
    ],
)  # fmt: skip
def test_who_is_there_in_several_months_is_one_person_of_a_period(period, people):
    anna = ["2025-01 1 1 1", "2025-02 1 1 1", "2025-05 1 1 1", "2025-11 1 1 1"]
    bo = ["2025-02 1 2 1", "2025-12 1 2 1"]
    dan = ["2024-10 1 3 1", "2025-11 1 3 1"]
    assert rests([*anna, *bo, *dan], period) == [(people,)]


def test_nobody_known_is_one_person_or_as_many_as_a_total_tells():
    assert rests(["2025-01 1 ? 1", "2025-02 1 ? 1"], QUARTER) == [(1,)]
    assert rests(["2025-01 1 ? 1", "2025-02 1 1 1"], QUARTER) == [(2,)]
    assert rests(["2025-01 1 ? 1 30", "2025-02 1 ? 1 20", "2025-02 1 7 1"], QUARTER) == [(30,)]


PAIRS = [
    ("trips", "trips_replaceable", "trips"),
    ("meetings_organised", "meetings_organised_spanning", "meetings_organised_spanning"),
    ("meetings_attended", "meetings_attended_spanning", "meetings_attended_spanning"),
    ("meetings_timed", "meetings_short", "meetings_short"),
    ("meetings_placed", "meetings_external", "meetings_external"),
    ("connections", "connections_troubled", "connections_troubled"),
    ("travel_hours", "evening_hours", "evening_hours"),
]


@pytest.mark.parametrize(("whole", "part", "total"), PAIRS)
def test_what_is_withheld_of_a_total_is_what_fewer_figures_are_made_of_and_of_a_breakdown_the_part(whole, part, total):
    cells = CELLS.replace("trips_replaceable", part).replace("| trips  ", f"| {whole}  ")
    trip = ["2025-01 1 1 2", "2025-01 2 1 1"]
    assert rests(trip, QUARTER, columns="quantity", cells=cells) == [(total,)]
    assert rests(trip, QUARTER, columns="quantity", cells=cells, dimension_value="rail") == [(part,)]
    assert rests(["2025-01 1 1 2", "2025-01 2 1 2"], QUARTER, cells=cells) == []


def test_values_and_departments_have_rests_of_their_own():
    trips = ["2025-01 1 1 2", "2025-01 2 1 1", "2025-01 1 2 1", "2025-01 5 3 1"]
    assert rests(trips, QUARTER, dimension_value="rail") == [(2,)]
    assert rests(trips, QUARTER, dimension_value="car") == [(1,)]
    assert rests(trips, QUARTER, department="Skola") == [(2,)]
    assert rests(trips, QUARTER, department="Skola", dimension_value="rail") == [(2,)]


def test_by_what_a_part_is_not_told_nothing_is_left_of_it():
    assert rests(["2025-01 1 1 2", "2025-01 2 1 1"], QUARTER, dimension_value="x") == []


@pytest.mark.parametrize(
    ("period", "department", "values"),
    [
        (JANUARY, "all", ["all", "digital", "web"]),
        (QUARTER, "all", ["all", "digital", "rail", "web"]),
        ("rolling_12 2025-03-31", "all", ["all", "digital", "rail", "web"]),
        ("year 2025-12-31", "all", ["all", "digital", "rail", "web"]),
        (JANUARY, "Skola", []),
        ("rolling_12 2025-03-31", "Skola", []),
        (QUARTER, "Skola", ["all", "rail"]),
        ("year 2025-12-31", "Skola", ["all", "rail"]),
    ],
)
def test_rests_are_of_the_periods_and_values_that_figures_are_given_for(period, department, values):
    found = [
        value
        for value in ("all", "rail", "web", "digital")
        if rests(["2025-01 1 1 1"], period, department=department, dimension_value=value)
    ]
    assert sorted(found) == values


def test_departments_rests_of_the_baseline_are_told():
    assert rests(["2024-01 1 1 1"], "baseline 2024-12-31", department="Skola") == [(1,)]


@pytest.mark.parametrize(
    ("trips", "people"),
    [
        (["2025-01 1 1 1", "2025-01 1 2 1", "2025-01 3 3 1"], [("elected", 2)]),
        (["2025-01 3 3 1"], []),
        (["2025-01 1 1 1", "2025-01 4 3 1"], [("elected", 2)]),
    ],
)
def test_everyone_but_the_elected(trips, people):
    assert rests(trips, JANUARY, "not_elected", "person_group, people") == people


def test_where_nobody_elected_did_any_of_it_there_is_nothing_to_take_from_the_whole():
    trips = ["2025-01 1 1 1", "2025-01 3 3 1"]
    assert rests(trips, JANUARY, "not_elected", dimension_value="all") == [(1,)]
    assert rests(trips, QUARTER, "not_elected", dimension_value="rail") == []
    assert rests(trips, QUARTER, "not_elected", department="Skola") == []
    other_value = CELLS + "3 | 10 | trips | mode | car | all | elected\n"
    assert rests(trips, QUARTER, "not_elected", cells=other_value, dimension_value="rail") == []
    other_quantity = CELLS + "3 | 10 | trips_replaceable | mode | rail | all | elected\n"
    assert rests(trips, QUARTER, "not_elected", cells=other_quantity, dimension_value="rail") == []
    other_dimension = CELLS + "3 | 10 | trips | mode | web | all | elected\n"
    assert rests(trips, QUARTER, "not_elected", cells=other_dimension, dimension_value="web") == []


@pytest.mark.parametrize(
    ("trips", "people"),
    [
        (["2025-01 4 1 1", "2025-01 4 2 1"], [("trips", "all", 2)]),
        (["2025-01 1 1 1"], []),
        (["2025-01 1 1 1", "2025-01 4 2 1"], [("trips", "all", 1)]),
        # rows of nobody known are given for the organisation only
        (["2025-01 4 1 1", "2025-02 4 ? 1"], []),
    ],
)
def test_people_of_no_known_department(trips, people):
    columns = "quantity, person_group, people"
    assert rests(trips, QUARTER, "unplaced", columns, department="NULL") == people


def test_people_of_no_known_department_are_counted_by_quarter_and_year_and_for_all_groups_together():
    stray = ["2025-01 4 1 1"]
    assert rests(stray, JANUARY, "unplaced", department="NULL") == []
    assert rests(stray, "year 2025-12-31", "unplaced", department="NULL") == [(1,)]
    assert rests(stray, QUARTER, "unplaced", department="NULL", dimension_value="rail") == [(1,)]
    elected = "4 | 10 | trips | mode | rail | all | elected\n4 | 20 | trips | mode | car | Skola | all\n"
    assert rests(
        stray, QUARTER, "unplaced", "person_group", CELLS + elected, department="NULL", dimension_value="rail"
    ) == [("all",)]
    assert rests(stray, QUARTER, "unplaced", cells=CELLS + elected, department="NULL", dimension_value="car") == []


def test_a_rest_of_nobody_known_stays_told():
    assert rests(["2025-01 1 ? 1"], QUARTER) == [(1,)]
    assert rests(["2025-01 1 ? 1", "2025-01 3 3 1"], QUARTER, "not_elected") == [(1,)]
