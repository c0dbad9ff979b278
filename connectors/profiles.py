"""Profiles: readable TOML files that say what the columns, spellings and rows of an export mean.

A profile belongs to the project (``connectors/profiles/``) or to the user, who names its path. Its file name is its
name, and the name of the source whose rows it lands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.contract import SITES, STAFF, TRAVEL_SEGMENTS, Table
from connectors.errors import ConfigurationError
from connectors.values import Decimal, DistanceUnit

FileKind = Literal["travel", "staff", "sites"]
Reading = Literal[
    "text", "id", "code", "word", "flag", "currency", "whole", "number", "money", "distance", "moment", "month", "place"
]
"""How a cell is read. ``code``: the profile maps its spelling to a word of the contract's closed list; ``word``: to a
word of the profile's own; ``flag``: to true or false; ``id``: becomes a pseudonym. The rest as in ``values.py``."""

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
    "sites": {
        "site": "text",
        "municipality": "text",
        "latitude": "number",
        "longitude": "number",
    },
}
"""Per kind of file, the fields a profile can map. Most are columns of the landing table; ``person`` and ``vehicle``
land as keys, ``distance`` as ``distance_km``; ``duration_hours`` and ``co2_kg_per_km`` are only calculated with."""

REQUIRED: Mapping[FileKind, tuple[str, ...]] = {
    "travel": ("departed_at", "mode", "row_means"),
    "staff": ("month", "department"),
    "sites": ("site",),
}

_TABLE: Mapping[FileKind, Table] = {"travel": TRAVEL_SEGMENTS, "staff": STAFF, "sites": SITES}
_FOLDER = Path(__file__).with_name("profiles")
_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Part):
    """What kind of value names the traveller; ``prefix`` keeps numbers that are only unique within one system apart."""

    kind: Literal["employee_no", "mail", "upn", "other"] = "employee_no"
    prefix: str = ""


class Distance(_Part):
    """The unit of the distance column, and how many times it is travelled on a round trip (2: it is one way)."""

    unit: DistanceUnit = "km"
    times_on_round_trip: Literal[1, 2] = 1


class TripClassRule(_Part):
    """Words of one field that decide whether a meeting could replace the trip; the first rule that knows decides."""

    field: Literal["purpose", "vehicle_class", "mode"]
    meeting: tuple[str, ...] = ()
    service: tuple[str, ...] = ()


class Exclusion(_Part):
    """Rows left out under a name: those with one of these spellings in a column."""

    rule: str
    column: str
    values: tuple[str, ...]


class Lookup(_Part):
    """A second file beside the imported one: its columns are brought in where the key column agrees."""

    file: str
    key: str
    columns: tuple[str, ...]


class Profile(_Part):
    """What an export means."""

    name: str
    kind: FileKind
    description: str
    decimal: Decimal = ","
    covers: Literal["rows", "calendar_months", "register"] = "rows"
    """What period a file speaks for when nobody declares it: ``rows`` from its first to its last day,
    ``calendar_months`` whole months because the export is made by month, ``register`` the state of a day."""
    columns: Mapping[str, str | tuple[str, ...]]
    """Field to column heading, or to the headings it is known by; the first one found counts."""
    optional: tuple[str, ...] = ()
    """Fields whose column may be missing."""
    constants: Mapping[str, bool | int | str] = Field(default_factory=dict)
    values: Mapping[str, Mapping[str, bool | str]] = Field(default_factory=dict)
    """Field to spelling to meaning; the spelling ``""`` is an empty cell."""
    person: Person = Person()
    distance: Distance = Distance()
    trip_class: tuple[TripClassRule, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    lookup: tuple[Lookup, ...] = ()
    not_personal_numbers: tuple[str, ...] = ()
    """Columns whose ten digits are known to be something else than personal identity numbers."""

    def headings(self, field: str) -> tuple[str, ...]:
        """The headings a field is known by; none if the profile does not map it."""
        found = self.columns.get(field, ())
        return (found,) if isinstance(found, str) else tuple(found)


def closed_list(kind: FileKind, field: str) -> tuple[str, ...]:
    """The only words the contract allows in a field; empty where there is no such list."""
    column = _TABLE[kind].by_column.get(field)
    return column.values if column else ()


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
    try:
        profile = Profile.model_validate({**content, "name": path.stem})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"profile {path.name}: {where}: {first['msg']}") from None
    _check(path.name, profile)
    if kind is not None and profile.kind != kind:
        raise ConfigurationError(f"profile {path.name} is for {profile.kind} files: choose --as {profile.kind}")
    return profile


def _check(file: str, profile: Profile) -> None:
    """Refuse fields and words that the contract does not know, before a row is read with them."""
    fields = FIELDS[profile.kind]
    used = [*profile.columns, *profile.constants, *profile.values, *profile.optional]
    unknown = sorted(set(used) - set(fields))
    if unknown:
        raise ConfigurationError(f"profile {file}: unknown field {unknown[0]}; the fields are {', '.join(fields)}")
    missing = [field for field in REQUIRED[profile.kind] if not {field} & {*profile.columns, *profile.constants}]
    if missing:
        raise ConfigurationError(f"profile {file}: say which column is {missing[0]}, in [columns] or [constants]")
    meanings = {(field, meaning) for field, known in profile.values.items() for meaning in known.values()}
    for field, meaning in sorted(meanings | set(profile.constants.items()), key=str):
        if fields[field] == "flag" and not isinstance(meaning, bool):
            raise ConfigurationError(f"profile {file}: {field} is true or false, not {meaning!r}")
        words = closed_list(profile.kind, field)
        if words and meaning not in words:
            raise ConfigurationError(f"profile {file}: {field} {meaning!r} is not one of {', '.join(words)}")
