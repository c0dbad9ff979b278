"""What period an imported file speaks for, and which earlier file it replaces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from connectors.errors import ConfigurationError
from connectors.files.profiles import Profile
from connectors.files.refusals import NoDatedRows

Overlap = Literal["refuse", "replace", "add"]
Period = tuple[date, date]

_LOCAL = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True)
class Covers:
    """First and last day a file speaks for, and how that is known."""

    first: date
    last: date
    basis: Literal["declared", "inferred"]


def period_of(
    name: str,
    sha: str,
    declared: Period | None,
    days: pl.Series,
    profile: Profile,
    files: pl.DataFrame,
    seen_at: datetime,
) -> Covers:
    """The period a file speaks for: declared, declared when it was imported before, or read from its rows.

    Read from the rows, a period ends with the first and last day in the file, so that a month begun or not finished
    is not taken for a whole one; a profile of an export that is made by month gives whole months.

    Args:
        name: the file's name, for messages.
        sha: the file.
        declared: what the person who imports says.
        days: the days of the rows that show the period.
        profile: of the file.
        files: the profile's files in force.
        seen_at: now, aware; a register speaks for the day it is imported on.

    Raises:
        NoDatedRows: no row says what period it is.
        ConfigurationError: its period has to be declared, or no row lies in the period declared.
    """
    ordered = days.sort()
    first, last = (ordered[0], ordered[-1]) if ordered.len() else (None, None)
    before = files.filter((pl.col("file_sha256") == sha) & (pl.col("covers_basis") == "declared"))
    if declared is None and before.height:
        declared = (before["covers_from"][0], before["covers_to"][0])
    if declared is not None:
        if days.len() and not days.is_between(*declared).any():
            raise ConfigurationError(
                f"{name}: no row lies between {declared[0]} and {declared[1]}, its rows between {first} and {last}: "
                "check the period you declare"
            )
        return Covers(*declared, "declared")
    if profile.covers == "declared":
        raise ConfigurationError(
            f"{name}: its rows do not tell what period it covers: join the files of one period and declare it, such as "
            "2025-03 (--covers)"
        )
    if profile.covers == "register":
        known = files.filter(pl.col("file_sha256") == sha)["covers_from"]
        day = known[0] if known.len() else seen_at.astimezone(_LOCAL).date()
        return Covers(day, day, "inferred")
    if first is None or last is None:
        raise NoDatedRows(f"{name} has no dated rows: declare the period it covers, such as 2025-03")
    if profile.covers == "calendar_months":
        ends = pl.Series([first, last])
        first, last = ends.dt.month_start()[0], ends.dt.month_end()[1]
    return Covers(first, last, "inferred")


def replaced_file(
    name: str, sha: str, period: Covers, files: pl.DataFrame, profile: Profile, overlap: Overlap
) -> str | None:
    """The file that this one replaces; None if it stands beside the others.

    A file imported again keeps what it replaced. A register replaces the one before it.

    Raises:
        ConfigurationError: it overlaps others in part and nobody said whether it replaces them or adds to them, or it
            would replace several.
    """
    again = files.filter(pl.col("file_sha256") == sha)
    earlier: str | None = again["replaces_sha256"][0] if again.height else None
    if again.height and (again["covers_from"][0], again["covers_to"][0]) == (period.first, period.last):
        return earlier
    others = files.filter(pl.col("file_sha256") != sha)
    if profile.covers != "register":
        others = others.filter((pl.col("covers_from") <= period.last) & (pl.col("covers_to") >= period.first))
    if overlap == "add" or others.is_empty():
        return earlier
    if others.height > 1 or earlier:
        raise ConfigurationError(
            f"{name} covers {period.first} – {period.last}, and so do {others.height} files imported with profile "
            f"{profile.name}: one file replaces one, so import the corrected files one by one, or say that it adds "
            "to them (--overlap add)"
        )
    other = others.row(0, named=True)
    is_exact = (other["covers_from"], other["covers_to"]) == (period.first, period.last)
    if not is_exact and overlap == "refuse" and profile.covers != "register":
        raise ConfigurationError(
            f"{name} covers {period.first} – {period.last}, and a file imported with profile {profile.name} covers "
            f"{other['covers_from']} – {other['covers_to']}: say whether it replaces that file or adds to it "
            "(--overlap replace or add)"
        )
    found: str = other["file_sha256"]
    return found
