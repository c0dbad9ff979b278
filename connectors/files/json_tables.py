"""Reads a JSON answer that somebody saved as a file: a list of objects, alone or in an object, as a table of texts."""

from __future__ import annotations

from typing import Any

import msgspec
import polars as pl

from connectors.errors import ConfigurationError


def is_json(content: bytes) -> bool:
    """Whether a file begins as a JSON list or object does."""
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b"{", b"[")) and start[1:].lstrip()[:1] in (b'"', b"{", b"]", b"}")


def read_json(name: str, content: bytes) -> pl.DataFrame:
    """Read a list of objects: a first row with the names of their values, then one row each.

    Lists and objects within an object are left out.

    Raises:
        ConfigurationError: it is no JSON, or holds no list of objects.
    """
    try:
        found = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ConfigurationError(f"{name} begins as JSON and is damaged: export it again") from None
    lists = [found, *found.values()] if isinstance(found, dict) else [found]
    rows = next((each for each in lists if isinstance(each, list) and each and isinstance(each[0], dict)), None)
    if rows is None or not all(isinstance(row, dict) for row in rows):
        raise ConfigurationError(f"{name} holds no list of records: export it as CSV, XLSX or a list of JSON objects")
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    columns = {
        f"column_{position}": [heading, *(_text(row.get(heading)) for row in rows)]
        for position, heading in enumerate(headings)
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, list | dict):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
