"""Holds what landed against what the vendors count themselves, and notices sources that answer and say nothing.

The figures are published all the same, since what is right of them is right; but somebody has to look, so both are
failed checks until the difference is mended or older than ``reconcile_days``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

RECONCILED, SPEAKS = "reconciled", "speaks"
MOST_LINES = 10

CHECKS = {
    RECONCILED: ("core_reconciliation", "What landed is, within tolerance, what the vendors count themselves."),
    SPEAKS: ("core_silences", "No source of meetings answers day after day without a meeting."),
}
"""Name of the check to the model it looks at and what must be true."""


@dataclass(frozen=True)
class Verdict:
    """What a check found: a line for each source and period to look at, newest first."""

    lines: tuple[str, ...]

    @property
    def words(self) -> str:
        """The lines as one; of many the newest, and how many more there are."""
        more = len(self.lines) - MOST_LINES
        return "; ".join((*self.lines[:MOST_LINES], *([f"and {more} more"] if more > 0 else [])))


def verdict(warehouse: duckdb.DuckDBPyConnection, check: str) -> Verdict:
    """Run one of :data:`CHECKS` on a built warehouse."""
    return _reconciled(warehouse) if check == RECONCILED else _speaks(warehouse)


def _reconciled(warehouse: duckdb.DuckDBPyConnection) -> Verdict:
    rows = warehouse.execute(
        """SELECT source, counted, period_from, period_to, vendor_count, landed_count FROM core_reconciliation
           WHERE is_open ORDER BY period_to DESC, source, counted"""
    ).fetchall()
    return Verdict(
        tuple(
            f"{source} {_days(first, last)}: the vendor counts {told} {counted}, landed are {landed}; "
            + ("read those days again with 'resfri run --from … --to …'" if landed < told else "see resfri doctor")
            for source, counted, first, last, told, landed in rows
        )
    )


def _speaks(warehouse: duckdb.DuckDBPyConnection) -> Verdict:
    rows = warehouse.execute(
        """SELECT source, silent_from, silent_to, meetings_before FROM core_silences
           WHERE is_open ORDER BY silent_to DESC, source"""
    ).fetchall()
    return Verdict(
        tuple(
            f"{source} {_days(first, last)}: it answered, and told of no meeting, after {before} in the four weeks "
            "before; see whether the organisation has left the platform, or the app sees all of it (resfri doctor)"
            for source, first, last, before in rows
        )
    )


def _days(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
