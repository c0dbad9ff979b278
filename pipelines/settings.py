"""Settings: one TOML file says which organisations there are, where their logs come from and how figures are counted.

Relative paths in it are relative to the file itself. A wrong key or value ends in one line that names it.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from connectors.contract import MODES
from connectors.errors import ConfigurationError
from connectors.registry import SOURCES
from connectors.source import SourceSettings
from connectors.transport import Network
from models.choices import AUTHORITY_QUANTITIES, Action, Authority, Target, TripClassRule
from models.engine import reference_tables
from models.method import MethodSettings, Month

SETTINGS_VARIABLE = "RESFRI_SETTINGS"
"""Environment variable with the path of the settings, for Dagster."""
DEFAULT_SETTINGS = Path("resfri.toml")

T = TypeVar("T", bound=BaseModel)

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(_Part):
    """From when to when a source should speak; months outside are no gap."""

    kind: Literal["meetings", "travel", "staff", "directory", "bookings"] | None = None
    """Needed for imported files only; a source has its own."""
    expected_from: Month | None = None
    expected_to: Month | None = None
    filled_by: str | None = None
    """The source of totals, by the profile of their files, that stand in where this one told nothing of a month."""


class Authoritative(_Part):
    """Which sources count where several tell of the same travel; the others are cross-checks.

    A key is a mode, or a mode and a vehicle class (``rail``, ``car own_car``). A value is the source that counts, or
    several of which none holds a journey that another holds.
    """

    trips: dict[str, str | tuple[str, ...]] = {}
    """For trips, kilometres and emissions."""
    cost: dict[str, str | tuple[str, ...]] = {}
    fuel: dict[str, str | tuple[str, ...]] = {}
    """Whose litres the emissions are computed from, instead of from kilometres."""

    @field_validator("trips", "cost", "fuel")
    @classmethod
    def _names_modes(cls, value: dict[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
        for key in value:
            mode, _, rest = key.partition(" ")
            if mode not in MODES or " " in rest:
                raise ValueError(f"{key!r} is no mode ({', '.join(MODES)}), alone or before a vehicle class")
        return value

    def listed(self) -> list[Authority]:
        """One entry for each mode and vehicle class named."""
        found = []
        for quantity in AUTHORITY_QUANTITIES:
            for key, sources in getattr(self, quantity).items():
                mode, _, vehicle_class = key.partition(" ")
                named = (sources,) if isinstance(sources, str) else sources
                found.append(
                    Authority(quantity=quantity, mode=mode, vehicle_class=vehicle_class or None, sources=named)
                )
        return found


class TripClasses(_Part):
    """What trips that do not say it themselves are: ``meeting``, or ``service`` that no meeting could replace."""

    vehicle_class: dict[str, Literal["meeting", "service"]] = {}
    """Class of vehicle, a word of the profile's own such as ``pool``; asked first."""
    department: dict[str, Literal["meeting", "service"]] = {}
    """Department, as files spell it or as it is mapped."""

    def listed(self) -> list[TripClassRule]:
        """One rule for each class of vehicle and department named."""
        return [
            TripClassRule(by=by, value=value, trip_class=answer)
            for by, answers in (("vehicle_class", self.vehicle_class), ("department", self.department))
            for value, answer in answers.items()
        ]


class OrganisationSettings(_Part):
    """One organisation: its name, where its data comes from, and its choices about the counting."""

    name: str
    languages: tuple[Literal["sv", "en"], ...] = ("sv",)
    """Languages in which reports are written by the schedules."""
    sources: dict[str, SourceSettings] = {}
    """Source name to the settings of its connector."""
    expected: dict[str, Expected] = {}
    """Source or profile name to when it should speak."""
    authoritative: Authoritative = Authoritative()
    trip_class: TripClasses = TripClasses()
    factor_files: tuple[Path, ...] = ()
    """Files with emission factors of the organisation's own; ``method.factor_set`` says which set is in force."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    """What runs the models; the figures are the same."""
    spark_master: str = "local[*]"
    """Where Spark runs: ``local[*]`` on this machine, ``spark://…:7077`` on a cluster."""
    spark_folder: Path | None = None
    """Where Spark's results lie until a build is done; needed on a cluster, whose machines must all see it."""
    method: MethodSettings = MethodSettings()
    targets: dict[str, Target] = {}
    """Where an indicator is to be, by a key of your own."""
    actions: tuple[Action, ...] = ()
    """What was done to travel less, and when."""
    compared_with: tuple[Path, ...] = ()
    """Folders of other organisations' published figures, each with its ``CURRENT``."""

    @field_validator("targets")
    @classmethod
    def _targets_are_figures(cls, value: dict[str, Target]) -> dict[str, Target]:
        figures = reference_tables()["ref_indicators"].filter(pl.col("formula").is_in(["per_fte", "total"]))
        known = [" ".join(row) for row in figures.select("indicator", "measure").iter_rows()]
        for key, target in value.items():
            if f"{target.indicator} {target.measure}" not in known:
                raise ValueError(
                    f"{key}: no indicator {target.indicator} with measure {target.measure}; a target is for one of "
                    + ", ".join(known)
                )
        return value


class Organisation(_Part):
    """One organisation with its places on disk; what resfri keeps of it lies below ``folder``."""

    id: str
    settings: OrganisationSettings
    folder: Path
    inbox: Path
    """Where people drop files; it is theirs, and their originals stay in it."""
    key_file: Path
    """The pseudonym key: outside ``folder``, readable by its owner alone."""

    @property
    def landing(self) -> Path:
        """What the sources said."""
        return self.folder / "landing"

    @property
    def quarantine(self) -> Path:
        """Records not understood, encrypted."""
        return self.folder / "quarantine"

    @property
    def warehouse(self) -> Path:
        """The private DuckDB file, rebuilt from landing."""
        return self.folder / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """What others may read."""
        return self.folder / "published"

    @property
    def reports(self) -> Path:
        """Reports written by the schedules."""
        return self.folder / "reports"


class Settings(_Part):
    """Everything the settings file says."""

    file: Path
    data_dir: Path
    network: Network
    organisations: Mapping[str, Organisation]

    def chosen(self, organisation: str | None) -> list[Organisation]:
        """One organisation, or all.

        Raises:
            ConfigurationError: there is none of that name.
        """
        if organisation is None:
            return list(self.organisations.values())
        return [self.one(organisation)]

    def one(self, organisation: str) -> Organisation:
        """One organisation.

        Raises:
            ConfigurationError: there is none of that name.
        """
        if organisation not in self.organisations:
            raise ConfigurationError(
                f"{self.file.name} has no organisation {organisation}: it has {', '.join(self.organisations) or 'none'}"
            )
        return self.organisations[organisation]


class _File(_Part):
    """The settings file as it is written."""

    data_dir: Path = Path("data")
    keys_dir: Path = Path("keys")
    inbox_dir: Path = Path("inbox")
    network: Network = Network()
    organisations: dict[str, dict[str, Any]] = {}


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
    _refuse_totals_counted_twice(settings.expected, f"{file}: {'.'.join(where)}.expected")
    return settings


def _refuse_totals_counted_twice(expected: Mapping[str, Expected], where: str) -> None:
    """One source's totals stand in for one source, and are not counted beside it."""
    filled: dict[str, str] = {}
    for name, each in expected.items():
        if each.filled_by is None:
            continue
        if each.filled_by in expected or each.filled_by in filled:
            other = filled.get(each.filled_by, each.filled_by)
            raise ConfigurationError(
                f"{where}.{name}.filled_by: the totals of {each.filled_by} would be counted twice, as they count for "
                f"{other}; import those of each source with a profile of their own"
            )
        filled[each.filled_by] = name


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
