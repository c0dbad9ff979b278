"""Reads training lists: how many people were trained, by department, month and role."""

from __future__ import annotations

import polars as pl

from connectors.contract import TRAINING
from connectors.files.mapped_rows import Understood, exclude, is_understood, plain_outcome, read_fields, reject
from connectors.files.profiles import Profile
from connectors.files.table_files import TextTable

_KEY = ["department", "month", "role"]


def read_training(table: TextTable, profile: Profile) -> Understood:
    """Read a training list into rows of ``training``.

    The file counts people already (``trained``), or has a row per person: a person who comes twice in one group is
    counted once, and nobody lands.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    fields = read_fields(table, profile)
    frame = fields.frame
    for name in ("month", "department"):
        frame = reject(frame, "missing", name, pl.col(name).is_null())
    is_counted = "trained" in profile.columns
    if is_counted:
        frame = reject(frame, "missing", "trained", pl.col("trained").is_null())
        frame = reject(frame, "negative", "trained", pl.col("trained") < 0)
        frame = reject(frame, "repeated", "department", is_understood().sum().over(_KEY) > 1)
    else:
        frame = reject(frame, "missing", "person", pl.col("person").is_null())
        person = pl.col("person").str.to_lowercase()
        is_first = pl.int_range(pl.len()).over(*_KEY, person) == 0
        frame = exclude(frame, "same_person", is_understood() & ~is_first)
        frame = frame.with_columns(pl.lit(1, pl.Int64).alias("trained"))
    understood = frame.filter(is_understood())
    rows = understood.group_by(_KEY, maintain_order=True).agg(pl.col("trained").sum())
    return Understood(
        table=TRAINING.name,
        rows=rows,
        outcome=plain_outcome(frame, pl.col("month")),
        days=understood["month"],
        unknown_values=fields.unknown_values,
        landed=understood.height,
    )
