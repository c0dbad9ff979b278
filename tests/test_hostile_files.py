"""Files that are wrong, broken or meant to do harm: nothing is guessed, nothing half lands, nobody is named."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from xls_file import container, locked_workbook

from connectors.errors import ConfigurationError
from connectors.files.importing import import_file
from connectors.files.inspection import inspect
from connectors.files.personal_numbers import holds_personal_number
from connectors.files.receipts import Receipt
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"hostile-file-tests-have-own-key!")
NOW = datetime(2026, 1, 1, 6, tzinfo=UTC)
HEADER = "Bokningsnummer;Anställningsnr;Förvaltning;Avresedatum;Från;Till;Produkt;Km;Belopp"
TRIP = "B1;1042;Skola;2024-03-01;Borås;Umeå;Flyg;780;4210,00"


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path / "landing", "borg", PSEUDONYMS.fingerprint)


@pytest.fixture
def importing(tmp_path, landing):
    def run(
        *rows: str, header: str = HEADER, content: bytes | None = None, name: str = "resor.csv", **options
    ) -> Receipt:
        path = tmp_path / name
        path.write_bytes(content if content is not None else "\n".join([header, *rows, ""]).encode())
        chosen = {"kind": "travel", "profile": "travel_agency_products", **options}
        return import_file(path, landing=landing, pseudonyms=PSEUDONYMS, seen_at=NOW, **chosen)

    return run


def book(*rows: tuple[object, ...], fill=None) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
        if fill:
            fill(sheet)
    return content.getvalue()


HEADINGS = tuple(HEADER.split(";"))
CELLS = ("B1", 1042, "Skola", "2024-03-01", "Borås", "Umeå", "Flyg", 780, 4210)


# -- what is no table ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (locked_workbook(), "locked with a password: save it without one"),
        (container({"WordDocument": b"hemlig"}), "cannot be opened as a workbook"),
        (b"%PDF-1.7 hemlig", "a PDF"),
        (b"<!DOCTYPE html><p>hemlig", "a web page"),
        (b"\n <HTML><table>hemlig", "a web page"),
        (b'<?xml version="1.0"?><hemlig/>', "an XML file"),
        (b"{\\rtf1 hemlig}", "a text document"),
        (b"\x1f\x8b\x08hemlig", "a packed file"),
        (b"PAR1hemlig", "a Parquet file"),
        (b"\x7fELF\x00\x00\x00\x01hemlig", "not a text file"),
        (b"", "is empty"),
        (b";;;\n\n", "is empty"),
        (book(), "no visible sheet"),
    ],
)
@pytest.mark.parametrize("by", ["import", "inspect"])
def test_other_files_are_named_in_one_line(importing, tmp_path, content, what, by):
    path = tmp_path / "resor.csv"
    path.write_bytes(content)
    reading = {"import": lambda: importing(content=content), "inspect": lambda: inspect(path, "travel")}
    with pytest.raises(ConfigurationError, match=what) as failure:
        reading[by]()
    assert "resor.csv" in str(failure.value)
    assert "\n" not in str(failure.value)
    assert "hemlig" not in str(failure.value).lower()


def test_a_header_and_nothing_below(importing, tmp_path):
    with pytest.raises(ConfigurationError, match="no dated rows"):
        importing()
    assert inspect(tmp_path / "resor.csv", "travel").share_understood is None


def test_a_file_without_a_header_does_not_repeat_its_first_row(importing, tmp_path):
    with pytest.raises(ConfigurationError) as failure:
        importing(header="Kim Ek;Storgatan 5;Borås")
    assert "Kim" not in str(failure.value)
    with pytest.raises(ConfigurationError) as failure:
        inspect(tmp_path / "resor.csv", "travel")
    assert "Kim" not in str(failure.value)


# -- formulas -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula", ["=cmd|'/c calc'!A0", "@SUM(1+9)*cmd", "+cmd|x", "-cmd|x", '=HYPERLINK("http://x")']
)
def test_a_formula_lands_nowhere(importing, landing, formula):
    quoted = f'"{formula}"'.replace('""', '"') if '"' not in formula else '"' + formula.replace('"', '""') + '"'
    receipt = importing(
        TRIP,
        TRIP.replace("Skola", quoted),  # a department: its row is refused
        TRIP.replace("Borås", quoted),  # a place is left out
        TRIP.replace("Flyg", quoted),  # a word nobody knows
        TRIP.replace("4210,00", quoted),
    )
    assert receipt.reasons == {
        ("unreadable", "department"): 1,
        ("unknown_value", "row_means"): 1,
        ("unreadable", "amount"): 1,
    }
    assert landing.read("travel_segments")["origin_place"].to_list() == ["Borås", None]
    assert "cmd" not in str(landing.read("travel_segments").rows()) + str(landing.read("rejected").rows())


def test_a_workbooks_formula_is_read_as_what_it_shows(importing, landing):
    def fill(sheet):
        sheet.write_formula(1, 8, "=4000+210", None, 4210)
        sheet.write_formula(2, 8, "=1/0", None, "#DIV/0!")

    importing(content=book(HEADINGS, CELLS, CELLS, fill=fill), name="resor.xlsx")
    assert [str(amount) for amount in landing.read("travel_segments")["amount"]] == ["4210.00", "None"]


# -- merged cells -------------------------------------------------------------------------------------------------


BELOW = (*CELLS[:2], None, *CELLS[3:])


def test_merged_cells_say_something_of_the_first_row_only(importing, landing):
    content = book(HEADINGS, CELLS, BELOW, BELOW, fill=lambda sheet: sheet.merge_range(1, 2, 3, 2, "Skola"))
    importing(content=content, name="resor.xlsx")
    assert landing.read("travel_segments")["department"].to_list() == ["Skola", None, None]


def test_a_profile_can_say_that_an_empty_cell_repeats_the_one_above(importing, landing, tmp_path):
    built_in = Path(__file__).parents[1] / "connectors" / "files" / "ready_profiles" / "travel_agency_products.toml"
    profile = tmp_path / "merged.toml"
    profile.write_text('fill_down = ["förvaltning"]\n' + built_in.read_text("utf-8"), "utf-8")
    importing(
        content=book(HEADINGS, CELLS, BELOW, fill=lambda sheet: sheet.merge_range(1, 2, 2, 2, "Skola")),
        name="resor.xlsx",
        profile=str(profile),
    )
    assert landing.read("travel_segments")["department"].to_list() == ["Skola", "Skola"]


# -- personal identity numbers ------------------------------------------------------------------------------------

NUMBERS = [
    "19800101-9804",
    "198001019804",
    "800101-9804",
    "8001019804",
    "800161-9801",
    "19800161-9801",
    "198001619801",
    "800101–9804",
    "800101\u00a09804",
    "800101 - 9804",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_personal_numbers_are_found_however_they_are_written(number):
    assert holds_personal_number(number)
    assert holds_personal_number(f"ref {number}, tack")


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("column", [0, 1, 2, 4, 6, 8])
def test_a_personal_number_in_any_column_stops_the_file(importing, landing, number, column):
    cells = TRIP.split(";")
    cells[column] = number
    with pytest.raises(ConfigurationError, match="personal identity number") as failure:
        importing(TRIP, ";".join(cells))
    assert "9804" not in str(failure.value)
    assert "9801" not in str(failure.value)
    assert landing.files().is_empty()


def test_a_personal_number_in_a_title_or_as_a_number_cell_stops_the_file(importing):
    with pytest.raises(ConfigurationError, match="personal identity number"):
        importing(TRIP, header="Rapport för 19800101-9804;;;;;;;;\n" + HEADER)
    with pytest.raises(ConfigurationError, match=r"column 2 .*personal identity number"):
        importing(content=book(HEADINGS, ("B1", 198001019804, *CELLS[2:])), name="resor.xlsx")


def test_inspect_stops_at_a_personal_number_too(tmp_path):
    path = tmp_path / "resor.csv"
    path.write_text(f"{HEADER}\n{TRIP.replace('1042', '198001019804')}\n", "utf-8")
    with pytest.raises(ConfigurationError, match="personal identity number"):
        inspect(path, "travel")


# -- values that cannot be ----------------------------------------------------------------------------------------


def test_dates_that_may_mean_two_days_are_not_guessed(importing, landing):
    receipt = importing(*(TRIP.replace("2024-03-01", day) for day in ("03/04/2024", "2024-03-01", "05/05/2024")))
    assert receipt.reasons == {("unreadable", "departed_at"): 1}
    assert landing.read("travel_segments")["departed_at"].dt.day().to_list() == [1, 5]


@pytest.mark.parametrize("day", ["1900-01-01", "1899-12-31", "0", "1", "2204-03-01", "2024-02-30", "idag"])
def test_days_that_cannot_be_are_refused(importing, day):
    assert importing(TRIP, TRIP.replace("2024-03-01", day)).reasons == {("unreadable", "departed_at"): 1}


def test_a_distance_below_zero_is_refused_and_a_refunds_is_not(importing):
    receipt = importing(TRIP, TRIP.replace("780", "-780"), TRIP.replace("780", "-780").replace("Flyg", "Återbetalning"))
    assert receipt.reasons == {("negative", "distance"): 1}
    assert receipt.rows_landed == 2


def test_an_odometer_that_runs_backwards_is_refused(importing):
    header = "Regnr;Datum;Mätarställning start;Mätarställning slut"
    rows = ["ABC123;2024-03-01;100;160", "ABC123;2024-03-02;160;100"]
    receipt = importing(*rows, header=header, profile="drivers_log")
    assert receipt.reasons == {("negative", "distance"): 1}


# -- size ---------------------------------------------------------------------------------------------------------


def test_three_hundred_columns(importing, landing):
    more = ";".join(f"Fält {n}" for n in range(300))
    importing(TRIP + ";x" * 300, header=f"{HEADER};{more}")
    assert landing.read("travel_segments").height == 1


def test_a_million_empty_rows_are_nothing_and_cost_little(importing):
    started = time.monotonic()
    receipt = importing(content=f"{HEADER}\n{TRIP}\n".encode() + b";;;;;;;;\r\n" * 1_000_000 + TRIP.encode())
    assert (receipt.rows_read, receipt.rows_landed) == (2, 2)
    assert time.monotonic() - started < 20


def test_a_workbook_with_a_cell_a_million_rows_below(importing):
    receipt = importing(
        content=book(HEADINGS, CELLS, fill=lambda sheet: sheet.write_row(1_000_000, 0, CELLS)), name="resor.xlsx"
    )
    assert receipt.rows_landed == 2


def test_rows_are_rejected_without_a_trace_of_what_stood_in_them(importing, tmp_path):
    importing(TRIP, "hemlig;hemlig;hemlig;hemlig;hemlig;hemlig;Flyg;hemlig;hemlig")
    everything = [str(pl.read_parquet(path).rows()) for path in (tmp_path / "landing").rglob("*.parquet")]
    assert "hemlig" not in " ".join(everything)
