"""Reads meeting logs: connections of participants, whole meetings, and the call records of a telephone exchange.

Who took part lands as a pseudonym, and nothing else of a person does. Rows of one meeting are put together by the
meeting's id; calls of two become totals of their day. What a row cannot say stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta

import polars as pl

from connectors.contract import MEETINGS
from connectors.errors import ConfigurationError
from connectors.files.headers import heading_spelling
from connectors.files.instants import in_utc, instants
from connectors.files.mapped_rows import (
    Understood,
    exclude,
    is_understood,
    plain_outcome,
    read_fields,
    reject,
    with_empty_cells,
    with_key,
)
from connectors.files.meeting_frames import LOCAL, meetings_of, participations_of, totals_of
from connectors.files.profiles import FIELDS, Profile
from connectors.files.table_files import ROW_NUMBER, TextTable
from connectors.pseudonyms import Pseudonyms

LONGEST_OCCURRENCE = timedelta(hours=24)
"""Longer meetings land; the person who imports is told, since one id may stand for every meeting of a series."""

_INSTANTS = tuple(name for name, reading in FIELDS["meetings"].items() if reading == "instant")
_IS_CONNECTION = pl.col("row_means").is_in(["connection", "conference_call"])
_IS_CALL = pl.col("row_means") == "call"


def read_meetings(
    table: TextTable, profile: Profile, pseudonyms: Pseudonyms, landed_elsewhere: AbstractSet[str] = frozenset()
) -> Understood:
    """Read a meeting log into rows of ``meetings``, ``participations`` and ``meeting_totals``.

    Args:
        table: the file as texts.
        profile: what its columns and rows mean.
        pseudonyms: of the organisation.
        landed_elsewhere: meetings that another file of the profile has brought already; their rows are left out.

    Raises:
        ConfigurationError: the file lacks a column the profile needs.
    """
    fields = read_fields(_prepared(table, profile), profile)
    frame = _with_instants(_with_row_means(fields.frame), profile)
    frame = _refuse_rows(_with_times(frame, profile))
    frame = _leave_out_repeats(_with_meeting(frame))
    frame = with_key(frame, "meeting", "meeting_id", pseudonyms, "meeting", f"{profile.name}:")
    frame = exclude(frame, "in_another_file", pl.col("meeting_id").is_in(list(landed_elsewhere)))
    frame = _leave_out_media_servers(table.name, frame)
    is_leg = is_understood() & (pl.col("row_means") == "conference_call")
    is_left_over = _IS_CALL & is_leg.any().over("meeting_id")
    frame = exclude(frame, "call_before_conference", is_left_over)
    rows = frame.filter(is_understood())
    meetings = meetings_of(rows.filter(~_IS_CALL), profile, pseudonyms)
    return Understood(
        table=MEETINGS.name,
        rows=meetings,
        outcome=plain_outcome(frame, _local_day(pl.col("began"))),
        days=rows.select(_local_day(pl.col("began"))).to_series(),
        unknown_values=fields.unknown_values,
        notes=_notes(rows, meetings),
        further={
            "participations": participations_of(rows.filter(_IS_CONNECTION), profile, pseudonyms),
            "meeting_totals": totals_of(rows.filter(_IS_CALL)),
        },
        landed=rows.height,
    )


def _local_day(instant: pl.Expr) -> pl.Expr:
    return instant.dt.convert_time_zone(LOCAL).dt.date()


def _prepared(table: TextTable, profile: Profile) -> TextTable:
    """The table without the texts that mean nothing, and with the columns that the profile joins of others."""
    frame, headings = with_empty_cells(table, profile).frame, list(table.headings)
    for join in profile.join:
        found = [_first(headings, names) for names in join.headings]
        columns = [heading for heading in found if heading is not None]
        if len(columns) == len(found) and join.heading not in headings:
            frame = frame.with_columns(pl.concat_str(columns, separator=" ").alias(join.heading))
            headings.append(join.heading)
    return replace(table, frame=frame, headings=tuple(headings))


def _first(headings: Sequence[str], names: Sequence[str]) -> str | None:
    there = {heading_spelling(heading): heading for heading in reversed(headings)}
    return next((there[heading_spelling(name)] for name in names if heading_spelling(name) in there), None)


def _with_instants(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Every instant in UTC; what is unreadable rejects its row, what is uncertain is marked."""
    for name in _INSTANTS:
        found = instants(frame[name].cast(pl.String), profile.times, profile.date_order)
        marks = [found.is_unreadable.alias("unreadable"), found.is_uncertain.alias(f"{name}_uncertain")]
        frame = frame.with_columns(found.values.alias(name), *marks)
        frame = reject(frame, "unreadable", name, pl.col("unreadable")).drop("unreadable")
    return frame


def _with_times(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """When a row began and ended: as written, by its duration, or at a time of day after it began.

    An end before the beginning is no end. A connection that was never made has no beginning; a call has one also
    when nobody answered.
    """
    is_meeting = pl.col("row_means") == "meeting"
    started = pl.col("started_at").dt.convert_time_zone(profile.times.zone).dt.replace_time_zone(None)
    at_time = started.dt.truncate("1d") + pl.col("ended_time")
    at_time = pl.when(at_time < started).then(at_time + timedelta(days=1)).otherwise(at_time)
    seconds = pl.coalesce(pl.col("duration_seconds"), pl.col("duration_minutes") * 60).round().cast(pl.Int64)
    frame = frame.with_columns(
        pl.coalesce(pl.duration(seconds=seconds), "duration_clock").alias("lasted"),
        pl.when(is_meeting).then("started_at").otherwise("joined_at").alias("began"),
        pl.when(is_meeting).then("ended_at").otherwise("left_at").alias("ended"),
        pl.when(is_meeting).then("started_at_uncertain").otherwise("joined_at_uncertain").alias("is_start_uncertain"),
        pl.when(is_meeting).then("ended_at_uncertain").otherwise("left_at_uncertain").alias("is_end_uncertain"),
        in_utc(at_time, profile.times.zone).alias("at_time"),
    )
    by_end = pl.when(pl.col("row_means").is_in(["meeting", "connection"])).then(pl.col("ended") - pl.col("lasted"))
    frame = frame.with_columns(pl.coalesce("began", by_end).alias("began"))
    frame = frame.with_columns(
        pl.coalesce("ended", "at_time", pl.col("began") + pl.col("lasted")).alias("ended"),
        pl.when(_IS_CALL).then(pl.coalesce("started_at", "began")).otherwise("began").alias("began"),
    )
    frame = frame.with_columns((pl.col("ended") < pl.col("began")).fill_null(value=False).alias("is_end_before"))
    return frame.with_columns(pl.when(~pl.col("is_end_before")).then("ended").alias("ended"))


def _with_row_means(frame: pl.DataFrame) -> pl.DataFrame:
    is_leg = _IS_CALL & pl.col("is_conference").fill_null(value=False)
    means = pl.when(is_leg).then(pl.lit("conference_call")).otherwise("row_means").alias("row_means")
    return frame.with_columns(means)


def _refuse_rows(frame: pl.DataFrame) -> pl.DataFrame:
    frame = reject(frame, "missing", "row_means", pl.col("row_means").is_null())
    frame = reject(frame, "missing", "platform", pl.col("platform").is_null())
    needs_id = pl.col("row_means") != "meeting"
    frame = reject(frame, "missing", "meeting", needs_id & pl.col("meeting").is_null())
    frame = reject(frame, "negative", "duration", pl.col("lasted") < timedelta(0))
    for name in ("participants_reported", "participant_minutes_reported"):
        frame = reject(frame, "negative", name, pl.col(name) < 0)
    no_start, is_uncertain = pl.col("began").is_null(), pl.col("is_start_uncertain").fill_null(value=False)
    is_counted = pl.col("row_means") != "media_server"
    for means, name in (("meeting", "started_at"), ("connection", "joined_at"), ("call", "started_at")):
        of_kind = is_counted & no_start & (pl.col("row_means") == means)
        frame = reject(frame, "clock_change", name, of_kind & is_uncertain)
        frame = reject(frame, "missing", name, of_kind)
    return exclude(frame, "not_connected", no_start & (pl.col("row_means") == "conference_call"))


def _with_meeting(frame: pl.DataFrame) -> pl.DataFrame:
    """What names the occurrence a row belongs to.

    A row that is a whole meeting is one occurrence: of what has an id or a room, the one that began at its time.
    """
    named = pl.coalesce("meeting", "room")
    occurrence = pl.concat_str(named, pl.col("began").dt.strftime("%Y-%m-%dT%H:%M:%S"), separator=" ")
    row = pl.concat_str(pl.lit("row "), pl.col(ROW_NUMBER).cast(pl.String))
    is_whole = pl.col("row_means") == "meeting"
    return frame.with_columns(
        pl.when(is_whole).then(pl.coalesce(occurrence, row)).otherwise("meeting").alias("meeting")
    )


def _leave_out_repeats(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out what comes twice: a record by its id, a connection or a whole meeting by what it says.

    Two callers without a name who join in the same second are not known to be one.
    """
    whole = pl.col("row_means") == "meeting"
    alike = ["row_means", "meeting", "participant", "room", "endpoint", "began", "ended"]
    named = pl.col("participant").is_not_null() | pl.col("room").is_not_null()
    rules: Mapping[str, tuple[pl.Expr, list[str]]] = {
        "same_record": (pl.col("row").is_not_null(), ["row"]),
        "same_meeting": (whole, ["row_means", "meeting"]),
        "same_connection": ((pl.col("row_means") == "connection") & named & pl.col("row").is_null(), alike),
    }
    for rule, (condition, by) in rules.items():
        is_one = is_understood() & condition
        earlier = is_one.cast(pl.Int64).cum_sum().over(by) > 1
        frame = exclude(frame, rule, is_one & earlier)
    return frame


def _leave_out_media_servers(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of media servers say which media a meeting had, and count nothing; written messages alone are no meeting.

    Raises:
        ConfigurationError: there are no other rows, so that a file full of meetings would land as a month without.
    """
    means = frame.filter(is_understood())["row_means"]
    if means.len() and (means == "media_server").all():
        raise ConfigurationError(
            f"{name}: every row names a media server, of which one person has several: export one row for each joining "
            "of a conference, or leave the media server's column out if that is what the rows are"
        )
    media = pl.when(is_understood()).then("media")
    says_it = media.is_in(["video", "screen", "audio", "instant_messages"])
    frame = frame.with_columns(pl.when(says_it).then(media.is_in(["video", "screen"])).alias("is_video"))
    on_server = pl.when(pl.col("row_means") == "media_server").then("is_video")
    only_messages = (media == "instant_messages").all().over("meeting_id") & media.is_not_null().any().over(
        "meeting_id"
    )
    frame = frame.with_columns(
        on_server.max().over("meeting_id").alias("is_video_on_server"),
        only_messages.alias("is_messages"),
    )
    frame = exclude(frame, "instant_messages", pl.col("is_messages"))
    return exclude(frame, "media_server", pl.col("row_means") == "media_server")


def _notes(rows: pl.DataFrame, meetings: pl.DataFrame) -> dict[str, int]:
    """What understood rows lack, for the person who imports."""
    lasted = pl.col("ended_at") - pl.col("started_at")
    is_end_missing = pl.col("ended").is_null()
    counts = {
        "rows without an end": rows.select((is_end_missing & ~pl.col("is_end_before")).sum()),
        "ends before the beginning, left out": rows.select(pl.col("is_end_before").sum()),
        "ends in the hour that the clock change makes uncertain": rows.select(
            (is_end_missing & pl.col("is_end_uncertain").fill_null(value=False)).sum()
        ),
        "meetings of which nobody says the media": meetings.select(
            (pl.col("has_video").is_null() & (pl.col("reported_modality").fill_null("unknown") == "unknown")).sum()
        ),
        "meetings of more than 24 hours; one id may stand for a series": meetings.select(
            (lasted > LONGEST_OCCURRENCE).sum()
        ),
    }
    return {note: int(count.item()) for note, count in counts.items() if count.item()}
