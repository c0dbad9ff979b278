"""Finds the header of a table among the titles above it, and gives its columns names."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    """Where the header stands among the first rows, and its cells; two lines that make one header are joined."""

    first: int
    last: int
    cells: tuple[str, ...]


def heading_spelling(text: str) -> str:
    """One form for all ways to write one heading: lower case, single spaces, no ``#``, colon or full stop around."""
    return " ".join(text.replace("\u00ad", "").strip("# :.*\ufeff").casefold().split())


def find_header(rows: Sequence[Sequence[str]], known: Collection[str]) -> Header:
    """Find the header in the first rows of a table.

    Args:
        rows: the first rows, as texts; not none.
        known: spellings of the headings looked for; without any, the first row is the header.
    """
    if not known:
        return Header(0, 0, tuple(rows[0]))
    best = max(range(len(rows)), key=lambda row: (_matches(rows[row], known), -row))
    if _matches(rows[best], known) < min(2, len(known)):
        best = _first_wide_row(rows)
    single = Header(best, best, tuple(rows[best]))
    found = single
    for first in (best - 1, best):
        if 0 <= first < len(rows) - 1:
            joined = tuple(_joined(*cells) for cells in zip(rows[first], rows[first + 1], strict=False))
            if _matches(joined, known) > max(_matches(rows[first], known), _matches(found.cells, known)):
                found = Header(first, first + 1, joined)
    return found


def is_header(cells: Collection[str], known: Collection[str]) -> bool:
    """Whether most of a row's texts are headings: a header again, or the same header in another language."""
    found = _matches(cells, known)
    return found >= 2 and 2 * found > len(cells)


def headings_of(cells: Sequence[str], reserved: str) -> list[str]:
    """Headings as written, a leading # taken off; unnamed and repeated ones get a name no profile asks for.

    Args:
        cells: of the header.
        reserved: a name that no column may have.
    """
    found: list[str] = []
    for position, text in enumerate(cells, start=1):
        heading = " ".join((text.lstrip("#") if position == 1 else text).split())
        taken = not heading or heading in found or heading == reserved
        found.append(f"{heading}#{position}" if taken else heading)
    return found


def _matches(cells: Collection[str], known: Collection[str]) -> int:
    return len({heading_spelling(cell) for cell in cells if cell.strip()} & set(known))


def _joined(above: str, below: str) -> str:
    """Two lines of one heading; a hyphen at the end of the first is a word divided."""
    return above[:-1] + below if above.endswith("-") else f"{above} {below}".strip()


def _first_wide_row(rows: Sequence[Sequence[str]]) -> int:
    """The first row that has a text in at least half as many cells as the fullest row and no number in any."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    wide = [row for row, count in enumerate(filled) if 2 * count > max(filled)]
    no_numbers = (row for row in wide if not any(re.fullmatch(r"[-\d.,: ]+", cell) for cell in rows[row] if cell))
    return next(no_numbers, wide[0])
