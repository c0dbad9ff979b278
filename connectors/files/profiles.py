"""Profiles: readable TOML files that say what the columns, spellings and rows of an export mean.

A profile belongs to the project (``ready_profiles/``) or to the user, who names its path. Its file name is its
name, and the name of the source whose rows it lands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from pydantic import Field, ValidationError

from connectors.contract import (
    DEPARTMENTS,
    ENDPOINTS,
    MEETING_COSTS,
    MEETING_TOTALS,
    MEETINGS,
    OUTCOMES,
    SITES,
    STAFF,
    SURVEY_ANSWERS,
    TRAINING,
    TRAVEL_SEGMENTS,
    TRAVEL_TOTALS,
    Table,
)
from connectors.errors import ConfigurationError
from connectors.files.dates import DateOrder
from connectors.files.profile_parts import (
    Distance,
    Exclusion,
    Join,
    Lookup,
    Own,
    Part,
    Person,
    Question,
    Times,
    TripClassRule,
)
from connectors.files.values import Decimal, period

FileKind = Literal[
    "travel", "staff", "departments", "sites", "survey", "training", "meeting_costs", "meetings", "meeting_totals",
    "travel_totals",
]  # fmt: skip
Reading = Literal[
    "text", "id", "code", "word", "flag", "currency", "whole", "number", "money", "score", "distance", "moment",
    "clock", "month", "place", "instant",
]  # fmt: skip
"""How a cell is read. ``code``: the profile maps its spelling to a word of the contract's closed list; ``word``: to a
word of the profile's own; ``flag``: to true or false; ``score``: to a number; ``id``: becomes a pseudonym;
``instant``: a time whose zone the profile tells. The rest as in ``values.py`` and ``dates.py``."""

MEETING_ROWS = ("connection", "meeting", "call", "conference_call", "media_server")
"""What a row of a meeting log means: one participant's joining and leaving; a whole meeting; a call of two, or one leg
of a conference that grew out of calls; or which media server carried a participant who has a row already."""

MEDIA = ("audio", "video", "screen", "audio_or_video", "instant_messages", "unknown")

FIELDS: Mapping[FileKind, Mapping[str, Reading]] = {
    "travel": {
        "booking_ref": "id",
        "person": "id",
        "vehicle": "id",
        "travellers": "whole",
        "department": "text",
        "person_group": "code",
        "departed_at": "moment",
        "arrived_at": "moment",
        "returned_at": "moment",
        "departed_time": "clock",
        "arrived_time": "clock",
        "returned_time": "clock",
        "duration_hours": "number",
        "time_zone": "text",
        "time_precision": "code",
        "mode": "code",
        "fuel": "code",
        "vehicle_class": "word",
        "is_own_car": "flag",
        "origin_place": "place",
        "destination_place": "place",
        "distance": "distance",
        "odometer_start": "distance",
        "odometer_end": "distance",
        "quantity": "number",
        "quantity_unit": "code",
        "amount": "money",
        "currency": "currency",
        "vat": "money",
        "is_net": "flag",
        "co2_kg_reported": "number",
        "co2_kg_per_km": "number",
        "cabin": "code",
        "purpose": "code",
        "row_means": "code",
    },
    "staff": {
        "month": "month",
        "department": "text",
        "person_group": "code",
        "headcount": "whole",
        "fte": "number",
    },
    "departments": {
        "source_value": "text",
        "department": "text",
        "valid_from": "moment",
        "valid_to": "moment",
    },
    "sites": {
        "site": "text",
        "municipality": "text",
        "latitude": "number",
        "longitude": "number",
    },
    "survey": {
        "question": "word",
        "department": "text",
        "round": "text",
        "answer": "score",
        "answers": "whole",
        "mean": "number",
        "share_positive": "number",
    },
    "training": {
        "month": "month",
        "department": "text",
        "role": "text",
        "trained": "whole",
        "person": "id",
    },
    "meeting_costs": {
        "month": "month",
        "modality": "code",
        "cost_type": "word",
        "amount": "money",
        "currency": "currency",
    },
    "meetings": {
        "row_means": "code",
        "row": "id",
        "meeting": "id",
        "platform": "code",
        "kind": "code",
        "started_at": "instant",
        "ended_at": "instant",
        "ended_time": "clock",
        "joined_at": "instant",
        "left_at": "instant",
        "duration_seconds": "number",
        "duration_minutes": "number",
        "duration_clock": "clock",
        "organiser": "id",
        "participant": "id",
        "is_internal": "flag",
        "endpoint": "code",
        "called_endpoint": "code",
        "room": "id",
        "media": "code",
        "outcome": "code",
        "is_conference": "flag",
        "participants_reported": "whole",
        "participant_minutes_reported": "number",
        "reported_modality": "code",
    },
    "meeting_totals": {
        "period": "text",
        "department": "text",
        "platform": "code",
        "modality": "code",
        "role": "code",
        "meetings": "whole",
        "participations": "whole",
        "person_minutes": "number",
        "person_hours": "number",
        "people": "whole",
    },
    "travel_totals": {
        "period": "text",
        "department": "text",
        "mode": "code",
        "fuel": "code",
        "length": "code",
        "trip_class": "code",
        "trips": "whole",
        "distance": "distance",
        "cost_sek": "money",
        "co2_kg": "number",
        "days": "number",
        "people": "whole",
    },
}
"""Per kind of file, the fields a profile can map. Most are columns of the landing table; ``person`` and ``vehicle``
land as keys, ``distance`` as ``distance_km``; times of day, odometers, ``duration_hours``, ``co2_kg_per_km``, single
answers and kinds of cost are only calculated with. Of meetings, whose rows land in several tables, most are."""

REQUIRED: Mapping[FileKind, tuple[str, ...]] = {
    "travel": ("departed_at", "mode", "row_means"),
    "staff": ("month", "department"),
    "departments": ("source_value", "department"),
    "sites": ("site",),
    "survey": ("round",),
    "training": ("month", "department"),
    "meeting_costs": ("month", "amount"),
    "meetings": ("row_means", "platform"),
    "meeting_totals": ("period", "role"),
    "travel_totals": ("period", "mode"),
}

_TABLE: Mapping[FileKind, Table] = {
    "travel": TRAVEL_SEGMENTS,
    "staff": STAFF,
    "departments": DEPARTMENTS,
    "sites": SITES,
    "survey": SURVEY_ANSWERS,
    "training": TRAINING,
    "meeting_costs": MEETING_COSTS,
    "meetings": MEETINGS,
    "meeting_totals": MEETING_TOTALS,
    "travel_totals": TRAVEL_TOTALS,
}
_OWN_WORDS: Mapping[tuple[FileKind, str], tuple[str, ...]] = {
    ("meetings", "row_means"): MEETING_ROWS,
    ("meetings", "media"): MEDIA,
    ("meetings", "endpoint"): ENDPOINTS,
    ("meetings", "called_endpoint"): ENDPOINTS,
    ("meetings", "outcome"): OUTCOMES,
}
"""Closed lists of fields that are no column of the kind's first table."""

_FOLDER = Path(__file__).with_name("ready_profiles")
_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


class Profile(Part):
    """What an export means."""

    name: str
    kind: FileKind
    description: str
    decimal: Decimal = ","
    date_order: DateOrder | None = None
    """How ``03/04/2024`` is meant, where the file's own dates do not settle it."""
    covers: Literal["rows", "calendar_months", "register", "declared"] = "rows"
    """What period a file speaks for when nobody declares it: ``rows`` from its first to its last day,
    ``calendar_months`` whole months because the export is made by month, ``register`` the state of a day;
    ``declared`` that somebody must, since the rows cannot tell."""
    columns: Mapping[str, str | tuple[str, ...]]
    """Field to column heading, or to the headings it is known by; the first one found counts."""
    optional: tuple[str, ...] = ()
    """Fields whose column may be missing."""
    constants: Mapping[str, bool | int | str] = Field(default_factory=dict)
    values: Mapping[str, Mapping[str, bool | float | str]] = Field(default_factory=dict)
    """Field to spelling to meaning; the spelling ``""`` is an empty cell."""
    starts_with: Mapping[str, Mapping[str, bool | str]] = Field(default_factory=dict)
    """Field to the beginning of a spelling to meaning, for cells of which only the beginning says something; the
    longest beginning counts, and ``""`` begins everything but an empty cell."""
    empty_cells: tuple[str, ...] = ()
    """What stands in a cell without a value, as ``NULL`` does in exports of databases."""
    join: tuple[Join, ...] = ()
    times: Times = Times()
    own: Own = Own()
    person: Person = Person()
    distance: Distance = Distance()
    fill_down: tuple[str, ...] = ()
    """Columns in which an empty cell repeats the one above it, as below a merged cell."""
    trip_class: tuple[TripClassRule, ...] = ()
    rates: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    """Currency to period (``2025``, ``2025-03``) to kronor for one unit; the shortest period around a day counts."""
    questions: Mapping[str, Question] = Field(default_factory=dict)
    """Survey question by its id."""
    allocation: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    """Kind of cost to modality to its share; the shares of a kind add up to 1."""
    exclude: tuple[Exclusion, ...] = ()
    lookup: tuple[Lookup, ...] = ()
    not_personal_numbers: tuple[str, ...] = ()
    """Columns whose ten digits are known to be something else than personal identity numbers."""

    def headings(self, field: str) -> tuple[str, ...]:
        """The headings a field is known by; none if the profile does not map it."""
        found = self.columns.get(field, ())
        return (found,) if isinstance(found, str) else tuple(found)

    def all_headings(self) -> set[str]:
        """Every heading the profile knows."""
        named = {heading for field in self.columns for heading in self.headings(field)}
        asked = {question.column for question in self.questions.values() if question.column}
        excluding = {heading for rule in self.exclude for heading in rule.headings}
        joined = {heading for join in self.join for headings in join.headings for heading in headings}
        return named | asked | excluding | joined | {lookup.key for lookup in self.lookup}


def closed_list(kind: FileKind, field: str) -> tuple[str, ...]:
    """The only words the contract allows in a field; empty where there is no such list."""
    column = _TABLE[kind].by_column.get(field)
    return column.values if column else _OWN_WORDS.get((kind, field), ())


def is_required(kind: FileKind, field: str) -> bool:
    """Whether the contract wants a value in every row."""
    column = _TABLE[kind].by_column.get(field)
    return column is not None and not column.nullable


def available_profiles(kind: FileKind) -> dict[str, str]:
    """The project's own profiles of a kind: name to description."""
    found = (load_profile(path.stem, None) for path in sorted(_FOLDER.glob("*.toml")))
    return {profile.name: profile.description for profile in found if profile.kind == kind}


def load_profile(name_or_path: str, kind: FileKind | None) -> Profile:
    """Read a profile by the name of one of the project's, or by the path of a TOML file.

    Raises:
        ConfigurationError: there is none, it is for another kind of file, or it is not a valid profile.
    """
    path = Path(name_or_path) if name_or_path.endswith(".toml") else _FOLDER / f"{name_or_path}.toml"
    if not _NAME.fullmatch(path.stem):
        raise ConfigurationError(f"a profile's file is named with a–z, 0–9 and _ only: rename {path.name}")
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        choice = f"choose one of {', '.join(available_profiles(kind))}" if kind else "check the path"
        raise ConfigurationError(f"no profile {name_or_path}: {choice}, or give the path of a .toml file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"profile {path.name} cannot be read: {error}") from None
    profile = profile_of(path.name, {**content, "name": path.stem})
    if kind is not None and profile.kind != kind:
        raise ConfigurationError(f"profile {path.name} is for {profile.kind} files: choose --as {profile.kind}")
    return profile


def profile_of(file: str, content: Mapping[str, object]) -> Profile:
    """Make a profile of what a TOML file says.

    Raises:
        ConfigurationError: it is not a valid profile; the message names the file and the place in it.
    """
    try:
        profile = Profile.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"profile {file}: {where}: {first['msg']}") from None
    _check(file, profile)
    for check in (_check_rates, _check_allocation, _check_questions, _check_meetings):
        check(file, profile)
    return profile


def _check(file: str, profile: Profile) -> None:
    """Refuse fields and words that the contract does not know, before a row is read with them."""
    fields = FIELDS[profile.kind]
    used = [*profile.columns, *profile.constants, *profile.values, *profile.starts_with, *profile.optional]
    unknown = sorted(set(used) - set(fields))
    if unknown:
        raise ConfigurationError(f"profile {file}: unknown field {unknown[0]}; the fields are {', '.join(fields)}")
    said = {*profile.columns, *profile.constants}
    missing = [field for field in REQUIRED[profile.kind] if field not in said]
    if missing:
        raise ConfigurationError(f"profile {file}: say which column is {missing[0]}, in [columns] or [constants]")
    meanings = {(field, meaning) for field, known in profile.values.items() for meaning in known.values()}
    meanings |= {(field, meaning) for field, known in profile.starts_with.items() for meaning in known.values()}
    for field, meaning in sorted(meanings | set(profile.constants.items()), key=str):
        if fields[field] == "flag" and not isinstance(meaning, bool):
            raise ConfigurationError(f"profile {file}: {field} is true or false, not {meaning!r}")
        words = closed_list(profile.kind, field)
        if words and meaning not in words:
            raise ConfigurationError(f"profile {file}: {field} {meaning!r} is not one of {', '.join(words)}")


def _check_rates(file: str, profile: Profile) -> None:
    for currency, rates in profile.rates.items():
        if not re.fullmatch("[A-Z]{3}", currency) or currency == "SEK":
            raise ConfigurationError(f"profile {file}: [rates.{currency}] is named by a currency such as EUR")
        for when, rate in rates.items():
            period(when)
            if rate <= 0:
                raise ConfigurationError(f"profile {file}: the rate of {currency} in {when} is not above zero")


def _check_allocation(file: str, profile: Profile) -> None:
    if profile.kind != "meeting_costs":
        return
    if not {"modality", "cost_type"} & {*profile.columns, *profile.constants}:
        raise ConfigurationError(f"profile {file}: say which column is modality or cost_type, in [columns]")
    words = [word for word in closed_list(profile.kind, "modality") if word != "unknown"]
    for cost_type, shares in profile.allocation.items():
        if set(shares) - set(words) or abs(sum(shares.values()) - 1) > 1e-9 or min(shares.values()) < 0:
            raise ConfigurationError(
                f"profile {file}: the shares in [allocation] {cost_type} are of {', '.join(words)} and add up to 1"
            )
    types = {*profile.values.get("cost_type", {}).values(), profile.constants.get("cost_type")}
    unsaid = sorted({str(word) for word in types if word} - set(profile.allocation))
    if unsaid:
        raise ConfigurationError(f"profile {file}: say in [allocation] how {unsaid[0]} is shared between modalities")


def _check_questions(file: str, profile: Profile) -> None:
    if profile.kind != "survey":
        return
    said = {*profile.columns, *profile.constants}
    is_wide = any(question.column for question in profile.questions.values())
    if is_wide == ("question" in said) or ("question" in said and not said & {"answer", "answers"}):
        raise ConfigurationError(
            f"profile {file}: give every question its column in [questions], or say in [columns] which column is "
            "question and which is answer or answers"
        )


def _check_meetings(file: str, profile: Profile) -> None:
    if profile.kind != "meetings":
        return
    if profile.times.zone not in available_timezones():
        raise ConfigurationError(f"profile {file}: [times] zone is a time zone such as UTC or Europe/Stockholm")
    if not {"started_at", "joined_at"} & set(profile.columns):
        raise ConfigurationError(f"profile {file}: say which column is started_at or joined_at, in [columns]")
