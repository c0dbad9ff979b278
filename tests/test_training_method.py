"""Training (METHOD 2): how many have been trained, and trips of trained departments beside those not yet trained."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute, known_months, months, value

NAMES = ("Skola", "Vård", "Teknik")


def training(
    trained: str,
    comparisons: str = "",
    headcount: dict[str, int] | None = None,
    withheld: tuple[str, ...] = (),
    told: bool = True,
    shown: tuple[str, ...] = NAMES,
    withheld_cells: tuple[str, ...] = (),
    elected: int = 0,
    until: dict[str, str] | None = None,
    told_from: str = "2024-07-01",
    **method,
):
    """Three departments of a hundred people each, and what a file says of who was trained when."""
    heads = dict.fromkeys(NAMES, 100) if headcount is None else headcount
    cells = [
        f"{place} | true"
        if (place := f"{kind} | {end} | trips | {name}") in withheld_cells
        else f"{kind} | {end} | trips | {name} | {'true' if name in withheld else 'false'}"
        for name in shown
        for kind, end in [
            ("baseline", "2024-12-31"),
            *(("quarter", f"2025-{day}") for day in ("03-31", "06-30", "09-30", "12-31")),
        ]
    ]
    tables = {
        "core_coverage": known_months("2024-01", "2025-12"),
        "core_files": "source | file_sha256 | kind | covers_from | covers_to\n"
        + (f"training | t | training | {told_from} | 2025-12-31" if told else ""),
        "core_departments": "source_value | month | department | reporting_department\n"
        + "\n".join(f"{name} | {month} | {name} | {name}" for name in NAMES for month in months("2024-01", "2025-12")),
        "core_staff_monthly": "month | department | person_group | headcount\n"
        + "\n".join(f"{month} | {name} | employee | {n}" for name, n in heads.items() for month in months("2024-01", (until or {}).get(name, "2025-12")))
        + "".join(f"\n{month} | {name} | elected | {elected}" for name in heads for month in months("2024-01", "2025-12")),
        "core_disclosure": "period_kind | period_end | quantity | department | is_withheld\n" + "\n".join(cells),
        "core_comparisons": "period_kind | period_end | quantity | department | basis | amount | expected\n" + comparisons,
        "landing_training": f"file_sha256 | department | month | trained\n{trained}",
    }  # fmt: skip
    return compute(("core_periods", "core_training_figures"), tables, **method)


def share(con, period: str = "year 2025-12-31", **where):
    return value(con, "core_training_figures", "training_reach.share_trained", period, **where)


def after(con, period: str = "year 2025-12-31"):
    return value(con, "core_training_figures", "training_reach.change_after", period)


def test_the_share_trained_is_of_staff_at_the_end_of_the_period():
    con = training(
        """t | Skola | 2024-09-01 | 20
           t | Skola | 2025-02-01 | 10
           t | Vård  | 2025-11-01 | 30"""
    )
    assert share(con, "year 2024-12-31") == (20 / 300, None)
    assert share(con, "quarter 2025-03-31") == (30 / 300, None)
    assert share(con) == (60 / 300, None)
    assert share(con, department="Skola") == (30 / 100, None)
    assert share(con, department="Teknik") == (0.0, None)
    assert share(con, "quarter 2025-09-30", department="Vård") == (0.0, None)


def test_before_the_first_file_nobody_knows():
    con = training("t | Skola | 2024-09-01 | 20")
    assert share(con, "quarter 2024-06-30")[1] == "no_training"
    assert share(con, "quarter 2024-09-30") == (20 / 300, None)


def test_without_any_file_there_is_no_training_to_tell_of():
    con = training("", told=False)
    assert share(con)[1] == "no_training"
    assert after(con)[1] == "no_training"


@pytest.mark.parametrize(
    ("trained", "reason"),
    [
        (1, "too_few_people"),
        (7, "too_few_people"),
        (8, None),
        (92, None),
        (93, "too_few_people"),
        (99, "too_few_people"),
        (100, None),
    ],
)
def test_few_trained_and_few_untrained_are_not_shown(trained, reason):
    con = training(f"t | Skola | 2025-02-01 | {trained}")
    assert share(con, department="Skola")[1] == reason
    # and neither is any other department, since the last one could be worked out
    assert share(con, department="Vård")[1] == reason
    assert share(con)[1] == ("too_few_people" if trained < 8 else None)


def test_zero_headcount_gives_no_share():
    con = training("", headcount={"Skola": 0})
    assert share(con) == share(con, department="Skola") == (None, "no_staff")


def test_without_staff_files_the_share_says_so():
    con = training("t | Skola | 2024-09-01 | 20", headcount={})
    assert share(con) == (None, "no_staff")


def test_those_trained_in_no_known_department_count_in_the_whole_and_may_not_be_worked_out():
    con = training("t | Skola | 2025-02-01 | 20\nt | Nya laget | 2025-02-01 | 10")
    assert share(con) == (30 / 300, None)
    assert share(con, department="Skola") == (20 / 100, None)
    assert ask(
        con, "select count(*) from core_training_figures where department not in ('all', 'Skola', 'Vård', 'Teknik')"
    ) == [(0,)]
    # three of them would be what Skola leaves of the whole
    con = training("t | Skola | 2025-02-01 | 20\nt | Nya laget | 2025-02-01 | 3")
    assert share(con) == (23 / 300, None)
    assert share(con, department="Skola")[1] == share(con, department="Vård")[1] == "too_few_people"


@pytest.mark.parametrize(("trained", "reason"), [(7, "too_few_people"), (8, None)])
def test_those_trained_in_a_department_that_has_nobody_any_more_may_not_be_worked_out(trained, reason):
    con = training(
        f"t | Skola | 2025-02-01 | 20\nt | Teknik | 2025-02-01 | {trained}", headcount={"Skola": 100, "Vård": 100}
    )
    assert share(con) == ((20 + trained) / 200, None)
    assert share(con, department="Skola")[1] == reason
    assert ask(con, "select count(*) from core_training_figures where department = 'Teknik'") == [(0,)]


def test_a_department_that_closed_during_the_year_may_not_be_worked_out_at_its_end():
    con = training(
        "t | Skola | 2025-02-01 | 20\nt | Teknik | 2025-02-01 | 10\nt | Vård | 2025-02-01 | 9",
        until={"Teknik": "2025-06"},
    )
    assert share(con, "quarter 2025-06-30", department="Teknik") == (10 / 100, None)
    assert share(con, department="Skola") == (20 / 100, None)  # ten people of nowhere are enough
    con = training("t | Skola | 2025-02-01 | 20\nt | Teknik | 2025-02-01 | 3", until={"Teknik": "2025-06"})
    assert share(con) == (23 / 200, None)
    assert share(con, department="Skola")[1] == "too_few_people"


def test_a_period_of_whose_end_no_headcount_is_known_says_so():
    con = training("t | Skola | 2025-02-01 | 20", until=dict.fromkeys(NAMES, "2025-11"))
    assert share(con) == (None, "no_staff")
    assert share(con, "month 2025-11-30") == (20 / 300, None)
    assert share(con, "month 2025-12-31") == (None, "no_staff")


def test_a_file_speaks_for_a_period_from_its_last_day_on():
    assert share(training("t | Skola | 2025-03-01 | 20", told_from="2025-03-31"), "quarter 2025-03-31") == (
        20 / 300,
        None,
    )
    con = training("t | Skola | 2025-04-01 | 20", told_from="2025-04-01")
    assert share(con, "quarter 2025-03-31")[1] == "no_training"
    con = training(EARLY, comparison(CHANGES, "quarter | 2025-03-31"), told_from="2025-03-31")
    assert after(con, "quarter 2025-03-31")[1] is None


def comparison(changes: dict[str, float], period: str = "year | 2025-12-31", each: int = 100) -> str:
    return "\n".join(
        f"{period} | trips | {name} | per_fte | {each * (1 + change)} | {each}" for name, change in changes.items()
    )


EARLY = "t | Skola | 2024-09-01 | 20"
CHANGES = {"Skola": -0.30, "Vård": -0.10, "Teknik": -0.12}


def test_change_after_training_is_that_of_the_trained_less_that_of_the_others():
    con = training(EARLY, comparison(CHANGES))
    # trained: −30 %; the others together 178 trips of 200 expected: −11 %
    assert after(con)[0] == pytest.approx(-0.30 - -0.11)
    assert after(con)[1] is None


def test_departments_count_by_their_trips_not_each_alike():
    con = training(
        EARLY + "\nt | Vård | 2024-10-01 | 30",
        """year | 2025-12-31 | trips | Skola  | per_fte | 50  | 100
           year | 2025-12-31 | trips | Vård   | per_fte | 270 | 300
           year | 2025-12-31 | trips | Teknik | per_fte | 100 | 100""",
    )
    # 320 of 400: −20 %, beside no change
    assert after(con)[0] == pytest.approx(-0.20)


@pytest.mark.parametrize(
    ("trained", "found"),
    [
        (EARLY, True),
        pytest.param("t | Skola | 2024-09-01 | 19", False, id="under a fifth"),
        pytest.param("t | Skola | 2025-01-01 | 20", False, id="not before the period"),
        pytest.param(
            EARLY + "\nt | Vård | 2025-06-01 | 8", True, id="a few trained: Vård is on neither side, Teknik remains"
        ),
        pytest.param(
            EARLY + "\nt | Vård | 2024-09-01 | 25\nt | Teknik | 2024-09-01 | 25",
            False,
            id="nobody left to compare with",
        ),
    ],
)
def test_trained_is_a_fifth_before_the_period_and_untrained_is_nobody(trained, found):
    value_, reason = after(training(trained, comparison(CHANGES)))
    assert (value_ is not None, reason) == (found, None if found else "not_comparable")


def test_a_single_trip_expected_is_enough_and_none_is_not():
    assert after(training(EARLY, comparison({"Skola": 0.5, "Vård": 0.25}, each=1)))[0] == pytest.approx(0.5 - 0.25)
    assert after(training(EARLY, comparison({"Skola": 0.5, "Vård": 0.25}, each=0)))[1] == "not_comparable"


@pytest.mark.parametrize("trained", [20, pytest.param(60, id="a fifth of everybody")])
def test_the_organisation_as_a_whole_is_no_department(trained):
    con = training(f"t | Skola | 2024-09-01 | {trained}", comparison(CHANGES | {"all": -0.5}), shown=(*NAMES, "all"))
    assert after(con)[0] == pytest.approx(-0.30 - -0.11)


def test_a_department_with_a_few_trained_is_on_neither_side():
    con = training(EARLY + "\nt | Vård | 2025-06-01 | 8", comparison(CHANGES))
    assert after(con)[0] == pytest.approx(-0.30 - -0.12)


def test_only_departments_whose_trips_are_published_take_part():
    assert after(training(EARLY, comparison(CHANGES), withheld=("Vård",)))[0] == pytest.approx(-0.30 - -0.12)
    assert after(training(EARLY, comparison(CHANGES), withheld=("Skola",)))[1] == "not_comparable"


def test_months_are_too_short_to_compare():
    con = training(EARLY, comparison(CHANGES, "month | 2025-12-31"))
    assert ask(
        con, "select count(*) from core_training_figures where measure = 'change_after' and period_kind = 'month'"
    ) == [(0,)]


ABOUT = "person_group, baseline, dimension_2, value_2, numerator, denominator, known_share, people, unit"


def test_a_share_stands_with_what_it_is_a_share_of():
    con = training("t | Skola | 2024-09-01 | 20")
    found = value(con, "core_training_figures", "training_reach.share_trained", columns=ABOUT, department="Skola")
    assert found == ("all", "none", "all", "all", 20.0, 100.0, 1.0, 20, "share")


def test_a_change_stands_with_the_baseline_it_is_measured_from():
    con = training(EARLY, comparison(CHANGES))
    columns = f"department, low, high, dimension_1, value_1, {ABOUT}"
    found = value(con, "core_training_figures", "training_reach.change_after", columns=columns)
    assert found == (
        "all",
        None,
        None,
        "all",
        "all",
        "all",
        "2024",
        "all",
        "all",
        None,
        None,
        1.0,
        None,
        "share points",
    )


def test_the_baseline_has_no_training_of_its_own_and_what_comes_before_it_no_change():
    con = training(EARLY, comparison(CHANGES))
    assert ask(con, "select count(*) from core_training_figures where period_kind = 'baseline'") == [(0,)]
    ends = "select cast(min(period_end) as varchar) from core_training_figures where measure = 'change_after'"
    assert ask(con, ends) == [("2025-03-31",)]


def test_departments_have_quarters_and_years_only():
    kinds = "select distinct period_kind from core_training_figures where department = 'Skola' order by 1"
    assert ask(training(EARLY), kinds) == [("quarter",), ("year",)]


def test_one_employee_who_was_trained_is_no_department_to_show():
    assert share(training("t | Skola | 2024-09-01 | 1", headcount={"Skola": 1}))[1] == "too_few_people"


@pytest.mark.parametrize(("end", "is_compared"), [("2025-03-31", False), ("2025-06-30", False), ("2025-09-30", True)])
def test_a_quarter_is_compared_where_its_own_trips_and_the_baselines_are_published(end, is_compared):
    """Skola's second quarter is withheld, and its trips of the first are not known."""
    heads = ("year | 2025-12-31", "quarter | 2025-03-31", "quarter | 2025-06-30", "quarter | 2025-09-30")
    compared = "\n".join(comparison(CHANGES, period) for period in heads if period != "quarter | 2025-03-31")
    con = training(EARLY, compared, withheld_cells=("quarter | 2025-06-30 | trips | Skola",))
    assert (after(con, f"quarter {end}")[0] is not None) == is_compared
    # what the year says would show the quarter
    assert after(con)[1] == "not_comparable"


def test_the_elected_are_no_employees_to_be_trained():
    con = training("t | Skola | 2024-09-01 | 20", elected=50)
    assert share(con) == (20 / 300, None)
    assert share(con, department="Skola") == (20 / 100, None)


def test_a_department_trained_in_the_last_month_of_the_period_is_on_neither_side():
    con = training(EARLY + "\nt | Vård | 2025-12-01 | 8", comparison(CHANGES))
    assert after(con)[0] == pytest.approx(-0.30 - -0.12)


def test_a_department_whose_baseline_is_not_published_takes_no_part():
    con = training(EARLY, comparison(CHANGES), withheld_cells=("baseline | 2024-12-31 | trips | Vård",))
    assert after(con)[0] == pytest.approx(-0.30 - -0.12)


def test_a_quarter_that_begins_in_the_baseline_is_not_compared_with_it():
    con = training(EARLY, comparison(CHANGES), baseline_from="2023-11", baseline_to="2024-10")
    ends = "select cast(min(period_end) as varchar) from core_training_figures where measure = 'change_after' and period_kind = 'quarter'"
    assert ask(con, ends) == [("2025-03-31",)]
