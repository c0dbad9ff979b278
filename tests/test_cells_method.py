"""What people did in months, as cells of periods: how much, how many people it rests on, and how much the largest did."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute, known_months

SERIES = """
series_number | quantity    | person_group
1             | trips       | employee
2             | distance_km | employee
3             | trips       | unknown
"""
CELLS = """
series_number | cell_number | quantity    | department
1             | 1           | trips       | all
3             | 1           | trips       | all
2             | 2           | distance_km | all
1             | 3           | trips       | Skola
2             | 4           | distance_km | Skola
"""
QUANTITIES = "month | month_number | series_number | person_number | amount | facts | facts_known | people\n"


def cell(
    quantities: list[str],
    period: str,
    columns: str = "amount, people",
    where: str = "quantity = 'trips'",
    level: str = "all",
    renamed: str = "distance_km",
    **method: object,
) -> list[tuple[object, ...]]:
    """A cell of what people did: ``month series person amount [facts known [people]]``."""
    lines = []
    for text in quantities:
        month, series, person, amount, *more = text.split()
        facts, known, people = [*more, *("1", "1", "1")[len(more) :]]
        number = 12 * int(month[:4]) + int(month[5:])
        lines.append(
            f"{month}-01 | {number} | {series} | {person.strip('?')} | {amount.strip('?')} | {facts} | {known} | {people}"
        )
    tables = {
        "core_series": SERIES,
        "core_series_cells": CELLS,
        "core_quantities": QUANTITIES + "\n".join(lines),
        "core_coverage": known_months("2024-01", "2025-12"),
        "core_departments": "source_value | month | reporting_department\nSkola | 2025-01-01 | Skola",
    }
    tables = {name: text.replace("distance_km", renamed) for name, text in tables.items()}
    where = where.replace("distance_km", renamed)
    kind, _, end = period.partition(" ")
    return ask(
        compute(("core_periods", "core_cells"), tables, **method),
        f"select {columns} from core_cells where period_kind = '{kind}' and period_end = date '{end}' and {where} "
        f"and dimension = 'all' and department = '{level}' and person_group = 'all'",
    )


ANNA = ["2024-12 1 1 1", "2025-01 1 1 2", "2025-03 1 1 4", "2025-04 1 1 8", "2025-12 1 1 16"]


@pytest.mark.parametrize(
    ("period", "trips"),
    [
        ("month 2025-03-31", 4.0),
        ("quarter 2025-03-31", 2.0 + 4),
        ("quarter 2025-06-30", 8.0),
        ("year 2025-12-31", 2.0 + 4 + 8 + 16),
        ("year 2024-12-31", 1.0),
        ("rolling_12 2025-09-30", 1.0 + 2 + 4 + 8),
        ("baseline 2024-12-31", 1.0),
    ],
)
def test_a_persons_months_add_up_to_each_period_they_are_of(period, trips):
    assert cell(ANNA, period) == [(trips, 1)]


def test_a_period_of_none_of_the_months_has_nobody():
    assert cell(ANNA, "quarter 2025-09-30") == [(0.0, 0)]


@pytest.mark.parametrize(
    ("period", "people"),
    [
        ("month 2025-01-31", 1),
        ("month 2025-02-28", 2),
        ("quarter 2025-03-31", 2),
        ("quarter 2025-06-30", 1),
        ("quarter 2025-12-31", 3),
        ("rolling_12 2025-03-31", 3),
        ("rolling_12 2025-12-31", 3),
        ("year 2025-12-31", 3),
        ("year 2024-12-31", 1),
    ],
)
def test_who_is_there_in_several_months_is_one_person_of_a_period(period, people):
    anna = ["2025-01 1 1 1", "2025-02 1 1 1", "2025-05 1 1 1", "2025-11 1 1 1"]
    bo = ["2025-02 1 2 1", "2025-12 1 2 1"]
    dan = ["2024-10 1 3 1", "2025-11 1 3 1"]
    assert cell([*anna, *bo, *dan], period, "people") == [(people,)]


def test_who_changed_department_or_group_within_a_month_is_one_person():
    assert cell(["2025-01 1 1 1", "2025-01 3 1 1", "2025-02 3 1 1"], "quarter 2025-03-31") == [(3.0, 1)]
    assert cell(["2025-01 1 1 1", "2025-01 3 1 1"], "month 2025-01-31") == [(2.0, 1)]


def test_everything_of_no_known_person_is_one_person_or_as_many_as_a_total_tells():
    nobody = ["2025-01 3 ? 5", "2025-02 3 ? 5"]
    assert cell(nobody, "quarter 2025-03-31") == [(10.0, 1)]
    assert cell([*nobody, "2025-03 1 1 1"], "quarter 2025-03-31") == [(11.0, 2)]
    told = ["2025-01 3 ? 5 1 1 30", "2025-02 3 ? 5 1 1 20"]
    assert cell(told, "quarter 2025-03-31") == [(10.0, 30)]
    assert cell(told, "month 2025-02-28") == [(5.0, 20)]
    assert cell([*told, "2025-03 1 1 1"], "quarter 2025-03-31") == [(11.0, 30)]  # who may be one of the thirty


def test_unknown_amounts_are_left_out_and_counted():
    driven = ["2025-01 2 1 100 2 1", "2025-03 2 1 ? 3 0", "2025-03 2 2 ? 4 0"]
    found = cell(driven, "quarter 2025-03-31", "amount, facts, facts_known, people", "quantity = 'distance_km'")
    assert found == [(100.0, 9, 1, 2)]


@pytest.mark.parametrize(
    ("driven", "largest"),
    [
        ([], (0.0, 0.0)),
        (["2025-01 2 1 100"], (100.0, 0.0)),
        (["2025-01 2 1 100", "2025-02 2 1 50"], (150.0, 0.0)),
        (["2025-01 2 1 100", "2025-02 2 1 50", "2025-01 2 2 20", "2025-01 2 3 30"], (150.0, 30.0)),
        (["2025-01 2 1 100", "2025-01 2 2 100", "2025-01 2 3 30"], (100.0, 100.0)),
        (["2025-01 2 1 -100", "2025-01 2 2 30"], (100.0, 30.0)),  # a refund
        (["2025-01 2 ? 500", "2025-01 2 2 30"], (30.0, 0.0)),
        (["2025-01 2 1 ?", "2025-01 2 2 30"], (30.0, 0.0)),
    ],
)
def test_who_contributes_most_is_known_of_kilometres(driven, largest):
    found = cell(driven, "quarter 2025-03-31", "largest, second_largest", "quantity = 'distance_km'")
    assert found == [largest]


def test_who_makes_most_trips_does_not_matter():
    assert cell(ANNA, "year 2025-12-31", "largest, second_largest") == [(0.0, 0.0)]


@pytest.mark.parametrize("quantity", ["cost_sek", "distance_km", "co2_kg", "co2e_kg", "energy_kwh"])
@pytest.mark.parametrize("period", ["quarter 2025-03-31", "year 2025-12-31", "baseline 2024-12-31"])
def test_who_contributes_most_is_known_of_money_distance_emissions_and_energy_and_of_departments(quantity, period):
    driven = [f"{period[-10:-6]}-0{month} 2 {person} {amount}" for month, person, amount in ((1, 1, 100), (2, 2, 30))]
    told = cell(
        driven,
        period,
        "department, largest, second_largest",
        "quantity = 'distance_km'",
        level="Skola",
        renamed=quantity,
    )
    assert told == [("Skola", 100.0, 30.0)]


def test_who_contributes_most_in_a_department_is_known_of_a_baseline_that_is_no_year():
    driven = ["2024-03 2 1 100", "2024-07 2 2 30", "2024-08 2 1 7"]
    told = cell(
        driven, "baseline 2024-07-31", "largest, second_largest", "quantity = 'distance_km'", level="Skola",
        baseline_from="2024-03", baseline_to="2024-07",
    )  # fmt: skip
    assert told == [(100.0, 30.0)]


def empty(table: str, rows: str, where: str) -> list[tuple[object, ...]]:
    """Cells of nothing that there are for January 2025 where something is said in a table."""
    tables = {"core_coverage": known_months("2025-01", "2025-03"), table: rows}
    con = compute(("core_periods", "core_cells"), tables)
    return ask(
        con,
        "select distinct department, person_group, dimension, dimension_value, amount, people from core_cells "
        f"where period_kind = 'quarter' and {where}",
    )


def test_the_elected_have_cells_where_somebody_is_known_to_be_elected():
    where = "quantity = 'trips' and dimension = 'all' and person_group <> 'all'"
    elected = "series_number | quantity | person_group\n1 | meetings_attended | elected"
    assert empty("core_series", elected, where) == [("all", "elected", "all", "all", 0.0, 0)]
    assert empty("core_series", elected.replace("elected", "employee"), where) == []


def test_a_department_has_cells_where_it_was_one_in_some_month_of_a_period():
    where = "quantity = 'trips' and dimension = 'all' and department <> 'all'"
    department = "source_value | month | reporting_department\nSkola | {month} | Skola"
    found = empty("core_departments", department.format(month="2025-03-01"), where)
    assert found == [("Skola", "all", "all", "all", 0.0, 0)]
    assert empty("core_departments", department.format(month="2026-01-01"), where) == []


@pytest.mark.parametrize(
    ("quantity", "dimension", "values"),
    [
        ("trips", "length", ["long", "short"]),
        ("meetings_organised", "modality", ["phone", "video", "web"]),
        ("meetings_held", "meeting_form", ["digital", "hybrid", "physical"]),
    ],
)
def test_lengths_kinds_and_forms_that_nobody_saw_have_cells_of_nothing(quantity, dimension, values):
    found = empty("core_series", "series_number", f"quantity = '{quantity}' and dimension = '{dimension}'")
    assert sorted(row[3] for row in found) == values


@pytest.mark.parametrize(("quantity", "values"), [("connections", ["teams"]), ("meetings_organised", [])])
def test_a_share_of_what_was_seen_of_a_value_is_a_share_of_that_value_if_a_zero_one(quantity, values):
    """Nobody had trouble on a platform of which connections are known."""
    cells = (
        f"series_number | cell_number | quantity | dimension | dimension_value\n1 | 1 | {quantity} | platform | teams"
    )
    found = empty("core_series_cells", cells, "quantity = 'connections_troubled' and dimension = 'platform'")
    assert found == [("all", "all", "platform", value, 0.0, 0) for value in values]


@pytest.mark.parametrize(
    ("series", "dimensions", "levels"),
    [
        (
            "length | mode | trip_class | statutory_category | department | person_group\nlong | rail | meeting | train | Skola | employee",
            [("all", "all"), ("length", "long"), ("mode", "rail"), ("statutory_category", "train"), ("trip_class", "meeting")],
            [("Skola", "all"), ("all", "all")],
        ),
        (
            "modality | meeting_form | platform | endpoint | department | person_group\nweb | hybrid | teams | room | NULL | elected",
            [("all", "all"), ("endpoint", "room"), ("meeting_form", "hybrid"), ("modality", "web"), ("platform", "teams")],
            [("all", "all"), ("all", "elected")],
        ),
        pytest.param(
            "department | person_group\nNULL | unknown", [("all", "all")], [("all", "all")], id="nobody knows whose"
        ),
    ],
)  # fmt: skip
def test_what_was_done_is_told_as_a_whole_and_by_all_it_is_known_by(series, dimensions, levels):
    """For the organisation, for its elected representatives and for each department."""
    heading, line = series.split("\n")
    con = compute(("core_series_cells",), {"core_series": f"series_number | quantity | {heading}\n7 | trips | {line}"})
    found = ask(
        con,
        """select series_number, quantity, dimension, dimension_value, department, person_group
           from core_series_cells order by all""",
    )
    assert found == [(7, "trips", *dimension, *level) for dimension in dimensions for level in levels]


@pytest.mark.parametrize(
    ("department", "kinds"),
    [("all", ["month", "quarter", "rolling_12", "year"]), ("Skola", ["quarter", "year"])],
)
def test_figures_are_given_of_closed_periods_and_of_departments_by_quarter_and_year(department, kinds):
    """The baseline is compared with, and no figure of its own."""
    every = [(kind, "2024-12-31") for kind in ("month", "quarter", "rolling_12", "year", "baseline")]
    con = compute(
        ("core_shown_cells",),
        {
            # each of three months of a quarter is one row of it
            "core_periods": "period_kind | period_end | month\n"
            + "\n".join(f"{kind} | {end} | 2024-{month}-01" for kind, end in every for month in (10, 11, 12)),
            "core_disclosure": "period_kind | period_end | department\n"
            + "\n".join(
                f"{kind} | {end} | {department}" for kind, end in [*every, ("quarter", "2025-03-31"), ("month", "2024-11-30")]
            ),
        },
    )  # fmt: skip
    sql = "select period_kind, cast(period_end as varchar) from core_shown_cells order by 1"
    assert ask(con, sql) == [(kind, "2024-12-31") for kind in kinds]
