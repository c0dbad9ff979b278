"""Emission factors of an organisation's own: a file of year-versioned rows in, sets of factors and kilograms out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from connectors.errors import ConfigurationError
from pipelines.factor_files import factors_of, read_factor_file
from tests.model_cases import ask, build, covered

HEADER = "Färdmedel;Drivmedel;Klass;Från km;Till km;År;Värde;Enhet;Källa"
LIST = (
    "Flyg;;;0;500;2024;140,5;g CO2/pkm;Schablonlistan 2024, flik 3",
    "Flyg;;;500;;2024;95;g CO2/pkm;Schablonlistan 2024, flik 3",
    "Flyg;;Business;500;;2024;180;g CO2/pkm;Schablonlistan 2024, flik 3",
    "Bil;Bensin;;;;2024;0,150;kg CO2/fordonskm;Schablonlistan 2024, flik 1",
    "Bil;Bensin;;;;2025;0,145;kg CO2/fordonskm;Schablonlistan 2025, flik 1",
    "Taxi;;;;;2024;4,2;g CO2/kr;Schablonlistan 2024, flik 5",
    "Taxi;;;;;2024;0,12;kg CO2/vkm;Schablonlistan 2024, flik 5",
)


def written(folder: Path, *lines: str, name: str = "smed.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines, ""]), "utf-8")
    return path


def test_each_year_is_a_set_of_its_own(tmp_path):
    factors = read_factor_file(written(tmp_path, *LIST))
    assert factors["factor_set"].unique().sort().to_list() == ["smed-2024", "smed-2025"]
    columns = ("mode", "fuel", "cabin", "from_km", "below_km", "gas", "boundary", "kg_per_unit", "unit", "valid_year")
    assert factors.filter(factors["factor_set"] == "smed-2024").select(columns).rows() == [
        ("flight", "any", "any", 0.0, 500.0, "co2", "tailpipe", pytest.approx(0.1405), "pkm", 2024),
        ("flight", "any", "any", 500.0, 1e9, "co2", "tailpipe", 0.095, "pkm", 2024),
        ("flight", "any", "business", 500.0, 1e9, "co2", "tailpipe", 0.18, "pkm", 2024),
        ("car", "petrol", "any", 0.0, 1e9, "co2", "tailpipe", 0.15, "vkm", 2024),
        ("taxi", "any", "any", 0.0, 1e9, "co2", "tailpipe", pytest.approx(0.0042), "SEK", 2024),
        ("taxi", "any", "any", 0.0, 1e9, "co2", "tailpipe", 0.12, "vkm", 2024),
    ]
    assert factors["source"].to_list()[3] == "Schablonlistan 2024, flik 1"


def test_a_workbook_with_a_title_above_its_header_is_read_the_same(tmp_path):
    path = tmp_path / "smed.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Schablonvärden för tjänsteresor"])
        sheet.write_row(2, 0, HEADER.split(";"))
        for row, line in enumerate(LIST, 3):
            cells = [cell.replace(",", ".") if cell.replace(",", "").isdigit() else cell for cell in line.split(";")]
            for column, cell in enumerate(cells):
                sheet.write(row, column, float(cell) if cell.replace(".", "", 1).isdigit() else cell or None)
    assert read_factor_file(path).equals(read_factor_file(written(tmp_path, *LIST)))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Zeppelinare;;;;;2024;1;g CO2/pkm;x", r"row 1: mode is not one of flight, rail"),
        ("Flyg;Fotogen;;;;2024;1;g CO2/pkm;x", r"row 1: fuel is not one of petrol"),
        ("Flyg;;;;;2024;mycket;g CO2/pkm;x", r"row 1: value is no number"),
        ("Flyg;;;;;2024;;g CO2/pkm;x", r"row 1: value is no number"),
        ("Flyg;;;;;i år;1;g CO2/pkm;x", r"row 1: year is no number"),
        ("Flyg;;;;;2024;1;g/mil;x", r"row 1: unit is not written like g CO2/pkm"),
    ],
)
def test_a_row_that_is_not_understood_stops_the_file(tmp_path, line, words):
    with pytest.raises(ConfigurationError, match=words):
        read_factor_file(written(tmp_path, line))


def test_two_factors_for_the_same_journey_are_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="flight any any of 2024 has two factors for the same distances"):
        read_factor_file(written(tmp_path, "Flyg;;;0;600;2024;1;g CO2/pkm;x", "Flyg;;;500;;2024;2;g CO2/pkm;x"))


def test_one_gas_of_two_boundaries_is_refused(tmp_path):
    header = "Färdmedel;År;Värde;Enhet;Systemgräns;Källa"
    lines = ("Flyg;2024;1;g CO2/pkm;TTW;x", "Tåg;2024;1;g CO2/pkm;WTW;x")
    with pytest.raises(ConfigurationError, match="co2 of two system boundaries"):
        read_factor_file(written(tmp_path, *lines, header=header))


def test_a_column_that_is_missing_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="no column for source: källa, source"):
        read_factor_file(written(tmp_path, "Flyg;2024;1;g CO2/pkm", header="Färdmedel;År;Värde;Enhet"))


def test_a_set_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    path = written(tmp_path, *LIST)
    with pytest.raises(ConfigurationError, match=r"there is no smed-2023; there are resfri-2026, smed-2024, smed-2025"):
        factors_of([path], "smed-2023")


def kilograms(tmp_path: Path, factor_set: str, segments: str) -> list[tuple[object, ...]]:
    factors = factors_of([written(tmp_path, *LIST)], factor_set)
    con = build(
        covered() | {"travel_segments": segments},
        as_of=date(2025, 6, 1),
        only=("core_trip_footprint",),
        factors=factors,
        factor_set=factor_set,
    )
    return ask(con, "select round(co2_kg, 6), co2_factor_id from core_trip_footprint order by row_number")


def test_the_set_in_force_decides_and_a_fare_stands_in_for_kilometres_that_are_missing(tmp_path):
    segments = """
        person_key | mode | fuel   | departed_at | row_means  | distance_km | cost_sek
        anna       | car  | petrol | 2025-03-03  | round_trip | 100         | 185
        anna       | taxi |        | 2025-03-04  | one_way    |             | 250
        anna       | taxi |        | 2025-03-05  | one_way    | 10          | 250
        anna       | taxi |        | 2025-03-06  | one_way    |             |
        anna       | taxi |        | 2025-03-07  | one_way    |             | 0
        anna       | taxi |        | 2025-03-08  | one_way    |             | 0.50
    """
    assert kilograms(tmp_path, "smed-2024", segments) == [
        (15.0, "co2-car-petrol-any-0"),
        (1.05, "co2-taxi-any-any-0-per-krona"),
        (1.2, "co2-taxi-any-any-0"),
        (None, None),  # neither kilometres nor fare: unknown, not zero
        (None, None),  # a ride somebody else paid for was no shorter
        (0.0021, "co2-taxi-any-any-0-per-krona"),
    ]
    assert kilograms(tmp_path, "smed-2025", segments)[:2] == [(14.5, "co2-car-petrol-any-0"), (None, None)]
