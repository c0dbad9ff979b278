"""Finds the rows of a table that are about the table and not about what it lists: totals, and its header again."""

from __future__ import annotations

import polars as pl

from connectors.files import values
from connectors.files.headers import heading_spelling, is_header
from connectors.files.profiles import FileKind
from connectors.files.synonyms import synonyms
from connectors.files.table_files import ROW_NUMBER, TextTable

TOTAL = (
    r"^(?:delsumma|delsummor|summa|sum|slutsumma|totalsumma|total|totalt|totaler|totals|grand total|sub-?total|"
    r"summering|antal rader|att betala)"
)
"""How a cell begins that calls its row a total, as ``values.spelling`` writes it."""

_UNDER_THE_HEADER = 3


def rows_with_totals(table: TextTable, among: pl.Series | None) -> pl.Series:
    """The row numbers of totals.

    Args:
        table: the file as texts.
        among: the row numbers to look at: those without a date; None for files that have no dates.
    """
    frame = table.frame if among is None else table.frame.filter(pl.col(ROW_NUMBER).is_in(among.implode()))
    end = r"(?:$|[ :.])" if among is not None else r"[ :.]*$"
    says_total = [values.spelling(pl.col(heading)).str.contains(TOTAL + end) for heading in table.headings]
    return frame.filter(pl.any_horizontal(says_total))[ROW_NUMBER]


def repeated_headers(table: TextTable, used: list[str], kind: FileKind) -> pl.Series:
    """The row numbers of headers that come again below the header: page by page, or once more in another language.

    Args:
        table: the file as texts.
        used: the headings the profile reads.
        kind: of the file, whose usual headings are known too.
    """
    candidates = table.frame.filter(
        pl.any_horizontal(pl.col(heading) == heading for heading in used) | (pl.col(ROW_NUMBER) <= _UNDER_THE_HEADER)
    )
    own = {heading_spelling(heading) for heading in table.headings}
    known = table.known | own | synonyms(kind).headings()
    rows = [
        row[0] for row in candidates.iter_rows() if is_header([cell for cell in row[1:] if cell is not None], known)
    ]
    return pl.Series(ROW_NUMBER, rows, dtype=pl.Int64)
