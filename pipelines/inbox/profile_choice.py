"""Chooses the profile of a handed-in file: its folder says so, or exactly one of the project's understands it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from connectors.errors import ConfigurationError
from connectors.files.headers import heading_spelling
from connectors.files.inspection import inspect
from connectors.files.periods import Overlap, Period
from connectors.files.profiles import FileKind, available_profiles, load_profile
from connectors.files.refusals import NotDescribed
from connectors.files.texts import read_file
from connectors.files.values import period
from connectors.pseudonyms import Pseudonyms
from pipelines.inbox.receipts import KINDS

UNDERSTOOD = 0.95
"""Share of a file's rows that a profile nobody chose has to understand."""

_KINDS: Sequence[FileKind] = get_args(FileKind)
_WORD = re.compile(r"\s*\((ersätter|ersatter|lägg till|lagg till)\)\s*$")
_PERIOD = re.compile(r"(?:^|[ _]|(?<!\d)-)(\d{4}(?:-(?:Q[1-4]|\d{2}))?)$", re.IGNORECASE)


class Unclear(Exception):  # noqa: N818 - named by what to do: ask
    """The person who handed the file in has to say something; ``why`` and ``todo`` are in Swedish."""

    def __init__(self, why: str, todo: str) -> None:
        super().__init__(why)
        self.why, self.todo = why, todo


@dataclass(frozen=True)
class Said:
    """What the name of a file says: what to do with files for some of the same days, and its period."""

    overlap: Overlap
    covers: Period | None


def said_by(stem: str) -> Said:
    """Read ``resor-2025-03 (ersätter)``: the word in brackets at the end, and the period before it."""
    word = _WORD.search(stem.casefold())
    overlap: Overlap = "refuse" if word is None else "replace" if word[1].startswith("ers") else "add"
    found = _PERIOD.search(stem.casefold()[: word.start()] if word else stem)
    try:
        return Said(overlap, period(found[1].upper()) if found else None)
    except ConfigurationError:
        return Said(overlap, None)  # four digits that are no year, or a thirteenth month


def kind_of(folder: str) -> FileKind:
    """The kind of file a folder is for.

    Raises:
        Unclear: the folder is for none.
    """
    for kind in _KINDS:
        if kind == folder:
            return kind
    listed = ", ".join(f"{kind} ({word})" for kind, word in KINDS.items())
    raise Unclear("Filen ligger inte i en mapp som säger vad den innehåller.", f"Flytta den till en av: {listed}.")


def own_profiles(folder: Path) -> list[Path]:
    """The profiles somebody has put in a folder."""
    return sorted(path for path in folder.glob("*.toml") if not path.name.startswith(".") and path.is_file())


def chosen_profile(path: Path, kind: FileKind, subfolder: str | None, pseudonyms: Pseudonyms) -> str:
    """The name or path of the profile to read a file with.

    Args:
        path: the file.
        kind: what its folder is for.
        subfolder: name of the folder below that one in which the file lies, if any.
        pseudonyms: of the organisation.

    Raises:
        Unclear: several profiles, or none, could be meant.
        ConfigurationError: the file is no table or may not be read.
    """
    own = own_profiles(path.parent)
    if len(own) > 1:
        raise Unclear(
            f"I mappen ligger flera profiler: {', '.join(each.name for each in own)}.",
            "Låt en ligga kvar, eller gör en undermapp för varje profil och lägg filerna där.",
        )
    if own:
        return str(own[0])
    ready = available_profiles(kind)
    if subfolder in ready:
        return str(subfolder)
    if subfolder is not None:
        raise Unclear(
            f"Undermappen {subfolder} har inte namn efter en profil, och ingen profil (.toml) ligger i den.",
            f"Ge den ett av namnen {', '.join(sorted(ready))}, eller lägg filen direkt i mappen {kind}.",
        )
    candidates = [name for name in sorted(ready) if _has_what_it_looks_up(name, path)]
    return _the_one_that_understands(path, kind, candidates, pseudonyms)


def _has_what_it_looks_up(profile: str, path: Path) -> bool:
    return all(path.with_name(lookup.file).is_file() for lookup in load_profile(profile, None).lookup)


def _the_one_that_understands(path: Path, kind: FileKind, ready: Sequence[str], pseudonyms: Pseudonyms) -> str:
    """The one profile that understands the file, of those that no other knows more of its columns than.

    A profile with few columns can read a file that is meant for another: a train ticket is a row of a travel agency's
    statement without its kind of travel.
    """
    shares: dict[str, float] = {}
    for name in ready:
        try:
            found = inspect(path, kind, pseudonyms, name)
        except NotDescribed:
            continue
        # a file with the right columns and no rows is a month without trips
        shares[name] = 1.0 if found.share_understood is None else found.share_understood
    known = {name: _columns_known(path, kind, name) for name in shares} if len(shares) > 1 else {}
    for name, columns in known.items():
        if any(columns < others for others in known.values()):
            del shares[name]
    good = [name for name, share in shares.items() if share >= UNDERSTOOD]
    if len(good) == 1:
        return good[0]
    raise _unclear(kind, ready, shares, good)


def _columns_known(path: Path, kind: FileKind, profile: str) -> frozenset[str]:
    """Of the file's columns, those a profile has a meaning for."""
    meaning = load_profile(profile, kind)
    there = read_file(path, meaning).headings
    known = {heading_spelling(heading) for heading in meaning.all_headings()}
    return frozenset(spelling for heading in there if (spelling := heading_spelling(heading)) in known)


def _unclear(kind: FileKind, ready: Sequence[str], shares: Mapping[str, float], good: Sequence[str]) -> Unclear:
    into = f"Gör en undermapp i {kind} med profilens namn och flytta filen dit."
    if good:
        return Unclear(f"Filen kan läsas med flera profiler: {', '.join(good)}.", f"{into} Välj den som är rätt.")
    if shares:
        best = max(shares, key=lambda name: shares[name])
        return Unclear(
            f"Profilen {best} ligger närmast, men förstår bara {shares[best]:.0%} av raderna.",
            f"Gör en undermapp i {kind} som heter {best} och flytta filen dit. Då läses det som går, och kvittot visar "
            "resten. Eller be den som sköter resfri om en egen profil för filen.",
        )
    return Unclear(
        "Ingen av profilerna känner igen filens kolumner: " + ", ".join(ready) + ".",
        "Kontrollera att filen ligger i rätt mapp och är rätt export. Är den det: be den som sköter resfri om en egen "
        "profil (resfri inspect föreslår en) och lägg den i samma mapp som filen.",
    )
