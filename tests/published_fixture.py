"""A published version of a municipality that never existed, in the shape the publication writes.

2025 is the baseline and 2026 the year followed up. March 2026 lacks its travel file; the library is too small for a
replacement rate; the cost of the small units is withheld; a tenth of the emissions of 2026 is unknown.
"""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from reports.periods import Period, parse_period

ORGANISATION = "exempelby"
BASELINE = "2025"
VERSION = "2027-02-16-a1b2c3d4"
MISSING = date(2026, 3, 1)
DEPARTMENTS = {
    "Barn och utbildning": 420.0,
    "Kultur och fritid": 36.0,
    "Samhällsbyggnad": 140.0,
    "Små enheter": 22.0,
    "Socialtjänst": 310.0,
}
FTE = sum(DEPARTMENTS.values())
MONTHS = [date(year, month, 1) for year in (2025, 2026) for month in range(1, 13)]
PERIODS = [
    *(f"{month:%Y-%m}" for month in MONTHS),
    *(f"{year}-Q{quarter}" for year in (2025, 2026) for quarter in (1, 2, 3, 4)),
    "2025",
    "2026",
    "2025-07/2026-06",
]
SEASON = (0.9, 1.0, 1.15, 1.1, 1.2, 0.8, 0.25, 0.7, 1.2, 1.25, 1.3, 0.75)
MODES = {"car": 0.46, "flight": 0.31, "rail": 0.02, "taxi": 0.16, "bus": 0.05}
_METRICS = [
    ("digital_meetings_per_fte", "organised", 2.4, 3.6, "meetings/FTE"),
    ("digital_meetings_per_fte", "attended", 9.1, 13.8, "attendances/FTE"),
    ("trips_per_fte", "trips", 0.21, 0.145, "trips/FTE"),
    ("travel_days_per_fte", "days", 0.26, 0.19, "days/FTE"),
    ("travel_cost_per_fte", "cost_sek", 410.0, 301.0, "SEK/FTE"),
    ("travel_cost_per_fte", "cost_sek_doubled", 820.0, 602.0, "SEK/FTE"),
    ("travel_co2_per_fte", "co2_kg", 11.8, 8.2, "kg CO2/FTE"),
    ("travel_co2_per_fte", "co2e_kg", 16.3, 11.1, "kg CO2e/FTE"),
]
_BREAKDOWNS: dict[str, dict[str, dict[str, float]]] = {
    "digital_meetings_per_fte": {"modality": {"phone": 0.04, "web": 0.71, "video": 0.25}},
    "trips_per_fte": {
        "length": {"short": 0.62, "long": 0.38},
        "trip_class": {"meeting": 0.6, "service": 0.25, "unknown": 0.15},
    },
    "travel_co2_per_fte": {"mode": MODES},
}
INDICATOR_TYPES = {
    "organisation": pl.String, "department": pl.String, "person_group": pl.String, "period_kind": pl.String,
    "period_end": pl.Date, "baseline": pl.String, "indicator": pl.String, "measure": pl.String,
    "dimension_1": pl.String, "value_1": pl.String, "dimension_2": pl.String, "value_2": pl.String,
    "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "numerator": pl.Float64, "denominator": pl.Float64,
    "unit": pl.String, "known_share": pl.Float64, "people_class": pl.String, "reason": pl.String,
    "method_version": pl.String,
}  # fmt: skip


def build_published(
    data_dir: Path, organisation: str = ORGANISATION, *, has_staff: bool = True, missing: date | None = MISSING
) -> Path:
    """Write a published version and the file that names it.

    Args:
        data_dir: the data folder.
        organisation: id of the organisation.
        has_staff: False leaves every figure per FTE out, as for an organisation without staff data.
        missing: the month whose travel file never came; None leaves nothing out.

    Returns:
        ``data_dir/<organisation>/published``.
    """
    published = data_dir / organisation / "published"
    (published / VERSION).mkdir(parents=True)
    tables = {
        "out_indicators": pl.DataFrame(
            indicator_rows(organisation, has_staff, missing), schema=INDICATOR_TYPES, orient="row"
        ),
        "out_coverage": _coverage(organisation, has_staff, missing),
        "out_gaps": _gaps(organisation, has_staff),
        "out_methods": _methods(),
        "out_baselines": pl.DataFrame(
            {
                "organisation": organisation,
                "baseline": BASELINE,
                "basis": ["per_fte", "total"],
                "years": [1, 1],
                "is_covering_years": [False, False],
            }
        ),
        "out_settings": _settings(organisation),
        "out_factors": _factors(),
    }
    with duckdb.connect(str(published / VERSION / "resfri.duckdb")) as connection:
        for name, table in tables.items():
            connection.register("incoming", table)
            connection.sql("FROM incoming").create(name)
            connection.unregister("incoming")
    (published / "CURRENT").write_text(f"{VERSION}\n", encoding="utf-8")
    return published


def change_published(published: Path, *statements: str) -> None:
    """Alter a built version, for a case the fixture does not have."""
    with duckdb.connect(str(published / VERSION / "resfri.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def lose_everything(published: Path) -> None:
    """No source has spoken for any month."""
    change_published(
        published,
        "UPDATE out_indicators SET value = NULL, low = NULL, high = NULL, numerator = NULL, denominator = NULL, "
        "known_share = NULL, people_class = NULL, reason = 'source_missing'",
        "UPDATE out_coverage SET is_covered = false, status = 'missing', pulled = NULL, landed = NULL, "
        "rejected = NULL, excluded = NULL",
        "DELETE FROM out_gaps",
    )


def indicator_rows(organisation: str, has_staff: bool, missing: date | None) -> list[dict[str, object]]:
    rows = []
    for text in PERIODS:
        period = parse_period(text)
        names = {"all": FTE} if period.kind in {"month", "rolling_12"} else {"all": FTE, **DEPARTMENTS}
        for department, fte in names.items():
            cells = (
                *_levels(period, fte, has_staff, missing),
                *_shares(period, missing),
                *_comparisons(period, department, has_staff, missing),
            )
            rows += [_row(organisation, department, period, _protected(department, cell)) for cell in cells]
    year = parse_period("2026")
    for indicator, measure, value, unit in (
        ("trips_per_fte", "trips", 3.1, "trips/person"),
        ("travel_co2_per_fte", "co2e_kg", 96.0, "kg CO2e/person"),
    ):
        cell = {
            "indicator": indicator,
            "measure": measure,
            "value": value,
            "unit": unit,
            "people_class": "20–49",
        }
        rows.append(_row(organisation, "all", year, cell | {"person_group": "elected"}))
    return rows


def _levels(period: Period, fte: float, has_staff: bool, missing: date | None) -> list[dict[str, object]]:
    cells = []
    for indicator, measure, before, after, unit in _METRICS:
        monthly = [before if m.year == 2025 else after for m in period.months]
        seasons = [SEASON[m.month - 1] for m in period.months]
        travel = not indicator.startswith("digital")
        is_covered = not (travel and missing in period.months)
        value = sum(amount * season for amount, season in zip(monthly, seasons, strict=True)) * (fte / FTE) ** 0.2
        known = 0.9 if indicator == "travel_co2_per_fte" and period.end.year == 2026 else 1.0
        whole = {"indicator": indicator, "measure": measure, "unit": unit, "known_share": known}
        cells.append(whole | _filled(value, fte, is_covered, has_staff))
        cells += [
            whole | {"dimension_1": dimension, "value_1": name} | _filled(value * share, fte, is_covered, has_staff)
            for dimension, shares in _BREAKDOWNS.get(indicator, {}).items()
            for name, share in shares.items()
        ]
    return cells


def _filled(value: float, fte: float, is_covered: bool, has_staff: bool) -> dict[str, object]:
    if not is_covered:
        return {"reason": "source_missing", "known_share": None}
    count = {"numerator": value * fte, "people_class": "50+" if fte > 60 else "20–49"}
    return count | ({"value": value, "denominator": fte} if has_staff else {"reason": "no_staff"})


def _shares(period: Period, missing: date | None) -> list[dict[str, object]]:
    share = 0.92 if period.end.year == 2025 else 0.961
    known = missing not in period.months
    return [
        {"indicator": "digital_share", "measure": measure, "unit": "share", "people_class": "50+"}
        | (
            {"value": share, "numerator": share * 1000, "denominator": 1000.0}
            if known
            else {"reason": "source_missing"}
        )
        for measure in ("meetings", "persons", "meetings_spanning", "persons_spanning")
    ]


def _comparisons(period: Period, department: str, has_staff: bool, missing: date | None) -> list[dict[str, object]]:
    if period.end.year == 2025:
        return []
    cells = []
    width = {1: 0.2, 3: 0.1, 12: 0.06}[len(period.months)]
    for basis in ("per_fte", "total"):
        rest = {"baseline": BASELINE, "dimension_2": "basis", "value_2": basis, "people_class": "50+"}
        reason = "source_missing" if period.months == (missing,) else None
        if basis == "per_fte" and not has_staff:
            reason = "no_staff"
        wave = 0.05 * math.sin(period.end.month) if len(period.months) == 1 else 0.0
        rate = 0.31 + wave if department == "all" else 0.31 - 0.02 * len(department) / 10
        values = {"numerator": (1 - rate) * 2247.0, "denominator": 2247.0}
        values = values | {"value": rate, "low": rate - width, "high": rate + width * 0.9}
        replaced = {"indicator": "replacement_rate", "measure": "trips", "unit": "share"} | rest
        cells.append(replaced | ({"reason": reason} if reason else values))
        for measure, value in (
            ("trips", -0.31),
            ("co2e_kg", -0.319),
            ("co2_kg", -0.305),
            ("cost_sek", -0.266),
            ("km", -0.29),
        ):
            change = {"indicator": "travel_change", "measure": measure, "unit": "share"} | rest
            cells.append(change | ({"reason": reason} if reason else {"value": value}))
    return cells


def _protected(department: str, cell: dict[str, object]) -> dict[str, object]:
    empty = dict.fromkeys(("value", "low", "high", "numerator", "denominator", "people_class"))
    if department == "Kultur och fritid" and cell["indicator"] == "replacement_rate":
        return cell | empty | {"reason": "too_few_trips"}
    if department == "Små enheter" and cell["indicator"] in {"travel_cost_per_fte", "travel_co2_per_fte"}:
        return cell | empty | {"reason": "too_few_people"}
    return cell


def _row(organisation: str, department: str, period: Period, cell: dict[str, object]) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(INDICATOR_TYPES)
    row |= {
        "organisation": organisation, "department": department, "person_group": "all", "period_kind": period.kind,
        "period_end": period.end, "baseline": "none", "dimension_1": "all", "value_1": "all", "dimension_2": "all",
        "value_2": "all", "method_version": "2026.1",
    }  # fmt: skip
    row |= cell
    return row | ({"people_class": None} if row["reason"] in {"source_missing", "too_few_people"} else {})


VENDOR_COUNT = {"vendor_meetings": pl.Int64, "landed_meetings": pl.Int64, "difference_share": pl.Float64}


def _coverage(organisation: str, has_staff: bool, missing: date | None) -> pl.DataFrame:
    sources = {"teams": "meetings", "travel_agency": "travel", "mileage_claims": "travel"} | (
        {"staff": "staff"} if has_staff else {}
    )
    rows = []
    for source, kind in sources.items():
        for month in MONTHS:
            is_covered = not (source == "travel_agency" and month == missing)
            rows.append(
                {"organisation": organisation, "source": source, "kind": kind, "month": month, "is_expected": True,
                 "is_covered": is_covered, "status": "covered" if is_covered else "missing",
                 "pulled": 1210 if is_covered else None, "landed": 1200 if is_covered else None,
                 "rejected": 2 if is_covered else None, "excluded": 8 if is_covered else None}
                | dict(zip(VENDOR_COUNT, (1250, 1200, 0.04) if source == "teams" else (None, None, None), strict=True))
            )  # fmt: skip
    return pl.DataFrame(rows, schema_overrides=VENDOR_COUNT)


def _gaps(organisation: str, has_staff: bool) -> pl.DataFrame:
    listed = [
        ("travel_agency", "no_distance", 14, 0.03), ("travel_agency", "odd_duration", None, None),
        ("mileage_claims", "unknown_mode", 9, 0.01), ("teams", "assumed_web", 410, 0.19),
    ]  # fmt: skip
    rows = [
        {"organisation": organisation, "source": source, "month": month, "gap": gap, "rows": count, "share": share,
         "reason": "too_few_people" if count is None else None}
        for source, gap, count, share in listed
        for month in MONTHS[12:18]
    ]  # fmt: skip
    if not has_staff:
        rows += [
            {"organisation": organisation, "source": "staff", "month": month, "gap": "no_staff", "rows": 1,
             "share": 1.0, "reason": None}
            for month in MONTHS
        ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"rows": pl.Int64, "share": pl.Float64, "reason": pl.String})


def _methods() -> pl.DataFrame:
    listed = [
        ("digital_meetings_per_fte", "organised", "Ordnade digitala möten per årsanställd",
         "Organised digital meetings per FTE", "Hur många digitala möten ordnar vi?",
         "How many digital meetings do we organise?", "ordnade möten ÷ genomsnittliga årsarbetskrafter",
         "organised meetings ÷ mean FTE", "meetings/FTE", "none"),
        ("digital_meetings_per_fte", "attended", "Deltaganden i digitala möten per årsanställd",
         "Attended digital meetings per FTE", "Hur ofta deltar vi?", "How often do we take part?",
         "deltaganden ÷ genomsnittliga årsarbetskrafter", "attendances ÷ mean FTE", "meetings/FTE", "none"),
        ("trips_per_fte", "trips", "Antal tjänsteresor per årsanställd", "Business trips per FTE",
         "Hur mycket reser vi?", "How much do we travel?", "resor ÷ genomsnittliga årsarbetskrafter",
         "trips ÷ mean FTE", "trips/FTE", "down"),
        ("travel_co2_per_fte", "co2e_kg", "Klimatpåverkan av tjänsteresor per årsanställd",
         "Climate impact of business trips per FTE", "Vad släpper resorna ut?", "What do the trips emit?",
         "Σ km × faktor ÷ genomsnittliga årsarbetskrafter", "Σ km × factor ÷ mean FTE", "kg CO2e/FTE", "down"),
        ("replacement_rate", "trips", "Ersättningsgrad", "Replacement rate",
         "Hur stor del av de väntade resorna gjordes inte?", "What share of the expected trips was not made?",
         "1 − Σ y1 ÷ Σ (F1 ÷ F0) · y0", "1 − Σ y1 ÷ Σ (F1 ÷ F0) · y0", "share", "up"),
    ]  # fmt: skip
    keys = ("indicator", "measure", "name_sv", "name_en", "question_sv", "question_en", "formula_sv", "formula_en",
            "unit", "direction")  # fmt: skip
    rows = [
        dict(zip(keys, line, strict=True))
        | {
            "symbols": "x ÷ F̄",
            "settings_used": {"trips_per_fte": "long_trip_km", "replacement_rate": "baseline_from, baseline_to"}.get(
                line[0], ""
            ),
            "definition_source": "REMM, tiostegsmetoden",
            "weaknesses_sv": "Möten som ordnas av andra syns bara som deltaganden.",
            "weaknesses_en": "Meetings called by others show only as attendances.",
            "references_text": "https://remm.se/10-stegsmetoden",
        }
        for line in listed
    ]
    return pl.DataFrame(rows)


def _settings(organisation: str) -> pl.DataFrame:
    listed = [
        ("organisation_name", "Exempelby kommun", "", "Organisation", "Organisation"),
        ("as_of", "2027-02-16", "", "Beräknad för", "Computed for"),
        ("method_version", "2026.1", "", "Metodversion", "Method version"),
        ("baseline_label", BASELINE, "", "Jämförelseperiod", "Baseline"),
        ("baseline_from", "2025-01", "month", "Jämförelseperiodens första månad", "First month of the baseline"),
        ("baseline_to", "2025-12", "month", "Jämförelseperiodens sista månad", "Last month of the baseline"),
        ("long_trip_km", "100.0", "km one way", "Gräns mellan kort och lång resa", "Boundary of a long trip"),
        ("factor_set", "resfri-2026", "", "Uppsättning utsläppsfaktorer", "Set of emission factors"),
        ("k", "8", "people", "Minsta antal personer bakom en publicerad siffra", "Fewest people behind a figure"),
        ("comparable_points", "0.05", "share", "Största skillnad i känd andel", "Largest difference in known share"),
        ("closes_on_day", "15", "day of next month", "Dag då föregående månad stängs", "Day the month closes"),
        ("published_share", "0.8", "share", "Minsta kända andel", "Smallest known share"),
        ("flagged_share", "0.95", "share", "Under denna kända andel flaggas summan", "Flagged below this share"),
    ]  # fmt: skip
    keys = ("setting", "value", "unit", "description_sv", "description_en")
    return pl.DataFrame([{"organisation": organisation} | dict(zip(keys, line, strict=True)) for line in listed])


def _factors() -> pl.DataFrame:
    rest = {"fuel": "any", "cabin": "any", "from_km": 0.0, "below_km": 1e9, "gas": "co2e", "boundary": "well_to_wheel",
            "distance_basis": "given", "high_altitude_factor": 1.0, "valid_year": 2026}  # fmt: skip
    rows = [
        rest | {"factor_id": "car_petrol", "mode": "car", "fuel": "petrol", "kg_per_unit": 0.167, "unit": "vkm",
                "status": "sourced", "source": "https://klimatresa.se/data"},
        rest | {"factor_id": "flight_short", "mode": "flight", "below_km": 500.0, "kg_per_unit": 0.133, "unit": "pkm",
                "status": "sourced", "source": "https://klimatresa.se/data"},
        rest | {"factor_id": "rail", "mode": "rail", "fuel": "electric", "kg_per_unit": 0.007, "unit": "pkm",
                "status": "secondary", "source": "återgiven av tredje part"},
        rest | {"factor_id": "ferry", "mode": "ferry", "kg_per_unit": None, "unit": "pkm", "status": "unsourced",
                "source": None},
    ]  # fmt: skip
    return pl.DataFrame(rows)
