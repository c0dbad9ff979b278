"""Native spreadsheet charts of the figures, drawn from the cells beside them."""

from __future__ import annotations

from typing import Any

from reports.content import Figure

ACCENT, MIDDLE, GREY = "#0b5563", "#4296a6", "#7b848b"
_COLOURS = {
    "trips": (ACCENT, GREY),
    "meetings": (GREY, MIDDLE, ACCENT),
    "replacement": (ACCENT,),
    "co2": (ACCENT, GREY),
}
_KINDS = {
    "trips": {"type": "line"},
    "meetings": {"type": "column", "subtype": "stacked"},
    "replacement": {"type": "line"},
    "co2": {"type": "bar"},
}


def native_chart(book: Any, figure: Figure, sheet: str, head: int) -> Any:
    """A chart of a figure whose table stands in a sheet.

    Args:
        book: the xlsxwriter workbook.
        figure: what to draw.
        sheet: name of the sheet with the table.
        head: row of the table's header, from 0; the figures follow in the columns after the first.
    """
    chart = book.add_chart(_KINDS[figure.id])
    first, last = head + 1, head + len(figure.table.rows)
    for index, colour in enumerate(_COLOURS[figure.id][: len(figure.series)], 1):
        series: dict[str, Any] = {
            "name": [sheet, head, index],
            "categories": [sheet, first, 0, last, 0],
            "values": [sheet, first, index, last, index],
        }
        chart.add_series(series | _style(figure, colour))
    chart.set_title({"name": figure.title, "name_font": {"size": 12, "bold": False}, "overlay": False})
    chart.set_legend({"position": "bottom"} if len(figure.series) > 1 else {"none": True})
    grid = {"visible": True, "line": {"color": "#e3e7e9"}}
    value = {"major_gridlines": grid, "line": {"none": True}, "num_format": "0%" if figure.is_share else "#,##0.0"}
    if figure.id == "co2":
        # In a bar chart the first axis stands upright and holds the categories; reversed, the first is on top.
        chart.set_x_axis({"reverse": True, "major_gridlines": {"visible": False}})
        chart.set_y_axis(value | {"crossing": "max"})
    else:
        chart.set_y_axis(value | {"name": "" if figure.is_share else figure.axis, "name_font": {"bold": False}})
        chart.set_x_axis({"label_position": "low"})
    chart.show_blanks_as("gap")
    return chart


def _style(figure: Figure, colour: str) -> dict[str, Any]:
    if figure.id in {"meetings", "co2"}:
        return {"fill": {"color": colour}, "border": {"none": True}, "gap": 60}
    marker = {"type": "circle", "size": 6, "fill": {"color": colour}, "border": {"color": colour}}
    if figure.id == "trips":
        dash = {} if colour == ACCENT else {"dash_type": "dash"}
        return {"line": {"color": colour, "width": 2.25} | dash, "marker": marker}
    spread = [
        (point.high - point.value, point.value - point.low)
        if point.value is not None and point.low is not None and point.high is not None
        else (0.0, 0.0)
        for point in figure.points
    ]
    bars = {
        "type": "custom",
        "plus_values": [high for high, _ in spread],
        "minus_values": [low for _, low in spread],
        "line": {"color": MIDDLE, "width": 2.5},
    }
    return {"line": {"none": True}, "marker": marker, "y_error_bars": bars}
