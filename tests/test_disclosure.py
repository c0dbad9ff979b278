"""What is withheld: it does not come out by adding and subtracting what is published."""

from __future__ import annotations

from datetime import date

import pytest

from tests.model_cases import ask, build, covered, landing_table

MANY = [f"p{number:02d}" for number in range(30)]
SHOWN = ("out_indicators", "out_gaps", "out_coverage")
FEW = ["few1", "few2", "few3"]


def trips(people: list[str], month: str = "2025-05", **segment: object) -> list[dict[str, object]]:
    """One trip a person in a month."""
    return [{"departed_at": f"{month}-03", "person_key": person, "distance_km": "10"} | segment for person in people]


def organisation(rows: list[dict[str, object]], departments: dict[str, list[str]] | None = None, **tables: object):
    """A department of thirty people unless others are given, each large by its staff figures."""
    placed = departments or {"Skola": MANY}
    staff = [
        {"department": department, "month": date(year, month, 1), "headcount": 100, "fte": 80.0}
        for department in placed for year in (2024, 2025) for month in range(1, 13)
    ]  # fmt: skip
    people = [{"person_key": p, "department": d, "site": "Norrby"} for d, members in placed.items() for p in members]
    given = {"travel_segments": rows, "staff": landing_table("staff", staff), "people": people}
    return build(covered() | given | tables, only=SHOWN)


def shown(con, indicator: str = "trips_per_fte", **where: str) -> dict[tuple[object, ...], object]:
    """Counts published of an indicator: (department, period_kind, month of its end, value_1) to numerator."""
    where = {"dimension_1": "all", "person_group": "all"} | where
    conditions = " and ".join(f"{column} = '{value}'" for column, value in where.items())
    found = ask(
        con,
        f"""select department, period_kind, month(period_end), value_1, numerator from out_indicators
            where indicator = '{indicator}' and measure in ('trips', 'meetings') and numerator is not null
            and year(period_end) = 2025 and {conditions}""",
    )
    return {tuple(row[:-1]): row[-1] for row in found}


def test_a_month_of_few_people_is_not_the_quarter_less_its_other_months():
    con = organisation(trips(MANY, "2025-04") + trips(FEW, "2025-05") + trips(MANY, "2025-06"))
    figures = shown(con)
    assert figures["all", "quarter", 6, "all"] == 63
    assert [key for key in figures if key[1] == "month" and key[2] in (4, 5, 6)] == []
    assert figures["all", "month", 7, "all"] == 0  # other quarters keep their months


def test_a_quarter_of_few_people_leaves_the_year_and_nothing_else():
    """Not the year less three quarters, and not one window of twelve months less the one before."""
    con = organisation(trips(MANY, "2025-02") + trips(FEW, "2025-05") + trips(MANY, "2025-08") + trips(MANY, "2025-11"))
    assert {(kind, month) for _, kind, month, _ in shown(con) if kind != "rolling_12"} == {("year", 12)}
    assert {month for _, kind, month, _ in shown(con) if kind == "rolling_12"} == {12}


def test_a_department_with_a_failing_quarter_publishes_years_only():
    departments = {"Skola": MANY[:10], "Vård": MANY[10:20], "Teknik": MANY[20:]}
    rows = [row for month in ("02", "05", "08", "11") for row in trips(MANY, f"2025-{month}")]
    rows = [row for row in rows if row["departed_at"] != "2025-05-03" or row["person_key"] not in MANY[:7]]
    figures = shown(organisation(rows, departments))
    assert [key for key in figures if key[0] == "Skola"] == [("Skola", "year", 12, "all")]
    # one other department hides it in the quarters: the organisation less the two that remain is not Skola
    assert sorted({key[0] for key in figures if key[1] == "quarter"} - {"all"}) in (["Teknik"], ["Vård"])


def test_two_small_values_are_not_the_total_less_the_others():
    """Two modes of one and two people: their sum would be three people's, so a third mode hides them."""
    rows = (
        trips(MANY, mode="rail")
        + trips(MANY[:12], mode="car")
        + trips(FEW[:2], mode="flight")
        + trips(FEW[2:], mode="ferry")
    )
    modes = {
        key[3]
        for key, value in shown(organisation(rows), dimension_1="mode").items()
        if value and key[1:3] == ("quarter", 6)
    }
    assert modes == {"car"}


def test_what_hides_a_value_hides_it_in_every_quarter_of_the_year():
    """The mode that hides flights in one quarter would otherwise be had from the year and the other quarters."""
    rows = (
        trips(MANY, "2025-02", mode="rail") + trips(MANY[:9], "2025-02", mode="bus") + trips(MANY[:20], "2025-02", mode="car")
        + trips(MANY, "2025-05", mode="rail") + trips(MANY[:20], "2025-05", mode="bus") + trips(MANY[:9], "2025-05", mode="car")
        + trips(FEW, "2025-05", mode="flight") + trips(MANY, "2025-08", mode="rail") + trips(MANY[:9], "2025-08", mode="bus")
        + trips(MANY[:20], "2025-08", mode="car") + trips(MANY[:9], "2025-08", mode="flight")
    )  # fmt: skip
    figures = shown(organisation(rows), dimension_1="mode")
    hidden = [
        {"rail", "bus", "car", "flight"} - {key[3] for key in figures if key[1:3] == ("quarter", month)}
        for month in (3, 6, 9)
    ]
    assert hidden[0] == hidden[1] == hidden[2]
    assert len(hidden[0]) == 2


def test_a_breakdown_of_a_department_is_not_the_organisations_less_the_other_departments():
    """Skola's three flights come out of no row and no column of departments × modes."""
    departments = {"Skola": MANY[:10], "Vård": MANY[10:20], "Teknik": MANY[20:]}
    rows = trips(MANY, mode="rail") + trips(MANY, mode="car") + trips(MANY[:3] + MANY[10:], mode="flight")
    figures = {
        key: value
        for key, value in shown(organisation(rows, departments), dimension_1="mode").items()
        if key[1] == "year"
    }
    open_departments = {key[0] for key in figures} - {"all"}
    assert len(open_departments) == 1
    assert "Skola" not in open_departments
    assert figures["all", "year", 12, "flight"] == 23


def test_a_withheld_total_is_not_the_sum_of_its_breakdown():
    """Vård's total hides Skola's seven; fewest rail travellers has Teknik, and Vård's modes would add up to its total."""
    skola, vard, teknik = MANY[:7], MANY[7:17], [*MANY[17:], "t1", "t2"]
    departments = {"Skola": [*skola, "s1", "s2", "s3"], "Vård": vard, "Teknik": teknik}
    rows = trips(skola + vard + teknik[:9], mode="rail") + trips(vard + teknik, mode="car")
    con = organisation(rows, departments)
    totals, modes = shown(con), shown(con, dimension_1="mode")
    assert {key[0] for key in totals if key[1] == "year"} == {"all", "Teknik"}
    assert {key[0] for key in modes if key[1] == "year"} <= {"all", "Teknik"}


def test_people_of_no_department_are_not_the_organisation_less_its_departments():
    departments = {"Skola": MANY[:15], "Vård": MANY[15:]}
    con = organisation(trips(MANY) + trips(["stray"]), departments)
    assert {key[0] for key in shown(con) if key[1] == "year"} != {"all", "Skola", "Vård"}
    everyone = organisation(trips(MANY), departments)
    assert {key[0] for key in shown(everyone) if key[1] == "year"} == {"all", "Skola", "Vård"}


@pytest.mark.parametrize(("employees", "is_shown"), [(FEW, False), ([f"e{n}" for n in range(9)], True)])
def test_employees_are_not_everyone_less_the_elected(employees, is_shown):
    people = [{"person_key": person, "department": "Skola", "person_group": "elected"} for person in MANY]
    people += [{"person_key": person, "department": "Skola"} for person in employees]
    staff = [
        {"department": "Skola", "month": date(2025, 5, 1), "headcount": 100, "fte": 80.0},
        {"department": "Skola", "month": date(2025, 5, 1), "headcount": 40, "person_group": "elected"},
    ]
    con = organisation(trips(MANY + employees), people=people, staff=landing_table("staff", staff))
    month = ("all", "month", 5, "all")
    assert shown(con)[month] == 30 + len(employees)
    assert (month in shown(con, person_group="elected")) is is_shown


def test_service_trips_of_few_are_not_all_trips_less_those_that_a_meeting_could_replace():
    con = organisation(trips(MANY, trip_class="meeting") + trips(FEW, trip_class="service"))
    month = ("all", "month", 5, "all")
    assert not (month in shown(con) and month in shown(con, "digital_share"))
    assert ask(
        con,
        "select numerator from out_indicators where indicator = 'replacement_rate' and dimension_1 = 'all' and value_2 = 'total' "
        "and period_kind = 'month' and period_end = date '2025-05-31' and department = 'all' and person_group = 'all'",
    ) == [(None,)] or month not in shown(con)


def test_a_month_of_the_baseline_is_not_what_is_expected_of_a_later_one():
    con = organisation(
        trips(MANY, "2024-04") + trips(FEW, "2024-05") + trips(MANY, "2024-06") + trips(MANY, "2025-04") + trips(MANY)
    )
    expected = ask(
        con,
        "select denominator from out_indicators where indicator = 'travel_change' and measure = 'trips' and department = 'all' "
        "and person_group = 'all' and period_kind = 'month' and period_end = date '2025-05-31'",
    )
    assert expected == [(None,), (None,)]


@pytest.mark.parametrize(("people", "counted"), [(MANY[:1], None), (MANY[:12], 12)])
def test_a_gap_of_many_rows_of_one_person_is_not_counted(people, counted):
    rows = trips(MANY) + [row for row in trips(people, mode="unknown") for _ in range(12 // len(people))]
    con = organisation(rows)
    assert ask(con, "select rows from out_gaps where gap = 'unknown_mode'") == [(counted,)]


@pytest.mark.parametrize(("flyers", "counted"), [(3, None), (0, 10)])
def test_a_gap_is_not_what_is_missing_to_a_withheld_figure(flyers, counted):
    """With 3 flights withheld the unknown mode is withheld too: 10 of them told as a gap would leave the 3."""
    other = [f"q{number:02d}" for number in range(25)]
    rows = trips(MANY, mode="rail") + trips(other[:12], mode="car") + trips(other[12:22], mode="unknown")
    con = organisation(rows + trips(other[22 : 22 + flyers], mode="flight"))
    assert shown(con, dimension_1="mode").get(("all", "quarter", 6, "unknown")) == counted
    assert ask(con, "select rows, reason from out_gaps where gap = 'unknown_mode'") == [
        (counted, None if counted else "too_few_people")
    ]


def test_coverage_counts_no_records_of_a_withheld_month_and_none_of_an_open_one():
    files = [
        {"file_sha256": "travel", "covers_from": "2025-05-01", "covers_to": "2025-05-31", "rows_read": "3", "rows_landed": "3"},
        {"file_sha256": "june", "covers_from": "2025-06-01", "covers_to": "2026-01-31", "rows_read": "40", "rows_landed": "37", "rows_excluded": "3"},
    ]  # fmt: skip
    con = organisation(trips(FEW), files=landing_table("files", files))  # type: ignore[arg-type]
    found = {
        str(month): (pulled, landed, excluded)
        for month, pulled, landed, excluded in ask(
            con, "select month, pulled, landed, excluded from out_coverage where kind = 'travel'"
        )
    }
    assert found["2025-05-01"] == (None, None, None)
    assert max(found) == "2025-12-01"


def test_records_left_out_are_not_counted_below_k():
    pulls = [
        {"window_from": "2025-06-01T00:00", "window_to": "2025-06-20T00:00", "pulled": "40", "landed": "40", "excluded": "0"},
        {"window_from": "2025-07-01T00:00", "window_to": "2025-07-20T00:00", "pulled": "43", "landed": "40", "excluded": "3"},
        {"window_from": "2025-08-01T00:00", "window_to": "2025-08-20T00:00", "pulled": "49", "landed": "40", "excluded": "9"},
    ]  # fmt: skip
    con = organisation(trips(MANY), pulls=landing_table("pulls", pulls))  # type: ignore[arg-type]
    found = ask(
        con,
        "select pulled, landed, excluded from out_coverage where source = 'teams' and month between date '2025-06-01' and date '2025-08-01' order by month",
    )
    assert found == [(40, 40, 0), (None, 40, None), (49, 40, 9)]


def test_no_class_of_people_begins_below_k():
    for k, expected in ((5, "5–19"), (8, "8–19"), (25, "25–49")):
        people = [f"p{n}" for n in range(max(k, 10) + 2)]
        con = build(covered() | {"travel_segments": trips(people), "people": [{"person_key": p, "department": "Skola"} for p in people],
                                 "staff": landing_table("staff", [{"department": "Skola", "month": date(2025, 5, 1), "headcount": 100, "fte": 80.0}])}, only=("out_indicators",), k=k)  # fmt: skip
        found = ask(
            con,
            "select people_class from out_indicators where indicator = 'trips_per_fte' and dimension_1 = 'all' and department = 'all' "
            "and person_group = 'all' and period_kind = 'month' and period_end = date '2025-05-31'",
        )
        assert found == [(expected,)]
