"""What somebody has to look at before, or although, figures are published.

What landed is held against what the vendors count themselves, and sources that answer and say nothing are noticed: the
figures are published all the same, since what is right of them is right, but both are failed checks until they are
mended or older than ``reconcile_days``. Where several sources tell of the same travel and nobody has said which counts,
nothing is published: every figure of travel would be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

RECONCILED, SPEAKS, ONE_SOURCE = "reconciled", "speaks", "one_source"
STEADY, CLASSED, FILLING, NAMED = "steady", "classed", "filling", "named"
MOST_LINES = 10

CHECKS = {
    RECONCILED: ("core_reconciliation", "What landed is, within tolerance, what the vendors count themselves."),
    SPEAKS: ("core_silences", "No source of meetings answers day after day without a meeting."),
    ONE_SOURCE: ("core_authorities", "Of several sources that tell of the same travel it is said which counts."),
    STEADY: ("core_staff_changes", "No department's full-time equivalents jump from one month to the next."),
    CLASSED: ("core_trips", "Of trips by road it is known whether a meeting could replace them."),
    FILLING: ("core_totals", "Totals counted by hand stand in for months without rows."),
    NAMED: ("core_staff_monthly", "Directory and staff files call departments by the same names."),
}
"""Name of the check to the model it looks at and what must be true."""
BLOCKING = frozenset({ONE_SOURCE})
LIKELY_RIGHT = frozenset({STEADY, CLASSED, FILLING, NAMED})
"""What can be so: a warning and no failure."""


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
    found = {
        RECONCILED: _reconciled, SPEAKS: _speaks, ONE_SOURCE: _one_source, STEADY: _steady, CLASSED: _classed,
        FILLING: _filling, NAMED: _named,
    }  # fmt: skip
    return found[check](warehouse)


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


def _one_source(warehouse: duckdb.DuckDBPyConnection) -> Verdict:
    rows = warehouse.execute(
        """WITH contested AS (
             SELECT quantity, mode, vehicle_class, month, string_agg(source, ' and ' ORDER BY source) AS sources
             FROM core_authorities WHERE is_contested GROUP BY ALL
           )
           SELECT quantity, mode, vehicle_class, sources, min(month), max(month), count(*) FROM contested
           GROUP BY ALL ORDER BY quantity, mode, vehicle_class, sources"""
    ).fetchall()
    return Verdict(tuple(_which_counts(*row) for row in rows))


def _steady(warehouse: duckdb.DuckDBPyConnection) -> Verdict:
    rows = warehouse.execute(
        """SELECT department, month, fte_before, fte FROM core_staff_changes
           WHERE is_open ORDER BY month DESC, department"""
    ).fetchall()
    return Verdict(
        tuple(
            f"{department}: {before:g} full-time equivalents in the month before {month:%Y-%m}, {fte:g} in it; if it "
            "was no reorganisation, see whether the staff file has the same departments and counts the same"
            for department, month, before, fte in rows
        )
    )


def _classed(warehouse: duckdb.DuckDBPyConnection) -> Verdict:
    """Trips by road are asked about: nobody inspects or nurses by air, and home care goes by car."""
    rows = warehouse.execute(
        """SELECT coalesce(segment.vehicle_class, 'any') AS vehicle, coalesce(trip.department, 'no known department'),
                  sum(trip.trips) FILTER (WHERE trip.trip_class = 'unknown') AS unknown,
                  sum(trip.trips) AS all_trips
           FROM core_trips AS trip
           JOIN core_segments AS segment USING (file_sha256, row_number)
           WHERE trip.mode IN ('car', 'taxi', 'bus', 'bicycle', 'public_transport')
             AND trip.departed_on > (SELECT max(departed_on) - 365 FROM core_trips)
           GROUP BY ALL HAVING unknown >= 0.2 * all_trips AND unknown >= 50 ORDER BY unknown DESC, vehicle"""
    ).fetchall()
    return Verdict(
        tuple(
            f"{department}: of {unknown} of {trips} trips by road in the latest year{_by_vehicle(vehicle)} nobody "
            "knows whether a meeting could replace them, and they count as if it could; say it in settings, "
            f'[organisations.….trip_class] department = {{ "{department}" = "service" }}'
            + (f' or vehicle_class = {{ {vehicle} = "service" }}' if vehicle != "any" else "")
            + ', or = "meeting"'
            for vehicle, department, unknown, trips in rows
        )
    )


def _filling(warehouse: duckdb.DuckDBPyConnection) -> Verdict:
    rows = warehouse.execute(
        """SELECT source, min(covers_from), max(covers_to) FROM core_files
           WHERE kind IN ('meeting_totals', 'travel_totals') AND source NOT IN (SELECT told_by FROM core_totals)
           GROUP BY source ORDER BY source"""
    ).fetchall()
    return Verdict(
        tuple(
            f"{source} {_days(first, last)}: its totals are in no figure; to let them stand in for a source in months "
            f'without rows, say in settings, [organisations.….expected], filled_by = "{source}" at that source. Only '
            "totals of whole months count"
            for source, first, last in rows
        )
    )


def _named(warehouse: duckdb.DuckDBPyConnection) -> Verdict:
    """In the latest month with staff, after renamings: each side's departments that the other side does not know."""
    rows = warehouse.execute(
        """WITH latest AS (
             SELECT max(staff.month) AS month FROM core_staff_monthly AS staff
             JOIN core_departments AS department USING (month)
           ),
           in_directory AS (
             SELECT department.reporting_department AS department, count(DISTINCT person.person_key) AS people
             FROM core_people AS person
             JOIN core_departments AS department ON department.source_value = person.department
             JOIN latest USING (month)
             WHERE person.is_active AND person.valid_from <= last_day(month) AND last_day(month) < person.valid_before
             GROUP BY ALL
           ),
           in_staff AS (
             SELECT department, sum(headcount) AS people FROM core_staff_monthly
             JOIN latest USING (month) GROUP BY ALL
           )
           SELECT coalesce(in_directory.department, in_staff.department), in_directory.people, in_staff.people, month
           FROM in_directory FULL JOIN in_staff USING (department), latest
           WHERE (in_directory.department IS NULL OR in_staff.department IS NULL)
             AND month IS NOT NULL AND EXISTS (FROM in_directory)
           ORDER BY coalesce(in_directory.people, 0) + coalesce(in_staff.people, 0) DESC, 1"""
    ).fetchall()
    return Verdict(tuple(_unknown_to_the_other(*row) for row in rows))


def _unknown_to_the_other(department: str, in_directory: int | None, in_staff: int | None, month: date) -> str:
    told, silent = ("the staff file", "the directory") if in_directory is None else ("the directory", "the staff file")
    people = in_staff if in_directory is None else in_directory
    known = "names it" if people is None else f"has {people} people in it"
    return (
        f"{department}: in {month:%Y-%m} {told} {known}, {silent} nobody; if the other calls it by "
        "another name, say so in a file of departments (docs/files.md): figures per full-time equivalent wait for it"
    )


def _by_vehicle(vehicle: str) -> str:
    return "" if vehicle == "any" else f" by {vehicle}"


def _which_counts(
    quantity: str, mode: str, vehicle_class: str, sources: str, first: date, last: date, months: int
) -> str:
    key = f'"{mode} {vehicle_class}"' if vehicle_class != "any" else mode
    named = sources.split(" and ")
    both = ", ".join(f'"{source}"' for source in named)
    return (
        f"{sources} both tell of {quantity} by {key} in {months} of the months {first:%Y-%m} to {last:%Y-%m}: which "
        f'counts? Say it in settings, [organisations.….authoritative.{quantity}] {key} = "{named[0]}"; or [{both}] if '
        "none holds a journey that another holds"
    )


def _days(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
