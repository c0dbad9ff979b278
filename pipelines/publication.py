"""Publish: copy the ``out_`` tables of a warehouse into a version of their own, check it, and swap it in whole.

``published/<version>/`` holds ``resfri.duckdb``, one Parquet file per table and ``datapackage.json``; ``CURRENT``
names the version readers open. A version is made in a folder beside, refused if anything in it is not as declared,
and only then renamed and named; a run killed at any moment leaves the version before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import filelock
import polars as pl

from models.engine import Model, load_models
from pipelines.data_package import descriptor
from pipelines.publication_checks import PublicationRefused, check_version
from reports.published import CURRENT, DATABASE

KEPT_VERSIONS = 3
_BUILDING = ".building-"
_REMOVING = ".removing-"


@dataclass(frozen=True)
class Publication:
    """The current published version after a run."""

    version: str
    folder: Path
    database: Path
    is_new: bool
    """False where the content was published already."""
    tables: Mapping[str, int]
    """Rows per table."""


def publish(warehouse: Path, published: Path, as_of: date) -> Publication:
    """Publish the ``out_`` tables of a warehouse, if they say anything new.

    Args:
        warehouse: the organisation's warehouse file.
        published: the organisation's folder of published versions; created when missing.
        as_of: the day the figures are computed for, as the warehouse says too.

    Returns:
        The version that is current now.

    Raises:
        PublicationRefused: the tables are not fit to publish; the version before stays current.
    """
    published.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(published / ".lock"):
        _remove_leftovers(published)
        models = [model for model in load_models().values() if model.layer == "out"]
        tables = _read_tables(warehouse, models)
        _check_day(tables, as_of)
        digest = _digest(tables, models)
        version, is_new = _current(published), False
        if version is None or not version.endswith(f"-{digest}"):
            version, is_new = f"{as_of.isoformat()}-{digest}", True
            _write_version(published, version, tables, models, as_of)
            _replace_text(published / CURRENT, version)
        _remove_old(published, version)
    folder = published / version
    return Publication(
        version, folder, folder / DATABASE, is_new, {name: table.height for name, table in tables.items()}
    )


# -- content ----------------------------------------------------------------------------------------------------------


def _read_tables(warehouse: Path, models: Iterable[Model]) -> dict[str, pl.DataFrame]:
    """The rows of each table, sorted by grain, so that equal content makes equal files."""
    if not warehouse.is_file():
        raise PublicationRefused(f"{warehouse.name} is missing: build the models first (resfri run)")
    tables = {}
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            for model in models:
                listed = ", ".join(f'"{column.name}"' for column in model.columns)
                rows = connection.execute(f"SELECT {listed} FROM {model.name}").pl()  # noqa: S608 - declared names
                tables[model.name] = rows.sort(model.grain, nulls_last=False)
    except duckdb.Error as error:
        raise PublicationRefused(
            f"{warehouse.name} cannot be read ({type(error).__name__}): close programs that write to it, "
            "or build the models again (resfri run)"
        ) from error
    return tables


def _check_day(tables: Mapping[str, pl.DataFrame], as_of: date) -> None:
    computed_for = tables["out_settings"].filter(pl.col("setting") == "as_of")["value"].to_list()
    if computed_for != [as_of.isoformat()]:
        raise PublicationRefused(
            f"out_settings: computed for {', '.join(computed_for) or 'no day'}, not for {as_of}: "
            "build the models for that day first (resfri run)"
        )


def _digest(tables: Mapping[str, pl.DataFrame], models: Iterable[Model]) -> str:
    """Eight hexadecimal digits of the content: all rows and what is declared of them.

    The day of computing is left out: only closed periods are published, so the same figures computed a day later are
    the same publication, and a version a night would push the versions that differ out of the few that are kept. The
    day a version carries is the first on which its figures held.
    """
    content = hashlib.sha256()
    for model in models:
        declared = {
            "table": model.name,
            "description": model.description,
            "grain": model.grain,
            "columns": [(c.name, c.type, c.unit, c.description) for c in model.columns],
        }
        content.update(json.dumps(declared).encode())
        rows = tables[model.name]
        if model.name == "out_settings":
            rows = rows.filter(pl.col("setting") != "as_of")
        content.update(rows.write_ndjson().encode())
    return content.hexdigest()[:8]


# -- one version ------------------------------------------------------------------------------------------------------


def _write_version(
    published: Path, version: str, tables: Mapping[str, pl.DataFrame], models: Sequence[Model], as_of: date
) -> None:
    folder = published / version
    if folder.is_dir():  # whole, because it was renamed when it was; a killed run did not come to name it
        return
    building = published / f"{_BUILDING}{version}"
    building.mkdir()
    try:
        _write_database(building / DATABASE, tables, models)
        for name, rows in tables.items():
            rows.write_parquet(building / f"{name}.parquet", compression="zstd")
        package = descriptor(tables, models, version, as_of)
        (building / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", "utf-8")
        check_version(building, models)
        for path in sorted(building.iterdir()):
            _flush(path)
        _flush_folder(building)
        building.rename(folder)
        _flush_folder(published)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write_database(path: Path, tables: Mapping[str, pl.DataFrame], models: Iterable[Model]) -> None:
    with duckdb.connect(str(path)) as connection:
        for model in models:
            columns = ", ".join(f'"{column.name}" {column.type}' for column in model.columns)
            connection.execute(f"CREATE TABLE {model.name} ({columns})")
            connection.register("rows_to_store", tables[model.name])
            connection.execute(f"INSERT INTO {model.name} SELECT * FROM rows_to_store")  # noqa: S608 - declared names
            connection.unregister("rows_to_store")
            for statement in model.comments():
                connection.execute(statement)


# -- versions on disk -------------------------------------------------------------------------------------------------


def _current(published: Path) -> str | None:
    """The version readers open, if it is there."""
    try:
        version = (published / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    return version if version and (published / version / DATABASE).is_file() else None


def _remove_old(published: Path, current: str) -> None:
    """Keep the newest versions and the current one; one that a program on Windows holds open stays for now."""
    versions = [folder for folder in published.iterdir() if folder.is_dir() and (folder / DATABASE).is_file()]
    newest_first = sorted(versions, key=lambda folder: (folder.name[:10], folder.stat().st_mtime_ns), reverse=True)
    for folder in newest_first[KEPT_VERSIONS:]:
        if folder.name != current:
            try:
                removing = folder.rename(published / f"{_REMOVING}{folder.name}")
            except PermissionError:
                continue
            shutil.rmtree(removing, ignore_errors=True)


def _remove_leftovers(published: Path) -> None:
    for prefix in (_BUILDING, _REMOVING):
        for folder in published.glob(f"{prefix}*"):
            shutil.rmtree(folder, ignore_errors=True)


def _replace_text(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(f"{text}\n", "utf-8")
    _flush(fresh)
    fresh.replace(path)
    _flush_folder(path.parent)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened, and renaming is durable by itself
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
