"""Imports a file: reads it with a profile, accounts for every row and amount, and lands it whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import polars as pl

from connectors.contract import TABLES
from connectors.errors import ConfigurationError
from connectors.files.kinds import read_rows, refuse_if_nothing_is_understood
from connectors.files.mapped_rows import Understood, is_rejected
from connectors.files.periods import Overlap, Period, period_of, replaced_file
from connectors.files.profiles import FileKind, Profile, load_profile
from connectors.files.receipts import Receipt, Status, account
from connectors.files.survey import SMALLEST_GROUP
from connectors.files.table_files import ROW_NUMBER, TextTable
from connectors.files.texts import read_file
from connectors.landing import STORED_BY_FILE, Landing, files_in_force
from connectors.pseudonyms import Pseudonyms

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
    smallest_group: int = SMALLEST_GROUP,
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
        smallest_group: of a survey: fewer answers from one department to one question do not land.
        dry_run: read and account for everything, write nothing.

    Raises:
        NotDescribed: the file lacks a column that the profile needs.
        NoDatedRows: no row says what period it covers, and nobody declares it.
        ConfigurationError: the file is no table, holds personal identity numbers, overlaps another file or has no
            period. Nothing is landed, whichever of these it is.
    """
    meaning = load_profile(profile, kind)
    table = read_file(path, meaning)
    valid_from = covers[0] if covers else None
    found = read_rows(table, meaning, pseudonyms, valid_from=valid_from, smallest_group=smallest_group)
    refuse_if_nothing_is_understood(table, meaning, found)
    titles, sha = len(table.titles), table.sha256
    files = files_in_force(landing.files())
    _refuse_other_profile(path.name, sha, meaning, files)
    files = files.filter(pl.col("source") == meaning.name)
    period = period_of(path.name, sha, covers, found.days, meaning, files, seen_at)
    replaces = replaced_file(path.name, sha, period, files, meaning, overlap)
    if kind == "meetings":
        elsewhere = landing.meetings_of_files(meaning.name, {*files["file_sha256"]} - {sha, replaces})
        if not elsewhere.isdisjoint(found.rows["meeting_id"]):
            found = read_rows(table, meaning, pseudonyms, landed_elsewhere=elsewhere)
    rejected = _rejected(table, found, meaning, pseudonyms)
    del table  # the texts of a large file weigh more than its rows
    receipt = account(path.name, meaning, sha, period, replaces, found, titles)
    row = receipt.file_row()
    rows = {found.table: _of_file(found, sha), **found.further}
    del found
    status: Status = "landed"
    if sha in files["file_sha256"]:
        same = _is_landed(landing, meaning.name, row, rows)
        status = "unchanged" if same else "read_again"
    if dry_run:
        status = "dry_run"
    elif status != "unchanged":
        landing.write_file(meaning.name, row, {**rows, "rejected": rejected}, seen_at)
    return receipt.ended(status)


def _refuse_other_profile(name: str, sha: str, profile: Profile, files: pl.DataFrame) -> None:
    others = files.filter((pl.col("file_sha256") == sha) & (pl.col("source") != profile.name))
    if others.height:
        raise ConfigurationError(
            f"{name} is already imported with profile {others['source'][0]}; a second time would count it twice"
        )


def _of_file(found: Understood, sha: str) -> pl.DataFrame:
    is_of_file = "file_sha256" in TABLES[found.table].schema
    return found.rows.with_columns(pl.lit(sha).alias("file_sha256")) if is_of_file else found.rows


def _rejected(table: TextTable, found: Understood, profile: Profile, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Rejected rows as they land: reason and a keyed hash of the row, none of its content.

    A row that comes again in a corrected file has the same hash; the same row twice in one file has two.
    """
    rejected = found.outcome.filter(is_rejected())
    cells = pl.concat_str(pl.col(table.headings).fill_null(""), separator=_CELL_END).alias("row")
    written = table.rows(rejected[ROW_NUMBER]).select(ROW_NUMBER, cells)
    rows = rejected.join(written, on=ROW_NUMBER, how="left", maintain_order="left")
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
    """Whether landing holds exactly this already: the same row in ``files``, the same rows, and no file it replaced."""
    sha, replaced = str(row["file_sha256"]), row["replaces_sha256"]
    if replaced and landing.holds_file(source, str(replaced)):
        return False  # an import was stopped before it removed them
    wanted = {"files": TABLES["files"].frame([row]), **frames}
    for name, frame in wanted.items():
        table = TABLES[name]
        columns = [column for column in table.schema if column not in ("org_id", "source", "seen_at")]
        is_of_file = name in STORED_BY_FILE
        there = (landing.read_of_file(name, source, sha) if is_of_file else landing.read(name, source)).select(columns)
        if name == "files":
            there = there.filter(pl.col("file_sha256") == sha)
        typed = frame.select(
            (pl.col(column) if column in frame.columns else pl.lit(None)).cast(table.schema[column]).alias(column)
            for column in columns
        )
        if is_of_file and there.height != typed.height:
            return False
        if typed.join(there, on=columns, how="anti", nulls_equal=True).height:
            return False
    return True
