"""Reads registers of departments: what each is called in directories and files, and from when to when."""

from __future__ import annotations

from datetime import date

import polars as pl

from connectors.contract import DEPARTMENTS
from connectors.files import values
from connectors.files.mapped_rows import Understood, is_understood, plain_outcome, read_fields, reject
from connectors.files.profiles import Profile
from connectors.files.sites import ALWAYS
from connectors.files.table_files import ROW_NUMBER, TextTable

_FOREVER = date(9999, 12, 31)


def read_departments(table: TextTable, profile: Profile) -> Understood:
    """Read a register of departments into rows of ``departments``.

    A name means one department on any day: of two rows for one name and day neither is taken. Nor is a row whose
    department is, on one of its days, a name for yet another: what it counts as would depend on where it is read.
    Without a first day a row holds for all time before, without a last day from then on.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    fields = read_fields(table, profile)
    frame = fields.frame.with_columns(
        pl.col("valid_from").cast(pl.Date).fill_null(ALWAYS), pl.col("valid_to").cast(pl.Date)
    )
    for name in ("source_value", "department"):
        frame = reject(frame, "missing", name, pl.col(name).is_null())
    frame = reject(frame, "out_of_range", "valid_to", pl.col("valid_to") < pl.col("valid_from"))
    frame = reject(frame, "repeated", "source_value", _is_also(frame, "source_value"))
    frame = reject(frame, "leads_further", "department", _is_also(frame, "department"))
    return Understood(
        table=DEPARTMENTS.name,
        rows=frame.filter(is_understood()).select("source_value", "department", "valid_from", "valid_to"),
        outcome=plain_outcome(frame, pl.lit(None)),
        days=pl.Series("valid_from", [], dtype=pl.Date),
        unknown_values=fields.unknown_values,
    )


def _is_also(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Whether what stands in a column is, on one of the row's days, also the name of another row.

    A department that a row calls by its own name, or by another spelling of it, leads nowhere else.
    """
    own = frame.filter(is_understood()).select(
        ROW_NUMBER,
        values.spelling(pl.col("source_value")).alias("name"),
        values.spelling(pl.col("department")).alias("meaning"),
        values.spelling(pl.col(column)).alias("sought"),
        pl.col("valid_from").alias("first"),
        pl.col("valid_to").fill_null(_FOREVER).alias("last"),
    )
    both = own.join(own, left_on="sought", right_on="name", suffix="_other").filter(
        pl.col(ROW_NUMBER) != pl.col(f"{ROW_NUMBER}_other"),
        pl.col("first") <= pl.col("last_other"),
        pl.col("first_other") <= pl.col("last"),
    )
    if column == "department":
        both = both.filter(pl.col("meaning") != pl.col("meaning_other"))
    return pl.col(ROW_NUMBER).is_in(both[ROW_NUMBER].implode())
