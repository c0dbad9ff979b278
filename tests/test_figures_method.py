"""Figures per full-time equivalent, shares and changes (METHOD 1, 2): from published sums to figures, and why there is none."""

from __future__ import annotations

from datetime import date

import pytest

from tests.model_cases import COUNTING, ask, cells, compute, known_months, months, staff_months, value


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
    "staff",
    [
        pytest.param(
            staff_months("2025-01", "2025-12", 80, but=("2025-06",)), id="a month of which staff is not known"
        ),
        pytest.param(staff_months("2025-01", "2025-12", 0), id="no full-time equivalents at all"),
    ],
)
def test_without_full_time_equivalents_there_is_no_figure_per_one(staff):
    con = figures({"trips": "180 | 20 | 1", "energy_kwh": "5000 | 20 | 1"}, staff)
    assert level(con, "trips_per_fte.trips")[1] == "no_staff"
    # how many there were is still known, and a total needs no staff
    assert level(con, "trips_per_fte.trips", "numerator") == (180.0,)
    assert level(con, "travel_energy_mwh.energy_mwh") == (5.0, None)


@pytest.mark.parametrize(
    ("skola", "others", "reason", "compared"),
    [
        ("2025-12", "2025-12", None, 12),
        ("2025-06", "2025-12", "no_staff", 6),  # it ended in June, and was not idle from then on
        ("2025-06", "2025-06", None, 12),  # nobody's staff is known later on
        (None, "2025-12", None, 12),  # payroll has never heard of it, which is no end
    ],
)
def test_a_department_that_ended_has_totals_and_is_compared_for_as_long_as_it_lasted(skola, others, reason, compared):
    lasted = {"Skola": skola, "all": others}
    staff = [f"{month} | {name} | 80" for name, last in lasted.items() if last for month in months("2024-01", last)]
    tables = {
        "core_coverage": known_months("2024-01", "2025-12"),
        "core_denominators": "\n".join(["month | department | denominator", *staff]),
        "core_disclosure": cells({"energy_kwh": "5000 | 20 | 1"}, departments=("Skola",)),
        "core_cells": "quantity | department\ntrips | all\ntrips | Skola",
    }
    con = compute((*COUNTING, "core_shown_cells", "core_level_figures", "core_paired_months"), tables)
    assert value(con, "core_level_figures", "travel_energy_mwh.energy_mwh", department="Skola")[1] == reason
    pairs = "select count(*) from core_paired_months where period_kind = 'year' and basis = 'total' and department = "
    assert ask(con, f"{pairs} 'Skola'") == [(compared,)]
    assert ask(con, f"{pairs} 'all'") == [(12,)]


def test_meetings_in_rooms_are_a_total():
    assert level(figures({"meetings_in_rooms": "1174 | 40 | 1"}), "room_use.occasions") == (1174.0, None)


@pytest.mark.parametrize(("known", "reason"), [(1.0, None), (0.8, None), (0.79, "incomplete"), (0.0, "incomplete")])
def test_sums_of_which_too_little_is_known_are_none(known, reason):
    con = figures(
        {"attended_hours": f"960 | 20 | {known}", "meetings_short": "3 | 9 | 1", "meetings_timed": f"10 | 20 | {known}"}
    )
    assert level(con, "meeting_length.hours_per_fte")[1] == reason
    assert share(con, "meeting_length.share_short")[1] == reason


def test_a_share_is_its_part_divided_by_its_whole():
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
        pytest.param("12 | 150 | 0 | 1 | 1", (None, "no_baseline"), id="nothing in the baseline to compare with"),
        pytest.param("", (None, "no_staff"), id="no month has staff data on both sides, and trips are known"),
        ("12 | 150 | 200 | 0.95 | 0.90", (-0.25, None)),
        ("12 | 150 | 200 | 0.79 | 0.79", (-0.25, "not_comparable")),
        pytest.param("12 | 150 | 200 | 1 | 0.94", (-0.25, "not_comparable"), id="more than five points apart"),
        pytest.param(
            "12 | 150 | 200 | 1 | 0.9499999997", (-0.25, None), id="five points apart, and less than a billionth"
        ),
    ],
)
def test_change_is_against_what_the_baseline_lets_expect(line, found):
    assert change(line) == found


def test_without_a_month_known_on_both_sides_there_is_no_change():
    assert change("", "") == (None, "source_missing")


CELL = "period_kind | period_end | quantity | person_group | dimension | dimension_value | amount | people | known_share | is_withheld\n"


def told(model: str, cells_told: str, coverage: str | None = None, staff: str | None = None):
    """Single cells of 2025 through one model."""
    given = {
        "core_coverage": coverage or known_months("2025-01", "2025-12"),
        "core_denominators": staff or staff_months("2025-01", "2025-12", 80),
        "core_disclosure": CELL + cells_told,
    }
    return compute((*COUNTING, "core_shown_cells", model), given)


WHAT = "baseline, dimension_2, value_2, numerator, denominator, unit, known_share, people"


def test_a_figure_per_full_time_equivalent_stands_with_what_it_is_made_of():
    con = told("core_level_figures", "year | 2025-12-31 | trips | all | all | all | 180 | 20 | 0.9 | false")
    found = level(con, "trips_per_fte.trips", WHAT)
    assert found == ("none", "all", "all", 180.0, 80.0, "trips/FTE", 0.9, 20)


def test_a_total_has_nothing_it_is_divided_by():
    con = told("core_level_figures", "year | 2025-12-31 | energy_kwh | all | all | all | 5000 | 20 | 1 | false")
    found = level(con, "travel_energy_mwh.energy_mwh", WHAT)
    assert found == ("none", "all", "all", 5.0, None, "MWh", 1.0, 20)


@pytest.mark.parametrize(
    ("department", "group", "dimension", "name", "reason"),
    [
        pytest.param("all", "all", "all", "all", None, id="the organisation as a whole"),
        pytest.param("Skola", "all", "all", "all", "source_missing", id="a department"),
        pytest.param("all", "elected", "all", "all", "source_missing", id="a group of people"),
        pytest.param("all", "all", "mode", "rail", "source_missing", id="a part of the trips"),
    ],
)
def test_what_only_totals_tell_is_of_everybody_and_everything(department, group, dimension, name, reason):
    """Not one trip is known by itself, and totals tell how many there were each month; meetings are known one by one."""
    year = months("2025-01", "2025-12")
    rows_of = (
        known_months("2025-01", "2025-12", ("meetings",)),
        known_months("2025-01", "2025-12", ("travel",), but=tuple(month[:7] for month in year)),
    )
    told_of = [
        f"travel | travel | {month} | {trips} | 20" for month in year for trips in ("trips", "trips_replaceable")
    ]
    place = f"{department} | {group} | {dimension} | {name}"
    tables = {
        "core_coverage": rows_of[0] + "\n" + rows_of[1].partition("\n")[2],
        "core_totals": "\n".join(["source | kind | month | quantity | amount", *told_of]),
        "core_denominators": "month | department | person_group | denominator\n"
        + "\n".join(f"{month} | {department} | {group} | 80" for month in year),
        "core_disclosure": "period_kind | period_end | quantity | department | person_group | dimension | dimension_value | amount\n"
        + "\n".join(f"year | 2025-12-31 | {each} | {place} | 240" for each in ("trips", "trips_replaceable", "meetings_organised")),
    }  # fmt: skip
    con = compute((*COUNTING, "core_shown_cells", "core_level_figures", "core_share_figures"), tables)
    where = {"department": department, "person_group": group, "dimension_1": dimension, "value_1": name}
    assert value(con, "core_level_figures", "trips_per_fte.trips", **where)[1] == reason
    if dimension == "all":
        assert value(con, "core_share_figures", "digital_share.meetings", **where)[1] == reason


def test_the_elected_are_counted_per_person():
    staff = staff_months("2025-01", "2025-12", 80).replace(
        "denominator", "denominator | person_group | denominator_unit"
    )
    staff = "\n".join(f"{line} | all | fte" if line[:4] == "2025" else line for line in staff.splitlines())
    elected = "\n".join(f"2025-{month:02d}-01 | 50 | elected | people" for month in range(1, 13))
    con = told(
        "core_level_figures",
        """year | 2025-12-31 | trips | all     | all | all | 180 | 20 | 1 | false
           year | 2025-12-31 | trips | elected | all | all | 100 | 20 | 1 | false""",
        staff=f"{staff}\n{elected}",
    )
    assert level_of(con, person_group="all") == (180 / 80, "trips/FTE")
    assert level_of(con, person_group="elected") == (100 / 50, "trips/person")


def level_of(con, **where: str):
    return value(con, "core_level_figures", "trips_per_fte.trips", columns="value, unit", **where)


def test_an_organisation_of_one_full_time_equivalent_has_figures():
    con = figures({"trips": "12 | 20 | 1"}, staff_months("2025-01", "2025-12", 1))
    assert level(con, "trips_per_fte.trips") == (12.0, None)


def test_costs_stand_as_booked_and_by_the_rule_of_thumb():
    con = figures({"cost_sek": "80000 | 20 | 1"})
    assert level(con, "travel_cost_per_fte.cost_sek") == (1000.0, None)
    assert level(con, "travel_cost_per_fte.cost_sek_doubled") == (2000.0, None)
    con = figures({"cost_sek": "80000 | 20 | 1"}, cost_multiplier=1.5)
    assert level(con, "travel_cost_per_fte.cost_sek_doubled") == (1500.0, None)


@pytest.mark.parametrize(
    ("dimension", "is_told"), [("length", True), ("mode", True), ("trip_class", True), ("fuel", False)]
)
def test_trips_are_told_by_length_mode_and_class(dimension, is_told):
    con = told("core_level_figures", f"year | 2025-12-31 | trips | all | {dimension} | x | 40 | 20 | 1 | false")
    found = "select value from core_level_figures where indicator = 'trips_per_fte' and dimension_1 <> 'all'"
    assert ask(con, found) == ([(0.5,)] if is_told else [])


def test_days_are_told_as_a_whole_only():
    con = told("core_level_figures", "year | 2025-12-31 | travel_days | all | mode | rail | 40 | 20 | 1 | false")
    assert ask(con, "from core_level_figures") == []


@pytest.mark.parametrize("model", ["core_level_figures", "core_share_figures"])
def test_a_reason_why_there_is_no_figure_and_which_comes_first(model):
    gap = known_months("2025-01", "2025-12", but=("2025-06",))

    def reason(known: float, withheld: str, coverage: str | None = None, staff: str | None = None):
        lines = "\n".join(
            f"year | 2025-12-31 | {quantity} | all | all | all | 30 | 20 | {known} | {withheld}"
            for quantity in ("meetings_organised", "meetings_short", "meetings_timed")
        )
        con = told(model, lines, coverage, staff)
        if model == "core_level_figures":
            return level(con, "digital_meetings_per_fte.organised", "reason")[0]
        return share(con, "meeting_length.share_short", "reason")[0]

    none = staff_months("2025-01", "2025-12", 0)
    assert reason(1, "false") is None
    assert reason(0.1, "true", gap, none) == "source_missing"
    assert reason(0.1, "true", staff=none) == "too_few_people"
    assert reason(0.1, "false", staff=none) == "incomplete"
    assert reason(1, "false", staff=none) == ("no_staff" if model == "core_level_figures" else None)


def test_a_share_stands_with_what_it_is_a_share_of():
    con = told(
        "core_share_figures",
        """year | 2025-12-31 | meetings_short | all | all | all | 30  | 15 | 0.95 | false
           year | 2025-12-31 | meetings_timed | all | all | all | 120 | 20 | 0.9  | false""",
    )
    found = share(con, "meeting_length.share_short", WHAT)
    assert found == ("none", "all", "all", 30.0, 120.0, "share", 0.9, 20)


def part(con, indicator: str, dimension: str, name: str) -> tuple[object, ...]:
    return share_of(con, indicator, dimension_1=dimension, value_1=name)


def share_of(con, indicator: str, **where: str):
    return value(con, "core_share_figures", indicator, columns="value, reason", **where)


def test_a_form_of_meetings_is_a_share_of_all_meetings_held():
    meetings, bookings = (
        known_months("2025-01", "2025-12", ("meetings",)),
        known_months("2025-01", "2025-12", ("bookings",)),
    )
    con = told(
        "core_share_figures",
        """year | 2025-12-31 | meetings_held | all | all          | all      | 100 | 20 | 1 | false
           year | 2025-12-31 | meetings_held | all | meeting_form | digital  | 60  | 20 | 1 | false
           year | 2025-12-31 | meetings_held | all | meeting_form | physical | 40  | 20 | 1 | false
           year | 2025-12-31 | meetings_held | all | platform     | teams    | 50  | 20 | 1 | false""",
        f"{meetings}\n{bookings.partition(chr(10))[2]}",
    )
    assert part(con, "meeting_form_share.share", "meeting_form", "digital") == (0.6, None)
    assert part(con, "meeting_form_share.share", "meeting_form", "physical") == (0.4, None)
    # the share of all meetings in all meetings says nothing, and there is no share by platform
    assert ask(con, "select count(*) from core_share_figures where indicator = 'meeting_form_share'") == [(2,)]


def test_trouble_on_a_platform_or_from_an_endpoint_is_a_share_of_the_connections_there():
    con = told(
        "core_share_figures",
        """year | 2025-12-31 | connections          | all | all      | all   | 1000 | 20 | 1 | false
           year | 2025-12-31 | connections_troubled | all | all      | all   | 50   | 20 | 1 | false
           year | 2025-12-31 | connections          | all | platform | teams | 800  | 20 | 1 | false
           year | 2025-12-31 | connections_troubled | all | platform | teams | 20   | 20 | 1 | false
           year | 2025-12-31 | connections          | all | platform | zoom  | 200  | 20 | 1 | false
           year | 2025-12-31 | connections_troubled | all | platform | zoom  | 30   | 20 | 1 | false
           year | 2025-12-31 | connections          | all | endpoint | room  | 100  | 20 | 1 | false
           year | 2025-12-31 | connections_troubled | all | endpoint | room  | 9    | 20 | 1 | false""",
    )
    assert share(con, "technical_trouble.share") == (0.05, None)
    assert part(con, "technical_trouble.share", "platform", "teams") == (0.025, None)
    assert part(con, "technical_trouble.share", "platform", "zoom") == (0.15, None)
    assert part(con, "technical_trouble.share", "endpoint", "room") == (0.09, None)


LEVELS = [
    (kind, end, department, group, dimension, name)
    for kind, end in (("year", "2025-12-31"), ("year", "2026-12-31"), ("quarter", "2025-03-31"))
    for department, group in (("all", "all"), ("all", "elected"), ("Skola", "all"))
    for dimension, name in (("all", "all"), ("mode", "rail"), ("mode", "car"), ("length", "rail"))
]


def compared_cells(withheld: tuple[tuple[str, ...], ...] = (), replaced: str = "", known: str = "1 | 1"):
    """2025 and 2026 beside 2024, cell by cell; a cell of ``withheld`` begins with these words."""
    head = "period_kind | period_end | quantity | department | person_group | dimension | dimension_value"
    past = [
        (kind, end, *level[2:])
        for kind, end in (
            ("baseline", "2024-12-31"),
            ("quarter", "2024-03-31"),
            ("quarter", "2024-06-30"),
            ("month", "2024-01-31"),
            ("month", "2024-12-31"),
        )
        for level in LEVELS[:12]
    ]
    ends = [("quarter", "2025-06-30"), *(("month", f"2025-{day}") for day in ("01-31", "03-31", "12-31"))]
    more = [(*end, "all", "all", "all", "all") for end in ends]
    cell_lines, compared, rates = [], [], []
    for number, (kind, end, *place) in enumerate([*LEVELS, *more, *past]):
        name = " | ".join([kind, end, "trips_replaceable", *place])
        is_withheld = any(tuple([kind, end, *place][: len(words)]) == words for words in withheld)
        cell_lines.append(f"{name} | 20 | {str(is_withheld).lower()}")
        for basis, less in (("per_fte", 0.0), ("total", 0.001)):
            compared.append(f"{name} | {basis} | 12 | 150 | 200 | {known}")
            rate = number / 100 + less
            rates.append(
                f"{kind} | {end} | {' | '.join(place)} | {basis} | {rate:.3f} | {rate - 0.05:.3f} | {rate + 0.05:.3f}"
            )
    return compute(
        ("core_periods", "core_shown_cells", "core_change_figures"),
        {
            "core_coverage": known_months("2024-01", "2026-12"),
            "core_disclosure": f"{head} | people | is_withheld\n" + "\n".join(cell_lines),
            "core_comparisons": f"{head} | basis | months | amount | expected | known_share | baseline_known_share\n"
            + "\n".join(compared),
            "core_replacement": f"{head.replace('quantity | ', '')} | basis | rate | low | high\n"
            + (replaced or "\n".join(rates)),
        },
        as_of=date(2027, 1, 20),
    )


def rate_of(con, level: tuple[str, ...], basis: str = "per_fte", columns: str = "value, reason"):
    kind, end, department, group, dimension, name = level
    return value(
        con, "core_change_figures", "replacement_rate.trips", f"{kind} {end}", columns, department=department,
        person_group=group, dimension_1=dimension, value_1=name, value_2=basis,
    )  # fmt: skip


def test_each_cell_has_its_own_rate_and_interval():
    con = compared_cells()
    for number, level_told in enumerate(LEVELS):
        for basis, less in (("per_fte", 0.0), ("total", 0.001)):
            found = rate_of(con, level_told, basis, "value, low, high, reason, dimension_2, baseline")
            rate = number / 100 + less
            assert found == (*(pytest.approx(each) for each in (rate, rate - 0.05, rate + 0.05)), None, "basis", "2024")


def test_only_what_comes_after_the_baseline_is_compared_with_it():
    con = compared_cells()
    assert ask(con, "select distinct year(period_end) from core_change_figures order by 1") == [(2025,), (2026,)]


def test_a_rate_of_too_few_trips_is_none():
    con = compared_cells(replaced="year | 2025-12-31 | all | all | all | all | per_fte | | |")
    assert rate_of(con, LEVELS[0]) == (None, "too_few_trips")


@pytest.mark.parametrize(("known", "reason"), [("0.8 | 0.8", None), ("0.79 | 0.8", "not_comparable")])
def test_four_fifths_known_on_both_sides_are_enough(known, reason):
    assert rate_of(compared_cells(known=known), LEVELS[0])[1] == reason


def test_what_a_quarter_is_compared_with_may_not_be_had_from_it():
    """The first quarter of 2024 is withheld for rail: so is what 2025's says of it, and nothing else."""
    con = compared_cells(withheld=(("quarter", "2024-03-31", "all", "all", "mode", "rail"),))
    for level_told in LEVELS:
        is_it = level_told == ("quarter", "2025-03-31", "all", "all", "mode", "rail")
        assert rate_of(con, level_told)[1] == ("too_few_people" if is_it else None)
    for kind, end in (("quarter", "2025-06-30"), ("month", "2025-03-31")):
        assert rate_of(con, (kind, end, "all", "all", "all", "all"))[1] is None


def test_a_month_that_ends_a_withheld_quarter_is_another_cell():
    con = compared_cells(withheld=(("quarter", "2024-03-31", "all", "all", "all", "all"),))
    assert rate_of(con, ("quarter", "2025-03-31", "all", "all", "all", "all"))[1] == "too_few_people"
    assert rate_of(con, ("month", "2025-03-31", "all", "all", "all", "all"))[1] is None


@pytest.mark.parametrize("day", ["01-31", "12-31"])
def test_what_a_month_is_compared_with_may_not_be_had_from_it(day):
    """The first or the last month of the baseline is withheld: so is what the same month of 2025 says of it."""
    con = compared_cells(withheld=(("month", f"2024-{day}", "all", "all", "all", "all"),))
    for end in ("01-31", "03-31", "12-31"):
        found = rate_of(con, ("month", f"2025-{end}", "all", "all", "all", "all"))
        assert found[1] == ("too_few_people" if end == day else None)


def test_a_withheld_baseline_withholds_what_is_compared_with_it():
    con = compared_cells(withheld=(("baseline", "2024-12-31", "Skola", "all"),))
    assert rate_of(con, ("year", "2025-12-31", "Skola", "all", "all", "all"))[1] == "too_few_people"
    assert rate_of(con, ("year", "2025-12-31", "all", "all", "all", "all"))[1] is None


PAIRS = (
    "select month(month), amount, baseline_amount, exposure, baseline_exposure, facts, facts_known, baseline_facts, "
    "baseline_facts_known from core_paired_months"
)
COUNTS = "month | quantity | amount | facts | facts_known | department | person_group | dimension | dimension_value\n"
PLACES = {
    "Skola | all | all | all": 2, "all | elected | all | all": 3, "Skola | elected | all | all": 4,
    "all | all | length | long": 5, "all | all | mode | rail": 6, "all | all | mode | car": 7,
}  # fmt: skip


def paired(
    counted: list[str] | None = None,
    places: dict[str, int] | None = None,
    quantities: tuple[str, ...] = ("trips_replaceable",),
    coverage: str | None = None,
    staff: list[str] | None = None,
    totals: str = "",
    **method,
):
    """2025 beside 2024. Unless said otherwise: ten times as many trips as the month's number then, and as many now."""
    places = places or {"all | all | all | all": 1}
    every = [(month, int(month[5:7]), month < "2025") for month in months("2024-01", "2025-12")]
    counted = counted or [
        f"{month} | {quantity} | {times * number * (10 if is_past else 1)} | {number + 2 * is_past} | {number + is_past} | {place}"
        for month, number, is_past in every for quantity in quantities for place, times in places.items()
    ]  # fmt: skip
    pairs = {place.rpartition(" | ")[0].rpartition(" | ")[0]: times for place, times in places.items()}
    staff = staff or [
        f"{month} | {pair} | {times * (80 if is_past else 100)}"
        for month, _, is_past in every for pair, times in pairs.items()
    ]  # fmt: skip
    return compute(
        ("core_periods", "core_kind_coverage", "core_paired_months"),
        {
            "core_coverage": coverage or known_months("2024-01", "2025-12"),
            "core_totals": f"source | kind | month | quantity | amount\n{totals}",
            "core_cells": "quantity | department | person_group | dimension | dimension_value\n"
            + "\n".join(f"{quantity} | {place}" for quantity in quantities for place in places),
            "core_monthly": COUNTS + "\n".join(counted),
            "core_denominators": "month | department | person_group | denominator\n" + "\n".join(staff),
        },
        **method,
    )


def test_each_month_stands_beside_the_same_month_of_the_baseline():
    con = paired()
    of = "period_kind = 'quarter' and period_end = '2025-06-30' and basis ="
    counted = [(n, float(n), 10.0 * n) for n in (4, 5, 6)]
    facts = [(n, n, n + 2, n + 1) for n in (4, 5, 6)]
    per_fte = [(*amounts, 100.0, 80.0, *rest) for amounts, rest in zip(counted, facts, strict=True)]
    assert ask(con, f"{PAIRS} where {of} 'per_fte' order by 1") == per_fte
    total = [(*amounts, 1.0, 1.0, *rest) for amounts, rest in zip(counted, facts, strict=True)]
    assert ask(con, f"{PAIRS} where {of} 'total' order by 1") == total
    count = "select period_kind, count(*) from core_paired_months where basis = 'total' group by period_kind order by 1"
    # twelve months up to a quarter's end are after the baseline only where they are the year
    assert ask(con, count) == [("month", 12), ("quarter", 12), ("rolling_12", 12), ("year", 12)]


def test_a_known_month_without_rows_is_a_true_zero_and_an_amount_nobody_knows_is_none():
    con = paired(
        [
            "2024-01-01 | trips_replaceable | 10 | 1 | 1 | all | all | all | all",
            "2025-02-01 | trips_replaceable | 20 | 2 | 1 | all | all | all | all",
            "2024-03-01 | trips_replaceable |    | 3 | 0 | all | all | all | all",
            "2025-03-01 | trips_replaceable |    | 4 | 0 | all | all | all | all",
        ]
    )
    columns = "select month(month), amount, baseline_amount, facts, facts_known, baseline_facts, baseline_facts_known"
    found = ask(con, f"{columns} from core_paired_months where period_end = '2025-03-31' and period_kind = 'quarter' and basis = 'total' order by 1")  # fmt: skip
    assert found == [(1, 0.0, 10.0, 0, 0, 1, 1), (2, 20.0, 0.0, 2, 1, 0, 0), (3, None, None, 4, 0, 3, 0)]


@pytest.mark.parametrize("unknown", ["2024-05", "2025-05"])
def test_a_month_of_which_travel_is_not_known_on_both_sides_is_left_out(unknown):
    con = paired(coverage=known_months("2024-01", "2025-12", but=(unknown,)))
    of = "select month(month) from core_paired_months where period_end = '2025-06-30' and period_kind = 'quarter'"
    assert ask(con, f"{of} and basis = 'total' order by 1") == [(4,), (6,)]


@pytest.mark.parametrize(
    ("then", "now", "per_fte", "total"),
    [("80", "100", 1, 1), ("1", "1", 1, 1), ("0", "100", 0, 1), ("80", "0", 0, 1), ("", "100", 0, 1), ("80", "", 0, 1)],
)
def test_a_month_without_staff_on_one_side_has_totals_only(then, now, per_fte, total):
    con = paired(staff=[f"2024-05-01 | all | all | {then}", f"2025-05-01 | all | all | {now}"])
    of = "select count(*) from core_paired_months where period_end = '2025-05-31' and period_kind = 'month' and basis ="
    assert (ask(con, f"{of} 'per_fte'"), ask(con, f"{of} 'total'")) == ([(per_fte,)], [(total,)])


@pytest.mark.parametrize(
    ("skola", "others", "compared"),
    [
        ({2024, 2025}, {2024, 2025}, 1),
        pytest.param({2025}, {2024, 2025}, 0, id="formed after the baseline"),
        pytest.param({2024}, {2024, 2025}, 0, id="ended since the baseline"),
        pytest.param({2025}, {2025}, 1, id="nobody's staff of the baseline is known"),
        pytest.param({2024}, {2024}, 1, id="nobody's staff is known since"),
    ],
)
@pytest.mark.parametrize("group", ["all", "elected"])
def test_a_department_with_staff_on_one_side_only_was_formed_or_ended(skola, others, compared, group):
    staff = [f"{year}-05-01 | Skola | {group} | 80" for year in skola]
    staff += [f"{year}-05-01 | all | {group} | 800" for year in others]
    # of the others everything is known
    staff += [f"{year}-05-01 | all | {'elected' if group == 'all' else 'all'} | 80" for year in (2024, 2025)]
    con = paired(places={f"Skola | {group} | all | all": 1}, staff=staff)
    of = "from core_paired_months where period_end = '2025-05-31' and period_kind = 'month' and basis = 'total'"
    assert ask(con, f"select count(*) {of}") == [(compared,)]


def test_every_series_has_months_and_staff_of_its_own():
    con = paired(places=PLACES)
    found = ask(
        con,
        "select department, person_group, dimension, dimension_value, amount, baseline_amount, exposure "
        "from core_paired_months where period_end = '2025-05-31' and period_kind = 'month' and basis = 'per_fte' order by amount",
    )
    # the three that are parts of one whole have its staff, which the last of them tells
    exposure = {place: times * 100.0 for place, times in PLACES.items()} | {
        place: 700.0 for place in PLACES if place.startswith("all | all")
    }
    assert found == [
        (*place.split(" | "), 5.0 * times, 50.0 * times, exposure[place]) for place, times in PLACES.items()
    ]


def test_trips_are_compared_by_length_and_mode_and_other_measures_as_a_whole():
    wholes = ("trips", "distance_km", "co2_kg", "co2e_kg", "energy_kwh", "cost_sek", "trips_replaceable")
    con = paired(
        places=dict.fromkeys(("all | all | all | all", "all | all | length | long", "all | all | mode | rail", "all | all | trip_class | meeting"), 1),
        quantities=(*wholes, "travel_days"), staff=["2024-05-01 | all | all | 80", "2025-05-01 | all | all | 80"],
    )  # fmt: skip
    found = ask(con, "select distinct quantity, dimension from core_paired_months order by 1, 2")
    parts = [("trips_replaceable", "length"), ("trips_replaceable", "mode")]
    assert found == sorted([*((name, "all") for name in wholes), *parts])


def test_only_the_months_of_a_short_baseline_are_compared():
    con = paired(baseline_from="2024-07", baseline_to="2024-09")
    ends = "select distinct period_kind, cast(period_end as varchar) from core_paired_months where period_kind <> 'month' order by 1, 2"
    # quarters of other seasons have no month to be compared with, and the one before is the baseline itself
    assert ask(con, ends) == [("quarter", "2025-09-30"), ("rolling_12", "2025-09-30"), ("rolling_12", "2025-12-31"), ("year", "2025-12-31")]  # fmt: skip
    found = "select distinct month(month) from core_paired_months order by 1"
    assert ask(con, found) == [(7,), (8,), (9,)]


@pytest.mark.parametrize(
    ("place", "compared"),
    [
        ("all | all | all | all", 1),
        ("Skola | all | all | all", 0),
        ("all | elected | all | all", 0),
        ("all | all | mode | rail", 0),
    ],
)
def test_what_only_totals_tell_of_the_baseline_is_compared_as_a_whole(place, compared):
    past = tuple(month[:7] for month in months("2024-01", "2024-12"))
    totals = "\n".join(f"travel | travel | {month}-01 | trips_replaceable | 9" for month in past)
    con = paired(places={place: 1}, coverage=known_months("2024-01", "2025-12", but=past), totals=totals)
    of = "from core_paired_months where period_end = '2025-05-31' and period_kind = 'month' and basis = 'total'"
    assert ask(con, f"select count(*) {of}") == [(compared,)]
