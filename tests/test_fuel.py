"""Emissions from fuel (METHOD 1): what was put into the cars instead of kilometres, where settings say so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import duckdb
import pytest

from pipelines.factor_files import factors_of
from pipelines.reconciliation import ONE_SOURCE
from pipelines.settings import Authoritative
from tests.model_cases import ask, build, verdict

ROWS = """
source | file_sha256 | person_key | mode | vehicle_class | fuel   | departed_at | row_means  | distance_km | quantity | quantity_unit
log    | log         | anna       | car  | pool_car      | petrol | 2025-03-04  | round_trip | 100         |          |
log    | log         | bo         | car  | own_car       | petrol | 2025-03-05  | round_trip | 200         |          |
fuel   | fuel        |            | car  | pool_car      | petrol | 2025-03-31  | fuel       |             | 40       | litre
fuel   | fuel        |            | car  | pool_car      | hvo    | 2025-03-31  | fuel       |             | 10       | litre
cards  | cards       |            | car  | pool_car      | petrol | 2025-03-31  | fuel       |             | 41       | litre
"""
FILES = "source | kind | file_sha256 | covers_from | covers_to\n" + "\n".join(
    f"{name} | {'staff' if name == 'staff' else 'travel'} | {name} | 2025-03-01 | 2025-03-31"
    for name in ("log", "fuel", "cards", "staff")
)
FACTORS = """Färdmedel;Drivmedel;År;Värde;Enhet;Källa
Bil;Bensin;2025;2,36;kg CO2/liter;påhittad
Bil;;2025;150;g CO2/vkm;påhittad
"""


CLASSLESS = ROWS.replace("cards       |            | car  | pool_car ", "cards       |            | car  |          ")


@pytest.fixture
def built(tmp_path):
    def build_with(
        rows: str = ROWS,
        factors: str = "",
        tables: Mapping[str, str] = MappingProxyType({}),
        **authoritative: dict[str, str | tuple[str, ...]],
    ) -> duckdb.DuckDBPyConnection:
        (tmp_path / "f.csv").write_text(FACTORS + factors, "utf-8")
        return build(
            {"travel_segments": rows, "files": FILES, **tables},
            as_of=date(2025, 6, 1),
            only=("core_quantities",),
            authorities=Authoritative(**authoritative).listed(),
            factors=factors_of([tmp_path / "f.csv"], "f-2025"),
            factor_set="f-2025",
        )

    return build_with


def kilograms(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """Kilograms, rows behind them and how many of those are known, for March as a whole."""
    return ask(
        con,
        """select cast(sum(amount) as double), cast(sum(facts) as int), cast(sum(facts_known) as int)
           from core_quantities join core_series using (series_number) where quantity = 'co2_kg'""",
    )


def test_without_a_named_source_kilometres_count_and_litres_are_in_no_figure(built):
    con = built()
    assert kilograms(con) == [(pytest.approx(0.15 * 300), 2, 2)]
    assert ask(con, "select * from core_fuel") == []
    assert verdict(con, ONE_SOURCE).lines == ()  # two files of litres: nothing is wrong as long as nobody uses them


def test_a_source_named_for_a_class_of_vehicle_counts_there_and_only_there(built):
    con = built(fuel={"car pool_car": "fuel"})
    # 40 l of petrol, and the own car's 200 km; the ten litres of HVO have no factor and are unknown, not zero
    assert kilograms(con) == [(pytest.approx(2.36 * 40 + 0.15 * 200), 4, 3)]
    assert ask(con, "select fuel, fuel_quantity, co2_kg from core_fuel order by row_number") == [
        ("petrol", 40, pytest.approx(94.4)), ("hvo", 10, None),
    ]  # fmt: skip


def test_a_source_named_for_the_mode_counts_for_every_class_once(built):
    con = built(fuel={"car": "cards", "car pool_car": "cards"})
    assert kilograms(con) == [(pytest.approx(2.36 * 41), 3, 3)]


def test_an_invoice_of_no_class_of_vehicle_is_for_the_class_its_source_is_named_for(built):
    assert CLASSLESS != ROWS
    con = built(CLASSLESS, fuel={"car pool_car": "cards"})
    assert kilograms(con) == [(pytest.approx(2.36 * 41 + 0.15 * 200), 3, 3)]


def test_a_class_of_vehicle_wins_over_its_mode(built):
    con = built(fuel={"car": "cards", "car pool_car": "fuel"})
    assert ask(con, "select distinct source from core_fuel") == [("fuel",)]


def test_kilometres_and_trips_are_counted_from_the_log_all_the_same(built):
    con = built(fuel={"car": "fuel"})
    found = "select quantity, cast(sum(amount) as double) from core_quantities join core_series using (series_number) where quantity in ('trips', 'distance_km') group by quantity order by 1"
    assert ask(con, found) == [("distance_km", 300), ("trips", 2)]


def test_a_factor_per_litre_is_never_taken_for_kilometres(built):
    con = built()
    assert ask(con, "select distinct co2_factor_id from core_trip_footprint") == [("co2-car-any-any-0",)]


def test_carbon_dioxide_and_equivalents_are_apart_and_a_known_fuel_comes_before_any(built):
    rows = """
        source | file_sha256 | mode | vehicle_class | fuel   | departed_at | row_means | quantity | quantity_unit
        fuel   | fuel        | car  | pool_car      | petrol | 2025-03-31  | fuel      | 40       | litre
        fuel   | fuel        | car  | pool_car      |        | 2025-03-31  | fuel      | 10       | litre
        fuel   | fuel        | bus  |               | diesel | 2025-03-31  | fuel      | 5        | litre
    """
    factors = "Bil;Bensin;2025;3;kg CO2e/liter;påhittad\nBil;;2025;2;kg CO2/liter;påhittad\n"
    con = built(rows, factors, fuel={"car": "fuel", "bus": "fuel"})
    found = ask(con, "select fuel, statutory_category, co2_kg, co2e_kg from core_fuel order by row_number")
    assert found == [
        ("petrol", "car", pytest.approx(2.36 * 40), pytest.approx(3.0 * 40)),
        ("unknown", "car", pytest.approx(2.0 * 10), None),
        ("diesel", "machine_other", None, None),
    ]


def test_only_litres_and_kilowatt_hours_of_the_named_source_are_fuel(built):
    rows = """
        source | file_sha256 | mode | fuel     | departed_at | row_means  | quantity | quantity_unit
        fuel   | fuel        | car  | petrol   | 2025-03-31  | fuel       | 40       | litre
        fuel   | fuel        | car  | electric | 2025-03-31  | fuel       | 30       | kwh
        fuel   | fuel        | car  | petrol   | 2025-03-31  | fuel       | 900      | sek
        fuel   | fuel        | car  | petrol   | 2025-03-31  | other      | 40       | litre
        cards  | cards       | car  | petrol   | 2025-03-31  | fuel       | 41       | litre
    """
    found = ask(built(rows, fuel={"car": "fuel"}), "select fuel, fuel_quantity, fuel_unit from core_fuel order by 2")
    assert found == [("electric", 30, "kwh"), ("petrol", 40, "litre")]


def test_energy_is_by_the_fuel_put_in_and_unknown_without_a_factor(built):
    rows = """
        source | file_sha256 | mode | fuel     | departed_at | row_means | quantity | quantity_unit
        fuel   | fuel        | car  | petrol   | 2025-03-31  | fuel      | 40       | litre
        fuel   | fuel        | car  | electric | 2025-03-31  | fuel      | 30       | kwh
        fuel   | fuel        | taxi | petrol   | 2025-03-31  | fuel      | 40       | litre
        fuel   | fuel        | car  | petrol   | 2025-03-31  | fuel      | 41       | kwh
        fuel   | fuel        | car  |          | 2025-03-31  | fuel      | 42       | litre
    """
    found = ask(
        built(rows, fuel={"car": "fuel", "taxi": "fuel"}),
        "select mode, fuel, fuel_unit, energy_kwh, statutory_category from core_fuel order by row_number",
    )
    assert found == [
        ("car", "petrol", "litre", pytest.approx(40 * 9.1), "car"),
        ("car", "electric", "kwh", pytest.approx(30), "car"),
        ("taxi", "petrol", "litre", None, "car"),
        ("car", "petrol", "kwh", None, "car"),
        ("car", "unknown", "litre", None, "car"),
    ]


def test_fuel_belongs_to_the_department_that_the_invoice_names_under_the_name_of_its_month(built):
    rows = """
        source | file_sha256 | mode | fuel   | department | departed_at | row_means | quantity | quantity_unit
        fuel   | fuel        | car  | petrol | Gata       | 2025-03-31  | fuel      | 40       | litre
        fuel   | fuel        | car  | petrol | Skola      | 2025-03-31  | fuel      | 41       | litre
        fuel   | fuel        | car  | petrol |            | 2025-03-31  | fuel      | 42       | litre
    """
    tables = {
        "departments": "source_value | department | valid_from | valid_to\nGata | Teknik | 2025-03-01 | 2025-03-31",
        "staff": "department | month | headcount | fte\n"
        + "\n".join(f"{name} | 2025-{n:02}-01 | 50 | 50" for n in (2, 3, 4) for name in ("Gata", "Skola", "Teknik")),
    }
    con = built(rows, tables=tables, fuel={"car": "fuel"})
    assert ask(con, "select fuel_quantity, department from core_fuel order by 1") == [
        (40, "Teknik"), (41, "Skola"), (42, None),
    ]  # fmt: skip
