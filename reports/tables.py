"""The tables of departments, elected representatives and REMM's measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reports.content import DASH, Table, TableCell, figure_cell, missing_cell, words
from reports.coverage import are_levels_comparable
from reports.published import ALL, NOT_PUBLISHED
from reports.subject import Subject

ELECTED = "elected"
_ANY_DISTANCE = 1e6
"""Kilometres beyond any journey: a band that ends here has no end."""
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
        RemmRow("attitude", "meeting_attitude", "mean", absent="not_collected_survey"),
    ),
    "step_9": (
        _MEETINGS,
        _ATTENDED,
        RemmRow("satisfaction", "meeting_attitude", "mean", absent="not_collected_survey"),
        _MEETING_COST,
        *_TRIPS,
        *_COST,
        _DAYS,
        *_CO2,
        RemmRow("share", "digital_share", "meetings"),
        RemmRow("share_persons", "digital_share", "persons", is_part=True),
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
    is_comparable = are_levels_comparable(subject, line.indicator)
    absent = now.reason == NOT_PUBLISHED and line.absent != NOT_PUBLISHED
    value = missing_cell(say, line.absent) if absent else figure_cell(say, line.indicator, now)
    earlier = missing_cell(say, line.absent) if absent else figure_cell(say, line.indicator, before)
    remarks: list[str] = []
    if absent and line.is_part:
        pass  # the line it is part of says why
    elif absent:
        remarks.append(say.reason(line.absent))
    elif not now.is_known:
        remarks.append(say.reason(now.reason))
    if now.is_known and before.is_known and not is_comparable and not line.is_part:
        remarks.append(say("headline.levels_differ"))
    if line.change is None:
        change = TableCell(say("remm.change_none"), is_quiet=True)
    else:
        compared = subject.comparison("travel_change", line.change)
        change = figure_cell(say, "travel_change", compared)
        if not compared.is_known and now.is_known:
            remarks.append(say.reason(compared.reason))
        elif compared.basis == "total":
            remarks.append(say("remm.change_total"))
    if now.known_share is not None and now.known_share < float(subject.published.setting("flagged_share")):
        remarks.append(say("note.flagged", share=say.share(now.known_share)))
    return (TableCell(_remm_name(subject, line)), value, earlier, change, TableCell(" ".join(_stops(remarks))))


def _remm_name(subject: Subject, line: RemmRow) -> str:
    say = subject.language
    kilometres = say.number(float(subject.published.setting("long_trip_km")))
    return say(f"remm.{line.text}", value=say.word("modality", line.breakdown[1]), km=kilometres)


def _stops(texts: Sequence[str]) -> list[str]:
    return [text if text.endswith(".") else f"{text}." for text in texts]


def departments_table(subject: Subject) -> Table | None:
    """Departments beside the whole organisation; None where none are published for the period."""
    say, period = subject.language, subject.period
    names = subject.published.departments(period)
    if not names:
        return None
    keys = ("department", "meetings", "trips", "replacement", "co2", "people")
    rows = tuple(_department_line(subject, name) for name in (*names, ALL))
    return Table(
        "departments",
        say("departments.caption", period=say.period(period)),
        tuple(say(f"departments.{key}") for key in keys),
        rows,
        frozenset({1, 2, 3, 4, 5}),
        emphasised=frozenset({len(rows) - 1}),
    )


def _department_line(subject: Subject, department: str) -> tuple[TableCell, ...]:
    say, published, period = subject.language, subject.published, subject.period
    meetings = published.cell(period, "digital_meetings_per_fte", "organised", department=department)
    trips = published.cell(period, "trips_per_fte", "trips", department=department)
    rate = published.comparison(period, "replacement_rate", "trips", department=department)
    co2 = published.cell(period, "travel_co2_per_fte", "co2e_kg", department=department)
    people = trips.people_class or meetings.people_class
    return (
        TableCell(say("departments.all") if department == ALL else department),
        figure_cell(say, "digital_meetings_per_fte", meetings),
        figure_cell(say, "trips_per_fte", trips),
        figure_cell(say, "replacement_rate", rate),
        figure_cell(say, "travel_co2_per_fte", co2),
        TableCell(people) if people else missing_cell(say, NOT_PUBLISHED),
    )


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


def settings_table(subject: Subject) -> Table:
    """Every setting that decided how the figures were counted."""
    say = subject.language
    rows = tuple(
        (
            TableCell(row[f"description_{say.code}"] or row["setting"]),
            *words(_setting_value(subject, row["value"], row["unit"])),
        )
        for row in subject.published.settings.iter_rows(named=True)
    )
    return Table("settings", say("method.settings_caption"), (say("method.setting"), say("method.value")), rows)


def _setting_value(subject: Subject, value: str, unit: str | None) -> str:
    say = subject.language
    try:
        number = float(value)
    except ValueError:
        return value
    if unit == "share":
        return say.share(number)
    if not unit:
        return value
    written = say.number(number, 0 if number.is_integer() else 2)
    return say(f"setting_unit.{unit}", n=written) if say.has("setting_unit", unit) else f"{written} {unit}"


def factors_table(subject: Subject) -> Table:
    """The emission factors, each with its source and how well it is sourced."""
    say = subject.language
    keys = ("factor_for", "gas", "boundary", "value", "year", "status", "source")
    rows = []
    for row in subject.published.factors.sort("mode", "gas", "from_km", "fuel", "cabin").iter_rows(named=True):
        value = missing_cell(say, NOT_PUBLISHED)
        if row["kg_per_km"] is not None:
            value = TableCell(f"{say.number(row['kg_per_km'], 4)} kg/{row['unit']}", row["kg_per_km"])
        rows.append(
            (
                *words(_applies(subject, row), say.word("gas", row["gas"]), say.word("boundary", row["boundary"])),
                value,
                *words(str(row["valid_year"] or DASH), say.word("factor_status", row["status"]), row["source"] or DASH),
            )
        )
    caption = say("method.factors_caption", factor_set=subject.published.setting("factor_set"))
    return Table("factors", caption, tuple(say(f"method.{key}") for key in keys), tuple(rows), frozenset({3}))


def _applies(subject: Subject, factor: dict[str, Any]) -> str:
    """What a factor is for: mode, fuel, cabin and distance."""
    say = subject.language
    parts = [say.word("factor_detail", factor[key]) for key in ("fuel", "cabin") if factor[key] not in {None, "any"}]
    low, high = factor["from_km"] or 0.0, factor["below_km"] or _ANY_DISTANCE
    if low > 0 and high < _ANY_DISTANCE:
        parts.append(say("method.between_km", low=say.number(low), high=say.number(high)))
    elif low > 0:
        parts.append(say("method.from_km", low=say.number(low)))
    elif high < _ANY_DISTANCE:
        parts.append(say("method.below_km", high=say.number(high)))
    return ", ".join([say.word("mode", factor["mode"]), *parts])
