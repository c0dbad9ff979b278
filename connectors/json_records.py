"""Reads a vendor's JSON records one by one: those that are understood as structs, the others as rejected rows.

A record that lacks something required or holds something impossible costs nothing but itself. Only what a struct
names is read: titles, network addresses and device names are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar

import msgspec
import polars as pl

from connectors.contract import INSTANT, LONGEST_PLACE, REJECTED, TABLES, Unparsed
from connectors.pseudonyms import Pseudonyms

Id = Annotated[str, msgspec.Meta(min_length=1)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Record = TypeVar("Record", bound=msgspec.Struct)

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""An instant outside these is how a vendor writes that there is none."""

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_AT = re.compile(r" - at `\$?([^`]*)`$")
_ABSENT = re.compile(r"^Object missing required field `(\w+)`")


@dataclass
class Understood(Generic[Record]):
    """The records of one page, and what was not understood."""

    records: list[Record] = field(default_factory=list)
    rejected: list[dict[str, object]] = field(default_factory=list)
    unparsed: list[Unparsed] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Records on the page."""
        return len(self.records) + len(self.rejected)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The rows of ``rejected``, if any."""
        return (
            {REJECTED.name: frame(REJECTED.name, list(self.rejected[0]), _values(self.rejected))}
            if self.rejected
            else {}
        )


class RecordReader(Generic[Record]):
    """Reads records of one type.

    Args:
        record: the struct.
        what: what ``rejected`` calls them.
        impossible: the field of a record that holds something that cannot be; None if there is none.
    """

    def __init__(
        self, record: type[Record], what: str, impossible: Callable[[Record], str | None] = lambda _record: None
    ) -> None:
        self._what, self._impossible = what, impossible
        self._all = msgspec.json.Decoder(list[record])  # type: ignore[valid-type]
        self._one = msgspec.json.Decoder(record)

    def read(self, body: bytes, pseudonyms: Pseudonyms) -> Understood[Record]:
        """Read a page.

        Args:
            body: an array of records, or one record.
            pseudonyms: for the fingerprints of what is not understood.
        """
        if body[:1] == b"[":
            try:
                records: list[Record] = self._all.decode(body)
                if not any(map(self._impossible, records)):
                    return Understood(records)
            except msgspec.ValidationError:
                pass
        understood: Understood[Record] = Understood()
        for raw in _records(body):
            self._read_one(bytes(raw), pseudonyms, understood)
        return understood

    def _read_one(self, raw: bytes, pseudonyms: Pseudonyms, understood: Understood[Record]) -> None:
        try:
            record = self._one.decode(raw)
        except msgspec.ValidationError as error:
            reason, name = _why(str(error))
        else:
            name = self._impossible(record)
            if name is None:
                understood.records.append(record)
                return
            reason = "impossible"
        fingerprint = pseudonyms.of("record", msgspec.json.encode(msgspec.json.decode(raw), order="sorted").decode())
        understood.rejected.append({"what": self._what, "reason": reason, "field": name, "fingerprint": fingerprint})
        understood.unparsed.append(Unparsed(self._what, fingerprint, raw))


def frame(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pl.DataFrame:
    """Rows of plain values as a frame of a table of the contract, with some of its columns."""
    schema = {name: TABLES[table].schema[name] for name in columns}
    by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pl.DataFrame([_series(name, values, schema[name]) for name, values in zip(columns, by_column, strict=True)])


def _series(name: str, values: Sequence[Any], dtype: Any) -> pl.Series:
    if dtype != INSTANT:
        return pl.Series(name, values, dtype)
    # one by one and with their zones, instants take Polars eight times as long
    since = [None if at is None else (at - _EPOCH) // _MICROSECOND for at in values]
    return pl.Series(name, since, pl.Int64).cast(dtype)


def locality(text: str | None) -> str | None:
    """A place at locality level: what stands before the first comma; None for an address or a description."""
    name = (text or "").split(",", 1)[0].strip()
    is_place = name and len(name) <= LONGEST_PLACE and not any(sign.isdigit() or sign == "@" for sign in name)
    return name if is_place else None


def is_instant(at: datetime | None) -> bool:
    """Whether an instant can be meant."""
    return at is not None and FIRST_YEAR <= at.year <= LAST_YEAR


def _records(body: bytes) -> list[msgspec.Raw]:
    return msgspec.json.decode(body, type=list[msgspec.Raw]) if body[:1] == b"[" else [msgspec.Raw(body)]


def _why(message: str) -> tuple[str, str | None]:
    """Reason and field of a validation error; the message itself can hold values and stays here."""
    at = _AT.search(message)
    path = re.sub(r"\[[^\]]*\]", "", at.group(1)).strip(".") if at else ""
    absent = _ABSENT.match(message)
    name = ".".join(part for part in (path, absent.group(1) if absent else "") if part)
    return "missing" if absent else "unreadable", name or None


def _values(rows: Iterable[Mapping[str, object]]) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows]
