"""The five figures a manager reads in three minutes, each as a card and as sentences."""

from __future__ import annotations

from reports.content import Headline, sentences
from reports.coverage import are_levels_comparable
from reports.published import Cell
from reports.subject import Subject


def headlines(subject: Subject) -> tuple[Headline, ...]:
    """The headline figures, in the order they are read."""
    return (
        _replacement(subject),
        _meetings(subject),
        _share(subject),
        _change(subject, "trips", "trips", "trips_per_fte"),
        _change(subject, "co2", "co2e_kg", "travel_co2_per_fte"),
    )


def _replacement(subject: Subject) -> Headline:
    say, cell = subject.language, subject.comparison("replacement_rate", "trips")
    label = say("headline.replacement.label")
    if cell.value is None:
        return _missing(subject, "replacement", label, cell)
    kind = "equal" if round(cell.value, 2) == 0 else "fewer" if cell.value > 0 else "more"
    main = say(f"headline.replacement.{kind}", value=say.share(abs(cell.value)), baseline=subject.baseline_words)
    interval = spans = ""
    if cell.low is not None and cell.high is not None:
        interval = say("headline.replacement.interval", low=say.share(cell.low), high=say.share(cell.high))
        spans = say("headline.replacement.spans_zero") if cell.low <= 0 <= cell.high else ""
    total = say("headline.replacement.total") if cell.basis == "total" else ""
    text = sentences(main, interval, spans, say("headline.replacement.observed"), total)
    return Headline("replacement", label, say.share(cell.value), text, cell, notes=_notes(subject, cell))


def _meetings(subject: Subject) -> Headline:
    say, cell = subject.language, subject.level("digital_meetings_per_fte", "organised")
    label = say("headline.meetings.label")
    if cell.value is None:
        return _missing(subject, "meetings", label, cell)
    value = say.value("digital_meetings_per_fte", cell.value)
    before = subject.level_before("digital_meetings_per_fte", "organised").value
    attended = subject.level("digital_meetings_per_fte", "attended").value
    text = sentences(
        say("headline.meetings.sentence", value=value),
        _beside(subject, "headline.meetings.baseline", "digital_meetings_per_fte", before),
        ""
        if attended is None
        else say("headline.meetings.attended", attended=say.value("digital_meetings_per_fte", attended)),
    )
    return Headline("meetings", label, value, text, cell, notes=_notes(subject, cell))


def _share(subject: Subject) -> Headline:
    say, cell = subject.language, subject.level("digital_share", "meetings")
    label = say("headline.share.label")
    if cell.value is None:
        return _missing(subject, "share", label, cell)
    before = subject.level_before("digital_share", "meetings").value
    text = sentences(
        say("headline.share.sentence", value=say.share(cell.value)),
        _beside(subject, "headline.share.baseline", "digital_share", before),
        say("headline.share.formula"),
    )
    return Headline("share", label, say.share(cell.value), text, cell, notes=_notes(subject, cell))


def _change(subject: Subject, id_: str, measure: str, level_indicator: str) -> Headline:
    """A change against the baseline, with the levels behind it."""
    say, cell = subject.language, subject.comparison("travel_change", measure)
    label = say(f"headline.{id_}.label_total" if cell.basis == "total" else f"headline.{id_}.label")
    if cell.value is None:
        return _missing(subject, id_, label, cell)
    kind = "equal" if round(cell.value, 2) == 0 else "fewer" if cell.value < 0 else "more"
    basis = say(f"headline.{id_}.basis_{cell.basis or 'per_fte'}")
    main = say(f"headline.{id_}.{kind}", value=say.share(abs(cell.value)), baseline=subject.baseline_words, basis=basis)
    now, before = subject.level(level_indicator, measure), subject.level_before(level_indicator, measure)
    levels = ""
    if not are_levels_comparable(subject, level_indicator):
        levels = say("headline.levels_differ")
    elif now.value is not None and before.value is not None:
        levels = say(
            f"headline.{id_}.levels",
            value=say.value(level_indicator, now.value),
            before=say.value(level_indicator, before.value),
        )
    return Headline(id_, label, say.change(cell.value), sentences(main, levels), cell, notes=_notes(subject, cell, now))


def _beside(subject: Subject, key: str, indicator: str, before: float | None) -> str:
    if before is None or not are_levels_comparable(subject, indicator):
        return ""
    return subject.language(key, before=subject.language.value(indicator, before), baseline=subject.baseline_words)


def _missing(subject: Subject, id_: str, label: str, cell: Cell) -> Headline:
    say = subject.language
    reason = say.reason(cell.reason)
    return Headline(id_, label, say("minutes.missing_value"), (f"{reason}.",), cell, is_missing=True)


def _notes(subject: Subject, *cells: Cell) -> tuple[str, ...]:
    """A flag where less than 95 per cent of what lies behind the figure is known."""
    flagged = float(subject.published.setting("flagged_share"))
    known = [cell.known_share for cell in cells if cell.known_share is not None and cell.known_share < flagged]
    return (subject.language("note.flagged", share=subject.language.share(min(known))),) if known else ()
