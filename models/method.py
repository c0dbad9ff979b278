"""The method's settings: what an organisation may decide about the counting, each printed in every report.

The models read them as one row, ``settings_method``; reports print them from ``out_settings``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, get_args

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

METHOD_VERSION = "2026.1"


def _setting(default: Any, unit: str, sv: str, en: str, **limits: Any) -> Any:
    return Field(default, description=en, json_schema_extra={"unit": unit, "sv": sv}, **limits)


Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class MethodSettings(BaseModel):
    """What an organisation may decide about the counting; the defaults are the method's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    baseline_from: Month = _setting(
        "2019-01", "month", "Jämförelseperiodens första månad", "First month of the baseline"
    )
    baseline_to: Month = _setting("2019-12", "month", "Jämförelseperiodens sista månad", "Last month of the baseline")
    meetings_baseline_from: Month | None = _setting(
        None, "month", "Jämförelseperiodens första månad för möten, om en annan än för resor",
        "First month of the baseline for meetings, where it is another than for travel",
    )  # fmt: skip
    meetings_baseline_to: Month | None = _setting(
        None, "month", "Jämförelseperiodens sista månad för möten, om en annan än för resor",
        "Last month of the baseline for meetings, where it is another than for travel",
    )  # fmt: skip
    web_min_people: int = _setting(
        2,
        "people",
        "Minsta antal personer eller rum i ett webb- eller videomöte",
        "Fewest people or rooms in a web or video meeting",
        ge=2,
    )
    phone_min_people: int = _setting(
        3, "people", "Minsta antal personer i ett telefonmöte", "Fewest people in a telephone meeting", ge=2
    )
    meeting_min_minutes: float = _setting(
        0.0, "minutes", "Minsta längd för att ett möte ska räknas", "Shortest meeting that counts", ge=0
    )
    long_trip_km: float = _setting(
        100.0, "km one way", "Gräns mellan kort och lång resa", "Boundary between a short and a long trip", gt=0
    )
    odd_duration_days: int = _setting(
        90,
        "days",
        "Längre resor än så får okänt antal resdagar",
        "Trips longer than this have unknown travel days",
        ge=1,
    )
    longest_stay_days: int = _setting(
        30,
        "days",
        "Längsta vistelse mellan två resdelar som hör till samma resa",
        "Longest stay between two legs of one journey",
        ge=1,
        le=89,
    )
    evening_from: int = _setting(
        18, "hour of the day", "Timme då kvällstid börjar", "Hour at which the evening begins", ge=12, le=23
    )
    evening_to: int = _setting(
        6, "hour of the day", "Timme då natten är slut", "Hour at which the night is over", ge=0, le=11
    )
    short_meeting_minutes: float = _setting(
        15.0, "minutes", "Längsta längd för ett kort möte", "Longest length of a short meeting", gt=0
    )
    replacement_question: str = _setting(
        "replaced_trip",
        "",
        "Enkätfråga om mötet ersatte en resa",
        "Survey question whether the meeting replaced a trip",
    )
    scenario_min_km: float = _setting(
        20.0, "km one way", "Kortaste resa i scenariot", "Shortest trip of the scenario", gt=0
    )
    meeting_g_per_hour: float = _setting(
        20.0, "g CO2e per participant-hour", "Webb- och videomötens klimatpåverkan", "Impact of web and video meetings",
        ge=0,
    )  # fmt: skip
    phone_g_per_hour: float = _setting(
        2.5, "g CO2e per participant-hour", "Telefonmötens klimatpåverkan", "Impact of telephone meetings", ge=0
    )
    cost_multiplier: float = _setting(
        2.0, "times", "Tumregel för resans hela kostnad", "Rule of thumb for the full cost of a trip", ge=1
    )
    factor_set: str = _setting("resfri-2026", "", "Uppsättning utsläppsfaktorer", "Set of emission factors")
    k: int = _setting(
        8, "people", "Minsta antal personer bakom en publicerad siffra", "Fewest people behind a published figure", ge=5
    )
    closes_on_day: int = _setting(
        15, "day of next month", "Dag då föregående månad stängs", "Day on which the previous month closes", ge=1, le=28
    )
    published_share: float = _setting(
        0.80,
        "share",
        "Minsta kända andel för att en summa ska publiceras",
        "Smallest known share for a sum to be published",
        gt=0,
        le=1,
    )
    flagged_share: float = _setting(
        0.95, "share", "Under denna kända andel flaggas summan", "Below this known share a sum is flagged", gt=0, le=1
    )
    comparable_points: float = _setting(
        0.05, "share", "Största skillnad i känd andel mellan jämförda perioder",
        "Largest difference in known share between compared periods", gt=0, le=1,
    )  # fmt: skip

    staff_change_share: float = _setting(
        0.25, "share", "Största förändring av en förvaltnings årsarbetskrafter mellan två månader som är trolig",
        "Largest change of a department's full-time equivalents between two months that is likely", gt=0,
    )  # fmt: skip
    reconcile_share: float = _setting(
        0.05, "share", "Största skillnad mot leverantörens egen räkning innan någon ska titta på den",
        "Largest difference from the vendor's own count before somebody has to look at it", ge=0, le=1,
    )  # fmt: skip
    reconcile_least: int = _setting(
        5, "records", "Minsta antal som skiljer innan någon ska titta på det",
        "Fewest records that differ before somebody has to look at it", ge=1,
    )  # fmt: skip
    reconcile_days: int = _setting(
        62, "days", "Så långt tillbaka som skillnader ska utredas",
        "How far back differences are to be looked into", ge=1,
    )  # fmt: skip

    @model_validator(mode="after")
    def _baseline_is_a_year_at_most(self) -> MethodSettings:
        if (self.meetings_baseline_from is None) != (self.meetings_baseline_to is None):
            raise ValueError("say both meetings_baseline_from and meetings_baseline_to, or neither")
        for prefix, span in (("", self._baseline), ("meetings_", self._meetings_baseline)):
            first, last = (date.fromisoformat(f"{month}-01") for month in span)
            months = (last.year - first.year) * 12 + last.month - first.month + 1
            if not 1 <= months <= 12:
                raise ValueError(
                    f"the baseline runs from {prefix}baseline_from to {prefix}baseline_to and holds 1 to 12 months"
                )
        return self

    @property
    def _baseline(self) -> tuple[str, str]:
        return self.baseline_from, self.baseline_to

    @property
    def _meetings_baseline(self) -> tuple[str, str]:
        return self.meetings_baseline_from or self.baseline_from, self.meetings_baseline_to or self.baseline_to

    @property
    def baseline_label(self) -> str:
        """The baseline as reports name it: ``2019`` for a calendar year, else ``2024-11/2025-10``."""
        return _label(*self._baseline)

    @property
    def meetings_baseline_label(self) -> str:
        """The baseline of what compares meetings, named the same way."""
        return _label(*self._meetings_baseline)


class ExpectedSource(BaseModel):
    """A source that the figures need, and for which months."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    kind: Literal["meetings", "travel", "staff", "directory", "bookings"]
    expected_from: Month | None = None
    """None: from the first month anything is known of the source."""
    expected_to: Month | None = None
    """None: until the last finished month."""


AuthorityQuantity = Literal["trips", "cost", "fuel"]
AUTHORITY_QUANTITIES: tuple[AuthorityQuantity, ...] = get_args(AuthorityQuantity)


class TripClassRule(BaseModel):
    """Whether a meeting could replace trips of a class of vehicle or department that do not say it themselves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Literal["vehicle_class", "department"]
    value: str
    trip_class: Literal["meeting", "service"]


class Target(BaseModel):
    """Where an indicator is to be in a year, as a share more or less than in a base year."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    indicator: str
    measure: str
    base_year: int
    base_value: float | None = None
    """None: the value of the base year as resfri computes it."""
    change: float
    """-0.2 is a fifth less."""
    year: int

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Target:
        if self.change == 0 or self.year <= self.base_year:
            raise ValueError("a target is a change other than 0, in a year after base_year")
        return self


class Action(BaseModel):
    """What was done to travel less, and when; every time line shows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    kind: Literal["policy", "training", "rooms", "tools", "other"] = "other"
    sv: str
    en: str = ""


class Authority(BaseModel):
    """Which sources count where several tell of the same travel; the others are cross-checks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantity: AuthorityQuantity
    mode: str
    vehicle_class: str | None = None
    """None: whatever the vehicle."""
    sources: tuple[str, ...]
    """More than one where none of them holds a journey that another holds."""


OTHERS: Mapping[str, Any] = {
    "organisation": pl.String,
    "period_kind": pl.String,
    "period_end": pl.Date,
    "baseline": pl.String,
    "indicator": pl.String,
    "measure": pl.String,
    "dimension_2": pl.String,
    "value_2": pl.String,
    "value": pl.Float64,
}
"""Columns of other organisations' figures: published ones, of the whole organisation, undivided."""
_TARGETS: Mapping[str, Any] = {
    "target": pl.String,
    "target_name": pl.String,
    "indicator": pl.String,
    "measure": pl.String,
    "base_year": pl.Int64,
    "base_value": pl.Float64,
    "target_change": pl.Float64,
    "target_year": pl.Int64,
}


def input_tables(
    organisation: str,
    name: str,
    method: MethodSettings,
    sources: list[ExpectedSource],
    as_of: date,
    authorities: Sequence[Authority] = (),
    factors: pl.DataFrame | None = None,
    trip_classes: Sequence[TripClassRule] = (),
    targets: Mapping[str, Target] | None = None,
    actions: Sequence[Action] = (),
    others: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """The settings as the tables the models read.

    Args:
        organisation: id of the organisation.
        name: its name in reports.
        method: the counting rules.
        sources: the sources expected.
        as_of: the day the figures are computed for; decides which periods are closed.
        authorities: which sources count where several tell of the same travel.
        factors: the emission factors to take instead of the project's own.
        trip_classes: what counts as a meeting or as service where a trip does not say it itself.
        targets: where indicators are to be, by the target's key.
        actions: what was done, and when.
        others: published figures of organisations to compare with, in the columns of ``OTHERS``.

    Returns:
        ``settings_method`` (one row), ``settings_sources`` (a row per source), ``settings_authorities`` (a row per
        source that counts), ``settings_trip_classes`` (a row per rule), ``settings_targets``, ``settings_actions``,
        ``settings_others`` (a row per figure of another organisation) and ``settings_printed`` (a row per setting, as
        text, for reports); with ``ref_emission_factors`` if factors were given.
    """
    values = method.model_dump()
    facts: dict[str, object] = {
        "organisation": organisation,
        "organisation_name": name,
        "as_of": as_of,
        "method_version": METHOD_VERSION,
        "baseline_label": method.baseline_label,
    }
    typed = facts | values
    typed["meetings_baseline_label"] = method.meetings_baseline_label
    for key in ("baseline_from", "baseline_to"):
        typed[key] = date.fromisoformat(f"{values[key]}-01")
        typed[f"meetings_{key}"] = date.fromisoformat(f"{values[f'meetings_{key}'] or values[key]}-01")
    fields = MethodSettings.model_fields
    texts = {
        "organisation_name": ("Organisation", "Organisation"),
        "as_of": ("Beräknad för", "Computed for"),
        "method_version": ("Metodversion", "Method version"),
        "baseline_label": ("Jämförelseperiod", "Baseline"),
    }
    printed = [
        {"setting": key, "value": str(facts[key]), "unit": "", "description_sv": sv, "description_en": en}
        for key, (sv, en) in texts.items()
    ] + [
        {"setting": key, "value": "–" if value is None else str(value), "unit": _extra(fields[key], "unit"),
         "description_sv": _extra(fields[key], "sv"), "description_en": fields[key].description or ""}
        for key, value in values.items()
    ]  # fmt: skip
    own = {} if factors is None else {"ref_emission_factors": factors}
    return own | {
        "settings_method": pl.DataFrame([typed]),
        "settings_sources": pl.DataFrame(
            [
                {
                    "source": s.source,
                    "kind": s.kind,
                    "expected_from": _first_day(s.expected_from),
                    "expected_to": _first_day(s.expected_to),
                }
                for s in sources
            ],
            schema={"source": pl.String, "kind": pl.String, "expected_from": pl.Date, "expected_to": pl.Date},
        ),
        "settings_authorities": pl.DataFrame(
            [(each.quantity, each.mode, each.vehicle_class, source) for each in authorities for source in each.sources],
            schema=dict.fromkeys(("quantity", "mode", "vehicle_class", "source"), pl.String),
            orient="row",
        ),
        "settings_trip_classes": pl.DataFrame(
            [(each.by, each.value, each.trip_class) for each in trip_classes],
            schema=dict.fromkeys(("rule", "rule_value", "trip_class"), pl.String),
            orient="row",
        ),
        "settings_targets": pl.DataFrame(
            [
                (key, each.name, each.indicator, each.measure, each.base_year, each.base_value, each.change, each.year)
                for key, each in (targets or {}).items()
            ],
            schema=_TARGETS,
            orient="row",
        ),
        "settings_actions": pl.DataFrame(
            [(each.on, each.kind, each.sv, each.en or each.sv) for each in actions],
            schema={"action_on": pl.Date, "kind": pl.String, "name_sv": pl.String, "name_en": pl.String},
            orient="row",
        ),
        "settings_others": pl.DataFrame(schema=OTHERS) if others is None else others,
        "settings_printed": pl.DataFrame(printed),
    }


def _label(first: str, last: str) -> str:
    year = first[:4]
    return year if (first, last) == (f"{year}-01", f"{year}-12") else f"{first}/{last}"


def _extra(field: Any, key: str) -> str:
    return str(field.json_schema_extra[key])


def _first_day(month: str | None) -> date | None:
    return None if month is None else date.fromisoformat(f"{month}-01")
