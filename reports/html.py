"""The report as one HTML file that needs nothing beside itself: no script, no font, no address outside."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from reports import charts
from reports.cells import Cell
from reports.content import Figure
from reports.followup import FollowUp


def html(report: FollowUp) -> str:
    """Render a report; the same report always gives the same text."""
    say = report.subject.language

    def drawing(figure: Figure) -> Markup:
        # Made by Vega from our own numbers, its texts escaped: safe to put in as it is.
        return Markup(charts.svg(figure, say) + charts.svg(figure, say, narrow=True))  # noqa: S704

    def strip(cell: Cell) -> Markup:
        return Markup(charts.interval_strip(cell.value, cell.low, cell.high, say))  # noqa: S704 - numbers only

    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            say=say,
            published=report.subject.published,
            period=report.subject.period,
            drawing=drawing,
            strip=strip,
            style=Markup(_template("report.css")),  # noqa: S704 - a file of ours
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _template(name: str) -> str:
    return files("reports").joinpath("templates", name).read_text(encoding="utf-8")
