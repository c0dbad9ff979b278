"""How tables of examples are written in Markdown: rows that differ in a running number or day alone stand as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tests.examples import Table

MOST_ROWS = 20
"""A table with more, gathered, is only counted: nobody reads it."""


def captioned(caption: str, table: Table) -> Iterator[str]:
    """A table below its name, or how many rows it has."""
    rows = gathered(table)
    if rows is None:
        yield f"{caption}, {table.height} rows\n"
    elif not rows:
        yield f"{caption}, no rows\n"
    else:
        yield f"{caption}, {table.height} rows\n" if len(rows) < table.height else f"{caption}\n"
        yield from markdown(table.columns, rows)


def gathered(table: Table) -> Sequence[Sequence[str]] | None:
    """The rows of a table, those that differ in a running number or day as one; None if they are too many to read."""
    if len(table.rows) != table.height:
        return None
    rows = [list(row) for row in table.rows]
    if len(rows) > MOST_ROWS // 2:
        for _ in table.columns:
            fewer = list(_runs(rows))
            if len(fewer) == len(rows):
                break
            rows = fewer
    return rows if len(rows) <= MOST_ROWS else None


_RUNNING = re.compile(r"(\d{4}-\d\d-\d\d.*|\D+\d+)( … .*)?")


def _runs(rows: list[list[str]]) -> Iterator[list[str]]:
    """Rows, with three or more that differ in the same running cells and in nothing else as one row."""
    run: list[list[str]] = []
    places: list[int] = []
    for row in [*rows, []]:
        last = run[-1] if run and row else row
        differing = [at for at, (one, other) in enumerate(zip(last, row, strict=True)) if one != other]
        runs_on = [_RUNNING.fullmatch(last[at]) and _place(last[at]) < _place(row[at]) for at in differing]
        if differing and all(runs_on) and places in ([], differing):
            places = differing
            run.append(row)
            continue
        if len(run) > 2:
            yield [_from_to(run, at) if at in places else text for at, text in enumerate(run[0])]
        else:
            yield from run
        run, places = [row], []


def _from_to(run: list[list[str]], at: int) -> str:
    first, last = run[0][at].split(" … ")[0], run[-1][at].split(" … ")[-1]
    return f"{first} … {re.sub(r' [(][0-9]+[)]$', '', last)} ({len(run)})"


def _place(text: str) -> tuple[int, str]:
    """Where a running number or day stands among others."""
    first = text.partition(" … ")[0]
    return len(first), first


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a table."""
    yield "| " + " | ".join(_escaped(name) for name in columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(_escaped(text) for text in row) + " |"
    yield ""


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;").replace("\n", "<br>")
