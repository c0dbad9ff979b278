"""What a specification test gives the models and what they answer, noted while it runs: the page of rules shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

MOST_NOTED = 1200
"""Rows of a table beyond which only their number is noted: nobody reads them, however they are gathered."""

LONGEST_WHERE = 120
"""Characters of what a query asks for besides, beyond which only its table is named."""


@dataclass(frozen=True)
class Table:
    """A table as text."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    height: int
    """Of which ``rows`` holds all or none."""


@dataclass(frozen=True)
class Given:
    """What a test gave, and the settings it does not leave as they are."""

    tables: tuple[Table, ...]
    settings: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What the models made of it."""

    of: str
    table: Table


NOTED: list[Given | Answer] = []
"""What the test now running has given and been answered."""


def given(tables: Mapping[str, Sequence[Mapping[str, object]]], settings: Mapping[str, object]) -> None:
    """Note tables, in the columns that their rows have, and settings; what is empty is left out."""
    found = tuple(_table(name, rows) for name, rows in tables.items() if rows)
    told = tuple(f"`{name}` = {cell(value)}" for name, value in settings.items())
    NOTED.append(Given(found, told))


def answered(of: str, columns: Iterable[str], rows: Sequence[Sequence[object]]) -> None:
    """Note an answer; what is given rows in no order is put in one."""
    named = tuple(_plain(column) for column in columns)
    cells = [tuple(cell(value) for value in row) for row in rows[:MOST_NOTED]] if len(rows) <= MOST_NOTED else []
    NOTED.append(Answer(of, Table("", named, tuple(cells), len(rows))))


def asked(sql: str, columns: Iterable[str], rows: Sequence[Sequence[object]]) -> None:
    """Note the answer to a query, under the table it names; what it asks to be equal stands in the answer instead."""
    found = re.search(
        r"\bfrom (\w+)(?: join \w+ using \(\w+\))?(?: where)?(.*?)(?= (?:group|order) by |$)", " ".join(sql.split())
    )
    table, conditions = (found[1], found[2].strip()) if found else (sql, "")
    equal: dict[str, str] = {}
    others = []
    for condition in conditions.split(" and ") if " or " not in conditions else [conditions]:
        told = re.fullmatch(r"(\w+) = (?:date )?'([^']*)'", condition)
        if told:
            equal |= {told[1]: told[2]} if told[2] != "all" else {}
        elif condition:
            others.append(condition)
    where = f" where {' and '.join(others)}" if others else ""
    is_ordered = "order by" in sql
    in_order = rows if is_ordered else sorted(rows, key=lambda row: [_place(cell(value)) for value in row])
    answered(
        table + where if len(where) <= LONGEST_WHERE else table,
        [*equal, *columns],
        [(*equal.values(), *row) for row in in_order],
    )


def _place(text: str) -> str:
    """Where a text stands among others, numbers in it by size."""
    return re.sub(r"\d+", lambda number: number[0].zfill(9), text)


def _table(name: str, rows: Sequence[Mapping[str, object]]) -> Table:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [tuple(cell(row.get(column, "")) for column in columns) for row in rows] if len(rows) <= MOST_NOTED else []
    return Table(name.removeprefix("landing_"), tuple(columns), tuple(cells), len(rows))


def cell(value: Any) -> str:
    """A value in the words of the page."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return re.sub(r" 00:00$", "", f"{value:%Y-%m-%d %H:%M}") + (f":{value:%S}" if value.second else "")
    if isinstance(value, date):
        return str(value)
    if isinstance(value, float | Decimal):
        return f"{float(value):.12g}" if float(value).is_integer() else f"{float(value):.6g}"
    if isinstance(value, set | frozenset):
        return ", ".join(sorted(cell(one) for one in value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {cell(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        inner = [f"({cell(one)})" if isinstance(one, list | tuple) and len(one) > 1 else cell(one) for one in value]
        return ", ".join(inner)
    return re.sub(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", r"\1 \2", str(value))


def _plain(column: str) -> str:
    """A column's name without what only makes it text or rounds it."""
    found = re.fullmatch(r'(?i)(?:cast|round|strftime)\((?:\w+\.)?"?(\w+)"?(?: as \w+|, .*)\)', column)
    return found[1] if found else column.replace('"', "")
