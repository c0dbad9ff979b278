"""What a run may not decide for itself: what time it is, and whom to tell how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import filelock

from connectors.errors import RetryLater
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms
from pipelines.settings import Organisation

LOCAL = ZoneInfo("Europe/Stockholm")


def _now() -> datetime:
    return datetime.now(UTC)


def _say_nothing(_organisation: str, _source: str, _records: int) -> None:
    """Nobody is watching."""


@dataclass(frozen=True)
class Runtime:
    """The clock, and who is told of progress: (organisation, source, records so far)."""

    clock: Callable[[], datetime] = _now
    progress: Callable[[str, str, int], None] = _say_nothing

    @property
    def today(self) -> date:
        """The date in Sweden."""
        return self.clock().astimezone(LOCAL).date()


def open_landing(organisation: Organisation) -> tuple[Landing, Pseudonyms]:
    """An organisation's landing zone with the key it was filled with.

    Raises:
        ConfigurationError: the key is missing, readable by others or another one.
    """
    pseudonyms = Pseudonyms.from_file(organisation.key_file)
    for private in (organisation.landing, organisation.quarantine):
        private.mkdir(parents=True, exist_ok=True)
        private.chmod(0o700)
    return Landing(organisation.landing, organisation.id, pseudonyms.fingerprint), pseudonyms


@contextmanager
def only_one(organisation: Organisation, what: str) -> Iterator[None]:
    """Keep two runs from doing the same thing to one organisation at once; a killed run leaves no lock behind.

    Raises:
        RetryLater: another run is at it.
    """
    organisation.folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(organisation.folder / f".{what}.lock", timeout=0):
            yield
    except filelock.Timeout:
        raise RetryLater(f"{organisation.id}: another run is at {what} already; wait until it has ended") from None
