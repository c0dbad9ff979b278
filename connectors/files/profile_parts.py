"""The parts a profile is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.files.values import DistanceUnit


class Part(BaseModel):
    """Something a profile says; a word it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(Part):
    """What kind of value names the traveller; ``prefix`` keeps numbers that are only unique within one system apart."""

    kind: Literal["employee_no", "mail", "upn", "other"] = "employee_no"
    prefix: str = ""


class Distance(Part):
    """The unit of the distance column, and how many times it is travelled on a round trip (2: it is one way)."""

    unit: DistanceUnit = "km"
    times_on_round_trip: Literal[1, 2] = 1


class TripClassRule(Part):
    """Words of one field that decide whether a meeting could replace the trip; the first rule that knows decides."""

    field: Literal["purpose", "vehicle_class", "mode"]
    meeting: tuple[str, ...] = ()
    service: tuple[str, ...] = ()


class Exclusion(Part):
    """Rows left out under a name: those with one of these spellings in a column.

    Of several headings the first one found counts; where the column is optional, a file without it has no such rows.
    """

    rule: str
    column: str | tuple[str, ...]
    values: tuple[str, ...] = ()
    bits: int = 0
    """Rows whose whole number in the column has one of these bits are left out too."""
    is_optional: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings the column is known by."""
        return (self.column,) if isinstance(self.column, str) else self.column


class Join(Part):
    """A column made of several: their values with a space between, NULL where one is empty.

    Each may be known by several headings; a file that lacks one of the columns has no such column.
    """

    heading: str
    columns: tuple[str | tuple[str, ...], ...]

    @property
    def headings(self) -> tuple[tuple[str, ...], ...]:
        """The headings each of the columns is known by."""
        return tuple((column,) if isinstance(column, str) else column for column in self.columns)


class Times(Part):
    """How instants are written: as text, in a zone where no offset stands beside them, or as seconds since 1970.

    ``none`` lists the spellings that mean that there is no time.
    """

    zone: str = "UTC"
    written_as: Literal["text", "epoch_seconds"] = "text"
    none: tuple[str, ...] = ()


class Own(Part):
    """What of the addresses in a file belongs to the organisation: its domains, and its rooms by domain or address."""

    domains: tuple[str, ...] = ()
    room_domains: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()


class Lookup(Part):
    """A second file beside the imported one: its columns are brought in where the key column agrees."""

    file: str
    key: str
    columns: tuple[str, ...]


class Question(Part):
    """One question of a survey: its column where every answer has one, and from what number an answer is positive."""

    column: str = ""
    positive_from: float | None = None
