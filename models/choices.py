"""What an organisation says of itself beside the counting rules: sources, targets, actions, and which rows count."""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from models.method import Month


class ExpectedSource(BaseModel):
    """A source that the figures need, and for which months."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    kind: Literal["meetings", "travel", "staff", "directory", "bookings"]
    expected_from: Month | None = None
    """None: from the first month anything is known of the source."""
    expected_to: Month | None = None
    """None: until the last finished month."""
    filled_by: str | None = None
    """The source of totals that stand in for it in months of which it told nothing."""


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
