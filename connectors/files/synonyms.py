"""The words exports use, read from ``synonyms.toml``: headings, spellings, and what a file is about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from connectors.files.headers import heading_spelling
from connectors.files.profiles import FileKind

Meaning = bool | float | str

_FILE = Path(__file__).with_name("synonyms.toml")
_UNIT = re.compile(
    r"[\s,]*(?:[(\[](?:km|mil|kr|sek|kg|l|liter|litres|kwh|st|åååå-mm-dd|yyyy-mm-dd|hh:mm|(?:inkl|exkl)\.? moms|"
    r"(?:incl|excl)\.? vat|tur och retur|t/r|enkel resa|enkel|one way)[)\]]|, ?(?:km|mil|kr|sek|kg))$"
)
"""What may stand after a heading; another unit, such as thousands of kronor, makes it another heading."""


@dataclass(frozen=True)
class Shape:
    """What a file is about when its name, titles and headings hold one of these words, and it has these fields."""

    words: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    constants: Mapping[str, Meaning] = field(default_factory=dict)


@dataclass(frozen=True)
class Synonyms:
    """The words of one kind of file.

    Attributes:
        columns: field to the headings it goes by, the likeliest first.
        values: field to spelling to meaning.
        shapes: what a file is about, in order.
        allocation: kind of cost to modality to share.
    """

    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, Meaning]]
    shapes: tuple[Shape, ...]
    allocation: Mapping[str, Mapping[str, float]]

    def headings(self) -> set[str]:
        """Every heading of the kind."""
        return {heading for headings in self.columns.values() for heading in headings}


@lru_cache
def synonyms(kind: FileKind) -> Synonyms:
    """The words of a kind of file; none for meeting logs, whose headings are those of one system each."""
    found = tomllib.loads(_FILE.read_text("utf-8")).get(kind, {"columns": {}})
    shapes = tuple(
        Shape(tuple(shape.get("words", ())), tuple(shape.get("fields", ())), shape["constants"])
        for shape in found.get("shape", ())
    )
    columns = {name: tuple(headings) for name, headings in found["columns"].items()}
    return Synonyms(columns, found.get("values", {}), shapes, found.get("allocation", {}))


def without_unit(heading: str) -> str:
    """A heading without the unit in parentheses after it: ``Belopp (kr)`` goes by ``belopp``."""
    return heading_spelling(_UNIT.sub("", heading_spelling(heading)))


def goes_by(heading: str, name: str) -> bool:
    """Whether a heading is a name, with or without its unit, and with or without parentheses around the unit."""
    spelled = heading_spelling(heading)
    return name in (spelled, without_unit(heading), heading_spelling(re.sub(r"[()\[\]]", " ", spelled)))
