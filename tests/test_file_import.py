"""Importing a file: all of it or nothing, once, and every row and krona accounted for."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from connectors.errors import ConfigurationError
from connectors.files.importing import import_file
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"import-tests-have-their-own-key!")
AGENCY_PROFILE = Path(__file__).parents[1] / "connectors" / "files" / "ready_profiles" / "travel_agency.toml"
NOW = datetime(2026, 1, 1, 6, tzinfo=UTC)

HEADER = (
    "Bokningsnummer;Anställningsnr;Förvaltning;Avresedatum;Hemresedatum;Från;Till;Färdmedel;Klass;"
    "Km enkel resa;Belopp;Moms;Valuta;Syfte;Radtyp"
)


def trip(day: str, amount: str = "1 000,00", **change: str) -> str:
    cells = {
        "booking": "ZXBOKNING9",
        "person": "EMP77123",
        "department": "Skola",
        "departed": day,
        "returned": day,
        "from": "Borås",
        "to": "Malmö",
        "mode": "Tåg",
        "class": "",
        "km": "290",
        "amount": amount,
        "vat": "",
        "currency": "SEK",
        "purpose": "Möte",
        "row": "Resa",
    }
    return ";".join({**cells, **change}.values())


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path / "landing", "borg", PSEUDONYMS.fingerprint)


@pytest.fixture
def importing(tmp_path, landing):
    """Write rows below the agency's header and import them; every import is a second later than the one before."""
    times = iter(NOW + timedelta(seconds=second) for second in range(100))

    def run(*rows: str, name: str = "resebyra.csv", header: str = HEADER, **options):
        path = tmp_path / name
        path.write_bytes("\n".join([header, *rows, ""]).encode("utf-8-sig"))
        chosen = {"kind": "travel", "profile": "travel_agency", **options}
        return import_file(path, landing=landing, pseudonyms=PSEUDONYMS, seen_at=next(times), **chosen)

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def landed_days(landing: Landing) -> list[date]:
    return sorted(landing.read("travel_segments")["departed_at"].dt.date())


# -- accounting ---------------------------------------------------------------------------------------------------


def test_every_row_and_krona_is_landed_rejected_or_excluded(importing, landing, tmp_path):
    profile = tmp_path / "agency_without_cards.toml"
    built_in = AGENCY_PROFILE.read_text("utf-8")
    rule = '\n[[exclude]]\nrule = "gift_card"\ncolumn = "Radtyp"\nvalues = ["Presentkort"]\n'
    profile.write_text(built_in + rule, "utf-8")

    receipt = importing(
        trip("2025-03-04", "1 000,10"),
        trip("2025-03-05", "95,05", row="Avgift"),
        trip("2025-03-32", "200,03"),
        trip("2025-03-06", "ungefär 7"),
        trip("2025-03-07", "500,00", row="Presentkort"),
        trip("2025-03-08", "30,00", currency="EUR"),
        "",
        profile=str(profile),
    )

    assert (receipt.rows_read, receipt.rows_landed, receipt.rows_rejected, receipt.rows_excluded) == (6, 3, 2, 1)
    kronor, euro = receipt.amounts["SEK"], receipt.amounts["EUR"]
    assert (kronor.read, kronor.landed) == (Decimal("1795.18"), Decimal("1095.15"))
    assert (kronor.rejected, kronor.excluded) == (Decimal("200.03"), Decimal("500.00"))
    assert euro.read == euro.landed == Decimal("30.00")
    assert receipt.reasons == {("unreadable", "amount"): 1, ("unreadable", "departed_at"): 1}
    assert receipt.rejected_rows == (3, 4)
    assert receipt.excluded_by == {"gift_card": 1}

    file = landing.files().row(0, named=True)
    assert (file["rows_read"], file["rows_landed"], file["rows_rejected"], file["rows_excluded"]) == (6, 3, 2, 1)
    assert file["amount_in_sek"] == Decimal("1795.18")
    assert (file["amount_landed_sek"], file["amount_rejected_sek"]) == (Decimal("1095.15"), Decimal("200.03"))
    rejected = landing.read("rejected").sort("reason", "field")
    assert rejected.select("what", "field", "amount_sek", "occurred_on").rows() == [
        ("row", "amount", None, date(2025, 3, 6)),
        ("row", "departed_at", Decimal("200.03"), None),
    ]


def test_the_receipt_reads_as_text(importing):
    text = str(importing(trip("2025-03-04"), trip("2025-03-05", mode="Häst"), trip("2025-03-32")))
    assert "3 read = 2 understood + 1 not understood + 0 excluded" in text
    assert "2025-03-01 – 2025-03-31" in text
    assert "departed_at cannot be read: 1" in text
    assert "mode “häst”: 1" in text
    assert "3000.00 read = 2000.00 understood + 1000.00 not understood + 0.00 excluded" in text


def test_nothing_of_a_person_or_booking_lands_in_clear(importing, tmp_path):
    importing(trip("2025-03-04", to="Vägen 7, Malmö", mode="Häst"), trip("2025-03-32"))
    landed = b"".join(contents(tmp_path / "landing").values())
    frames = [pl.read_parquet(path) for path in (tmp_path / "landing").rglob("*.parquet")]
    text = " ".join(str(frame.rows()) for frame in frames)
    for secret in ("EMP77123", "ZXBOKNING9", "Vägen 7", "Häst", "häst", "emp77123"):
        assert secret not in text
        assert secret.encode() not in landed
    assert "Borås" in text  # so the search would have found something


# -- what period a file covers ------------------------------------------------------------------------------------


def test_an_export_made_by_month_covers_whole_months(importing):
    covers = importing(trip("2025-03-04"), trip("2025-04-02")).covers
    assert (covers.first, covers.last, covers.basis) == (date(2025, 3, 1), date(2025, 4, 30), "inferred")


def test_a_fee_in_another_month_does_not_widen_the_period(importing):
    covers = importing(trip("2025-03-04"), trip("2025-05-02", row="Avgift")).covers
    assert (covers.first, covers.last) == (date(2025, 3, 1), date(2025, 3, 31))


def test_a_declared_period_wins_and_stays_declared_when_the_file_comes_again(importing):
    year = (date(2025, 1, 1), date(2025, 12, 31))
    for options in ({"covers": year}, {}):
        covers = importing(trip("2025-03-04"), **options).covers
        assert (covers.first, covers.last, covers.basis) == (*year, "declared")


def test_a_month_without_trips_can_be_declared(importing, landing):
    receipt = importing(covers=(date(2025, 7, 1), date(2025, 7, 31)))
    assert receipt.rows_read == 0
    assert landing.files()["covers_from"].to_list() == [date(2025, 7, 1)]


def test_a_file_without_dated_rows_asks_for_its_period(importing):
    with pytest.raises(ConfigurationError, match="declare the period"):
        importing()


def test_a_declared_period_without_any_of_the_rows_is_refused(importing):
    with pytest.raises(ConfigurationError, match="check the period"):
        importing(trip("2025-03-04"), covers=(date(2024, 3, 1), date(2024, 3, 31)))


# -- again, corrected, overlapping --------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(importing, tmp_path):
    assert importing(trip("2025-03-04"), trip("2025-03-32")).status == "landed"
    before = contents(tmp_path / "landing")
    again = importing(trip("2025-03-04"), trip("2025-03-32"), name="another_name.csv")
    assert again.status == "unchanged"
    assert "nothing changed" in str(again)
    assert contents(tmp_path / "landing") == before


def test_the_same_file_is_read_anew_when_its_profile_has_learnt_a_word(importing, landing, tmp_path):
    profile = tmp_path / "my_agency.toml"
    text = AGENCY_PROFILE.read_text("utf-8")
    profile.write_text(text, "utf-8")
    importing(trip("2025-03-04", mode="X2000"), profile=str(profile))
    profile.write_text(text.replace("[values.mode]", '[values.mode]\n"x2000" = "rail"'), "utf-8")
    assert importing(trip("2025-03-04", mode="X2000"), profile=str(profile)).status == "read_again"
    assert landing.read("travel_segments")["mode"].to_list() == ["rail"]
    assert landing.files().height == 1


def test_a_corrected_file_replaces_exactly_its_predecessor(importing, landing):
    importing(trip("2025-02-04"))
    first = importing(trip("2025-03-04"), trip("2025-03-05"))
    second = importing(trip("2025-03-06"))
    assert second.replaces_sha256 == first.file_sha256
    assert landed_days(landing) == [date(2025, 2, 4), date(2025, 3, 6)]
    assert landing.files().height == 3


def test_a_replaced_file_can_come_back(importing, landing):
    first = importing(trip("2025-03-04"))
    second = importing(trip("2025-03-06"))
    third = importing(trip("2025-03-04"))
    assert (third.status, third.replaces_sha256) == ("landed", second.file_sha256)
    assert third.file_sha256 == first.file_sha256
    assert landed_days(landing) == [date(2025, 3, 4)]
    assert importing(trip("2025-03-04")).status == "unchanged"


def test_a_partial_overlap_is_refused_until_somebody_says_replace_or_add(importing, landing, tmp_path):
    first = importing(trip("2025-03-04"), trip("2025-04-04"))
    before = contents(tmp_path / "landing")
    with pytest.raises(ConfigurationError, match="replace or add"):
        importing(trip("2025-04-05"))
    assert contents(tmp_path / "landing") == before

    assert importing(trip("2025-04-05"), overlap="add").replaces_sha256 is None
    assert landed_days(landing) == [date(2025, 3, 4), date(2025, 4, 4), date(2025, 4, 5)]
    assert first.file_sha256 in landing.files()["file_sha256"].to_list()


def test_a_partial_overlap_can_replace(importing, landing):
    first = importing(trip("2025-03-04"), trip("2025-04-04"))
    assert importing(trip("2025-04-05"), overlap="replace").replaces_sha256 == first.file_sha256
    assert landed_days(landing) == [date(2025, 4, 5)]


def test_the_same_period_can_be_added_to(importing, landing):
    importing(trip("2025-03-04"))
    importing(trip("2025-03-05", department="Omsorg"), overlap="add")
    assert landed_days(landing) == [date(2025, 3, 4), date(2025, 3, 5)]


@pytest.mark.parametrize("overlap", ["refuse", "replace"])
def test_one_file_does_not_replace_several(importing, landing, overlap):
    importing(trip("2025-03-04"))
    importing(trip("2025-04-04"))
    with pytest.raises(ConfigurationError, match="one by one"):
        importing(trip("2025-03-05"), trip("2025-04-05"), overlap=overlap)
    assert landed_days(landing) == [date(2025, 3, 4), date(2025, 4, 4)]


def test_a_file_imported_with_one_profile_is_not_counted_again_with_another(importing, tmp_path):
    importing(trip("2025-03-04"))
    profile = tmp_path / "second_agency.toml"
    profile.write_text(AGENCY_PROFILE.read_text("utf-8"), "utf-8")
    with pytest.raises(ConfigurationError, match="already imported with profile travel_agency"):
        importing(trip("2025-03-04"), profile=str(profile))


def test_a_dry_run_tells_everything_and_writes_nothing(importing, tmp_path):
    receipt = importing(trip("2025-03-04"), trip("2025-03-32"), dry_run=True)
    assert (receipt.status, receipt.rows_landed, receipt.rows_rejected) == ("dry_run", 1, 1)
    assert contents(tmp_path / "landing") == {}


def test_rows_rejected_in_a_corrected_file_too_are_listed_once(importing, landing):
    importing(trip("2025-03-04"), trip("2025-03-33"), trip("2025-03-32"), trip("2025-03-32"))
    importing(trip("2025-03-05"), trip("2025-03-32"), trip("2025-03-32"))
    assert landing.read("rejected").height == 3  # the one that was corrected, and two that are alike


# -- files that are refused ---------------------------------------------------------------------------------------


def refused(importing, tmp_path, *rows: str, **options) -> str:
    with pytest.raises(ConfigurationError) as failure:
        importing(*rows, **options)
    assert contents(tmp_path / "landing") == {}
    assert "\n" not in str(failure.value)
    return str(failure.value)


def test_a_file_that_is_not_the_mapped_export(importing, tmp_path):
    header = HEADER.replace("Avresedatum", "Hemligdag").replace("Färdmedel", "Hemligsätt")
    message = refused(importing, tmp_path, trip("2025-03-04"), header=header)
    assert message.startswith("resebyra.csv is not a file that profile travel_agency describes")
    assert "Avresedatum, Färdmedel;" in message
    assert "Hemlig" not in message


@pytest.mark.parametrize("number", ["19800101-9804", "8001019804", "ärende 800101-9804"])
@pytest.mark.parametrize("column", ["person", "purpose", "booking"])
def test_a_personal_identity_number_in_any_column_stops_the_file(importing, tmp_path, number, column):
    message = refused(importing, tmp_path, trip("2025-03-04"), trip("2025-03-05", **{column: number}))
    assert "personal identity number (row 2)" in message
    assert "9804" not in message


def test_a_personal_identity_number_in_a_column_nobody_asked_for_stops_the_file_too(importing, tmp_path):
    message = refused(importing, tmp_path, trip("2025-03-04") + ";8001019804", header=HEADER + ";Anna Andersson 1980")
    assert "column 16 holds" in message
    assert "Anna" not in message


def test_ten_digits_that_a_profile_knows_are_none(importing, tmp_path):
    profile = tmp_path / "my_agency.toml"
    text = AGENCY_PROFILE.read_text("utf-8")
    profile.write_text('not_personal_numbers = ["Bokningsnummer"]\n' + text, "utf-8")
    assert importing(trip("2025-03-04", booking="8001019804"), profile=str(profile)).rows_landed == 1


def test_a_file_of_which_no_row_can_be_read(importing, tmp_path):
    message = refused(importing, tmp_path, trip("4 mars"), trip("5 mars"))
    assert "not one of 2 rows" in message


def test_a_file_that_is_not_there(landing, tmp_path):
    with pytest.raises(ConfigurationError, match="check the path"):
        import_file(tmp_path / "none.csv", "travel", "travel_agency", landing, PSEUDONYMS, NOW)


# -- other kinds of files -----------------------------------------------------------------------------------------


def test_a_staff_file_covers_the_months_in_it(importing, landing):
    receipt = importing(
        "2025-01;Skola;Anställd;40;35,5",
        "2025-12;Skola;Anställd;41;36,5",
        header="Månad;Förvaltning;Grupp;Antal personer;Årsarbetskrafter",
        kind="staff",
        profile="staff",
    )
    assert (receipt.covers.first, receipt.covers.last) == (date(2025, 1, 1), date(2025, 12, 31))
    assert receipt.amounts == {}
    assert landing.read("staff")["fte"].to_list() == [35.5, 36.5]
    assert landing.files()["amount_in_sek"].to_list() == [None]


def test_a_new_register_of_sites_replaces_the_one_before(importing, landing):
    sites = {"header": "Plats;Kommun;Latitud;Longitud", "kind": "sites", "profile": "sites"}
    first = importing("Stadshuset;Borås;57,72;12,94", **sites)
    assert importing("Stadshuset;Borås;57,72;12,94", **sites).status == "unchanged"
    second = importing("Stadshuset;Borås;57,72;12,94", "Badet;Borås;57,70;12,90", **sites)
    assert second.replaces_sha256 == first.file_sha256
    assert landing.read("sites")["site"].sort().to_list() == ["Badet", "Stadshuset"]


def test_a_new_register_of_departments_takes_every_name_with_it(importing, landing):
    names = {"header": "Tidigare namn;Nytt namn", "kind": "departments", "profile": "departments"}
    importing("BUN;Skola", "Fritid;Kultur", **names)
    second = importing("BUN;Barn och utbildning", **names)
    assert second.status == "landed"
    assert landing.read("departments").select("source_value", "department").rows() == [("BUN", "Barn och utbildning")]


def test_the_sha_is_that_of_the_files_bytes(importing, tmp_path):
    receipt = importing(trip("2025-03-04"))
    assert receipt.file_sha256 == hashlib.sha256((tmp_path / "resebyra.csv").read_bytes()).hexdigest()


def test_of_two_tables_in_one_sheet_the_first_lands_and_the_second_is_not_taken_for_it(importing, landing):
    receipt = importing(
        trip("2025-03-04", "100,00"),
        trip("2025-03-05", "200,00"),
        "",
        "Förvaltning;Budget;;;;;;;;;;;;;",
        "Skola;2025;;;;;;;;;;;;;",
    )
    assert (receipt.rows_landed, receipt.rows_rejected) == (2, 2)
    assert landing.read("travel_segments")["amount"].sum() == Decimal("300.00")


def test_a_column_that_changes_its_type_halfway_is_read_as_far_as_it_goes(importing):
    good = [trip(f"2025-03-{day:02}", "100,00") for day in range(1, 15)]
    bad = [trip("fjortonde mars", "100,00"), trip("2025-03-16", "enligt avtal")]
    receipt = importing(*good, *bad)
    assert (receipt.rows_landed, receipt.rows_rejected) == (14, 2)
    assert set(receipt.reasons) == {("unreadable", "departed_at"), ("unreadable", "amount")}


def test_a_file_that_would_not_fit_in_memory_is_refused_before_it_is_read(importing, landing, monkeypatch):
    monkeypatch.setattr("connectors.files.texts.LARGEST_FILE", 1000)
    with pytest.raises(ConfigurationError, match="split it, for example by year"):
        importing(*(trip(f"2025-03-{day:02}") for day in range(1, 29)))
    assert landing.read("travel_segments").is_empty()
