"""Runs the benchmarks of this folder, each in a process of its own, and prints what they measured beside the goals.

``python -m benchmarks`` runs all, ``python -m benchmarks parse_pages`` one. A goal that is missed fails nobody:
machines differ, and a slow one is no fault.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LISTS = {"mutations"}
"""What takes hours and prints a list, nothing to measure: to be run by itself."""


def main(chosen: list[str]) -> None:
    found = {path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")}
    names = chosen or sorted(found - LISTS)
    print(f"{'what':<88}{'measured':>14} {'goal':<20}")
    for name in names:
        run = subprocess.Popen([sys.executable, "-m", f"benchmarks.{name}"], stdout=subprocess.PIPE, text=True)
        assert run.stdout is not None
        for line in run.stdout:
            found = json.loads(line)
            goal, is_less = found["goal"], found["better"] == "less"
            is_met = goal is None or (found["measured"] <= goal if is_less else found["measured"] >= goal)
            wanted = "" if goal is None else f"{'at most' if is_less else 'at least'} {goal:,g}"
            measured = f"{found['measured']:,.1f} {found['unit']}"
            print(f"{found['what']:<88}{measured:>14} {wanted:<20}{'' if is_met else ' missed'}", flush=True)
        if run.wait():
            print(f"{name}: ended with an error", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
