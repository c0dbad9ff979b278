"""Reads a file and what its profile looks up beside it as texts, and stops at personal identity numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import polars as pl

from connectors.errors import ConfigurationError
from connectors.files.personal_numbers import first_personal_number, holds_personal_number
from connectors.files.profiles import Profile
from connectors.files.refusals import NotDescribed
from connectors.files.table_files import LARGEST_FILE, ROW_NUMBER, TextTable, read_table


def read_file(path: Path, profile: Profile) -> TextTable:
    """A file as texts, with what its profile looks up beside it.

    Raises:
        NotDescribed: the file or one beside it lacks a column that the profile needs.
        ConfigurationError: one of them is no table, or holds personal identity numbers.
    """
    table = read_table(path.name, read_bytes(path), profile.all_headings())
    known = {heading for name in profile.columns for heading in profile.headings(name)}
    refuse_personal_numbers(table, known, profile.not_personal_numbers)
    return _bring_in(path, table, profile)


def read_bytes(path: Path) -> bytes:
    """The file's content.

    Raises:
        ConfigurationError: it cannot be read, or would not fit in memory.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ConfigurationError(
                f"{path.name} is larger than {LARGEST_FILE // 1_000_000} MB: split it, for example by year"
            )
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}): check the path") from None


def refuse_personal_numbers(table: TextTable, known: Collection[str], allowed: Collection[str] = ()) -> None:
    """Stop before anything is kept of a file with personal identity numbers, in whatever column; none is repeated.

    Args:
        table: the file as texts.
        known: headings that may be named in the message; others can be a person's data.
        allowed: headings of columns whose digits are known to be something else.

    Raises:
        ConfigurationError: there is such a number.
    """
    above = [*table.headings, *(cell for title in table.titles for cell in title)]
    if any(holds_personal_number(text) for text in above):
        raise ConfigurationError(
            f"{table.name}: the header holds what looks like a personal identity number; nothing was read. "
            "Export the file again, with a header and without such numbers"
        )
    for position, heading in enumerate(table.headings, start=1):
        row = None
        if heading not in allowed:
            row = first_personal_number(table.frame[heading])
        if row is not None:
            column = f"column {position}" + (f" ({heading})" if heading in known else "")
            raise ConfigurationError(
                f"{table.name}: {column} holds what looks like a personal identity number (row "
                f"{table.frame[ROW_NUMBER][row]}); nothing was read. Remove the column, or use employee numbers"
            )


def _bring_in(path: Path, table: TextTable, profile: Profile) -> TextTable:
    """Join what the profile looks up in files beside this one; a value that is not found there stays unknown.

    The files are part of what is imported, so the table's SHA-256 is then that of all of theirs.
    """
    for lookup in profile.lookup:
        other = read_table(lookup.file, read_bytes(path.with_name(lookup.file)))
        refuse_personal_numbers(other, (lookup.key, *lookup.columns))
        for where, columns in ((table, [lookup.key]), (other, [lookup.key, *lookup.columns])):
            missing = [column for column in columns if column not in where.headings]
            if missing:
                raise NotDescribed(
                    f"{where.name} is not a file that profile {profile.name} describes: it has no column "
                    f"{', '.join(missing)}; export it again, or choose or write another profile"
                )
        known = other.frame.select(lookup.key, *lookup.columns).filter(pl.col(lookup.key).is_not_null())
        if known[lookup.key].is_duplicated().any():
            raise ConfigurationError(f"{other.name}: a value of {lookup.key} occurs twice: export it again")
        kept = table.frame.drop(lookup.columns, strict=False)
        frame = kept.join(known, on=lookup.key, how="left", maintain_order="left")
        both = hashlib.sha256(f"{table.sha256}{other.sha256}".encode()).hexdigest()
        table = replace(table, headings=(*table.headings, *lookup.columns), frame=frame, sha256=both)
    return table
