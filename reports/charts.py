"""Drawing: a figure as an Altair chart, and a chart as inline SVG. One accent colour, the baseline in grey."""

from __future__ import annotations

import math
import re
from dataclasses import asdict
from typing import Any, cast

import altair as alt
import vl_convert

from reports.content import LOWEST_DRAWN, Figure
from reports.language import Language

ACCENT = "#0b5563"
MIDDLE = "#4296a6"
GREY = "#7b848b"
LIGHT = "#e9edef"
TEXT = "#3c464c"
FONT = "Segoe UI, Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
WIDE, NARROW = 760, 340
_HEIGHT = 250
_VEGA_LITE = "6.1"


def chart(figure: Figure, language: Language, width: int | None = None) -> alt.LayerChart:
    """A figure as a chart.

    Args:
        figure: what to draw; its table carries the same numbers.
        language: decimal sign and words.
        width: in pixels; None leaves it to the page.
    """
    narrow = width is not None and width < WIDE
    draw = {"trips": _lines, "meetings": _stacked, "replacement": _intervals, "co2": _bars}[figure.id]
    layers = draw(figure, narrow)
    height = max(120, 46 * len(figure.labels)) if figure.id == "co2" else _HEIGHT
    drawn = alt.layer(*layers).properties(width=width or "container", height=height)
    return cast("alt.LayerChart", drawn.configure(**_config(language)))


def svg(figure: Figure, language: Language, *, narrow: bool = False) -> str:
    """A figure as an SVG element to be put into a page: an image with alternative text, no script, no address."""
    spec = chart(figure, language, NARROW if narrow else WIDE).to_dict()
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    drawn = vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE)
    name = f"{figure.id}-{'narrow' if narrow else 'wide'}"
    drawn = re.sub(r'(id="|url\(#|href="#)(?=[A-Za-z])', rf"\g<1>{name}-", drawn)
    size = re.search(r'viewBox="([^"]+)"', drawn)
    if size is None:
        raise ValueError(f"{figure.id}: the drawn SVG has no viewBox")
    body = drawn[drawn.index(">", drawn.index("<svg")) + 1 :]
    label = f'role="img" aria-labelledby="alt-{name}"'
    title = f'<title id="alt-{name}">{_escape(figure.alt)}</title>'
    return f'<svg class="{"narrow" if narrow else "wide"}" viewBox="{size[1]}" {label}>{title}{body}'


def interval_strip(value: float | None, low: float | None, high: float | None, language: Language) -> str:
    """A share and its interval on a line from 0 to 100 per cent; the words beside it say the same."""
    if value is None or low is None or high is None:
        return ""
    start, end = min(0.0, math.floor(low * 10) / 10), max(1.0, math.ceil(high * 10) / 10)

    def x(share: float) -> str:
        return f"{6 + 228 * (share - start) / (end - start):.1f}"

    return (
        '<svg class="strip" viewBox="0 0 240 40" aria-hidden="true" focusable="false">'
        f'<path d="M6 12H234" stroke="{GREY}" stroke-width="1"/>'
        f'<path d="M{x(0)} 7V17" stroke="{GREY}" stroke-width="1"/>'
        f'<path d="M{x(low)} 12H{x(high)}" stroke="{MIDDLE}" stroke-width="7" stroke-linecap="round"/>'
        f'<circle cx="{x(value)}" cy="12" r="6" fill="{ACCENT}"/>'
        f'<text x="{x(start)}" y="34">{language.share(start)}</text>'
        f'<text x="{x(end)}" y="34" text-anchor="end">{language.share(end)}</text></svg>'
    )


def _lines(figure: Figure, narrow: bool) -> list[Any]:
    data, color = _data(figure), _series(figure, [GREY, ACCENT])
    base = alt.Chart(data).encode(x=_months(figure, narrow), y=_value(figure), color=color, tooltip=_tooltip(figure))
    dash = alt.StrokeDash(
        "series:N",
        scale=alt.Scale(domain=list(figure.series), range=[[5, 4], [1, 0]][-len(figure.series) :]),
        legend=None,
    )
    return [
        *_bands(figure, narrow),
        base.mark_line(strokeWidth=2.5).encode(strokeDash=dash),
        base.mark_point(filled=True, size=46, opacity=1),
    ]


def _stacked(figure: Figure, narrow: bool) -> list[Any]:
    bars = (
        alt.Chart(_data(figure))
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            x=_months(figure, narrow),
            y=_value(figure),
            color=_series(figure, [ACCENT, MIDDLE, GREY]),
            order=alt.Order("order:Q"),
            tooltip=_tooltip(figure),
        )
    )
    return [*_bands(figure, narrow), bars]


def _intervals(figure: Figure, narrow: bool) -> list[Any]:
    base = alt.Chart(_data(figure)).encode(x=_months(figure, narrow), tooltip=_tooltip(figure))
    zero = alt.Chart(_values([{"zero": 0}])).mark_rule(color=TEXT, strokeWidth=1).encode(y="zero:Q")
    # one wide interval would flatten all the others; the table has its ends
    is_cut = any(point.low is not None and point.low < LOWEST_DRAWN for point in figure.points)
    y = _value(figure, "low_drawn", [LOWEST_DRAWN, 1] if is_cut else None)
    span = base.mark_rule(color=MIDDLE, strokeWidth=5, strokeCap="round").encode(y=y, y2="high:Q")
    point = base.mark_point(filled=True, size=70, color=ACCENT, opacity=1).encode(y="value_drawn:Q")
    return [*_bands(figure, narrow), zero, span, point]


def _bars(figure: Figure, narrow: bool) -> list[Any]:
    largest = max((point.value for point in figure.points if point.value is not None), default=1.0) or 1.0
    y = alt.Y("label:N", sort=list(figure.labels), title=None, axis=alt.Axis(ticks=False, labelLimit=120))
    base = alt.Chart(_data(figure)).encode(
        y=y,
        yOffset=alt.YOffset("series:N", sort=list(reversed(figure.series)), scale=alt.Scale(paddingInner=0.12)),
        x=alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, largest * (1.25 if narrow else 1.1)])),
    )
    bars = base.mark_bar().encode(color=_series(figure, [GREY, ACCENT]), tooltip=_tooltip(figure))
    # where a figure is missing there is no bar, and its place says why, or it would be read as zero
    text = base.mark_text(align="left", dx=4, color=TEXT).encode(x="at:Q", text="written:N")
    return [bars, text]


def _months(figure: Figure, narrow: bool) -> alt.X:
    axis = alt.Axis(labelAngle=0, ticks=False, labelExpr="slice(datum.label, 0, 1)" if narrow else "datum.label")
    labels = list(figure.labels)
    return alt.X("label:N", sort=labels, title=None, axis=axis, scale=alt.Scale(domain=labels))


def _value(figure: Figure, field: str = "value", limits: list[float] | None = None) -> alt.Y:
    form = ".0%" if figure.is_share else ",~f"
    return alt.Y(
        f"{field}:Q",
        title=None,
        axis=alt.Axis(format=form, tickCount=5, domain=False, ticks=False),
        scale=alt.Scale(domain=limits) if limits else alt.Scale(zero=True, nice=True),
    )


def _series(figure: Figure, colours: list[str]) -> alt.Color:
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", symbolType="square", symbolStrokeWidth=0, labelLimit=330
    )
    series = list(figure.series)
    return alt.Color("series:N", scale=alt.Scale(domain=series, range=colours[-len(series) :]), legend=legend)


def _tooltip(figure: Figure) -> list[alt.Tooltip]:
    return [alt.Tooltip("label:N", title=" "), alt.Tooltip("written:N", title=figure.axis)]


def _bands(figure: Figure, narrow: bool) -> list[Any]:
    """Grey columns where the period's own figure is missing, so that a gap is not read as zero."""
    if not figure.missing:
        return []
    data = _values([{"label": label} for label in figure.missing])
    band = alt.Chart(data).mark_bar(color=LIGHT, width=alt.RelativeBandSize(0.96))
    return [band.encode(x=_months(figure, narrow), y=alt.value(0), y2=alt.value("height"))]


def _data(figure: Figure) -> Any:
    order = {name: number for number, name in enumerate(figure.series)}
    return _values(
        [
            asdict(point)
            | {"order": order[point.series], "at": point.value or 0}
            | {f"{end}_drawn": _drawn(getattr(point, end)) for end in ("value", "low")}
            for point in figure.points
        ]
    )


def _drawn(value: float | None) -> float | None:
    return None if value is None else max(value, LOWEST_DRAWN)


def _values(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]  # altair leaves the generated constructors untyped


def _config(language: Language) -> dict[str, Any]:
    swedish = language.code == "sv"
    number = {
        "decimal": "," if swedish else ".",
        "thousands": "\u00a0" if swedish else ",",
        "grouping": [3],
        "currency": ["", "\u00a0kr"],
        "minus": "−",
        "percent": "\u00a0%" if swedish else "%",
    }
    axis = {
        "labelColor": TEXT, "titleColor": TEXT, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
        "gridColor": "#e3e7e9", "domainColor": GREY, "labelPadding": 6,
    }  # fmt: skip
    return {
        "font": FONT,
        "aria": False,
        "background": "white",
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False},
        "legend": {"labelColor": TEXT, "labelFontSize": 12, "offset": 12, "padding": 0},
        "locale": {"number": number},
    }


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
