"""For how many months the sources behind a figure are known, and whether two levels may stand beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from reports.periods import Period
from reports.subject import Subject

_BEHIND: dict[str, tuple[str, ...]] = {
    "digital_meetings_per_fte": ("meetings", "staff", "directory"),
    "digital_meeting_cost_per_fte": ("meetings", "staff"),
    "trips_per_fte": ("travel", "staff"),
    "travel_days_per_fte": ("travel", "staff"),
    "travel_cost_per_fte": ("travel", "staff"),
    "travel_co2_per_fte": ("travel", "staff"),
    "travel_change": ("travel", "staff"),
    "replacement_rate": ("travel", "staff"),
    "digital_share": ("meetings", "travel", "directory"),
}
KINDS = ("meetings", "travel", "staff", "directory")


@dataclass(frozen=True)
class Covered:
    """How far one source covers some months."""

    source: str
    kind: str
    covered: int
    expected: int
    absent: tuple[date, ...]
    rejected: int
    excluded: int


def covered(subject: Subject, months: Sequence[date], kinds: Sequence[str] = KINDS) -> tuple[Covered, ...]:
    """Coverage of the expected sources over some months, by kind and source."""
    rows = subject.published.coverage.filter(
        pl.col("month").is_in(list(months)) & pl.col("kind").is_in(list(kinds)) & pl.col("is_expected")
    ).sort("kind", "source", "month")
    found = []
    for (kind, source), part in rows.group_by("kind", "source", maintain_order=True):
        absent = tuple(part.filter(~pl.col("is_covered"))["month"].to_list())
        found.append(
            Covered(
                str(source), str(kind), part.height - len(absent), part.height, absent,
                int(part["rejected"].sum() or 0), int(part["excluded"].sum() or 0),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (KINDS.index(each.kind), each.source)))


def behind(subject: Subject, indicator: str) -> tuple[Covered, ...]:
    """Coverage of the sources an indicator rests on, in the period."""
    return covered(subject, subject.period.months, _BEHIND.get(indicator, KINDS))


def coverage_sentence(subject: Subject) -> str:
    """In one sentence: for how many months of the period meetings, travel and staff are known."""
    say, months = subject.language, subject.period.months
    parts = []
    for kind in ("meetings", "travel", "staff"):
        sources = covered(subject, months, (kind,))
        if sources:
            absent = {month for source in sources for month in source.absent}
            parts.append(
                say(
                    "minutes.coverage_kind",
                    kind=say.word("kind_sentence", kind),
                    covered=len(months) - len(absent),
                    months=len(months),
                )
            )
    return say("minutes.coverage", sources=say.listed(parts)) if parts else say("minutes.coverage_none")


def are_levels_comparable(subject: Subject, indicator: str) -> bool:
    """Whether the period's and the baseline's level rest on the same sources in the same months of the year.

    A level is a sum over covered months: eleven months beside twelve would look like fewer trips. The published
    comparisons are free of this, since they use only the months covered on both sides.
    """
    if subject.before is None:
        return False
    now, before = (_covered_pairs(subject, period, indicator) for period in (subject.period, subject.before))
    return now == before


def _covered_pairs(subject: Subject, period: Period, indicator: str) -> set[tuple[str, int]]:
    """Source and month of the year; the directory is left out, since it is only ever known as it is today."""
    kinds = [kind for kind in _BEHIND.get(indicator, KINDS) if kind != "directory"]
    rows = subject.published.coverage.filter(
        pl.col("month").is_in(list(period.months)) & pl.col("kind").is_in(kinds) & pl.col("is_covered")
    )
    return {(source, month.month) for source, month in rows.select("source", "month").iter_rows()}
