"""The landing tables: the one place where their columns, types, units, keys and grain are declared.

Everything a connector hands over is a :class:`Batch` of Polars frames in these shapes, and everything the
models read is these tables as Parquet. Column comments, asset checks and documentation are generated from here.

Conventions: instants are UTC; ``*_key`` columns hold keyed pseudonyms (see ``pseudonyms.py``), never a name, an
address or a number; units are part of a column's name; NULL means unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

SCHEMA_VERSION = 1

INSTANT = pl.Datetime("us", "UTC")
WALL_CLOCK = pl.Datetime("us")
MONEY = pl.Decimal(18, 2)

LONGEST_PLACE = 60
"""Characters. A longer text in a place column is a description, not a place."""

MergeRule = Literal["row", "record", "whole_record", "changes", "file"]
"""How a table takes new rows.

``row``: per key the latest content wins (no version). ``record``: per key the highest ``version`` wins.
``whole_record``: rows belong to a parent record; the parent's highest version replaces all its rows together, so
that a removed participant disappears. ``changes``: a row is kept only if it differs from the previous one of the
same thing, or opens a month. ``file``: rows belong to one imported file and are stored and removed with it.
"""


@dataclass(frozen=True)
class Column:
    """One column of a landing table."""

    name: str
    dtype: pl.DataType | type[pl.DataType]
    description: str
    nullable: bool = True
    values: tuple[str, ...] = ()
    """The only values the column may hold, where that is a closed list."""
    compared: bool = True
    """False for measurements of the pull itself, which do not make a row new."""


@dataclass(frozen=True)
class Table:
    """One landing table: what one row is, which columns identify it and how it takes new rows."""

    name: str
    grain: str
    key: tuple[str, ...]
    merge: MergeRule
    columns: tuple[Column, ...]
    month_of: str | None = None
    """The instant or date column whose UTC month names the partition; None keeps a source in one partition."""
    parent: str | None = None
    """For ``whole_record``: the table that holds the parent records, named by the first key column after source."""
    keeps_larger: str | None = None
    """For ``row``: the count that a smaller re-pull must not lower."""
    by_column: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_column", {column.name: column for column in self.columns})

    @property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Column name to Polars type, in the order of the declaration."""
        return {column.name: column.dtype for column in self.columns}

    @property
    def compared(self) -> list[str]:
        """The columns whose content decides whether a row has changed."""
        return [column.name for column in self.columns if column.compared]

    def empty(self) -> pl.DataFrame:
        """A frame with this table's columns and no rows."""
        return pl.DataFrame(schema=self.schema)

    def frame(self, rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
        """Rows (column name to value, missing columns are NULL) as a frame of this table."""
        return pl.DataFrame(list(rows), schema=self.schema, orient="row")


def conform(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Give a frame exactly this table's columns, order and types.

    Raises:
        ValueError: a column is unknown, a required value is missing or a value is outside its closed list.
    """
    unknown = sorted(set(frame.columns) - set(table.schema))
    if unknown:
        raise ValueError(f"{table.name}: not in the contract: {', '.join(unknown)}")
    frame = frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in table.schema.items()
    )
    for column in table.columns:
        if not column.nullable and frame[column.name].null_count():
            raise ValueError(f"{table.name}.{column.name}: a value is required")
        if column.values:
            found = set(frame[column.name].drop_nulls().unique().to_list()) - set(column.values)
            if found:
                raise ValueError(
                    f"{table.name}.{column.name}: {', '.join(sorted(found))} is not one of {', '.join(column.values)}"
                )
    return frame


def _text(name: str, description: str, *values: str, required: bool = False) -> Column:
    return Column(name, pl.String(), description, nullable=not required, values=values)


def _whole(name: str, description: str, *, required: bool = False, compared: bool = True) -> Column:
    return Column(name, pl.Int64(), description, nullable=not required, compared=compared)


def _number(name: str, description: str) -> Column:
    return Column(name, pl.Float64(), description)


def _flag(name: str, description: str) -> Column:
    return Column(name, pl.Boolean(), description)


def _money(name: str, description: str) -> Column:
    return Column(name, MONEY, description)


def _instant(name: str, description: str, *, required: bool = False, compared: bool = True) -> Column:
    return Column(name, INSTANT, description, nullable=not required, compared=compared)


def _wall(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, WALL_CLOCK, description, nullable=not required)


def _date(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pl.Date(), description, nullable=not required)


def _provenance() -> tuple[Column, ...]:
    return (
        _text("org_id", "The organisation, as named in settings.", required=True),
        _text("source", "The source, as named in settings, or the profile of a file.", required=True),
        _instant("seen_at", "When this content was first read.", required=True, compared=False),
    )


PARTIES = ("internal", "external", "unknown")
PERSON_GROUPS = ("employee", "elected", "consultant", "unknown")
PLATFORMS = (
    "teams",
    "zoom",
    "webex",
    "cisco_meeting_server",
    "skype_for_business",
    "cisco_ucm",
    "telepresence",
    "pexip",
    "other",
)
MODALITIES = ("phone", "web", "video", "unknown")
ENDPOINTS = ("app", "browser", "mobile", "phone", "room", "unknown")
OUTCOMES = ("ok", "poor_quality", "dropped", "setup_failed", "unknown")
MODES = (
    "flight",
    "rail",
    "bus",
    "car",
    "taxi",
    "public_transport",
    "ferry",
    "bicycle",
    "machine",
    "other",
    "unknown",
)
FUELS = (
    "petrol",
    "diesel",
    "electric",
    "plug_in_hybrid",
    "hybrid",
    "hvo",
    "biogas",
    "e85",
    "fossil_mix",
    "unknown",
)
CABINS = ("economy", "premium_economy", "business", "first", "unknown")
PURPOSES = ("meeting", "training", "conference", "service", "inspection", "other", "unknown")
TRIP_CLASSES = ("meeting", "service", "unknown")
ROW_MEANS = (
    "segment",
    "one_way",
    "round_trip",
    "day_total",
    "fee",
    "hotel",
    "refund",
    "cancellation",
    "fuel",
    "allowance",
    "private",
    "other",
)

PULLS = Table(
    "pulls",
    "the latest outcome of each kind for one window of one source",
    ("source", "window_from", "window_to", "status"),
    "row",
    (
        *_provenance(),
        _instant("window_from", "First instant asked for.", required=True),
        _instant("window_to", "First instant not asked for.", required=True),
        _text("status", "How the attempt ended.", "complete", "partial", "failed", required=True),
        _whole("pulled", "Records the vendor handed over.", required=True),
        _whole("landed", "Records that are in the landing tables after the attempt.", required=True),
        _whole("rejected", "Records that could not be understood; one row each in rejected.", required=True),
        _whole("excluded", "Records left out by a named rule.", required=True),
        _text("excluded_by", "The rules and their counts, as JSON text."),
        _whole("requests", "Requests sent.", required=True, compared=False),
        _whole("vendor_total", "The vendor's own count of the same records, where it gives one."),
        _text("error", "What stopped the attempt and what to do; never a token, a name or an address."),
    ),
)

FILES = Table(
    "files",
    "one imported version of one file",
    ("file_sha256",),
    "row",
    (
        *_provenance(),
        _text("file_sha256", "SHA-256 of the file's bytes.", required=True),
        _text(
            "kind",
            "What the file holds.",
            "travel",
            "staff",
            "meetings",
            "survey",
            "training",
            "meeting_costs",
            "meeting_totals",
            "travel_totals",
            "sites",
            "departments",
            required=True,
        ),
        _text("profile", "The profile it was read with.", required=True),
        _date("covers_from", "First day the file speaks for.", required=True),
        _date("covers_to", "Last day the file speaks for.", required=True),
        _text(
            "covers_basis",
            "Whether somebody said so or it was read from the rows.",
            "declared",
            "inferred",
            required=True,
        ),
        _text("replaces_sha256", "The file this one corrects."),
        _whole("rows_read", "Rows below the header.", required=True),
        _whole("rows_landed", "Rows understood.", required=True),
        _whole("rows_rejected", "Rows not understood.", required=True),
        _whole("rows_excluded", "Rows left out by a named rule.", required=True),
        _money("amount_in_sek", "Sum of the amounts in the file."),
        _money("amount_landed_sek", "Sum of the amounts of rows understood."),
        _money("amount_rejected_sek", "Sum of the amounts of rows not understood."),
    ),
)

MEETINGS = Table(
    "meetings",
    "one occurrence of one meeting on one platform",
    ("source", "meeting_id"),
    "record",
    (
        *_provenance(),
        _text("meeting_id", "The vendor's key of this occurrence.", required=True),
        _whole("version", "The vendor's version; higher replaces lower.", required=True),
        _text("platform", "Meeting platform.", *PLATFORMS, required=True),
        _text(
            "kind",
            "How the meeting came about.",
            "scheduled",
            "ad_hoc",
            "broadcast",
            "unknown",
            required=True,
        ),
        _instant("started_at", "First join.", required=True),
        _instant("ended_at", "Last leave."),
        _text("organiser_key", "Pseudonym of who called the meeting."),
        _text("organiser_party", "Whether the organiser belongs to the organisation.", *PARTIES, required=True),
        _text("join_key", "Pseudonym of the join address: equal for all records of one meeting link."),
        _text("correlator_key", "Pseudonym of the vendor's own link between records of one meeting."),
        _whole("participants_reported", "Participants by the vendor's own count."),
        _number("participant_minutes_reported", "Participant-minutes by the vendor's own count."),
        _whole("peak_participants", "Most participants at one time, by the vendor's count."),
        _text("reported_modality", "Modality by the vendor's own word.", *MODALITIES),
        _flag("has_room_system", "A room system took part."),
        _flag("has_telephone", "A telephone took part."),
        _flag("has_video", "Anyone sent video or shared a screen; NULL where the vendor does not tell."),
    ),
    month_of="started_at",
)

PARTICIPATIONS = Table(
    "participations",
    "one connection of one endpoint to one meeting",
    ("source", "meeting_id", "participation_id"),
    "whole_record",
    (
        *_provenance(),
        _text("meeting_id", "The meeting, as in meetings.", required=True),
        _whole("version", "The version of the meeting this row came with.", required=True),
        _text("participation_id", "The vendor's key of the connection.", required=True),
        _text("person_key", "Pseudonym of who was connected; NULL for rooms and unidentified callers."),
        _text("party", "Whether the person belongs to the organisation.", *PARTIES, required=True),
        _text("party_org_key", "Pseudonym of an outside participant's organisation."),
        _text("endpoint", "What was connected.", *ENDPOINTS, required=True),
        _text("room_key", "Pseudonym of the room, for room systems."),
        _whole("people_in_room", "People in the room, where counted."),
        _instant("joined_at", "When the connection began."),
        _instant("left_at", "When the connection ended."),
        _flag("audio", "Audio was used."),
        _flag("video", "Video was used."),
        _flag("screen_share", "A screen was shared."),
        _text("outcome", "How the connection went.", *OUTCOMES, required=True),
    ),
    month_of="joined_at",
    parent="meetings",
)

MEETING_TOTALS = Table(
    "meeting_totals",
    "one period × department × platform × modality × role × basis; the period is a day where a connector counts, "
    "longer where a report or a person gave it",
    ("source", "period_from", "period_to", "department", "platform", "modality", "role", "basis"),
    "row",
    (
        *_provenance(),
        _date("period_from", "First day (Europe/Stockholm) counted.", required=True),
        _date("period_to", "Last day counted.", required=True),
        _text("department", "Department as the source names it; NULL for the whole organisation."),
        _text("platform", "Meeting platform.", *PLATFORMS, required=True),
        _text("modality", "Modality.", *MODALITIES, required=True),
        _text(
            "role",
            "Whether meetings are counted once or once per person.",
            "organised",
            "attended",
            "unknown",
            required=True,
        ),
        _whole("meetings", "Meetings or calls."),
        _whole("participations", "Connections."),
        _number("person_minutes", "Minutes summed over people."),
        _whole("people", "Distinct people."),
        _text(
            "basis",
            "Where the total comes from.",
            "vendor_report",
            "manual",
            "purged",
            "one_to_one",
            required=True,
        ),
    ),
    month_of="period_from",
    keeps_larger="meetings",
)

ROOM_BOOKINGS = Table(
    "room_bookings",
    "one booking of one room",
    ("source", "booking_id", "room_key"),
    "row",
    (
        *_provenance(),
        _text("booking_id", "The vendor's key of the booking.", required=True),
        _text("event_key", "Pseudonym of the calendar event: equal for all rooms of one meeting.", required=True),
        _text("room_key", "Pseudonym of the room.", required=True),
        _instant("starts_at", "Booked start.", required=True),
        _instant("ends_at", "Booked end.", required=True),
        _whole("invited", "People invited; rooms are not counted."),
        _flag("is_online_meeting", "The booking has an online part."),
        _text("join_key", "Pseudonym of the join address."),
        _flag("is_cancelled", "The booking was withdrawn."),
        _text("cancelled_basis", "How that is known.", "vendor", "gone"),
    ),
    month_of="starts_at",
)

ROOMS = Table(
    "rooms",
    "one room as it was from a day on",
    ("source", "room_key", "observed_on"),
    "changes",
    (
        *_provenance(),
        _text("room_key", "Pseudonym of the room.", required=True),
        _date("observed_on", "The day the directory said so.", required=True),
        _whole("capacity", "Seats."),
        _flag("has_video", "The room has a video system."),
        _text("site", "Site (locality level)."),
        _date("valid_from", "First day, where the source says; else observed_on counts."),
        _date("valid_to", "Last day, where the source says."),
    ),
)

SITES = Table(
    "sites",
    "one site from a day on",
    ("source", "site", "valid_from"),
    "row",
    (
        *_provenance(),
        _text("site", "Site as the directory names it.", required=True),
        _text("municipality", "Municipality."),
        _number("latitude", "Degrees north, locality level."),
        _number("longitude", "Degrees east, locality level."),
        _date("valid_from", "First day.", required=True),
        _date("valid_to", "Last day; NULL while it lasts."),
    ),
)

DEPARTMENTS = Table(
    "departments",
    "one spelling of a department from a day on, of one file",
    ("file_sha256", "source_value", "valid_from"),
    "file",
    (
        *_provenance(),
        _text("file_sha256", "The file.", required=True),
        _text("source_value", "The spelling found in a directory or file.", required=True),
        _text("department", "The department it means.", required=True),
        _date("valid_from", "First day.", required=True),
        _date("valid_to", "Last day; NULL while it lasts."),
    ),
)

PEOPLE = Table(
    "people",
    "one person as the directory described them on a day: each change, and the first of each month",
    ("source", "person_key", "observed_on"),
    "changes",
    (
        *_provenance(),
        _text("person_key", "Pseudonym of the person.", required=True),
        _date("observed_on", "The day the directory said so.", required=True),
        _text("department", "Department as the directory spells it."),
        _text("site", "Ordinary place of work (locality level)."),
        _text("person_group", "Employment group.", *PERSON_GROUPS, required=True),
        _flag("is_active", "The account is in use."),
    ),
)

IDENTITIES = Table(
    "identities",
    "one alias of one person",
    ("source", "alias_key", "person_key"),
    "row",
    (
        *_provenance(),
        _text("alias_key", "Pseudonym of the alias.", required=True),
        _text("person_key", "Pseudonym of the person.", required=True),
        _text(
            "alias_kind",
            "What kind of alias.",
            "entra_id",
            "mail",
            "sip",
            "phone",
            "employee_no",
            "zoom_id",
            "webex_id",
            "other",
            required=True,
        ),
    ),
)

STAFF = Table(
    "staff",
    "one department × month × person group of one file",
    ("file_sha256", "department", "month", "person_group"),
    "file",
    (
        *_provenance(),
        _text("file_sha256", "The file.", required=True),
        _text("department", "Department as the file spells it.", required=True),
        _date("month", "First day of the month.", required=True),
        _text("person_group", "Employment group.", *PERSON_GROUPS, required=True),
        _whole("headcount", "People."),
        _number("fte", "Full-time equivalents (årsarbetskrafter)."),
    ),
)

TRAVEL_SEGMENTS = Table(
    "travel_segments",
    "one row of one travel export",
    ("file_sha256", "row_number"),
    "file",
    (
        *_provenance(),
        _text("file_sha256", "The file.", required=True),
        _whole("row_number", "Row in the file; the first row below the header is 1.", required=True),
        _text("booking_ref", "Pseudonym of the booking, where rows belong together."),
        _text("person_key", "Pseudonym of the traveller."),
        _whole("travellers", "People the row is about, where it says."),
        _text("department", "Department as the file spells it."),
        _text("person_group", "Employment group.", *PERSON_GROUPS),
        _wall("departed_at", "Local departure."),
        _wall("arrived_at", "Local arrival."),
        _wall("returned_at", "Local return home."),
        _text("time_zone", "Zone of the wall-clock times."),
        _text("time_precision", "How exact the times are.", "minute", "hour", "day", "month"),
        _text("mode", "Mode of travel.", *MODES, required=True),
        _text("fuel", "Fuel of a road vehicle.", *FUELS),
        _text("vehicle_key", "Pseudonym of the vehicle."),
        _text("vehicle_class", "Vehicle group as the profile maps it."),
        _flag("is_own_car", "The traveller's own car."),
        _text("origin_place", "Where from (locality level)."),
        _text("destination_place", "Where to (locality level)."),
        _number("distance_km", "Distance of the row as the source gives it."),
        _number("quantity", "Another quantity, such as litres."),
        _text("quantity_unit", "Its unit.", "litre", "kwh", "night", "day", "piece"),
        _money("amount", "Amount in the file's currency."),
        _text("currency", "ISO 4217."),
        _money("vat", "Value-added tax in it."),
        _flag("is_net", "The amount is without value-added tax."),
        _money("cost_sek", "Cost in Swedish kronor as booked."),
        _number("co2_kg_reported", "Kilograms of CO2 or CO2e as the supplier says; kept beside ours."),
        _text("cabin", "Cabin class.", *CABINS),
        _text("purpose", "Purpose.", *PURPOSES, required=True),
        _text("trip_class", "Whether a meeting could replace the trip.", *TRIP_CLASSES, required=True),
        _text("row_means", "What one row is.", *ROW_MEANS, required=True),
    ),
)

TRAVEL_TOTALS = Table(
    "travel_totals",
    "one period × department × mode × fuel × length × trip class × basis",
    ("source", "period_from", "period_to", "department", "mode", "fuel", "length", "trip_class", "basis"),
    "row",
    (
        *_provenance(),
        _date("period_from", "First day counted.", required=True),
        _date("period_to", "Last day counted.", required=True),
        _text("department", "Department; NULL for the whole organisation."),
        _text("mode", "Mode of travel.", *MODES, required=True),
        _text("fuel", "Fuel.", *FUELS),
        _text("length", "Length class.", "short", "long", "unknown", required=True),
        _text("trip_class", "Whether a meeting could replace the trips.", *TRIP_CLASSES, required=True),
        _whole("trips", "Trips."),
        _number("distance_km", "Distance."),
        _money("cost_sek", "Cost as booked."),
        _number("co2_kg", "CO2."),
        _number("days", "Travel days."),
        _whole("people", "Distinct people."),
        _text("basis", "Where the total comes from.", "vendor_report", "manual", "purged", required=True),
    ),
    month_of="period_from",
)

SURVEY_ANSWERS = Table(
    "survey_answers",
    "one question × department × round of one file",
    ("file_sha256", "question", "department", "round"),
    "file",
    (
        *_provenance(),
        _text("file_sha256", "The file.", required=True),
        _text("question", "The question's id.", required=True),
        _text("department", "Department; NULL for the whole organisation."),
        _text("round", "Survey round, such as 2026.", required=True),
        _whole("answers", "Answers.", required=True),
        _number("mean", "Mean on the question's scale."),
        _number("share_positive", "Share of positive answers, 0–1."),
    ),
)

TRAINING = Table(
    "training",
    "one department × month × role of one file",
    ("file_sha256", "department", "month", "role"),
    "file",
    (
        *_provenance(),
        _text("file_sha256", "The file.", required=True),
        _text("department", "Department.", required=True),
        _date("month", "First day of the month.", required=True),
        _text("role", "Role trained for."),
        _whole("trained", "People trained.", required=True),
    ),
)

MEETING_COSTS = Table(
    "meeting_costs",
    "one modality × month of one file",
    ("file_sha256", "modality", "month"),
    "file",
    (
        *_provenance(),
        _text("file_sha256", "The file.", required=True),
        _text("modality", "Modality the cost is allocated to.", *MODALITIES, required=True),
        _date("month", "First day of the month.", required=True),
        _money("cost_sek", "Cost."),
        _text("basis", "How the cost was allocated."),
    ),
)

REJECTED = Table(
    "rejected",
    "one thing not understood",
    ("source", "what", "fingerprint"),
    "row",
    (
        *_provenance(),
        _text("what", "What kind of thing, such as callRecord or row.", required=True),
        _text("reason", "Why it was not understood.", required=True),
        _text("field", "The field that caused it."),
        _text("fingerprint", "Keyed hash of the thing: the same thing is rejected once.", required=True),
        _money("amount_sek", "The amount that went with it."),
        _date("occurred_on", "When it happened, where known."),
    ),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        PULLS, FILES, MEETINGS, PARTICIPATIONS, MEETING_TOTALS, ROOM_BOOKINGS, ROOMS, SITES, DEPARTMENTS, PEOPLE,
        IDENTITIES, STAFF, TRAVEL_SEGMENTS, TRAVEL_TOTALS, SURVEY_ANSWERS, TRAINING, MEETING_COSTS, REJECTED,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Unparsed:
    """A record that could not be understood, for the encrypted quarantine; its row in ``rejected`` says why."""

    what: str
    fingerprint: str
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Batch:
    """What one parsed page holds, in the shapes of the contract, and what became of every record on it.

    ``frames`` maps table names to frames without ``org_id``, ``source`` and ``seen_at``, which landing adds.
    The page's records are accounted for: ``pulled`` = ``landed`` + rows in ``rejected`` + the sum of ``excluded``.
    """

    frames: Mapping[str, pl.DataFrame]
    pulled: int = 0
    landed: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Rule name to number of records it left out."""
    unknown_values: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(field, vendor value) that no map knows, kept as ``unknown``, to how often."""
    unparsed: tuple[Unparsed, ...] = ()
    """The records behind the rows of ``rejected``, to be kept until a version understands them."""
