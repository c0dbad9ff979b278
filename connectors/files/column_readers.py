"""Reads one column of a file as its profile says, every spelling once."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from connectors.files import dates, values
from connectors.files.profiles import FIELDS, Profile, Reading, closed_list
from connectors.files.values import NumberStyle


def read_column(name: str, profile: Profile, style: NumberStyle, written: pl.Series) -> pl.Series:
    """Read one column; words, dates and places are read once per spelling."""
    kind = FIELDS[profile.kind][name]
    if kind in ("id", "instant"):  # an instant is read when the zone is known and days and times are joined
        return written
    if kind == "moment":
        return dates.moments(written, profile.date_order)
    readers: dict[Reading, Callable[[pl.Expr], pl.Expr]] = {
        "code": lambda text: _word(name, profile, text),
        "word": lambda text: _word(name, profile, text),
        "flag": lambda text: _word(name, profile, text),
        "text": values.plain_text,
        "currency": lambda text: _currency(name, profile, text),
        "whole": lambda text: values.whole(text, style),
        "number": lambda text: values.quantity(text, style),
        "money": lambda text: values.money(text, style),
        "score": lambda text: _score(name, profile, text, style),
        "distance": lambda text: values.distance_km(text, style, profile.distance.unit),
        "clock": dates.clock,
        "month": dates.month,
        "place": values.place,
    }
    return dates.each_once(written, readers[kind])


def _spelled(name: str, profile: Profile) -> dict[str, str]:
    """Spelling to meaning as text; the contract's own words always mean themselves unless the profile says else."""
    own = {word: word for word in closed_list(profile.kind, name)}
    return own | {
        " ".join(spelling.lower().split()): _meaning(meaning)
        for spelling, meaning in profile.values.get(name, {}).items()
    }


def _meaning(meaning: bool | float | str) -> str:
    return str(meaning).lower() if isinstance(meaning, bool) else str(meaning)


def _mapped(name: str, profile: Profile, text: pl.Expr) -> pl.Expr:
    known = _spelled(name, profile)
    beginnings = sorted(profile.starts_with.get(name, {}).items(), key=lambda item: -len(item[0]))
    if not known and not beginnings:
        return pl.lit(None, pl.String)
    spelling = values.spelling(text.fill_null(""))
    whole = spelling.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
    begun = [
        pl.when(text.is_not_null() & spelling.str.starts_with(start.lower())).then(pl.lit(_meaning(meaning)))
        for start, meaning in beginnings
    ]
    return pl.coalesce(whole, *begun)


def _word(name: str, profile: Profile, text: pl.Expr) -> pl.Expr:
    mapped = _mapped(name, profile, text)
    if FIELDS[profile.kind][name] == "flag":
        return mapped.replace_strict(["true", "false"], [True, False], default=None, return_dtype=pl.Boolean)
    return mapped


def _currency(name: str, profile: Profile, text: pl.Expr) -> pl.Expr:
    code = text.str.to_uppercase()
    code = pl.when(code.str.contains(r"^[A-Z]{3}$")).then(code).otherwise(None)
    return pl.coalesce(_mapped(name, profile, text), code)


def _score(name: str, profile: Profile, text: pl.Expr, style: NumberStyle) -> pl.Expr:
    """An answer as a number, its label or ``5 – agree`` read as one; NaN where the label means no answer."""
    mapped = _mapped(name, profile, text)
    said = pl.when(mapped == "").then(pl.lit(float("nan"))).otherwise(mapped.cast(pl.Float64, strict=False))
    labelled = text.str.extract(r"^(\d{1,2})\s*[-–=:.)]\s*\D", 1).cast(pl.Float64, strict=False)
    return pl.coalesce(said, values.number(text, style), labelled)
