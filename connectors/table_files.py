"""Reads CSV, TSV and workbook files into a table of texts, whatever their encoding and separator.

Nothing is interpreted here: cells are trimmed, empty cells are NULL, and the dates of a workbook are written as
ISO 8601. What a column means is the profile's business.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import fastexcel
import polars as pl

from connectors.errors import ConfigurationError

ROW_NUMBER = "row_number"
LARGEST_FILE = 250_000_000
"""Bytes; a larger file is taken in parts, so that it fits in memory."""

_SEPARATORS = (";", "\t", ",")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_NOT_TABLES = {b"%PDF": "a PDF", b"\xff\xd8\xff": "a picture", b"\x89PNG": "a picture", b"GIF8": "a picture"}


@dataclass(frozen=True)
class TextTable:
    """A file as texts.

    Attributes:
        name: the file's name, for messages.
        headings: the column headings in order.
        frame: ``row_number`` (the first row below the header is 1; rows with no value at all are left out) and one
            text column per heading.
        is_workbook: number cells are written with a decimal point.
    """

    name: str
    headings: tuple[str, ...]
    frame: pl.DataFrame
    is_workbook: bool


def read_table(name: str, content: bytes) -> TextTable:
    """Read a file's bytes; the first row with a value is the header.

    Args:
        name: the file's name, for messages.
        content: the whole file.

    Raises:
        ConfigurationError: the file is not a table, or is damaged. No message holds what stands in a cell.
    """
    _refuse_other_kinds(name, content)
    is_workbook = content.startswith((_ZIP, _OLE))
    cells = _read_workbook(name, content) if is_workbook else _read_text(name, content)
    cells = cells.select(pl.all().str.strip_chars().replace("", None))
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
    if filled.is_empty():
        raise ConfigurationError(f"{name} has no rows: export it again")
    header = int(filled[0])
    headings = _headings(cells.row(header))
    rows = cells.rename(dict(zip(cells.columns, headings, strict=True)))[header + 1 :]
    rows = rows.with_row_index(ROW_NUMBER, offset=1).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64))
    rows = rows.filter(pl.any_horizontal(pl.col(headings).is_not_null()))
    return TextTable(name, tuple(headings), rows, is_workbook)


def _refuse_other_kinds(name: str, content: bytes) -> None:
    if len(content) > LARGEST_FILE:
        raise ConfigurationError(f"{name} is larger than {LARGEST_FILE // 1_000_000} MB: split it, for example by year")
    for start, what in _NOT_TABLES.items():
        if content.startswith(start):
            raise ConfigurationError(f"{name} is {what}, not a table: export it as CSV or XLSX")


def _headings(cells: Sequence[str | None]) -> list[str]:
    """Headings as written, a leading # taken off; unnamed and repeated ones get a name no profile asks for."""
    found: list[str] = []
    for position, cell in enumerate(cells, start=1):
        text = cell or ""
        heading = " ".join((text.lstrip("#") if position == 1 else text).split())
        taken = not heading or heading in found or heading == ROW_NUMBER
        found.append(f"{heading}#{position}" if taken else heading)
    return found


# -- workbooks ----------------------------------------------------------------------------------------------------


def _read_workbook(name: str, content: bytes) -> pl.DataFrame:
    if content.startswith(_ZIP):
        _refuse_macros(name, content)
    try:
        book = fastexcel.read_excel(content)
        sheets = (book.load_sheet(sheet, header_row=None, dtypes="string") for sheet in book.sheet_names)
        cells = next((sheet.to_polars() for sheet in sheets if sheet.visible == "visible"), None)
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


# -- text files ---------------------------------------------------------------------------------------------------


def _read_text(name: str, content: bytes) -> pl.DataFrame:
    text = _to_utf8(name, content)
    start = _first_line(text)
    text = text[start:] if start else text
    if not text.strip():
        raise ConfigurationError(f"{name} is empty: export it again")
    separator = _separator(text)
    try:
        return pl.read_csv(text, separator=separator, has_header=False, infer_schema=False)
    except pl.exceptions.PolarsError:
        # its message quotes the file; a stray quotation mark or uneven rows are read, or named, one by one
        return _read_uneven(name, text.decode("utf-8"), separator)


def _to_utf8(name: str, content: bytes) -> bytes:
    """The file's text as UTF-8 without a byte-order mark.

    A file with a mark says its encoding; one whose every other byte is zero is UTF-16; one that is not valid UTF-8
    is Windows-1252.
    """
    if content.startswith(b"\xef\xbb\xbf"):
        return content[3:]
    head = content[:4000]
    encodings: tuple[str, ...] = ("utf-8", "cp1252")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif head[1::2].count(0) > len(head) / 4:
        encodings = ("utf-16-le",)
    elif head[::2].count(0) > len(head) / 4:
        encodings = ("utf-16-be",)
    elif b"\x00" in head:
        encodings = ()
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return content if encoding == "utf-8" else text.encode("utf-8")
    raise ConfigurationError(f"{name} is not a text file or a workbook: export it as CSV (UTF-8) or XLSX")


def _first_line(text: bytes) -> int:
    """Where the first line begins that holds more than separators."""
    start = 0
    while (end := text.find(b"\n", start)) >= 0 and not text[start:end].strip(b' \t\r;,"'):
        start = end + 1
    return start


def _separator(text: bytes) -> str:
    """The separator that stands most often in the header, outside quotation marks."""
    header = text[: text.find(b"\n")] if b"\n" in text else text
    bare = b"".join(header.split(b'"')[::2]).decode("utf-8")
    return max(_SEPARATORS, key=bare.count)


def _read_uneven(name: str, text: str, separator: str) -> pl.DataFrame:
    """Read a text that the fast reader refused, or say which line is wrong."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            width = len(rows[0]) if rows else len(row)
            if any(cell.strip() for cell in row[width:]):
                raise ConfigurationError(
                    f"{name}: line {reader.line_num} has more values than the header has columns: export it again"
                )
            rows.append(row[:width])
    except csv.Error:
        raise ConfigurationError(
            f"{name}: a quotation mark is not closed near line {reader.line_num}: export it again"
        ) from None
    columns = list(zip_longest(*rows))
    return pl.DataFrame(
        {f"column_{position}": column for position, column in enumerate(columns)},
        schema={f"column_{position}": pl.String for position in range(len(columns))},
    )
