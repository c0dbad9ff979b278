"""Puts the understood rows of a meeting log together: meetings, who was connected, and totals of calls of two."""

from __future__ import annotations

from typing import Any

import polars as pl

from connectors.call_addresses import Home, conceal
from connectors.contract import MEETING_TOTALS, MEETINGS, PARTICIPATIONS
from connectors.files.profiles import Profile
from connectors.files.table_files import ROW_NUMBER
from connectors.pseudonyms import Pseudonyms

LOCAL = "Europe/Stockholm"
VERSION = 1
"""Of every imported meeting: a corrected file takes the place of its predecessor whole, so no version competes."""

_PEOPLE = {
    "value": pl.String(),
    "person_key": pl.String(),
    "room_key": pl.String(),
    "party": pl.String(),
    "party_org_key": pl.String(),
    "is_room": pl.Boolean(),
}
_NOT_LANDED = ("org_id", "source", "seen_at")


def meetings_of(rows: pl.DataFrame, profile: Profile, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Rows of ``meetings``: one per meeting, of however many rows it has.

    A meeting begins with its first connection and ends with the last end that is known.
    """
    rows = _with_endpoints(rows, profile, pseudonyms)
    is_room, is_phone = (pl.col("endpoint") == kind for kind in ("room", "phone"))
    is_known = pl.col("endpoint") != "unknown"
    meetings = rows.group_by("meeting_id", maintain_order=True).agg(
        pl.col("platform").first(),
        pl.coalesce(pl.col("kind").filter(pl.col("kind") != "unknown").first(), pl.lit("unknown")).alias("kind"),
        pl.col("began").min().alias("started_at"),
        pl.coalesce(pl.col("ended").max(), pl.col("ended_at").max()).alias("ended_at"),
        pl.col("organiser").drop_nulls().first(),
        pl.col("participants_reported").max(),
        pl.col("participant_minutes_reported").max(),
        pl.col("reported_modality").filter(pl.col("reported_modality") != "unknown").first(),
        _any(pl.when(is_known).then(is_room)).alias("has_room_system"),
        _any(pl.when(is_known).then(is_phone)).alias("has_telephone"),
        pl.coalesce(_any(pl.col("is_video")), pl.col("is_video_on_server").max()).alias("has_video"),
    )
    people = _people(meetings["organiser"], profile, pseudonyms).select(
        "value", pl.col("person_key").alias("organiser_key"), pl.col("party").alias("organiser_party")
    )
    meetings = meetings.join(people, left_on="organiser", right_on="value", how="left", maintain_order="left")
    meetings = meetings.with_columns(
        pl.lit(VERSION, pl.Int64).alias("version"), pl.col("organiser_party").fill_null("unknown")
    )
    return _as(MEETINGS.schema, meetings)


def participations_of(rows: pl.DataFrame, profile: Profile, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Rows of ``participations``: one per connection; rooms and nameless callers have no person."""
    rows = _with_endpoints(rows, profile, pseudonyms)
    is_room = pl.col("endpoint") == "room"
    said = pl.when(pl.col("is_internal").is_not_null()).then(
        pl.when("is_internal").then(pl.lit("internal")).otherwise(pl.lit("external"))
    )
    rows = rows.with_columns(said.otherwise(pl.col("party").fill_null("unknown")).alias("party"))
    rows = rows.with_columns(
        pl.lit(VERSION, pl.Int64).alias("version"),
        pl.col(ROW_NUMBER).cast(pl.String).alias("participation_id"),
        pl.when(~is_room).then("person_key").alias("person_key"),
        pl.when(is_room).then(pl.coalesce("named_room_key", "room_key")).alias("room_key"),
        pl.when(pl.col("party") == "external").then("party_org_key").alias("party_org_key"),
        pl.col("began").alias("joined_at"),
        pl.col("ended").alias("left_at"),
        pl.when(pl.col("media") == "audio").then(statement=True).alias("audio"),
        pl.when(pl.col("media") == "video").then(statement=True)
        .when(pl.col("media") == "audio").then(statement=False).alias("video"),
        pl.when(pl.col("media") == "screen").then(statement=True).alias("screen_share"),
        pl.col("outcome").fill_null("unknown"),
    )  # fmt: skip
    return _as(PARTICIPATIONS.schema, rows)


def totals_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``meeting_totals``: calls of two by day, answered or not; records of one call are one call."""
    either = pl.concat_list(pl.col("endpoint").fill_null("unknown"), pl.col("called_endpoint").fill_null("unknown"))
    is_phone = either.list.contains("phone") & ~pl.col("is_video").fill_null(value=False)
    modality = pl.when(either.list.contains("room")).then(pl.lit("video")).when(is_phone).then(pl.lit("phone"))
    seconds = pl.coalesce("lasted", pl.col("ended") - pl.col("joined_at")).dt.total_seconds()
    calls = rows.with_columns(modality.otherwise(pl.lit("web")).alias("modality"), seconds.alias("seconds"))
    calls = calls.group_by("meeting_id", maintain_order=True).agg(
        pl.col("platform").first(),
        pl.col("began").min().dt.convert_time_zone(LOCAL).dt.date().alias("period_from"),
        pl.col("modality").min(),
        (2 * pl.len()).cast(pl.Int64).alias("participations"),
        _sum_if_known(pl.col("seconds") * 2 / 60).alias("person_minutes"),
    )
    totals = calls.group_by("period_from", "platform", "modality", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("meetings"),
        pl.col("participations").sum(),
        _sum_if_known(pl.col("person_minutes")),
    )
    totals = totals.with_columns(
        pl.col("period_from").alias("period_to"), pl.lit("unknown").alias("role"), pl.lit("one_to_one").alias("basis")
    )
    return _as(MEETING_TOTALS.schema, totals)


def _with_endpoints(rows: pl.DataFrame, profile: Profile, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """What was connected: a room where the row names one or its address is a room's, else what the profile says."""
    people = _people(rows["participant"], profile, pseudonyms)
    rooms = _people(rows["room"], profile, pseudonyms).select("value", pl.col("room_key").alias("named_room_key"))
    rows = rows.join(people, left_on="participant", right_on="value", how="left", maintain_order="left")
    rows = rows.join(rooms, left_on="room", right_on="value", how="left", maintain_order="left")
    is_room = pl.col("room").is_not_null() | pl.col("is_room").fill_null(value=False)
    endpoint = pl.when(is_room).then(pl.lit("room")).otherwise(pl.col("endpoint").fill_null("unknown"))
    return rows.with_columns(endpoint.alias("endpoint"))


def _people(column: pl.Series, profile: Profile, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Every distinct address of a column and what is kept of it."""
    home = Home.of(profile.own.domains, profile.own.room_domains, profile.own.rooms, pseudonyms)
    found = [_person(value, profile, pseudonyms, home) for value in column.drop_nulls().unique().sort()]
    return pl.DataFrame(found, schema=_PEOPLE, orient="row")


def _person(value: str, profile: Profile, pseudonyms: Pseudonyms, home: Home) -> tuple[Any, ...]:
    """What is kept of one value.

    What is neither address nor telephone number, such as an extension, means one system's own. Words with a space
    between are a name, which is nobody's alone: it is not kept, and the connection is one without a name.
    """
    who = conceal(value, pseudonyms)
    key = who.address
    if key is not None and who.domain is None and not who.is_number:
        key = None if " " in value.strip() else pseudonyms.of(profile.person.kind, profile.person.prefix + value)
    party = home.party(who, is_guest=False)
    organisation = None if who.is_number else who.organisation
    return value, key, who.room, party, organisation, home.is_room(who)


def _any(condition: pl.Expr) -> pl.Expr:
    """True if anything is, False if all are known and none is, else unknown."""
    return condition.any(ignore_nulls=False)


def _sum_if_known(amount: pl.Expr) -> pl.Expr:
    return pl.when(amount.is_not_null().all()).then(amount.sum())


def _as(schema: dict[str, Any], frame: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in schema if name in frame.columns and name not in _NOT_LANDED]
    return frame.select(pl.col(name).cast(schema[name]) for name in names)
