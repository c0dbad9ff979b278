"""Reads the text of a CSV or TSV file into cells: encoding, separator, quotation marks and lines of uneven length."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from itertools import islice, zip_longest

import polars as pl

from connectors.errors import ConfigurationError
from connectors.files.headers import find_header

_SEPARATORS = (";", "\t", ",", "|")
_HEAD_BYTES = 100_000
_HEAD_LINES = 60


def read_text(name: str, content: bytes, known: Collection[str]) -> pl.DataFrame:
    """Read a text file into cells, one column each, without a header.

    Args:
        name: the file's name, for messages.
        content: the whole file.
        known: spellings of headings that help to tell the header's separator.

    Raises:
        ConfigurationError: it is no text, empty, or its quotation marks or lines are broken.
    """
    text = _to_utf8(name, content)
    start = _first_line(text)
    text = text[start:] if start else text
    if not text.strip(b' \t\r\n;,"|'):
        raise ConfigurationError(f"{name} is empty or has no rows: export it again")
    text, separator = _declared_separator(text)
    if separator is None:
        separator = _separator(text, known)
    head = _head(text, separator)
    width = len(head[find_header(head, known).first])
    widest = max(len(row) for row in head)
    wide = text
    if len(head[0]) < widest:
        # the fast reader takes its width from the first line, which may be a title
        wide = separator.encode() * (widest - 1) + b"\n" + text
    try:
        cells = pl.read_csv(wide, separator=separator, has_header=False, infer_schema=False)
    except pl.exceptions.PolarsError:
        # its message quotes the file; a stray quotation mark or uneven rows are read, or named, one by one
        return _read_uneven(name, text.decode("utf-8"), separator, width)
    if any((column.str.strip_chars() != "").any() for column in cells[:, width:]):
        return _read_uneven(name, text.decode("utf-8"), separator, width)
    return cells[:, :width]


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
    while (end := text.find(b"\n", start)) >= 0 and not text[start:end].strip(b' \t\r;,"|'):
        start = end + 1
    return start


def _declared_separator(text: bytes) -> tuple[bytes, str | None]:
    """The text without the line ``sep=;`` with which some systems begin, and what it says."""
    line, _, rest = text.partition(b"\n") if text[:4].lower() == b"sep=" else (b"", b"", b"")
    said = line.strip()[4:].decode("utf-8") or "\t"
    return (rest, said) if line and len(said) == 1 else (text, None)


def _separator(text: bytes, known: Collection[str]) -> str:
    """The separator that shows most known headings in one row, then the widest one."""

    def shown(separator: str) -> tuple[int, int]:
        rows = _head(text, separator)
        header = rows[find_header(rows, known).first]
        return len({*(cell.strip().casefold() for cell in header)} & set(known)), len(header)

    return max(_SEPARATORS, key=shown)


def _head(text: bytes, separator: str) -> list[list[str]]:
    """The first lines that hold anything, as cells."""
    head = text[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    try:
        rows = [*islice(csv.reader(io.StringIO(head, newline=""), delimiter=separator), _HEAD_LINES)]
    except csv.Error:
        rows = [line.split(separator) for line in head.splitlines()[:_HEAD_LINES]]
    if len(rows) > 1 and len(text) > _HEAD_BYTES and len(rows) < _HEAD_LINES:
        rows = rows[:-1]  # the last line may be cut
    return [row for row in rows if any(cell.strip() for cell in row)] or [[""]]


def _read_uneven(name: str, text: str, separator: str, width: int) -> pl.DataFrame:
    """Read a text that the fast reader refused, or say which line is wrong."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
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
