"""Sudden changes of full-time equivalents: what is flagged before a figure per full-time equivalent misleads."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.reconciliation import STEADY
from tests.model_cases import ask, build, covered, verdict

CHANGES = ("core_staff_changes",)
STAFF = "month | department | person_group | headcount | fte\n"


def staff(*rows: tuple[str, str, float | str], group: str = "employee") -> str:
    return STAFF + "".join(f"{month}-01 | {name} | {group} | 40 | {fte}\n" for month, name, fte in rows)


@pytest.mark.parametrize(
    ("before", "after", "is_flagged"),
    [
        (100, 100, False),
        pytest.param(100, 125, False, id="a quarter more, on the edge"),
        (100, 126, True),
        (100, 74, True),
        pytest.param(10, 14.9, False, id="many of few: fewer than five"),
        (10, 15, True),
        pytest.param(100, "", False, id="not known is no change"),
    ],
)
def test_a_change_is_flagged_by_share_and_size(before, after, is_flagged):
    con = build(
        {"staff": staff(("2025-03", "Skola", before), ("2025-04", "Skola", after))} | covered(),
        as_of=date(2025, 5, 20),
        only=CHANGES,
    )
    found = ask(con, "select department, fte_before, fte from core_staff_changes")
    assert found == ([("Skola", before, after)] if is_flagged else [])


def test_a_month_that_is_missing_is_a_gap_and_no_change():
    con = build(
        {"staff": staff(("2025-02", "Skola", 100), ("2025-04", "Skola", 10))} | covered(),
        as_of=date(2025, 5, 20),
        only=CHANGES,
    )
    assert ask(con, "select * from core_staff_changes") == []


def test_elected_representatives_have_no_equivalents_to_change():
    con = build(
        {"staff": staff(("2025-03", "Skola", 100), ("2025-04", "Skola", 10), group="elected")} | covered(),
        as_of=date(2025, 5, 20),
        only=CHANGES,
    )
    assert ask(con, "select * from core_staff_changes") == []


def test_department_and_figures_are_named_until_it_is_long_ago():
    rows = staff(
        ("2025-01", "Skola", 100), ("2025-02", "Skola", 40), ("2025-03", "Skola", 40), ("2025-04", "Skola", 90)
    )
    (line,) = verdict(build({"staff": rows} | covered(), as_of=date(2025, 5, 20), only=CHANGES), STEADY).lines
    assert line.startswith("Skola: 40 full-time equivalents in the month before 2025-04, 90 in it;")


@pytest.mark.parametrize(("reconcile_days", "is_open"), [(49, True), (48, False)])
def test_a_change_long_ago_is_kept_but_no_longer_asked_about(reconcile_days, is_open):
    """The first of April was 49 days ago."""
    rows = staff(("2025-03", "Skola", 40), ("2025-04", "Skola", 90))
    con = build({"staff": rows} | covered(), as_of=date(2025, 5, 20), only=CHANGES, reconcile_days=reconcile_days)
    assert ask(con, "select fte, is_open from core_staff_changes") == [(90.0, is_open)]


def test_a_department_with_another_name_is_one_that_ended_and_one_that_began():
    rows = staff(*((month, "Vård", 40) for month in ("2025-03", "2025-04", "2025-05")), ("2025-03", "Skola", 30))
    rows += staff(("2025-04", "Utbildning", 30), ("2025-05", "Utbildning", 30)).removeprefix(STAFF)
    con = build({"staff": rows} | covered(), as_of=date(2025, 6, 20), only=CHANGES)
    found = ask(
        con, "select department, month(month), fte_before, fte, change_share from core_staff_changes order by 1"
    )
    assert found == [("Skola", 4, 30.0, 0.0, -1.0), ("Utbildning", 4, 0.0, 30.0, None)]


def test_a_department_without_staff_that_stays_so_is_no_change():
    rows = staff(("2025-03", "Skola", 30), ("2025-04", "Skola", 30), ("2025-05", "Skola", 30), ("2025-05", "IT", 4))
    assert (
        ask(
            build({"staff": rows} | covered(), as_of=date(2025, 6, 20), only=CHANGES),
            "select * from core_staff_changes",
        )
        == []
    )
