"""The whole follow-up report of one organisation and period, ready to be written in any format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.content import Figure, Headline, Table, sentences
from reports.coverage import compared_sentence, coverage_sentence
from reports.evidence import (
    MethodNote,
    coverage_matrix,
    coverage_table,
    gaps_table,
    method_notes,
)
from reports.figures import figures
from reports.headlines import headlines
from reports.language import language
from reports.method_tables import factors_table, settings_table
from reports.periods import LanguageCode, Period
from reports.published import Published
from reports.subject import Subject
from reports.tables import REMM, departments_table, elected_table, remm_table


@dataclass(frozen=True)
class FollowUp:
    """Everything a report says, in its reading order and in one language."""

    subject: Subject
    title: str
    introduction: tuple[str, ...]
    headlines: tuple[Headline, ...]
    figures: tuple[Figure, ...]
    departments: Table | None
    departments_note: str
    elected: Table | None
    remm: tuple[tuple[str, Table], ...]
    """Heading and table of each of REMM's two views."""
    coverage: Table | None
    coverage_months: Table | None
    gaps: Table | None
    withheld: str
    reading: tuple[str, ...]
    methods: tuple[MethodNote, ...]
    settings: Table
    factors: Table
    privacy: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """Name of the report's files, without their ending."""
        say, published = self.subject.language, self.subject.published
        return f"{say('document.file')}-{published.organisation}-{self.subject.period.slug}"


def follow_up(published: Published, period: Period, code: LanguageCode) -> FollowUp:
    """Put a report together.

    Raises:
        PeriodUnknown: nothing is published for the period.
        PublishedFileUnreadable: a printed setting is missing from the file.
    """
    published.require(period)
    say = language(code)
    subject = Subject(published, period, say)
    withheld = published.withheld(period)
    return FollowUp(
        subject,
        say("document.title", organisation=published.name, period=say.period(period)),
        (
            say(
                "minutes.intro_alone" if subject.is_in_baseline else "minutes.intro",
                period=say.period(period),
                baseline=subject.baseline_words,
            ),
            coverage_sentence(subject),
        ),
        headlines(subject),
        figures(subject),
        departments_table(subject),
        _departments_note(subject),
        elected_table(subject),
        tuple((say(f"remm.{view}"), remm_table(subject, view)) for view in REMM),
        coverage_table(subject),
        coverage_matrix(subject, _evidence_months(subject)),
        gaps_table(subject),
        say("missing.withheld", count=say.number(withheld)) if withheld else "",
        tuple(say(f"reading.{key}") for key in say.keys_of("reading")),
        method_notes(subject),
        settings_table(subject),
        factors_table(subject),
        _privacy(subject, withheld),
    )


def _evidence_months(subject: Subject) -> tuple[date, ...]:
    return tuple(sorted({*subject.published.baseline_months, *subject.period.months}))


def _departments_note(subject: Subject) -> str:
    say = subject.language
    if subject.period.kind in {"month", "rolling_12"}:
        return say("departments.month")
    if not subject.published.departments(subject.period):
        return say("departments.none")
    basis = subject.comparison("replacement_rate", "trips").basis
    partly = compared_sentence(subject, basis, short=True)
    return " ".join(sentences(say("departments.intro", k=subject.published.setting("k")), partly))


def _privacy(subject: Subject, withheld: int) -> tuple[str, ...]:
    say, setting = subject.language, subject.published.setting
    k = setting("k")
    return (
        say("privacy.published", day=setting("closes_on_day")),
        say("privacy.k", k=k),
        say("privacy.small", k=k),
        say("privacy.people"),
        say("privacy.withheld", count=say.number(withheld)),
        say("privacy.pseudonym"),
    )
