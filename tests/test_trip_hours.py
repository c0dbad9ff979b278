"""Hours under way: by the clock, of one leg or two, and in the evening and at night."""

from __future__ import annotations

from datetime import date

import pytest

from tests.model_cases import ask, build, covered

HEADER = "person_key | mode | departed_at | arrived_at | row_means | time_precision | booking_ref | origin_place | destination_place\n"


def hours(*legs: str, **settings: int) -> list[tuple[object, ...]]:
    rows = "".join(f"anna | rail | {leg}\n" for leg in legs)
    tables = {"travel_segments": HEADER + rows} | covered(travel="2025-01-01 … 2025-12-31")
    con = build(tables, as_of=date(2025, 6, 1), only=("core_trip_hours",), **settings)  # type: ignore[arg-type]
    return ask(con, "select legs, round(hours, 6), round(evening_hours, 6) from core_trip_hours order by row_number")


OUT = "one_way | minute | b1 | Borås | Lund"
BACK = "one_way | minute | b1 | Lund | Borås"


@pytest.mark.parametrize(
    ("leaves", "arrives", "under_way", "evening"),
    [
        ("2025-03-04T08:00", "2025-03-04T11:30", 3.5, 0.0),
        pytest.param("2025-03-04T16:30", "2025-03-04T18:00", 1.5, 0.0, id="arrives as the evening begins"),
        ("2025-03-04T16:30", "2025-03-04T19:15", 2.75, 1.25),
        pytest.param("2025-03-04T22:00", "2025-03-05T07:30", 9.5, 8.0, id="a night train"),
        pytest.param("2025-03-04T04:30", "2025-03-04T08:00", 3.5, 1.5, id="the night that began the day before"),
        pytest.param("2025-03-04T17:00", "2025-03-06T07:00", 38.0, 24.0, id="two nights"),
        pytest.param(
            "2025-03-04T19:00", "2025-03-06T19:00", 48.0, 24.0, id="two days, the longest leg, into a third evening"
        ),
        pytest.param("2025-03-04T19:00:00", "2025-03-06T19:00:01", None, None, id="longer than two days is no leg"),
        pytest.param(
            "2025-03-04T08:00", "2025-03-04T08:00", None, None, id="arrives as it leaves: one of the two is not known"
        ),
        pytest.param("2025-03-04T11:00", "2025-03-04T08:00", None, None, id="arrives before it leaves"),
    ],
)
def test_hours_of_a_leg_run_from_leaving_to_arriving(leaves, arrives, under_way, evening):
    assert hours(f"{leaves} | {arrives} | {OUT}") == [(1, under_way, evening)]


def test_hours_at_the_destination_are_not_under_way():
    out, back = f"2025-03-04T07:00 | 2025-03-04T10:00 | {OUT}", f"2025-03-05T17:00 | 2025-03-05T20:00 | {BACK}"
    assert hours(out, back) == [(2, 6.0, 2.0)]


def test_a_journey_of_which_one_leg_has_no_times_has_no_hours():
    out = f"2025-03-04T07:00 | 2025-03-04T10:00 | {OUT}"
    back = "2025-03-05 | 2025-03-05 | one_way | day | b1 | Lund | Borås"
    assert hours(out, back) == [(2, None, None)]


def test_a_day_there_and_back_tells_no_hours():
    assert hours("2025-03-04T07:00 | | round_trip | minute | | Borås | Lund") == [(1, None, None)]


def test_the_evening_is_a_setting():
    leg = f"2025-03-04T16:30 | 2025-03-04T19:15 | {OUT}"
    assert hours(leg, evening_from=17) == [(1, 2.75, 2.25)]
    assert hours(leg, evening_from=20) == [(1, 2.75, 0.0)]
    night = f"2025-03-04T04:30 | 2025-03-04T08:00 | {OUT}"
    assert hours(night, evening_to=5) == [(1, 3.5, 0.5)]
