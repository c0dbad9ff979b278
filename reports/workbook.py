"""The report as a workbook: what the page says, every published cell of the period, months with native charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from reports.cells import Cell
from reports.content import Figure, Table, TableCell
from reports.followup import FollowUp
from reports.language import decimals_of, number_kind
from reports.workbook_charts import native_chart

ACCENT, WASH = "#0b5563", "#f0f3f4"
_FORMATS = {"share": "0%", "change": "+0%;−0%;0%"}

INDICATOR_COLUMNS = (
    "department", "person_group", "baseline", "name", "indicator", "measure", "dimension_1", "value_1", "value_2",
    "value", "low", "high", "numerator", "denominator", "unit", "known_share", "people_class", "reason",
)  # fmt: skip
_WIDTHS = {"department": 30, "name": 44, "indicator": 26, "reason": 60, "unit": 26, "measure": 18, "person_group": 15}


def workbook(report: FollowUp) -> bytes:
    """The workbook's bytes; the same report always gives the same bytes."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    say, published = report.subject.language, report.subject.published
    # A fixed moment, or two files of the same published version would differ.
    created = datetime.combine(published.as_of, time(), UTC).replace(tzinfo=None)
    book.set_properties({"title": report.title, "author": "resfri", "company": published.name, "created": created})
    sheets = Sheets(book, report)
    sheets.summary()
    sheets.indicators()
    sheets.months()
    sheets.coverage()
    sheets.method()
    book.get_worksheet_by_name(say("workbook.summary")).activate()
    book.close()
    return buffer.getvalue()


class Sheets:
    """The five sheets of one workbook."""

    def __init__(self, book: Any, report: FollowUp) -> None:
        self.book, self.report = book, report
        self.subject, self.say = report.subject, report.subject.language
        base = {"valign": "top", "font_name": "Calibri", "font_size": 11}
        self.plain = book.add_format(base)
        self.wrapped = book.add_format(base | {"text_wrap": True})
        self.title = book.add_format(base | {"bold": True, "font_size": 16})
        self.section = book.add_format(base | {"bold": True, "font_size": 13, "font_color": ACCENT})
        self.head = book.add_format(
            base | {"bold": True, "bottom": 2, "text_wrap": True, "bg_color": WASH, "valign": "bottom"}
        )
        self.absent = book.add_format(base | {"font_color": "#515c63", "italic": True, "text_wrap": True})
        self.gap = book.add_format(base | {"bg_color": "#e9edef"})
        self.base: dict[str, Any] = base
        self.by_format: dict[str, Any] = {}

    def summary(self) -> None:
        """What the first page says, and REMM's tables."""
        say, sheet = self.say, self._sheet("summary", (44, 16, 14, 14, 80))
        row = self._heading(sheet, self.report.introduction)
        columns = tuple(say(f"workbook.{key}") for key in ("measure", "figure", "low", "high", "sentence"))
        self._head(sheet, row, columns)
        sheet.freeze_panes(row + 1, 1)
        for headline in self.report.headlines:
            row += 1
            number = self._number(headline.indicator)
            sheet.write_string(row, 0, headline.label, self.wrapped)
            for column, value in enumerate((headline.cell.value, headline.cell.low, headline.cell.high), 1):
                if value is not None:
                    sheet.write_number(row, column, value, number)
                elif column == 1:
                    sheet.write_string(row, column, headline.value, self.absent)
            sheet.write_string(row, 4, " ".join((*headline.sentences, *headline.notes)), self.wrapped)
        row += 2
        for heading, table in self.report.remm:
            sheet.write_string(row, 0, heading, self.section)
            row = self._table(sheet, row + 1, table) + 1

    def indicators(self) -> None:
        """Every published cell of the period, one row each."""
        say = self.say
        sheet = self._sheet("indicators", tuple(_WIDTHS.get(column, 13) for column in INDICATOR_COLUMNS))
        self._head(sheet, 0, tuple(say(f"column.{column}") for column in INDICATOR_COLUMNS))
        keys = ["department", "person_group", "baseline", "indicator", "measure", "dimension_1", "value_1", "value_2"]
        cells = self.subject.published.of_period(self.subject.period).sort(keys)
        names = {
            (row["indicator"], row["measure"]): row[f"name_{say.code}"]
            for row in self.subject.published.methods.iter_rows(named=True)
        }
        for number, row in enumerate(cells.iter_rows(named=True), 1):
            named = row | {"name": names.get((row["indicator"], row["measure"])) or row["indicator"]}
            for column, key in enumerate(INDICATOR_COLUMNS):
                self._tidy(sheet, number, column, key, named)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, cells.height), len(INDICATOR_COLUMNS) - 1)

    def _tidy(self, sheet: Any, row: int, column: int, key: str, cell: dict[str, Any]) -> None:
        value, say = cell[key], self.say
        if key == "value" and value is None:
            sheet.write_string(row, column, "—", self.absent)
        elif key == "reason":
            if cell["value"] is None:
                why = Cell(reason=value, basis=cell["value_2"] if cell["dimension_2"] == "basis" else None).why
                sheet.write_string(row, column, say.reason(why), self.absent)
        elif value is None:
            return
        elif key in {"value", "low", "high"}:
            sheet.write_number(row, column, value, self._number(cell["indicator"]))
        elif key in {"numerator", "denominator"}:
            sheet.write_number(row, column, value, self._format("#,##0.0"))
        elif key == "known_share":
            sheet.write_number(row, column, value, self._format("0%"))
        else:
            sheet.write_string(row, column, self._worded(key, cell), self.plain)

    def _worded(self, key: str, cell: dict[str, Any]) -> str:
        say, value = self.say, cell[key]
        match key:
            case "department":
                return say("departments.all") if value == "all" else str(value)
            case "baseline":
                return "" if value == "none" else str(value)
            case "dimension_1":
                return say.word("dimension", value)
            case "value_1":
                return (
                    say.word(cell["dimension_1"], value)
                    if cell["dimension_1"] != "all"
                    else say.word("dimension", "all")
                )
            case "value_2":
                return say.word("basis", value)
            case "unit":
                return say.word("unit", value)
            case "person_group":
                return say.word("person_group", value)
        return str(value)

    def months(self) -> None:
        """The figures' tables with native charts beside them."""
        sheet = self._sheet("months", (20, 15, 15, 15, 15, 34))
        row = 0
        for figure in self.report.figures:
            sheet.write_string(row, 0, figure.title, self.section)
            last = self._figure_table(sheet, row + 1, figure)
            if not figure.is_empty:
                drawn = native_chart(self.book, figure, self.say("workbook.months"), row + 1)
                sheet.insert_chart(row, 7, drawn, {"x_scale": 1.3, "y_scale": 1.05, "description": figure.alt})
            row = max(last + 2, row + 18)
        sheet.freeze_panes(0, 1)

    def _figure_table(self, sheet: Any, row: int, figure: Figure) -> int:
        """A figure's numbers, missing ones left empty (a chart would draw a text as zero) with the reason beside."""
        columns = (*figure.table.columns, self.say("workbook.remark"))
        if figure.id == "replacement":
            columns = (*figure.table.columns[:2], self.say("workbook.low"), self.say("workbook.high"), columns[-1])
        self._head(sheet, row, columns)
        indicator = next((cell.indicator for row in figure.table.rows for cell in row if cell.indicator), "")
        number = self._format("0%") if figure.is_share else self._number(indicator)
        for offset, cells in enumerate(figure.table.rows, 1):
            sheet.write_string(row + offset, 0, cells[0].text, self.plain)
            values = [cell.number for cell in cells[1:]]
            if figure.id == "replacement":
                point = figure.points[offset - 1]
                values = [point.value, point.low, point.high]
            for column, value in enumerate(values, 1):
                if value is None:
                    sheet.write_blank(row + offset, column, None, self.gap)
                else:
                    sheet.write_number(row + offset, column, value, number)
            reasons = dict.fromkeys(
                f"{figure.table.columns[i]}: {cell.why}" for i, cell in enumerate(cells) if cell.is_missing
            )
            sheet.write_string(row + offset, len(columns) - 1, "; ".join(reasons), self.absent)
        return row + len(figure.table.rows)

    def coverage(self) -> None:
        """What is missing."""
        sheet = self._sheet("coverage", (26, 24, 22, 22, 40, 22, 22))
        row = 0
        for table in (self.report.coverage, self.report.coverage_months, self.report.gaps):
            if table is not None:
                sheet.write_string(row, 0, table.caption, self.section)
                row = self._table(sheet, row + 1, table) + 1
        if row == 0:
            sheet.write_string(0, 0, self.say("missing.no_coverage"), self.plain)
        if self.report.withheld:
            sheet.write_string(row, 0, self.report.withheld, self.plain)
        sheet.freeze_panes(0, 1)

    def method(self) -> None:
        """How to read the figures, the measures, the settings and the factors."""
        sheet = self._sheet("method", (40, 34, 14, 22, 24, 10, 16, 70))
        row = self._heading(sheet, (*self.report.reading, *self.report.privacy))
        for note in self.report.methods:
            sheet.write_string(row, 0, note.name, self.section)
            for heading, text in note.facts:
                row += 1
                sheet.write_string(row, 0, heading, self.plain)
                sheet.write_string(row, 1, text, self.plain)
            row += 2
        for table in (self.report.settings, self.report.factors):
            sheet.write_string(row, 0, table.caption, self.section)
            row = self._table(sheet, row + 1, table) + 1

    def _sheet(self, key: str, widths: Sequence[int]) -> Any:
        sheet = self.book.add_worksheet(self.say(f"workbook.{key}"))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _heading(self, sheet: Any, paragraphs: Sequence[str]) -> int:
        sheet.write_string(0, 0, self.report.title, self.title)
        for row, text in enumerate(paragraphs, 1):
            sheet.write_string(row, 0, text, self.plain)
        return len(paragraphs) + 2

    def _head(self, sheet: Any, row: int, columns: Sequence[str]) -> None:
        for column, text in enumerate(columns):
            sheet.write_string(row, column, text, self.head)

    def _table(self, sheet: Any, row: int, table: Table) -> int:
        self._head(sheet, row, table.columns)
        for cells in table.rows:
            row += 1
            for column, cell in enumerate(cells):
                self._cell(sheet, row, column, cell)
        return row + 1

    def _cell(self, sheet: Any, row: int, column: int, cell: TableCell) -> None:
        if cell.is_missing:
            sheet.write_string(row, column, f"{cell.text} {cell.why}", self.absent)
        elif cell.number is not None and cell.indicator:
            sheet.write_number(row, column, cell.number, self._number(cell.indicator))
        else:
            sheet.write_string(row, column, cell.text, self.wrapped if column == 0 else self.plain)

    def _number(self, indicator: str) -> Any:
        kind = number_kind(indicator)
        decimals = decimals_of(indicator)
        return self._format(_FORMATS.get(kind) or "#,##0" + ("." + "0" * decimals if decimals else ""))

    def _format(self, code: str) -> Any:
        if code not in self.by_format:
            self.by_format[code] = self.book.add_format(self.base | {"num_format": code})
        return self.by_format[code]
