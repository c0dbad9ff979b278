"""For how many months the sources behind a figure are known, and which months a comparison rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from reports.periods import Period
from reports.published import Published
from reports.subject import Subject

_BEHIND: dict[str, tuple[str, ...]] = {
    "digital_meetings_per_fte": ("meetings", "staff", "directory"),
    "trips_per_fte": ("travel", "staff"),
    "travel_days_per_fte": ("travel", "staff"),
    "travel_cost_per_fte": ("travel", "staff"),
    "travel_co2_per_fte": ("travel", "staff"),
    "travel_change": ("travel", "staff"),
    "replacement_rate": ("travel", "staff"),
    "digital_share": ("meetings", "travel", "directory"),
}
KINDS = ("meetings", "travel", "staff", "directory", "bookings")


@dataclass(frozen=True)
class Counted:
    """Records counted over some months; months covered by a file of several, or withheld, have no count."""

    records: int | None
    """None where no month has a count."""
    is_whole: bool
    """Every covered month has a count."""


@dataclass(frozen=True)
class Covered:
    """How far one source covers some months."""

    source: str
    kind: str
    covered: int
    expected: int
    absent: tuple[date, ...]
    rejected: Counted
    excluded: Counted
    vendor_meetings: int | None
    """Meetings by the vendor's own count, over the months and days that have one; None where none has."""
    landed_meetings: int | None
    """Records landed of the same days."""


def covered(subject: Subject, months: Sequence[date], kinds: Sequence[str] = KINDS) -> tuple[Covered, ...]:
    """Coverage of the expected sources over some months, by kind and source."""
    rows = _expected(subject.published, months, kinds).sort("kind", "source", "month")
    found = []
    for (kind, source), part in rows.group_by("kind", "source", maintain_order=True):
        absent = tuple(part.filter(~pl.col("is_covered"))["month"].to_list())
        found.append(
            Covered(
                str(source), str(kind), part.height - len(absent), part.height, absent,
                _counted(part, "rejected"), _counted(part, "excluded"),
                _sum(part, "vendor_meetings"), _sum(part, "landed_meetings"),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (KINDS.index(each.kind), each.source)))


def kinds_behind(indicator: str) -> tuple[str, ...]:
    """The kinds of data an indicator rests on."""
    return _BEHIND.get(indicator, KINDS)


def behind(subject: Subject, indicator: str) -> tuple[Covered, ...]:
    """Coverage of the sources an indicator rests on, in the period."""
    return covered(subject, subject.period.months, kinds_behind(indicator))


def coverage_sentence(subject: Subject) -> str:
    """In one sentence: for how many months of the period meetings, travel and staff are known."""
    say, published, months = subject.language, subject.published, subject.period.months
    if _expected(published, months, KINDS).is_empty():
        return say("minutes.coverage_none")
    parts = [
        say(
            "minutes.coverage_kind",
            kind=say.word("kind_sentence", kind),
            covered=len(_months_known(published, months, kind)),
            months=len(months),
        )
        for kind in ("meetings", "travel", "staff")
    ]
    return say("minutes.coverage", sources=say.listed(parts))


def left_out(subject: Subject, basis: str | None) -> dict[date, str]:
    """The period's months that its comparisons leave out, each with the reason.

    A month is compared where travel is known for it and for the same month of the baseline, and, per FTE, staff too.

    Args:
        subject: what the report is about.
        basis: ``per_fte`` or ``total``.
    """
    published, months = subject.published, subject.period.months
    then = {month.month: month for month in published.baseline_months}
    now_known = _months_known(published, months, "travel")
    then_known = _months_known(published, published.baseline_months, "travel")
    staffless = set(published.gaps.filter(pl.col("gap") == "no_staff")["month"].to_list())
    reasons: dict[date, str] = {}
    for month in months:
        before = then.get(month.month)
        if month not in now_known:
            reasons[month] = "source_missing"
        elif before not in then_known:
            reasons[month] = "no_baseline"
        elif basis == "per_fte" and {month, before} & staffless:
            reasons[month] = "no_staff"
    return reasons


def compared_sentence(subject: Subject, basis: str | None, *, short: bool = False) -> str:
    """Says that a comparison covers only a part of the period, and which months it leaves out; empty if it does not."""
    say, absent, count = subject.language, left_out(subject, basis), len(subject.period.months)
    if not absent or len(absent) == count:
        return ""  # everything is compared, or nothing is and the figure itself says why
    some = say("note.compared", compared=count - len(absent), months=count)
    listed = [f"{say.month(month)} ({say.reason(why, short=True)})" for month, why in absent.items()]
    return some if short else f"{some} {say('note.left_out', months=say.listed(listed))}"


def sources_sentence(subject: Subject, indicator: str) -> str:
    """Says that the period and the baseline rest on different sources; empty if they do not."""
    if subject.before is None:
        return ""
    say = subject.language
    now, before = (_sources_known(subject, period, indicator) for period in (subject.period, subject.before))
    if now == before or not now or not before:
        return ""
    named = [say.listed([say.word("source", source) for source in sorted(side)]) for side in (before, now)]
    return say("note.sources", baseline=subject.baseline_words, before=named[0], now=named[1])


def _expected(published: Published, months: Sequence[date], kinds: Sequence[str]) -> pl.DataFrame:
    return published.coverage.filter(
        pl.col("month").is_in(list(months)) & pl.col("kind").is_in(list(kinds)) & pl.col("is_expected")
    )


def _months_known(published: Published, months: Sequence[date], kind: str) -> set[date]:
    """Months for which every source expected of a kind has spoken."""
    rows = _expected(published, months, (kind,)).group_by("month").agg(pl.col("is_covered").all())
    return set(rows.filter("is_covered")["month"].to_list())


def _sources_known(subject: Subject, period: Period, indicator: str) -> set[str]:
    kinds = [kind for kind in kinds_behind(indicator) if kind in {"meetings", "travel"}]
    return set(_expected(subject.published, period.months, kinds).filter("is_covered")["source"].to_list())


def _sum(part: pl.DataFrame, column: str) -> int | None:
    return int(part[column].sum()) if part[column].count() else None


def _counted(part: pl.DataFrame, column: str) -> Counted:
    counts = part[column]
    is_whole = part.filter("is_covered")[column].null_count() == 0
    return Counted(int(counts.sum()) if counts.count() else None, is_whole)
