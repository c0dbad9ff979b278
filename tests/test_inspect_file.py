"""Looking at a file: the profile proposed, what is said of it, and what is never shown."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime

import pytest

from connectors.errors import ConfigurationError
from connectors.files.importing import import_file
from connectors.files.inspection import Inspection, inspect
from connectors.files.profile_text import profile_toml
from connectors.files.profiles import available_profiles, load_profile, profile_of
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"inspect-tests-have-their-own-key")
AGENCY = ["Resenär;Avresedatum;Färdmedel;Från;Till;Distans;Pris", "Kim Ek;2024-03-01;Flyg;Borås;Umeå;780;4 210,00"]


@pytest.fixture
def looking(tmp_path):
    def run(*lines: str, kind: str = "travel", name: str = "fil.csv", **options) -> Inspection:
        path = tmp_path / name
        path.write_text("\n".join([*lines, ""]), "utf-8")
        return inspect(path, kind, **options)

    return run


def test_what_is_understood_and_what_is_not(looking):
    found = looking(
        *AGENCY,
        "Lo Al;2024-03-02;Rymdfärja;Borås;Umeå;780;4 210,00",
        "Lo Al;2024-03-02;Hotell;;;;1 000,00",
        "Lo Al;;Tåg;Borås;Umeå;780;4 210,00",
        "Summa;;;;;;13 630,00",
    )
    assert (found.rows_read, found.rows_understood, found.share_understood) == (4, 2, 0.5)
    assert found.unknown_values == {("mode", "rymdfärja"): 1, ("row_means", "rymdfärja"): 1}
    assert found.reasons == {("unknown_value", "row_means"): 1, ("missing", "departed_at"): 1}
    assert found.excluded_by == {"total_row": 1}


def test_a_trip_by_an_unknown_spelling_is_not_understood_though_it_would_land(looking):
    found = looking(*AGENCY, "Lo;2024-03-02;Rymdfärja;Borås;Umeå;780;1,00")
    assert found.reasons == {}
    assert found.share_understood == 0.5


def test_what_is_assumed_is_said(looking):
    notes = looking(*AGENCY).notes
    assert any("row_means" in note for note in notes)
    assert any("SEK" in note for note in notes)
    assert any("kilometres are assumed" in note for note in notes)


def test_json_holds_rows_share_unknown_values_and_profile_and_no_person(looking):
    text = looking(*AGENCY, "Lo;2024-03-02;Rymdfärja;Borås;Umeå;780;1,00").to_json()
    content = json.loads(text)
    assert set(content) == {"rows", "share_understood", "unknown_values", "profile"}
    assert content["rows"][0]["departed_at"] == "2024-03-01 00:00:00"
    assert content["unknown_values"] == {"mode": {"rymdfärja": 1}}
    assert content["profile"]["columns"]["mode"] == "Färdmedel"
    assert "Kim" not in text
    assert not [name for row in content["rows"] for name in row if name.endswith("_key") or name == "booking_ref"]


def test_the_proposed_profile_is_written_once_read_back_and_imports(looking, tmp_path):
    found = looking(*AGENCY)
    path = tmp_path / "mine.toml"
    found.write_profile(path)
    assert path.read_text("utf-8").startswith("# ")
    again = load_profile(str(path), "travel")
    assert again.model_copy(update={"name": found.profile.name}) == found.profile
    with pytest.raises(ConfigurationError, match="exists"):
        found.write_profile(path)
    landing = Landing(tmp_path / "landing", "borg", PSEUDONYMS.fingerprint)
    receipt = import_file(
        tmp_path / "fil.csv", "travel", str(path), landing, PSEUDONYMS, datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert receipt.rows_landed == 1


@pytest.mark.parametrize(
    "kind",
    [
        "travel",
        "staff",
        "departments",
        "sites",
        "survey",
        "training",
        "meeting_costs",
        "meeting_totals",
        "travel_totals",
    ],
)
def test_every_ready_profile_is_written_as_it_is_read(kind):
    for name in available_profiles(kind):
        profile = load_profile(name, kind)
        assert profile_of(name, {**tomllib.loads(profile_toml(profile)), "name": name}) == profile


def test_a_profile_can_be_tried(looking):
    found = looking("Datum;Belopp", "2024-03-01;100,00", "i går;100,00", profile="taxi_invoices")
    assert (found.profile.name, found.share_understood) == ("taxi_invoices", 0.5)


def test_a_file_without_what_its_kind_needs_says_what_is_missing_and_names_nobody(looking):
    with pytest.raises(ConfigurationError, match="no column looks like departed_at") as failure:
        looking("Kim Ek;Färdmedel;Pris", "x;Flyg;100")
    assert "Kim" not in str(failure.value)


def test_a_unit_that_is_not_the_fields_is_not_taken_for_it(looking):
    columns = looking("Datum;Färdmedel;Belopp (tkr);CO2 (ton)", "2024-03-01;Flyg;4,2;0,11").profile.columns
    assert "amount" not in columns
    assert "co2_kg_reported" not in columns


@pytest.mark.parametrize(
    ("kind", "header", "row"),
    [
        ("travel", "Avresedatum;Från;Till;Färdmedel;Belopp", "2025-03-04;Borås;Lund;Tåg;100,00"),
        ("staff", "Månad;Förvaltning;Antal anställda;Årsarbetare", "2025-03;Skola;40;35,5"),
        ("departments", "Namn i källan;Förvaltning;Gäller från", "BUN;Barn och utbildning;2025-07-01"),
        ("sites", "Arbetsplats;Kommun;Latitud;Longitud", "Stadshuset;Borås;57,72;12,94"),
        ("training", "Kursdatum;Förvaltning;Roll;Antal utbildade", "2025-03-04;Skola;Chef;12"),
        ("meeting_costs", "Månad;Kostnadsslag;Belopp", "2025-03;Licenser;9 000"),
        ("meeting_totals", "År;System;Mötesform;Räknat;Antal möten", "2011;Lync;Telefon;Ordnade;1174"),
        ("travel_totals", "Månad;Färdmedel;Antal resor;Km;Antal personer", "2019-03;Tåg;140;61 000;48"),
    ],
)
def test_what_a_file_holds_is_seen_by_its_columns(looking, kind, header, row):
    found = looking(header, row, kind=None)
    assert (found.profile.kind, found.share_understood) == (kind, 1.0)
    assert found.notes[0].startswith(f"taken for a file of {kind}")


def test_a_file_that_looks_like_nothing_says_what_to_do(looking):
    with pytest.raises(ConfigurationError, match=r"none of travel, staff, .* say what it holds \(--as\)"):
        looking("Färg;Djur", "röd;katt", kind=None)


# -- other kinds --------------------------------------------------------------------------------------------------


def test_a_staff_table_in_other_words(looking):
    found = looking(
        "Personalstatistik;;;",
        "Period;Avdelning;Antal anställda;Årsarbetare",
        "202503;Skola;40;35,5",
        "202503;Totalt;40;35,5",
        kind="staff",
    )
    assert found.share_understood == 1
    assert found.rows[0]["fte"] == "35.5"
    assert found.excluded_by == {"total_row": 1}


def test_a_register_of_departments_whose_last_day_is_no_day(looking):
    found = looking(
        "Namn i källan;Förvaltning;Fr.o.m.;T.o.m.", "Fritid;Kultur;2025-07-01;9999-12-31", "BUN;Skola;;2024-12-31",
        kind="departments",
    )  # fmt: skip
    assert found.share_understood == 1
    assert [row.get("valid_to") for row in found.rows] == [None, "2024-12-31"]


def test_a_register_of_sites(looking):
    assert looking("Arbetsplats;Kommun;Lat;Long", "Stadshuset;Borås;57.72;12.94", kind="sites").share_understood == 1


def test_a_survey_with_a_column_per_question(looking):
    header = "Svarsid;Enhet;Jag är nöjd med digitala möten;Mötet ersatte en resa;Kommentar"
    rows = [f"{100 + n};Skola;{1 + n % 5} - Nivå;{'Ja' if n % 2 else 'Nej'};Kim sade nej" for n in range(10)]
    found = looking(header, *rows, kind="survey", name="enkat_2026.csv")
    assert list(found.profile.questions) == ["jag_ar_nojd_med_digitala_moten", "motet_ersatte_en_resa"]
    assert [question.positive_from for question in found.profile.questions.values()] == [4, 1]
    assert found.profile.constants == {"round": "2026"}
    assert found.share_understood == 1
    assert "Kim" not in found.to_json()


def test_a_survey_with_a_row_per_answer(looking):
    found = looking("År;Avdelning;Fråga;Svar", *["2026;Skola;Nöjd?;5"] * 8, kind="survey")
    assert found.rows[0]["question"] == "nojd"
    assert found.share_understood == 1


def test_training_and_costs(looking):
    assert (
        looking("Kursdatum;Avdelning;Roll;Namn", "2025-03-04;Skola;Agent;Kim Ek", kind="training").share_understood == 1
    )
    costs = looking("Månad;Kostnadstyp;Kostnad", "2025-03;Licenser;9 000", "2025-03;Telefoni;100", kind="meeting_costs")
    assert costs.share_understood == 1
    assert costs.profile.allocation == {"licences": {"web": 1.0}, "telephony": {"phone": 1.0}}
    assert any("[allocation]" in note for note in costs.notes)
