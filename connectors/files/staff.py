"""Reads staff tables: people and full-time equivalents by department, month and group."""

from __future__ import annotations

import polars as pl

from connectors.contract import STAFF
from connectors.files.mapped_rows import Understood, is_understood, plain_outcome, read_fields, reject
from connectors.files.profiles import Profile
from connectors.files.table_files import TextTable

_KEY = ["department", "month", "person_group"]


def read_staff(table: TextTable, profile: Profile) -> Understood:
    """Read a staff table into rows of ``staff``.

    An empty cell is unknown, not zero. Two rows for the same department, month and group contradict one another:
    neither is taken.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    fields = read_fields(table, profile)
    frame = fields.frame
    for name in ("month", "department"):
        frame = reject(frame, "missing", name, pl.col(name).is_null())
    for name in ("headcount", "fte"):
        frame = reject(frame, "negative", name, pl.col(name) < 0)
    frame = reject(frame, "missing", "headcount", pl.col("headcount").is_null() & pl.col("fte").is_null())
    frame = reject(frame, "repeated", "department", is_understood().sum().over(_KEY) > 1)
    rows = frame.filter(is_understood())
    return Understood(
        table=STAFF.name,
        rows=rows.select(*_KEY, "headcount", "fte"),
        outcome=plain_outcome(frame, pl.col("month")),
        days=rows["month"],
        unknown_values=fields.unknown_values,
    )
