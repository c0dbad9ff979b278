"""Files as they come: every encoding, separator and habit gives the same texts, and what is no table is named."""

# ruff: noqa: DTZ001 - travel exports hold wall-clock times, which have no zone

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConfigurationError
from connectors.files import dates, values
from connectors.files.table_files import ROW_NUMBER, read_table
from connectors.files.values import NumberStyle

ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be")
SEPARATORS = (";", ",", "\t")

# a lone dash is an empty cell, which has a test of its own
texts = st.text("abcxyzåäöÅÄÖé 012'\"-;,#\n", max_size=12).map(str.strip).filter(lambda text: text != "-")
rows = st.lists(
    st.tuples(
        texts,
        st.decimals(-(10**7), 10**7, places=2),
        st.dates(date(1990, 1, 1), date(2100, 12, 31)),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(
    rows=rows,
    encoding=st.sampled_from(ENCODINGS),
    separator=st.sampled_from(SEPARATORS),
    style=st.sampled_from([NumberStyle(","), NumberStyle(".")]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_a_table_written_in_any_dialect_is_read_back(rows, encoding, separator, style, line_end, quoting):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, lineterminator=line_end, quoting=quoting)
    writer.writerow(["Förvaltning", "Belopp", "Avresedatum"])
    for text, amount, day in rows:
        writer.writerow([text, f"{amount:.2f}".replace(".", style.decimal), day])

    table = read_table("file.csv", file.getvalue().encode(encoding))

    read = table.frame.select(
        "Förvaltning", values.money(pl.col("Belopp"), style), dates.wall_clock(pl.col("Avresedatum")).dt.date()
    )
    assert table.headings == ("Förvaltning", "Belopp", "Avresedatum")
    assert read.rows() == [(text or None, amount, day) for text, amount, day in rows]


def csv_table(text: str):
    return read_table("file.csv", text.encode())


def test_rows_are_numbered_from_the_header_and_empty_ones_left_out():
    table = csv_table("\n;;\nA;B\n1;2\n\n;\n 3 ;\u00a04\n")
    assert table.frame.rows() == [(1, "1", "2"), (4, "3", "4")]


def test_a_number_sign_before_the_first_heading_is_not_part_of_it():
    assert csv_table("#id\tdate\n1\t2020-01-01\n").headings == ("id", "date")


def test_unnamed_and_repeated_headings_do_not_hide_each_other():
    table = csv_table("A;;A;row_number\n1;2;3;4\n")
    assert table.headings == ("A", "#2", "A#3", "row_number#4")
    assert table.frame.rows() == [(1, "1", "2", "3", "4")]


def test_the_separator_is_the_headers_not_the_cells():
    assert csv_table('Namn;"CO2, kg; totalt"\n"a,b,c,d";1,5\n').frame.rows() == [(1, "a,b,c,d", "1,5")]


def test_a_quotation_mark_inside_a_cell_is_text():
    assert csv_table('A;B\n1;5" skärm\n2;x\n').frame.rows() == [(1, "1", '5" skärm'), (2, "2", "x")]


def test_empty_cells_beyond_the_header_are_nothing():
    assert csv_table("A;B\n1;2;;\n3\n").frame.rows() == [(1, "1", "2"), (2, "3", None)]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b";;\n;\n", "is empty|no rows"),
        (b"A;B\n1;2\n1;2;hemlig\n", "line 3 has more values"),
        (b'A;B\n1;"hemlig\n2;3\n', "quotation mark is not closed"),
        (b"%PDF-1.7 hemlig", "a PDF"),
        (b"\xff\xd8\xff\xe0 hemlig", "a picture"),
        (b"\x89PNG hemlig", "a picture"),
        (b"A;B\n\x00\x01\x02hemlig\x81", "not a text file"),
        (b"PK\x03\x04 hemlig", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"hemlig" * 200, "cannot be opened as a workbook"),
    ],
)
def test_what_is_no_table_is_named_in_one_line_that_repeats_no_cell(content, what):
    with pytest.raises(ConfigurationError, match=what) as failure:
        read_table("file.csv", content)
    assert "\n" not in str(failure.value)
    assert "hemlig" not in str(failure.value)
    assert "file.csv" in str(failure.value)


# -- workbooks ----------------------------------------------------------------------------------------------------


def workbook(fill) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        fill(book)
    return content.getvalue()


def test_workbook_cells_read_as_text_with_iso_dates():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nr", "Dag", "Tid", "Klockslag", "Belopp", "Text"])
        day = book.add_format({"num_format": "d/m yyyy"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        clock = book.add_format({"num_format": "hh:mm"})
        kronor = book.add_format({"num_format": '# ##0,00 "kr"'})
        sheet.write(1, 0, 1042)
        sheet.write_datetime(1, 1, date(2025, 3, 1), day)
        sheet.write_datetime(1, 2, datetime(2025, 3, 1, 8, 15), moment)
        sheet.write_datetime(1, 3, time(8, 15), clock)
        sheet.write(1, 4, 1234.5, kronor)
        sheet.write(1, 5, "1 234,50")

    table = read_table("file.xlsx", workbook(fill))

    assert table.is_workbook
    assert table.frame.rows() == [(1, "1042", "2025-03-01", "2025-03-01 08:15:00", "08:15:00", "1234.5", "1 234,50")]


def test_a_workbooks_first_visible_sheet_is_read_and_blank_rows_keep_the_numbering():
    def fill(book):
        book.add_worksheet("Hjälp").hide()
        sheet = book.add_worksheet("Resor")
        sheet.write_row("B3", ["A", "B"])
        sheet.write_row("B4", ["1", "2"])
        sheet.write_row("B6", ["3", None])
        sheet.activate()

    table = read_table("file.xlsx", workbook(fill))
    assert table.headings == ("A", "B")
    assert table.frame.rows() == [(1, "1", "2"), (3, "3", None)]


@settings(max_examples=40, deadline=None)
@given(rows=rows)
def test_a_table_written_as_a_workbook_is_read_back(rows):
    def fill(book):
        sheet = book.add_worksheet()
        day_format = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Text", "Belopp", "Dag"])
        for position, (text, amount, day) in enumerate(rows, start=1):
            sheet.write_string(position, 0, text)
            sheet.write_number(position, 1, float(amount))
            sheet.write_datetime(position, 2, day, day_format)

    table = read_table("file.xlsx", workbook(fill))
    read = table.frame.select(
        "Text",
        values.money(pl.col("Belopp"), NumberStyle(",", is_workbook=True)),
        dates.wall_clock(pl.col("Dag")).dt.date(),
    )
    assert read.rows() == [(text or None, Decimal(amount), day) for text, amount, day in rows]


def test_a_workbook_with_macros_is_refused():
    content = io.BytesIO(workbook(lambda book: book.add_worksheet().write(0, 0, "A")))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"")
    with pytest.raises(ConfigurationError, match="macros"):
        read_table("file.xlsm", content.getvalue())


def test_another_zip_is_not_a_workbook():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", "")
    with pytest.raises(ConfigurationError, match="not a workbook"):
        read_table("file.docx", content.getvalue())


def test_an_empty_sheet_is_refused():
    with pytest.raises(ConfigurationError, match="no visible sheet with rows"):
        read_table("file.xlsx", workbook(lambda book: book.add_worksheet()))


def test_row_number_is_not_a_heading():
    assert ROW_NUMBER not in csv_table("A\n1\n").headings
