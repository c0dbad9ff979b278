"""Departments and staff: which department a name means, which are shown together, and how many work there (METHOD 1)."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.reconciliation import NAMED
from tests.model_cases import ask, build, covered, verdict

STAFF = """
    department | month      | headcount | fte | person_group
    Skola      | 2025-01-01 | 100       | 90  | employee
    Vård       | 2025-01-01 | 50        | 40  | employee
    Skola      | 2025-01-01 | 10        |     | elected
    Skola      | 2025-02-01 | 100       |     | employee
    Vård       | 2025-02-01 | 50        | 40  | employee
"""


def test_full_time_equivalents_are_unknown_as_soon_as_one_part_is():
    con = build(covered() | {"staff": STAFF}, only=("core_denominators",))
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
        Skola        | Lärande    | 2025-05-31 | 2025-07-01
    """
    con = build(
        covered()
        | {"staff": "department | month | headcount | fte\nSkola | 2025-01-01 | 20 | 20", "departments": departments},
        only=("core_departments",),
    )
    found = ask(
        con,
        "select month(month), department from core_departments where month between '2025-01-01' and '2025-08-01' order by 1",
    )
    assert found == [
        (1, "Skola"), (2, "Utbildning"), (3, "Utbildning"), (4, "Skola"), (5, "Lärande"), (6, "Lärande"), (7, "Lärande"),
        (8, "Skola"),
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
    con = build(covered() | {"staff": staff}, only=("core_departments",))
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
    con = build(covered() | {"staff": staff}, only=("core_departments",))
    found = ask(
        con,
        "select year(month), reporting_department from core_departments where source_value = 'B' and month(month) = 6 and year(month) between 2023 and 2025 order by 1",
    )
    assert found == [(2023, "B"), (2024, "Små enheter"), (2025, "Små enheter")]


def test_a_unit_that_was_small_once_is_not_alone_when_it_has_grown():
    staff = "department | month | headcount | fte\n" + "\n".join(
        f"{d} | {y}-01-01 | {n} | {n}"
        for d, counts in {"A": (50, 50), "B": (3, 20), "C": (30, 30)}.items()
        for y, n in zip((2024, 2025), counts, strict=True)
    )
    con = build(covered() | {"staff": staff}, only=("core_departments",))
    found = "select source_value, reporting_department from core_departments where month = date '2025-06-01' order by 1"
    assert ask(con, found) == [("A", "A"), ("B", "Små enheter"), ("C", "Små enheter")]


def test_people_are_counted_where_they_are_at_the_end_of_the_year_under_its_name_of_then():
    """All of Teknik left on the last day of 2025: four for BUN, which is Utbildning since July, and eight for Vård."""
    people = "person_key | department | observed_on\n"
    people += "".join(f"b{n} | BUN | 2024-01-01\n" for n in range(4))
    people += "".join(f"n{n} | Teknik | 2024-01-01\nn{n} | BUN | 2025-12-31\n" for n in range(4))
    people += "".join(f"l{n} | Teknik | 2024-01-01\nl{n} | Vård | 2025-12-31\n" for n in range(8))
    con = build(
        covered()
        | {
            "people": people,
            "departments": "source_value | department | valid_from\nBUN | Utbildning | 2025-07-01",
            "staff": "department | month | headcount\nVård | 2025-01-01 | 50",
        },
        only=("core_departments",),
    )
    found = (
        "select source_value, month(month), reporting_department from core_departments "
        "where month in (date '2025-06-01', date '2025-12-01') order by all"
    )
    assert ask(con, found) == [
        ("BUN", 6, None), ("BUN", 12, "Utbildning"), ("Teknik", 6, None), ("Teknik", 12, None),
        ("Vård", 6, "Vård"), ("Vård", 12, "Vård"),
    ]  # fmt: skip


def test_names_and_sizes_of_a_file_that_was_replaced_are_forgotten():
    staff = """
        file_sha256 | department | month      | headcount
        staff       | Skola      | 2025-01-01 | 20
        staff       | Vård       | 2025-01-01 | 20
        first       | Skola      | 2025-01-01 | 1
        first       | Teknik     | 2025-01-01 | 20
    """
    con = build(covered() | {"staff": staff}, only=("core_staff_monthly",))
    found = (
        "select distinct source_value, reporting_department from core_departments where year(month) = 2025 order by 1"
    )
    assert ask(con, found) == [("Skola", "Skola"), ("Vård", "Vård")]
    assert ask(con, "select department, headcount from core_staff_monthly order by 1") == [("Skola", 20), ("Vård", 20)]


def test_a_unit_is_as_large_as_the_file_says_that_took_the_place_of_another():
    staff = """
        file_sha256 | department | month      | headcount
        staff       | Skola      | 2025-01-01 | 50
        staff       | Vård       | 2025-01-01 | 30
        staff       | Teknik     | 2025-01-01 | 3
        first       | Teknik     | 2025-01-01 | 20
    """
    con = build(covered() | {"staff": staff}, only=("core_departments",))
    found = "select source_value, reporting_department from core_departments where month = date '2025-06-01' order by 1"
    assert ask(con, found) == [("Skola", "Skola"), ("Teknik", "Små enheter"), ("Vård", "Små enheter")]


def test_a_month_that_begins_today_has_its_departments():
    staff = "department | month | headcount | fte\nSkola | 2025-01-01 | 20 | 20"
    con = build(covered() | {"staff": staff}, as_of=date(2025, 6, 1), only=("core_departments",))
    assert ask(con, "select max(month) from core_departments") == [(date(2025, 6, 1),)]


def test_a_renamed_department_keeps_its_figures():
    con = build(
        covered()
        | {
            "staff": "department | month | headcount | fte\nSkola | 2025-01-01 | 20 | 20\nUtbildning | 2025-06-01 | 20 | 20\nVård | 2025-01-01 | 30 | 30",
            "departments": "source_value | department | valid_from | valid_to\nSkola | Utbildning | 2020-01-01 |",
        },
        only=("core_departments",),
    )
    found = ask(
        con,
        "select distinct source_value, reporting_department from core_departments where year(month) = 2025 order by 1",
    )
    assert found == [("Skola", "Utbildning"), ("Utbildning", "Utbildning"), ("Vård", "Vård")]


@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("staff", "month | headcount | fte\nBUN | staff | 2025-01-01 | 20 | 20"),
        ("training", "month | trained\nBUN | staff | 2025-01-01 | 9"),
        ("survey_answers", "question | round | answers\nBUN | staff | happy | 2025 | 9"),
        ("travel_segments", "departed_at\nBUN | staff | 2025-01-07"),
        ("people", "person_key\nBUN | anna"),
    ],
)
def test_a_name_means_its_department_whoever_uses_it(file, rows):
    head = "department | " if file == "people" else "department | file_sha256 | "
    departments = "source_value | department | valid_from\nbun | Barn och utbildning | 1970-01-01"
    con = build(covered() | {"departments": departments, file: head + rows}, only=("core_departments",))
    assert ask(con, "select distinct source_value, department from core_departments") == [
        ("BUN", "Barn och utbildning")
    ]


BOTH = ("core_departments", "core_people", "core_staff_monthly")
NAMES = "department | month | headcount | fte\nBarn och utbildning | 2025-12-01 | 8 | 8\nVård | 2025-12-01 | 9 | 9\n"
PEOPLE = "person_key | department\n" + "".join(
    f"{name}{number} | {department}\n"
    for name, department, people in (("b", "BUN", 8), ("v", "vård", 9))
    for number in range(people)
)


@pytest.mark.parametrize(
    ("departments", "unknown"),
    [
        pytest.param("", ["BUN", "Barn och utbildning", "Vård", "vård"], id="nobody says what the names mean"),
        pytest.param("BUN | Barn och utbildning", ["Vård", "vård"], id="one is said"),
        pytest.param(
            "BUN | Barn och utbildning\nVÅRD | Vård", [], id="both are said, whatever the case of the letters"
        ),
    ],
)
def test_departments_that_directory_and_staff_name_differently_are_asked_about(departments, unknown):
    mapped = "source_value | department | valid_from\n" + "".join(
        f"{line} | 1970-01-01\n" for line in departments.splitlines()
    )
    con = build(covered() | {"staff": NAMES, "people": PEOPLE, "departments": mapped}, only=BOTH)
    assert sorted(line.split(":")[0] for line in verdict(con, NAMED).lines) == unknown


def test_what_is_asked_about_a_name_says_who_knows_it():
    con = build(covered() | {"staff": NAMES, "people": PEOPLE.replace("vård", "Vård")}, only=BOTH)
    assert [line.partition(";")[0] for line in verdict(con, NAMED).lines] == [
        "BUN: in 2025-12 the directory has 8 people in it, the staff file nobody",
        "Barn och utbildning: in 2025-12 the staff file has 8 people in it, the directory nobody",
    ]


def test_elected_representatives_are_nobody_to_ask_about():
    staff = "department | month | person_group | headcount\nNämnd | 2025-12-01 | elected | 8"
    people = "person_key | department | person_group\n" + "".join(
        f"n{number} | Nämnd | elected\n" for number in range(8)
    )
    con = build(covered() | {"staff": staff, "people": people}, only=BOTH)
    assert verdict(con, NAMED).lines == ()


@pytest.mark.parametrize("missing", ["staff", "people"])
def test_without_a_directory_of_departments_or_staff_there_is_nothing_to_ask(missing):
    tables = {name: told for name, told in (("staff", NAMES), ("people", PEOPLE)) if name != missing}
    assert verdict(build(covered() | tables, only=BOTH), NAMED).lines == ()


def test_a_corrected_register_takes_the_place_of_the_one_before():
    files = """
        file_sha256 | source      | kind        | covers_from | covers_to  | replaces_sha256 | seen_at
        staff       | staff       | staff       | 2020-01-01  | 2029-12-31 |                 | 2026-01-01T00:00
        first       | departments | departments | 2025-01-01  | 2025-01-01 |                 | 2026-01-01T00:00
        second      | departments | departments | 2025-01-02  | 2025-01-02 | first           | 2026-01-02T00:00
    """
    departments = """
        file_sha256 | source_value | department | valid_from
        first       | Skola        | Bildning   | 1970-01-01
        second      | Skola        | Utbildning | 1970-01-01
    """
    staff = "department | month | headcount | fte\nSkola | 2025-01-01 | 20 | 20"
    con = build({"files": files, "departments": departments, "staff": staff}, only=("core_departments",))
    assert ask(con, "select distinct department from core_departments") == [("Utbildning",)]
