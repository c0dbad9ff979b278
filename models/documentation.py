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
"""


def method_page() -> str:
    """The page as Markdown."""
    return "\n".join([_HEAD.format(version=METHOD_VERSION), *_figures(), *_settings(), *_models()]).rstrip() + "\n"


def _figures() -> Iterator[str]:
    yield "## Figures\n"
    for row in engine.reference_tables()["ref_indicators"].iter_rows(named=True):
        yield f"### {row['name_en']}\n"
        yield f"`{row['indicator']}`, measure `{row['measure']}`, in {row['unit']}. Swedish: {row['name_sv']}.\n"
        for heading, key in (
            ("Question", "question_en"),
            ("Formula", "formula_en"),
            ("Definition from", "definition_source"),
            ("Known weaknesses", "weaknesses_en"),
            ("References", "references_text"),
        ):
            yield f"- {heading}: {row[key]}"
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
