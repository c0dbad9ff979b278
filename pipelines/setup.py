"""Writes the settings file and the pseudonym key that a new installation starts from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from connectors.errors import ConfigurationError
from connectors.pseudonyms import new_key
from pipelines.settings_file import load_settings

EXAMPLE = "resfri.example.toml"
_EXAMPLE_ID, _EXAMPLE_NAME = "exempelby", "Exempelby kommun"


def initialise(settings: Path, organisation: str, name: str) -> Iterator[str]:
    """Write what is missing and say what was done.

    Args:
        settings: the settings file; left alone if there is one.
        organisation: id of the first organisation, for a new file.
        name: its name, for a new file.

    Raises:
        ConfigurationError: the id cannot be one, or the settings there are cannot be read.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", organisation):
        raise ConfigurationError(f"--org {organisation}: name it with a–z, 0–9 and _ only")
    if settings.exists():
        yield f"{settings} is there and was left alone"
    else:
        settings.parent.mkdir(parents=True, exist_ok=True)
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        text = _example().replace(_EXAMPLE_ID, organisation).replace(_EXAMPLE_NAME, escaped)
        settings.write_text(text, encoding="utf-8")
        yield f"wrote {settings}: fill in the account, then try it with resfri doctor"
    for each in load_settings(settings).organisations.values():
        is_new = new_key(each.key_file)
        yield f"{'wrote' if is_new else 'kept'} {each.key_file}" + (
            ": back it up; without it the data cannot be continued" if is_new else ""
        )


def _example() -> str:
    """The example: in an installed package beside this module, in a checkout at its root."""
    packaged = resources.files("pipelines") / EXAMPLE
    return (packaged if packaged.is_file() else Path(__file__).parents[1] / EXAMPLE).read_text(encoding="utf-8")
