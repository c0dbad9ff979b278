"""Published figures (METHOD 1, 2): from rows to what is published, gaps that never look like change, and few people."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl
import pytest

from models import engine
from models.inputs import input_tables
from models.method import MethodSettings
from tests.model_cases import ask, build, build_into, covered, landing_table

PEOPLE = [f"p{number:02d}" for number in range(20)]


def organisation(
    trips_a_month: dict[int, int],
    travel: str = "2024-01-01 … 2025-12-31",
    fte: dict[int, float | None] | None = None,
    people: list[str] = PEOPLE,
    **segment: object,
):
    """Two years, 2024 the baseline: every month so many trips as given per year, spread over the people in turn."""
    rows = [
        {"departed_at": f"{year}-{month:02d}-{1 + number % 28:02d}", "returned_at": f"{year}-{month:02d}-{1 + number % 28:02d}",
         "person_key": people[number % len(people)], "distance_km": "100", "cost_sek": "250.00", "trip_class": "meeting"} | segment
        for year, count in trips_a_month.items() for month in range(1, 13) for number in range(count)
        if any(first <= f"{year}-{month:02d}-15" <= last for first, last in (span.split(" … ") for span in travel.split(", ")))
    ]  # fmt: skip
    staff = [
        {"department": "Skola", "month": date(year, month, 1), "headcount": 100, "fte": value}
        for year, value in (fte or {2024: 80.0, 2025: 80.0}).items() for month in range(1, 13)
    ]  # fmt: skip
    return build(
        covered(travel=travel)
        | {
            "travel_segments": rows,
            "staff": landing_table("staff", staff),
            "people": [{"person_key": person, "department": "Skola", "site": "Norrby"} for person in people],
        }
    )


def figure(con, indicator: str, measure: str, period_kind: str = "year", period_end: str = "2025-12-31", **where: str):
    where = {"department": "all", "person_group": "all", "dimension_1": "all"} | where
    conditions = " and ".join(f"{column} = '{value}'" for column, value in where.items())
    found = ask(
        con,
        f"""select value, reason from out_indicators where indicator = '{indicator}' and measure = '{measure}'
            and period_kind = '{period_kind}' and period_end = date '{period_end}' and {conditions}""",
    )
    assert len(found) == 1, found
    return found[0]


def test_a_figure_is_divided_by_full_time_equivalents():
    con = organisation({2024: 20, 2025: 15})
    assert figure(con, "trips_per_fte", "trips") == (15 * 12 / 80, None)
    assert figure(con, "trips_per_fte", "trips", dimension_1="length", value_1="short") == (15 * 12 / 80, None)
    assert figure(con, "trips_per_fte", "trips", dimension_1="length", value_1="long") == (0.0, None)
    assert figure(con, "travel_days_per_fte", "days") == (15 * 12 / 80, None)
    assert figure(con, "travel_cost_per_fte", "cost_sek") == (15 * 12 * 250 / 80, None)
    assert figure(con, "travel_cost_per_fte", "cost_sek_doubled") == (2 * 15 * 12 * 250 / 80, None)
    assert figure(con, "travel_co2_per_fte", "co2e_kg")[0] == pytest.approx(15 * 12 * 100 * 0.007 / 80)
    assert figure(con, "trips_per_fte", "trips", "quarter", "2025-03-31") == (15 * 3 / 80, None)
    assert figure(con, "trips_per_fte", "trips", "month", "2025-03-31") == (15 / 80, None)
    assert figure(con, "trips_per_fte", "trips", department="Skola") == (15 * 12 / 80, None)


def test_change_and_replacement_are_against_the_same_months_of_the_baseline():
    con = organisation({2024: 20, 2025: 15})
    for basis in ("per_fte", "total"):
        for measure in ("trips", "km", "co2_kg", "co2e_kg", "cost_sek"):
            assert figure(con, "travel_change", measure, value_2=basis)[0] == pytest.approx(-0.25)
        assert figure(con, "replacement_rate", "trips", value_2=basis)[0] == pytest.approx(0.25)
    assert ask(
        con, "select count(*) from out_indicators where baseline <> 'none' and period_end <= date '2025-01-30'"
    ) == [(0,)]


@pytest.mark.parametrize(
    ("then", "now", "reason"),
    [
        # of twenty trips, how many have a known distance
        (20, 20, None),
        pytest.param(16, 16, None, id="four in five on both sides: enough"),
        (15, 15, "not_comparable"),
        pytest.param(20, 18, "not_comparable", id="more than five points apart"),
        (18, 20, "not_comparable"),
    ],
)
def test_a_comparison_needs_both_sides_known_and_known_alike(then, now, reason):
    rows = [
        {"departed_at": f"{year}-06-{1 + number:02d}", "person_key": PEOPLE[number]}
        | ({"distance_km": "100"} if number < known else {})
        for year, known in ((2024, then), (2025, now)) for number in range(20)
    ]  # fmt: skip
    con = build(covered() | {"travel_segments": rows}, only=("out_indicators",))
    value, why = figure(con, "travel_change", "km", value_2="total")
    assert (value, why) == (None if reason else pytest.approx(now / then - 1), reason)
    assert figure(con, "travel_change", "trips", value_2="total") == (0.0, None)


def test_a_rate_of_fewer_than_five_expected_trips_is_not_given():
    """Eight trips of eight people a year; half the staff would make four of them."""
    rows = [
        {"departed_at": f"{year}-06-{1 + n:02d}", "person_key": PEOPLE[n]} for year in (2024, 2025) for n in range(8)
    ]
    staff = [
        {"department": "Skola", "month": date(year, month, 1), "headcount": 100, "fte": fte}
        for year, fte in ((2024, 80.0), (2025, 40.0)) for month in range(1, 13)
    ]  # fmt: skip
    con = build(covered() | {"travel_segments": rows, "staff": landing_table("staff", staff)}, only=("out_indicators",))
    assert figure(con, "replacement_rate", "trips", value_2="per_fte") == (None, "too_few_trips")
    assert figure(con, "replacement_rate", "trips", value_2="total") == (0.0, None)
    assert figure(con, "travel_change", "trips", value_2="per_fte") == (1.0, None)


@pytest.mark.parametrize(
    ("known", "troubled", "value", "reason"),
    [
        # of twenty connections, how many tell how they went, and how many of those went badly
        (20, 9, 9 / 20, None),
        (16, 8, 8 / 16, None),
        (15, 0, None, "incomplete"),
        (0, 0, None, "incomplete"),
    ],
)
def test_a_share_is_of_what_is_known_if_enough_is(known, troubled, value, reason):
    meeting = "meeting_id | started_at | ended_at\nm | 2025-06-03T09:00 | 2025-06-03T10:00"
    joins = "meeting_id | person_key | joined_at | left_at | outcome\n" + "".join(
        f"m | {person} | 2025-06-03T09:00 | 2025-06-03T10:00 | {'dropped' if n < troubled else 'ok' if n < known else 'unknown'}\n"
        for n, person in enumerate(PEOPLE)
    )
    con = build(covered() | {"meetings": meeting, "participations": joins}, only=("out_indicators",))
    assert figure(con, "technical_trouble", "share", "month", "2025-06-30") == (value, reason)


def test_a_share_of_nothing_is_no_share():
    con = build(covered(), only=("out_indicators",))
    assert figure(con, "digital_share", "meetings", "month", "2025-06-30") == (None, "nothing_counted")
    assert figure(con, "technical_trouble", "share", "month", "2025-06-30") == (None, "nothing_counted")


def test_growth_is_not_more_travel():
    con = organisation({2024: 20, 2025: 40}, fte={2024: 80.0, 2025: 160.0})
    assert figure(con, "travel_change", "trips", value_2="per_fte")[0] == pytest.approx(0)
    assert figure(con, "travel_change", "trips", value_2="total")[0] == pytest.approx(1)


def test_a_month_without_travel_files_is_missing_not_fewer_trips():
    con = organisation({2024: 20, 2025: 20}, travel="2024-01-01 … 2025-05-31, 2025-07-01 … 2025-12-31")
    assert figure(con, "trips_per_fte", "trips", "month", "2025-06-30") == (None, "source_missing")
    assert figure(con, "trips_per_fte", "trips") == (None, "source_missing")
    assert figure(con, "trips_per_fte", "trips", "month", "2025-07-31") == (20 / 80, None)
    # the comparison leaves June out on both sides
    assert figure(con, "travel_change", "trips", value_2="per_fte")[0] == pytest.approx(0)
    assert figure(con, "replacement_rate", "trips", "month", "2025-06-30", value_2="total") == (None, "source_missing")
    found = ask(
        con, "select status, is_covered from out_coverage where source = 'travel' and month = date '2025-06-01'"
    )
    assert found == [("partial", False)] or found == [("missing", False)]


def test_a_covered_month_without_trips_is_a_true_zero():
    con = organisation({2024: 20, 2025: 0})
    assert figure(con, "trips_per_fte", "trips", "month", "2025-06-30") == (0.0, None)
    assert figure(con, "replacement_rate", "trips", value_2="per_fte") == (1.0, None)


def test_without_staff_data_figures_per_fte_are_unknown_and_totals_remain():
    con = organisation({2024: 20, 2025: 15}, fte={2024: 80.0, 2025: None})
    assert figure(con, "trips_per_fte", "trips") == (None, "no_staff")
    assert figure(con, "travel_change", "trips", value_2="per_fte") == (None, "no_staff")
    assert figure(con, "travel_change", "trips", value_2="total")[0] == pytest.approx(-0.25)
    assert ask(con, "select count(*) from out_gaps where gap = 'no_staff' and year(month) = 2025") == [(12,)]


@pytest.mark.parametrize(
    ("unknown_from", "value_is_known", "reason"),
    # of 15 trips a month, how many have a distance
    [(15, True, None), (13, True, None), (12, True, None), (11, False, "incomplete")],
)
def test_a_sum_is_published_when_enough_of_it_is_known(unknown_from, value_is_known, reason):
    rows = [
        {"departed_at": f"2025-{month:02d}-{1 + number:02d}", "person_key": PEOPLE[number], "distance_km": "100" if number < unknown_from else ""}
        for month in range(1, 13) for number in range(15)
    ]  # fmt: skip
    rows = [{key: value for key, value in row.items() if value} for row in rows]
    staff = [
        {"department": "Skola", "month": date(2025, month, 1), "headcount": 100, "fte": 80.0} for month in range(1, 13)
    ]
    con = build(covered() | {"travel_segments": rows, "staff": landing_table("staff", staff)}, only=("out_indicators",))
    value, why = figure(con, "travel_co2_per_fte", "co2e_kg")
    assert (value is not None, why) == (value_is_known, reason)
    ((share,),) = ask(
        con,
        "select known_share from out_indicators where indicator = 'travel_co2_per_fte' and measure = 'co2e_kg' and period_kind = 'year' "
        "and period_end = date '2025-12-31' and department = 'all' and person_group = 'all' and dimension_1 = 'all'",
    )
    assert share == pytest.approx(unknown_from / 15)


@pytest.mark.parametrize(("people", "shown"), [(7, False), (8, True)])
def test_a_figure_rests_on_k_people_or_is_withheld(people, shown):
    con = organisation({2024: 20, 2025: 15}, people=PEOPLE[:people])
    value, reason = figure(con, "trips_per_fte", "trips")
    assert (value is not None, reason) == (shown, None if shown else "too_few_people")
    withheld = ask(
        con,
        "select numerator, denominator, known_share, people_class from out_indicators where reason = 'too_few_people'",
    )
    assert all(row == (None, None, None, None) for row in withheld)
    trips = ask(
        con,
        "select count(*) from out_indicators where reason = 'too_few_people' and indicator = 'trips_per_fte' and dimension_1 = 'all'",
    )
    assert (trips == [(0,)]) is shown


def test_one_traveller_who_dominates_the_cost_is_not_shown():
    rows = [
        {"departed_at": "2025-06-03", "person_key": person, "cost_sek": "100.00", "distance_km": "10"}
        for person in PEOPLE[:9]
    ]
    rows.append({"departed_at": "2025-06-04", "person_key": "boss", "cost_sek": "90000.00", "distance_km": "10"})
    staff = [{"department": "Skola", "month": date(2025, 6, 1), "headcount": 100, "fte": 80.0}]
    con = build(covered() | {"travel_segments": rows, "staff": landing_table("staff", staff)}, only=("out_indicators",))
    assert figure(con, "travel_cost_per_fte", "cost_sek", "month", "2025-06-30") == (None, "too_few_people")
    assert figure(con, "trips_per_fte", "trips", "month", "2025-06-30") == (10 / 80, None)


def test_no_lone_hole_can_be_filled_by_subtraction():
    """Of three modes one rests on two people: it is withheld, and with it the other that a reader misses least."""
    rows = [
        {"departed_at": "2025-06-03", "person_key": person, "mode": mode, "distance_km": "10"}
        for mode, people in {"rail": PEOPLE, "car": PEOPLE[:10], "flight": PEOPLE[:2]}.items() for person in people
    ]  # fmt: skip
    staff = [
        {"department": "Skola", "month": date(2025, month, 1), "headcount": 100, "fte": 80.0} for month in (4, 5, 6)
    ]
    con = build(covered() | {"travel_segments": rows, "staff": landing_table("staff", staff)}, only=("out_indicators",))
    shown = ask(
        con,
        "select value_1, value from out_indicators where indicator = 'trips_per_fte' and dimension_1 = 'mode' and period_kind = 'quarter' "
        "and period_end = date '2025-06-30' and department = 'all' and person_group = 'all' order by 1",
    )
    assert shown == [("car", 10 / 80), ("flight", None), ("rail", None)]


@pytest.mark.parametrize(
    ("as_of", "last_month", "quarter_shown"),
    [("2025-04-14", "2025-02-28", False), ("2025-04-15", "2025-03-31", True)],
)
def test_a_period_is_shown_when_it_has_closed(as_of, last_month, quarter_shown):
    con = build(covered(), as_of=date.fromisoformat(as_of), only=("out_indicators",))
    ((found,),) = ask(con, "select cast(max(period_end) as varchar) from out_indicators where period_kind = 'month'")
    assert found == last_month
    quarters = ask(
        con, "select count(*) from out_indicators where period_kind = 'quarter' and period_end = date '2025-03-31'"
    )
    assert (quarters[0][0] > 0) is quarter_shown


def test_departments_get_quarters_and_years_only():
    con = organisation({2024: 20, 2025: 15})
    kinds = ask(con, "select distinct period_kind from out_indicators where department <> 'all' order by 1")
    assert kinds == [("quarter",), ("year",)]


def test_travel_of_an_unknown_department_counts_for_the_organisation_and_is_a_gap():
    con = organisation({2024: 20, 2025: 15}, department="Nowhere")
    assert figure(con, "trips_per_fte", "trips")[0] == 15 * 12 / 80
    assert figure(con, "trips_per_fte", "trips", department="Skola") == (0.0, None)
    assert ask(
        con, "select rows, share from out_gaps where gap = 'unknown_department' and month = date '2025-06-01'"
    ) == [(15, 1.0)]


def test_few_rows_in_a_gap_are_said_to_exist_not_counted():
    con = organisation({2024: 5, 2025: 5}, mode="unknown")
    found = ask(
        con, "select rows, share, reason from out_gaps where gap = 'unknown_mode' and month = date '2025-06-01'"
    )
    assert found == [(None, None, "too_few_people")]


def test_elected_representatives_are_counted_per_person():
    elected = [{"person_key": person, "department": "Skola", "person_group": "elected"} for person in PEOPLE]
    rows = [{"departed_at": "2025-06-03", "person_key": person, "distance_km": "10"} for person in PEOPLE]
    staff = [
        {"department": "Skola", "month": date(2025, 6, 1), "headcount": 100, "fte": 80.0},
        {"department": "Skola", "month": date(2025, 6, 1), "headcount": 40, "person_group": "elected"},
    ]
    con = build(
        covered() | {"people": elected, "travel_segments": rows, "staff": landing_table("staff", staff)},
        only=("out_indicators",),
    )
    assert figure(con, "trips_per_fte", "trips", "month", "2025-06-30", person_group="elected") == (20 / 40, None)
    unit = ask(
        con, "select distinct unit from out_indicators where person_group = 'elected' and indicator = 'trips_per_fte'"
    )
    assert unit == [("trips/person",)]


def test_digital_share_sets_meetings_against_replaceable_trips():
    people = [
        {"person_key": person, "department": "Skola", "site": "Norrby" if number % 2 else "Söderby"}
        for number, person in enumerate(PEOPLE)
    ]
    meetings = [
        {"meeting_id": f"m{n}", "started_at": "2025-06-03T09:00", "ended_at": "2025-06-03T10:00", "organiser_key": PEOPLE[n % 20], "has_video": "yes"}
        for n in range(30)
    ]  # fmt: skip
    joins = [
        {"meeting_id": f"m{n}", "person_key": PEOPLE[(n + step) % 20], "joined_at": "2025-06-03T09:00", "left_at": "2025-06-03T10:00"}
        for n in range(30) for step in ((0, 1) if n < 10 else (0, 2))
    ]  # fmt: skip
    trips = [
        {"departed_at": "2025-06-03", "person_key": person, "distance_km": "10", "trip_class": kind}
        for kind in ("meeting", "service")
        for person in PEOPLE[:10]
    ]
    con = build(
        covered() | {"people": people, "meetings": meetings, "participations": joins, "travel_segments": trips},
        only=("out_indicators",),
    )
    month = ("month", "2025-06-30")
    assert figure(con, "digital_share", "meetings", *month) == (30 / (10 + 30), None)
    assert figure(con, "digital_share", "persons", *month) == (60 / (10 + 60), None)
    assert figure(con, "digital_share", "meetings_spanning", *month) == (10 / (10 + 10), None)
    assert figure(con, "digital_share", "persons_spanning", *month) == (20 / (10 + 20), None)


def test_nothing_personal_is_published():
    for model in engine.load_models().values():
        if model.layer == "out":
            assert not [
                column.name
                for column in model.columns
                if column.name.endswith("_key") or column.name in ("people", "largest")
            ]


def test_an_organisation_without_any_data_has_no_figures_and_no_error():
    con = build({})
    assert ask(con, "select count(*) from out_indicators where value is not null") == [(0,)]
    assert ask(con, "select count(distinct is_covered) from out_coverage") == [(1,)]


def test_the_same_rows_give_the_same_figures_again():
    def tables(con) -> dict[str, pl.DataFrame]:
        return {name: con.execute(f"select * from {name} order by all").pl() for name in engine.load_models()}

    once, again = (tables(organisation({2024: 20, 2025: 15})) for _ in range(2))
    for name, frame in once.items():
        assert frame.equals(again[name]), name


def published(**figure_of: object) -> dict[str, object]:
    """One figure as the models give it, and what of it is published."""
    models = engine.load_models()
    con = duckdb.connect()
    for name in models["out_indicators"].depends_on & models.keys():
        columns = ", ".join(f"{column.name} {column.type}" for column in models[name].columns)
        con.execute(f"create table {name} ({columns})")
    given = {
        "value": 1.5,
        "low": 1.0,
        "high": 2.0,
        "numerator": 30.0,
        "denominator": 20.0,
        "known_share": 0.9,
        "people": 30,
    }
    given |= figure_of
    con.execute(
        f"insert into core_level_figures ({', '.join(given)}) values ({', '.join('?' for _ in given)})",
        list(given.values()),
    )
    inputs = input_tables("exempelby", "Exempelby", MethodSettings(), [], date(2026, 1, 20))
    build_into(con, {}, inputs, frozenset({"out_indicators"}))
    return con.execute("select * from out_indicators").pl().to_dicts()[0]


@pytest.mark.parametrize(
    ("people", "shown"),
    [
        (None, None),
        (0, "0"),
        (1, None),
        (7, None),
        (8, "8–19"),
        (19, "8–19"),
        (20, "20–49"),
        (49, "20–49"),
        (50, "50+"),
        (900, "50+"),
    ],
)
def test_people_are_published_as_a_class(people, shown):
    assert published(people=people)["people_class"] == shown


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        (None, {"value", "low", "high", "numerator", "denominator", "known_share", "people_class"}),
        pytest.param("no_staff", {"numerator", "known_share", "people_class"}, id="the count itself is known"),
        ("incomplete", {"known_share", "people_class"}),
        ("not_comparable", {"people_class"}),
        ("too_few_people", set()),
        ("source_missing", set()),
    ],
)
def test_a_reason_hides_what_the_figure_could_be_worked_out_from(reason, shown):
    found = published(reason=reason)
    hidable = {"value", "low", "high", "numerator", "denominator", "known_share", "people_class"}
    assert {name for name in hidable if found[name] is not None} == shown
    assert found["reason"] == reason


def test_gaps_are_counted_by_source_and_month():
    """Of 30 journeys nine last longer than ninety days; of 20 meetings ten tell of no participants, eight of no media."""
    rows = [
        {"departed_at": "2025-06-03", "returned_at": "2025-09-15" if n < 9 else "2025-06-04", "person_key": f"p{n}"}
        for n in range(30)
    ]
    meetings = [
        {"meeting_id": f"m{n}", "started_at": "2025-06-03T09:00", "organiser_key": f"p{n}"}
        | ({"participants_reported": "4"} if n < 10 else {})
        | ({"has_video": "yes"} if n < 12 else {})
        for n in range(20)
    ]  # fmt: skip
    con = build(covered() | {"travel_segments": rows, "meetings": meetings}, only=("out_gaps",))
    found = ask(
        con,
        "select source, gap, rows, share from out_gaps where month = date '2025-06-01' and gap in ('assumed_web', 'odd_duration', 'unknown_participants') order by 1, 2",
    )
    assert found == [
        ("teams", "assumed_web", 8, 0.4), ("teams", "unknown_participants", 10, 0.5), ("travel", "odd_duration", 9, 0.3),
    ]  # fmt: skip
