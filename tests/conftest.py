"""The order of the suite."""

import pytest

LONGEST = ("test_spark.py", "test_runs.py", "test_demo.py")
"""Begun first, so that the workers, each of which takes whole files, end at about the same time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
