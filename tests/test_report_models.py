"""From landing rows through the models to the report: what the models publish is what the report says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from reports.content import Headline
from reports.followup import FollowUp, follow_up
from reports.periods import parse_period
from reports.published import open_published
from reports.render import render_report
from tests.model_cases import ask, build, covered, landing_table

PEOPLE = [f"p{number:02d}" for number in range(20)]
TRIPS = {2024: 20, 2025: 15}


@pytest.fixture(scope="module", params=[True, False], ids=["with staff", "without staff"])
def warehouse(request: pytest.FixtureRequest) -> tuple[duckdb.DuckDBPyConnection, bool]:
    """2024 is the baseline; nobody has handed in the travel file of June 2025."""
    travel = [
        {"departed_at": f"{year}-{month:02d}-{1 + number:02d}", "returned_at": f"{year}-{month:02d}-{1 + number:02d}",
         "person_key": PEOPLE[number % len(PEOPLE)], "distance_km": "100", "cost_sek": "250.00",
         "trip_class": "meeting" if number % 5 else "unknown"}
        for year, count in TRIPS.items() for month in range(1, 13) for number in range(count)
        if (year, month) != (2025, 6)
    ]  # fmt: skip
    staff = [
        {"department": "Skola", "month": date(year, month, 1), "headcount": 100, "fte": 80.0}
        for year in TRIPS
        for month in range(1, 13)
    ]
    tables = covered(travel="2024-01-01 … 2025-05-31, 2025-07-01 … 2025-12-31") | {
        "travel_segments": travel,
        "people": [{"person_key": person, "department": "Skola", "site": "Norrby"} for person in PEOPLE],
    }
    has_staff: bool = request.param
    return build(tables | ({"staff": landing_table("staff", staff)} if has_staff else {})), has_staff


@pytest.fixture(scope="module")
def published(warehouse: tuple[duckdb.DuckDBPyConnection, bool], tmp_path_factory: pytest.TempPathFactory) -> Path:
    connection, _ = warehouse
    folder = tmp_path_factory.mktemp("data") / "exempelby" / "published"
    (folder / "v1").mkdir(parents=True)
    connection.execute(f"ATTACH '{folder / 'v1' / 'resfri.duckdb'}' AS published")
    for (table,) in ask(connection, "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'out_%'"):
        connection.execute(f"CREATE TABLE published.{table} AS FROM {table}")
    connection.execute("DETACH published")
    (folder / "CURRENT").write_text("v1\n", encoding="utf-8")
    return folder


def _report(published: Path, period: str) -> FollowUp:
    return follow_up(open_published(published, "exempelby"), parse_period(period), "sv")


def _said(headline: Headline) -> str:
    return " ".join((*headline.sentences, *headline.notes)).replace("\u00a0", " ")


def test_the_report_says_what_the_models_published(
    warehouse: tuple[duckdb.DuckDBPyConnection, bool], published: Path
) -> None:
    connection, has_staff = warehouse
    basis = "per_fte" if has_staff else "total"
    headlines = {headline.id: headline for headline in _report(published, "2025").headlines}
    replacement = headlines["replacement"]
    assert replacement.cell.basis == basis
    assert ask(
        connection,
        "SELECT value, low, high, numerator, denominator FROM out_indicators WHERE indicator = 'replacement_rate' "
        f"AND period_kind = 'year' AND department = 'all' AND dimension_1 = 'all' AND value_2 = '{basis}'",
    ) == [(replacement.cell.value, replacement.cell.low, replacement.cell.high, 15.0 * 11, 20.0 * 11)]
    assert replacement.value == "25\u00a0%"
    assert "Jämförelsen gäller 11 av periodens 12 månader. Inte med: juni 2025 (underlag saknas)." in _said(replacement)
    assert ("Räknat i antal resor" in _said(replacement)) is not has_staff
    assert headlines["trips"].value == "−25\u00a0%"
    assert "Nivån för 2025 redovisas inte: underlag saknas." in _said(headlines["trips"])


def test_a_whole_quarter_shows_levels_and_withholds_small_parts(
    warehouse: tuple[duckdb.DuckDBPyConnection, bool], published: Path
) -> None:
    _, has_staff = warehouse
    headlines = {headline.id: headline for headline in _report(published, "2025-Q1").headlines}
    levels = "0,56 resor per årsarbetskraft mot 0,75." if has_staff else "45 resor mot 60."
    assert levels in _said(headlines["trips"])
    # three of the people have trips of unknown purpose, fewer than k
    assert "okänt syfte redovisas inte: för få personer." in _said(headlines["replacement"])


@pytest.mark.parametrize("period", ["2025", "2025-Q2", "2025-06", "2024", "2024-03", "2024-10/2025-09"])
def test_every_kind_of_period_is_written(published: Path, tmp_path: Path, period: str) -> None:
    if period == "2024-10/2025-09" and parse_period(period) not in open_published(published, "exempelby").periods():
        pytest.skip("the models give no twelve months here")
    paths = render_report(published, "exempelby", period, "en", tmp_path)
    text = paths[0].read_text(encoding="utf-8")
    assert "None" not in text
    assert "nan" not in text.split("<body>")[1].lower().split()
