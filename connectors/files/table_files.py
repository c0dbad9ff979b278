"""Reads CSV, TSV, JSON and workbook files into a table of texts, whatever their encoding and separator.

Nothing is interpreted here: cells are trimmed, empty cells are NULL, and the dates of a workbook are written as
ISO 8601. What a column means is the profile's business; its headings only help to tell the header from the title.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Collection
from dataclasses import dataclass

import fastexcel
import polars as pl

from connectors.errors import ConfigurationError
from connectors.files.headers import find_header, heading_spelling, headings_of
from connectors.files.json_tables import is_json, read_json
from connectors.files.text_tables import read_text

ROW_NUMBER = "row_number"
LARGEST_FILE = 250_000_000
"""Bytes; a larger file is taken in parts, so that it fits in memory."""

_HEAD_ROWS = 60
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_NOT_TABLES = {
    b"%PDF": "a PDF",
    b"\xff\xd8\xff": "a picture",
    b"\x89PNG": "a picture",
    b"GIF8": "a picture",
    b"<!DO": "a web page",
    b"<htm": "a web page",
    b"<?xm": "an XML file",
    b"{\\rt": "a text document",
    b"\x1f\x8b": "a packed file",
    b"PAR1": "a Parquet file",
}


@dataclass
class TextTable:
    """A file as texts.

    Attributes:
        name: the file's name, for messages.
        headings: the column headings in order.
        frame: ``row_number`` (the first row below the header is 1; rows with no value at all are left out) and one
            text column per heading.
        is_workbook: number cells are written with a decimal point.
        sha256: of the file's bytes.
        titles: the rows above the header that hold something, each as its texts.
        known: the headings that were looked for, as ``heading_spelling`` writes them.
    """

    name: str
    headings: tuple[str, ...]
    frame: pl.DataFrame
    is_workbook: bool
    sha256: str
    titles: tuple[tuple[str, ...], ...] = ()
    known: frozenset[str] = frozenset()

    def rows(self, numbers: pl.Series) -> pl.DataFrame:
        """The rows of some numbers."""
        return self.frame.filter(pl.col(ROW_NUMBER).is_in(numbers.implode()))

    def keep(self, numbers: pl.Series) -> None:
        """Let go of all rows but some, once the others are read: the texts of a large file weigh more than its rows."""
        self.frame = self.rows(numbers)


def read_table(name: str, content: bytes, known: Collection[str] = ()) -> TextTable:
    """Read a file's bytes.

    Args:
        name: the file's name, for messages.
        content: the whole file.
        known: headings to look for. The row that holds most of them is the header, and what stands above it is title;
            without any, the first row with a value is the header.

    Raises:
        ConfigurationError: the file is not a table, or is damaged. No message holds what stands in a cell.
    """
    _refuse_other_kinds(name, content)
    is_workbook, sha = content.startswith((_ZIP, _OLE)), hashlib.sha256(content).hexdigest()
    spellings = frozenset(heading_spelling(heading) for heading in known)
    if is_workbook:
        cells = _read_workbook(name, content)
    elif is_json(content):
        cells = read_json(name, content)
    else:
        cells = read_text(name, content, spellings)
    del content  # of a large file every copy counts
    cells = _trimmed(cells.get_columns())
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
    if filled.is_empty():
        raise ConfigurationError(f"{name} has no rows: export it again")
    start = int(filled[0])
    head = [[cell or "" for cell in row] for row in cells[start : start + _HEAD_ROWS].iter_rows()]
    header = find_header(head, spellings)
    headings = headings_of(header.cells, ROW_NUMBER)
    below = start + header.last + 1
    rows = cells.rename(dict(zip(cells.columns, headings, strict=True)))[below:]
    rows = rows.with_row_index(ROW_NUMBER, offset=1).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64))
    rows = rows.filter(pl.any_horizontal(pl.col(headings).is_not_null()))
    titles = tuple(tuple(cell for cell in row if cell) for row in head[: header.first])
    titles = tuple(title for title in titles if title)
    return TextTable(name, tuple(headings), rows, is_workbook, sha, titles, spellings)


def _trimmed(columns: list[pl.Series]) -> pl.DataFrame:
    """Cells without spaces around them and without the ``="…"`` that keeps a leading zero; a lone dash is empty.

    Column by column, and most columns of most files are kept as they are: a large file then fits in memory once.
    """
    text = pl.col("text").str.strip_chars()
    bare = pl.when(text.str.starts_with('="')).then(text.str.replace(r'^="([^"]*)"$', "${1}")).otherwise(text)
    kept = pl.when(~bare.is_in(["", "-", "–", "—"])).then(bare)
    done = []
    for position in range(len(columns)):
        column = columns.pop(0).alias(f"column_{position}")
        trimmed = column.to_frame("text").select(kept.alias(column.name)).to_series()
        done.append(column if column.equals(trimmed) else trimmed)
    return pl.DataFrame(done)


def _refuse_other_kinds(name: str, content: bytes) -> None:
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, what in _NOT_TABLES.items():
        if start.startswith(mark) or start[:4].lower() == mark.lower():
            raise ConfigurationError(f"{name} is {what}, not a table: export it as CSV or XLSX")


# -- workbooks ----------------------------------------------------------------------------------------------------


def _read_workbook(name: str, content: bytes) -> pl.DataFrame:
    if content.startswith(_ZIP):
        _refuse_macros(name, content)
    elif _LOCKED in content:
        raise ConfigurationError(f"{name} is locked with a password: save it without one")
    try:
        book = fastexcel.read_excel(content)
        sheets = (book.load_sheet(sheet, header_row=None, dtypes="string") for sheet in book.sheet_names)
        cells = next((sheet.to_polars() for sheet in sheets if sheet.visible == "visible" and sheet.width), None)
    except fastexcel.FastExcelError:
        # the library's message can quote a cell
        raise ConfigurationError(
            f"{name} cannot be opened as a workbook (damaged, or locked with a password): save it again as XLSX"
        ) from None
    if cells is None or cells.width == 0:
        raise ConfigurationError(f"{name} has no visible sheet with rows: export it again")
    # a date cell reads as midnight, a time cell as a time on Excel's day zero
    return cells.select(
        pl.all()
        .str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "${1}")
        .str.replace(r"^1899-12-3[01] (\d{2}:\d{2}:\d{2})$", "${1}")
    )


def _refuse_macros(name: str, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts, size = archive.namelist(), sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile:
        raise ConfigurationError(f"{name} is damaged: export it again") from None
    if any(part.endswith("vbaProject.bin") for part in parts):
        raise ConfigurationError(f"{name} is a workbook with macros: save it as XLSX without macros")
    if "xl/workbook.xml" not in parts and "xl/workbook.bin" not in parts and "content.xml" not in parts:
        raise ConfigurationError(f"{name} is not a workbook: export it as CSV or XLSX")
    if size > 10 * LARGEST_FILE:
        raise ConfigurationError(f"{name} unpacks to more than can be read: split it, for example by year")
