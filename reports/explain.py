"""Where one figure comes from: its parts, the sources behind it, what is missing and what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reports.cells import Cell
from reports.coverage import behind, compared_sentence, kinds_behind
from reports.errors import IndicatorUnknown
from reports.evidence import gap_rows
from reports.language import language as language_of
from reports.language import number_kind
from reports.method_tables import settings_table
from reports.periods import LanguageCode, parse_period
from reports.published import Published, open_published
from reports.subject import Subject

_COMPARISONS = {"travel_change", "replacement_rate"}
_ALWAYS = ("as_of", "method_version", "published_share", "k")


@dataclass(frozen=True)
class Fact:
    """One line of an explanation: a heading and one or more texts."""

    heading: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """The explanation of one measure, free of any format; ``str`` gives plain text."""

    title: str
    indicator: str
    measure: str
    cell: Cell
    facts: tuple[Fact, ...]

    def __str__(self) -> str:
        width = max(len(fact.heading) for fact in self.facts) + 2
        lines = [self.title, "-" * len(self.title)]
        for fact in self.facts:
            lines += [
                f"{heading:<{width}}{text}"
                for heading, text in zip((fact.heading, *[""] * (len(fact.texts) - 1)), fact.texts, strict=True)
            ]
        return "\n".join(line.rstrip() for line in lines)


def explain(published: Path, organisation: str, indicator: str, period: str, language: LanguageCode = "sv") -> str:
    """Explain every measure of an indicator in plain text.

    Args:
        published: ``data_dir/<org>/published``.
        organisation: the organisation's id.
        indicator: e.g. ``replacement_rate``, or one measure of it, ``travel_co2_per_fte.co2e_kg``.
        period: as in reports.
        language: ``sv`` or ``en``.

    Raises:
        ReportError: nothing is published, the file cannot be read, or the period or indicator is unknown.
    """
    found = explanations(open_published(published, organisation), indicator, period, language)
    return "\n\n".join(str(each) for each in found) + "\n"


def explanations(
    published: Published, indicator: str, period: str, language: LanguageCode = "sv"
) -> tuple[Explanation, ...]:
    """The explanations behind :func:`explain`, for callers that lay them out themselves."""
    subject = Subject(published, parse_period(period), language_of(language))
    published.require(subject.period)
    name, _, wanted = indicator.partition(".")
    rows = published.indicators.filter(pl.col("indicator") == name)
    measures = sorted(rows["measure"].unique().to_list())
    if wanted:
        measures = [measure for measure in measures if measure == wanted]
    if not measures:
        known = ", ".join(sorted(published.indicators["indicator"].unique().to_list()))
        raise IndicatorUnknown(
            f"No indicator '{indicator}' is published for {published.organisation}. There are: {known}."
        )
    return tuple(_explanation(subject, name, measure) for measure in measures)


def _explanation(subject: Subject, indicator: str, measure: str) -> Explanation:
    say, is_comparison = subject.language, indicator in _COMPARISONS
    cell = subject.comparison(indicator, measure) if is_comparison else subject.level(indicator, measure)
    methods = subject.published.methods.filter((pl.col("indicator") == indicator) & (pl.col("measure") == measure))
    method = methods.row(0, named=True) if methods.height else {}
    name = method.get(f"name_{say.code}") or f"{indicator}.{measure}"
    texts: list[tuple[str, list[str | None]]] = [
        ("question", [method.get(f"question_{say.code}")]),
        *_figure(subject, indicator, measure, cell),
        ("formula", [method.get(f"formula_{say.code}"), method.get("symbols")]),
        ("compared", [compared_sentence(subject, cell.basis) if is_comparison and cell.is_known else None]),
        ("causality", [say("explain.causality_text") if is_comparison else None]),
        ("sources", [*_sources(subject, indicator)]),
        ("gaps", [*_gaps(subject, indicator)] or [say("explain.none")]),
        ("settings", [*_settings(subject, method.get("settings_used") or "")]),
        ("definition", [method.get("definition_source")]),
        ("weaknesses", [method.get(f"weaknesses_{say.code}")]),
    ]
    facts = tuple(
        Fact(say(f"explain.{key}"), tuple(text for text in listed if text)) for key, listed in texts if any(listed)
    )
    return Explanation(f"{name}, {say.period(subject.period)}", indicator, measure, cell, facts)


def _amount_in_words(subject: Subject, figure: tuple[str, str], part: str, number: dict[str, str]) -> str:
    say, (indicator, measure) = subject.language, figure
    if not say.has(f"explain_number.{indicator}", part):
        return next(iter(number.values()))
    return say(f"explain_number.{indicator}.{part}", what=say.word("counted", f"{indicator}_{measure}"), **number)


def _figure(subject: Subject, indicator: str, measure: str, cell: Cell) -> Iterator[tuple[str, list[str | None]]]:
    """The figure, its parts and how sure it is; or why there is none."""
    say = subject.language
    unit = say.word("unit", cell.unit)
    if cell.value is None:
        yield "reason", [f"{say.reason(cell.why)} ({cell.reason})"]
    else:
        written = say.value(indicator, cell.value)
        yield "value", [written if number_kind(indicator) != "number" else f"{written} {unit}"]
    if cell.low is not None and cell.high is not None:
        covers = "many_years" if subject.published.is_covering_years else "interval_note"
        yield "interval", [say.interval(cell.low, cell.high), say(f"explain.{covers}")]
    for part, key, amount in (("numerator", "n", cell.numerator), ("denominator", "d", cell.denominator)):
        if amount is not None:
            number = say.number(amount, 0 if abs(amount) >= 100 else 1)
            yield part, [_amount_in_words(subject, (indicator, measure), part, {key: number})]
    if cell.value is not None and cell.numerator is not None and cell.denominator:
        yield "calculation", [_calculation(subject, indicator, cell)]
    yield "unit", [unit]
    if cell.basis is not None:
        yield "basis", [say(f"explain.basis_{cell.basis}", baseline=subject.baseline_words)]
    if cell.known_share is not None:
        limit = float(subject.published.setting("flagged_share"))
        flag = say("explain.flag", limit=say.share(limit)) if cell.known_share < limit else None
        yield "known_share", [say.share(cell.known_share), flag]
    yield "people", [cell.people_class]


def _calculation(subject: Subject, indicator: str, cell: Cell) -> str:
    """The published parts put together, shown only where they give the published figure."""
    say = subject.language
    if cell.value is None or cell.numerator is None or not cell.denominator:
        return ""
    top, bottom = (say.number(amount, 0 if abs(amount) >= 100 else 1) for amount in (cell.numerator, cell.denominator))
    ratio, value = cell.numerator / cell.denominator, say.value(indicator, cell.value)
    ways = {f"{top} ÷ {bottom} = {value}": ratio, f"1 − {top} ÷ {bottom} = {value}": 1 - ratio,
            f"{top} ÷ {bottom} − 1 = {value}": ratio - 1}  # fmt: skip
    fitting = [text for text, result in ways.items() if abs(result - cell.value) <= 1e-6 * max(1.0, abs(cell.value))]
    return fitting[0] if fitting else ""


def _sources(subject: Subject, indicator: str) -> Iterator[str]:
    say = subject.language
    for each in behind(subject, indicator):
        absent = say("explain.source_absent", months=say.listed([say.month(month) for month in each.absent]))
        yield say(
            "explain.source_line",
            source=say.word("source", each.source),
            kind=say.word("kind", each.kind).lower(),
            covered=each.covered,
            months=each.expected,
            absent=absent if each.absent else "",
        )


def _gaps(subject: Subject, indicator: str) -> Iterator[str]:
    say = subject.language
    kinds = kinds_behind(indicator)
    coverage = subject.published.coverage.filter(pl.col("kind").is_in(list(kinds)))
    # Months without staff figures are a gap of "staff", whatever the source of staff figures is called.
    sources = {*coverage["source"].to_list(), *kinds}
    rows = subject.published.gaps.filter(
        pl.col("month").is_in(list(subject.period.months)) & pl.col("source").is_in(sorted(sources))
    ).sort("source", "gap", "month")
    for (source, gap), part in rows.group_by("source", "gap", maintain_order=True):
        yield say(
            "explain.gap_line",
            source=say.word("source", str(source)),
            gap=say.word("gap", str(gap)),
            rows=gap_rows(subject, str(gap), part),
        )


def _settings(subject: Subject, used: str) -> Iterator[str]:
    # the baseline in one word beside its months
    wanted = (*used.split(", "), *_ALWAYS, *(("baseline_label",) if "baseline_from" in used else ()))
    names = subject.published.settings["setting"].to_list()
    for name, row in zip(names, settings_table(subject).rows, strict=True):
        if name in wanted:
            yield f"{row[0].text}: {row[1].text}"
