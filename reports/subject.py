"""What a report is about, and the cells of the whole organisation it asks for again and again."""

from __future__ import annotations

from dataclasses import dataclass

from reports.language import Language
from reports.periods import Period
from reports.published import NOT_PUBLISHED, Cell, Published

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
        whole = self.published.baseline_period
        return self.language.period(whole) if whole else self.published.baseline

    def level(self, indicator: str, measure: str, breakdown: tuple[str, str] = ("all", "all")) -> Cell:
        """A figure of the whole organisation in the period."""
        return self.published.cell(self.period, indicator, measure, breakdown)

    def level_before(self, indicator: str, measure: str, breakdown: tuple[str, str] = ("all", "all")) -> Cell:
        """The same figure in the baseline."""
        if self.before is None:
            return Cell(reason="no_baseline")
        return self.published.cell(self.before, indicator, measure, breakdown)

    def comparison(self, indicator: str, measure: str, breakdown: tuple[str, str] = ("all", "all")) -> Cell:
        """A comparison of the whole organisation with the baseline."""
        cell = self.published.comparison(self.period, indicator, measure, breakdown)
        if cell.reason == NOT_PUBLISHED and self.published.is_in_baseline(self.period):
            return Cell(reason=IN_BASELINE)
        return cell
