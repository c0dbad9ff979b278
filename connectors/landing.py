"""The landing zone: what the sources said, as Parquet, merged so that nothing is lost and nothing is counted twice.

Layout: ``<table>/source=<source>/[month=YYYY-MM | file=<sha256>/]part.parquet`` below one organisation's folder.
A partition is replaced by writing beside it and renaming; a partition whose content did not change is not written.
A record stays in the month in which it was first seen, also when a later version moves its start.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import filelock
import polars as pl

from connectors.contract import FILES, MEETINGS, PULLS, SCHEMA_VERSION, TABLES, Batch, Table, conform
from connectors.errors import ConfigurationError

STORED_BY_FILE = frozenset(
    {table.name for table in TABLES.values() if table.merge == "file"}
    | {"meetings", "participations", "meeting_totals", "travel_totals"}
)
"""Tables whose rows of an imported file are stored, and removed, with that file.

Meetings that a connector pulls are merged by version. An imported file has no versions: a corrected file takes the
place of its predecessor whole, and a meeting that it no longer has is gone.
"""

_MONTH = "__month"
_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


class Landing:
    """One organisation's landing zone on disk.

    Args:
        folder: the organisation's landing folder; created when missing.
        org_id: the organisation, as named in settings.
        key_fingerprint: of the pseudonym key in use; another key than the one this folder was filled with is
            refused, because it would make two people of every person.

    Raises:
        ConfigurationError: the folder belongs to another organisation, key or a newer schema.
    """

    def __init__(self, folder: Path, org_id: str, key_fingerprint: str) -> None:
        self._folder = folder
        self._org_id = org_id
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = filelock.FileLock(folder / ".lock")
        with self._lock:
            self._check_identity(
                {"schema_version": SCHEMA_VERSION, "org_id": org_id, "key_fingerprint": key_fingerprint}
            )

    def known(self, source: str) -> dict[str, int]:
        """The meetings already landed from a source: id to version."""
        rows = self._read_all(MEETINGS, source, ["meeting_id", "version"])
        return dict(zip(rows["meeting_id"], rows["version"], strict=True))

    def read(self, table: str, source: str | None = None) -> pl.DataFrame:
        """All rows of a table, in contract columns, of one source or of all."""
        return self._read_all(TABLES[table], source, list(TABLES[table].schema))

    def pulls(self, source: str) -> pl.DataFrame:
        """The outcomes recorded for a source."""
        return self.read("pulls", source)

    def files(self) -> pl.DataFrame:
        """The imported files, replaced ones included."""
        return self.read("files")

    def read_of_file(self, table: str, source: str, sha: str) -> pl.DataFrame:
        """The rows that one imported file brought to a table that is stored by file."""
        return self._load(self._partition(TABLES[table], source, f"file={sha}"), TABLES[table])

    def holds_file(self, source: str, sha: str) -> bool:
        """Whether rows of a file are there, in force or not."""
        return any(self._partition(TABLES[name], source, f"file={sha}").exists() for name in STORED_BY_FILE)

    def meetings_of_files(self, source: str, shas: Iterable[str]) -> frozenset[str]:
        """The meetings that some imported files brought."""
        return frozenset().union(*(self.read_of_file(MEETINGS.name, source, sha)["meeting_id"] for sha in shas))

    def write(self, source: str, batch: Batch, seen_at: datetime) -> None:
        """Merge a batch.

        Rows that belong to a record are written before the record itself: after a crash in between, the record
        still shows its old version and is asked for again.
        """
        with self._lock:
            for name in sorted(batch.frames, key=lambda name: TABLES[name].merge == "record"):
                self._merge(
                    TABLES[name],
                    source,
                    batch.frames[name],
                    seen_at,
                    parents=batch.frames.get(TABLES[name].parent or ""),
                )

    def record_pull(self, source: str, pull: Mapping[str, object], seen_at: datetime) -> None:
        """Write the outcome of one attempt on one window."""
        with self._lock:
            self._merge(PULLS, source, PULLS.frame([pull]), seen_at)

    def write_file(
        self,
        source: str,
        file_row: Mapping[str, object],
        frames: Mapping[str, pl.DataFrame],
        seen_at: datetime,
    ) -> None:
        """Land one imported file: its rows first, then its row in ``files``, which makes them count.

        A file that it replaces stays listed in ``files``; its rows are removed last, and with them what an import
        that was stopped has left.
        """
        sha = str(file_row["file_sha256"])
        with self._lock:
            for name, frame in frames.items():
                table = TABLES[name]
                if name in STORED_BY_FILE:
                    rows = self._stamp(table, source, frame, seen_at)
                    self._store(self._partition(table, source, f"file={sha}"), table, rows)
                else:
                    self._merge(table, source, frame, seen_at)
            self._merge(FILES, source, FILES.frame([file_row]), seen_at)
            in_force = {
                f"file={known}"
                for known in files_in_force(self._read_all(FILES, source, list(FILES.schema)))["file_sha256"]
            }
            for name in STORED_BY_FILE:
                for folder in self._partition(TABLES[name], source, "").glob("file=*"):
                    if folder.name not in in_force:
                        shutil.rmtree(folder, ignore_errors=True)

    # -- identity -----------------------------------------------------------------------------------------------

    def _check_identity(self, mine: Mapping[str, object]) -> None:
        path = self._folder / "landing.json"
        if not path.exists():
            _replace_file(path, json.dumps(mine, indent=1).encode())
            return
        theirs = json.loads(path.read_text("utf-8"))
        if theirs["org_id"] != mine["org_id"]:
            raise ConfigurationError(
                f"{self._folder} belongs to organisation {theirs['org_id']}, not {mine['org_id']}: check data_dir"
            )
        if theirs["key_fingerprint"] != mine["key_fingerprint"]:
            raise ConfigurationError(
                f"{self._folder} was filled with another pseudonym key; put that key back (key_file in settings), "
                "or start a new data folder: with two keys every person would be counted twice"
            )
        if theirs["schema_version"] > SCHEMA_VERSION:
            raise ConfigurationError(
                f"{self._folder} was written by a newer resfri: install that version or a later one"
            )

    # -- merging ------------------------------------------------------------------------------------------------

    def _merge(
        self,
        table: Table,
        source: str,
        frame: pl.DataFrame,
        seen_at: datetime,
        parents: pl.DataFrame | None = None,
    ) -> None:
        if frame.is_empty():
            return
        rows = self._stamp(table, source, frame, seen_at)
        for month, part in self._by_month(table, source, rows, parents):
            folder = self._partition(table, source, month)
            old = self._load(folder, table)
            self._store(folder, table, _MERGERS[table.merge](table, old, part))

    def _stamp(self, table: Table, source: str, frame: pl.DataFrame, seen_at: datetime) -> pl.DataFrame:
        if not _SOURCE_NAME.fullmatch(source):
            raise ConfigurationError(
                f"a source is named with a–z, 0–9 and _ only, not {source!r}: rename it in settings"
            )
        return conform(
            table,
            frame.with_columns(org_id=pl.lit(self._org_id), source=pl.lit(source), seen_at=pl.lit(seen_at)),
        )

    def _by_month(
        self, table: Table, source: str, rows: pl.DataFrame, parents: pl.DataFrame | None
    ) -> Iterator[tuple[str, pl.DataFrame]]:
        """Split rows by partition: the month a record was first seen in, else the month of its own instant."""
        if table.month_of is None:
            yield "", rows
            return
        keeper = TABLES[table.parent] if table.parent else table
        by = list(keeper.key[1:])
        months = self._months(keeper, source, by)
        if parents is not None and keeper.month_of:
            fresh = parents.select(*by, _month(keeper.month_of)).unique(by, keep="first", maintain_order=True)
            months = pl.concat([months, fresh.join(months, on=by, how="anti")])
        own = _month(table.month_of).alias("__own")
        rows = rows.with_columns(own).join(months, on=by, how="left", nulls_equal=True)
        rows = rows.with_columns(pl.coalesce(_MONTH, "__own")).drop("__own")
        if rows[_MONTH].null_count():
            raise ValueError(f"{table.name}: rows without a month and without a parent record")
        # a record that comes twice in one batch with different starts must not land in two months
        rows = rows.with_columns(pl.col(_MONTH).first().over(by))
        for part in rows.partition_by(_MONTH, maintain_order=True):
            yield f"month={part[_MONTH][0]}", part.drop(_MONTH)

    def _months(self, table: Table, source: str, by: list[str]) -> pl.DataFrame:
        found = [
            pl.read_parquet(path, columns=by).with_columns(
                pl.lit(path.parent.name.removeprefix("month=")).alias(_MONTH)
            )
            for path in self._parts(table, source)
        ]
        schema = {name: table.schema[name] for name in by} | {_MONTH: pl.String()}
        return pl.concat(found, how="vertical") if found else pl.DataFrame(schema=schema)

    # -- files on disk ------------------------------------------------------------------------------------------

    def _partition(self, table: Table, source: str, part: str) -> Path:
        return self._folder / table.name / f"source={source}" / part

    def _parts(self, table: Table, source: str | None) -> list[Path]:
        return sorted((self._folder / table.name).glob(f"source={source or '*'}/**/part.parquet"))

    def _read_all(self, table: Table, source: str | None, columns: list[str]) -> pl.DataFrame:
        parts = [pl.read_parquet(path, columns=columns) for path in self._parts(table, source)]
        return pl.concat(parts) if parts else table.empty().select(columns)

    def _load(self, folder: Path, table: Table) -> pl.DataFrame:
        path = folder / "part.parquet"
        return conform(table, pl.read_parquet(path)) if path.exists() else table.empty()

    def _store(self, folder: Path, table: Table, rows: pl.DataFrame) -> None:
        rows = _sorted(rows.select(list(table.schema)), table.key)
        path = folder / "part.parquet"
        if path.exists() and self._load(folder, table).equals(rows):
            return
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".*.tmp"):
            leftover.unlink(missing_ok=True)
        temporary = folder / ".part.parquet.tmp"
        rows.write_parquet(temporary, compression="zstd", statistics=True, row_group_size=200_000)
        _swap(temporary, path)


def _sorted(rows: pl.DataFrame, key: Iterable[str]) -> pl.DataFrame:
    """Rows in the order of their key; rows that are in order are not copied, since those of a large file weigh much."""
    if rows.is_empty():
        return rows
    is_single = rows.select(pl.col(key).eq_missing(pl.col(key).first()).all()).row(0)
    by = [name for name, single in zip(key, is_single, strict=True) if not single]
    if not by or (len(by) == 1 and rows[by[0]].is_sorted(nulls_last=True)):
        return rows
    return rows.sort(by, nulls_last=True)


def _month(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime("%Y-%m").alias(_MONTH)


def _keep_unchanged(table: Table, old: pl.DataFrame, new: pl.DataFrame, key: Iterable[str]) -> pl.DataFrame:
    """New rows over old ones per key; a row whose content is the same keeps its ``seen_at``."""
    key = list(key)
    changed = new.join(old, on=table.compared, how="anti", nulls_equal=True)
    return pl.concat([old.join(changed, on=key, how="anti", nulls_equal=True), changed])


def _merge_rows(table: Table, old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    key = list(table.key)
    if table.keeps_larger:
        larger = old.select(*key, pl.col(table.keeps_larger).alias("__had"))
        new = new.sort(table.keeps_larger, maintain_order=True, nulls_last=False).join(
            larger, on=key, how="left", nulls_equal=True
        )
        new = new.filter(pl.col(table.keeps_larger).ge(pl.col("__had")).fill_null(value=True)).drop("__had")
    return _keep_unchanged(table, old, new.unique(key, keep="last", maintain_order=True), key)


def _merge_records(table: Table, old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    key = list(table.key)
    new = new.sort("version", maintain_order=True).unique(key, keep="last", maintain_order=True)
    return _keep_unchanged(table, old, _not_older(old, new, key), key)


def _merge_whole_records(table: Table, old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    parent = list(table.key[:2])
    new = new.filter(pl.col("version") == pl.col("version").max().over(parent))
    new = _not_older(old, new.unique(list(table.key), keep="last", maintain_order=True), parent)
    # within one version a shorter answer is a partial answer: only a higher version takes rows away
    superseded = new.select(*parent, pl.col("version").alias("__new")).unique(parent)
    kept = old.join(superseded, on=parent, how="left").filter(
        pl.col("__new").is_null() | (pl.col("__new") == pl.col("version"))
    )
    return _keep_unchanged(table, kept.drop("__new"), new, table.key)


def _not_older(old: pl.DataFrame, new: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    had = old.group_by(by).agg(pl.col("version").max().alias("__had"))
    new = new.join(had, on=by, how="left").filter(pl.col("version").ge(pl.col("__had")).fill_null(value=True))
    return new.drop("__had")


def _merge_changes(table: Table, old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    key, thing = list(table.key), [name for name in table.key if name != "observed_on"]
    merged = _keep_unchanged(table, old, new.unique(key, keep="last", maintain_order=True), key).sort(key)
    content = pl.struct([name for name in table.compared if name != "observed_on"])
    repeats = (
        content.eq_missing(content.shift(1).over(thing)) & pl.col("observed_on").shift(1).over(thing).is_not_null()
    )
    return merged.filter(~repeats | (pl.col("observed_on").dt.day() == 1))


_MERGERS = {
    "row": _merge_rows,
    "record": _merge_records,
    "whole_record": _merge_whole_records,
    "changes": _merge_changes,
}


def _replace_file(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    _swap(temporary, path)


def _swap(temporary: Path, path: Path) -> None:
    """Put a finished file in its place so that a reader, or a power cut, finds the old or the new one whole."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def files_in_force(files: pl.DataFrame) -> pl.DataFrame:
    """The imported files that no import made since has replaced.

    A file can come back: A, replaced by B, replaced by A again; so it is the later of two that counts.
    """
    by = files.select(pl.col("replaces_sha256").alias("file_sha256"), pl.col("seen_at").alias("replaced_at"))
    by = by.drop_nulls("file_sha256").group_by("file_sha256").agg(pl.col("replaced_at").max())
    found = files.join(by, on="file_sha256", how="left", maintain_order="left")
    is_replaced = pl.col("replaced_at") >= pl.col("seen_at")
    return found.filter(~is_replaced.fill_null(value=False)).drop("replaced_at")
