"""Imports a file: reads it with a profile, accounts for every row and amount, and lands it whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import polars as pl

from connectors.contract import TABLES
from connectors.errors import ConfigurationError
from connectors.file_periods import Overlap, Period, files_in_force, period_of, replaced_file
from connectors.landing import Landing
from connectors.mapped_rows import Understood
from connectors.personal_numbers import first_personal_number, holds_personal_number
from connectors.profiles import FileKind, Profile, load_profile
from connectors.pseudonyms import Pseudonyms
from connectors.receipts import Receipt, Status, account
from connectors.sites import read_sites
from connectors.staff import read_staff
from connectors.table_files import ROW_NUMBER, TextTable, read_table
from connectors.travel import read_travel

_CELL_END = "\x1f"


def import_file(
    path: Path,
    kind: FileKind,
    profile: str,
    landing: Landing,
    pseudonyms: Pseudonyms,
    seen_at: datetime,
    *,
    covers: Period | None = None,
    overlap: Overlap = "refuse",
    dry_run: bool = False,
) -> Receipt:
    """Import one file; its source is named after the profile.

    The same file again changes nothing. Another file with the same profile and exactly the same period replaces its
    predecessor. A file that overlaps others in part is refused until somebody says whether it replaces them or adds
    to them.

    Args:
        path: the file; files that the profile looks things up in lie beside it.
        kind: what the file holds.
        profile: the name of one of the project's profiles, or the path of a TOML file.
        landing: where the rows go.
        pseudonyms: of the organisation.
        seen_at: now, aware.
        covers: first and last day the file speaks for, where somebody declares it.
        overlap: what to do with files of the same profile that speak for some of the same days.
        dry_run: read and account for everything, write nothing.

    Raises:
        ConfigurationError: the file is not what the profile describes, holds personal identity numbers, overlaps
            another file or has no period. Nothing is landed then.
    """
    meaning = load_profile(profile, kind)
    content = _bytes(path)
    table = read_table(path.name, content)
    _refuse_personal_numbers(table, meaning)
    table, looked_up = _bring_in(path, table, meaning)
    sha = hashlib.sha256(content + looked_up).hexdigest()
    found = _read(table, meaning, pseudonyms, covers)
    files = files_in_force(landing.files())
    _refuse_other_profile(path.name, sha, meaning, files)
    files = files.filter(pl.col("source") == meaning.name)
    period = period_of(path.name, sha, covers, found.days, meaning, files, seen_at)
    replaces = replaced_file(path.name, sha, period, files, meaning, overlap)
    receipt = account(path.name, meaning, sha, period, replaces, found)
    row = receipt.file_row()
    frames = _frames(table, found, sha, meaning, pseudonyms)
    status: Status = "landed"
    if sha in files["file_sha256"]:
        same = _is_landed(landing, meaning.name, row, {found.table: frames[found.table]})
        status = "unchanged" if same else "read_again"
    if dry_run:
        status = "dry_run"
    elif status != "unchanged":
        landing.write_file(meaning.name, row, frames, seen_at)
    return receipt.ended(status)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}): check the path") from None


def _read(table: TextTable, profile: Profile, pseudonyms: Pseudonyms, covers: Period | None) -> Understood:
    if profile.kind == "travel":
        found = read_travel(table, profile, pseudonyms)
    elif profile.kind == "staff":
        found = read_staff(table, profile)
    else:
        found = read_sites(table, profile, covers[0] if covers else None)
    if found.outcome.height and found.outcome["reason"].null_count() == 0:
        reason, name = found.outcome.row(0, named=True)["reason"], found.outcome["field"][0]
        raise ConfigurationError(
            f"{table.name}: not one of {found.outcome.height} rows can be read with profile {profile.name} (first: "
            f"{name} {reason}); check that it is the right export, or correct the profile"
        )
    return found


def _bring_in(path: Path, table: TextTable, profile: Profile) -> tuple[TextTable, bytes]:
    """Join what the profile looks up in files beside this one; a value that is not found there stays unknown.

    Returns:
        The wider table, and the bytes of the files, which are part of what was imported.
    """
    contents = b""
    for lookup in profile.lookup:
        content = _bytes(path.with_name(lookup.file))
        other = read_table(lookup.file, content)
        for where, columns in ((table, [lookup.key]), (other, [lookup.key, *lookup.columns])):
            missing = [column for column in columns if column not in where.headings]
            if missing:
                raise ConfigurationError(
                    f"{where.name} is not a file that profile {profile.name} describes: it has no column "
                    f"{', '.join(missing)}; export it again, or choose or write another profile"
                )
        known = other.frame.select(lookup.key, *lookup.columns).filter(pl.col(lookup.key).is_not_null())
        if known[lookup.key].is_duplicated().any():
            raise ConfigurationError(f"{other.name}: a value of {lookup.key} occurs twice: export it again")
        kept = table.frame.drop(lookup.columns, strict=False)
        frame = kept.join(known, on=lookup.key, how="left", maintain_order="left")
        table = TextTable(table.name, (*table.headings, *lookup.columns), frame, table.is_workbook)
        contents += content
    return table, contents


def _refuse_personal_numbers(table: TextTable, profile: Profile) -> None:
    """Stop before anything is kept of a file with personal identity numbers, in whatever column; none is repeated."""
    known = {heading for name in profile.columns for heading in profile.headings(name)}
    if any(holds_personal_number(heading) for heading in table.headings):
        raise ConfigurationError(
            f"{table.name}: the header holds what looks like a personal identity number; nothing was read. "
            "Export the file again, with a header and without such numbers"
        )
    for position, heading in enumerate(table.headings, start=1):
        row = None
        if heading not in profile.not_personal_numbers:
            row = first_personal_number(table.frame[heading])
        if row is not None:
            column = f"column {position}" + (f" ({heading})" if heading in known else "")
            raise ConfigurationError(
                f"{table.name}: {column} holds what looks like a personal identity number (row "
                f"{table.frame[ROW_NUMBER][row]}); nothing was read. Remove the column, or use employee numbers"
            )


def _refuse_other_profile(name: str, sha: str, profile: Profile, files: pl.DataFrame) -> None:
    others = files.filter((pl.col("file_sha256") == sha) & (pl.col("source") != profile.name))
    if others.height:
        raise ConfigurationError(
            f"{name} is already imported with profile {others['source'][0]}; a second time would count it twice"
        )


def _frames(
    table: TextTable, found: Understood, sha: str, profile: Profile, pseudonyms: Pseudonyms
) -> dict[str, pl.DataFrame]:
    rows = found.rows
    if "file_sha256" in TABLES[found.table].schema:
        rows = rows.with_columns(pl.lit(sha).alias("file_sha256"))
    return {found.table: rows, "rejected": _rejected(table, found, profile, pseudonyms)}


def _rejected(table: TextTable, found: Understood, profile: Profile, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Rejected rows as they land: reason and a keyed hash of the row, none of its content.

    A row that comes again in a corrected file has the same hash; the same row twice in one file has two.
    """
    rejected = found.outcome.filter(pl.col("reason").is_not_null() & pl.col("rule").is_null())
    cells = pl.concat_str(pl.col(table.headings).fill_null(""), separator=_CELL_END).alias("row")
    rows = rejected.join(table.frame.select(ROW_NUMBER, cells), on=ROW_NUMBER, how="left", maintain_order="left")
    rows = rows.with_columns(pl.int_range(pl.len()).over("row").alias("repeat"))
    marks = [
        pseudonyms.of("row", f"{profile.name}{_CELL_END}{row}{_CELL_END}{repeat}")
        for row, repeat in rows.select("row", "repeat").iter_rows()
    ]
    in_kronor = pl.when(pl.col("currency") == "SEK").then(pl.col("amount")).otherwise(None)
    return rows.select(
        pl.lit("row").alias("what"),
        "reason",
        "field",
        pl.Series("fingerprint", marks, dtype=pl.String),
        in_kronor.alias("amount_sek"),
        "occurred_on",
    )


def _is_landed(landing: Landing, source: str, row: Mapping[str, object], frames: Mapping[str, pl.DataFrame]) -> bool:
    """Whether landing holds exactly this already: the same row in ``files`` and the same rows."""
    wanted = {"files": TABLES["files"].frame([row]), **frames}
    for name, frame in wanted.items():
        table = TABLES[name]
        columns = [column for column in table.schema if column not in ("org_id", "source", "seen_at")]
        there = landing.read(name, source).select(columns)
        if "file_sha256" in columns:
            there = there.filter(pl.col("file_sha256") == row["file_sha256"])
        typed = frame.select(
            (pl.col(column) if column in frame.columns else pl.lit(None)).cast(table.schema[column]).alias(column)
            for column in columns
        )
        if "file_sha256" in columns and there.height != typed.height:
            return False
        if typed.join(there, on=columns, how="anti", nulls_equal=True).height:
            return False
    return True
