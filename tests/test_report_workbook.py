"""The workbook: numbers are numbers, what is missing is text with its reason, charts are the spreadsheet's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from reports.periods import LanguageCode
from reports.render import render_report
from tests.published_fixture import ORGANISATION, SEASON, build_published, change_published


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_published(tmp_path_factory.mktemp("data"))


def _book(published: Path, out: Path, period: str = "2026", language: LanguageCode = "sv") -> Any:
    return openpyxl.load_workbook(render_report(published, ORGANISATION, period, language, out)[1])


def _row(sheet: Any, first: str, after: int = 0) -> tuple[Any, ...]:
    return next(row for row in sheet.iter_rows(min_row=after + 1, values_only=True) if row[0] == first)


def test_figures_are_numbers_and_missing_ones_text_with_the_reason(published: Path, tmp_path: Path) -> None:
    book = _book(published, tmp_path)
    assert book.sheetnames == ["Sammanfattning", "Indikatorer", "Månader", "Täckning", "Metod"]
    summary = book["Sammanfattning"]
    assert _row(summary, "Ersättningsgrad")[1:4] == pytest.approx((0.31, 0.25, 0.364))
    share = _row(summary, "Andel digitala möten")
    assert share[1] == "Uppgift saknas"
    assert "Underlag har inte kommit in" in share[4]
    trips = _row(summary, "Antal tjänsteresor per årsarbetskraft")
    assert trips[1] == "— underlag saknas"
    assert trips[2] == pytest.approx(0.21 * sum(SEASON))
    factors = _row(book["Metod"], "Bil, bensin")
    assert factors[3] == 0.167
    assert _row(book["Täckning"], "Resebyrå")[5] == 22


def test_every_published_cell_of_the_period_is_there(published: Path, tmp_path: Path) -> None:
    rows = list(_book(published, tmp_path)["Indikatorer"].iter_rows(values_only=True))
    head = {name: i for i, name in enumerate(rows[0])}
    values = [(row[head["Värde"]], row[head["Varför uppgift saknas"]]) for row in rows[1:]]
    assert len(values) > 200
    for value, reason in values:
        assert (isinstance(value, int | float) and not reason) or (value == "—" and len(reason) > 20)


def test_months_have_native_charts_and_blanks_where_a_month_is_missing(published: Path, tmp_path: Path) -> None:
    sheet = _book(published, tmp_path)["Månader"]
    assert len(sheet._charts) == 4
    march = _row(sheet, "mars 2026")
    assert march[1] is None  # a text would be drawn as zero
    assert march[2] == pytest.approx(0.21 * SEASON[2])
    assert "underlag saknas" in march[3]


@pytest.mark.parametrize("period, language", [("2025", "en"), ("2026-03", "sv"), ("2026-Q1", "en")])
def test_other_periods_open_too(published: Path, tmp_path: Path, period: str, language: LanguageCode) -> None:
    book = _book(published, tmp_path, period, language)
    assert len(book.sheetnames) == 5


def test_nothing_in_a_name_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    published = build_published(tmp_path / "data")
    change_published(
        published,
        """UPDATE out_indicators SET department = '=HYPERLINK("http://example.org")' WHERE department = 'Socialtjänst'""",
        "UPDATE out_settings SET value = '=1+1' WHERE setting = 'organisation_name'",
    )
    book = _book(published, tmp_path / "out")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == '=HYPERLINK("http://example.org")' for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert all(cell.hyperlink is None for cell in cells)
