"""Reads travel exports: agency statements, mileage claims, logs of journeys.

Every row lands as what the profile says it is; only rows a profile excludes by name stay out. Fees, hotel nights and
refunds keep their amounts. Places land at locality level, travellers and bookings as pseudonyms, free text not at all.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from connectors.contract import TRAVEL_SEGMENTS
from connectors.mapped_rows import Understood, is_understood, read_fields, reject, with_key
from connectors.profiles import Profile
from connectors.pseudonyms import Pseudonyms
from connectors.table_files import ROW_NUMBER, TextTable

LONGEST_ABSENCE = timedelta(days=90)
"""Longer ones land, but the models leave their days out; the person who imports is told."""

TRIP_ROWS = ("segment", "one_way", "round_trip", "day_total")
"""What a row means when somebody travelled; the others are money or quantities that go with a journey."""

_OUTCOME = (ROW_NUMBER, "rule", "reason", "field", "amount", "currency")


def read_travel(table: TextTable, profile: Profile, pseudonyms: Pseudonyms) -> Understood:
    """Read a travel export into rows of ``travel_segments``.

    Args:
        table: the file as texts, lookups already brought in.
        profile: what its columns and rows mean.
        pseudonyms: of the organisation.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    fields = read_fields(table, profile)
    frame = _refuse_rows(fields.frame)
    understood = frame.filter(is_understood())
    rows = understood.with_columns(_distance(profile), _precision(understood.columns))
    rows = rows.with_columns(*_times(), *_money(), _co2(), _trip_class(profile))
    rows = with_key(rows, "person", "person_key", pseudonyms, profile.person.kind, profile.person.prefix)
    rows = with_key(rows, "booking_ref", "booking_key", pseudonyms, "booking", f"{profile.name}:")
    rows = with_key(rows, "vehicle", "vehicle_key", pseudonyms, "vehicle").rename({"booking_key": "booking_ref"})
    trips = rows.filter(pl.col("row_means").is_in(TRIP_ROWS))
    dated = trips if trips.height else rows
    return Understood(
        table=TRAVEL_SEGMENTS.name,
        rows=rows.select(name for name in TRAVEL_SEGMENTS.schema if name in rows.columns),
        outcome=frame.select(*_OUTCOME, pl.col("departed_at").dt.date().alias("occurred_on")),
        days=dated["departed_at"].drop_nulls().dt.date(),
        unknown_values=fields.unknown_values,
        notes=_notes(rows, trips),
    )


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


def _precision(columns: list[str]) -> pl.Expr:
    """How exact the times are: as the profile says, else to the minute where the departure is written with a time."""
    written = "departed_at_as_written"
    if written not in columns:
        return pl.col("time_precision")
    by_row = pl.when(pl.col(written).str.contains(":", literal=True)).then(pl.lit("minute")).otherwise(pl.lit("day"))
    return pl.coalesce("time_precision", by_row).alias("time_precision")


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


def _money() -> list[pl.Expr]:
    """The cost in kronor, known only for amounts in kronor."""
    return [pl.when(pl.col("currency") == "SEK").then(pl.col("amount")).otherwise(None).alias("cost_sek")]


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


def _notes(rows: pl.DataFrame, trips: pl.DataFrame) -> dict[str, int]:
    """What understood rows lack, for the person who imports."""
    places = [name for name in ("origin_place", "destination_place") if f"{name}_as_written" in rows.columns]
    away = pl.col("returned_at") - pl.col("departed_at")
    counts = {
        "trips by an unknown mode": trips.filter(pl.col("mode") == "unknown").height,
        "trips without distance": trips["distance_km"].null_count(),
        "trips without traveller": trips["person_key"].null_count(),
        "returns before departure": trips.filter(away < timedelta(0)).height,
        "absences of more than 90 days": trips.filter(away > LONGEST_ABSENCE).height,
        "amounts in another currency or none": rows.filter(
            pl.col("amount").is_not_null() & pl.col("cost_sek").is_null()
        ).height,
        "places left out because they look like an address": sum(
            rows.filter(pl.col(f"{name}_as_written").is_not_null() & pl.col(name).is_null()).height for name in places
        ),
    }
    return {note: count for note, count in counts.items() if count}
