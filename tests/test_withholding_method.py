"""Which cells are withheld: those of few people, those that few people make, and those that would give them away."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute


def withheld(
    columns: str, cells: str, rests: str = "remainder | people", where: str = "is_withheld"
) -> list[tuple[object, ...]]:
    """The cells that are withheld, or those that are asked for, of some in ``core_cells``."""
    con = compute(("core_disclosure",), {"core_cells": cells, "core_remainders": rests})
    return ask(con, f"select {columns} from core_disclosure where {where} order by all")


YEAR = "period_kind | period_end | quantity | people\nyear | 2025-12-31 | trips | "


@pytest.mark.parametrize(("people", "is_withheld"), [(0, False), (1, True), (7, True), (8, False)])
def test_a_cell_rests_on_no_one_or_on_k_people(people, is_withheld):
    assert withheld("is_withheld", f"{YEAR}{people}", where="true") == [(is_withheld,)]


@pytest.mark.parametrize(
    ("people", "rests", "is_withheld"),
    [
        (30, ["rest | 8"], False),
        (30, ["rest | 7"], True),
        (30, ["rest | 20", "not_elected | 7"], True),
        (30, ["not_elected | 7", "rest | 20"], True),
        (0, ["rest | 7"], False),
    ],
)
def test_so_does_what_is_left_when_it_is_taken_from_another_figure(people, rests, is_withheld):
    left = [f"year | 2025-12-31 | trips | {rest}" for rest in rests]
    table = "\n".join(["period_kind | period_end | quantity | remainder | people", *left])
    assert withheld("is_withheld", f"{YEAR}{people}", table, where="true") == [(is_withheld,)]


@pytest.mark.parametrize(
    ("quantity", "amount", "is_withheld"),
    [
        ("cost_sek", "220", False), ("cost_sek", "219", True), ("distance_km", "219", True), ("co2_kg", "219", True),
        ("co2e_kg", "219", True), ("energy_kwh", "219", True), ("trips", "219", False),
        ("cost_sek", "-220", False), ("cost_sek", "-219", True), ("cost_sek", "NULL", False),
    ],
)  # fmt: skip
def test_what_the_others_contribute_hides_how_much_the_largest_did(quantity, amount, is_withheld):
    """The second largest knows their own part: without it and the largest, a fifth of the largest must be left."""
    cell = f"""
        period_kind | period_end | quantity   | amount   | people | largest | second_largest
        year        | 2025-12-31 | {quantity} | {amount} | 30     | 100     | 100
        """
    assert withheld("is_withheld", cell, where="true") == [(is_withheld,)]


@pytest.mark.parametrize(
    ("few", "told"),
    [
        ("none", ["month 4", "month 5", "month 7", "quarter 6", "quarter 9", "rolling_12 6", "year 12"]),
        ("month 5", ["month 7", "quarter 6", "quarter 9", "rolling_12 6", "year 12"]),
        ("quarter 6", ["year 12"]),
        ("year 12", []),
        ("rolling_12 6", ["month 4", "month 5", "month 7", "quarter 6", "quarter 9", "year 12"]),
    ],
)
def test_a_month_of_few_leaves_its_quarter_and_a_quarter_of_few_its_year(few, told):
    """Other months of the quarter and other quarters of the year would give it away, and add up to a year of few."""
    ends = {
        "month 4": "2025-04-30", "month 5": "2025-05-31", "month 7": "2025-07-31", "quarter 6": "2025-06-30",
        "quarter 9": "2025-09-30", "rolling_12 6": "2025-06-30", "year 12": "2025-12-31",
    }  # fmt: skip
    lines = [f"{name.split()[0]} | {end} | trips | {3 if name == few else 30}" for name, end in ends.items()]
    before = ["month | 2024-05-31 | trips | 30", "quarter | 2024-06-30 | trips | 30", "year | 2024-12-31 | trips | 30"]
    cells = "\n".join(["period_kind | period_end | quantity | people", *lines, *before])
    found = withheld("period_kind || ' ' || month(period_end), year(period_end)", cells, where="not is_withheld")
    assert found == sorted(
        [*((name, 2025) for name in told), ("month 5", 2024), ("quarter 6", 2024), ("year 12", 2024)]
    )


@pytest.mark.parametrize(("kind", "end"), [("month", "2025-05-31"), ("quarter", "2025-06-30"), ("year", "2025-12-31")])
def test_twelve_months_to_the_end_of_a_quarter_are_withheld_with_a_quarter_of_that_year_and_the_year_before(kind, end):
    """They and the year differ by a few quarters, as the baseline and its year may. Only quarters take them with them."""
    windows = ["2024-09-30", "2025-03-31", "2025-12-31", "2026-06-30", "2026-09-30", "2026-12-31", "2027-03-31"]
    cells = f"""
        period_kind | period_end | quantity | people
        {kind}      | {end}      | trips    | 3
        year        | 2026-12-31 | trips    | 30
        quarter     | 2026-06-30 | trips    | 30
        month       | 2026-05-31 | trips    | 30
        """ + "\n".join(f"{one} | {of} | trips | 30" for one in ("rolling_12", "baseline") for of in windows)
    found = withheld("cast(period_end as varchar)", cells, where="is_withheld and people = 30")
    taken = ["2025-03-31", "2026-06-30", "2026-09-30"] if kind == "quarter" else []
    assert found == sorted(2 * [(one,) for one in taken])


def by_value(people: dict[str, str], dimension: str = "mode", department: str = "all") -> str:
    """Values of a dimension by the people of quarters of 2025."""
    ends = ("2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31")
    lines = [
        f"quarter | {end} | trips | {department} | {dimension} | {value} | {count}"
        for value, counts in people.items()
        for end, count in zip(ends, counts.split(), strict=False)
    ]
    return "\n".join(
        ["period_kind | period_end | quantity | department | dimension | dimension_value | people", *lines]
    )


@pytest.mark.parametrize(
    ("dimension", "people", "values"),
    [
        pytest.param("mode", {"flight": "8", "car": "30", "rail": "8"}, [], id="nothing to hide"),
        pytest.param("mode", {"flight": "3", "car": "20", "rail": "30"}, ["flight", "rail"], id="the value missed least"),
        pytest.param(
            "mode", {"flight": "3 30", "car": "20 9", "rail": "30 0", "bus": "0 9"}, ["car", "flight"], id="not one of some quarters only"
        ),
        pytest.param("mode", {"flight": "3", "ferry": "3", "car": "20", "rail": "30"}, ["ferry", "flight", "rail"], id="two and a third"),
        pytest.param("platform", {"a": "3", "b": "30 30", "c": "20 40", "d": "30 30"}, ["a", "b"], id="else the smallest of the year"),
        pytest.param("platform", {"a": "3", "c": "20", "b": "20"}, ["a", "b"], id="of the same size by name"),
        pytest.param("platform", {"a": "3"}, ["a"], id="the only value"),
        pytest.param(
            "mode",
            {"flight": "3 30", "car": "30 0", "rail": "0 20"},
            ["car", "flight", "rail"],
            id="all, where those withheld are few together",
        ),
    ],
)  # fmt: skip
def test_a_value_is_not_what_all_values_leave_of_the_total(dimension, people, values):
    """Another value is withheld with it, the same in every quarter, and nothing else: the total is still told."""
    cells = by_value(people, dimension) + "\nquarter | 2025-03-31 | trips | all | all | all | 60"
    found = withheld("distinct dimension_value", cells, where="is_withheld and quarter(period_end) = 1")
    assert found == [(value,) for value in values]


def test_a_withheld_total_is_not_the_sum_of_its_values():
    cells = by_value({"car": "30", "rail": "20"}) + "\nquarter | 2025-03-31 | trips | all | all | all | 60"
    rests = "period_kind | period_end | quantity | remainder | people\nquarter | 2025-03-31 | trips | rest | 3"
    assert withheld("dimension_value", cells, rests) == [("all",), ("car",), ("rail",)]


def departments(people: dict[str, str]) -> str:
    """Totals of departments by the people of quarters of 2025."""
    tables = [by_value({"all": counts}, "all", department) for department, counts in people.items()]
    return "\n".join([tables[0], *(table.partition("\n")[2] for table in tables[1:])])


HEAD = "remainder | period_kind | period_end | quantity | dimension | dimension_value | department | people"


@pytest.mark.parametrize(
    ("people", "unplaced", "taken"),
    [
        pytest.param({"Skola": "8", "Teknik": "20"}, "8", [], id="nothing to hide"),
        pytest.param({"Skola": "3", "Teknik": "20", "Omsorg": "30"}, "", ["Skola", "Teknik"], id="the smallest other one"),
        pytest.param(
            {"Skola": "3 30", "Teknik": "20 0", "Omsorg": "30 30"}, "", ["Omsorg", "Skola"], id="not one of some quarters only"
        ),
        pytest.param({"Skola": "3", "Vård": "20", "Omsorg": "20"}, "", ["Omsorg", "Skola"], id="of the same size by name"),
        pytest.param(
            {"Skola": "3 30", "Teknik": "0 20", "Omsorg": "30 0"},
            "",
            ["Omsorg", "Skola", "Teknik"],
            id="all, where those withheld are few together",
        ),
        pytest.param({"Skola": "8", "Teknik": "20"}, "7", ["Skola"], id="one hides people of no known department"),
        pytest.param({"Skola": "3", "Teknik": "20", "Omsorg": "30"}, "9", ["Skola", "Teknik"], id="who do not hide others"),
    ],
)  # fmt: skip
def test_a_department_is_not_what_all_departments_leave_of_the_organisation(people, unplaced, taken):
    """People of no known department are one more department that is never shown."""
    cells = departments(people) + "\nquarter | 2025-03-31 | trips | all | all | all | 60"
    rests = f"{HEAD}\nunplaced | quarter | 2025-03-31 | trips | all | all | NULL | {unplaced}" if unplaced else HEAD
    found = withheld("distinct department", cells, rests, "is_withheld and quarter(period_end) = 1")
    assert found == [(department,) for department in taken]


def test_who_hides_people_of_no_known_department_in_one_quarter_does_in_every_quarter_of_the_year():
    rests = f"{HEAD}\nunplaced | quarter | 2025-06-30 | trips | all | all | NULL | 3"
    cells = departments({"Skola": "8 8 8 8", "Teknik": "20 20 20 20"})
    assert withheld("department, quarter(period_end)", cells, rests) == [("Skola", n) for n in (1, 2, 3, 4)]


def table(people: dict[str, dict[str, str]], totals: dict[str, str]) -> str:
    """Modes of departments, and the departments' totals, by the people of quarters of 2025."""
    tables = [by_value(modes, "mode", department) for department, modes in people.items()]
    return "\n".join([departments(totals), *(one.partition("\n")[2] for one in tables)])


SOME = {
    "Barn": {"flight": "3", "rail": "20"},
    "Skola": {"flight": "9", "rail": "25"},
    "Vård": {"flight": "12", "rail": "17"},
}


@pytest.mark.parametrize(
    ("people", "totals", "taken"),
    [
        pytest.param(
            {"Barn": {"flight": "8"}, "Skola": {"flight": "9"}}, {"Barn": "20", "Skola": "25"}, [], id="nothing to hide"
        ),
        pytest.param(
            SOME, {"Barn": "20", "Skola": "25", "Vård": "29"}, ["Barn mode", "Vård mode"], id="the department of most people"
        ),
        pytest.param(
            SOME | {"Barn": {"flight": "9", "rail": "9"}, "Teknik": {"rail": "9"}},
            {"Barn": "3", "Skola": "25", "Vård": "29", "Teknik": "20"},
            ["Barn all", "Barn mode", "Teknik all", "Teknik mode", "Vård mode"],
            id="withheld totals take their modes",
        ),
        pytest.param(
            {"Barn": {"rail": "9"}, "Skola": {"rail": "9"}, "Vård": {"rail": "9"}, "Teknik": {"rail": "9"}},
            {"Barn": "3 30", "Skola": "0 20", "Vård": "30 0", "Teknik": "40 0"},
            [f"{name} {kind}" for name in ("Barn", "Skola", "Teknik", "Vård") for kind in ("all", "mode")],
            id="totals withheld of all take all modes",
        ),
        pytest.param(
            SOME | {"Vård": {"flight": "8", "rail": "17"}}, {"Barn": "20", "Skola": "25", "Vård": "29"},
            ["Barn mode", "Vård mode"], id="those withheld hide each other",
        ),
        pytest.param(
            SOME | {"Vård": {"flight": "0", "rail": "29"}}, {"Barn": "20", "Skola": "25", "Vård": "29"},
            ["Barn mode", "Skola mode", "Vård mode"], id="those withheld are few together",
        ),
        pytest.param(
            {"Barn": {"flight": "1"}, "Skola": {"flight": "9"}, "Vård": {"flight": "0"}}, {"Barn": "20", "Skola": "25", "Vård": "29"},
            ["Barn mode", "Skola mode", "Vård mode"], id="those withheld are one person",
        ),
        pytest.param(
            SOME | {"Skola": {"flight": "0", "rail": "25"}, "Vård": {"flight": "0", "rail": "29"}},
            {"Barn": "20", "Skola": "25", "Vård": "29"}, ["Barn mode", "Vård mode"], id="nobody else flew",
        ),
        pytest.param(
            SOME | {"Barn": {"flight": "3 0"}, "Skola": {"flight": "9 9"}, "Vård": {"flight": "12 0"}},
            {"Barn": "20 20", "Skola": "25 25", "Vård": "29 29"}, ["Barn mode", "Vård mode"], id="none of them flew in the other quarter",
        ),
    ],
)  # fmt: skip
def test_a_mode_of_a_department_is_not_what_the_modes_and_departments_shown_leave(people, totals, taken):
    """A department with a value to hide tells no value, and nor does the largest other one; of totals both are told."""
    found = withheld("distinct department || ' ' || dimension", table(people, totals))
    assert found == [(one,) for one in taken]


def test_people_of_no_known_department_are_not_the_one_that_hides_a_departments_modes():
    modes = f"{HEAD}\nunplaced | quarter | 2025-03-31 | trips | mode | flight | NULL | 9"
    cells = table(SOME, {"Barn": "20", "Skola": "25", "Vård": "29"})
    assert withheld("distinct department", cells, modes) == [("Barn",), ("Vård",)]
