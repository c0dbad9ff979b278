"""Reads documents of call detail records: XML in, typed records out, and nothing else.

A document type declaration is refused before anything in it is looked at, so no entity is ever declared, let alone
expanded; elements that lie too deep end the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from connectors.cisco_meeting_server.records import WANTED, Record, Refusal, Refused, record_of

DEEPEST = 12
"""Levels of elements; the vendor's deepest record has six."""

_SPACE = re.compile(rb"\s*")


@dataclass(frozen=True)
class Document:
    """One document: its bytes, the records understood, and why others, or all of it, were not."""

    body: bytes
    records: tuple[Record, ...]
    refusals: tuple[Refusal, ...] = ()


def read_documents(body: bytes, most: int | None = None) -> Iterator[Document]:
    """Read one document, or several that stand one after the other as in files that were appended to.

    After a document that is not understood, reading goes on at the next one.

    Args:
        body: the bytes.
        most: documents to read at most; more are refused together. A body made to keep us busy would have many.
    """
    at, count = _SPACE.match(body, 0).end(), 0  # type: ignore[union-attr]
    while at < len(body):
        if count == most:
            yield Document(body[at:], (), (Refusal("too_many_documents"),))
            return
        count += 1
        reader = _Reader(body, at)
        try:
            end = reader.read()
        except Refused as error:
            end = len(body) if error.refusal.reason == "doctype" else _next_document(body, at)
            yield Document(body[at:end].rstrip(), (), (error.refusal,))
        else:
            yield Document(body[at:end], tuple(reader.records), tuple(reader.refusals))
        at = _SPACE.match(body, end).end()  # type: ignore[union-attr]


def _next_document(body: bytes, at: int) -> int:
    begin = body.find(b"<?xml" if body.startswith(b"<?xml", at) else b"<records", at + 1)
    return begin if begin > 0 else len(body)


class _EndOfDocument(Exception):  # noqa: N818 - no error
    pass


class _Reader:
    """Reads the document that begins somewhere in a body."""

    def __init__(self, body: bytes, at: int) -> None:
        self.records: list[Record] = []
        self.refusals: list[Refusal] = []
        self._body, self._begin, self._stop = body, at, at
        self._path: list[str] = []
        self._document: Mapping[str, str] = {}
        self._fields: dict[str, str] = {}
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._declaration
        parser.EntityDeclHandler = self._declaration
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def read(self) -> int:
        """Read to the end of the document and say where that is.

        Raises:
            Refused: it is not understood.
        """
        try:
            # without copying the rest of the body
            self._parser.Parse(memoryview(self._body)[self._begin :], True)
        except expat.ExpatError:
            raise Refused("not_xml") from None
        except _EndOfDocument:
            return self._stop
        raise Refused("not_xml")

    def _declaration(self, *_: object) -> None:
        raise Refused("doctype")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag)
        depth = len(self._path)
        if depth > DEEPEST:
            raise Refused("too_deep")
        if depth == 1:
            if tag != "records":
                raise Refused("not_records")
            self._document = attributes
        elif depth == 2:
            self._fields = {f"@{name}": value for name, value in attributes.items()}
        else:
            path = "/".join(self._path[2:])
            if path in WANTED:
                # a leg can have several alarms; what stands once is not changed by this
                self._fields[path] = f"{self._fields[path]} " if path in self._fields else ""
            for name, value in attributes.items():
                if (attribute := f"{path}@{name}") in WANTED:
                    self._fields[attribute] = f"{self._fields.get(attribute, '')} {value}".strip()

    def _text(self, text: str) -> None:
        path = "/".join(self._path[2:])
        if path in self._fields:
            self._fields[path] += text

    def _end(self, tag: str) -> None:
        self._path.pop()
        if len(self._path) == 1 and tag == "record":
            try:
                self.records.append(record_of(self._document, self._fields))
            except Refused as refused:
                self.refusals.append(refused.refusal)
        elif not self._path:
            here = self._begin + self._parser.CurrentByteIndex
            # at an empty element the parser stands behind it, else before the closing tag
            self._stop = self._body.index(b">", here) + 1 if self._body.startswith(b"</", here) else here
            raise _EndOfDocument
