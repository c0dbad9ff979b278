"""Reach (METHOD 2): how many of the directory meet digitally, and what part of it the tenth who meet most stand for."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, cells, compute, known_months, value

PERSON = "person_key | valid_from | valid_before | department | site | is_active\n"
FROM = "1900-01-01 | 9999-12-31"


def reach(
    attendances: dict[str, list[int]],
    more_people: str = "",
    coverage: str | None = None,
    unlisted: int = 0,
    withheld: tuple[str, ...] = (),
    departments: str | None = None,
    totals: dict[str, int] | None = None,
    **method,
):
    """By department how often each of its people met, all in March 2025; and attendances of people of no directory."""
    people, met, totals = [], [], {"all": float(unlisted), **(totals or {})}
    for department, counts in attendances.items():
        totals["all"] += sum(counts)
        totals[department] = sum(counts)
        for number, count in enumerate(counts):
            people.append(f"{department}{number} | {FROM} | {'' if department == '?' else department} | Norrby | true")
            if count:
                met.append(f"2025-03-01 | meetings_attended | {department}{number} | {count}")
    if unlisted:
        met.append(f"2025-03-01 | meetings_attended | stranger | {unlisted}")
    disclosed = [
        cells({"meetings_attended": f"{amount} | 50 | 1 | {'true' if name in withheld else 'false'}"})
        .replace("| all |", f"| {name} |")
        .replace("known_share\n", "known_share | is_withheld\n")
        for name, amount in totals.items()
        if name != "?"
    ]
    disclosed.append(f"\nbaseline | 2025-12-31 | meetings_attended | all | {totals['all']} | 50 | 1 | false")
    tables = {
        "core_coverage": coverage or known_months("2025-01", "2025-12"),
        "core_people": PERSON + "\n".join(people) + f"\n{more_people}",
        "core_meeting_quantities": "month | quantity | person_key | amount\n" + "\n".join(met),
        "core_departments": departments
        or "source_value | month | reporting_department\n"
        + "\n".join(f"{name} | 2025-{month:02d}-01 | {name}" for name in attendances if name != "?" for month in range(1, 13)),
        "core_disclosure": "\n".join([disclosed[0], *(text.partition("\n")[2] for text in disclosed[1:])]),
    }  # fmt: skip
    return compute(
        ("core_periods", "core_kind_coverage", "core_period_coverage", "core_reach_figures"), tables, **method
    )


def figure(con, measure: str, period: str = "year 2025-12-31", columns: str = "value, reason", **where):
    return value(con, "core_reach_figures", f"reach.{measure}", period, columns, **where)


def test_reach_is_the_share_who_met_at_least_once():
    con = reach({"Skola": [1] * 30 + [0] * 20, "Vård": [3] * 10 + [0] * 40})
    assert figure(con, "share_active") == (40 / 100, None)
    assert figure(con, "share_active", "month 2025-03-31") == (40 / 100, None)
    assert figure(con, "share_active", department="Skola") == (30 / 50, None)
    assert figure(con, "share_active", department="Vård") == (10 / 50, None)
    assert figure(con, "share_active", "quarter 2025-06-30") == (0.0, None)  # nobody: a true zero


@pytest.mark.parametrize(
    ("active", "reason"),
    [
        (0, None),
        (1, "too_few_people"),
        (7, "too_few_people"),
        (8, None),
        (32, None),
        (33, "too_few_people"),
        (39, "too_few_people"),
        (40, None),
    ],
)
def test_few_who_met_and_few_who_did_not_are_not_shown(active, reason):
    assert figure(reach({"Skola": [1] * active + [0] * (40 - active)}), "share_active")[1] == reason


def test_one_department_that_may_not_be_shown_takes_the_others_with_it():
    con = reach({"Skola": [1] * 20 + [0] * 20, "Vård": [1] * 37 + [0] * 3})
    assert figure(con, "share_active", department="Vård")[1] == "too_few_people"
    assert figure(con, "share_active", department="Skola")[1] == "too_few_people"
    assert figure(con, "share_active") == (57 / 80, None)


def test_people_of_no_department_are_of_the_organisation_and_may_not_be_worked_out():
    con = reach({"Skola": [1] * 20 + [0] * 20, "?": [1] * 10 + [0] * 10})
    assert figure(con, "share_active") == (30 / 60, None)
    assert figure(con, "share_active", department="Skola") == (20 / 40, None)
    con = reach({"Skola": [1] * 20 + [0] * 20, "?": [1] * 3})
    assert figure(con, "share_active", department="Skola")[1] == "too_few_people"
    assert ask(con, "select distinct department from core_reach_figures order by 1") == [("Skola",), ("all",)]


def test_one_person_is_no_organisation():
    con = reach({"Skola": [5]})
    assert figure(con, "share_active")[1] == "too_few_people"
    assert figure(con, "share_top_tenth")[1] == "too_few_people"
    con = reach({"Skola": [1]})
    # what is not published is worked out all the same
    assert figure(con, "share_active") == figure(con, "share_top_tenth") == (1.0, "too_few_people")


def test_an_empty_directory_has_no_reach():
    assert ask(reach({}), "from core_reach_figures") == []


def test_who_left_before_the_period_or_came_after_it_is_not_of_it():
    con = reach(
        {"Skola": [1] * 20 + [0] * 20},
        """left  | 1900-01-01 | 2025-01-01 | Skola | Norrby | true
           came  | 2025-04-01 | 9999-12-31 | Skola | Norrby | true
           never | 1900-01-01 | 9999-12-31 | Skola | Norrby | false""",
    )
    assert figure(con, "share_active", "quarter 2025-03-31") == (20 / 40, None)
    assert figure(con, "share_active") == (20 / 41, None)  # came in April


def test_who_came_on_the_last_day_or_left_on_the_first_is_of_the_period():
    con = reach(
        {"Skola": [1] * 20 + [0] * 20},
        """came | 2025-03-31 | 9999-12-31 | Skola | Norrby | true
           left | 1900-01-01 | 2025-01-02 | Skola | Norrby | true""",
    )
    assert figure(con, "share_active", "quarter 2025-03-31", "denominator") == (42.0,)
    assert figure(con, "share_active", "month 2025-03-31", "denominator") == (41.0,)
    assert figure(con, "share_active", "month 2025-02-28", "denominator") == (40.0,)


def test_who_moved_counts_once_where_they_were_last():
    con = reach(
        {"Skola": [1] * 20 + [0] * 20, "Vård": [1] * 20 + [0] * 20},
        """mover | 1900-01-01 | 2025-02-01 | Skola | Norrby | true
           mover | 2025-02-01 | 9999-12-31 | Vård  | Norrby | true""",
    )
    assert figure(con, "share_active", columns="denominator") == (81.0,)
    assert figure(con, "share_active", department="Skola", columns="denominator") == (40.0,)
    assert figure(con, "share_active", department="Vård", columns="denominator") == (41.0,)


def test_a_department_has_the_name_it_had_at_the_end_of_the_period():
    """Skola became Utbildning in October."""
    names = "source_value | month | reporting_department\n" + "\n".join(
        f"Skola | 2025-{month:02d}-01 | {'Skola' if month < 10 else 'Utbildning'}" for month in range(1, 13)
    )
    con = reach({"Skola": [1] * 20 + [0] * 20}, departments=names, totals={"Utbildning": 20})
    assert figure(con, "share_active", department="Utbildning") == (20 / 40, None)
    assert figure(con, "share_active", "quarter 2025-03-31", department="Skola") == (20 / 40, None)
    kinds = (
        "select distinct department from core_reach_figures where period_end = '2025-12-31' and period_kind = 'year'"
    )
    assert ask(con, f"{kinds} order by 1") == [("Utbildning",), ("all",)]


def test_a_share_stands_with_what_it_is_a_share_of():
    con = reach({"Skola": [30] * 10 + [1] * 60 + [0] * 30})
    columns = "numerator, denominator, people, person_group, baseline, dimension_2, value_2"
    undivided = ("all", "none", "all", "all")
    assert figure(con, "share_active", columns=columns) == (70.0, 100.0, 100, *undivided)
    assert figure(con, "share_top_tenth", columns=columns) == (300.0, 360.0, 100, *undivided)


def test_the_baseline_is_compared_with_and_has_no_reach_of_its_own():
    con = reach({"Skola": [1] * 20 + [0] * 20}, baseline_from="2025-01", baseline_to="2025-12")
    assert figure(con, "share_active") == (20 / 40, None)
    assert ask(con, "select count(*) from core_reach_figures where period_kind = 'baseline'") == [(0,)]


def test_the_tenth_who_meet_most_stand_for_a_part_of_all_attendances():
    # of 100 people ten met 30 times, 60 once and 30 never: 300 of 360 attendances
    assert figure(reach({"Skola": [30] * 10 + [1] * 60 + [0] * 30}), "share_top_tenth") == (300 / 360, None)


@pytest.mark.parametrize(
    ("people", "value_"),
    # a tenth begun counts as whole: of 71 people eight, of 80 eight, of 81 nine
    [(70, None), (71, 8 / 71), (80, 8 / 80), (81, 9 / 81)],
)
def test_a_tenth_is_at_least_k_people(people, value_):
    found, reason = figure(reach({"Skola": [1] * people}), "share_top_tenth")
    if value_ is None:
        assert reason == "too_few_people"
    else:
        assert (found, reason) == (pytest.approx(value_), None)


@pytest.mark.parametrize(("others", "reason"), [(7, "too_few_people"), (8, None)])
def test_those_who_met_and_are_not_of_the_tenth_are_at_least_k_people(others, reason):
    con = reach({"Skola": [30] * 10 + [1] * others + [0] * (90 - others)})
    assert figure(con, "share_top_tenth") == (300 / (300 + others), reason)


def test_attendances_of_people_of_no_directory_are_part_of_all():
    con = reach({"Skola": [30] * 10 + [1] * 60 + [0] * 30}, unlisted=40)
    assert figure(con, "share_top_tenth")[0] == pytest.approx(300 / 400)


def test_where_nobody_met_nobody_stands_for_a_part_of_it():
    con = reach({"Skola": [0] * 100, "Vård": [30] * 10 + [1] * 60 + [0] * 30})
    # nobody's meetings are no few people's
    assert figure(con, "share_top_tenth", department="Skola")[1] == "nothing_counted"
    assert figure(con, "share_top_tenth", department="Vård")[1] == "too_few_people"
    # of all twenty of two hundred: ten who met 30 times, and ten who met once
    assert figure(con, "share_top_tenth") == (310 / 360, None)


@pytest.mark.parametrize("met", [[30] * 10 + [1] * 60 + [0] * 30, [0] * 100])
def test_a_number_of_attendances_that_may_not_be_shown_is_not_had_from_the_tenth_of_them(met):
    con = reach({"Skola": met}, withheld=("Skola",))
    assert figure(con, "share_top_tenth", department="Skola")[1] == "too_few_people"
    assert figure(con, "share_active", department="Skola")[1] is None


def test_a_month_not_covered_is_missing():
    con = reach({"Skola": [1] * 50 + [0] * 50}, coverage=known_months("2025-01", "2025-12", but=("2025-06",)))
    assert figure(con, "share_active")[1] == "source_missing"
    assert figure(con, "share_active", "quarter 2025-03-31") == (0.5, None)
