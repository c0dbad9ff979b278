"""Writes a profile as the readable TOML it would be read from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from connectors.files.profiles import Profile

_BARE_KEY = re.compile(r"[A-Za-z0-9_]+")


def profile_toml(profile: Profile, notes: Sequence[str] = ()) -> str:
    """The profile as TOML, only with what differs from the defaults.

    Args:
        profile: to be written; its name is the file's name and not in it.
        notes: what the reader should check, as comments at the top.
    """
    content = profile.model_dump(mode="json", exclude={"name"}, exclude_defaults=True)
    lines = [f"# {note[:1].upper()}{note[1:]}." for note in notes]
    tables: list[str] = []
    for key, value in content.items():
        if isinstance(value, Mapping):
            tables += _table(key, value)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            tables += [line for part in value for line in ("", f"[[{key}]]", *_pairs(part))]
        else:
            lines.append(f"{key} = {_value(value)}")
    return "\n".join([*lines, *tables, ""])


def _table(name: str, content: Mapping[str, object]) -> list[str]:
    plain = {key: value for key, value in content.items() if not isinstance(value, Mapping)}
    lines = ["", f"[{name}]", *_pairs(plain)] if plain else []
    for key, value in content.items():
        if isinstance(value, Mapping):
            lines += _table(f"{name}.{_key(key)}", value)
    return lines


def _pairs(content: Mapping[str, object]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in content.items()]


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _value(key)


def _value(value: object) -> str:
    """A value as TOML, whose strings, numbers, booleans and lists are written as JSON's are."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
