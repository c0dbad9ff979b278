"""The page of counting rules, ``docs/rules.md`` and a page per chapter, written by the tests that hold the program to them.

A rule is a test: its name is the rule's, and its cases are the examples, with the tables it gave and what came out when
it passed. A page can therefore not say what is not so, and a test run in which a page would say something else fails.
``make docs`` writes them again; ``pytest tests/test_….py --rules docs/rules`` those of some modules.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests import examples
from tests.examples import Answer, Given, Table, cell
from tests.rules_tables import captioned, gathered, markdown

DOCS = Path(__file__).parents[1] / "docs"
PARTS = {
    "Meetings": ("meetings_method", "platforms_method", "meeting_records", "meeting_forms", "meeting_lengths", "meeting_quantities"),
    "Trips": ("trips_method", "travel_method", "coverage_method", "trip_hours", "trip_classes", "authorities", "fuel", "energy", "statutory_form", "statutory_answers"),
    "Figures": (
        "departments_method", "staff_changes", "indicators", "figures_method", "meeting_costs_method", "reach", "room_use", "technical_trouble",
        "survey_method", "training_method", "destinations_method", "remm_lists", "totals_method", "cells_method",
        "reconciliation", "gaps_method", "sources_told",
    ),
    "Change": ("replacement", "baseline_years", "replacement_ratio", "decomposition", "comparison", "targets", "scenario"),
    "Disclosure": ("disclosure", "withholding_method", "remainders_method"),
}  # fmt: skip
"""Which test modules make the chapters, in the order in which they are read."""
NO_RULES = frozenset({"checks", "engine", "factor_files", "publication", "report_models", "two_computations"})
"""Modules of small tables that are about the program, not about counting."""

MOST_CASES = 40
MOST_STEPS = 6
LONGEST_CELL = 90

_HEAD = """# Counting rules

Every rule by which resfri counts, as an example: a small table in, a small table out. Each is at the same time a test
of the program, and these pages are written by the tests as they pass (`make docs`), so that what stands here is what the
program does. The rules in short are in the [method](method.md); how rows of a file become journeys is explained in
[trips](trips.md).

How to read an example:

- A table in is one of those that files and platforms land as (`meetings`, `participations`, `travel_segments`, …) or, for
  rules of later steps, one of the program's own (`core_…`). Only the columns that matter to the rule are shown; the
  others are filled in with what is usual. An empty cell is something nobody said: unknown, never zero.
- A table out is a part of one of the program's own tables. “–” there is unknown: no number could be given.
- Moments of meetings are in UTC, as platforms send them; days and months of the answers are those of Europe/Stockholm.
  Moments of trips are local, as files have them.
- Unless a table says otherwise, meetings and trips are known for the whole of 2024 and 2025, 2024 is the baseline, and
  the figures are computed on 20 January 2026. Settings are named where they are not as [set from the start](method.md).
- `p00 … p29 (30)` stands for thirty rows that differ in nothing else; the number of all rows stands above the table. Of
  tables too large to be read only that is given.
- Cases of a rule that differ in few things are one table, and the first of them is shown in full below it.
"""


@dataclass(frozen=True)
class Case:
    """One case of a rule that passed."""

    rule: str
    words: str
    """What the test's docstring adds."""
    name: str
    params: tuple[tuple[str, Any], ...]
    noted: tuple[Given | Answer, ...]
    is_random: bool


def case_of(item: pytest.Function) -> Case:
    """What a test that has just passed gave and was answered."""
    call = getattr(item, "callspec", None)
    function = item.function
    return Case(
        rule=item.originalname,
        words=inspect.getdoc(function) or "",
        name=_own_name(item),
        params=tuple(call.params.items()) if call else (),
        noted=tuple(examples.NOTED),
        is_random=hasattr(function, "hypothesis"),
    )


def _own_name(item: pytest.Function) -> str:
    """The ids that the cases' author gave, without those that pytest makes."""
    given = item.callspec.params if hasattr(item, "callspec") else {}
    names = []
    for mark in item.iter_markers("parametrize"):
        arguments = mark.args[0].replace(" ", "").split(",") if isinstance(mark.args[0], str) else mark.args[0]
        for one in mark.args[1]:
            if isinstance(getattr(one, "id", None), str) and all(
                given.get(name) is value for name, value in zip(arguments, one.values, strict=True)
            ):
                names.append(one.id)
                break
    return ", ".join(names)


def chapter_name(module: ModuleType) -> str | None:
    """The file name of a module's chapter, without its ending, if it makes one."""
    stem = module.__name__.rpartition(".")[2].removeprefix("test_")
    return stem.removesuffix("_method") if any(stem in part for part in PARTS.values()) else None


def is_whole(module: ModuleType, cases: Iterable[Case]) -> bool:
    """Whether every test of a module is among those that passed."""
    wanted = {
        name for name, one in vars(module).items() if name.startswith("test_") and one.__module__ == module.__name__
    }
    return wanted == {case.rule for case in cases}


def chapter(module: ModuleType, cases: Sequence[Case]) -> str:
    """A module's rules as a page."""
    title, _, words = re.sub(r" \(METHOD [\d, and]+\)", "", module.__doc__ or "").strip().partition(": ")
    lines = [f"# {title.rstrip('.')}", "", "[All rules](../rules.md)", ""]
    lines += [f"{_sentence(paragraph)}\n" for paragraph in _paragraphs(words)]
    shown = [case for case in cases if case.noted or case.params or case.is_random]
    usual = _usual([one for case in shown if not case.is_random for one in case.noted if isinstance(one, Given)])
    if usual.tables or usual.settings:
        lines += ["Given in every example that does not say otherwise:\n", *_given(usual, NOTHING)]
    for rule, group in groupby(shown, key=lambda case: case.rule):
        lines += [f"## {rule_title(rule)}", "", *_rule(list(group), usual)]
    return "\n".join(lines).rstrip() + "\n"


NOTHING = Given((), ())


def _usual(steps: Sequence[Given]) -> Given:
    """The tables that at least half the steps are given, and three of them, and the settings that all are."""
    often = Counter(table for step in steps for table in step.tables if gathered(table) is not None)
    tables = {table.name: table for table, count in often.items() if count > 2 and 2 * count > len(steps)}
    settings = [one for one in (steps[0].settings if steps else ()) if all(one in step.settings for step in steps)]
    return Given(tuple(tables.values()), tuple(settings))


SPELLINGS = {
    "stockholm": "Stockholm", "persons": "person's", "vendors": "vendor's", "full time": "full-time", "kilowatt hours":
    "kilowatt-hours", "per fte": "per full-time equivalent", "the forms": "the form's", "base years": "base year's",
    "the organisations less": "the organisation's less", "outside participants trouble": "outside participant's trouble",
}  # fmt: skip
"""What a test's name cannot spell."""


def rule_title(test: str) -> str:
    """The name of a test as a sentence."""
    words = test.removeprefix("test_").replace("_", " ")
    for plain, spelled in SPELLINGS.items():
        words = re.sub(rf"\b{plain}\b", spelled, words)
    return _sentence(words)


def _rule(cases: list[Case], usual: Given) -> Iterator[str]:
    first = cases[0]
    yield from (paragraph + "\n" for paragraph in _paragraphs(first.words))
    if first.is_random:
        yield "Held to with random tables.\n"
    elif not first.params and not first.name:
        yield from _steps(first.noted, usual)
    elif all(_is_short(value) for case in cases for _, value in case.params):
        yield from _in_one_table(cases)
        if _is_readable(first.noted):
            yield f"The first of them in full{f', “{first.name}”' if first.name else ''}:\n"
            yield from _steps(first.noted, usual)
    else:
        for number, case in enumerate(cases, 1):
            yield f"**{_sentence(case.name) or f'Example {number}'}**\n"
            yield from _steps(case.noted, usual)


def _in_one_table(cases: list[Case]) -> Iterator[str]:
    names = [name for name, _ in cases[0].params]
    is_named = any(case.name for case in cases)
    columns = [*(["case"] if is_named else []), *(name.strip("_").replace("_", " ") for name in names)]
    rows = [[*([case.name] if is_named else []), *(_shown(value) for _, value in case.params)] for case in cases]
    yield from markdown(columns, rows[:MOST_CASES])
    if len(rows) > MOST_CASES:
        yield f"… and {len(rows) - MOST_CASES} more.\n"


def _shown(value: Any) -> str:
    """A parameter, cells of a row among them told apart by dots."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(_shown(one) for one in value)
    text = re.sub(r"\s+", " ", cell(value)).strip()
    return " · ".join(part.strip() or "–" for part in text.split("|")) if "|" in text else text


def _is_short(value: Any) -> bool:
    return (
        not callable(value) and "\n" not in (text := cell(value)) and len(text) <= LONGEST_CELL and " at 0x" not in text
    )


def _is_readable(noted: Iterable[Given | Answer]) -> bool:
    return any(gathered(table) is not None for one in noted if isinstance(one, Given) for table in one.tables)


def _steps(noted: tuple[Given | Answer, ...], before: Given) -> Iterator[str]:
    steps = list(_merged(noted))
    for number, step in enumerate(steps[:MOST_STEPS]):
        if isinstance(step, Given):
            given = list(_given(step, before))
            yield from given or (["**In** the same\n"] if number else [])
            before = step
        else:
            yield from captioned(f"**Out** `{step.of}`", step.table)
    if len(steps) > MOST_STEPS:
        yield "… and so on.\n"


def _merged(noted: Iterable[Given | Answer]) -> Iterator[Given | Answer]:
    """Answers to the same question, one after the other, as one table; and what nothing was asked of only once."""
    last: Given | Answer | None = None
    for one in noted:
        if (
            isinstance(one, Answer) and isinstance(last, Answer)
            and (one.of, one.table.columns) == (last.of, last.table.columns)
        ):  # fmt: skip
            both = (last.table, one.table)
            rows = tuple(dict.fromkeys(row for table in both for row in table.rows))
            is_whole = all(len(table.rows) == table.height for table in both)
            height = len(rows) if is_whole else sum(table.height for table in both)
            last = Answer(one.of, Table("", one.table.columns, rows if is_whole else (), height))
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _given(step: Given, before: Given) -> Iterator[str]:
    """What a step is given that the step before it was not, and what it is no longer given."""
    told = [one for one in step.settings if one not in before.settings]
    if told:
        yield f"**In** {', '.join(told)}\n"
    for table in step.tables:
        if table not in before.tables:
            yield from captioned(f"**In** `{table.name}`", table)
    gone = {table.name for table in before.tables} - {table.name for table in step.tables}
    names = [one.partition(" =")[0] for one in before.settings if one not in step.settings]
    given_names = {one.partition(" =")[0] for one in step.settings}
    gone_settings = [f"{name} as set from the start" for name in names if name not in given_names]
    if gone or gone_settings:
        yield f"**In** {', '.join([*(f'no `{name}`' for name in sorted(gone)), *gone_settings])}\n"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n") if paragraph.strip()]


def index(folder: Path = DOCS / "rules") -> str:
    """The page of all rules, read from the chapters."""
    lines = [_HEAD]
    for part, modules in PARTS.items():
        lines.append(f"## {part}\n")
        for module in modules:
            name = module.removesuffix("_method")
            headings = re.findall(r"^(##?) (.+)$", (folder / f"{name}.md").read_text("utf-8"), re.MULTILINE)
            (_, title), *rules = headings
            lines.append(f"### [{title}](rules/{name}.md)\n")
            lines += [f"- [{rule}](rules/{name}.md#{slug(rule)})" for _, rule in rules]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def main() -> int:
    """Write every chapter from a run of its tests, and the index."""
    folder = DOCS / "rules"
    tests = [f"{Path(__file__).parent}/test_{module}.py" for part in PARTS.values() for module in part]
    failed = int(pytest.main(["-q", "-n", "auto", "--dist", "loadfile", "--rules", str(folder), *tests]))
    if not failed:
        (DOCS / "rules.md").write_text(index(folder), "utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
