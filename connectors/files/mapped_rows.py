"""Applies a profile to a text table: every field typed, every row that cannot be understood named with its reason.

Works on whole columns, so that a million rows take seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from connectors.contract import MONEY, WALL_CLOCK
from connectors.files import values
from connectors.files.column_readers import read_column
from connectors.files.headers import heading_spelling
from connectors.files.profiles import FIELDS, FileKind, Profile, Reading, closed_list, is_required
from connectors.files.refusals import NotDescribed
from connectors.files.table_files import ROW_NUMBER, TextTable
from connectors.files.table_rows import TOTAL, repeated_headers, rows_with_totals
from connectors.files.values import NumberStyle
from connectors.pseudonyms import Pseudonyms

UNKNOWN = "unknown"

_AT_ONCE = 50_000
"""Values turned into pseudonyms at a time, as a list that Python holds."""

DATE_FIELD: Mapping[FileKind, str] = {
    "travel": "departed_at",
    "staff": "month",
    "training": "month",
    "meeting_costs": "month",
    "meetings": "started_at",
    "meeting_totals": "period",
    "travel_totals": "period",
}
"""The field without which a row is no row of its kind."""

_WORDS: tuple[Reading, ...] = ("code", "word", "flag")
_TYPES: Mapping[Reading, pl.DataType | type[pl.DataType]] = {
    "flag": pl.Boolean(),
    "whole": pl.Int64(),
    "number": pl.Float64(),
    "money": MONEY,
    "distance": pl.Float64(),
    "moment": WALL_CLOCK,
    "clock": pl.Duration("us"),
    "score": pl.Float64(),
    "month": pl.Date(),
}


@dataclass(frozen=True)
class Fields:
    """The rows of a file as typed fields.

    Attributes:
        frame: ``row_number``; ``rule`` (that excludes the row); ``reason`` and ``field`` (why the row is not
            understood); every field of the profile's kind of file, NULL where the profile does not map it; and
            ``<field>_as_written`` for moments and places, and ``<field>_not_known`` for words.
        unknown_values: (field, spelling) that no map knows, to the number of rows.
    """

    frame: pl.DataFrame
    unknown_values: Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Understood:
    """What a reader made of a file.

    Attributes:
        table: the landing table the rows belong to.
        rows: the understood rows in that table's columns, without provenance and ``file_sha256``.
        outcome: one row per row of the file with ``row_number``, ``rule``, ``reason``, ``field``, ``amount``,
            ``currency`` and ``occurred_on``; understood where rule and reason are NULL.
        days: the days of the rows that show what period the file speaks for.
        unknown_values: (field, spelling) to rows, for the person who imports.
        notes: other things that person should know, to rows.
        further: other landing tables to the rows of the file that belong to them.
        landed: rows of the file that the rows stand for; None where each stands for its own.
        doubtful: understood rows of which a word they need is not known, such as a trip by an unknown spelling.
    """

    table: str
    rows: pl.DataFrame
    outcome: pl.DataFrame
    days: pl.Series
    unknown_values: Mapping[tuple[str, str], int]
    notes: Mapping[str, int] = field(default_factory=dict)
    further: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    landed: int | None = None
    doubtful: int = 0


def plain_outcome(frame: pl.DataFrame, occurred_on: pl.Expr) -> pl.DataFrame:
    """The outcome of rows without amounts."""
    return frame.select(
        ROW_NUMBER,
        "rule",
        "reason",
        "field",
        pl.lit(None, MONEY).alias("amount"),
        pl.lit(None, pl.String).alias("currency"),
        occurred_on.cast(pl.Date).alias("occurred_on"),
    )


def headings_used(table: TextTable, profile: Profile) -> dict[str, str]:
    """Field to the heading it is read from.

    Raises:
        NotDescribed: the file lacks a column the profile needs. The file's own headings are not repeated: a file
            without a header has a person's data where headings should be.
    """
    found: dict[str, str] = {}
    excluding = [rule for rule in profile.exclude if not rule.is_optional and _found(table, rule.headings) is None]
    missing = [rule.headings[0] for rule in excluding]
    for name in profile.columns:
        heading = _found(table, profile.headings(name))
        if heading is not None:
            found[name] = heading
        elif name not in profile.optional:
            missing.append(profile.headings(name)[0])
    if missing:
        raise NotDescribed(
            f"{table.name} is not a file that profile {profile.name} describes: it has no column "
            f"{', '.join(dict.fromkeys(missing))}; export it again, or choose or write another profile"
        )
    return found


def read_fields(table: TextTable, profile: Profile) -> Fields:
    """Read every field of every row as the profile says."""
    table = with_empty_cells(table, profile)
    used = headings_used(table, profile)
    kinds = FIELDS[profile.kind]
    style = NumberStyle(profile.decimal, table.is_workbook)
    written = table.frame.select(
        ROW_NUMBER,
        _excluding_rule(table, profile).alias("rule"),
        *(_filled_down(heading, profile).alias(_text(name)) for name, heading in used.items()),
    )
    columns = [read_column(name, profile, style, written[_text(name)]).alias(name) for name in used]
    frame = written.with_columns(columns).with_columns(
        pl.lit(None, pl.String).alias("reason"),
        pl.lit(None, pl.String).alias("field"),
        *(_constant(name, profile).alias(name) for name in kinds if name not in used),
    )
    frame = _exclude_rows_of_the_table_itself(table, profile, used, frame)
    unknown_values: dict[tuple[str, str], int] = {}
    for name in used:
        not_read = pl.col(_text(name)).is_not_null() & pl.col(name).is_null()
        if kinds[name] == "score":
            unknown_values |= _count_unknown(frame, name, not_read)
            frame = reject(frame, "unknown_value", name, not_read)
        elif kinds[name] in _WORDS:
            frame = frame.with_columns(not_read.alias(f"{name}_not_known"))
            unknown_values |= _count_unknown(frame, name, not_read)
            can_be_unknown = kinds[name] != "code" or UNKNOWN in closed_list(profile.kind, name)
            frame = frame if can_be_unknown else reject(frame, "unknown_value", name, not_read)
        elif kinds[name] != "place":  # a place that is no locality is left out, the row stays
            frame = reject(frame, "unreadable", name, not_read)
    return Fields(frame.select(_finished(name, used, profile) for name in _order(kinds, used)), unknown_values)


def with_empty_cells(table: TextTable, profile: Profile) -> TextTable:
    """The table without the texts that its profile says mean nothing."""
    if not profile.empty_cells:
        return table
    cells = pl.col(table.headings)
    return replace(table, frame=table.frame.with_columns(pl.when(~cells.is_in(profile.empty_cells)).then(cells)))


def reject(frame: pl.DataFrame, reason: str, name: str, condition: pl.Expr) -> pl.DataFrame:
    """Mark rows as not understood, unless a rule excludes them or another reason came first."""
    hit = condition.fill_null(value=False) & pl.col("reason").is_null() & pl.col("rule").is_null()
    return frame.with_columns(
        pl.when(hit).then(pl.lit(reason)).otherwise("reason").alias("reason"),
        pl.when(hit).then(pl.lit(name)).otherwise("field").alias("field"),
    )


def exclude(frame: pl.DataFrame, rule: str, condition: pl.Expr) -> pl.DataFrame:
    """Leave rows out under a name, unless something was wrong with them before."""
    return frame.with_columns(
        pl.when(condition.fill_null(value=False) & is_understood()).then(pl.lit(rule)).otherwise("rule").alias("rule")
    )


def is_understood() -> pl.Expr:
    """Whether no rule excludes a row and nothing speaks against it."""
    return pl.col("rule").is_null() & pl.col("reason").is_null()


def is_rejected() -> pl.Expr:
    """Whether something speaks against a row that no rule excludes."""
    return pl.col("rule").is_null() & pl.col("reason").is_not_null()


def with_key(
    frame: pl.DataFrame, name: str, key: str, pseudonyms: Pseudonyms, kind: str, prefix: str = ""
) -> pl.DataFrame:
    """Replace an identifying column by its pseudonym, computed once per distinct value."""
    distinct = frame[name].drop_nulls().unique()
    parts = [distinct[start : start + _AT_ONCE] for start in range(0, distinct.len(), _AT_ONCE)]
    keys = [pl.Series([pseudonyms.of(kind, prefix + value) for value in part], dtype=pl.String) for part in parts]
    known = pl.DataFrame({name: distinct, key: pl.concat([pl.Series([], dtype=pl.String), *keys])})
    found = frame.select(name).join(known, on=name, how="left", maintain_order="left")[key]
    return frame.drop(name).with_columns(found)


def with_single_values_once(frame: pl.DataFrame) -> pl.DataFrame:
    """The same frame, in which a column with one value for all rows, often none, takes the memory of one value."""
    if frame.is_empty():
        return frame
    is_single = frame.select(pl.all().eq_missing(pl.all().first()).all()).row(0)
    return frame.select(
        pl.lit(frame[name][0], frame.schema[name]).alias(name) if single else pl.col(name)
        for name, single in zip(frame.columns, is_single, strict=True)
    )


def _exclude_rows_of_the_table_itself(
    table: TextTable, profile: Profile, used: Mapping[str, str], frame: pl.DataFrame
) -> pl.DataFrame:
    """Leave out headers that come again and totals, which would count everything twice.

    A total is a row without its date that says so anywhere; where every row stands for a group, as in staff tables,
    also a dated row whose group is called a total.
    """
    date_field = DATE_FIELD.get(profile.kind)
    groups = [name for name in used if profile.kind != "travel" and FIELDS[profile.kind][name] in ("text", "code")]
    undated = frame.filter(pl.col(date_field).is_null())[ROW_NUMBER] if date_field and date_field in used else None
    is_total = pl.col(ROW_NUMBER).is_in(rows_with_totals(table, undated).implode())
    for name in groups:
        is_total = is_total | values.spelling(pl.col(_text(name))).str.contains(rf"{TOTAL}[ :]*$")
    is_header = pl.col(ROW_NUMBER).is_in(repeated_headers(table, list(used.values()), profile.kind).implode())
    return frame.with_columns(
        pl.when(pl.col("rule").is_not_null())
        .then("rule")
        .when(is_header)
        .then(pl.lit("repeated_header"))
        .when(is_total)
        .then(pl.lit("total_row"))
        .alias("rule")
    )


def _filled_down(heading: str, profile: Profile) -> pl.Expr:
    spellings = {heading_spelling(column) for column in profile.fill_down}
    cell = pl.col(heading)
    return cell.forward_fill() if heading_spelling(heading) in spellings else cell


def _text(name: str) -> str:
    return f"{name}_as_written"


def _constant(name: str, profile: Profile) -> pl.Expr:
    kind = FIELDS[profile.kind][name]
    constant = profile.constants.get(name)
    return pl.lit(constant).cast(_TYPES.get(kind, pl.String()))


def _finished(name: str, used: Mapping[str, str], profile: Profile) -> pl.Expr:
    """A field as it lands: constants fill empty cells, unknown spellings become ``unknown`` where that is a word."""
    kind = FIELDS[profile.kind].get(name)
    if kind is None:
        return pl.col(name)
    has_unknown = kind == "code" and UNKNOWN in closed_list(profile.kind, name)
    if name not in used:  # one value for all rows, which Polars keeps as one
        constant = profile.constants.get(name)
        needs_word = has_unknown and constant is None and is_required(profile.kind, name)
        return (pl.lit(UNKNOWN) if needs_word else _constant(name, profile)).alias(name)
    value = pl.col(name)
    if name in profile.constants:
        value = pl.when(pl.col(_text(name)).is_null()).then(_constant(name, profile)).otherwise(value)
    if kind == "word":
        value = value.replace("", None)
    if has_unknown:
        is_wanted = pl.col(_text(name)).is_not_null() | is_required(profile.kind, name)
        value = pl.when(value.is_null() & is_wanted).then(pl.lit(UNKNOWN)).otherwise(value)
    return value.alias(name)


def _order(kinds: Mapping[str, Reading], used: Mapping[str, str]) -> list[str]:
    seen = [_text(name) for name in used if kinds[name] in ("moment", "place")]
    words = [f"{name}_not_known" for name in used if kinds[name] in _WORDS]
    return [ROW_NUMBER, "rule", "reason", "field", *kinds, *seen, *words]


def _found(table: TextTable, headings: Sequence[str]) -> str | None:
    """The table's own spelling of the first of some headings that it has."""
    there = {heading_spelling(heading): heading for heading in reversed(table.headings)}
    known = (there.get(heading_spelling(heading)) for heading in headings)
    return next((heading for heading in known if heading is not None), None)


def _excluding_rule(table: TextTable, profile: Profile) -> pl.Expr:
    rules = []
    for rule in profile.exclude:
        heading = _found(table, rule.headings)
        if heading is not None:
            spelled = values.spelling(pl.col(heading).fill_null(""))
            is_listed = spelled.is_in([word.lower() for word in rule.values])
            has_bit = (spelled.cast(pl.Int64, strict=False) & rule.bits).fill_null(0) != 0
            rules.append(pl.when(is_listed | has_bit).then(pl.lit(rule.rule)))
    return pl.coalesce([*rules, pl.lit(None, pl.String)])


def _count_unknown(frame: pl.DataFrame, name: str, not_read: pl.Expr) -> dict[tuple[str, str], int]:
    spelled = frame.filter(not_read & pl.col("rule").is_null()).select(values.spelling(pl.col(_text(name))))
    counts = spelled.group_by(_text(name)).len().sort("len", _text(name), descending=[True, False])
    return {(name, spelling): count for spelling, count in counts.iter_rows()}
