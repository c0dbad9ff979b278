"""Reads columns of instants into UTC: text with an offset beside it or in a known zone, or seconds since 1970.

A local time that the clock change makes happen twice, or not at all, is no instant: it is NULL and marked, and what it
means for the row is the reader's to decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from connectors.contract import INSTANT, WALL_CLOCK
from connectors.files import dates
from connectors.files.dates import FIRST_YEAR, LAST_YEAR, DateOrder
from connectors.files.profile_parts import Times

_OFFSET = r"(?i)(\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?) ?(z|utc|[+-]\d{2}:?\d{2})$"
_SECONDS = r"^(\d{9,10})$"


@dataclass(frozen=True)
class Instants:
    """A column of instants.

    Attributes:
        values: in UTC, whole seconds; NULL where there is none, or none for certain.
        is_unreadable: where something is written that is no date with a time of day.
        is_uncertain: where it lies in an hour that the clock change repeats or leaves out.
    """

    values: pl.Series
    is_unreadable: pl.Series
    is_uncertain: pl.Series


def instants(written: pl.Series, times: Times, order: DateOrder | None = None) -> Instants:
    """Read a whole column, whose values together settle whether day or month comes first.

    Args:
        written: its cells.
        times: how the profile says instants are written.
        order: whether day or month comes first, where that is known.
    """
    frame = written.to_frame("text").select(pl.when(~pl.col("text").is_in(times.none)).then("text"))
    seconds = times.written_as == "epoch_seconds"
    frame = _with_seconds(frame) if seconds else _with_texts(frame, order)
    with_offset = (pl.col("wall") - pl.duration(minutes="offset")).dt.replace_time_zone("UTC")
    value = pl.when(pl.col("offset").is_null()).then(in_utc(pl.col("wall"), times.zone)).otherwise(with_offset)
    is_read = pl.col("wall").is_not_null()
    found = frame.select(
        value=value.cast(INSTANT),
        unreadable=pl.col("text").is_not_null() & ~is_read,
        uncertain=is_read & value.is_null(),
    )
    return Instants(found["value"], found["unreadable"], found["uncertain"])


def in_utc(wall: pl.Expr, zone: str) -> pl.Expr:
    """A wall clock's time as an instant; NULL in an hour that comes twice or not at all."""
    local = wall.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _with_seconds(frame: pl.DataFrame) -> pl.DataFrame:
    since_1970 = pl.col("text").str.extract(_SECONDS).cast(pl.Int64, strict=False)
    wall = pl.from_epoch(since_1970, time_unit="s").cast(WALL_CLOCK)
    in_range = wall.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return frame.with_columns(pl.when(in_range).then(wall).alias("wall"), pl.lit(0, pl.Int64).alias("offset"))


def _with_texts(frame: pl.DataFrame, order: DateOrder | None) -> pl.DataFrame:
    frame = frame.with_columns(pl.col("text").str.replace(_OFFSET, "${1}").alias("bare"))
    wall = dates.moments(frame["bare"], order).alias("wall")
    has_time = dates.precision(pl.col("bare")) == "minute"  # a day is no instant
    said = pl.col("text").str.extract(_OFFSET, 2).str.to_lowercase()
    sign = pl.when(said.str.starts_with("-")).then(-1).otherwise(1)
    hours, minutes = (said.str.extract(r"^[+-](\d{2}):?(\d{2})$", group).cast(pl.Int64) for group in (1, 2))
    offset = pl.when(said.is_in(["z", "utc"])).then(0).otherwise(sign * (60 * hours + minutes))
    return frame.with_columns(wall).with_columns(
        pl.when(has_time).then("wall").alias("wall"), offset.cast(pl.Int64).alias("offset")
    )
