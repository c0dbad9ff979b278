"""The five figures a manager reads in three minutes, each as a card and as sentences."""

from __future__ import annotations

from reports.cells import Cell
from reports.content import Headline, sentences
from reports.coverage import compared_sentence, sources_sentence
from reports.subject import Subject

_MEETINGS = "digital_meetings_per_fte"


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
    notes = (compared_sentence(subject, cell.basis), *_notes(subject, cell), _unknown_purpose(subject))
    return Headline("replacement", label, say.share(cell.value), text, cell, "replacement_rate", notes=sentences(notes))


def _unknown_purpose(subject: Subject) -> str:
    """Says how large a part of the trips counted has no known purpose, or that it may not be said."""
    say = subject.language
    meeting, unknown = (
        subject.level("trips_per_fte", "trips", ("trip_class", name)).count() for name in ("meeting", "unknown")
    )
    if "too_few_people" in {meeting.reason, unknown.reason}:
        return say("note.unknown_purpose_withheld")
    if meeting.numerator is None or not unknown.numerator:
        return ""
    return say("note.unknown_purpose", share=say.share(unknown.numerator / (meeting.numerator + unknown.numerator)))


def _meetings(subject: Subject) -> Headline:
    say, per_fte = subject.language, subject.level(_MEETINGS, "organised")
    cell = per_fte.count()
    is_total = cell is not per_fte
    label = say("headline.meetings.label_total" if is_total else "headline.meetings.label")
    if cell.value is None:
        return _missing(subject, "meetings", label, cell)
    indicator = "count" if is_total else _MEETINGS
    before, attended = subject.level_before(_MEETINGS, "organised"), subject.level(_MEETINGS, "attended")
    if is_total:
        before, attended = before.count(), attended.count()
    value = say.value(indicator, cell.value)
    text = sentences(
        say("headline.meetings.sentence_total" if is_total else "headline.meetings.sentence", value=value),
        _beside(subject, "headline.meetings.baseline", indicator, before),
        ""
        if attended.value is None
        else say("headline.meetings.attended", attended=say.value(indicator, attended.value)),
    )
    notes = sentences(_notes(subject, cell), sources_sentence(subject, _MEETINGS) if before.is_known else "")
    return Headline("meetings", label, value, text, cell, indicator, notes=notes)


def _share(subject: Subject) -> Headline:
    say, cell = subject.language, subject.level("digital_share", "meetings")
    label = say("headline.share.label")
    if cell.value is None:
        return _missing(subject, "share", label, cell)
    text = sentences(
        say("headline.share.sentence", value=say.share(cell.value)),
        _beside(subject, "headline.share.baseline", "digital_share", subject.level_before("digital_share", "meetings")),
        say("headline.share.formula"),
    )
    return Headline("share", label, say.share(cell.value), text, cell, "digital_share", notes=_notes(subject, cell))


def _change(subject: Subject, id_: str, measure: str, level_indicator: str) -> Headline:
    """A change against the baseline, with the levels behind it."""
    say, cell = subject.language, subject.comparison("travel_change", measure)
    is_total = cell.basis == "total"
    label = say(f"headline.{id_}.label_total" if is_total else f"headline.{id_}.label")
    if cell.value is None:
        return _missing(subject, id_, label, cell)
    kind = "equal" if round(cell.value, 2) == 0 else "fewer" if cell.value < 0 else "more"
    basis = say(f"headline.{id_}.basis_{cell.basis or 'per_fte'}")
    main = say(f"headline.{id_}.{kind}", value=say.share(abs(cell.value)), baseline=subject.baseline_words, basis=basis)
    now, before = subject.level(level_indicator, measure), subject.level_before(level_indicator, measure)
    if is_total:
        now, before = now.count(), before.count()
    levels = _levels(subject, f"headline.{id_}", "count" if is_total else level_indicator, (now, before))
    notes = sentences(
        compared_sentence(subject, cell.basis, short=True),
        _notes(subject, cell, now),
        sources_sentence(subject, level_indicator) if now.is_known and before.is_known else "",
    )
    return Headline(id_, label, say.change(cell.value), sentences(main, levels), cell, "travel_change", notes=notes)


def _levels(subject: Subject, key: str, indicator: str, sides: tuple[Cell, Cell]) -> str:
    """The levels behind a change; a level that is missing is never left out without a word."""
    say, (now, before) = subject.language, sides
    if now.value is None:
        return say("headline.no_level", period=say.period(subject.period), reason=say.reason(now.why, short=True))
    if before.value is None:
        return say("headline.no_level", period=subject.baseline_words, reason=say.reason(before.why, short=True))
    ending = "levels_total" if indicator == "count" else "levels"
    return say(f"{key}.{ending}", value=say.value(indicator, now.value), before=say.value(indicator, before.value))


def _beside(subject: Subject, key: str, indicator: str, before: Cell) -> str:
    say = subject.language
    if subject.before is None:
        return ""
    if before.value is None:
        return say("headline.no_level", period=subject.baseline_words, reason=say.reason(before.why, short=True))
    return say(key, before=say.value(indicator, before.value), baseline=subject.baseline_words)


def _missing(subject: Subject, id_: str, label: str, cell: Cell) -> Headline:
    """Why there is no figure: what is said of every such case in place of the figure, the rest as a sentence."""
    what, _, why = subject.language.reason(cell.why).partition(": ")
    return Headline(id_, label, what, sentences(f"{why[:1].upper()}{why[1:]}." if why else ""), cell, is_missing=True)


def _notes(subject: Subject, *cells: Cell) -> tuple[str, ...]:
    """A flag where less than 95 per cent of what lies behind the figure is known."""
    flagged = float(subject.published.setting("flagged_share"))
    known = [cell.known_share for cell in cells if cell.known_share is not None and cell.known_share < flagged]
    return (subject.language("note.flagged", share=subject.language.share(min(known))),) if known else ()
