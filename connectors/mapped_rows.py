"""Applies a profile to a text table: every field typed, every row that cannot be understood named with its reason.

Works on whole columns, so that a million rows take seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from connectors import values
from connectors.contract import MONEY, WALL_CLOCK
from connectors.errors import ConfigurationError
from connectors.profiles import FIELDS, Profile, Reading, closed_list, is_required
from connectors.pseudonyms import Pseudonyms
from connectors.table_files import ROW_NUMBER, TextTable
from connectors.values import NumberStyle

UNKNOWN = "unknown"

_WORDS: tuple[Reading, ...] = ("code", "word", "flag")
_TYPES: Mapping[Reading, pl.DataType | type[pl.DataType]] = {
    "flag": pl.Boolean(),
    "whole": pl.Int64(),
    "number": pl.Float64(),
    "money": MONEY,
    "distance": pl.Float64(),
    "moment": WALL_CLOCK,
    "month": pl.Date(),
}


@dataclass(frozen=True)
class Fields:
    """The rows of a file as typed fields.

    Attributes:
        frame: ``row_number``; ``rule`` (that excludes the row); ``reason`` and ``field`` (why the row is not
            understood); every field of the profile's kind of file, NULL where the profile does not map it; and
            ``<field>_has_time`` and ``<field>_is_given`` for moments and places.
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
    """

    table: str
    rows: pl.DataFrame
    outcome: pl.DataFrame
    days: pl.Series
    unknown_values: Mapping[tuple[str, str], int]
    notes: Mapping[str, int] = field(default_factory=dict)


def headings_used(table: TextTable, profile: Profile) -> dict[str, str]:
    """Field to the heading it is read from.

    Raises:
        ConfigurationError: the file lacks a column the profile needs. The file's own headings are not repeated: a
            file without a header has a person's data where headings should be.
    """
    found: dict[str, str] = {}
    missing = [rule.column for rule in profile.exclude if rule.column not in table.headings]
    for name in profile.columns:
        heading = next((known for known in profile.headings(name) if known in table.headings), None)
        if heading is not None:
            found[name] = heading
        elif name not in profile.optional:
            missing.append(profile.headings(name)[0])
    if missing:
        raise ConfigurationError(
            f"{table.name} is not a file that profile {profile.name} describes: it has no column "
            f"{', '.join(dict.fromkeys(missing))}; export it again, or choose or write another profile"
        )
    return found


def read_fields(table: TextTable, profile: Profile) -> Fields:
    """Read every field of every row as the profile says."""
    used = headings_used(table, profile)
    kinds = FIELDS[profile.kind]
    style = NumberStyle(profile.decimal, table.is_workbook)
    frame = table.frame.select(
        ROW_NUMBER,
        _excluding_rule(profile).alias("rule"),
        *(pl.col(heading).alias(_text(name)) for name, heading in used.items()),
    )
    frame = frame.with_columns(_read(name, profile, style).alias(name) for name in used)
    frame = frame.with_columns(
        pl.lit(None, pl.String).alias("reason"),
        pl.lit(None, pl.String).alias("field"),
        *(_constant(name, profile).alias(name) for name in kinds if name not in used),
    )
    unknown_values: dict[tuple[str, str], int] = {}
    for name in used:
        not_read = pl.col(_text(name)).is_not_null() & pl.col(name).is_null()
        if kinds[name] in _WORDS:
            unknown_values |= _count_unknown(frame, name, not_read)
            can_be_unknown = kinds[name] != "code" or UNKNOWN in closed_list(profile.kind, name)
            frame = frame if can_be_unknown else reject(frame, "unknown_value", name, not_read)
        elif kinds[name] != "place":  # a place that is no locality is left out, the row stays
            frame = reject(frame, "unreadable", name, not_read)
    return Fields(frame.select(_finished(name, used, profile) for name in _order(kinds, used)), unknown_values)


def reject(frame: pl.DataFrame, reason: str, name: str, condition: pl.Expr) -> pl.DataFrame:
    """Mark rows as not understood, unless a rule excludes them or another reason came first."""
    hit = condition.fill_null(value=False) & pl.col("reason").is_null() & pl.col("rule").is_null()
    return frame.with_columns(
        pl.when(hit).then(pl.lit(reason)).otherwise("reason").alias("reason"),
        pl.when(hit).then(pl.lit(name)).otherwise("field").alias("field"),
    )


def is_understood() -> pl.Expr:
    """Whether no rule excludes a row and nothing speaks against it."""
    return pl.col("rule").is_null() & pl.col("reason").is_null()


def with_key(
    frame: pl.DataFrame, name: str, key: str, pseudonyms: Pseudonyms, kind: str, prefix: str = ""
) -> pl.DataFrame:
    """Replace an identifying column by its pseudonym, computed once per distinct value."""
    distinct = frame[name].drop_nulls().unique()
    keys = [pseudonyms.of(kind, prefix + value) for value in distinct]
    known = pl.DataFrame({name: distinct, key: keys}, schema={name: pl.String, key: pl.String})
    return frame.join(known, on=name, how="left", maintain_order="left").drop(name)


def _text(name: str) -> str:
    return f"{name}_as_written"


def _read(name: str, profile: Profile, style: NumberStyle) -> pl.Expr:
    kind, text = FIELDS[profile.kind][name], pl.col(_text(name))
    if kind in _WORDS:
        return _word(name, profile, text)
    readers: dict[Reading, Callable[[], pl.Expr]] = {
        "text": lambda: text.str.normalize("NFC").str.replace_all(r"\s+", " "),
        "id": lambda: text,
        "currency": lambda: _currency(name, profile, text),
        "whole": lambda: values.whole(text, style),
        "number": lambda: values.number(text, style),
        "money": lambda: values.money(text, style),
        "distance": lambda: values.distance_km(text, style, profile.distance.unit),
        "moment": lambda: values.wall_clock(text),
        "month": lambda: values.month(text),
        "place": lambda: values.place(text),
    }
    return readers[kind]()


def _spelled(name: str, profile: Profile) -> dict[str, str]:
    """Spelling to meaning as text; the contract's own words always mean themselves unless the profile says else."""
    own = {word: word for word in closed_list(profile.kind, name)}
    return own | {
        " ".join(spelling.lower().split()): str(meaning).lower() if isinstance(meaning, bool) else meaning
        for spelling, meaning in profile.values.get(name, {}).items()
    }


def _mapped(name: str, profile: Profile, text: pl.Expr) -> pl.Expr:
    known = _spelled(name, profile)
    if not known:
        return pl.lit(None, pl.String)
    spelling = values.spelling(text.fill_null(""))
    return spelling.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)


def _word(name: str, profile: Profile, text: pl.Expr) -> pl.Expr:
    mapped = _mapped(name, profile, text)
    if FIELDS[profile.kind][name] == "flag":
        return mapped.replace_strict(["true", "false"], [True, False], default=None, return_dtype=pl.Boolean)
    return mapped


def _currency(name: str, profile: Profile, text: pl.Expr) -> pl.Expr:
    code = text.str.to_uppercase()
    code = pl.when(code.str.contains(r"^[A-Z]{3}$")).then(code).otherwise(None)
    return pl.coalesce(_mapped(name, profile, text), code)


def _constant(name: str, profile: Profile) -> pl.Expr:
    kind = FIELDS[profile.kind][name]
    constant = profile.constants.get(name)
    return pl.lit(constant).cast(_TYPES.get(kind, pl.String()))


def _finished(name: str, used: Mapping[str, str], profile: Profile) -> pl.Expr:
    """A field as it lands: constants fill empty cells, unknown spellings become ``unknown`` where that is a word."""
    kind = FIELDS[profile.kind].get(name)
    if kind is None:
        return pl.col(name)
    value = pl.col(name)
    if name in used and name in profile.constants:
        value = pl.when(pl.col(_text(name)).is_null()).then(_constant(name, profile)).otherwise(value)
    if kind == "word":
        return value.replace("", None).alias(name)
    if kind == "code" and UNKNOWN in closed_list(profile.kind, name):
        is_spelled = pl.col(_text(name)).is_not_null() if name in used else pl.lit(value=False)
        needs_word = is_spelled | pl.lit(is_required(profile.kind, name))
        return pl.when(value.is_null() & needs_word).then(pl.lit(UNKNOWN)).otherwise(value).alias(name)
    return value.alias(name)


def _order(kinds: Mapping[str, Reading], used: Mapping[str, str]) -> list[str]:
    seen = [_text(name) for name in used if kinds[name] in ("moment", "place")]
    return [ROW_NUMBER, "rule", "reason", "field", *kinds, *seen]


def _excluding_rule(profile: Profile) -> pl.Expr:
    rules = [
        pl.when(values.spelling(pl.col(rule.column).fill_null("")).is_in([word.lower() for word in rule.values])).then(
            pl.lit(rule.rule)
        )
        for rule in profile.exclude
    ]
    return pl.coalesce([*rules, pl.lit(None, pl.String)])


def _count_unknown(frame: pl.DataFrame, name: str, not_read: pl.Expr) -> dict[tuple[str, str], int]:
    spelled = frame.filter(not_read & pl.col("rule").is_null()).select(values.spelling(pl.col(_text(name))))
    counts = spelled.group_by(_text(name)).len().sort("len", _text(name), descending=[True, False])
    return {(name, spelling): count for spelling, count in counts.iter_rows()}
