"""Reads settings from their file, ``resfri.toml``.

Relative paths in it are relative to the file itself. A wrong key or value ends in one line that names it.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from connectors.errors import ConfigurationError
from connectors.registry import SOURCES
from connectors.source import SourceSettings
from connectors.transport import Network
from pipelines.settings import Organisation, OrganisationSettings, Part, Settings

SETTINGS_VARIABLE = "RESFRI_SETTINGS"
"""Environment variable with the path of the settings, for Dagster."""
DEFAULT_SETTINGS = Path("resfri.toml")

T = TypeVar("T", bound=BaseModel)

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


class _File(Part):
    """The settings file as it is written."""

    data_dir: Path = Path("data")
    keys_dir: Path = Path("keys")
    inbox_dir: Path = Path("inbox")
    network: Network = Network()
    organisations: dict[str, dict[str, Any]] = Field(default_factory=dict)


def load_settings(path: Path) -> Settings:
    """Read and check a settings file.

    Raises:
        ConfigurationError: it is missing, not TOML, or has a wrong key or value; the message names it.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"no settings at {path}: run 'resfri init', or name the file with --settings or {SETTINGS_VARIABLE}"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path.name} cannot be read: {error}") from None
    file = _validated(_File, content, path.name, ())
    folder = path.resolve().parent
    data_dir = folder / file.data_dir
    organisations = {
        id_: Organisation(
            id=id_,
            settings=_organisation(id_, raw, path.name, folder, data_dir),
            folder=data_dir / id_,
            inbox=folder / file.inbox_dir / id_,
            key_file=folder / file.keys_dir / f"{id_}.key",
        )
        for id_, raw in file.organisations.items()
    }
    keys = folder / file.keys_dir
    if keys == data_dir or data_dir in keys.parents:
        raise ConfigurationError(f"{path.name}: keys_dir lies inside data_dir: keep keys apart from the data they open")
    network = file.network
    if network.ca_file:
        network = network.model_copy(update={"ca_file": folder / network.ca_file})
    return Settings(file=path.resolve(), data_dir=data_dir, network=network, organisations=organisations)


def settings_path() -> Path:
    """Where Dagster finds the settings: named by the environment, else ``resfri.toml`` where it was started."""
    return Path(os.environ.get(SETTINGS_VARIABLE) or DEFAULT_SETTINGS)


def _organisation(id_: str, raw: dict[str, Any], file: str, folder: Path, data_dir: Path) -> OrganisationSettings:
    where = ("organisations", id_)
    if not _NAME.fullmatch(id_):
        raise ConfigurationError(f"{file}: organisation {id_!r}: name it with a–z, 0–9 and _ only")
    accounts = raw.pop("accounts", {})
    spool = data_dir / id_ / "spool"
    sources = {
        name: _source(name, settings, accounts, file, (*where, "sources", name), folder, spool)
        for name, settings in raw.pop("sources", {}).items()
    }
    settings = _validated(OrganisationSettings, raw, file, where)
    located = {
        "sources": sources,
        "factor_files": tuple(folder / path for path in settings.factor_files),
        "compared_with": tuple(folder / path for path in settings.compared_with),
        "spark_folder": settings.spark_folder and folder / settings.spark_folder,
    }
    settings = settings.model_copy(update=located)
    for name, expected in settings.expected.items():
        if name not in sources and expected.kind is None:
            raise ConfigurationError(
                f"{file}: {'.'.join(where)}.expected.{name} is no source: say what kind of file it is, such as "
                'kind = "travel", or correct the name'
            )
    return settings


def _source(
    name: str, raw: Any, accounts: Any, file: str, where: tuple[str, ...], folder: Path, spool: Path
) -> SourceSettings:
    dotted = ".".join(where)
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{file}: source {name!r}: name it with a–z, 0–9 and _ only")
    if not isinstance(raw, dict) or raw.get("type") not in SOURCES:
        raise ConfigurationError(f"{file}: {dotted}.type: choose one of {', '.join(sorted(SOURCES))}")
    values = dict(raw)
    if isinstance(values.get("account"), str):
        if values["account"] not in accounts:
            known = ", ".join(accounts) or "none"
            raise ConfigurationError(f"{file}: {dotted}.account: no account {values['account']}; there are: {known}")
        values["account"] = accounts[values["account"]]
    kind = SOURCES[raw["type"]].settings
    if "spool_folder" in kind.model_fields:
        values.setdefault("spool_folder", str(spool / name))
    return _validated(kind, _with_paths(values, folder), file, where)


def _with_paths(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Paths of files and folders relative to the settings file."""
    return {
        key: _with_paths(value, folder)
        if isinstance(value, dict)
        else str(folder / value)
        if key.endswith(("_file", "_folder")) and isinstance(value, str)
        else value
        for key, value in values.items()
    }


def _validated(model: type[T], values: Any, file: str, where: tuple[str, ...]) -> T:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        # a key that is unknown is often the one that is missing, misspelt
        first = min(found, key=lambda each: each["type"] != "extra_forbidden")
        path = ".".join((*where, *(str(part) for part in first["loc"])))
        if first["type"] == "extra_forbidden":
            known = _fields_at(model, first["loc"][:-1])
            near = difflib.get_close_matches(str(first["loc"][-1]), known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are: {', '.join(sorted(known))}"
            raise ConfigurationError(f"{file}: {path}: unknown setting; {hint}") from None
        raise ConfigurationError(f"{file}: {path}: {first['msg']}") from None


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The settings there are at a place, for a hint."""
    found: Any = model
    for part in path:
        field = found.model_fields.get(str(part)) if isinstance(found, type) and issubclass(found, BaseModel) else None
        if field is None:
            return []
        found = field.annotation
    return list(found.model_fields) if isinstance(found, type) and issubclass(found, BaseModel) else []
