"""Looks at a file before anything is imported: what its columns and words mean, and what is not understood.

For the person in front of the screen only: nothing is stored, and no name, number or booking is shown.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import polars as pl

from connectors.errors import ConfigurationError
from connectors.files.kinds import read_rows
from connectors.files.mapped_rows import Understood
from connectors.files.profile_text import profile_toml
from connectors.files.profiles import FileKind, Profile, load_profile
from connectors.files.proposals import propose
from connectors.files.synonyms import synonyms
from connectors.files.table_files import read_table
from connectors.files.texts import read_bytes, read_file, refuse_personal_numbers
from connectors.pseudonyms import KEY_BYTES, Pseudonyms

SHOWN_ROWS = 10


@dataclass(frozen=True)
class Inspection:
    """What a file looks like.

    Attributes:
        file: its name.
        profile: the proposed profile, or the one asked for.
        rows: the first rows as understood, field to value as text; fields without a value are left out.
        rows_read: rows below the header, those that are totals or headers again not counted.
        rows_understood: of them, those whose meaning is known and whose every needed field is read.
        reasons: (reason, field) to rejected rows.
        excluded_by: rule to rows that are not the file's own.
        unknown_values: (field, spelling) to rows.
        notes: what was assumed.
    """

    file: str
    profile: Profile
    rows: tuple[Mapping[str, str], ...]
    rows_read: int
    rows_understood: int
    reasons: Mapping[tuple[str, str], int]
    excluded_by: Mapping[str, int]
    unknown_values: Mapping[tuple[str, str], int]
    notes: tuple[str, ...]

    @property
    def share_understood(self) -> float | None:
        """Of the rows, 0–1; None for a file without rows."""
        return self.rows_understood / self.rows_read if self.rows_read else None

    def profile_toml(self) -> str:
        """The profile as readable TOML."""
        return profile_toml(self.profile, self.notes)

    def write_profile(self, path: Path) -> None:
        """Write the profile where the user can correct it.

        Raises:
            ConfigurationError: there is a file already, or it cannot be written.
        """
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(self.profile_toml())
        except FileExistsError:
            raise ConfigurationError(f"{path} exists: choose another name for the proposed profile") from None
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be written ({error.strerror}): choose another folder") from None

    def __str__(self) -> str:
        share = "–" if self.share_understood is None else f"{self.share_understood:.1%}"
        lines = [f"{self.file}: {self.rows_understood} of {self.rows_read} rows understood ({share})"]
        lines += [f"not understood: {name} {reason}: {count}" for (reason, name), count in self.reasons.items()]
        lines += [f"left out: {rule}: {count}" for rule, count in self.excluded_by.items()]
        lines += [f"unknown word: {name} “{word}”: {count}" for (name, word), count in self.unknown_values.items()]
        lines += [f"row: {', '.join(f'{name} {value}' for name, value in row.items())}" for row in self.rows]
        return "\n".join([*lines, "", self.profile_toml().rstrip()])

    def to_json(self) -> str:
        """First rows, share understood, unknown values (field to spelling to rows) and profile as JSON."""
        unknown: dict[str, dict[str, int]] = {}
        for (name, spelling), count in self.unknown_values.items():
            unknown.setdefault(name, {})[spelling] = count
        content = {
            "rows": [dict(row) for row in self.rows],
            "share_understood": self.share_understood,
            "unknown_values": unknown,
            "profile": self.profile.model_dump(mode="json", exclude_defaults=True),
        }
        return json.dumps(content, ensure_ascii=False, indent=1)


def inspect(
    path: Path, kind: FileKind | None = None, pseudonyms: Pseudonyms | None = None, profile: str | None = None
) -> Inspection:
    """Look at a file: propose a profile, or try one.

    Args:
        path: the file.
        kind: what it holds; None for what it looks most like, or what the profile reads.
        pseudonyms: of the organisation; without them the file is read with a key that is thrown away.
        profile: the name or path of a profile to try; without one, a profile is proposed.

    Raises:
        ConfigurationError: the file is no table, holds personal identity numbers, or lacks a column the kind needs.
    """
    notes: list[str] = []
    if profile is not None:
        meaning = load_profile(profile, kind)
        table = read_file(path, meaning)
    elif kind is None:
        return _likeliest(path, pseudonyms)
    else:
        known = synonyms(kind).headings()
        table = read_table(path.name, read_bytes(path), known)
        refuse_personal_numbers(table, ())
        meaning, notes = propose(table, kind)
    found = read_rows(table, meaning, pseudonyms or Pseudonyms(secrets.token_bytes(KEY_BYTES)))
    own = found.outcome.filter(pl.col("rule").is_null())
    rejected = own.filter(pl.col("reason").is_not_null()).group_by("reason", "field").len().sort("len", "field")
    excluded = found.outcome.drop_nulls("rule").group_by("rule").len().sort("rule")
    return Inspection(
        file=path.name,
        profile=meaning,
        rows=_shown(found),
        rows_read=own.height,
        rows_understood=own["reason"].null_count() - found.doubtful,
        reasons={(reason, name): count for reason, name, count in rejected.iter_rows()},
        excluded_by=dict(excluded.iter_rows()),
        unknown_values=found.unknown_values,
        notes=tuple(notes),
    )


def _likeliest(path: Path, pseudonyms: Pseudonyms | None) -> Inspection:
    """The file as the kind of which it has the most columns, counted by the rows that are understood with them."""
    found: list[Inspection] = []
    refusals: dict[str, ConfigurationError] = {}
    for kind in get_args(FileKind):
        try:
            found.append(inspect(path, kind, pseudonyms))
        except ConfigurationError as error:
            refusals[str(error)] = error
    if not found and len(refusals) == 1:
        raise next(iter(refusals.values()))  # whatever it were, it could not be read
    if not found:
        raise ConfigurationError(
            f"{path.name}: its columns look like none of {', '.join(get_args(FileKind))}: say what it holds (--as), "
            "and what is missing is named"
        )
    best = max(found, key=lambda each: len(each.profile.columns) * (each.share_understood or 0.0))
    assumed = f"taken for a file of {best.profile.kind}, since nobody said what it holds"
    return replace(best, notes=(assumed, *best.notes))


def _shown(found: Understood) -> tuple[dict[str, str], ...]:
    hidden = [name for name in found.rows.columns if name.endswith("_key") or name == "booking_ref"]
    rows = found.rows.drop(hidden).head(SHOWN_ROWS)
    return tuple({name: str(value) for name, value in row.items() if value is not None} for row in rows.to_dicts())
