"""Totals of meetings and journeys counted by hand: small files in, rows of the contract out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from connectors.files.importing import import_file
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms

KEYS = Pseudonyms(b"a key of a test, 32 bytes long..")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def landing(tmp_path):
    return Landing(tmp_path / "landing", "borg", KEYS.fingerprint)


def imported(landing: Landing, folder: Path, *lines: str, **options):
    path = folder / "totaler.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return import_file(path, "meeting_totals", "meeting_totals", landing, KEYS, NOW, **options)


def test_a_year_lands_as_a_year(landing, tmp_path):
    receipt = imported(
        landing, tmp_path,
        "År;System;Form;Räknat;Antal möten;Deltagartimmar",
        "2011;Lync;Telefon;Ordnade;1 174;",
        "2012;Lync;Video;Deltaganden;3 000;1 500,5",
        "2013-Q1;;;Ordnade;40;",
    )  # fmt: skip
    assert (receipt.rows_read, receipt.rows_landed) == (3, 3)
    rows = landing.read("meeting_totals").sort("period_from")
    assert rows.select("period_from", "period_to", "platform", "modality", "role", "meetings", "person_minutes", "basis").rows() == [
        (date(2011, 1, 1), date(2011, 12, 31), "skype_for_business", "phone", "organised", 1174, None, "manual"),
        (date(2012, 1, 1), date(2012, 12, 31), "skype_for_business", "video", "attended", 3000, 90030.0, "manual"),
        (date(2013, 1, 1), date(2013, 3, 31), "other", "unknown", "organised", 40, None, "manual"),
    ]  # fmt: skip
    file = landing.files().row(0, named=True)
    assert (file["kind"], file["covers_from"], file["covers_to"]) == (
        "meeting_totals",
        date(2011, 1, 1),
        date(2013, 3, 31),
    )


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        (";Lync;Telefon;Ordnade;10", "missing", "period"),
        ("förra året;Lync;Telefon;Ordnade;10", "unreadable", "period"),
        ("2011-13;Lync;Telefon;Ordnade;10", "unreadable", "period"),
        ("2011;Lync;Telefon;Ordnade;", "missing", "meetings"),
        ("2011;Lync;Telefon;Ordnade;-3", "negative", "meetings"),
    ],
)
def test_what_is_no_total_is_rejected_and_the_rest_lands(landing, tmp_path, line, reason, field):
    receipt = imported(landing, tmp_path, "År;System;Form;Räknat;Antal möten", "2010;Lync;Telefon;Ordnade;5", line)
    assert (receipt.rows_read, receipt.rows_landed, receipt.rows_rejected) == (2, 1, 1)
    assert landing.read("rejected").select("reason", "field").rows() == [(reason, field)]


def test_a_way_of_counting_that_is_not_known_is_said_and_stays_unknown(landing, tmp_path):
    receipt = imported(
        landing, tmp_path, "År;System;Form;Räknat;Antal möten", "2011;Lync;Telefon;På känn;10", "2012;Lync;Telefon;;10"
    )
    assert landing.read("meeting_totals").sort("period_from")["role"].to_list()[0] == "unknown"
    assert receipt.unknown_values == {("role", "på känn"): 1}


def test_a_total_given_twice_is_neither_of_them(landing, tmp_path):
    lines = ("2011;Lync;Telefon;Ordnade;5", "2011;Lync;Telefon;Ordnade;6", "2012;Lync;Telefon;Ordnade;7")
    receipt = imported(landing, tmp_path, "År;System;Form;Räknat;Antal möten", *lines)
    assert (receipt.rows_landed, receipt.rows_rejected) == (1, 2)
    assert landing.read("meeting_totals")["meetings"].to_list() == [7]


def test_a_corrected_file_takes_the_place_of_the_one_before(landing, tmp_path):
    header = "År;System;Form;Räknat;Antal möten"
    imported(landing, tmp_path, header, "2011;Lync;Telefon;Ordnade;5")
    imported(landing, tmp_path, header, "2011;Lync;Telefon;Ordnade;8")
    assert landing.read("meeting_totals")["meetings"].to_list() == [8]


def test_journeys_counted_by_hand_land_by_mode_and_length(landing, tmp_path):
    path = tmp_path / "resor.csv"
    lines = (
        "Månad;Färdmedel;Reslängd;Slag av resa;Antal resor;Km;Kostnad;CO2 kg;Resdagar;Antal personer",
        "2019-03;Tåg;Lång;;140;61 000,5;92 000,00;0,4;200;48",
        "2019-03;Egen bil;Kort;Verksamhet;300;9 000;;;;",
        "2019-03;Flyg;;;2;;;;;7",
        "2019-03;Buss;;;-1;;;;;",
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    receipt = import_file(path, "travel_totals", "travel_totals", landing, KEYS, NOW)
    assert (receipt.rows_landed, receipt.rows_rejected) == (3, 1)
    rows = landing.read("travel_totals").filter(pl.col("mode") != "flight").sort("mode")
    assert rows.select("mode", "length", "trip_class", "trips", "distance_km", "cost_sek", "co2_kg", "days", "people").rows() == [
        ("car", "short", "service", 300, 9000.0, None, None, None, None),
        ("rail", "long", "unknown", 140, 61000.5, Decimal("92000.00"), 0.4, 200.0, 48),
    ]  # fmt: skip
    assert landing.read("rejected").select("reason", "field").rows() == [("negative", "trips")]
