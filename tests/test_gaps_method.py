"""What is not known, month by month: rows that could not be placed, measured or tied to a factor, and which are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.model_cases import ask, compute

CELL = "period_kind | period_end | quantity | department | person_group | dimension | dimension_value | is_withheld\n"
QUARTER = """quarter | 2025-06-30 | trips | all | all | mode | unknown | false
             quarter | 2025-06-30 | trips | all | all | trip_class | unknown | false"""
JOURNEY = {
    "source": "travel", "month": "2025-06-01", "mode": "rail", "is_odd_duration": "false", "department": "Skola",
    "trip_class": "meeting", "is_unassembled": "false", "is_return_missing": "false",
}  # fmt: skip
MEETING = {"source": "teams", "month": "2025-06-01", "is_modality_assumed": "false", "people": "3"}
COLUMNS = {
    "core_trips": ("source", "month", "person_key", "mode", "is_odd_duration", "department", "trip_class", "is_unassembled", "is_return_missing"),
    "core_trip_legs": ("trip_file_sha256", "trip_row_number"),
    "core_segments": ("source", "distance_km"),
    "core_trip_footprint": ("co2e_kg",),
}  # fmt: skip


def gaps(
    journeys: Sequence[Mapping[str, str]] = (),
    meetings: Sequence[Mapping[str, str]] = (),
    columns: str = "gap, rows, share",
    where: str = "",
    figures: str = QUARTER,
    staff: str = "2025-06-01 | all | all | 100",
    periods: str = "month | 2025-06-30 | 2025-06-01",
) -> list[tuple[object, ...]]:
    """The gaps of journeys and meetings, each with what is not known of it and whose it is."""
    tables: dict[str, list[str]] = {
        name: [f"file_sha256 | row_number | {' | '.join(told)}"] for name, told in COLUMNS.items()
    }
    for number, journey in enumerate(journeys):
        # as if each had a file of its own, with its leg above it
        for name in COLUMNS if "distance_km" in journey else ("core_trips",):
            row = 2 if name == "core_trips" else 1
            values = JOURNEY | {"trip_file_sha256": f"t{number}", "trip_row_number": "2"} | journey
            tables[name].append(" | ".join([f"t{number}", str(row), *(values.get(one, "") for one in COLUMNS[name])]))
    names = ["organiser_key", *MEETING]
    held = [" | ".join((MEETING | meeting).get(name, "") for name in names) for meeting in meetings]
    con = compute(
        ("out_gaps",),
        {name: "\n".join(lines) for name, lines in tables.items()}
        | {
            "core_meetings": "\n".join([" | ".join(names), *held]),
            "core_denominators": f"month | department | person_group | denominator\n{staff}",
            "core_disclosure": CELL + figures,
            "core_periods": f"period_kind | period_end | month\n{periods}",
        },
    )
    return ask(con, f"select {columns} from out_gaps {where and f'where {where}'} order by all")


def of(number: int, /, **told: str) -> list[dict[str, str]]:
    """So many journeys or meetings, each somebody else's."""
    return [{"person_key": f"p{person}", "organiser_key": f"p{person}"} | told for person in range(number)]


@pytest.mark.parametrize(
    ("column", "value", "gap"),
    [
        ("mode", "unknown", "unknown_mode"),
        ("is_odd_duration", "true", "odd_duration"),
        ("department", "NULL", "unknown_department"),
        ("trip_class", "unknown", "unknown_purpose"),
        ("is_unassembled", "true", "not_assembled"),
        ("is_return_missing", "true", "missing_return"),
    ],
)
def test_what_is_not_known_of_a_journey_is_a_gap(column, value, gap):
    found = gaps(of(9, **{column: value}) + of(3), columns="source, cast(month as varchar), gap, rows, share, reason")
    assert found == [("travel", "2025-06-01", gap, 9, 0.75, None)]


@pytest.mark.parametrize(("column", "gap"), [("distance_km", "no_distance"), ("co2e_kg", "no_factor")])
def test_a_leg_of_unknown_length_or_emissions_is_a_gap_of_its_journeys_month_and_traveller(column, gap):
    leg = {"distance_km": "300", "co2e_kg": "5"}
    found = gaps(
        of(9, **leg | {column: "NULL"}) + of(3, **leg), columns="source, cast(month as varchar), gap, rows, share"
    )
    assert found == [("travel", "2025-06-01", gap, 9, 0.75)]


@pytest.mark.parametrize(
    ("column", "value", "gap"),
    [("is_modality_assumed", "true", "assumed_web"), ("people", "NULL", "unknown_participants")],
)
def test_a_meeting_of_unknown_media_or_participants_is_a_gap(column, value, gap):
    """Where nobody told of media they are taken for web."""
    held = of(9, **{column: value}) + of(3)
    found = gaps(meetings=held, columns="source, cast(month as varchar), gap, rows, share, reason")
    assert found == [("teams", "2025-06-01", gap, 9, 0.75, None)]


@pytest.mark.parametrize(
    ("staff", "found"),
    [
        ("2025-06-01 | all | all | 100", []),
        ("2025-06-01 | all | all | NULL", [("staff", "no_staff", 1, 1)]),
        ("2025-05-01 | all | all | 100", [("staff", "no_staff", 1, 1)]),
        ("2025-06-01 | Skola | all | 100", [("staff", "no_staff", 1, 1)]),
        ("2025-06-01 | all | elected | 100", [("staff", "no_staff", 1, 1)]),
    ],
)
def test_a_month_without_the_staff_of_the_whole_organisation_is_a_gap_told_of_nobody(staff, found):
    assert gaps(columns="source, gap, rows, share", staff=staff) == found


def test_gaps_are_those_of_a_source_in_a_closed_month():
    found = gaps(
        of(9, is_odd_duration="true")
        + of(8, is_odd_duration="true", source="mileage")
        + of(12, source="mileage", is_unassembled="true")
        + of(11, is_odd_duration="true", month="2025-05-01")
        + of(10, is_odd_duration="true", month="2025-07-01"),
        columns="cast(month as varchar), source, gap, rows, share",
        staff="2025-06-01 | all | all | 100\n2025-05-01 | all | all | 100",
        periods="month | 2025-05-31 | 2025-05-01\nmonth | 2025-06-30 | 2025-06-01\nquarter | 2025-09-30 | 2025-07-01",
    )
    assert found == [
        ("2025-05-01", "travel", "odd_duration", 11, 1),
        ("2025-06-01", "mileage", "not_assembled", 12, 0.6),
        ("2025-06-01", "mileage", "odd_duration", 8, 0.4),
        ("2025-06-01", "travel", "odd_duration", 9, 1),
    ]


COUNTED, EXISTS = [(9, None)], [(None, "too_few_people")]
NOBODY = {"is_odd_duration": "true"}


@pytest.mark.parametrize(
    ("journeys", "found"),
    [
        pytest.param(of(8, **NOBODY), [(8, None)], id="k people"),
        pytest.param(of(7, **NOBODY), EXISTS, id="fewer"),
        pytest.param(2 * of(7, **NOBODY), EXISTS, id="fewer in more rows than k"),
        pytest.param(of(7, **NOBODY) + of(20), EXISTS, id="fewer, who others do not hide"),
        pytest.param(8 * [NOBODY], [(8, None)], id="k rows of nobody known"),
        pytest.param(7 * [NOBODY], EXISTS, id="fewer rows of nobody known"),
        pytest.param(7 * [NOBODY] + 20 * [{}], EXISTS, id="rows without a gap hide no more"),
        pytest.param(of(7, **NOBODY) + 7 * [NOBODY], EXISTS, id="fewer of either"),
    ],
)
def test_a_gap_of_fewer_than_k_people_is_said_to_exist(journeys, found):
    assert gaps(journeys, columns="rows, reason") == found


def test_shares_are_withheld_with_rows():
    assert gaps(of(3, is_odd_duration="true")) == [("odd_duration", None, None)]


@pytest.mark.parametrize(
    ("month", "figures", "found"),
    [
        ("2025-04", "quarter | 2025-06-30 | false", COUNTED),
        ("2025-06", "quarter | 2025-06-30 | false", COUNTED),
        ("2025-06", "quarter | 2025-06-30 | true", EXISTS),
        ("2025-04", "quarter | 2025-06-30 | true", EXISTS),
        pytest.param("2025-07", "quarter | 2025-06-30 | false", EXISTS, id="the quarter is not closed"),
        pytest.param("2025-03", "quarter | 2025-06-30 | false", EXISTS, id="the quarter has no figure"),
        pytest.param("2025-06", "year | 2025-12-31 | false", EXISTS, id="nor has it where only the year has one"),
        ("2025-06", "quarter | 2025-06-30 | false\nyear | 2025-12-31 | false", COUNTED),
        ("2025-06", "quarter | 2025-06-30 | false\nyear | 2025-12-31 | true", EXISTS),
        ("2025-01", "quarter | 2025-03-31 | false\nyear | 2025-12-31 | true", EXISTS),
        ("2025-12", "quarter | 2025-12-31 | false\nyear | 2025-12-31 | true", EXISTS),
        ("2025-12", "quarter | 2025-12-31 | false\nyear | 2026-12-31 | true", COUNTED),
        ("2025-06", "quarter | 2025-06-30 | false\nyear | 2024-12-31 | true", COUNTED),
        ("2025-06", "quarter | 2025-06-30 | false\nquarter | 2025-03-31 | true", COUNTED),
        ("2025-06", "quarter | 2025-06-30 | false\nquarter | 2025-09-30 | true", COUNTED),
        pytest.param(
            "2025-06", "quarter | 2025-06-30 | false\nrolling_12 | 2025-06-30 | true", COUNTED, id="only quarters and years"
        ),
    ],
)  # fmt: skip
def test_a_gap_that_is_a_figure_is_counted_where_the_figures_of_its_quarter_and_year_are_told(month, figures, found):
    """Journeys of unknown mode are one of the modes, those of unknown purpose one of the purposes."""
    cells = "\n".join(
        f"{kind} | {end} | trips | all | all | {dimension} | unknown | {is_withheld}"
        for kind, end, is_withheld in (line.split(" | ") for line in figures.splitlines())
        for dimension in ("mode", "trip_class")
    )
    given = {
        "figures": cells,
        "staff": f"{month}-01 | all | all | 100",
        "periods": f"month | 2025-06-30 | {month}-01",
        "columns": "rows, reason",
    }
    assert gaps(of(9, mode="unknown", month=f"{month}-01"), **given) == found
    assert gaps(of(9, trip_class="unknown", month=f"{month}-01"), **given) == found


@pytest.mark.parametrize(
    ("withheld", "hidden"),
    [
        ("trips | all | all | mode | unknown", ["unknown_mode"]),
        ("trips | all | all | trip_class | unknown", ["unknown_purpose"]),
        ("trips | all | all | mode | rail", []),
        ("trips | all | all | length | unknown", []),
        ("trips | Skola | all | mode | unknown", []),
        ("trips | all | elected | mode | unknown", []),
        ("cost_sek | all | all | mode | unknown", []),
    ],
)
def test_no_other_figure_hides_a_gap(withheld, hidden):
    figures = f"{QUARTER}\nquarter | 2025-06-30 | {withheld} | true"
    unknown = of(9, mode="unknown", trip_class="unknown", is_odd_duration="true")
    assert gaps(unknown, columns="gap", where="reason is not null", figures=figures) == [(gap,) for gap in hidden]
