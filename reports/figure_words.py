"""Sentences about a series of months: its highest and lowest, what is missing and what the picture spans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reports.cells import Cell
from reports.subject import Subject


def _known(months: Sequence[date], cells: Sequence[Cell]) -> list[tuple[float, date]]:
    return [(cell.value, month) for month, cell in zip(months, cells, strict=True) if cell.value is not None]


def high_and_low(subject: Subject, months: Sequence[date], cells: Sequence[Cell], indicator: str, key: str) -> str:
    """The highest and the lowest known month in a sentence; why there is none where none is known."""
    say, known = subject.language, _known(months, cells)
    if not known:
        return f"{say.reason(cells[-1].why)}."
    (high, high_month), (low, low_month) = max(known), min(known)
    return say(
        key,
        highest=say.value(indicator, high),
        highest_month=say.month(high_month),
        lowest=say.value(indicator, low),
        lowest_month=say.month(low_month),
    )


def extremes(subject: Subject, months: Sequence[date], cells: Sequence[Cell], indicator: str) -> str:
    """What a reader who cannot see the picture needs: the highest, the lowest and the missing months."""
    say = subject.language
    absent = [say.month(month) for month, cell in zip(months, cells, strict=True) if not cell.is_known]
    if len(absent) == len(months):
        return say("extremes.none")
    text = high_and_low(subject, months, cells, indicator, "extremes.text")
    return f"{text} {say('extremes.missing', months=say.listed(absent))}" if absent else text


def missing_months(subject: Subject, months: Sequence[date], cells: Sequence[Cell]) -> tuple[str, ...]:
    """Labels of the months without a figure."""
    axis = subject.language.month_axis
    return tuple(axis(month) for month, cell in zip(months, cells, strict=True) if not cell.is_known)


def twelve_months_note(subject: Subject) -> str:
    """Says that a quarter or a month is shown in its year."""
    if subject.period.kind not in {"month", "quarter"}:
        return ""
    return subject.language("figure.twelve", month=subject.language.month(subject.period.end))


def missing_band_note(subject: Subject, cells: Sequence[Cell]) -> str:
    """Says what the grey fields mean, where there are any."""
    some = any(not cell.is_known for cell in cells) and any(cell.is_known for cell in cells)
    return subject.language("figure.missing_band") if some else ""
