"""Finds the call records of some days: in the spool of the receiver, and in a folder of archived record files.

Archived files hold one document or several one after the other. Their records are read as they are; what identifies
people is replaced before anything is written. A record that is in both places is taken from the spool.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.cisco_meeting_server.coverage import Mark
from connectors.cisco_meeting_server.documents import read_documents
from connectors.cisco_meeting_server.records import Record
from connectors.cisco_meeting_server.spool import days, read_day

_DAY = re.compile(rb"""\btime=["'](\d{4}-\d{2}-\d{2})""")
_SESSION = re.compile(rb"""\bsession=["']([0-9A-Fa-f-]{36})""")

Key = tuple[str, int]


@dataclass(frozen=True)
class _Piece:
    """One file: which sessions and days are in it."""

    sessions: frozenset[str]
    first: date
    last: date
    read: Callable[[], list[Record]]


class Shelf:
    """All files there are, read as far as they are needed.

    Args:
        spool: folder of the receiver's spool.
        archive: folder of archived files, with its subfolders.
    """

    def __init__(self, spool: Path, archive: Path | None) -> None:
        self.unreadable: dict[bytes, None] = {}
        """Archived documents with something in them that was not understood, in the order they were met."""
        self._loaded: dict[_Piece, list[Record]] = {}
        self._pieces = [
            _Piece(frozenset((session,)), day, day, lambda path=path: read_day(path))  # type: ignore[misc]
            for session, day, path in days(spool)
        ]
        for path in sorted(archive.rglob("*.xml")) if archive else ():
            self._pieces.append(self._archived(path))

    @property
    def is_empty(self) -> bool:
        """Whether nothing has ever been received."""
        return not self._pieces

    def records(self, first: date, last: date) -> dict[Key, Record]:
        """The records of some days (UTC), and of each session those of its nearest file before and after."""
        chosen = [piece for piece in self._pieces if piece.first <= last and piece.last >= first]
        for session in {session for piece in self._pieces for session in piece.sessions}:
            own = [piece for piece in self._pieces if session in piece.sessions]
            chosen += sorted((p for p in own if p.last < first), key=lambda p: p.last)[-1:]
            chosen += sorted((p for p in own if p.first > last), key=lambda p: p.first)[:1]
        wanted = dict.fromkeys(chosen)
        self._loaded = {piece: self._loaded.get(piece) or piece.read() for piece in wanted}
        found: dict[Key, Record] = {}
        for piece in sorted(wanted, key=self._pieces.index):
            for record in self._loaded[piece]:
                found.setdefault((record.session, record.index), record)
        return found

    def reaches_before(self, day: date) -> bool:
        """Whether there is anything before a day."""
        return any(piece.first < day for piece in self._pieces)

    def _archived(self, path: Path) -> _Piece:
        body = path.read_bytes()
        found = [date.fromisoformat(each.decode()) for each in set(_DAY.findall(body)) if _is_day(each)]
        sessions = frozenset(each.decode().lower() for each in _SESSION.findall(body))

        def read() -> list[Record]:
            documents = list(read_documents(path.read_bytes()))
            self.unreadable.update((document.body, None) for document in documents if document.refusals)
            return [record for document in documents for record in document.records]

        # a file without any day is read every time, so that it is not passed over in silence
        return _Piece(sessions, min(found, default=date.min), max(found, default=date.max), read)


def marks(records: Iterable[Record]) -> set[Mark]:
    """What coverage needs to know of records."""
    return {Mark(each.session, each.index, each.at, each.missing, each.bridge) for each in records}


def _is_day(text: bytes) -> bool:
    try:
        date.fromisoformat(text.decode())
    except ValueError:
        return False
    return True
