"""The tables of departments, elected representatives and REMM's measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reports.cells import NOT_PUBLISHED, Cell, is_total
from reports.content import Table, TableCell, figure_cell, missing_cell
from reports.coverage import compared_sentence, sources_sentence
from reports.published import ALL
from reports.subject import Subject

ELECTED = "elected"
_DEPARTMENT_LEVELS = {
    "meetings": ("digital_meetings_per_fte", "organised"),
    "trips": ("trips_per_fte", "trips"),
    "co2": ("travel_co2_per_fte", "co2e_kg"),
}
RemmView = Literal["step_10", "step_9"]


@dataclass(frozen=True)
class RemmRow:
    """One line of REMM's list of measures."""

    text: str
    """Key below ``remm`` in the texts."""
    indicator: str
    measure: str
    breakdown: tuple[str, str] = (ALL, ALL)
    change: str | None = None
    """Measure of ``travel_change`` that compares this line with the baseline."""
    is_part: bool = False
    absent: str = NOT_PUBLISHED
    """Reason given where the published file has no such row."""


def _modalities(text: str, indicator: str, measure: str, absent: str = NOT_PUBLISHED) -> tuple[RemmRow, ...]:
    return tuple(
        RemmRow(text, indicator, measure, ("modality", value), is_part=True, absent=absent)
        for value in ("phone", "web", "video")
    )


_MEETINGS = RemmRow("meetings", "digital_meetings_per_fte", "organised")
_ATTENDED = RemmRow("attended", "digital_meetings_per_fte", "attended", is_part=True)
_MEETING_COST = RemmRow("cost_meetings", "digital_meeting_cost_per_fte", "cost_sek", absent="not_collected_cost")
_TRIPS = (
    RemmRow("trips", "trips_per_fte", "trips", change="trips"),
    RemmRow("short", "trips_per_fte", "trips", ("length", "short"), is_part=True),
    RemmRow("long", "trips_per_fte", "trips", ("length", "long"), is_part=True),
)
_DAYS = RemmRow("days", "travel_days_per_fte", "days")
_COST = (
    RemmRow("cost", "travel_cost_per_fte", "cost_sek", change="cost_sek"),
    RemmRow("cost_doubled", "travel_cost_per_fte", "cost_sek_doubled", is_part=True),
)
_CO2 = (
    RemmRow("co2", "travel_co2_per_fte", "co2_kg", change="co2_kg"),
    RemmRow("co2e", "travel_co2_per_fte", "co2e_kg", change="co2e_kg", is_part=True),
)

REMM: dict[RemmView, tuple[RemmRow, ...]] = {
    "step_10": (
        _MEETINGS,
        *_modalities("modality", "digital_meetings_per_fte", "organised"),
        _ATTENDED,
        _MEETING_COST,
        *_modalities("modality", "digital_meeting_cost_per_fte", "cost_sek", absent="not_collected_cost"),
        *_TRIPS,
        _DAYS,
        *_COST,
        *_CO2,
        RemmRow("attitude", "meeting_attitude", "mean", ("question", "satisfaction"), absent="not_collected_survey"),
    ),
    "step_9": (
        _MEETINGS,
        _ATTENDED,
        RemmRow(
            "satisfaction", "meeting_attitude", "mean", ("question", "satisfaction"), absent="not_collected_survey"
        ),
        _MEETING_COST,
        *_TRIPS,
        *_COST,
        _DAYS,
        *_CO2,
        RemmRow("share", "digital_share", "meetings"),
        RemmRow("share_persons", "digital_share", "persons", is_part=True),
        RemmRow("share_spanning", "digital_share", "meetings_spanning", is_part=True),
        RemmRow("share_persons_spanning", "digital_share", "persons_spanning", is_part=True),
    ),
}
"""REMM's two lists of measures, in REMM's own order: step 10 of 2011–2022 and step 9 of 2022 onwards."""


def remm_table(subject: Subject, view: RemmView) -> Table:
    """REMM's measures for the period beside the baseline, the change where the method allows one, and remarks."""
    say = subject.language
    lines = REMM[view]
    columns = tuple(say(f"remm.{key}") for key in ("indicator", "period", "baseline", "change", "note"))
    return Table(
        view.replace("_", "-"),
        say("remm.caption", view=say(f"remm.{view}"), period=say.period(subject.period)),
        columns,
        tuple(_remm_line(subject, line) for line in lines),
        frozenset({1, 2, 3}),
        frozenset(i for i, line in enumerate(lines) if line.is_part),
    )


def _remm_line(subject: Subject, line: RemmRow) -> tuple[TableCell, ...]:
    say = subject.language
    now = subject.level(line.indicator, line.measure, line.breakdown)
    before = subject.level_before(line.indicator, line.measure, line.breakdown)
    absent = now.reason == NOT_PUBLISHED and line.absent != NOT_PUBLISHED
    value = missing_cell(say, line.absent) if absent else figure_cell(say, line.indicator, now)
    earlier = missing_cell(say, line.absent) if absent else figure_cell(say, line.indicator, before)
    remarks: list[str] = []
    if absent and line.is_part:
        pass  # the line it is part of says why
    elif absent:
        remarks.append(say.reason(line.absent))
    elif not now.is_known:
        if not line.is_part:
            remarks.append(say.reason(now.why))
        if now.count().is_known:
            remarks.append(say("remm.count", n=say.number(now.count().value or 0.0)))
    if now.is_known and before.is_known and not line.is_part:
        remarks.append(sources_sentence(subject, line.indicator))
    if line.change is None:
        change = TableCell(say("remm.change_none"), is_quiet=True)
    else:
        compared = subject.comparison("travel_change", line.change)
        change = figure_cell(say, "travel_change", compared)
        if not compared.is_known and now.is_known:
            remarks.append(say.reason(compared.why))
        elif compared.is_known:
            remarks.append(say("remm.change_total") if compared.basis == "total" else "")
            remarks.append(compared_sentence(subject, compared.basis, short=True))
    if now.known_share is not None and now.known_share < float(subject.published.setting("flagged_share")):
        remarks.append(say("note.flagged", share=say.share(now.known_share)))
    return (TableCell(_remm_name(subject, line)), value, earlier, change, TableCell(" ".join(_stops(remarks))))


def _remm_name(subject: Subject, line: RemmRow) -> str:
    say = subject.language
    kilometres = say.number(float(subject.published.setting("long_trip_km")))
    return say(f"remm.{line.text}", value=say.word("modality", line.breakdown[1]), km=kilometres)


def _stops(texts: Sequence[str]) -> list[str]:
    return [text if text.endswith(".") else f"{text}." for text in texts if text]


def departments_table(subject: Subject) -> Table | None:
    """Departments beside the whole organisation; None where none are published for the period."""
    say, period, published = subject.language, subject.period, subject.published
    names = published.departments(period)
    if not names:
        return None
    levels = {
        key: [published.cell(period, indicator, measure, department=name) for name in (*names, ALL)]
        for key, (indicator, measure) in _DEPARTMENT_LEVELS.items()
    }
    rates = [subject.comparison("replacement_rate", "trips", name) for name in (*names, ALL)]
    totals = {key for key, cells in levels.items() if is_total(cells)}
    columns = {key: say(f"departments.{key}_total" if key in totals else f"departments.{key}") for key in levels}
    written = {key: "count" if key in totals else _DEPARTMENT_LEVELS[key][0] for key in levels}
    rows = tuple(
        (
            TableCell(say("departments.all") if name == ALL else name),
            *(
                figure_cell(say, written[key], cells[i].count() if key in totals else cells[i])
                for key, cells in levels.items()
            ),
            figure_cell(say, "replacement_rate", rates[i]),
            _people(subject, levels["trips"][i], levels["meetings"][i]),
        )
        for i, name in enumerate((*names, ALL))
    )
    return Table(
        "departments",
        say("departments.caption", period=say.period(period)),
        (say("departments.department"), *columns.values(), say("departments.replacement"), say("departments.people")),
        rows,
        frozenset({1, 2, 3, 4, 5}),
        emphasised=frozenset({len(rows) - 1}),
    )


def _people(subject: Subject, *cells: Cell) -> TableCell:
    """The number of people as a class; where it is not given, why the figure is not."""
    known = next((cell.people_class for cell in cells if cell.people_class), None)
    return TableCell(known) if known else missing_cell(subject.language, cells[0].why or "too_few_people")


def elected_table(subject: Subject) -> Table | None:
    """Figures of elected representatives, per person; None where there are none."""
    say, period, published = subject.language, subject.period, subject.published
    if ELECTED not in published.person_groups(period):
        return None
    lines = (*REMM["step_10"][:1], *_TRIPS[:1], _DAYS, _COST[0], _CO2[1])
    rows = tuple(
        (
            TableCell(say(f"elected.{line.text}")),
            figure_cell(
                say, line.indicator, published.cell(period, line.indicator, line.measure, person_group=ELECTED)
            ),
        )
        for line in lines
    )
    return Table(
        "elected",
        say("elected.caption", period=say.period(period)),
        (say("elected.indicator"), say("elected.value")),
        rows,
        frozenset({1}),
    )
