"""The HTML report: one safe, accessible file that needs nothing beside itself, the same every time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reports.periods import LanguageCode
from reports.render import render_report
from tests.published_fixture import ORGANISATION, build_published, change_published

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = '<script>alert("x")</script>&<b>'
VOID = {"meta", "br", "img", "link", "input", "hr"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_published(tmp_path_factory.mktemp("data"))


def _html(published: Path, out: Path, period: str = "2026", language: LanguageCode = "sv") -> str:
    return render_report(published, ORGANISATION, period, language, out)[0].read_text(encoding="utf-8")


class _Elements(HTMLParser):
    """Every start tag with its attributes; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["sv", "en"])
def test_structure_is_accessible_and_self_contained(published: Path, tmp_path: Path, language: LanguageCode) -> None:
    text = _html(published, tmp_path, "2026-Q1", language)
    elements = _Elements(text).found
    tags = [tag for tag, _ in elements]
    assert dict(elements)["html"]["lang"] == language
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert {"script", "img", "link", "iframe", "object"} & set(tags) == set()
    outside = [
        value
        for _, attributes in elements
        for name, value in attributes.items()
        if name in {"href", "src", "xlink:href", "srcset", "action"} and not (value or "").startswith("#")
    ]
    assert outside == []
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["scope"] for tag, attributes in elements if tag == "th"} == {"col", "row"}
    assert tags.count("caption") == tags.count("table")
    for tag, attributes in elements:
        if tag == "svg" and "aria-hidden" not in attributes:
            assert attributes["role"] == "img"
            assert attributes["aria-labelledby"] in ids
    for number, name in enumerate(("trips", "meetings", "replacement", "co2")):
        assert f"table-figure-{name}" in ids, number


def test_the_same_published_version_gives_the_same_bytes(published: Path, tmp_path: Path) -> None:
    first, again = (render_report(published, ORGANISATION, "2026", "sv", tmp_path / name) for name in ("a", "b"))
    assert [path.name for path in first] == ["uppfoljning-exempelby-2026.html", "uppfoljning-exempelby-2026.xlsx"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [path.name for path in first]  # no half files


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    published = build_published(tmp_path / "data")
    change_published(
        published,
        f"UPDATE out_settings SET value = '{HOSTILE}' WHERE setting = 'organisation_name'",
        f"UPDATE out_indicators SET department = '{HOSTILE}' WHERE department = 'Socialtjänst'",
        f"UPDATE out_coverage SET source = '{HOSTILE}' WHERE source = 'teams'",
        f"UPDATE out_indicators SET value_1 = '{HOSTILE}' WHERE value_1 = 'taxi'",
        f"UPDATE out_methods SET weaknesses_sv = '{HOSTILE}'",
    )
    text = _html(published, tmp_path / "out")
    tags = [tag for tag, _ in _Elements(text).found]
    assert "script" not in tags
    assert "b" not in tags
    assert text.count("&lt;script&gt;") >= 5


def test_text_contrast_is_at_least_four_and_a_half() -> None:
    style = (Path(__file__).parents[1] / "reports" / "templates" / "report.css").read_text(encoding="utf-8")
    colours = {"white": "ffffff", **dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", style))}

    def light(name: str) -> float:
        parts = [int(colours[name][i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for ink in ("ink", "soft", "accent"):
        for paper in ("white", "wash", "accent-wash"):
            assert (light(paper) + 0.05) / (light(ink) + 0.05) >= 4.5, (ink, paper)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("period, language", [("2026", "sv"), ("2025-Q2", "en")])
def test_in_a_browser_nothing_leaves_the_page_and_nothing_overflows(
    published: Path, tmp_path: Path, chromium: Any, period: str, language: LanguageCode
) -> None:
    report = render_report(published, ORGANISATION, period, language, tmp_path)[0]
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    assert requests == [report.as_uri()]
    assert page.locator("h1").inner_text().startswith("Exempelby kommun")
    assert page.locator("h2").count() == 7
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    wide = page.evaluate(
        """[...document.querySelectorAll('main *')]
           .filter(each => !each.closest('.scroll, .hidden, svg') && each.getBoundingClientRect().right > 361)
           .map(each => each.tagName + '.' + each.className)"""
    )
    assert wide == []
    assert page.locator("svg.narrow:visible").count() >= 3
    assert page.locator("svg.wide:visible").count() == 0
    page.close()
