"""The method as a page: every figure, setting and model, written from their declarations."""

from __future__ import annotations

from collections.abc import Iterator

from models import engine
from models.method import METHOD_VERSION, MethodSettings

_HEAD = """# Method

How each figure is counted, version {version}. This page is made from the declarations that the program itself runs on
(`make docs`); what a report says of its method comes from the same place.

Rules that hold for every figure: a month is the Europe/Stockholm date of a meeting's or journey's start, and everything
of it belongs there. A month that a source has not spoken for whole is a gap, never fewer trips or meetings. What is not
known is empty and says why; it is never zero. A comparison uses only months that are covered on both sides, and one set
of emission factors for both.

Every rule of the counting is an example in [counting rules](rules.md): a small table in, a small table out.
"""

_LETTERS = {
    "T, Tᵣ": "trips, and those that a meeting could replace",
    "D, Dₛ": "digital meetings, and those between sites or organisations",
    "P, Pₛ": "people taking part in them, a person once in each",
    "F, F̄": "full-time equivalents of a month, and their mean over the period",
    "₀, ₁, Σ": "the baseline, the period, and the sum over calendar months known in both",
    "y, w": "trips of a month, and staff of a month beside that of the baseline",
    "km, e, h": "distance, kilograms of the figure's gas per kilometre, kWh per kilometre or litre",
    "C": "cost",
    "L": "length of a meeting",
    "K, O, V": "people of the directory, other organisations in a meeting, rooms with a video system",
    "N, M": "connections, meetings of a form",
    "n, n₊": "answers, positive answers",
    "U, H": "people trained, headcount",
    "s, J, g": "share of meetings that replaced a trip by the survey, journeys participants would have needed, grams "
    "of CO2e per hour of a participant",
    "x": "value of the year or month",
}
"""What formulas in symbols are written in."""
_USED = """
Settings named are those that decide over the figure itself; whether it is published, and with what remark, is for every
figure decided by {every}.
"""
_BETTER = {"up": "more", "down": "less", "none": "neither"}
EVERY_FIGURE = ("k", "closes_on_day", "published_share", "flagged_share")
"""Settings that decide for every figure whether it is published, and with what remark."""


def method_page() -> str:
    """The page as Markdown."""
    return "\n".join([_HEAD.format(version=METHOD_VERSION), *_figures(), *_settings(), *_models()]).rstrip() + "\n"


def _figures() -> Iterator[str]:
    yield "## Figures\n"
    yield "In formulas in symbols stand\n"
    yield from (f"- {letters}: {words}" for letters, words in _LETTERS.items())
    yield _USED.format(every=", ".join(f"`{name}`" for name in EVERY_FIGURE))
    for row in engine.reference_tables()["ref_indicators"].iter_rows(named=True):
        yield f"### {row['name_en']}\n"
        yield f"`{row['indicator']}`, measure `{row['measure']}`, in {row['unit']}. Swedish: {row['name_sv']}.\n"
        settings = ", ".join(f"`{name}`" for name in row["settings_used"].split(", ") if name)
        parts = {
            "Question": row["question_en"],
            "Formula": row["formula_en"],
            "In symbols": row["symbols"],
            "Better": _BETTER[row["direction"]],
            "Settings": settings or "none of its own",
            "Definition from": row["definition_source"],
            "Known weaknesses": row["weaknesses_en"],
            "References": row["references_text"],
        }
        yield from (f"- {heading}: {text}" for heading, text in parts.items())
        yield ""


def _settings() -> Iterator[str]:
    yield "## Settings\n"
    yield "What an organisation may decide, below `[organisations.<id>.method]`; each is printed in every report.\n"
    yield "| setting | default | unit | what it decides |"
    yield "|---|---|---|---|"
    for name, field in MethodSettings.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        yield f"| `{name}` | {field.default} | {extra.get('unit', '')} | {field.description} |"
    yield ""


def _models() -> Iterator[str]:
    yield "## Models\n"
    yield "Each is one SELECT in `models/`, in the order in which they are built.\n"
    yield "| model | what one row is | what it is for |"
    yield "|---|---|---|"
    for model in engine.load_models().values():
        yield f"| `{model.name}` | {', '.join(model.grain)} | {' '.join(model.description.split())} |"
