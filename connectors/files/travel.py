"""Reads travel exports: agency statements, mileage claims, logs of journeys.

Every row lands as what the profile says it is; only rows a profile excludes by name stay out. Fees, hotel nights and
refunds keep their amounts. Places land at locality level, travellers and bookings as pseudonyms, free text not at all.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from connectors.contract import TRAVEL_SEGMENTS
from connectors.files import dates
from connectors.files.currencies import cost_in_kronor
from connectors.files.mapped_rows import (
    Understood,
    is_rejected,
    is_understood,
    read_fields,
    reject,
    with_key,
    with_single_values_once,
)
from connectors.files.profiles import Profile
from connectors.files.table_files import ROW_NUMBER, TextTable
from connectors.pseudonyms import Pseudonyms

LONGEST_ABSENCE = timedelta(days=90)
"""Longer ones land, but the models leave their days out; the person who imports is told."""

TRIP_ROWS = ("segment", "one_way", "round_trip", "day_total")
"""What a row means when somebody travelled; the others are money or quantities that go with a journey."""

_CALCULATED_WITH = (
    "distance", "odometer_start", "odometer_end", "departed_time", "arrived_time", "returned_time", "duration_hours",
    "co2_kg_per_km",
)  # fmt: skip
_MOMENTS_AS_WRITTEN = ("departed_at_as_written", "arrived_at_as_written", "returned_at_as_written")
_OUTCOME = (ROW_NUMBER, "rule", "reason", "field", "amount", "currency")


def read_travel(table: TextTable, profile: Profile, pseudonyms: Pseudonyms) -> Understood:
    """Read a travel export into rows of ``travel_segments``.

    Args:
        table: the file as texts, lookups already brought in. Only the texts of rejected rows are left in it.
        profile: what its columns and rows mean.
        pseudonyms: of the organisation.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    fields = read_fields(table, profile)
    unknown_values = fields.unknown_values
    frame = _with_precision(_refuse_rows(_with_times_of_day(_with_odometer(fields.frame))))
    frame = with_single_values_once(frame)
    del fields  # a million rows are let go of as soon as they are read further
    outcome = frame.select(*_OUTCOME, pl.col("departed_at").dt.date().alias("occurred_on"))
    table.keep(frame.filter(is_rejected())[ROW_NUMBER])
    is_kept = frame.select(is_understood()).to_series()
    frame = frame.drop("rule", "reason", "field")  # before the rows are copied
    rows = frame.filter(is_kept)
    del frame
    rows = rows.with_columns(_distance(profile))
    rows = rows.with_columns(*_times(), cost_in_kronor(profile), _co2(), _trip_class(profile)).drop(_CALCULATED_WITH)
    rows = with_single_values_once(rows)
    rows = with_key(rows, "person", "person_key", pseudonyms, profile.person.kind, profile.person.prefix)
    rows = with_key(rows, "booking_ref", "booking_key", pseudonyms, "booking", f"{profile.name}:")
    rows = with_key(rows, "vehicle", "vehicle_key", pseudonyms, "vehicle").rename({"booking_key": "booking_ref"})
    is_trip = pl.col("row_means").is_in(TRIP_ROWS)
    dated = rows.select("departed_at", is_trip=is_trip)
    dated = dated.filter("is_trip") if dated["is_trip"].any() else dated
    is_doubtful = is_trip & pl.col("mode_not_known") if "mode_not_known" in rows.columns else pl.lit(value=False)
    return Understood(
        table=TRAVEL_SEGMENTS.name,
        rows=with_single_values_once(rows.select(name for name in TRAVEL_SEGMENTS.schema if name in rows.columns)),
        outcome=outcome,
        days=dated["departed_at"].drop_nulls().dt.date(),
        unknown_values=unknown_values,
        notes=_notes(rows),
        doubtful=int(rows.select(is_doubtful.sum()).item()),
    )


def _with_odometer(frame: pl.DataFrame) -> pl.DataFrame:
    """The distance between two readings of the odometer, where no distance is given."""
    driven = (pl.col("odometer_end") - pl.col("odometer_start")).round(6)
    return frame.with_columns(pl.coalesce("distance", driven).alias("distance"))


def _with_times_of_day(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates with the times of day of columns of their own; who arrives before leaving arrives on the day after."""
    departed = pl.col("departed_at") + pl.col("departed_time").fill_null(timedelta(0))
    frame = frame.with_columns(departed.alias("departed_at"))
    for name in ("arrived", "returned"):
        day, time = pl.col(f"{name}_at"), pl.col(f"{name}_time")
        same_day = pl.col("departed_at").dt.truncate("1d") + time
        next_day = timedelta(days=1)
        after = pl.when(same_day < pl.col("departed_at")).then(same_day + next_day).otherwise(same_day)
        frame = frame.with_columns(pl.coalesce(day + time, day, after).alias(f"{name}_at"))
    return frame


def _refuse_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """What cannot be counted: no meaning, no date, a distance below zero.

    A fee, hotel night or refund without a date of its own follows its booking.
    """
    is_trip = pl.col("row_means").is_in(TRIP_ROWS)
    frame = reject(frame, "missing", "row_means", pl.col("row_means").is_null())
    no_date = pl.col("departed_at").is_null() & (is_trip | pl.col("booking_ref").is_null())
    frame = reject(frame, "missing", "departed_at", no_date)
    return reject(frame, "negative", "distance", is_trip & (pl.col("distance") < 0))


def _distance(profile: Profile) -> pl.Expr:
    times = pl.when(pl.col("row_means") == "round_trip").then(profile.distance.times_on_round_trip).otherwise(1)
    return (pl.col("distance") * times).alias("distance_km")


def _with_precision(frame: pl.DataFrame) -> pl.DataFrame:
    """How exact the times are: as the profile says, else as the departure is written; never finer than it is."""
    written = "departed_at_as_written"
    if written not in frame.columns:
        return frame
    by_date = dates.each_once(frame[written], dates.precision)
    precision = (
        pl.when(by_date == "month")
        .then(pl.lit("month"))
        .when(pl.col("time_precision").is_null() & pl.col("departed_time").is_not_null())
        .then(pl.lit("minute"))
        .otherwise(pl.coalesce("time_precision", by_date))
        .alias("time_precision")
    )
    return frame.with_columns(precision).drop(_MOMENTS_AS_WRITTEN, strict=False)


def _times() -> list[pl.Expr]:
    """Departure, arrival and return; at day precision at midnight, the return on the last day away.

    A duration of hours ends on the day that holds its last minute, so that 24 hours from midnight is one day. A
    return before the departure lands as computed: the models leave its days out and list it.
    """
    is_day = pl.col("time_precision") == "day"
    hours = pl.duration(seconds=(pl.col("duration_hours") * 3600).round())
    last_minute = pl.when(pl.col("duration_hours") == 0).then(timedelta(0)).otherwise(timedelta(minutes=1))
    by_duration = pl.col("departed_at") + hours - pl.when(is_day).then(last_minute).otherwise(timedelta(0))
    moments = {
        "departed_at": pl.col("departed_at"),
        "arrived_at": pl.col("arrived_at"),
        "returned_at": pl.coalesce(pl.col("returned_at"), by_duration),
    }
    return [
        pl.when(is_day).then(moment.dt.truncate("1d")).otherwise(moment).alias(name) for name, moment in moments.items()
    ]


def _co2() -> pl.Expr:
    """Kilograms as the supplier says, or its kilograms per person-kilometre times the kilometres travelled."""
    return pl.coalesce("co2_kg_reported", pl.col("co2_kg_per_km") * pl.col("distance_km")).alias("co2_kg_reported")


def _trip_class(profile: Profile) -> pl.Expr:
    """Whether a meeting could replace the trip: the first rule of the profile that knows, else unknown."""
    known = [
        pl.when(pl.col(rule.field).is_in(words)).then(pl.lit(answer))
        for rule in profile.trip_class
        for answer, words in (("meeting", rule.meeting), ("service", rule.service))
    ]
    return pl.coalesce([*known, pl.lit("unknown")]).alias("trip_class")


def _notes(rows: pl.DataFrame) -> dict[str, int]:
    """What understood rows lack, for the person who imports."""
    is_trip = pl.col("row_means").is_in(TRIP_ROWS)
    away = pl.col("returned_at") - pl.col("departed_at")
    left_out = [
        pl.col(f"{name}_as_written").is_not_null() & pl.col(name).is_null()
        for name in ("origin_place", "destination_place")
        if f"{name}_as_written" in rows.columns
    ]
    counts = {
        "trips by an unknown mode": is_trip & (pl.col("mode") == "unknown"),
        "trips without distance": is_trip & pl.col("distance_km").is_null(),
        "trips without traveller": is_trip & pl.col("person_key").is_null(),
        "returns before departure": is_trip & (away < timedelta(0)),
        "absences of more than 90 days": is_trip & (away > LONGEST_ABSENCE),
        "amounts in another currency or none": pl.col("amount").is_not_null() & pl.col("cost_sek").is_null(),
        "places left out because they look like an address": pl.sum_horizontal(pl.lit(0), *left_out),
    }
    found = rows.select(condition.sum().alias(note) for note, condition in counts.items()).row(0, named=True)
    return {note: int(count) for note, count in found.items() if count}
