"""What the figures rest on: coverage by source and month, known gaps, and the method of each indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from reports.cells import NOT_PUBLISHED
from reports.content import Table, TableCell, missing_cell, words
from reports.coverage import Counted, Covered, covered
from reports.language import DASH, Language
from reports.subject import Subject


@dataclass(frozen=True)
class MethodNote:
    """What is said of one measure in the method chapter."""

    indicator: str
    measure: str
    name: str
    facts: tuple[tuple[str, str], ...]
    """Heading and text, in reading order."""


def coverage_table(subject: Subject) -> Table | None:
    """Each source's covered months in the period and the baseline; None where no source is known."""
    say, before = subject.language, subject.before
    now = covered(subject, subject.period.months)
    if not now:
        return None
    then = {each.source: each for each in covered(subject, before.months)} if before else {}
    rows = tuple(
        (
            *words(say.word("source", each.source), say.word("kind", each.kind)),
            TableCell(say("missing.of", covered=each.covered, months=each.expected), each.covered),
            _covered_before(say, then.get(each.source)),
            TableCell(say.listed([say.month(month) for month in each.absent]) or say("missing.none")),
            _counted(say, each, each.rejected),
            _counted(say, each, each.excluded),
            _vendor_count(say, each),
        )
        for each in now
    )
    keys = ("source", "kind", "covered", "covered_baseline", "absent", "rejected", "excluded", "vendor")
    caption = say("missing.coverage_caption", period=say.period(subject.period))
    return Table("coverage", caption, tuple(say(f"missing.{key}") for key in keys), rows, frozenset({2, 3, 5, 6, 7}))


def _counted(say: Language, each: Covered, count: Counted) -> TableCell:
    if count.records is None:
        return missing_cell(say, NOT_PUBLISHED if each.covered else "source_missing")
    number = say.number(count.records)
    return (
        TableCell(number, count.records, indicator="count") if count.is_whole else TableCell(say("at_least", n=number))
    )


def _vendor_count(say: Language, each: Covered) -> TableCell:
    """The vendor's own count of meetings beside what landed; the difference, not either of them, is what to look at."""
    if each.vendor_meetings is None or each.landed_meetings is None:
        return TableCell(DASH, None, say("missing.no_vendor_count"))
    counts = {"vendor": say.number(each.vendor_meetings), "landed": say.number(each.landed_meetings)}
    return TableCell(say("missing.vendor_count", **counts), each.landed_meetings - each.vendor_meetings)


def _covered_before(say: Language, each: Covered | None) -> TableCell:
    if each is None:
        return TableCell(DASH, None, say.word("coverage_status", "not_expected"))
    return TableCell(say("missing.of", covered=each.covered, months=each.expected), each.covered)


def coverage_matrix(subject: Subject, months: Sequence[date]) -> Table | None:
    """The state of each source in each month, in words."""
    say = subject.language
    rows = subject.published.coverage.filter(pl.col("month").is_in(list(months))).sort("kind", "source", "month")
    if rows.is_empty():
        return None
    status = {(row["source"], row["kind"], row["month"]): row["status"] for row in rows.iter_rows(named=True)}
    sources = rows.select("source", "kind").unique(maintain_order=True).rows()
    lines = tuple(
        (
            TableCell(say.month(month)),
            *(TableCell(say.word("coverage_status", status.get((*each, month), "not_expected"))) for each in sources),
        )
        for month in months
    )
    heads = tuple(f"{say.word('source', source)} ({say.word('kind', kind).lower()})" for source, kind in sources)
    return Table("coverage-months", say("missing.matrix_caption"), (say("figure.month"), *heads), lines)


def gaps_table(subject: Subject) -> Table | None:
    """Known gaps of the period, summed over its months; None where there are none."""
    say, months = subject.language, list(subject.period.months)
    rows = subject.published.gaps.filter(pl.col("month").is_in(months)).sort("source", "gap", "month")
    if rows.is_empty():
        return None
    lines = tuple(
        (
            *words(say.word("source", str(source)), say.word("gap", str(gap)), gap_rows(subject, str(gap), part)),
            *words(_shares(say, part), f"{part['month'].n_unique()}"),
            TableCell(_consequence(say, str(gap), part)),
        )
        for (source, gap), part in rows.group_by("source", "gap", maintain_order=True)
    )
    keys = ("source", "gap", "rows", "share", "months", "consequence")
    caption = say("missing.gaps_caption", period=say.period(subject.period))
    return Table("gaps", caption, tuple(say(f"missing.{key}") for key in keys), lines, frozenset({2, 3, 4}))


def gap_rows(subject: Subject, gap: str, part: pl.DataFrame) -> str:
    """How many records a gap concerns; where too few people are behind them, months have no number."""
    say = subject.language
    if gap == "no_staff":  # concerns months, not records
        return say("whole_months", n=part["month"].n_unique())
    known = say.number(int(part["rows"].sum()))
    if not part["rows"].null_count():
        return say("records", n=known)
    if part["rows"].count():
        return say("records_at_least", n=known)
    return say("records_withheld")


def _shares(say: Language, part: pl.DataFrame) -> str:
    shares = [] if "no_staff" in part["gap"] else part["share"].drop_nulls().to_list()
    if not shares:
        return DASH
    low, high = min(shares), max(shares)
    return say.share(high) if say.share(low) == say.share(high) else say.interval(low, high)


def _consequence(say: Language, gap: str, part: pl.DataFrame) -> str:
    if say.has("gap_consequence", gap):
        return say.word("gap_consequence", gap)
    reasons = part["reason"].drop_nulls().unique().sort().to_list()
    return ", ".join(say.word("reason", reason) for reason in reasons) or DASH


def method_notes(subject: Subject) -> tuple[MethodNote, ...]:
    """Question, formula, unit, source and weaknesses of every measure, in the published order."""
    say = subject.language
    notes = []
    for row in subject.published.methods.iter_rows(named=True):
        facts = {
            "question": row[f"question_{say.code}"],
            "formula": row[f"formula_{say.code}"],
            "symbols": row["symbols"],
            "unit": row["unit"] and say.word("unit", row["unit"]),
            "direction": row["direction"] and say.word("direction", row["direction"]),
            "definition": row["definition_source"],
            "weaknesses": row[f"weaknesses_{say.code}"],
            "references": row["references_text"],
        }  # fmt: skip
        listed = tuple((say(f"method.{key}"), str(text)) for key, text in facts.items() if text)
        notes.append(MethodNote(row["indicator"], row["measure"], row[f"name_{say.code}"] or row["indicator"], listed))
    return tuple(notes)
