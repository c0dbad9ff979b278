"""Keeps the records that Cisco Meeting Servers hand over, durably and once, until they are put together to meetings.

Layout: ``<session>/<day>.jsonl`` below the spool's folder, a record a line, by the UTC day of the record; lines are
only ever added, and a stored record has reached the disk. ``rejected.jsonl`` lists what was not understood. Records
hold pseudonyms, no names or addresses. A line that a crash cut off is removed at the next write to its file, and never
read; its sender was not answered and sends it again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import filelock
import msgspec

from connectors.cisco_meeting_server.records import Record
from connectors.errors import ConfigurationError

REJECTED = "rejected.jsonl"


class Rejection(msgspec.Struct, omit_defaults=True, frozen=True):
    """Something that was handed over and not understood."""

    what: str
    reason: str
    fingerprint: str
    at: datetime
    field: str | None = None


class _Index(msgspec.Struct):
    index: int


_RECORD = msgspec.json.Decoder(Record)
_INDEX = msgspec.json.Decoder(_Index)
_REJECTION = msgspec.json.Decoder(Rejection)


class Spool:
    """The writing side; one process at a time holds it.

    Args:
        folder: created when missing.
        key_fingerprint: of the pseudonym key; another key would make two people of everyone.

    Raises:
        ConfigurationError: another process writes here, or the folder was filled with another key.
    """

    def __init__(self, folder: Path, key_fingerprint: str) -> None:
        self._folder = folder
        self._mutex = threading.Lock()
        self._seen: dict[str, set[int]] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = filelock.FileLock(folder / ".lock")
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise ConfigurationError(
                f"another receiver writes to {folder}: stop it, or give each its own folder"
            ) from None
        key = folder / "key"
        if not key.exists():
            _append(key, key_fingerprint.encode() + b"\n")
        elif key.read_text("ascii").strip() != key_fingerprint:
            self._lock.release()
            raise ConfigurationError(
                f"{folder} was filled with another pseudonym key: put that key back, or name a new spool_folder"
            )
        self._rejected = {rejection.fingerprint for rejection in read_rejections(folder)}

    def store(self, records: Iterable[Record]) -> int:
        """Put records on disk, those that are there already left out, and say how many were new.

        When this returns, all of them are durable. A number counts as stored only after its line has reached the disk.

        Raises:
            OSError: they could not be written; none of the file's new lines count as stored.
        """
        with self._mutex:
            fresh: dict[tuple[str, date], dict[int, Record]] = {}
            for record in records:
                new = fresh.setdefault((record.session, record.at.astimezone(UTC).date()), {})
                if record.index not in self._stored(record.session):
                    new.setdefault(record.index, record)
            stored = 0
            for (session, day), new in fresh.items():
                # within one document a number could come twice under two days
                new = {index: record for index, record in new.items() if index not in self._seen[session]}
                if new:
                    lines = b"".join(msgspec.json.encode(record) + b"\n" for record in new.values())
                    _append(self._folder / session / f"{day:%Y-%m-%d}.jsonl", lines)
                    self._seen[session].update(new)
                    stored += len(new)
            return stored

    def reject(self, rejection: Rejection) -> bool:
        """Write down what was not understood; False if it was written down before.

        Raises:
            OSError: it could not be written.
        """
        with self._mutex:
            if rejection.fingerprint in self._rejected:
                return False
            _append(self._folder / REJECTED, msgspec.json.encode(rejection) + b"\n")
            self._rejected.add(rejection.fingerprint)
            return True

    def close(self) -> None:
        """Let another process write."""
        self._lock.release()

    def _stored(self, session: str) -> set[int]:
        """The numbers of a session on disk, read when it is first heard of."""
        if session not in self._seen:
            found: set[int] = set()
            for path in sorted((self._folder / session).glob("*.jsonl")):
                # a process killed between writing and syncing leaves lines that only memory holds
                with path.open("rb+") as file:
                    os.fsync(file.fileno())
                found.update(_INDEX.decode(line).index for line in whole_lines(path))
            self._seen[session] = found
        return self._seen[session]


def days(folder: Path) -> Iterator[tuple[str, date, Path]]:
    """The files of a spool: session, day and path."""
    for path in sorted(folder.glob("*/*.jsonl")):
        yield path.parent.name, date.fromisoformat(path.stem), path


def read_day(path: Path) -> list[Record]:
    """The records of one file, also while it is written to."""
    return [_RECORD.decode(line) for line in whole_lines(path)]


def read_rejections(folder: Path) -> list[Rejection]:
    """What was not understood so far."""
    path = folder / REJECTED
    return [_REJECTION.decode(line) for line in whole_lines(path)] if path.exists() else []


def whole_lines(path: Path) -> list[bytes]:
    """The lines of a file that were written to their end."""
    content = path.read_bytes()
    return content[: content.rfind(b"\n") + 1].splitlines()


def _append(path: Path, lines: bytes) -> None:
    """Add lines so that they survive a power cut, or leave the file as it was."""
    is_new = not path.exists()
    if is_new and not path.parent.exists():
        path.parent.mkdir(mode=0o700)
        _sync_folder(path.parent.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        before = _end_of_last_line(handle)
        try:
            if os.write(handle, lines) != len(lines):
                raise OSError(f"the disk took a part of {len(lines)} bytes only")
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)
    if is_new:
        _sync_folder(path.parent)


def _end_of_last_line(handle: int) -> int:
    """Where to add; what a crash left behind the last whole line is cut off."""
    size = os.fstat(handle).st_size
    os.lseek(handle, max(0, size - 1), os.SEEK_SET)
    if size == 0 or os.read(handle, 1) == b"\n":
        return size
    os.lseek(handle, 0, os.SEEK_SET)
    with os.fdopen(os.dup(handle), "rb") as file:
        end = file.read().rfind(b"\n") + 1
    os.ftruncate(handle, end)
    return end


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
