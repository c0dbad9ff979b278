"""Writes small files in the container of Excel 97–2003: an .xls of texts and numbers, and a locked workbook."""

from __future__ import annotations

import struct

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(rows: list[list[str | float | None]]) -> bytes:
    """A workbook with one sheet."""
    cells = b"".join(
        _cell(row, column, value)
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value is not None
    )
    sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + cells + _record(0x0A)
    globals_ = _record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0)) + _record(0x42, struct.pack("<H", 1200))
    name = b"Blad1"
    length = len(globals_) + 4 + 8 + len(name) + 4
    bound = _record(0x85, struct.pack("<IBBBB", length, 0, 0, len(name), 0) + name)
    return container({"Workbook": globals_ + bound + _record(0x0A) + sheet})


def locked_workbook() -> bytes:
    """What Excel writes when a workbook gets a password: the encrypted file inside a container."""
    return container({"EncryptionInfo": b"\x04\x00\x04\x00" + b"\x00" * 100, "EncryptedPackage": b"\x17" * 5000})


def container(streams: dict[str, bytes]) -> bytes:
    """A compound file with these streams."""
    parts = [content.ljust(max(4096, -(-len(content) // _SECTOR) * _SECTOR), b"\x00") for content in streams.values()]
    fat, starts = [_FAT, _END], []
    for part in parts:
        starts.append(len(fat))
        count = len(part) // _SECTOR
        fat += [*range(len(fat) + 1, len(fat) + count), _END]
    assert len(fat) <= 128
    entries = [_entry("Root Entry", 5, child=1, start=_END, size=0)]
    for number, (name, start, part) in enumerate(zip(streams, starts, parts, strict=True), start=1):
        right = number + 1 if number < len(parts) else _FREE
        entries.append(_entry(name, 2, right=right, start=start, size=len(part)))
    directory = b"".join(entries).ljust(_SECTOR, b"\x00")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    table = struct.pack("<128I", *fat, *[_FREE] * (128 - len(fat)))
    return header + table + directory + b"".join(parts)


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\x00") + struct.pack("<HBB", len(text), kind, 1)
    return head + struct.pack("<III", _FREE, right, child) + b"\x00" * 36 + struct.pack("<IQ", start, size)


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _cell(row: int, column: int, value: str | float) -> bytes:
    where = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return _record(0x204, where + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return _record(0x203, where + struct.pack("<d", value))
