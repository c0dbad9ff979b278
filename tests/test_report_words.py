"""The words of the reports: both languages say the same, and every code the models can publish has words."""

from __future__ import annotations

import csv
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from models.method import MethodSettings
from reports import published as reading
from reports.language import language
from tests.published_fixture import VERSION, build_published, indicator_rows

ROOT = Path(__file__).parents[1]
LANGUAGES = ("sv", "en")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_published(tmp_path_factory.mktemp("data"))


def _texts(code: str) -> dict[str, str]:
    def flat(found: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
        for key, value in found.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{key}.")
            else:
                yield f"{prefix}{key}", str(value)

    return dict(flat(tomllib.loads((ROOT / "reports" / "texts" / f"{code}.toml").read_text(encoding="utf-8"))))


def _sql(pattern: str, *folders: str) -> set[str]:
    found: set[str] = set()
    for folder in folders:
        for path in (ROOT / "models" / folder).glob("*.sql"):
            found.update(re.findall(pattern, path.read_text(encoding="utf-8"), re.DOTALL))
    return found


def _outcomes(column: str, *folders: str) -> set[str]:
    """What the case expressions that make a column can give."""
    cases = _sql(rf"case\b((?:(?!\bcase\b).)*?)\bend as {column}\b", *folders)
    return {word for case in cases for word in re.findall(r"(?:then|else) '(\w+)'", case)}


def _catalogue() -> list[dict[str, str]]:
    return yaml.safe_load((ROOT / "models" / "reference" / "indicators.yml").read_text(encoding="utf-8"))


def _factors() -> list[dict[str, str]]:
    with (ROOT / "models" / "reference" / "emission_factors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _codes() -> Iterator[tuple[str, set[str]]]:
    reasons = _outcomes("reason", "core", "out") - {"correlator", "join"}
    assert {"source_missing", "too_few_people", "incomplete", "no_staff", "not_comparable", "too_few_trips"} <= reasons
    yield "reason", reasons
    yield "reason_short", reasons
    gaps = _sql(r"'(\w+)'(?: as gap)?,\s+case when", "out")
    assert {"unknown_mode", "no_staff", "not_assembled", "unknown_participants"} <= gaps
    yield "gap", gaps
    yield "gap_consequence", gaps
    statuses = _outcomes("status", "core") - {"reached", "on_path", "behind"}  # of targets
    assert {"covered", "missing"} <= statuses
    yield "coverage_status", statuses
    kinds = re.search(r"kind: Literal\[(.+?)\]", (ROOT / "models" / "choices.py").read_text(encoding="utf-8"))
    assert kinds
    yield "kind", set(re.findall(r"\w+", kinds[1]))
    yield "basis", {"per_fte", "total"}
    yield "modality", {"phone", "web", "video", "unknown", "other"}
    yield "length", {"short", "long", "unknown", "other"}
    yield "trip_class", {"meeting", "service", "unknown", "other"}
    catalogue = _catalogue()
    units = {row["unit"] for row in catalogue}
    yield "unit", units | {unit.replace("FTE", "person") for unit in units}
    yield "direction", {row["direction"] for row in catalogue}
    yield "dimension", {name for row in catalogue for name in row["dimensions"].split(",") if name}
    yield "counted", {f"travel_change_{row['measure']}" for row in catalogue if row["indicator"] == "travel_change"}
    yield "explain_number", {row["indicator"] for row in catalogue}
    extras = [field.json_schema_extra for field in MethodSettings.model_fields.values()]
    yield "setting_unit", {str(each["unit"]) for each in extras if isinstance(each, dict)} - {"", "month", "share"}
    factors = _factors()
    yield "mode", {row["mode"] for row in factors}
    yield "gas", {row["gas"] for row in factors}
    yield "boundary", {row["boundary"] for row in factors}
    yield "factor_status", {row["status"] for row in factors}
    yield "factor_detail", {row[key] for row in factors for key in ("fuel", "cabin")} - {"any"}


@pytest.mark.parametrize("section, codes", [pytest.param(*each, id=each[0]) for each in _codes()])
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_code_of_the_models_has_words(code: str, section: str, codes: set[str]) -> None:
    assert codes
    known = set(language(code).keys_of(section))  # type: ignore[arg-type]
    assert codes - known == set()


def test_both_languages_have_the_same_texts_and_fields() -> None:
    swedish, english = (_texts(code) for code in LANGUAGES)
    assert swedish.keys() == english.keys()
    for key, text in swedish.items():
        fields = [{name for _, name, _, _ in string.Formatter().parse(each) if name} for each in (text, english[key])]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("table", sorted(reading._COLUMNS))
def test_reports_read_exactly_the_columns_the_models_publish(table: str, published: Path) -> None:
    declared = yaml.safe_load((ROOT / "models" / "out" / f"{table}.yml").read_text(encoding="utf-8"))["columns"]
    names = [column["name"] for column in declared]
    assert list(reading._COLUMNS[table]) == names
    with duckdb.connect(str(published / VERSION / "resfri.duckdb"), read_only=True) as connection:
        built = connection.sql(f"DESCRIBE {table}").fetchall()
    assert {row[0]: row[1] for row in built} == {column["name"]: column["type"] for column in declared}


def test_the_fixture_uses_the_catalogue() -> None:
    known = {(row["indicator"], row["measure"]): row["unit"] for row in _catalogue()}
    for row in indicator_rows("exempelby", True, None):
        unit = known[row["indicator"], row["measure"]]  # type: ignore[index]
        assert row["unit"] == (unit.replace("FTE", "person") if row["person_group"] == "elected" else unit)


@pytest.mark.parametrize(
    "value, decimals, swedish, english",
    [
        (0.0, 2, "0,00", "0.00"),
        (0.0004, 2, "0,0004", "0.0004"),  # what is not zero never reads as zero
        (-0.001, 1, "−0,001", "−0.001"),
        (1234.5, 0, "1\u00a0234", "1,234"),
    ],
)
def test_numbers(value: float, decimals: int, swedish: str, english: str) -> None:
    assert language("sv").number(value, decimals) == swedish
    assert language("en").number(value, decimals) == english


@pytest.mark.parametrize(
    "low, high, text",
    [(0.24, 0.36, "24–36\u00a0%"), (-0.1, 0.36, "−10\u00a0% till 36\u00a0%"), (0.0, 0.004, "0–0,4\u00a0%")],
)
def test_intervals_never_let_a_minus_sign_read_as_a_dash(low: float, high: float, text: str) -> None:
    assert language("sv").interval(low, high) == text
