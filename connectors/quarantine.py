"""Where records that could not be understood wait, encrypted, for a version of resfri that understands them.

Each is a file named after its fingerprint below ``quarantine/<source>/``; only the organisation's pseudonym key opens
it. After thirty days it is gone; ``rejected`` keeps the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from connectors.contract import Unparsed
from connectors.pseudonyms import Pseudonyms

KEPT = timedelta(days=30)


class Quarantine:
    """One organisation's quarantine folder."""

    def __init__(self, folder: Path, pseudonyms: Pseudonyms) -> None:
        self._folder = folder
        self._cipher = Fernet(pseudonyms.derived_key("quarantine"))

    def keep(self, source: str, records: Iterable[Unparsed], now: datetime) -> None:
        """Keep records that are not there already."""
        for record in records:
            path = self._folder / source / f"{record.what}-{record.fingerprint}"
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{path.name}.tmp")
            unfinished.write_bytes(self._cipher.encrypt_at_time(record.body, int(now.timestamp())))
            unfinished.replace(path)

    def read(self, source: str) -> Iterator[Unparsed]:
        """The records of a source that this key opens."""
        for path in sorted((self._folder / source).glob("[!.]*")):
            what, _, fingerprint = path.name.rpartition("-")
            try:
                yield Unparsed(what, fingerprint, self._cipher.decrypt(path.read_bytes()))
            except InvalidToken:
                continue

    def release(self, source: str, record: Unparsed) -> None:
        """Delete a record that has been understood since."""
        (self._folder / source / f"{record.what}-{record.fingerprint}").unlink(missing_ok=True)

    def forget_old(self, now: datetime) -> int:
        """Delete what has waited long enough, and say how many."""
        gone = 0
        for path in self._folder.glob("*/[!.]*"):
            kept_at = self._cipher.extract_timestamp(path.read_bytes())
            if now.timestamp() - kept_at > KEPT.total_seconds():
                path.unlink()
                gone += 1
        return gone
