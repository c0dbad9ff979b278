"""Attitudes (METHOD 2): the latest round in a period, question by question, with an interval, and never of few people."""

from __future__ import annotations

import math

import pytest

from tests.model_cases import COUNTING, ask, compute, known_months, value

ANSWERS = "file_sha256 | question | round | department | answers | share_positive | mean\n"
FILES = """
source | file_sha256 | kind   | covers_from | covers_to
survey | spring      | survey | 2025-03-01  | 2025-04-10
survey | autumn      | survey | 2025-09-01  | 2025-10-15
"""
DEPARTMENTS = "source_value | month | department | reporting_department\n" + "\n".join(
    f"{name} | {month} | {name} | {shown}"
    for month in ("2025-04-01", "2025-10-01")
    for name, shown in {"Skola": "Skola", "Vård": "Vård", "Kansli": "Små enheter", "IT": "Små enheter"}.items()
)


def survey(answers: str, departments: str = DEPARTMENTS, **method):
    tables = {
        "core_coverage": known_months("2024-01", "2025-12"),
        "core_files": FILES,
        "core_departments": departments,
        "landing_survey_answers": ANSWERS + answers,
    }
    return compute((*COUNTING[:1], "core_survey_rounds", "core_survey_figures"), tables, **method)


def attitude(
    con, measure: str = "share_positive", period: str = "year 2025-12-31", columns: str = "value, reason", **where
):
    where = {"dimension_1": "question", "value_1": "easy"} | where
    return value(con, "core_survey_figures", f"meeting_attitude.{measure}", period, columns, **where)


def wilson(share: float, n: int) -> tuple[float, float]:
    """The interval as textbooks write it."""
    z = 1.959963984540054
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


@pytest.mark.parametrize(("share", "n"), [(0.7, 200), (0.5, 8), (0.0, 40), (1.0, 40)])
def test_a_share_of_answers_has_an_interval(share, n):
    con = survey(f"spring | easy | 2025 | | {n} | {share} | 3.9")
    found, low, high, reason = attitude(con, columns="value, low, high, reason")
    assert (found, reason) == (share, None)
    assert (low, high) == pytest.approx(wilson(share, n), abs=1e-5)
    assert low <= found <= high
    assert attitude(con, "mean", columns="value, low, high, reason") == (3.9, None, None, None)


@pytest.mark.parametrize(("answers", "reason"), [(1, "too_few_people"), (7, "too_few_people"), (8, None)])
def test_fewer_than_k_answers_are_not_shown(answers, reason):
    assert attitude(survey(f"spring | easy | 2025 | | {answers} | 0.5 | 3"))[1] == reason


def test_a_period_has_its_latest_round():
    con = survey(
        """spring | easy | 2025-1 | | 100 | 0.5 | 3
           autumn | easy | 2025-2 | | 100 | 0.8 | 4"""
    )
    assert attitude(con, period="quarter 2025-06-30") == (0.5, None)
    assert attitude(con, period="quarter 2025-12-31") == (0.8, None)
    assert attitude(con) == (0.8, None)
    assert attitude(con, period="month 2025-04-30") == (0.5, None)
    # a round belongs to when it ended
    nothing = {"dimension_1": "all", "value_1": "all"}
    assert attitude(con, period="month 2025-03-31", **nothing) == (None, "no_survey")
    assert attitude(con, period="year 2024-12-31", **nothing) == (None, "no_survey")


def test_without_any_survey_every_period_says_so():
    con = survey("")
    assert ask(con, "select distinct value, reason from core_survey_figures") == [(None, "no_survey")]


def test_a_survey_only_by_departments_is_their_sum():
    con = survey(
        """spring | easy | 2025 | Skola | 30 | 0.5 | 3
           spring | easy | 2025 | Vård  | 10 | 0.9 | 5"""
    )
    # (30 · 0.5 + 10 · 0.9) / 40 and (30 · 3 + 10 · 5) / 40
    assert attitude(con)[0] == pytest.approx(24 / 40)
    assert attitude(con, "mean")[0] == pytest.approx(140 / 40)
    assert attitude(con, department="Vård") == (0.9, None)


def test_the_whole_is_the_sum_of_departments_so_that_nothing_is_had_by_subtraction():
    """Of 45 answers five came from a department too small to land; the figure of all 45 would show them."""
    con = survey(
        """spring | easy | 2025 |       | 45 | 0.6 | 3.4
           spring | easy | 2025 | Skola | 30 | 0.5 | 3
           spring | easy | 2025 | Vård  | 10 | 0.9 | 5"""
    )
    assert attitude(con, columns="value, people") == (pytest.approx(24 / 40), 40)


def test_one_answer_is_a_share_and_a_mean_by_itself():
    con = survey("spring | easy | 2025 | | 1 | 1 | 3")
    assert ask(con, "select answers, share_positive, mean from core_survey_rounds") == [(1, 1.0, 3.0)]


def test_small_units_are_one_department():
    con = survey(
        """spring | easy | 2025 | Kansli | 8 | 0.25 | 2
           spring | easy | 2025 | IT     | 8 | 0.75 | 4"""
    )
    assert attitude(con, department="Små enheter", columns="value, people") == (0.5, 16)


def test_a_department_has_the_name_it_had_when_the_round_ended():
    con = survey(
        """spring | easy | 2025-1 | Skola | 30 | 0.5 | 3
           autumn | easy | 2025-2 | Skola | 30 | 0.8 | 4""",
        DEPARTMENTS.replace("2025-10-01 | Skola | Skola", "2025-10-01 | Skola | Utbildning"),
    )
    named = "select round, department from core_survey_rounds where department <> 'all' order by 1"
    assert ask(con, named) == [("2025-1", "Skola"), ("2025-2", "Utbildning")]


def test_a_department_without_a_mean_is_left_out_of_the_mean_not_counted_as_zero():
    con = survey(
        """spring | easy | 2025 | Skola | 30 | 0.5 | 3
           spring | easy | 2025 | Vård  | 10 | 0.9 |"""
    )
    assert attitude(con, "mean")[0] == pytest.approx(3)


def test_a_department_without_a_share_is_left_out_of_the_share_not_counted_as_zero():
    con = survey(
        """spring | easy | 2025 | Skola | 30 | 0.5 | 3
           spring | easy | 2025 | Vård  | 10 |     | 5"""
    )
    assert attitude(con)[0] == pytest.approx(0.5)
    # (30 · 3 + 10 · 5) / 40
    assert attitude(con, "mean")[0] == pytest.approx(3.5)


def test_a_question_without_a_mean_has_none():
    assert attitude(survey("spring | easy | 2025 | | 40 | 0.5 |"), "mean") == (None, "nothing_counted")


def test_departments_have_quarters_and_years_only():
    con = survey("spring | easy | 2025 | Skola | 30 | 0.5 | 3")
    kinds = ask(con, "select distinct period_kind from core_survey_figures where department = 'Skola' order by 1")
    assert kinds == [("quarter",), ("year",)]


def test_whether_a_meeting_replaced_a_trip_is_no_attitude():
    con = survey("spring | replaced_trip | 2025 | | 40 | 0.2 |")
    assert ask(con, "select distinct reason from core_survey_figures") == [("no_survey",)]
    con = survey("spring | instead | 2025 | | 40 | 0.2 |", replacement_question="instead")
    assert ask(con, "select distinct reason from core_survey_figures") == [("no_survey",)]


ABOUT = "person_group, baseline, dimension_2, value_2, numerator, denominator, known_share, people"


def test_an_answer_stands_with_how_many_answered():
    con = survey("spring | easy | 2025 | | 40 | 0.5 | 3")
    assert attitude(con, columns=ABOUT) == ("all", "none", "all", "all", None, None, 1.0, 40)


def test_a_period_without_a_survey_is_one_line_of_the_whole_organisation():
    con = survey("spring | easy | 2025 | | 40 | 0.5 | 3")
    where = {"dimension_1": "all", "value_1": "all"}
    for measure in ("share_positive", "mean"):
        found = attitude(con, measure, "month 2025-05-31", f"department, value, low, high, {ABOUT}, reason", **where)
        assert found == ("all", None, None, None, "all", "none", "all", "all", None, None, None, None, "no_survey")
    # where there was one nothing else is said
    assert ask(con, "select count(*) from core_survey_figures where period_end = '2025-04-30'") == [(2,)]


def test_the_baseline_is_no_period_of_its_own():
    con = survey("spring | easy | 2025 | | 40 | 0.5 | 3", baseline_from="2025-01", baseline_to="2025-12")
    assert ask(con, "select count(*) from core_survey_figures where period_kind = 'baseline'") == [(0,)]


def test_of_two_rounds_that_ended_on_a_day_the_later_named_speaks():
    con = survey(
        """spring | easy | 2025-1 | | 100 | 0.5 | 3
           spring | easy | 2025-2 | | 100 | 0.8 | 4"""
    )
    assert attitude(con) == (0.8, None)


@pytest.mark.parametrize(("ended", "period"), [("2025-04-01", "month 2025-04-30"), ("2025-04-30", "month 2025-04-30")])
def test_a_round_that_ended_on_the_first_or_last_day_is_of_the_period(ended, period):
    files = f"source | file_sha256 | kind | covers_from | covers_to\nsurvey | spring | survey | 2025-03-01 | {ended}"
    tables = {
        "core_coverage": known_months("2024-01", "2025-12"),
        "core_files": files,
        "core_departments": DEPARTMENTS,
        "landing_survey_answers": f"{ANSWERS}spring | easy | 2025 | | 40 | 0.5 | 3",
    }
    con = compute((*COUNTING[:1], "core_survey_rounds", "core_survey_figures"), tables)
    assert attitude(con, period=period) == (0.5, None)
    asked = ask(
        con, "select count(distinct period_end) from core_survey_figures where period_kind = 'month' and reason is null"
    )
    assert asked == [(1,)]
