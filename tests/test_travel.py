"""Travel exports: what each row of the project's own profiles becomes in the landing zone."""

# ruff: noqa: DTZ001 - travel exports hold wall-clock times, which have no zone

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
import xlsxwriter

from connectors.contract import TRAVEL_SEGMENTS
from connectors.errors import ConfigurationError
from connectors.files.mapped_rows import Understood
from connectors.files.profiles import available_profiles, load_profile
from connectors.files.table_files import read_table
from connectors.files.travel import read_travel
from connectors.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"travel-tests-have-their-own-key!")

AGENCY_HEADER = (
    "Bokningsnummer;Anställningsnr;Förvaltning;Avresedatum;Hemresedatum;Från;Till;Färdmedel;Klass;"
    "Km enkel resa;Belopp;Moms;Valuta;Syfte;Radtyp"
)


def agency(*rows: str) -> Understood:
    content = "\r\n".join([AGENCY_HEADER, *rows, ""]).encode("utf-8-sig")
    return read_travel(read_table("resebyra.csv", content), load_profile("travel_agency", "travel"), PSEUDONYMS)


def only(found: Understood) -> dict[str, object]:
    assert found.outcome.select("rule", "reason").rows() == [(None, None)]
    return found.rows.row(0, named=True)


def refused(found: Understood) -> list[tuple[object, object]]:
    return found.outcome.drop_nulls("reason").select("reason", "field").rows()


FLIGHT = "B7;01042;Skola;2025-03-04;2025-03-06;Göteborg;Umeå;Flyg;Ekonomi;780;4\u00a0210,00;238,30;SEK;Möte;Resa"


def test_of_the_texts_only_those_of_rejected_rows_stay_in_memory():
    lines = (AGENCY_HEADER, FLIGHT, FLIGHT.replace("2025-03-04", "2025-03-32"), "Summa;;;;;;;;;;4 210,00;;SEK;;")
    table = read_table("resebyra.csv", "\n".join(lines).encode())
    found = read_travel(table, load_profile("travel_agency", "travel"), PSEUDONYMS)
    assert found.outcome["row_number"].to_list() == [1, 2, 3]
    assert table.frame.select("row_number", "Avresedatum").rows() == [(2, "2025-03-32")]


def test_an_agencys_flight():
    row = only(agency(FLIGHT))
    assert row["departed_at"] == datetime(2025, 3, 4)
    assert row["returned_at"] == datetime(2025, 3, 6)
    assert row["mode"] == "flight"
    assert row["cabin"] == "economy"
    assert row["distance_km"] == 1560
    assert (row["amount"], row["vat"], row["cost_sek"]) == (Decimal("4210.00"), Decimal("238.30"), Decimal("4210.00"))
    assert (row["purpose"], row["trip_class"], row["row_means"]) == ("meeting", "meeting", "round_trip")
    assert (row["time_precision"], row["time_zone"]) == ("day", "Europe/Stockholm")
    assert (row["origin_place"], row["destination_place"], row["department"]) == ("Göteborg", "Umeå", "Skola")
    assert row["person_key"] == PSEUDONYMS.of("employee_no", "1042")
    assert row["booking_ref"] not in (None, "B7")


def test_every_column_of_the_contract_is_filled_or_left_to_landing():
    given_by_landing = {"org_id", "source", "seen_at", "file_sha256"}
    assert set(agency(FLIGHT).rows.columns) == set(TRAVEL_SEGMENTS.schema) - given_by_landing


@pytest.mark.parametrize(
    ("spelling", "mode", "vehicle_class"),
    [
        ("Flyg", "flight", None),
        ("TÅG", "rail", None),
        ("buss ", "bus", None),
        ("Hyrbil", "car", "rental"),
        ("Taxi", "taxi", "taxi"),
        ("", "unknown", None),
    ],
)
def test_modes_as_agencies_spell_them(spelling, mode, vehicle_class):
    found = agency(FLIGHT.replace(";Flyg;", f";{spelling};"))
    assert (only(found)["mode"], only(found)["vehicle_class"]) == (mode, vehicle_class)
    assert found.unknown_values == {}


def test_an_unknown_mode_lands_as_unknown_and_its_spelling_is_only_told():
    found = agency(FLIGHT.replace(";Flyg;", ";Rymdfärja;"))
    assert only(found)["mode"] == "unknown"
    assert found.unknown_values == {("mode", "rymdfärja"): 1, ("vehicle_class", "rymdfärja"): 1}
    assert "rymdfärja" not in str(found.rows.rows()).lower()


@pytest.mark.parametrize(
    ("purpose", "meaning", "trip_class"),
    [
        ("Möte", "meeting", "meeting"),
        ("Konferens", "conference", "meeting"),
        ("Utbildning", "training", "meeting"),
        ("Tillsyn", "inspection", "service"),
        ("", "unknown", "unknown"),
        ("Hemligt", "unknown", "unknown"),
    ],
)
def test_the_purpose_decides_whether_a_meeting_could_replace_the_trip(purpose, meaning, trip_class):
    row = only(agency(FLIGHT.replace(";Möte;", f";{purpose};")))
    assert (row["purpose"], row["trip_class"]) == (meaning, trip_class)


def test_fees_hotels_and_refunds_keep_their_amounts_and_their_booking():
    found = agency(
        FLIGHT,
        "B7;01042;Skola;2025-03-04;;;;Flyg;;;95,00;19,00;SEK;;Avgift",
        "B7;01042;Skola;;;;;;;;1\u00a0190,00;127,50;SEK;;Hotell",
        "B7;01042;Skola;2025-03-04;;;;Flyg;;;-4\u00a0210,00;-238,30;SEK;;Återbetalning",
    )
    assert found.rows["row_means"].to_list() == ["round_trip", "fee", "hotel", "refund"]
    assert found.rows["cost_sek"].to_list() == [Decimal(a) for a in ("4210.00", "95.00", "1190.00", "-4210.00")]
    assert found.rows["booking_ref"].n_unique() == 1
    assert found.rows["distance_km"].to_list() == [1560, None, None, None]
    assert found.days.to_list() == [date(2025, 3, 4)]  # a fee does not show what period the file covers


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        (";2025-03-04;", ";;", ("missing", "departed_at")),
        (";2025-03-04;", ";4 mars;", ("unreadable", "departed_at")),
        (";2025-03-06;", ";2025-02-30;", ("unreadable", "returned_at")),
        (";780;", ";långt;", ("unreadable", "distance")),
        (";780;", ";-780;", ("negative", "distance")),
        (";4\u00a0210,00;", ";4210.00;", ("unreadable", "amount")),
        (";SEK;", ";kronor;", ("unreadable", "currency")),
        (";Resa", ";Presentkort", ("unknown_value", "row_means")),
        (";Resa", ";", ("missing", "row_means")),
    ],
)
def test_a_wrong_value_rejects_its_row_and_names_the_field(was, becomes, reason):
    found = agency(FLIGHT, FLIGHT.replace(was, becomes))
    assert refused(found) == [reason]
    assert found.rows["row_number"].to_list() == [1]


def test_an_unknown_distance_stays_unknown():
    found = agency(FLIGHT.replace(";780;", ";;"))
    assert only(found)["distance_km"] is None
    assert found.notes == {"trips without distance": 1}


def test_an_amount_in_another_currency_has_no_cost_in_kronor():
    found = agency(FLIGHT.replace(";SEK;", ";eur;"))
    assert (only(found)["currency"], only(found)["cost_sek"]) == ("EUR", None)
    assert found.notes == {"amounts in another currency or none": 1}


def test_an_address_is_not_landed_as_a_place():
    found = agency(FLIGHT.replace(";Umeå;", ";Storgatan 5, Umeå;"))
    assert only(found)["destination_place"] is None
    assert found.notes == {"places left out because they look like an address": 1}


# -- mileage claims -----------------------------------------------------------------------------------------------

CLAIM = {
    "Anställningsnr": 1042,
    "Förvaltning": "Omsorg",
    "Datum": date(2025, 3, 4),
    "Från": "Borås",
    "Till": "Ulricehamn",
    "Antal mil": 7.2,
    "Drivmedel": "Diesel",
    "Ersättning kr": 180,
    "Ändamål": "Hemtjänst",
}


def claims(*changes: dict[str, object]) -> Understood:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Milersättning")
        sheet.write_row(0, 0, list(CLAIM))
        for position, change in enumerate(changes, start=1):
            for column, value in enumerate({**CLAIM, **change}.values()):
                sheet.write(position, column, value)
    table = read_table("milersattning.xlsx", content.getvalue())
    return read_travel(table, load_profile("mileage_claims", "travel"), PSEUDONYMS)


def test_a_mileage_claim():
    row = only(claims({}))
    assert (row["departed_at"], row["returned_at"]) == (datetime(2025, 3, 4), datetime(2025, 3, 4))
    assert row["distance_km"] == 72  # mil, there and back already
    assert (row["mode"], row["fuel"], row["is_own_car"], row["row_means"]) == ("car", "diesel", True, "round_trip")
    assert (row["amount"], row["currency"], row["cost_sek"]) == (Decimal("180.00"), "SEK", Decimal("180.00"))
    assert (row["purpose"], row["trip_class"]) == ("service", "service")
    assert row["person_key"] == PSEUDONYMS.of("employee_no", "01042")  # a workbook drops the zero


@pytest.mark.parametrize(
    ("spelling", "fuel"),
    [("Bensin", "petrol"), ("El", "electric"), (None, "unknown"), ("Rapsolja", "unknown")],
)
def test_fuels(spelling, fuel):
    assert only(claims({"Drivmedel": spelling}))["fuel"] == fuel


@pytest.mark.parametrize(
    ("purpose", "trip_class"),
    [("Hemtjänst", "service"), ("Tillsyn", "service"), ("Möte", "meeting"), ("Privat", "unknown"), (None, "unknown")],
)
def test_purposes_of_claims(purpose, trip_class):
    assert only(claims({"Ändamål": purpose}))["trip_class"] == trip_class


# -- a profile of one's own ---------------------------------------------------------------------------------------

OWN = """
kind = "travel"
description = "A driver's log"
decimal = "."

[columns]
departed_at = ["Start", "Departure"]
returned_at = "End"
distance = "Distance"
mode = "Vehicle"
vehicle = "Registration"
vehicle_class = "Group"
row_means = "Type"
purpose = "Purpose"

[constants]
time_zone = "Europe/Stockholm"

[distance]
unit = "mil"
times_on_round_trip = 2

[values.mode]
Van = "car"

[values.vehicle_class]
"Home care" = "home_care"
Pool = "pool"

[[trip_class]]
field = "vehicle_class"
service = ["home_care"]

[[trip_class]]
field = "purpose"
meeting = ["meeting"]

[[exclude]]
rule = "private"
column = "Type"
values = ["Private", "Commute"]
"""


def own(tmp_path, *rows: str, profile: str = OWN) -> Understood:
    path = tmp_path / "drivers_log.toml"
    path.write_text(profile, "utf-8")
    header = "Departure,End,Distance,Vehicle,Registration,Group,Type,Purpose"
    table = read_table("log.csv", "\n".join([header, *rows]).encode())
    return read_travel(table, load_profile(str(path), "travel"), PSEUDONYMS)


def test_a_profile_of_ones_own(tmp_path):
    found = own(
        tmp_path,
        "2025-03-04 08:15,2025-03-04 16:40,1.5,VAN,ABC123,home care,round_trip,meeting",
        "2025-03-04 08:15,,1.5,van,ABC123,pool,one_way,meeting",
        "2025-03-05,,1.5,van,,fire brigade,one_way,",
        "2025-03-05,,900,van,ABC123,pool,Private,",
    )
    rows = found.rows.select("departed_at", "time_precision", "distance_km", "vehicle_class", "trip_class").rows()
    assert rows == [
        (datetime(2025, 3, 4, 8, 15), "minute", 30.0, "home_care", "service"),
        (datetime(2025, 3, 4, 8, 15), "minute", 15.0, "pool", "meeting"),
        (datetime(2025, 3, 5), "day", 15.0, None, "unknown"),
    ]
    assert found.outcome["rule"].to_list() == [None, None, None, "private"]
    assert found.rows["vehicle_key"].to_list()[1:] == [PSEUDONYMS.of("vehicle", "abc123"), None]
    assert found.unknown_values == {("vehicle_class", "fire brigade"): 1}


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ('kind = "travel"', 'kind = "travel', "cannot be read"),
        ('kind = "travel"', 'kind = "staff"', "unknown field"),
        ("decimal", "desimal", "desimal"),
        ('Van = "car"', 'Van = "automobile"', "mode 'automobile' is not one of"),
        ("vehicle = ", "wehicle = ", "unknown field wehicle"),
        ('row_means = "Type"', "", "say which column is row_means"),
    ],
)
def test_a_faulty_profile_is_refused_in_one_line(tmp_path, was, becomes, message):
    with pytest.raises(ConfigurationError, match=message) as failure:
        own(tmp_path, profile=OWN.replace(was, becomes))
    assert "\n" not in str(failure.value)
    assert "drivers_log.toml" in str(failure.value)


def test_profiles_of_the_project():
    assert list(available_profiles("travel")) == [
        "drivers_log", "fuel_invoices", "mileage_claims", "pool_cars", "rail_account", "research_lab", "taxi_invoices",
        "travel_agency", "travel_agency_products",
    ]  # fmt: skip
    assert list(available_profiles("staff")) == ["staff"]
    assert list(available_profiles("sites")) == ["sites"]
    assert list(available_profiles("departments")) == ["departments"]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("travelagency", "travel", "choose one of drivers_log, fuel_invoices"),
        ("missing.toml", "travel", "no profile missing.toml"),
        ("staff", "travel", "is for staff files"),
        ("My Profile.toml", "travel", "rename"),
    ],
)
def test_a_profile_that_cannot_be_used(name, kind, message):
    with pytest.raises(ConfigurationError, match=message):
        load_profile(name, kind)
