"""What each person did in each period: months added up once, for everything that is made of them."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute, known_months

QUANTITIES = (
    "month | series_number | person_number | quantity | dimension | dimension_value | amount | facts | facts_known\n"
)


def added(quantities: str, kind: str, end: str, **method) -> list[tuple[object, ...]]:
    tables = {
        "core_quantities": QUANTITIES + quantities,
        "core_coverage": known_months("2024-01", "2025-12"),
    }
    con = compute(("core_periods", "core_person_periods"), tables, **method)
    return ask(
        con,
        f"""select series_number, person_number, cast(amount as double), facts, facts_known
            from core_person_periods
            where period_number = (
                select distinct period_number from core_periods where period_kind = '{kind}' and period_end = date '{end}'
            )
            order by 1, 2""",
    )


ANNA = """
2024-12-01 | 1 | 1 | trips | all | all | 1  | 1 | 1
2025-01-01 | 1 | 1 | trips | all | all | 2  | 2 | 2
2025-03-01 | 1 | 1 | trips | all | all | 4  | 4 | 4
2025-04-01 | 1 | 1 | trips | all | all | 8  | 8 | 8
2025-12-01 | 1 | 1 | trips | all | all | 16 | 9 | 9
"""


@pytest.mark.parametrize(
    ("kind", "end", "trips"),
    [
        ("month", "2025-03-31", 4.0),
        ("quarter", "2025-03-31", 2.0 + 4),
        ("quarter", "2025-06-30", 8.0),
        ("year", "2025-12-31", 2.0 + 4 + 8 + 16),
        ("year", "2024-12-31", 1.0),
        ("rolling_12", "2025-09-30", 1.0 + 2 + 4 + 8),
        ("baseline", "2024-12-31", 1.0),
    ],
)
def test_a_persons_months_add_up_to_each_period_they_are_of(kind, end, trips):
    assert [amount for _, _, amount, _, _ in added(ANNA, kind, end)] == [trips]


def test_a_period_of_none_of_the_months_has_nobody():
    assert added(ANNA, "quarter", "2025-09-30") == []


def test_people_series_and_what_is_unknown_are_kept_apart():
    found = added(
        """2025-01-01 | 1 | 1 | trips       | all | all | 2   | 2 | 2
           2025-02-01 | 1 | 2 | trips       | all | all | 3   | 3 | 3
           2025-02-01 | 1 |   | trips       | all | all | 5   | 1 | 1
           2025-01-01 | 2 | 1 | distance_km | all | all | 100 | 2 | 1
           2025-03-01 | 2 | 1 | distance_km | all | all |     | 3 | 0
           2025-03-01 | 2 | 2 | distance_km | all | all |     | 4 | 0""",
        "quarter",
        "2025-03-31",
    )
    assert found == [
        (1, 1, 2.0, 2, 2),
        (1, 2, 3.0, 3, 3),
        (1, None, 5.0, 1, 1),  # trips of nobody known
        (2, 1, 100.0, 5, 1),  # five rows of which the kilometres of one are known
        (2, 2, None, 4, 0),
    ]


@pytest.mark.parametrize(
    ("dimension", "is_of_months"),
    [
        ("all", True),
        ("modality", True),
        ("meeting_form", True),
        ("mode", False),
        ("length", False),
        ("platform", False),
    ],
)
def test_a_month_is_told_by_few_dimensions(dimension, is_of_months):
    line = f"2025-03-01 | 1 | 1 | trips | {dimension} | x | 4 | 4 | 4"
    assert bool(added(line, "month", "2025-03-31")) == is_of_months
    assert added(line, "quarter", "2025-03-31") == [(1, 1, 4.0, 4, 4)]
