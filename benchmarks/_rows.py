"""How a benchmark says what it measured: a line of JSON for each figure, of which a table is made."""

from __future__ import annotations

import json
import resource
from typing import Literal


def say(
    what: str, measured: float, unit: str, goal: float | None = None, better: Literal["less", "more"] = "less"
) -> None:
    """Print one figure.

    Args:
        what: was measured.
        measured: the figure.
        unit: of it.
        goal: what it should be at most (``less``) or at least (``more``); None where there is none.
        better: which way is good.
    """
    print(json.dumps({"what": what, "measured": measured, "unit": unit, "goal": goal, "better": better}), flush=True)


def peak_mb() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
