"""The method's settings: what an organisation may decide about the counting, each printed in every report.

The models read them as one row, ``settings_method``; reports print them from ``out_settings``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

METHOD_VERSION = "2026.2"


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


def _label(first: str, last: str) -> str:
    year = first[:4]
    return year if (first, last) == (f"{year}-01", f"{year}-12") else f"{first}/{last}"
