"""What a report is about, and the cells of the whole organisation it asks for again and again."""

from __future__ import annotations

from dataclasses import dataclass

from reports.cells import NOT_PUBLISHED, Cell
from reports.language import Language
from reports.periods import Period
from reports.published import ALL, Published

IN_BASELINE = "in_baseline"
"""Reason of a comparison that cannot be: the period is part of what it would be compared with."""


@dataclass(frozen=True)
class Subject:
    """What a report is about: one published version, one period, one language."""

    published: Published
    period: Period
    language: Language

    @property
    def before(self) -> Period | None:
        """The part of the baseline to set beside the period."""
        return self.published.baseline_counterpart(self.period)

    @property
    def baseline_words(self) -> str:
        """The baseline in words: its counterpart of the period, else the whole baseline."""
        if self.before:
            return self.language.period(self.before)
        whole, months = self.published.baseline_period, self.published.baseline_months
        if whole:
            return self.language.period(whole)
        return "–".join(self.language.month(month) for month in (months[0], months[-1]))

    @property
    def is_in_baseline(self) -> bool:
        """The period is part of what it would be compared with, or older."""
        return self.published.is_in_baseline(self.period)

    @property
    def why_alone(self) -> str:
        """Reason of a figure of the baseline where the baseline does not hold the period's months."""
        return IN_BASELINE if self.is_in_baseline else "no_baseline"

    def level(self, indicator: str, measure: str, breakdown: tuple[str, str] = ("all", "all")) -> Cell:
        """A figure of the whole organisation in the period."""
        return self.published.cell(self.period, indicator, measure, breakdown)

    def level_before(self, indicator: str, measure: str, breakdown: tuple[str, str] = ("all", "all")) -> Cell:
        """The same figure in the baseline."""
        if self.before is None:
            return Cell(reason=self.why_alone)
        return self.published.cell(self.before, indicator, measure, breakdown)

    def comparison(self, indicator: str, measure: str, department: str = ALL) -> Cell:
        """A comparison of the whole organisation, or of a department, with the baseline."""
        cell = self.published.comparison(self.period, indicator, measure, department=department)
        if cell.reason == NOT_PUBLISHED and self.is_in_baseline:
            return Cell(reason=IN_BASELINE)
        return cell
