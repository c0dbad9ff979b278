"""The pages of counting rules: every module of examples is a chapter, and what is shown is what was given and answered."""

from __future__ import annotations

from datetime import UTC, datetime
from types import ModuleType

import pytest

from tests import examples, model_arms, rules_page
from tests.examples import Given, Table
from tests.rules_page import DOCS, NO_RULES, PARTS, Case
from tests.rules_tables import gathered


def test_every_module_of_small_tables_is_a_chapter_or_is_said_to_be_none():
    listed = [f"test_{module}.py" for part in PARTS.values() for module in part]
    assert len(listed) == len(set(listed))
    assert {*listed} | {f"test_{module}.py" for module in NO_RULES} == model_arms.spec_modules()


def test_the_index_lists_the_rules_of_every_chapter():
    assert (DOCS / "rules.md").read_text("utf-8") == rules_page.index(), "run make docs"
    chapters = {module.removesuffix("_method") for part in PARTS.values() for module in part}
    assert {file.stem for file in (DOCS / "rules").glob("*.md")} == chapters


def module(*tests: str) -> ModuleType:
    made = ModuleType("tests.test_fuel", "Fuel (METHOD 1): what was put into the cars.")
    for name in tests:
        exec(f"def {name}(): pass", made.__dict__)  # noqa: S102 - a module of tests
    return made


def case(rule: str, words: str = "", name: str = "", is_random: bool = False, **params: object) -> Case:
    return Case(rule, words, name, tuple(params.items()), tuple(examples.NOTED), is_random)


def test_a_case_is_shown_as_it_was_given_and_answered():
    examples.NOTED.clear()
    examples.given({"trips": [{"km": "10", "by": "rail"}, {"km": ""}], "people": []}, {"k": 5})
    examples.asked("select km from core_trips where mode = 'rail' and km > 0", ["km"], [(2.5,), (None,)])
    told = rules_page.chapter(module("test_a"), [case("test_a_trip_is_kept", words="As it is.")])
    assert (
        told
        == """# Fuel

[All rules](../rules.md)

What was put into the cars.

Given in every example that does not say otherwise:

**In** `k` = 5

## A trip is kept

As it is.

**In** `trips`

| km | by |
|---|---|
| 10 | rail |
|  |  |

**Out** `core_trips where km > 0`

| mode | km |
|---|---|
| rail | 2.5 |
| rail | – |
"""
    )


def test_cases_of_one_line_each_are_one_table_with_the_first_in_full():
    examples.NOTED.clear()
    examples.given({"trips": [{"km": "10"}]}, {})
    told = rules_page.chapter(
        module(), [case("test_a", name="ten", km=10, known=None), case("test_a", km=20, known=True)]
    )
    assert "| case | km | known |\n|---|---|---|\n| ten | 10 | – |\n|  | 20 | yes |\n" in told
    assert told.count("**In** `trips`") == 1
    told = rules_page.chapter(module(), [case("test_a", video_and_telephone=["yes | ", " | no"])])
    assert "| video and telephone |\n|---|\n| yes · –, – · no |\n" in told


def test_cases_that_take_tables_are_shown_one_by_one():
    examples.NOTED.clear()
    examples.given({"trips": [{"km": "10"}]}, {})
    cases = [case("test_a", name=name, text="a | b\n1 | 2") for name in ("one", "")]
    told = rules_page.chapter(module(), cases)
    assert "**One**\n\n**In** `trips`" in told
    assert "**Example 2**\n\n**In** `trips`" in told


def test_a_table_most_examples_are_given_is_shown_once():
    cases = []
    for number in range(4):
        examples.NOTED.clear()
        people = [{"person": "anna" if number else "bo"}]
        examples.given({"people": people, "trips": [{"km": str(number)}]}, {})
        cases.append(case(f"test_{number}"))
    examples.NOTED.clear()
    examples.given({"trips": [{"km": "7"}]}, {})
    told = rules_page.chapter(module(), [*cases, case("test_none")])
    assert told.count("| anna |") == 1
    assert told.count("| bo |") == 1
    assert "| 7 |\n\n**In** no `people`" in told


def test_rows_that_differ_only_in_a_number_or_day_are_one():
    days = [("anna", f"2025-03-{day:02d}", "1") for day in range(1, 31)] + [("bo", "2025-03-01", "1")]
    numbers = [(f"p{number}", "2025-03-01", "1") for number in range(12)]
    amounts = [("anna", "2025-03-01", str(number)) for number in range(9)]

    def shown(rows: list[tuple[str, ...]]) -> list[list[str]] | None:
        return gathered(Table("t", ("who", "day", "km"), tuple(rows), len(rows)))  # type: ignore[return-value]

    assert shown(days) == [["anna", "2025-03-01 … 2025-03-30 (30)", "1"], ["bo", "2025-03-01", "1"]]
    assert shown(numbers) == [["p0 … p11 (12)", "2025-03-01", "1"]]
    assert shown(amounts) == [list(row) for row in amounts]
    assert shown(amounts * 3) is None


def test_answers_in_no_order_are_put_in_one():
    examples.NOTED.clear()
    examples.asked("select a from t", ["a"], [(2,), (1,)])
    examples.asked("select a from t order by a desc", ["a"], [(2,), (1,)])
    assert [one.table.rows for one in examples.NOTED if not isinstance(one, Given)] == [
        (("1",), ("2",)),
        (("2",), ("1",)),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"), (True, "yes"), (0.1 + 0.2, "0.3"), (2960.0, "2960"), (123456789.0, "123456789"), ([1, None], "1, –"),
        ({"a": 1}, "a = 1"), (datetime(2025, 3, 1, tzinfo=UTC), "2025-03-01"),
        (datetime(2025, 3, 1, 9, 0, 1, tzinfo=UTC), "2025-03-01 09:00:01"), ("2025-03-01T09:00", "2025-03-01 09:00"),
    ],
)  # fmt: skip
def test_values_in_the_words_of_the_page(value, text):
    assert examples.cell(value) == text


def test_only_a_whole_run_of_a_module_can_tell_that_its_page_is_old():
    assert rules_page.is_whole(module("test_a", "test_b"), [case("test_a"), case("test_b")])
    assert not rules_page.is_whole(module("test_a", "test_b"), [case("test_a")])
