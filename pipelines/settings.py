"""What settings say: which organisations there are, where their logs come from and how figures are counted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, field_validator

from connectors.contract import MODES
from connectors.errors import ConfigurationError
from connectors.source import SourceSettings
from connectors.transport import Network
from models.choices import AUTHORITY_QUANTITIES, Action, Authority, Target, TripClassRule
from models.engine import reference_tables
from models.method import MethodSettings, Month


class Part(BaseModel):
    """A table of the settings; a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(Part):
    """From when to when a source should speak; months outside are no gap."""

    kind: Literal["meetings", "travel", "staff", "directory", "bookings"] | None = None
    """Needed for imported files only; a source has its own."""
    expected_from: Month | None = None
    expected_to: Month | None = None
    filled_by: str | None = None
    """The source of totals, by the profile of their files, that stand in where this one told nothing of a month."""


class Authoritative(Part):
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


class TripClasses(Part):
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


class OrganisationSettings(Part):
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

    @field_validator("expected")
    @classmethod
    def _totals_count_once(cls, value: dict[str, Expected]) -> dict[str, Expected]:
        filled: dict[str, str] = {}
        for name, each in value.items():
            if each.filled_by is None:
                continue
            if each.filled_by in value or each.filled_by in filled:
                other = filled.get(each.filled_by, each.filled_by)
                raise ValueError(
                    f"{name}: the totals of {each.filled_by} would be counted twice, as they count for {other}; import "
                    "those of each source with a profile of their own"
                )
            filled[each.filled_by] = name
        return value

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


class Organisation(Part):
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


class Settings(Part):
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
