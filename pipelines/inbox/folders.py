"""What lies in an inbox, and what is remembered of it.

What was read is remembered in the landing folder, so that a landing zone put back from a backup has its own memory.
The memory holds hashes only: a file's name can be a person's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Literal, get_args

import msgspec

from connectors.errors import ConfigurationError
from connectors.files.profiles import FileKind, available_profiles, load_profile
from pipelines.inbox.profile_choice import own_profiles
from pipelines.inbox.receipts import RECEIPT
from pipelines.settings import Organisation

SETTLED = timedelta(seconds=30)
"""A file that was written to more recently is perhaps still being copied."""

_MEMORY = "inbox.json"
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".download", ".filepart", ".lnk", ".lock")
_NOT_HANDED_IN = frozenset({"thumbs.db", "desktop.ini"})

Outcome = Literal["landed", "refused", "replaced"]


class Remembered(msgspec.Struct, frozen=True):
    """What became of a file: the state it was read in, and the SHA-256 of what landed."""

    mark: str
    outcome: Outcome
    sha256: str | None = None


@dataclass(frozen=True)
class Handed:
    """A file in the inbox; ``mark`` changes with its content, its profile and the version of resfri."""

    path: Path
    name: str
    """Relative to the organisation's inbox, with ``/``."""
    mark: str
    modified: datetime

    @property
    def key(self) -> str:
        """What the memory knows it by."""
        return hash_of(self.name)

    def is_settled(self, now: datetime) -> bool:
        """Whether nobody is writing to it; a clock that is ahead by more than that is none of our business."""
        return abs(now - self.modified) >= SETTLED


def handed_in(organisation: Organisation) -> list[Handed]:
    """The files in an organisation's inbox, the oldest first: of two for one period, the later is the correction."""
    found = []
    for path in _files(organisation.inbox):
        with suppress(OSError):  # taken away meanwhile
            state = path.stat()
            name = path.relative_to(organisation.inbox).as_posix()
            beside = _beside(path)
            mark = hash_of(f"{state.st_size} {state.st_mtime_ns} {beside} {_ready_profiles()}")
            found.append(Handed(path, name, mark, datetime.fromtimestamp(state.st_mtime, UTC)))
    return sorted(found, key=lambda handed: (handed.modified, handed.name))


def unread(organisation: Organisation, now: datetime) -> list[Handed]:
    """The files that a reading would read; those still being written are left out."""
    memory = remembered(organisation)
    return [each for each in handed_in(organisation) if is_new(each, memory) and each.is_settled(now)]


def remembered(organisation: Organisation) -> dict[str, Remembered]:
    """What became of the files seen so far, by :attr:`Handed.key`."""
    try:
        content = (organisation.landing / _MEMORY).read_bytes()
        return msgspec.json.decode(content, type=dict[str, Remembered])
    except (OSError, msgspec.DecodeError):
        return {}  # every file is looked at again, which changes nothing


def remember(organisation: Organisation, memory: dict[str, Remembered]) -> None:
    """Write what was read down, whole; the same again is not written."""
    content = msgspec.json.format(msgspec.json.encode(memory, order="deterministic"), indent=1)
    path = organisation.landing / _MEMORY
    if not path.exists() or path.read_bytes() != content:
        temporary = path.with_name(f".{_MEMORY}.tmp")
        temporary.write_bytes(content)
        temporary.replace(path)


def is_new(handed: Handed, memory: dict[str, Remembered]) -> bool:
    """Whether a file is to be read: never seen, or something about it is other than it was."""
    known = memory.get(handed.key)
    return known is None or known.mark != handed.mark


def make_folders(organisation: Organisation) -> None:
    """Make the folders that people drop files in, where they are missing."""
    if not organisation.inbox.exists():
        organisation.inbox.mkdir(parents=True, mode=0o700)
    for kind in get_args(FileKind):
        (organisation.inbox / kind).mkdir(exist_ok=True)


def _folders(inbox: Path) -> Iterator[Path]:
    """The inbox, its folders and theirs; links lead out of it and are not followed."""
    folders = [inbox]
    for _ in range(3):
        yield from folders
        folders = [
            path
            for folder in folders
            if folder.is_dir()
            for path in sorted(folder.iterdir())
            if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
        ]


def _files(inbox: Path) -> Iterator[Path]:
    for folder in _folders(inbox):
        looked_up = _looked_up_in(folder)
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            name = path.name.casefold()
            is_other = (
                name.startswith((".", "~$"))
                or name.endswith((RECEIPT, ".toml", *_UNFINISHED))
                or name in _NOT_HANDED_IN
                or path.name in looked_up
            )
            if not is_other and path.is_file() and not path.is_symlink():
                yield path


def receipts_in(inbox: Path) -> Iterator[Path]:
    """Every receipt in an inbox, also of files taken away."""
    for folder in _folders(inbox):
        yield from folder.glob(f"*{RECEIPT}")


def _looked_up_in(folder: Path) -> frozenset[str]:
    """Files that are no export of their own: a profile looks something up in them."""
    own = own_profiles(folder)
    return _lookups(tuple(str(path) for path in own)) if own else _ready_lookups()


def _lookups(profiles: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    for profile in profiles:
        with suppress(ConfigurationError):
            found |= {lookup.file for lookup in load_profile(profile, None).lookup}
    return frozenset(found)


def _beside(path: Path) -> str:
    """The state of what else decides how a file is read: profiles in its folder, and files they look things up in."""
    others = [*own_profiles(path.parent), *(path.with_name(name) for name in sorted(_looked_up_in(path.parent)))]
    states = [(each.name, each.stat()) for each in others if each.is_file()]
    return str([(name, state.st_size, state.st_mtime_ns) for name, state in states])


@cache
def _ready_lookups() -> frozenset[str]:
    return _lookups(tuple(name for kind in get_args(FileKind) for name in available_profiles(kind)))


@cache
def _ready_profiles() -> str:
    """The version of resfri and of its profiles: a later one may understand more."""
    folder = resources.files("connectors.files") / "ready_profiles"
    texts = (each.read_text("utf-8") for each in sorted(folder.iterdir(), key=lambda each: each.name))
    return hash_of(metadata.version("resfri") + "".join(texts))


def hash_of(text: str) -> str:
    """What the memory keeps instead of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
