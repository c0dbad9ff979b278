"""Runs every benchmark of this folder in a process of its own and prints what it measured.

A benchmark is a module that prints one JSON object per line: ``what``, ``seconds``, ``peak_mb``, and the ``limit_…`` of
either. Exits with 1 if a limit is passed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def main() -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    passed = True
    print(f"{'what':<64}{'seconds':>9}{'limit':>7}{'peak MB':>9}{'limit':>7}")
    for name in names:
        run = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"], stdout=subprocess.PIPE, text=True, check=True
        )
        for line in run.stdout.splitlines():
            found = json.loads(line)
            within = found["seconds"] <= found["limit_seconds"] and found["peak_mb"] <= found["limit_mb"]
            passed = passed and within
            print(
                f"{found['what']:<64}{found['seconds']:>9.1f}{found['limit_seconds']:>7}"
                f"{found['peak_mb']:>9.0f}{found['limit_mb']:>7}{'' if within else '  too much'}"
            )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
