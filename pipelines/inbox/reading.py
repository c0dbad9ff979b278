"""Reads the inbox: files that people drop in ``inbox/<organisation>/<kind>/``, each once, with a receipt beside it."""

from __future__ import annotations

import hashlib
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from connectors.errors import ConfigurationError
from connectors.files.importing import import_file
from connectors.files.periods import Period
from connectors.files.profiles import FileKind, Profile, available_profiles, load_profile
from connectors.files.receipts import Receipt
from connectors.files.refusals import NoDatedRows
from connectors.files.texts import read_file
from connectors.landing import Landing, files_in_force
from connectors.pseudonyms import Pseudonyms
from pipelines.inbox.folders import (
    Handed,
    Remembered,
    handed_in,
    hash_of,
    is_new,
    make_folders,
    receipts_in,
    remember,
    remembered,
)
from pipelines.inbox.profile_choice import Said, Unclear, chosen_profile, kind_of, own_profiles, said_by
from pipelines.inbox.receipts import (
    RECEIPT,
    asked_text,
    in_swedish,
    landed_text,
    replaced_text,
    write_receipt,
)
from pipelines.runtime import Runtime, only_one, open_landing
from pipelines.settings import Organisation


@dataclass
class Reading:
    """What one reading of the inbox did: a line per file that is new or waits, and counts of all."""

    lines: list[str] = field(default_factory=list)
    read: int = 0
    unchanged: int = 0
    refused: int = 0
    waiting: int = 0
    faults: int = 0


def read_inbox(organisation: Organisation, runtime: Runtime) -> Reading:
    """Read every file that is new, changed or now to be understood otherwise, and write its receipt.

    One file that cannot be read stops no other. A file taken out of the inbox stays counted.

    Raises:
        ConfigurationError: the landing zone cannot be opened.
        RetryLater: another run is reading the inbox.
    """
    with only_one(organisation, "inbox"):
        landing, pseudonyms = open_landing(organisation)
        make_folders(organisation)
        files = handed_in(organisation)
        return _Round(organisation, landing, pseudonyms, runtime, files).done()


class _Round:
    """One reading of one inbox."""

    def __init__(
        self,
        organisation: Organisation,
        landing: Landing,
        pseudonyms: Pseudonyms,
        runtime: Runtime,
        files: list[Handed],
    ) -> None:
        self._organisation, self._landing, self._pseudonyms = organisation, landing, pseudonyms
        self._now = runtime.clock().astimezone(UTC)
        self._files = files
        self._memory = remembered(organisation)
        self._reading = Reading()

    def done(self) -> Reading:
        for each in self._files:
            if not is_new(each, self._memory):
                self._reading.unchanged += 1
            elif not each.is_settled(self._now):
                self._waits(each)
            else:
                self._read(each)
        self._tell_the_replaced()
        self._forget_those_gone()
        return self._reading

    def _waits(self, handed: Handed) -> None:
        self._reading.waiting += 1
        self._reading.lines.append(f"{handed.name}: is being written or is open; read next time")

    def _read(self, handed: Handed) -> None:
        try:
            content = handed.path.read_bytes()
        except OSError:
            self._waits(handed)
            return
        try:
            became = self._import(handed, hashlib.sha256(content).hexdigest())
        except Exception as error:  # noqa: BLE001 - a fault over one file may not stop the others
            # its text can hold what stands in a cell
            self._reading.faults += 1
            self._reading.lines.append(
                f"{handed.name}: a fault in resfri ({type(error).__name__}); tried again next time"
            )
            with suppress(OSError):
                write_receipt(
                    handed.path,
                    asked_text(
                        handed.path.name, "Ett fel i resfri gjorde att filen inte kunde läsas.",
                        "Hör av dig till den som sköter resfri. Filen läses igen när felet är rättat.",
                    ),
                )  # fmt: skip
            return
        self._remember(handed, became)

    def _import(self, handed: Handed, sha: str) -> Remembered:
        """Read one file and write its receipt; the receipt comes before the memory, so that a killed run mends it."""
        name = handed.path.name
        before = self._memory.get(handed.key)
        counted = before.sha256 if before else None
        try:
            return self._land(handed, sha)
        except Unclear as unclear:
            text = asked_text(name, unclear.why, unclear.todo, is_earlier_counted=counted is not None)
        except ConfigurationError as error:
            why, todo = in_swedish(name, str(error))
            text = asked_text(name, why, todo, is_earlier_counted=counted is not None)
        write_receipt(handed.path, text)
        self._reading.refused += 1
        self._reading.lines.append(f"{handed.name}: not imported; why stands in {name}{RECEIPT}")
        return Remembered(handed.mark, "refused", counted)

    def _land(self, handed: Handed, sha: str) -> Remembered:
        path, parts = handed.path, handed.name.split("/")
        kind = kind_of(parts[0] if len(parts) > 1 else "")
        subfolder = parts[1] if len(parts) > 2 else None
        said = said_by(unicodedata.normalize("NFC", path.stem))
        files = self._landing.files()
        profile = None
        if subfolder is None and not own_profiles(path.parent):
            profile = _read_before_with(sha, kind, files)
        profile = profile or chosen_profile(path, kind, subfolder, self._pseudonyms)
        meaning = load_profile(profile, kind)
        sha = _with_lookups(path, sha, meaning)
        is_known = sha in files["file_sha256"]
        if is_known and sha not in files_in_force(files)["file_sha256"] and said.overlap != "replace":
            self._reading.unchanged += 1
            return Remembered(handed.mark, "replaced", sha)
        receipt = self._imported(path, kind, profile, said, meaning, files)
        write_receipt(path, landed_text(receipt, meaning, self._twin(handed, receipt.file_sha256)))
        if receipt.status == "unchanged":
            self._reading.unchanged += 1
        else:
            self._reading.read += 1
        self._reading.lines.append(
            f"{handed.name}: {receipt.rows_read} rows read = {receipt.rows_landed} understood + "
            f"{receipt.rows_rejected} not understood + {receipt.rows_excluded} excluded ({receipt.profile})"
        )
        return Remembered(handed.mark, "landed", receipt.file_sha256)

    def _imported(
        self, path: Path, kind: FileKind, profile: str, said: Said, meaning: Profile, files: pl.DataFrame
    ) -> Receipt:
        """Import with what the file's name says of its period only where the rows cannot tell it."""

        def imported(covers: Period | None) -> Receipt:
            return import_file(
                path, kind, profile, self._landing, self._pseudonyms, _later_than(files, self._now),
                covers=covers, overlap=said.overlap,
            )  # fmt: skip

        if meaning.covers == "declared":
            return imported(said.covers)
        try:
            return imported(None)
        except NoDatedRows:
            if said.covers is None:
                raise
        return imported(said.covers)

    def _twin(self, handed: Handed, sha: str) -> str | None:
        """Another file in the inbox with the same content."""
        return next((name for name in self._names_of(sha) if name != handed.name), None)

    def _names_of(self, sha: str) -> list[str]:
        known = ((each.name, self._memory.get(each.key)) for each in self._files)
        return [name for name, became in known if became and became.sha256 == sha and became.outcome != "refused"]

    def _remember(self, handed: Handed, became: Remembered) -> None:
        self._memory[handed.key] = became
        remember(self._organisation, self._memory)

    def _tell_the_replaced(self) -> None:
        """A corrected file takes the place of another, whose receipt has to say so."""
        files = self._landing.files()
        in_force = {*files_in_force(files)["file_sha256"]}
        for each in self._files:
            known = self._memory.get(each.key)
            if known is None or known.outcome == "refused" or known.sha256 is None or known.sha256 in in_force:
                continue
            later = files.filter(pl.col("replaces_sha256") == known.sha256).sort("seen_at")["file_sha256"]
            names = self._names_of(later[-1]) if later.len() else []
            by = names[0] if names else "en fil som lästs in senare"
            with suppress(OSError):
                write_receipt(each.path, replaced_text(each.path.name, known.sha256, by))
            self._remember(each, Remembered(known.mark, "replaced", known.sha256))

    def _forget_those_gone(self) -> None:
        """Forget files that were taken away; with one that was refused its receipt goes, which asks for an answer."""
        there = {each.key for each in self._files}
        for receipt in receipts_in(self._organisation.inbox):
            name = receipt.relative_to(self._organisation.inbox).as_posix().removesuffix(RECEIPT)
            known = self._memory.get(hash_of(name))
            if known is not None and known.outcome == "refused" and hash_of(name) not in there:
                with suppress(OSError):
                    receipt.unlink()
        self._memory = {key: known for key, known in self._memory.items() if key in there}
        remember(self._organisation, self._memory)


def _read_before_with(sha: str, kind: FileKind, files: pl.DataFrame) -> str | None:
    """The project's profile that a file of this content was read with, so that it is never asked about again."""
    known = files.filter((pl.col("file_sha256") == sha) & (pl.col("kind") == kind))["source"]
    return known[0] if known.len() and known[0] in available_profiles(kind) else None


def _with_lookups(path: Path, sha: str, profile: Profile) -> str:
    """The SHA-256 the import knows a file by: with those of the files its profile looks things up in."""
    return read_file(path, profile).sha256 if profile.lookup else sha


def _later_than(files: pl.DataFrame, now: datetime) -> datetime:
    """Now, or a moment after the last import: which of two files is the later one decides what counts."""
    last: datetime | None = files["seen_at"].max()  # type: ignore[assignment]
    return now if last is None else max(now, last + timedelta(microseconds=1))
