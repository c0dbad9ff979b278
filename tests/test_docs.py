"""The documentation says what is there: commands, figures, files and tests that exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer

from models.documentation import method_page
from pipelines.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def test_the_method_page_is_made_from_the_declarations():
    assert (ROOT / "docs" / "method.md").read_text("utf-8") == method_page(), "run make docs"


def test_every_command_is_in_the_readme_and_every_command_there_exists():
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    told = set(re.findall(r"^\| `resfri ([a-z]+)` \|", README, re.MULTILINE))
    assert told == commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_make_targets_named_in_a_page_exist(page: Path):
    text = page.read_text("utf-8")
    for path in re.findall(r"`((?:tests|models|docs|connectors)/[\w./]+)`|\]\(((?!http)[^)#]+)\)", text):
        named = path[0] or path[1]
        assert (ROOT / named).exists() or (page.parent / named).exists(), named
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)\b", text, re.MULTILINE)) <= targets


def test_the_settings_of_the_readme_are_those_of_the_example():
    example = tomllib.loads((ROOT / "resfri.example.toml").read_text("utf-8"))
    for word in ("tenant_id", "client_id"):
        assert word in README
        assert word in example["organisations"]["exempelby"]["accounts"]["microsoft"]


def test_the_changelog_opens_with_what_is_new():
    assert (ROOT / "CHANGELOG.md").read_text("utf-8").startswith("# Changelog\n")
