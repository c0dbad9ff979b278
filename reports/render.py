"""Write the follow-up report's files: HTML to read and print, XLSX to work on."""

from __future__ import annotations

import os
from pathlib import Path

from reports.followup import follow_up
from reports.html import html
from reports.periods import LanguageCode, parse_period
from reports.published import open_published
from reports.workbook import workbook


def render_report(published: Path, organisation: str, period: str, language: LanguageCode, out: Path) -> list[Path]:
    """Write the report of one organisation and period.

    The same published version gives the same bytes: nothing depends on the clock or the machine.

    Args:
        published: ``data_dir/<org>/published``, the folder that holds ``CURRENT``.
        organisation: the organisation's id.
        period: ``2026``, ``2026-Q2``, ``2026-06`` or ``2025-11/2026-10``.
        language: ``sv`` or ``en``.
        out: folder for the files; made if missing.

    Returns:
        The HTML file and the XLSX file.

    Raises:
        ReportError: nothing is published, the file cannot be read, or the period is unknown.
    """
    report = follow_up(open_published(published, organisation), parse_period(period), language)
    out.mkdir(parents=True, exist_ok=True)
    contents = {".html": html(report).encode(), ".xlsx": workbook(report)}
    return [_write(out / f"{report.file_name}{ending}", content) for ending, content in contents.items()]


def _write(path: Path, content: bytes) -> Path:
    """Whole or not at all: a reader never meets half a report."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)  # noqa: PTH105 - Path.replace does the same, but this is the atomic call by name
    return path
