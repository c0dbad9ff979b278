"""What must be true of a version before anyone may read it: declared, whole, and about no one in particular."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import phonenumbers
import polars as pl

from connectors.files.personal_numbers import first_personal_number
from models.engine import Model
from pipelines.checks import warehouse_checks
from reports.published import DATABASE

_MAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}"
_DIGITS = re.compile(r"\d(?:[\s()/-]*\d){6}")
_REGION = "SE"

_NOT_HIDDEN = {
    "figures that rest on fewer than k people": (
        "out_indicators",
        "people_class <> '0' AND coalesce(try_cast(regexp_extract(people_class, '^[0-9]+') AS INTEGER), 0) < {k}",
    ),
    "counts of fewer than k rows": ("out_gaps", "gap <> 'no_staff' AND rows < {k}"),
}


class PublicationRefused(Exception):  # noqa: N818 - named by what happened
    """The tables are not fit to publish; the version before stays current."""


def check_version(folder: Path, models: Sequence[Model]) -> None:
    """Hold a version that is being made to what is declared of it.

    Args:
        folder: holds the database and one Parquet file per table.
        models: the published models.

    Raises:
        PublicationRefused: table, check, number of rows, what to do; never a value.
    """
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        _check_objects(connection, models)
        for result in warehouse_checks(connection, models):
            if not result.passed:
                raise PublicationRefused(
                    f"{result.check.table}: check {result.name} fails in {result.unexpected} of {result.rows} rows; "
                    "a fault in resfri: nothing was published, report it with this line"
                )
        _check_disclosure(connection)
        for model in models:
            _check_texts(connection, model)


def _check_objects(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> None:
    """Only the declared tables, each with every comment; Parquet files are written from the same rows."""
    objects = connection.execute(
        "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal "
        "ORDER BY 1"
    ).fetchall()
    found, declared = [str(row[0]) for row in objects], sorted(model.name for model in models)
    if found != declared or not all(name.startswith("out_") for name in declared):
        differing = ", ".join(sorted(set(found) ^ set(declared))) or "a table that is no out_ table"
        raise PublicationRefused(
            f"{differing}: not what may be published; a fault in resfri: nothing was published, report it"
        )
    silent = connection.execute(
        "SELECT table_name, count(*) FROM duckdb_columns() WHERE comment IS NULL AND NOT internal GROUP BY 1 ORDER BY 1"
    ).fetchall()
    for table, columns in silent:
        raise PublicationRefused(
            f"{table}: {columns} columns without a comment; describe them in models/out/{table}.yml"
        )


def _check_disclosure(connection: duckdb.DuckDBPyConnection) -> None:
    row = connection.execute("SELECT try_cast(value AS INTEGER) FROM out_settings WHERE setting = 'k'").fetchone()
    k = row[0] if row else None
    if k is None:
        raise PublicationRefused("out_settings: the setting k is missing; build the models again (resfri run)")
    for what, (table, condition) in _NOT_HIDDEN.items():
        count = connection.execute(
            f"SELECT count(*) FROM {table} WHERE {condition.format(k=k)}"  # noqa: S608 - the constants above
        ).fetchone()
        if count and count[0]:
            raise PublicationRefused(
                f"{table}: {what} in {count[0]} rows; a fault in resfri: nothing was published, report this line"
            )


def _check_texts(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """No text that looks like a mail address, a telephone number or a personal identity number."""
    for column in model.columns:
        if column.type != "VARCHAR":
            continue
        texts = connection.execute(
            f'SELECT DISTINCT "{column.name}" FROM {model.name} WHERE "{column.name}" IS NOT NULL'  # noqa: S608
        ).pl()[column.name]
        for what, is_found in (
            ("a mail address", texts.str.contains(_MAIL).any()),
            ("a personal identity number", first_personal_number(texts) is not None),
            ("a telephone number", _holds_phone_number(texts)),
        ):
            if is_found:
                raise PublicationRefused(
                    f"{model.name}.{column.name}: holds what looks like {what}; correct it at its source "
                    "(a department, a setting or a profile) and run again"
                )


def _holds_phone_number(texts: pl.Series) -> bool:
    return any(phonenumbers.PhoneNumberMatcher(text, _REGION).has_next() for text in texts if _DIGITS.search(text))
