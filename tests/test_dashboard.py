"""The dashboard: the report's content on one page, from published files only."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.parts import plain
from reports.errors import ReportError
from reports.followup import follow_up
from reports.periods import parse_period
from reports.published import open_published
from tests.published_fixture import ORGANISATION, VERSION, build_published, change_published

APP = Path(dashboard.__file__).with_name("app.py")
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(autouse=True)
def _no_page_is_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RESFRI_DATA_DIR", str(tmp_path))


def _page() -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=30).run()


def _text(page: AppTest) -> str:
    parts = [*page.title, *page.markdown, *page.caption, *page.metric, *page.info, *page.error]
    return " ".join(str(part.value) for part in parts).replace("\\", "").replace("\u00a0", " ")


def test_the_page_says_what_the_report_says(tmp_path: Path) -> None:
    published = build_published(tmp_path)
    page = _page()
    assert not page.exception
    report = follow_up(open_published(published, ORGANISATION), parse_period("2026"), "sv")
    assert [metric.value for metric in page.metric] == [headline.value for headline in report.headlines]
    text = _text(page)
    for headline in report.headlines:
        assert " ".join((*headline.sentences,)).replace("\u00a0", " ") in text
    assert "Jämförelsen gäller 11 av periodens 12 månader." in text
    assert "resfri report" in text
    tables = pl.concat([pl.DataFrame(table.value)[:, :1].cast(pl.String).rename({table.value.columns[0]: "name"})
                        for table in page.table])  # fmt: skip
    assert {"Socialtjänst", "mars 2026", "Antal tjänsteresor per årsarbetskraft", "Resebyrå"} <= set(tables["name"])
    assert any("— underlag saknas" in table.value.to_string() for table in page.table)


def test_choices_are_kept_when_the_language_changes(tmp_path: Path) -> None:
    build_published(tmp_path)
    build_published(tmp_path, "annanby")
    page = _page()
    assert page.selectbox(key="organisation").options == ["annanby", ORGANISATION]
    page.selectbox(key="organisation").set_value(ORGANISATION).run()
    page.selectbox(key="period").set_value("2026-Q2").run()
    page.selectbox(key="language").set_value("en").run()
    assert not page.exception
    assert page.title[0].value == "Exempelby kommun, the second quarter of 2026"
    assert page.metric[0].label == "Replacement rate"


def test_nothing_published_is_a_friendly_message() -> None:
    page = _page()
    assert not page.exception
    assert "Ingenting är publicerat ännu" in page.info[0].value
    assert not page.error
    assert not page.metric


def test_a_missing_data_folder_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESFRI_DATA_DIR", "/nowhere/at/all")
    page = _page()
    assert "/nowhere/at/all" in page.error[0].value.replace("\\", "")
    monkeypatch.delenv("RESFRI_DATA_DIR")
    assert _page().error


def test_a_file_that_cannot_be_opened_is_an_error_and_no_figures(tmp_path: Path) -> None:
    published = build_published(tmp_path)
    (published / VERSION / "resfri.duckdb").write_bytes(b"damaged" * 1000)
    page = _page()
    assert not page.exception
    assert "inga siffror visas" in page.error[0].value
    assert "resfri run" in page.error[0].value
    assert not page.metric
    assert not page.table


def test_a_new_version_is_read_on_the_next_look(tmp_path: Path) -> None:
    published = build_published(tmp_path)
    page = _page()
    assert page.title[0].value.startswith("Exempelby kommun")
    newer = shutil.copytree(published / VERSION, published / "2027-03-16-00000000")
    with duckdb.connect(str(newer / "resfri.duckdb")) as connection:
        connection.execute("UPDATE out_settings SET value = 'Nyby kommun' WHERE setting = 'organisation_name'")
    (published / "CURRENT").write_text(f"{newer.name}\n", encoding="utf-8")
    page.run()
    assert page.title[0].value.startswith("Nyby kommun")


def test_names_are_never_markup(tmp_path: Path) -> None:
    published = build_published(tmp_path)
    change_published(
        published,
        "UPDATE out_settings SET value = '<b>[x](http://example.org) :red[*y*]' WHERE setting = 'organisation_name'",
    )
    assert r"\<b\>\[x\](http\://example.org) \:red\[\*y\*\]" in _page().title[0].value
    assert plain("31 % av 1 000 – ok.") == "31 % av 1 000 – ok."


def test_the_command_serves_this_machine_only_and_tells_nobody(tmp_path: Path) -> None:
    command = dashboard.command(tmp_path, 8599)
    assert command[1:4] == ["-m", "streamlit", "run"]
    assert {
        "--server.address=127.0.0.1",
        "--server.port=8599",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
    } <= set(command)
    assert dashboard.environment(tmp_path)["RESFRI_DATA_DIR"] == str(tmp_path)
    with pytest.raises(ReportError, match="does not exist"):
        dashboard.command(tmp_path / "none", 8599)


@contextmanager
def _served(data_dir: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | dashboard.environment(data_dir)
    with subprocess.Popen(
        dashboard.command(data_dir, port), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and process.poll() is None:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.browser
def test_in_a_browser_the_figures_and_charts_are_there_and_nothing_leaves_the_machine(tmp_path: Path) -> None:
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    build_published(tmp_path)
    with _served(tmp_path) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address)
        expect(page.get_by_role("heading", name="Exempelby kommun, 2026")).to_be_visible(timeout=30_000)
        expect(page.get_by_test_id("stMetricValue").first).to_have_text("31\u00a0%")
        expect(page.get_by_text("gjordes inte").first).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(4, timeout=30_000)
        page.get_by_role("tab", name="Vad saknas").click()
        expect(page.get_by_text("Underlag per källa, 2026")).to_be_visible()
        browser.close()
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []
