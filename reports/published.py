"""The current published version of one organisation, read whole and then let go of.

Reports, explanations and the dashboard read published files through this module and nothing else. The file is
opened read-only, its few small tables are read into memory and it is closed again, so that a new version can be
swapped in at any time, on Windows too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from reports.cells import NO_STAFF, NOT_PUBLISHED, Cell, cells_of
from reports.errors import NothingPublished, PeriodUnknown, PublishedFileUnreadable
from reports.periods import Period, months_to, parse_period

DATABASE = "resfri.duckdb"
CURRENT = "CURRENT"
ALL = "all"
SMALL_UNITS = "Små enheter"

_COLUMNS: dict[str, tuple[str, ...]] = {
    "out_indicators": (
        "organisation", "department", "person_group", "period_kind", "period_end", "baseline", "indicator", "measure",
        "dimension_1", "value_1", "dimension_2", "value_2", "value", "low", "high", "numerator", "denominator", "unit",
        "known_share", "people_class", "reason", "method_version",
    ),
    "out_coverage": (
        "organisation", "source", "kind", "month", "is_expected", "is_covered", "status", "pulled", "landed",
        "rejected", "excluded", "vendor_meetings", "landed_meetings", "difference_share",
    ),
    "out_gaps": ("organisation", "source", "month", "gap", "rows", "share", "reason"),
    "out_methods": (
        "indicator", "measure", "name_sv", "name_en", "question_sv", "question_en", "formula_sv", "formula_en",
        "symbols", "settings_used", "unit", "direction", "definition_source", "weaknesses_sv", "weaknesses_en",
        "references_text",
    ),
    "out_baselines": ("organisation", "baseline", "basis", "years", "is_covering_years"),
    "out_settings": ("organisation", "setting", "value", "unit", "description_sv", "description_en"),
    "out_factors": (
        "factor_id", "mode", "fuel", "cabin", "from_km", "below_km", "gas", "boundary", "kg_per_unit", "unit",
        "distance_basis", "high_altitude_factor", "valid_year", "status", "source",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Published:
    """The published tables of one organisation, in memory."""

    organisation: str
    version: str
    indicators: pl.DataFrame
    coverage: pl.DataFrame
    gaps: pl.DataFrame
    methods: pl.DataFrame
    baselines: pl.DataFrame
    settings: pl.DataFrame
    factors: pl.DataFrame
    _cells: Mapping[tuple[object, ...], Cell] = field(repr=False, default_factory=dict)

    def setting(self, name: str) -> str:
        """The value of one printed setting.

        Raises:
            PublishedFileUnreadable: the file lacks it.
        """
        found = self.settings.filter(pl.col("setting") == name)["value"]
        if found.is_empty():
            raise PublishedFileUnreadable(
                f"{self.organisation}: the published file has no setting '{name}'. Publish again: resfri run."
            )
        return str(found[0])

    @property
    def name(self) -> str:
        """The organisation's name in reports."""
        return self.setting("organisation_name")

    @property
    def as_of(self) -> date:
        """The day the figures are computed for."""
        return date.fromisoformat(self.setting("as_of")[:10])

    @property
    def baseline(self) -> str:
        """The baseline as the indicator rows name it, e.g. ``2019`` or ``2024-11/2025-10``."""
        return self.setting("baseline_label")

    @property
    def is_covering_years(self) -> bool:
        """Whether the replacement rate's interval covers ordinary differences between years, on either basis."""
        return bool(self.baselines["is_covering_years"].any())

    @property
    def baseline_period(self) -> Period | None:
        """The baseline where it is a calendar year or twelve months; None where it is shorter."""
        try:
            return parse_period(self.baseline)
        except PeriodUnknown:
            return None

    @property
    def baseline_months(self) -> tuple[date, ...]:
        """First days of the baseline's months, oldest first."""
        first, last = self._baseline_days()
        return months_to(last, (last.year - first.year) * 12 + last.month - first.month + 1)

    def baseline_counterpart(self, period: Period) -> Period | None:
        """The part of the baseline to set beside a period: the same months of the year, or None.

        Any twelve months hold every season once, so the whole baseline stands beside any later twelve.
        """
        whole = self.baseline_period
        if len(period.months) == 12:
            later = whole is not None and len(whole.months) == 12 and whole.end < period.months[0]
            return whole if later else None
        return period.in_years_before(*self._baseline_days())

    def is_in_baseline(self, period: Period) -> bool:
        """Whether a period begins before the baseline is over, so that it cannot be compared with it."""
        return period.months[0] <= self._baseline_days()[1]

    def _baseline_days(self) -> tuple[date, date]:
        return parse_period(self.setting("baseline_from")).months[0], parse_period(self.setting("baseline_to")).end

    def periods(self) -> list[Period]:
        """Periods with figures for the whole organisation, newest and longest first."""
        order: dict[str, int] = {"year": 0, "rolling_12": 1, "quarter": 2, "month": 3}
        whole = self.indicators.filter((pl.col("department") == ALL) & (pl.col("person_group") == ALL))
        found = [Period(end, kind) for kind, end in whole.select("period_kind", "period_end").unique().iter_rows()]
        return sorted(found, key=lambda period: (order[period.kind], -period.end.toordinal()))

    def require(self, period: Period) -> None:
        """Check that figures are published for a period.

        Raises:
            PeriodUnknown: with the periods there are.
        """
        available = self.periods()
        if period not in available:
            listed = ", ".join(found.text for found in available if found.kind == period.kind)
            others = ", ".join(found.text for found in available[:6])
            raise PeriodUnknown(
                f"{self.organisation}: nothing is published for {period.text}; only closed periods are. "
                f"Published: {listed or others or 'none'}."
            )

    def departments(self, period: Period) -> list[str]:
        """Departments with figures for a period, by name, the merged small units last; not the whole organisation."""
        rows = self.of_period(period).filter(pl.col("department") != ALL)
        return sorted(rows["department"].unique().to_list(), key=lambda name: (name == SMALL_UNITS, name.casefold()))

    def person_groups(self, period: Period) -> list[str]:
        """Groups of people, other than everyone, with figures of their own for a period."""
        rows = self.of_period(period).filter(pl.col("person_group") != ALL)
        return sorted(rows["person_group"].unique().to_list())

    def values_of(self, period: Period, indicator: str, measure: str, dimension: str) -> list[str]:
        """The values a breakdown has for the whole organisation in a period, by name."""
        rows = self.of_period(period).filter(
            (pl.col("department") == ALL)
            & (pl.col("person_group") == ALL)
            & (pl.col("indicator") == indicator)
            & (pl.col("measure") == measure)
            & (pl.col("dimension_1") == dimension)
        )
        return sorted(rows["value_1"].unique().to_list())

    def cell(
        self,
        period: Period,
        indicator: str,
        measure: str,
        breakdown: tuple[str, str] = (ALL, ALL),
        department: str = ALL,
        person_group: str = ALL,
    ) -> Cell:
        """One level of one measure, e.g. trips per FTE of a department in a quarter.

        Args:
            period: the closed period.
            indicator: e.g. ``trips_per_fte``.
            measure: e.g. ``trips``.
            breakdown: ``(dimension, value)``, e.g. ``("mode", "rail")``; all by default.
            department: a department, or ``all``.
            person_group: a group, or ``all``.

        Returns:
            The cell; one with reason ``not_published`` where the file has no such row.
        """
        key = (period.kind, period.end, "none", department, person_group, indicator, measure, *breakdown, ALL)
        return self._cells.get(key, Cell())

    def comparison(
        self,
        period: Period,
        indicator: str,
        measure: str,
        breakdown: tuple[str, str] = (ALL, ALL),
        department: str = ALL,
        person_group: str = ALL,
    ) -> Cell:
        """One comparison with the baseline: per FTE, or by number where only the staff figures are missing.

        Args and returns as in :meth:`cell`; ``basis`` of the cell says which it is.
        """
        key = (period.kind, period.end, self.baseline, department, person_group, indicator, measure, *breakdown)
        per_fte = self._cells.get((*key, "per_fte"), Cell())
        if not per_fte.is_known and per_fte.reason in {NO_STAFF, NOT_PUBLISHED}:
            total = self._cells.get((*key, "total"), Cell())
            if total.is_known:
                return total
        return per_fte

    def withheld(self, period: Period) -> int:
        """How many cells of the period are withheld to protect people."""
        return self.of_period(period).filter(pl.col("reason") == "too_few_people").height

    def of_period(self, period: Period) -> pl.DataFrame:
        """Every row of ``out_indicators`` for a period."""
        return self.indicators.filter((pl.col("period_kind") == period.kind) & (pl.col("period_end") == period.end))


def organisations(data_dir: Path) -> list[str]:
    """Organisations with something published below a data folder, by id."""
    return sorted(path.parent.parent.name for path in data_dir.glob(f"*/published/{CURRENT}"))


def current_version(published: Path, organisation: str) -> str:
    """The version that readers are to open now.

    Raises:
        NothingPublished: there is no ``CURRENT`` yet.
    """
    try:
        return (published / CURRENT).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise NothingPublished(
            f"{organisation}: nothing is published yet. Fetch, compute and publish with: resfri run."
        ) from None


def open_published(published: Path, organisation: str) -> Published:
    """Read the current published version.

    Args:
        published: ``data_dir/<org>/published``, the folder that holds ``CURRENT``.
        organisation: the organisation's id, which the file must be about.

    Raises:
        NothingPublished: there is no ``CURRENT`` yet.
        PublishedFileUnreadable: what ``CURRENT`` names is missing, damaged or about something else.
    """
    version = current_version(published, organisation)
    database = published / version / DATABASE
    if not version or Path(version).name != version or not database.is_file():
        raise PublishedFileUnreadable(
            f"{organisation}: CURRENT names version '{version}', which has no {DATABASE}. Publish again: resfri run."
        )
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            tables = {name: _read(connection, name, columns) for name, columns in _COLUMNS.items()}
    except duckdb.Error as error:
        raise PublishedFileUnreadable(
            f"{organisation}: published version {version} cannot be read ({type(error).__name__}). "
            "Close programs that write to it, or publish again: resfri run."
        ) from error
    indicators = tables["out_indicators"]
    foreign = set(indicators["organisation"].unique()) - {organisation}
    if foreign:
        raise PublishedFileUnreadable(
            f"{organisation}: published version {version} holds another organisation's figures. "
            "Check the data folder in settings."
        )
    named = {name.removeprefix("out_"): table for name, table in tables.items()}
    return Published(organisation, version, **named, _cells=cells_of(indicators))


def _read(connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...]) -> pl.DataFrame:
    listed = ", ".join(f'"{column}"' for column in columns)
    return connection.sql(f"SELECT {listed} FROM {table}").pl()  # noqa: S608 - names are the constants above
