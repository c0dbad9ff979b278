"""The figures: what each shows, in numbers and in words. How they are drawn is in ``charts.py``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reports.cells import Cell, is_total
from reports.content import LOWEST_DRAWN, Figure, Point, Table, TableCell, figure_cell, missing_cell, sentences
from reports.figure_words import extremes, high_and_low, missing_band_note, missing_months, twelve_months_note
from reports.language import Language
from reports.periods import Period, months_to, parse_period
from reports.subject import Subject

MODALITIES = ("video", "web", "phone")  # from the bottom of the bar upwards


def figures(subject: Subject) -> tuple[Figure, ...]:
    """All figures of the report, in reading order."""
    return (trips(subject), meetings(subject), replacement(subject), co2(subject))


def shown_months(subject: Subject) -> tuple[date, ...]:
    """The twelve months the pictures show: a quarter or a month is seen in its year."""
    return months_to(subject.period.end, 12)


def series_names(subject: Subject) -> tuple[str, str]:
    """Names of the baseline's and the period's line in a picture of twelve months."""
    say, period = subject.language, subject.period
    before = subject.baseline_words if len(period.months) == 12 and subject.before else say("figure.trips.baseline")
    return before, say.period(period if len(period.months) == 12 else Period(period.end, "rolling_12"))


def month_period(month: date) -> Period:
    """A month as a period, from its first day."""
    return parse_period(f"{month:%Y-%m}")


def trips(subject: Subject) -> Figure:
    """Trips per FTE by month, the period beside the baseline."""
    say, months = subject.language, shown_months(subject)
    now = [_level(subject, month_period(m), "trips_per_fte", "trips") for m in months]
    before = [_level(subject, _baseline_month(subject, m), "trips_per_fte", "trips") for m in months]
    total = is_total(now)
    if total:
        now, before = _counts(now), _counts(before)
    names = series_names(subject)
    sides = {names[1]: now}
    if any(cell.is_known for cell in before):
        sides[names[0]] = before
    pairs = [
        (a.value, b.value) for a, b in zip(now, before, strict=True) if a.value is not None and b.value is not None
    ]
    fewer = sum(a < b for a, b in pairs)
    takeaway = say("figure.trips.takeaway_alone") if any(cell.is_known for cell in now) else ""
    if pairs:
        takeaway = say("figure.trips.takeaway", fewer=fewer, compared=len(pairs))
    title = say("figure.trips.title_total" if total else "figure.trips.title")
    indicator = "count" if total else "trips_per_fte"
    return Figure(
        "trips",
        title,
        takeaway or f"{say.reason(now[-1].why)}.",
        say("figure.trips.alt", title=title.lower(), period=say.period(subject.period),
            baseline=subject.baseline_words, extremes=extremes(subject, months, now, indicator)),
        say("figure.trips.axis_total" if total else "figure.trips.axis"),
        tuple(say.month_axis(m) for m in months),
        tuple(reversed(sides)),
        _points(subject, months, dict(reversed(sides.items())), indicator),
        _month_table(subject, "trips", title, months, sides, indicator),
        notes=sentences(
            twelve_months_note(subject),
            say("figure.trips.total_note") if total else "",
            missing_band_note(subject, now),
        ),
        missing=missing_months(subject, months, now),
    )  # fmt: skip


def meetings(subject: Subject) -> Figure:
    """Organised digital meetings per FTE by month, stacked by modality."""
    say, months = subject.language, shown_months(subject)
    whole = [_level(subject, month_period(m), "digital_meetings_per_fte", "organised") for m in months]
    parts = {
        modality: [
            _level(subject, month_period(m), "digital_meetings_per_fte", "organised", ("modality", modality))
            for m in months
        ]
        for modality in MODALITIES
    }
    total = is_total(whole)
    if total:
        whole, parts = _counts(whole), {name: _counts(cells) for name, cells in parts.items()}
    indicator = "count" if total else "digital_meetings_per_fte"
    named = {say.word("modality", name).capitalize(): cells for name, cells in parts.items()}
    title = say("figure.meetings.title_total" if total else "figure.meetings.title")
    described = extremes(subject, months, whole, indicator)
    return Figure(
        "meetings",
        title,
        high_and_low(subject, months, whole, indicator, "figure.meetings.takeaway"),
        say("figure.meetings.alt", extremes=described),
        say("figure.meetings.axis_total" if total else "figure.meetings.axis"),
        tuple(say.month_axis(m) for m in months),
        tuple(named),
        _points(subject, months, named, indicator),
        _month_table(
            subject, "meetings", title, months, dict(reversed(named.items())) | {say("figure.meetings.all"): whole},
            indicator,
        ),
        notes=sentences(twelve_months_note(subject), missing_band_note(subject, whole)),
        missing=missing_months(subject, months, whole),
    )  # fmt: skip


def replacement(subject: Subject) -> Figure:
    """The replacement rate by month with its interval."""
    say, months = subject.language, shown_months(subject)
    by_month = [Subject(subject.published, month_period(m), say) for m in months]
    cells = [each.comparison("replacement_rate", "trips") for each in by_month]
    known = [cell for cell in cells if cell.value is not None]
    above = sum(cell.low is not None and cell.low > 0 for cell in known)
    is_cut = any(cell.low is not None and cell.low < LOWEST_DRAWN for cell in cells)
    title = say("figure.replacement.title")
    rows = tuple(
        (
            TableCell(say.month(month)),
            TableCell(say.share(cell.value), cell.value) if cell.value is not None else missing_cell(say, cell.why),
            TableCell(say.interval(cell.low, cell.high))
            if cell.low is not None and cell.high is not None
            else missing_cell(say, cell.why),
        )
        for month, cell in zip(months, cells, strict=True)
    )
    columns = (say("figure.month"), say("figure.replacement.axis"), say("figure.replacement.interval"))
    series = say("figure.replacement.axis")
    return Figure(
        "replacement",
        title,
        say("figure.replacement.takeaway", above=above, known=len(known)) if known else f"{say.reason(cells[-1].why)}.",
        say("figure.replacement.alt", extremes=extremes(subject, months, cells, "replacement_rate")),
        series,
        tuple(say.month_axis(m) for m in months),
        (series,),
        _points(subject, months, {series: cells}, "replacement_rate"),
        Table("figure-replacement", title, columns, rows, frozenset({1, 2})),
        notes=sentences(
            twelve_months_note(subject),
            say("figure.replacement.cut") if is_cut else "",
            say("reading.many_years" if subject.published.is_covering_years else "reading.one_year"),
            missing_band_note(subject, cells),
        ),
        missing=missing_months(subject, months, cells),
        is_share=True,
    )


def co2(subject: Subject) -> Figure:
    """CO2e per FTE by mode, the period beside the baseline, largest first."""
    say, indicator, measure = subject.language, "travel_co2_per_fte", "co2e_kg"
    before_period = subject.before
    modes = subject.published.values_of(subject.period, indicator, measure, "mode")
    now = {mode: _level(subject, subject.period, indicator, measure, ("mode", mode)) for mode in modes}
    before = {mode: _level(subject, before_period, indicator, measure, ("mode", mode)) for mode in modes}
    total = is_total(list(now.values()))
    whole = subject.level(indicator, measure)
    if total:
        now, before = ({mode: cell.count() for mode, cell in side.items()} for side in (now, before))
        whole = whole.count()
    by_size = now if any(cell.is_known for cell in now.values()) else before
    order = sorted(modes, key=lambda mode: (-(by_size[mode].value or 0.0), mode))
    names = (subject.baseline_words, say.period(subject.period))
    sides = {names[1]: now} | ({names[0]: before} if before_period else {})
    written = "count" if total else indicator
    points = tuple(
        Point(say.word("mode", mode), name, side[mode].value, written=_written_or_why(say, written, side[mode]))
        for mode in order
        for name, side in reversed(sides.items())
    )
    rows = tuple(
        (
            TableCell(say.word("mode", mode)),
            *(figure_cell(say, written, side[mode]) for side in sides.values()),
        )
        for mode in order
    )
    title = say("figure.co2.title_total" if total else "figure.co2.title")
    takeaway = _largest_mode(subject, order, now, whole)
    return Figure(
        "co2",
        title,
        takeaway,
        say("figure.co2.alt", period=say.period(subject.period), baseline=subject.baseline_words, takeaway=takeaway),
        say("figure.co2.axis_total" if total else "figure.co2.axis"),
        tuple(say.word("mode", mode) for mode in order),
        tuple(reversed(sides)),
        points,
        Table("figure-co2", title, (say("figure.mode"), *sides), rows, frozenset({1, 2})),
        notes=(say("figure.co2.gap") if before_period else f"{say.reason(subject.why_alone)}.",),
        missing=tuple(say.word("mode", mode) for mode in order if not now[mode].is_known),
    )


def _largest_mode(subject: Subject, order: Sequence[str], now: dict[str, Cell], whole: Cell) -> str:
    say = subject.language
    if not order or now[order[0]].value is None:
        return f"{say.reason(whole.why)}."
    first, largest = say.word("mode", order[0]), now[order[0]].value
    shown = [cell.value for cell in now.values() if cell.value is not None]
    if largest is None or not whole.value:
        return (
            say("figure.co2.takeaway_known", mode=first)
            if len(shown) < len(order)
            else say("figure.co2.takeaway_plain", mode=first)
        )
    # a mode that is not shown may hold all that the shown ones leave
    is_largest = len(shown) == len(order) or largest > whole.value - sum(shown)
    key = "figure.co2.takeaway" if is_largest else "figure.co2.takeaway_share"
    return say(key, mode=first, share=say.share(largest / whole.value))


def _level(
    subject: Subject, period: Period | None, indicator: str, measure: str, breakdown: tuple[str, str] = ("all", "all")
) -> Cell:
    if period is None:
        return Cell(reason=subject.why_alone)
    return subject.published.cell(period, indicator, measure, breakdown)


def _baseline_month(subject: Subject, month: date) -> Period | None:
    return subject.published.baseline_counterpart(month_period(month))


def _counts(cells: Sequence[Cell]) -> list[Cell]:
    return [cell.count() for cell in cells]


def _written_or_why(say: Language, indicator: str, cell: Cell) -> str:
    """What stands beside a bar, or where it would be."""
    return _written(say, indicator, cell) if cell.is_known else say.reason(cell.reason, short=True)


def _written(say: Language, indicator: str, cell: Cell) -> str:
    return "" if cell.value is None else say.cell(indicator, cell)


def _points(
    subject: Subject, months: Sequence[date], series: dict[str, list[Cell]], indicator: str
) -> tuple[Point, ...]:
    say = subject.language
    return tuple(
        Point(say.month_axis(month), name, cell.value, cell.low, cell.high, _written(say, indicator, cell))
        for name, cells in series.items()
        for month, cell in zip(months, cells, strict=True)
    )


def _month_table(
    subject: Subject, id_: str, title: str, months: Sequence[date], series: dict[str, list[Cell]], indicator: str
) -> Table:
    say = subject.language
    rows = tuple(
        (TableCell(say.month(month)), *(figure_cell(say, indicator, cells[i]) for cells in series.values()))
        for i, month in enumerate(months)
    )
    columns = (say("figure.month"), *series)
    return Table(f"figure-{id_}", title, columns, rows, frozenset(range(1, len(columns))))
