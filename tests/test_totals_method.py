"""Totals counted by hand stand in for months without rows (METHOD 2): of the whole organisation, undivided, never beside rows."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from pydantic import ValidationError

from models.choices import ExpectedSource
from pipelines.reconciliation import FILLING, verdict
from pipelines.settings import OrganisationSettings
from tests.model_cases import ask, build, compute, covered, landing_table, months, rows, value

PEOPLE = [f"p{number:02d}" for number in range(20)]
JOURNEYS = [
    {"departed_at": f"{month[:7]}-03", "person_key": person, "distance_km": "400", "trip_class": "meeting"}
    for month in months("2025-01", "2025-12")
    for person in PEOPLE
]
"""Each of twenty people makes one journey of 400 km in each month of 2025: 20 trips and 8,000 km a month."""
STAFF = [
    {"department": "Skola", "month": month, "fte": "50", "headcount": "60"} for month in months("2024-01", "2025-12")
]
DIRECTORY = [{"person_key": person, "department": "Skola"} for person in PEOPLE]


def travel_totals(text: str) -> list[dict[str, object]]:
    """Totals of travel, with what most of them have in common."""
    common = {"source": "history", "mode": "rail", "length": "long", "trip_class": "unknown", "basis": "manual"}
    return [common | row for row in rows(text)]


def each_month(year: int, line: str, head: str = "period_from | period_to | trips | distance_km | people") -> str:
    """The same total in every month of a year."""
    firsts = [date(year, month, 1) for month in range(1, 13)]
    lasts = [(first + timedelta(days=31)).replace(day=1) - timedelta(days=1) for first in firsts]
    return "\n".join([head, *(f"{first} | {last} | {line}" for first, last in zip(firsts, lasts, strict=True))])


def travelled(
    totals: str,
    filled_by: str | None = "history",
    files: str | pl.DataFrame = "2025-01-01 … 2025-12-31",
    **tables: object,
):
    """Rows of 2025 and totals of the year before."""
    sources = (
        ExpectedSource(source="travel", kind="travel", expected_from="2024-01", filled_by=filled_by),
        ("teams", "meetings"),
        ("staff", "staff"),
    )
    told = covered(files) if isinstance(files, str) else covered() | {"files": files}
    given = told | {
        "travel_segments": JOURNEYS, "staff": STAFF, "people": DIRECTORY, "travel_totals": travel_totals(totals),
    }  # fmt: skip
    return build(given | tables, sources=sources, only=("out_indicators",))


HISTORY = each_month(2024, "40 | 20000 | 30")


def test_a_year_of_totals_is_a_baseline():
    con = travelled(HISTORY)
    assert value(con, "out_indicators", "trips_per_fte.trips", "year 2024-12-31") == (12 * 40 / 50, None)
    year = {"period": "year 2025-12-31", "columns": "round(value, 9), numerator, denominator, reason"}
    basis = {"dimension_2": "basis", "value_2": "per_fte"}
    assert value(con, "out_indicators", "travel_change.trips", **year, **basis) == (-0.5, 240.0, 480.0, None)
    assert value(con, "out_indicators", "travel_change.km", **year, **basis) == (-0.6, 96_000.0, 240_000.0, None)
    assert value(con, "out_indicators", "replacement_rate.trips", **year, **basis) == (0.5, 240.0, 480.0, None)
    assert ask(
        con, "select distinct status, is_covered from core_coverage where source = 'travel' and year(month) = 2024"
    ) == [("totals", False)]


def test_parts_are_not_known_from_totals():
    con = travelled(HISTORY)
    basis = {"dimension_2": "basis", "value_2": "per_fte"}
    for where in ({"dimension_1": "length", "value_1": "long"}, {"department": "Skola"}):
        assert value(con, "out_indicators", "replacement_rate.trips", **where, **basis) == (None, "source_missing")
    assert value(con, "out_indicators", "travel_change.energy_kwh", **basis) == (None, "source_missing")
    by_mode = {"dimension_1": "mode", "value_1": "rail"}
    assert value(con, "out_indicators", "trips_per_fte.trips", "year 2024-12-31", **by_mode)[1] == "source_missing"


@pytest.mark.parametrize(
    ("totals", "what_is_known"),
    [
        pytest.param(each_month(2024, "40 | 20000 |"), "too_few_people", id="nobody says how many people it rests on"),
        pytest.param(each_month(2024, "40 | 20000 | 7"), "too_few_people", id="seven people"),
        pytest.param(each_month(2024, "40 | 20000 | 8"), None, id="eight people"),
        pytest.param(each_month(2024, "| 20000 | 30"), "source_missing", id="the total does not tell trips"),
        pytest.param(
            "period_from | period_to | trips | people\n2024-01-01 | 2024-12-31 | 480 | 30",
            "source_missing", id="a year is never spread over its months",
        ),
        pytest.param(
            each_month(2024, "40 | 30 | vendor_report", "period_from | period_to | trips | people | basis"),
            "source_missing", id="a supplier's own report is a control",
        ),
        pytest.param(
            each_month(2024, "40 | 30 | purged", "period_from | period_to | trips | people | basis"),
            "source_missing", id="the totals of another source that were kept when its rows were purged",
        ),
        pytest.param(
            "\n".join(line for line in HISTORY.splitlines() if not line.startswith("2024-05")),
            "source_missing", id="a month without a total",
        ),
    ],
)  # fmt: skip
def test_what_totals_have_to_tell(totals, what_is_known):
    con = travelled(totals, None if "purged" in totals else "history")
    found = value(con, "out_indicators", "trips_per_fte.trips", "year 2024-12-31")
    assert found == (None if what_is_known else 12 * 40 / 50, what_is_known)


def test_totals_that_settings_do_not_name_are_left_alone():
    con = travelled(HISTORY, None)
    assert ask(con, "select count(*) from core_totals") == [(0,)]
    assert value(con, "out_indicators", "trips_per_fte.trips", "year 2024-12-31")[1] == "source_missing"


def test_what_was_kept_of_purged_rows_is_the_sources_own():
    con = travelled(
        "", None, travel_totals=[row | {"source": "travel", "basis": "purged"} for row in travel_totals(HISTORY)]
    )
    assert value(con, "out_indicators", "trips_per_fte.trips", "year 2024-12-31") == (12 * 40 / 50, None)


@pytest.mark.parametrize(
    ("files", "extra"),
    [
        pytest.param("2024-01-01 … 2025-12-31", [], id="a file speaks for the month, and holds no row of it"),
        pytest.param(
            "2025-01-01 … 2025-12-31",
            [{"departed_at": "2024-03-05", "person_key": "p01", "distance_km": "10"}],
            id="a row of the month has landed",
        ),
    ],
)
def test_never_both_rows_and_totals(files, extra):
    con = travelled(HISTORY, files=files, travel_segments=JOURNEYS + extra)
    assert ask(con, "select count(*) from core_totals where month = date '2024-03-01'") == [(0,)]


def test_service_trips_are_no_trips_that_a_meeting_could_replace():
    con = travelled(
        HISTORY + "\n" + "\n".join(f"{line} " for line in HISTORY.splitlines()[1:]),
        travel_totals=travel_totals(HISTORY)
        + [row | {"trip_class": "service", "mode": "car"} for row in travel_totals(HISTORY)],
    )
    found = ask(
        con,
        "select quantity, amount from core_totals where month = date '2024-03-01' and quantity like 'trips%' order by 1",
    )
    assert found == [("trips", 80), ("trips_replaceable", 40)]


def test_a_total_of_everybody_stands_before_those_of_departments():
    head = "period_from | period_to | department | mode | trips | people"
    con = travelled(
        f"{head}\n2024-03-01 | 2024-03-31 | | rail | 50 | 30\n2024-03-01 | 2024-03-31 | Skola | rail | 30 | 12\n"
        "2024-03-01 | 2024-03-31 | Skola | car | 7 | 9\n2024-03-01 | 2024-03-31 | Teknik | car | 5 | 14"
    )
    # 50 by rail, of whom Skola is a part, and 7 + 5 by car; at least thirty people
    assert ask(con, "select amount, people from core_totals where quantity = 'trips'") == [(62, 30)]


def test_totals_of_two_sources_are_added_up():
    """An agency's trips and those claimed by car; the thirty may be among the forty."""
    other = [row | {"source": "claimed", "mode": "car", "trips": "5", "people": "40"} for row in travel_totals(HISTORY)]
    sources = (
        ExpectedSource(source="travel", kind="travel", expected_from="2024-01", filled_by="history"),
        ExpectedSource(
            source="claims", kind="travel", expected_from="2024-01", expected_to="2024-06", filled_by="claimed"
        ),
    )
    given = covered("2025-01-01 … 2025-12-31") | {"travel_totals": travel_totals(HISTORY) + other}
    con = build(given, sources=sources, only=("core_quantities", "core_kind_coverage"))
    trips = "select month(month), amount, facts, people from core_quantities join core_series using (series_number) where quantity = 'trips'"
    # claims were expected until June
    assert ask(con, f"{trips} and month(month) in (3, 7) order by 1") == [(3, 45, 2, 40), (7, 40, 1, 30)]
    known = "select is_covered from core_kind_coverage where month = date '2024-03-01' and kind = 'trips'"
    assert ask(con, known) == [(True,)]


def test_people_of_a_total_may_be_those_of_the_rows():
    march = [row for row in JOURNEYS if not row["departed_at"].startswith("2025-03")]
    con = travelled(
        "period_from | period_to | trips | people\n2025-03-01 | 2025-03-31 | 9 | 15",
        files="2025-01-01 … 2025-02-28, 2025-04-01 … 2025-12-31",
        travel_segments=march,
    )
    cells = (
        "select amount, people from core_cells where quantity = 'trips' and dimension = 'all' and department = 'all' "
        "and person_group = 'all' and period_kind = ? and period_end = ?"
    )

    def cell(kind: str, end: str):
        return con.execute(cells, [kind, end]).fetchall()

    assert cell("month", "2025-02-28") == [(20, 20)]
    assert cell("month", "2025-03-31") == [(9, 15)]
    # the fifteen may be the same people as the twenty of other months: whoever has no name is one more, as ever
    assert cell("quarter", "2025-03-31") == [(49, 21)]
    assert cell("year", "2025-12-31") == [(11 * 20 + 9, 21)]


MEETINGS = """role      | meetings | person_minutes | people
              organised | 100      |                | 40
              attended  | 600      | 18000          | 90"""


def met(totals: str):
    """Meetings of 2024 that are known from totals only, each month the same."""
    common = {"source": "skype_totals", "platform": "skype_for_business", "modality": "unknown", "basis": "manual"}
    spans = rows(each_month(2024, "x", "period_from | period_to | x"))
    given = [
        common | {key: span[key] for key in ("period_from", "period_to")} | row
        for span in spans
        for row in rows(totals)
    ]
    sources = (ExpectedSource(source="skype_totals", kind="meetings"), ("travel", "travel"), ("staff", "staff"))
    tables = covered(teams=None) | {"staff": STAFF, "travel_segments": JOURNEYS, "meeting_totals": given}
    return build(tables, sources=sources, only=("out_indicators",))


def test_meetings_known_from_totals_only():
    con = met(MEETINGS)
    year = "year 2024-12-31"
    assert value(con, "out_indicators", "digital_meetings_per_fte.organised", year) == (24.0, None)
    assert value(con, "out_indicators", "digital_meetings_per_fte.attended", year) == (144.0, None)
    # 18,000 minutes a month are 300 hours, of fifty full-time equivalents
    assert value(con, "out_indicators", "meeting_length.hours_per_fte", year) == (72.0, None)
    for unknown in ("meeting_length.share_short", "external_reach.share", "digital_share.meetings_spanning"):
        assert value(con, "out_indicators", unknown, year) == (None, "source_missing"), unknown
    assert value(con, "out_indicators", "digital_share.meetings", year, "value, numerator, denominator") == (
        1.0,
        1200.0,
        1200.0,
    )


def test_meetings_organised_do_not_tell_how_many_were_attended():
    con = met("role | meetings | people\norganised | 100 | 40\nunknown | 500 | 60")
    year = "year 2024-12-31"
    assert value(con, "out_indicators", "digital_meetings_per_fte.organised", year) == (24.0, None)
    assert value(con, "out_indicators", "digital_meetings_per_fte.attended", year) == (None, "source_missing")
    assert value(con, "out_indicators", "meeting_length.hours_per_fte", year) == (None, "source_missing")


def test_totals_that_are_in_no_figure_are_asked_about():
    file = {
        "source": "history",
        "kind": "travel_totals",
        "file_sha256": "h",
        "covers_from": "2024-01-01",
        "covers_to": "2024-12-31",
    }
    files = pl.concat([covered("2025-01-01 … 2025-12-31")["files"], landing_table("files", [file])])
    assert verdict(travelled(HISTORY, files=files), FILLING).lines == ()
    (line,) = verdict(travelled(HISTORY, None, files=files), FILLING).lines
    assert line.startswith("history 2024-01-01 to 2024-12-31: its totals are in no figure")
    assert 'filled_by = "history"' in line


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({"claims": {"kind": "travel", "filled_by": "history"}}, id="two sources filled by one"),
        pytest.param({"history": {"kind": "travel"}}, id="a source of its own that fills another"),
    ],
)
def test_totals_never_count_for_two_sources(others):
    agency = {"agency": {"kind": "travel", "filled_by": "history"}}
    OrganisationSettings.model_validate({"name": "Borg", "expected": agency})
    with pytest.raises(ValidationError, match="counted twice"):
        OrganisationSettings.model_validate({"name": "Borg", "expected": agency | others})


OWN = (ExpectedSource(source="travel", kind="travel"), ExpectedSource(source="teams", kind="meetings"))
TRAVELLED = "source | basis | period_from | period_to | mode | length | trip_class | trips | days | distance_km | cost_sek | co2_kg | people\n"
MET = "source | basis | period_from | period_to | platform | modality | role | meetings | person_minutes | people\n"
MARCH = "2024-03-01 | 2024-03-31 | rail | long | unknown"


def totals(travel: str = "", meetings: str = "", sources=OWN, **tables: str):
    """What is taken from totals that sources told, and rows of them or of what they have spoken for."""
    given = {"landing_travel_totals": TRAVELLED + travel, "landing_meeting_totals": MET + meetings}
    return compute(("core_meeting_records", "core_totals"), given | tables, sources=sources)


def told(con, columns: str = "quantity, amount") -> list[tuple[object, ...]]:
    return ask(con, f"select {columns} from core_totals order by all")


@pytest.mark.parametrize(("basis", "co2"), [("manual", None), ("purged", 70)])
def test_a_total_of_travel_tells_six_things(basis, co2):
    """Emissions that somebody else reckoned are not compared with ours; those of purged rows were ours."""
    con = totals(f"travel | {basis} | {MARCH} | 40 | 50 | 1000 | 900 | 70 | 30")
    assert told(con) == [
        ("co2_kg", co2), ("cost_sek", 900), ("distance_km", 1000), ("travel_days", 50), ("trips", 40),
        ("trips_replaceable", 40),
    ]  # fmt: skip
    about = "select distinct source, kind, cast(month as varchar), told_by, people from core_totals"
    assert ask(con, about) == [("travel", "travel", "2024-03-01", "travel", 30)]


@pytest.mark.parametrize("basis", ["manual", "purged", "vendor_report"])
def test_a_total_of_meetings_tells_how_many_and_for_how_long(basis):
    con = totals(
        meetings=f"""teams | {basis} | 2024-03-01 | 2024-03-31 | teams | unknown | organised | 100 | 6000  | 40
                     teams | {basis} | 2024-03-01 | 2024-03-31 | teams | unknown | attended  | 600 | 18000 | 90"""
    )
    # how long the meetings of those who called them lasted is no time anybody spent
    expected = [("attended_hours", 300, 90), ("meetings_attended", 600, 90), ("meetings_organised", 100, 40)]
    assert told(con, "quantity, amount, people") == ([] if basis == "vendor_report" else expected)


@pytest.mark.parametrize("span", ["2024-03-02 | 2024-03-31", "2024-03-01 | 2024-03-30", "2024-03-01 | 2024-04-30"])
def test_a_total_is_of_one_whole_calendar_month(span):
    line = MARCH.replace("2024-03-01 | 2024-03-31", span)
    assert told(totals(f"travel | manual | {line} | 40 | 50 | 1000 | 900 | 70 | 30")) == []


def test_what_one_of_several_totals_does_not_tell_nobody_knows():
    con = totals(
        f"""travel | manual | {MARCH} | 40 | 50 | 1000 |     | 70 | 30
            travel | manual | {MARCH.replace("rail", "car")} | 10 | | 500 | 100 | 7 | 8"""
    )
    assert told(con) == [
        ("co2_kg", None), ("cost_sek", None), ("distance_km", 1500), ("travel_days", None), ("trips", 50),
        ("trips_replaceable", 50),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "months_left"),
    [
        ({}, [3, 4]),
        # half past ten in the evening by the clock of Greenwich is half past midnight in Sweden's summer
        ({"landing_meetings": "source | meeting_id | started_at\nteams | m | 2024-03-31T22:30"}, [3]),
        ({"landing_meetings": "source | meeting_id | started_at\nteams | m | 2024-03-31T21:30"}, [4]),
        ({"landing_meetings": "source | meeting_id | started_at\nzoom | m | 2024-03-31T21:30"}, [3, 4]),
        ({"landing_travel_segments": "source | departed_at\nteams | 2024-03-31T21:30"}, [3, 4]),
        ({"core_known_spans": "source | known_from | known_to\nteams | 2024-03-01 00:00 | 2024-04-01 00:00"}, [4]),
        ({"core_known_spans": "source | known_from | known_to\nteams | 2024-03-01 00:00 | 2024-03-31 23:00"}, [3, 4]),
        ({"core_known_spans": "source | known_from | known_to\nteams | 2024-03-01 01:00 | 2024-04-01 00:00"}, [3, 4]),
        ({"core_known_spans": "source | known_from | known_to\nzoom | 2024-03-01 00:00 | 2024-04-01 00:00"}, [3, 4]),
    ],
)
def test_totals_of_meetings_are_left_alone_where_the_source_told_of_meetings(tables, months_left):
    con = totals(
        meetings="""teams | manual | 2024-03-01 | 2024-03-31 | teams | unknown | organised | 100 | | 40
                    teams | manual | 2024-04-01 | 2024-04-30 | teams | unknown | organised | 100 | | 40""",
        **tables,
    )
    assert ask(con, "select month(month) from core_totals order by 1") == [(month,) for month in months_left]


@pytest.mark.parametrize(("day", "months_left"), [("2024-03-31", [4]), ("2024-04-01", [3]), ("", [3, 4])])
def test_totals_of_travel_are_left_alone_where_the_source_told_of_journeys(day, months_left):
    april = MARCH.replace("03-01", "04-01").replace("03-31", "04-30")
    con = totals(
        f"""travel | manual | {MARCH} | 40 | 50 | 1000 | 900 | 70 | 30
            travel | manual | {april} | 40 | 50 | 1000 | 900 | 70 | 30""",
        landing_travel_segments=f"source | departed_at\ntravel | {day}",
    )
    assert ask(con, "select distinct month(month) from core_totals order by 1") == [(month,) for month in months_left]


def test_a_sources_own_totals_stand_before_those_that_fill_it():
    con = totals(
        f"""travel  | purged | {MARCH} | 40 | 50 | 1000 | 900 | 70 | 30
            history | manual | {MARCH} | 99 | 99 | 9999 | 999 | 99 | 99""",
        sources=(ExpectedSource(source="travel", kind="travel", filled_by="history"),),
    )
    assert told(con, "told_by, quantity, amount")[-1] == ("travel", "trips_replaceable", 40)
    assert ask(con, "select distinct told_by from core_totals") == [("travel",)]


@pytest.mark.parametrize(
    ("first", "last", "is_told"),
    [("2024-03", "2024-03", True), ("2024-04", None, False), (None, "2024-02", False), (None, None, True)],
)
def test_totals_count_while_the_source_is_expected(first, last, is_told):
    expected = ExpectedSource(source="travel", kind="travel", expected_from=first, expected_to=last)
    con = totals(f"travel | manual | {MARCH} | 40 | 50 | 1000 | 900 | 70 | 30", sources=(expected,))
    assert bool(told(con)) == is_told


def test_totals_of_travel_are_no_meetings_of_a_source_of_the_same_name():
    con = totals(
        f"agency | manual | {MARCH} | 40 | 50 | 1000 | 900 | 70 | 30",
        sources=(ExpectedSource(source="agency", kind="meetings"),),
    )
    assert told(con) == []


@pytest.mark.parametrize(
    ("said", "people"),
    [
        (["30"], 30),
        pytest.param(["30", "40"], 40, id="those of two sources may be the same people"),
        pytest.param(["NULL"], 1, id="of how many it is nobody says: of somebody"),
    ],
)
def test_a_total_is_a_fact_of_as_many_people_as_it_says(said, people):
    lines = "".join(f"\ns{number} | travel | 2024-03-01 | trips | 40 | {one}" for number, one in enumerate(said))
    con = compute(
        ("core_series", "core_quantities"),
        {"core_totals": "source | kind | month | quantity | amount | people" + lines},
    )
    found = ask(con, "select amount, facts, person_number, people from core_quantities")
    assert found == [(40 * len(said), len(said), None, people)]
