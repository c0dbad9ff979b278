"""Whole runs killed at twenty moments, one in each twentieth of the time that a run takes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks._rows import say
from tests.test_killed_runs import kill_and_compare

KILLS = 20


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        seconds = kill_and_compare(Path(name), KILLS, seed=20)
    say(f"an undisturbed run, equal to one killed {KILLS} times before", seconds, "s")


if __name__ == "__main__":
    main()
