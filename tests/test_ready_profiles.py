"""The ready profiles of travel files: what a row of each becomes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from connectors.files.profiles import load_profile
from connectors.files.table_files import read_table
from connectors.files.travel import read_travel
from connectors.pseudonyms import Pseudonyms

# ruff: noqa: DTZ001 - travel exports hold wall-clock times, which have no zone

PSEUDONYMS = Pseudonyms(b"ready-profiles-have-their-ownkey")


def read(profile: str, *lines: str):
    meaning = load_profile(profile, "travel")
    return read_travel(read_table("file.csv", "\n".join(lines).encode(), meaning.all_headings()), meaning, PSEUDONYMS)


@pytest.mark.parametrize(
    ("product", "mode", "means", "vehicle_class"),
    [
        ("Flyg", "flight", "segment", None),
        ("Tåg", "rail", "segment", None),
        ("Hyrbil", "car", "round_trip", "rental"),
        ("Taxi", "taxi", "one_way", "taxi"),
        ("Hotell", "other", "hotel", None),
        ("Serviceavgift", "other", "fee", None),
        ("Återköp", "unknown", "refund", None),
    ],
)
def test_an_agencys_products(product, mode, means, vehicle_class):
    found = read("travel_agency_products", "PNR;Startdatum;Produkt;Pris;CO2 (kg)", f"X1;2024-03-01;{product};100;1,5")
    row = found.rows.row(0, named=True)
    assert (row["mode"], row["row_means"], row["vehicle_class"]) == (mode, means, vehicle_class)
    assert (row["cost_sek"], row["co2_kg_reported"], found.doubtful) == (Decimal("100.00"), 1.5, 0)


def test_an_agencys_unknown_product_is_refused_since_nobody_knows_what_the_row_means():
    found = read("travel_agency_products", "PNR;Startdatum;Produkt;Pris", "X1;2024-03-01;Presentkort;100")
    assert found.outcome.select("reason", "field").rows() == [("unknown_value", "row_means")]


def test_a_rail_account():
    found = read(
        "rail_account",
        "Bokningsnummer;Resdatum;Avgångstid;Ankomsttid;Från;Till;Klass;Typ;Pris",
        "T1;2024-03-01;22:10;06:55;Luleå;Stockholm;1 klass;Köp;595,00",
        "T1;2024-03-01;;;Luleå;Stockholm;1 klass;Återköp;-595,00",
    )
    first, second = found.rows.iter_rows(named=True)
    assert (first["mode"], first["row_means"], first["cabin"]) == ("rail", "segment", "first")
    assert (first["departed_at"], first["arrived_at"]) == (datetime(2024, 3, 1, 22, 10), datetime(2024, 3, 2, 6, 55))
    assert (first["time_precision"], second["time_precision"], second["row_means"]) == ("minute", "day", "refund")
    assert first["booking_ref"] == second["booking_ref"]


def test_a_rail_account_that_tells_what_for():
    found = read(
        "rail_account",
        "Bokningsnummer;Resdatum;Avgångstid;Ankomsttid;Från;Till;Pris;Syfte",
        "T1;2024-03-01;07:10;08:55;Luleå;Boden;95,00;Möte",
        "T2;2024-03-01;07:10;08:55;Luleå;Boden;95,00;Tillsyn",
        "T3;2024-03-01;07:10;08:55;Luleå;Boden;95,00;",
    )
    assert found.rows["purpose"].to_list() == ["meeting", "inspection", "unknown"]
    assert found.rows["trip_class"].to_list() == ["meeting", "service", "unknown"]


def test_a_drivers_log_leaves_private_drives_out():
    found = read(
        "drivers_log",
        "Datum;Regnr;Startplats;Slutplats;Mätarställning start;Mätarställning slut;Restyp;Drivmedel;Ärende",
        "2024-03-01;ABC123;Borås;Skara;10 000;10 082,5;Tjänst;El;Möte",
        "2024-03-02;ABC123;Borås;Varberg;10 082,5;10 200;Privat;El;",
    )
    (row,) = found.rows.iter_rows(named=True)
    assert (row["distance_km"], row["fuel"], row["row_means"], row["trip_class"]) == (
        82.5,
        "electric",
        "one_way",
        "meeting",
    )
    assert row["vehicle_key"] == PSEUDONYMS.of("vehicle", "ABC123")
    assert found.outcome["rule"].to_list() == [None, "private"]
    assert "Varberg" not in str(found.rows.rows()) + str(found.outcome.rows())


def test_taxi_in_kronor_only_has_no_distance():
    found = read("taxi_invoices", "Datum;Belopp", "2024-03-01;412,00")
    row = found.rows.row(0, named=True)
    assert (row["mode"], row["row_means"], row["distance_km"], row["cost_sek"]) == (
        "taxi",
        "one_way",
        None,
        Decimal("412.00"),
    )
    assert found.notes == {"trips without distance": 1, "trips without traveller": 1}


@pytest.mark.parametrize(
    ("header", "cells", "quantity", "unit"),
    [
        ("Datum;Produkt;Liter;Belopp", "2024-03-01;Diesel;42,5;800,00", 42.5, "litre"),
        ("Datum;Produkt;Kvantitet;Mått;Belopp", "2024-03-01;Laddning;30;kWh;90,00", 30, "kwh"),
        ("Datum;Produkt;Belopp", "2024-03-01;Bensin;800,00", None, "litre"),
    ],
)
def test_fuel_in_litres_kilowatt_hours_or_kronor(header, cells, quantity, unit):
    found = read("fuel_invoices", header, cells)
    row = found.rows.row(0, named=True)
    assert (row["row_means"], row["quantity"], row["quantity_unit"]) == ("fuel", quantity, unit)
    assert found.notes == {}  # no trip lacks anything


@pytest.mark.parametrize("day", ["2024-03", "mars 2024"])
def test_pool_cars_by_month(day):
    row = read("pool_cars", "Månad;Fordon;Körda km", f"{day};ABC123;1 204").rows.row(0, named=True)
    assert (row["departed_at"], row["time_precision"], row["distance_km"]) == (datetime(2024, 3, 1), "month", 1204)
    assert (row["vehicle_class"], row["row_means"], row["person_key"]) == ("pool", "round_trip", None)


def test_amounts_in_other_currencies_cost_what_the_profiles_rates_say(tmp_path):
    profile = tmp_path / "abroad.toml"
    profile.write_text(
        'kind = "travel"\ndescription = "x"\n[columns]\ndeparted_at = "Dag"\namount = "Pris"\ncurrency = "Valuta"\n'
        '[constants]\nmode = "flight"\nrow_means = "segment"\n[rates.EUR]\n"2024" = 11.4\n"2024-03" = 11.305\n',
        "utf-8",
    )
    rows = [
        "2024-02-01;100,00;EUR",
        "2024-03-01;100,10;EUR",
        "2023-03-01;100,00;EUR",
        "2024-03-01;100,00;USD",
        "2024-03-01;7,00;SEK",
    ]
    found = read(str(profile), "Dag;Pris;Valuta", *rows)
    cost = [None if amount is None else str(amount) for amount in found.rows["cost_sek"]]
    assert cost == ["1140.00", "1131.63", None, None, "7.00"]
    assert found.notes["amounts in another currency or none"] == 2
