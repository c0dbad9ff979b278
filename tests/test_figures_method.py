"""Figures per full-time equivalent, shares and changes (METHOD 1, 2): from published sums to figures, and why there is none."""

from __future__ import annotations

import pytest

from tests.model_cases import COUNTING, cells, compute, known_months, staff_months, value


def figures(quantities: dict[str, str], staff: str | None = None, coverage: str | None = None, **method):
    """Every cell of 2025 holds ``amount | people | known share`` of each quantity."""
    tables = {
        "core_coverage": coverage or known_months("2025-01", "2025-12"),
        "core_denominators": staff or staff_months("2025-01", "2025-12", 80),
        "core_disclosure": cells(quantities),
    }
    return compute((*COUNTING, "core_shown_cells", "core_level_figures", "core_share_figures"), tables, **method)


def level(con, name: str, columns: str = "value, reason"):
    return value(con, "core_level_figures", name, columns=columns)


def share(con, name: str, columns: str = "value, reason"):
    return value(con, "core_share_figures", name, columns=columns)


def test_a_count_is_divided_by_the_mean_of_the_months():
    staff = staff_months("2025-01", "2025-06", 60) + "\n" + staff_months("2025-07", "2025-12", 100).partition("\n")[2]
    con = figures({"meetings_organised": "400 | 20 | 1", "attended_hours": "960 | 20 | 1"}, staff)
    assert level(con, "digital_meetings_per_fte.organised") == (400 / 80, None)
    assert level(con, "meeting_length.hours_per_fte") == (960 / 80, None)


@pytest.mark.parametrize(
    "staff", [staff_months("2025-01", "2025-12", 80, but=("2025-06",)), staff_months("2025-01", "2025-12", 0)]
)
def test_one_month_without_staff_or_none_at_all_is_no_figure_per_full_time_equivalent(staff):
    con = figures({"trips": "180 | 20 | 1", "energy_kwh": "5000 | 20 | 1"}, staff)
    assert level(con, "trips_per_fte.trips")[1] == "no_staff"
    # how many there were is still known, and a total needs no staff
    assert level(con, "trips_per_fte.trips", "numerator") == (180.0,)
    assert level(con, "travel_energy_mwh.energy_mwh") == (5.0, None)


def test_meetings_in_rooms_are_a_total():
    assert level(figures({"meetings_in_rooms": "1174 | 40 | 1"}), "room_use.occasions") == (1174.0, None)


@pytest.mark.parametrize(("known", "reason"), [(1.0, None), (0.8, None), (0.79, "incomplete"), (0.0, "incomplete")])
def test_sums_of_which_too_little_is_known_are_none(known, reason):
    con = figures(
        {"attended_hours": f"960 | 20 | {known}", "meetings_short": "3 | 9 | 1", "meetings_timed": f"10 | 20 | {known}"}
    )
    assert level(con, "meeting_length.hours_per_fte")[1] == reason
    assert share(con, "meeting_length.share_short")[1] == reason


def test_shares():
    con = figures(
        {
            "meetings_short": "30 | 20 | 1", "meetings_timed": "120 | 20 | 1",
            "meetings_external": "45 | 20 | 1", "meetings_placed": "90 | 20 | 1",
            "connections_troubled": "12 | 20 | 1", "connections": "600 | 20 | 1",
        }
    )  # fmt: skip
    assert share(con, "meeting_length.share_short") == (30 / 120, None)
    assert share(con, "external_reach.share") == (45 / 90, None)
    assert share(con, "technical_trouble.share") == (12 / 600, None)


@pytest.mark.parametrize(
    ("meetings", "trips", "found"),
    [
        (30, 10, (30 / 40, None)),
        (0, 10, (0.0, None)),
        (30, 0, (1.0, None)),
        (0, 0, (None, "nothing_counted")),
    ],
)
def test_digital_share_is_meetings_of_meetings_and_trips(meetings, trips, found):
    con = figures(
        {
            "meetings_organised": f"{meetings} | 20 | 1",
            "trips_replaceable": f"{trips} | 20 | 1",
            "trips": "999 | 20 | 1",
        }
    )
    assert share(con, "digital_share.meetings") == found


def test_a_share_of_nothing_is_none():
    con = figures({"meetings_short": "0 | 0 | 1", "meetings_timed": "0 | 0 | 1"})
    assert share(con, "meeting_length.share_short") == (None, "nothing_counted")


@pytest.mark.parametrize(("kind", "other"), [("meetings", "travel"), ("travel", "meetings")])
def test_digital_share_needs_both_kinds_of_data(kind, other):
    gap = (
        known_months("2025-01", "2025-12", (kind,), but=("2025-06",))
        + "\n"
        + known_months("2025-01", "2025-12", (other,)).partition("\n")[2]
    )
    con = figures({"meetings_organised": "30 | 20 | 1", "trips_replaceable": "10 | 20 | 1"}, coverage=gap)
    assert share(con, "digital_share.meetings")[1] == "source_missing"
    assert value(con, "core_share_figures", "digital_share.meetings", "quarter 2025-03-31") == (0.75, None)


def test_a_withheld_part_or_whole_withholds_the_share():
    for part, whole in (("true", "false"), ("false", "true")):
        con = compute(
            (*COUNTING, "core_shown_cells", "core_share_figures"),
            {
                "core_coverage": known_months("2025-01", "2025-12"),
                "core_disclosure": f"""
                    period_kind | period_end | quantity       | amount | is_withheld
                    year        | 2025-12-31 | meetings_short | 30     | {part}
                    year        | 2025-12-31 | meetings_timed | 120    | {whole}""",
            },
        )
        assert share(con, "meeting_length.share_short")[1] == "too_few_people"


COMPARED = (
    "period_kind | period_end | quantity | basis | months | amount | expected | known_share | baseline_known_share\n"
)
CELLS = """
period_kind | period_end | quantity | people
year        | 2025-12-31 | trips    | 20
baseline    | 2024-12-31 | trips    | 20
"""


def change(per_fte: str, total: str = "12 | 150 | 200 | 1 | 1"):
    lines = [
        f"year | 2025-12-31 | trips | {basis} | {line}"
        for basis, line in (("per_fte", per_fte), ("total", total))
        if line
    ]
    con = compute(
        ("core_periods", "core_shown_cells", "core_change_figures"),
        {
            "core_coverage": known_months("2024-01", "2025-12"),
            "core_comparisons": COMPARED + "\n".join(lines),
            "core_disclosure": CELLS,
        },
    )
    return value(con, "core_change_figures", "travel_change.trips", value_2="per_fte")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("12 | 150 | 200 | 1 | 1", (-0.25, None)),
        ("12 | 250 | 200 | 1 | 1", (0.25, None)),
        ("12 | 0 | 200 | 1 | 1", (-1.0, None)),
        ("12 | 150 | 0 | 1 | 1", (None, "no_baseline")),
        ("", (None, "no_staff")),  # no month has staff data on both sides, and trips are known
        ("12 | 150 | 200 | 0.95 | 0.90", (-0.25, None)),
        ("12 | 150 | 200 | 0.79 | 0.79", (-0.25, "not_comparable")),
        ("12 | 150 | 200 | 1 | 0.94", (-0.25, "not_comparable")),  # more than five points apart
    ],
)
def test_change_against_the_baseline(line, found):
    assert change(line) == found


def test_no_month_known_on_both_sides():
    assert change("", "") == (None, "source_missing")
