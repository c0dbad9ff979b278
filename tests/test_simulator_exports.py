"""The files the municipality exports: what its own profiles read, and every öre of the truth."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.profiles import load_profile
from connectors.files.sites import read_sites
from connectors.files.staff import read_staff
from connectors.files.table_files import read_table
from connectors.files.travel import read_travel
from connectors.pseudonyms import Pseudonyms
from simulator.exports import Exports, kronor, write_exports
from simulator.municipality import simulate
from simulator.people import DEPARTMENTS
from tests.simulator_client import exempelby

PSEUDONYMS = Pseudonyms(b"the-simulators-tests-have-a-key!")


@pytest.fixture(scope="module")
def exports(tmp_path_factory) -> Exports:
    return write_exports(exempelby(), tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def travel(exports) -> pl.DataFrame:
    found = []
    for profile, path, *_ in exports.travel:
        understood = read_travel(read_table(path.name, path.read_bytes()), load_profile(profile, "travel"), PSEUDONYMS)
        assert understood.outcome.select("rule", "reason").unique().rows() == [(None, None)], path.name
        assert not understood.unknown_values
        found.append(understood.rows)
    return pl.concat(found, how="vertical_relaxed")


def test_a_file_of_each_kind_for_every_month(exports):
    assert [(profile, path.name, first, last) for profile, path, first, last in exports.travel] == [
        ("travel_agency", "resebyra-2026-09.csv", date(2026, 9, 1), date(2026, 9, 30)),
        ("rail_account", "tagkonto-2026-09.csv", date(2026, 9, 1), date(2026, 9, 30)),
        ("mileage_claims", "milersattning-2026-09.csv", date(2026, 9, 1), date(2026, 9, 30)),
        ("travel_agency", "resebyra-2026-10.csv", date(2026, 10, 1), date(2026, 10, 31)),
        ("rail_account", "tagkonto-2026-10.csv", date(2026, 10, 1), date(2026, 10, 31)),
        ("mileage_claims", "milersattning-2026-10.csv", date(2026, 10, 1), date(2026, 10, 31)),
    ]
    assert [tuple(file) for file in exports.staff] == [
        ("staff", exports.staff[0].path, date(2026, 9, 1), date(2026, 10, 31))
    ]


def test_one_staff_file_a_calendar_year(tmp_path):
    town = simulate(people=30, months=4, last_month=date(2026, 2, 1))
    files = write_exports(town, tmp_path / "new").staff
    assert [(file.path.name, file.first_day, file.last_day) for file in files] == [
        ("personal-2025.csv", date(2025, 11, 1), date(2025, 12, 31)),
        ("personal-2026.csv", date(2026, 1, 1), date(2026, 2, 28)),
    ]


def test_the_agency_writes_utf_8_with_a_mark_and_payroll_windows_1252(exports):
    agency, claims = exports.travel[0].path.read_bytes(), exports.travel[2].path.read_bytes()
    assert agency.startswith(b"\xef\xbb\xbf")
    assert "Anställningsnr" in claims.decode("cp1252")
    with pytest.raises(UnicodeDecodeError):
        claims.decode("utf-8")


@given(st.integers(-(10**12), 10**12))
def test_kronor_read_back_are_the_same_ore(ore):
    text = kronor(ore)
    assert Decimal(text.replace("\u00a0", "").replace(",", ".")) * 100 == ore
    assert all(len(group) == 3 for group in text.partition(",")[0].lstrip("-").split("\u00a0")[1:])


def test_amounts_add_up_to_the_truth_to_the_ore(exports):
    spent: Counter[str] = Counter()
    for profile, path, first, _ in exports.travel:
        encoding, column = {
            "travel_agency": ("utf-8-sig", "Belopp"),
            "rail_account": ("utf-8-sig", "Pris"),
            "mileage_claims": ("cp1252", "Ersättning kr"),
        }[profile]
        with path.open(encoding=encoding, newline="") as file:
            for row in csv.DictReader(file, delimiter=";"):
                spent[f"{first:%Y-%m}"] += int(row[column].replace("\u00a0", "").replace(",", ""))
    assert spent == {month.month: round(100 * month.cost_sek) for month in exempelby().truth.months}


def test_the_profiles_read_every_journey_as_it_was(travel):
    truth = exempelby().truth.months
    trips = travel.filter(pl.col("row_means") == "round_trip")
    ways = travel.filter(pl.col("row_means") == "segment")
    by_rail = sum(month.trips_by_mode["rail"] for month in truth)
    assert len(trips) == sum(month.trips for month in truth) - by_rail
    assert len(ways) == 2 * by_rail
    assert set(ways["mode"]) == {"rail"}
    assert trips["distance_km"].sum() + ways["distance_km"].sum() == sum(month.km for month in truth)
    assert travel["cost_sek"].sum() == sum((Decimal(str(month.cost_sek)) for month in truth), Decimal())
    by_service = [(rows["trip_class"] == "service").sum() for rows in (trips, ways)]
    assert by_service[0] + by_service[1] / 2 == sum(month.trips - month.meeting_trips for month in truth)
    assert trips.filter(pl.col("is_own_car")).height == sum(month.trips_by_mode["own_car"] for month in truth)
    assert {"fee", "hotel", "refund"} <= set(travel["row_means"])
    assert travel.filter(pl.col("row_means") == "refund")["cost_sek"].max() < 0


def test_tickets_have_their_times_to_the_minute(travel):
    ways = travel.filter(pl.col("row_means") == "segment")
    assert set(ways["time_precision"]) == {"minute"}
    minutes = (ways["arrived_at"] - ways["departed_at"]).dt.total_minutes().sum()
    assert minutes / 60 == pytest.approx(sum(month.rail_hours for month in exempelby().truth.months))


def test_the_staff_profile_reads_the_full_time_equivalents(exports):
    (file,) = exports.staff
    found = read_staff(read_table(file.path.name, file.path.read_bytes()), load_profile("staff", "staff"))
    assert found.outcome.select("rule", "reason").unique().rows() == [(None, None)]
    for index, month in enumerate((date(2026, 9, 1), date(2026, 10, 1))):
        rows = found.rows.filter(pl.col("month") == month)
        assert rows["headcount"].sum() == sum(person.is_at_work(index) for person in exempelby().people)
        fte = {row["department"]: row["fte"] for row in rows.filter(person_group="employee").iter_rows(named=True)}
        expected = {department.name: exempelby().fte[row, index] for row, department in enumerate(DEPARTMENTS)}
        assert {name: float(value) for name, value in fte.items()} == pytest.approx(expected, abs=1e-9)
        assert rows.filter(person_group="elected")["fte"].null_count() == rows.filter(person_group="elected").height > 0


def test_the_sites_profile_reads_every_site(exports):
    (file,) = exports.sites
    found = read_sites(read_table(file.path.name, file.path.read_bytes()), load_profile("sites", "sites"), None)
    assert set(found.rows["site"]) == {person.site for person in exempelby().people}
    assert set(found.rows["municipality"]) == {"Exempelby"}
    kisa = found.rows.filter(site="Kisa").row(0, named=True)
    assert (kisa["latitude"], kisa["longitude"]) == (57.99, 15.63)
