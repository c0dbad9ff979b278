"""The order of the suite, and what its modules reached of the models."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import examples, model_arms, rules_page

LONGEST = ("test_spark.py", "test_runs.py", "test_demo.py", "test_fifty_organisations.py", "test_killed_runs.py")
"""Begun first, so that the workers, each of which takes whole files, end at about the same time."""

LAST = "test_model_arms.py"
"""It looks at what all the others reached."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--arms", metavar="FOLDER", help="keep here which arms of the models each test module reached")
    parser.addoption("--rules", metavar="FOLDER", help="write the pages of counting rules of the modules run here")


def pytest_configure(config: pytest.Config) -> None:
    # a worker's main module has no file: PySpark, which great_expectations imports where it is installed, takes that for a
    # doctest and ends the process
    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):
        main.__file__ = __file__
    if hasattr(config, "workerinput"):
        config.option.arms = config.workerinput["arms"]
    elif not config.option.arms:
        config.option.arms = tempfile.mkdtemp(prefix="arms-")
        config.add_cleanup(lambda: shutil.rmtree(config.option.arms, ignore_errors=True))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """The workers of one run share the folder."""
    node.workerinput["arms"] = node.config.option.arms


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    last = len(LONGEST) + 1
    place = {LAST: last} | {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses that connectors make between requests are written down instead; pauses of other threads are made."""
    asked: list[float] = []
    pause = time.sleep

    def noted(seconds: float) -> None:
        caller = sys._getframe(1).f_globals["__name__"].partition(".")[0]
        if caller not in ("connectors", "urllib3", "pyrate_limiter"):
            pause(seconds)
        elif seconds > 0.1:
            asked.append(seconds)

    monkeypatch.setattr(time, "sleep", noted)
    return asked


@pytest.fixture(autouse=True, scope="module")
def reached_arms(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a module's tests reached of the models is written down when the last of them is done."""
    model_arms.REACHED.clear()
    yield
    if request.path.name in model_arms.spec_modules():
        model_arms.write_reached(Path(request.config.option.arms) / f"{request.path.stem}.json")


CASES: list[rules_page.Case] = []
"""Cases of the module now running that passed."""

BEGUN: list[str] = []
"""Its tests that were begun: a page is not written from a run in which some of them failed."""


def pytest_runtest_setup() -> None:
    examples.NOTED.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    BEGUN.append(item.nodeid)
    yield
    if isinstance(item, pytest.Function):
        CASES.append(rules_page.case_of(item))


@pytest.fixture(autouse=True, scope="module")
def rules_told(request: pytest.FixtureRequest) -> Iterator[None]:
    """A module's chapter of the counting rules says what its tests saw: it is written, or compared with what is there."""
    CASES.clear()
    BEGUN.clear()
    yield
    name = rules_page.chapter_name(request.module)
    if name is None or len(CASES) < len(BEGUN) or not rules_page.is_whole(request.module, CASES):
        return
    told = rules_page.chapter(request.module, CASES)
    if request.config.option.rules:
        folder = Path(request.config.option.rules)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text(told, "utf-8")
    else:
        page = rules_page.DOCS / "rules" / f"{name}.md"
        is_fresh = page.exists() and page.read_text("utf-8") == told
        assert is_fresh, f"docs/rules/{name}.md says something else: make docs"
