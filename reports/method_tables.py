"""The tables of the method chapter: every setting and every emission factor."""

from __future__ import annotations

from typing import Any

from reports.cells import NOT_PUBLISHED
from reports.content import Table, TableCell, missing_cell, words
from reports.language import DASH
from reports.subject import Subject

_ANY_DISTANCE = 1e6
"""Kilometres beyond any journey: a band that ends here has no end."""


def settings_table(subject: Subject) -> Table:
    """Every setting that decided how the figures were counted."""
    say = subject.language
    rows = tuple(
        (
            TableCell(row[f"description_{say.code}"] or row["setting"]),
            *words(_setting_value(subject, row["value"], row["unit"])),
        )
        for row in subject.published.settings.iter_rows(named=True)
    )
    return Table("settings", say("method.settings_caption"), (say("method.setting"), say("method.value")), rows)


def _setting_value(subject: Subject, value: str, unit: str | None) -> str:
    say = subject.language
    try:
        number = float(value)
    except ValueError:
        return value
    if unit == "share":
        return say.share(number)
    if not unit:
        return value
    written = say.number(number, 0 if number.is_integer() else 2)
    return say(f"setting_unit.{unit}", n=written) if say.has("setting_unit", unit) else f"{written} {unit}"


def factors_table(subject: Subject) -> Table:
    """The emission factors, each with its source and how well it is sourced."""
    say = subject.language
    keys = ("factor_for", "gas", "boundary", "value", "unit", "year", "status", "source")
    rows: list[tuple[TableCell, ...]] = []
    for row in subject.published.factors.sort("mode", "gas", "from_km", "fuel", "cabin").iter_rows(named=True):
        value = missing_cell(say, NOT_PUBLISHED)
        if row["kg_per_unit"] is not None:
            value = TableCell(say.number(row["kg_per_unit"], 4), row["kg_per_unit"], indicator="factor")
        rows.append(
            (
                *words(_applies(subject, row), say.word("gas", row["gas"]), say.word("boundary", row["boundary"])),
                value,
                *words(
                    f"kg/{row['unit']}",
                    str(row["valid_year"] or DASH),
                    say.word("factor_status", row["status"]),
                    row["source"] or DASH,
                ),
            )
        )
    caption = say("method.factors_caption", factor_set=subject.published.setting("factor_set"))
    return Table("factors", caption, tuple(say(f"method.{key}") for key in keys), tuple(rows), frozenset({3}))


def _applies(subject: Subject, factor: dict[str, Any]) -> str:
    """What a factor is for: mode, fuel, cabin and distance."""
    say = subject.language
    parts = [say.word("factor_detail", factor[key]) for key in ("fuel", "cabin") if factor[key] not in {None, "any"}]
    low, high = factor["from_km"] or 0.0, factor["below_km"] or _ANY_DISTANCE
    if low > 0 and high < _ANY_DISTANCE:
        parts.append(say("method.between_km", low=say.number(low), high=say.number(high)))
    elif low > 0:
        parts.append(say("method.from_km", low=say.number(low)))
    elif high < _ANY_DISTANCE:
        parts.append(say("method.below_km", high=say.number(high)))
    return ", ".join([say.word("mode", factor["mode"]), *parts])
