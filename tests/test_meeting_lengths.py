"""How long meetings are (METHOD 2): the median, the share of short ones, and the hours spent, which watch the rebound."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, build, cells, compute, known_months, value

COUNTED = ("core_periods", "core_kind_coverage", "core_period_coverage")
MEETING = "source | meeting_id | month | started_on | minutes | organiser_key | organiser_party | is_digital\n"
PEOPLE = """
person_key | valid_from | valid_before | department | person_group
anna       | 1900-01-01 | 9999-12-31   | Skola      | employee
bo         | 1900-01-01 | 9999-12-31   | Vård       | employee
"""
DEPARTMENTS = "source_value | month | reporting_department\n" + "\n".join(
    f"{name} | 2025-{month:02d}-01 | {name}" for name in ("Skola", "Vård") for month in range(1, 13)
)


def lengths(
    meetings: list[str],
    known_share: float = 1.0,
    people: int = 20,
    moves: str = "",
    names: str = DEPARTMENTS,
    departments: tuple[str, ...] = ("Skola", "Vård"),
    is_withheld: bool = False,
    **method,
):
    """Meetings ``day minutes who [party] [not digital]``."""
    lines = []
    for number, (day, minutes, who, *more) in enumerate(text.split() for text in meetings):
        party = "external" if "guest" in more else "internal"
        lines.append(
            f"s | m{number} | {day[:7]}-01 | {day} | {'' if minutes == '?' else minutes} | {who} | {party} | {str('alone' not in more).lower()}"
        )
    tables = {
        "core_coverage": known_months("2025-01", "2025-12"),
        "core_meetings": MEETING + "\n".join(lines),
        "core_people": PEOPLE + moves,
        "core_departments": names,
        "core_disclosure": cells(
            {
                "meetings_organised": f"1 | {people} | 1 | false",
                "meetings_timed": f"1 | {people} | {known_share} | {str(is_withheld).lower()}",
                "meetings_attended_spanning": f"1 | {people} | 1 | false",
            },
            departments=departments,
        ).replace("known_share\n", "known_share | is_withheld\n")
        + "\nbaseline | 2025-12-31 | meetings_timed | all | 1 | 20 | 1 | false",
    }
    return compute((*COUNTED, "core_meeting_figures"), tables, **method)


def median(con, period: str = "year 2025-12-31", **where):
    return value(con, "core_meeting_figures", "meeting_length.median_min", period, **where)


@pytest.mark.parametrize(
    ("minutes", "middle"),
    [
        (["30"], 30.0),
        (["10", "30", "200"], 30.0),
        pytest.param(["10", "30", "40", "200"], 35.0, id="an even number: between the two in the middle"),
        (["30", "60"], 45.0),
        (["30", "30", "30", "60"], 30.0),
        (["0", "0", "45"], 0.0),
        (["12.5", "13.5"], 13.0),
        pytest.param(["10", "30", "200", "?", "?"], 30.0, id="an unknown length is no length"),
    ],
)
def test_the_median_is_the_length_in_the_middle(minutes, middle):
    con = lengths([f"2025-03-04 {length} anna" for length in minutes])
    assert median(con) == (middle, None)
    assert median(con, "month 2025-03-31") == (middle, None)
    assert median(con, "quarter 2025-03-31", department="Skola") == (middle, None)
    assert median(con, "quarter 2025-03-31", department="Vård") == (None, "nothing_counted")
    assert median(con, "month 2025-04-30") == (None, "nothing_counted")


def test_a_year_is_no_mean_of_its_months():
    con = lengths(["2025-01-07 10 anna", "2025-02-04 20 bo", "2025-02-04 60 bo", "2025-02-05 90 bo"])
    assert median(con) == (40.0, None)
    assert median(con, department="Vård") == (60.0, None)
    assert median(con, "month 2025-02-28") == (60.0, None)


def test_meetings_called_by_others_and_what_is_no_digital_meeting_do_not_count():
    con = lengths(["2025-03-04 10 anna", "2025-03-04 500 anna alone", "2025-03-04 500 cia guest"])
    assert median(con) == (10.0, None)


def test_a_median_of_few_known_lengths_is_incomplete():
    """Known share (METHOD 1): below 80 % a figure is not published, and a median is one."""
    meetings = ["2025-03-04 10 anna"] * 7 + ["2025-03-04 ? anna"] * 3
    assert median(lengths(meetings, known_share=0.7))[1] == "incomplete"
    assert median(lengths(meetings[1:9], known_share=0.8))[1] is None


@pytest.mark.parametrize(("day", "department"), [("2025-03-03", "Skola"), ("2025-03-04", "Vård")])
def test_a_meeting_is_of_the_department_its_organiser_was_of_on_that_day(day, department):
    moves = "cia | 1900-01-01 | 2025-03-04 | Skola | employee\ncia | 2025-03-04 | 9999-12-31 | Vård | employee"
    con = lengths([f"{day} 30 cia"], moves=moves)
    other = "Vård" if department == "Skola" else "Skola"
    assert median(con, department=department) == (30.0, None)
    assert median(con, department=other) == (None, "nothing_counted")


def test_a_meeting_is_of_the_department_of_the_name_it_had_in_that_month():
    """Skola became Utbildning in July."""
    names = "source_value | month | reporting_department\n" + "\n".join(
        f"Skola | 2025-{month:02d}-01 | {'Skola' if month < 7 else 'Utbildning'}" for month in range(1, 13)
    )
    con = lengths(["2025-03-04 30 anna"], names=names, departments=("Skola", "Utbildning"))
    assert median(con, department="Skola") == (30.0, None)
    assert median(con, department="Utbildning") == (None, "nothing_counted")


def test_the_median_of_few_people_is_not_shown():
    assert median(lengths(["2025-03-04 30 anna"], is_withheld=True))[1] == "too_few_people"


def test_the_baseline_has_no_median_of_its_own_and_a_median_is_divided_by_nothing_but_departments():
    con = lengths(["2025-03-04 30 anna"], baseline_from="2025-01", baseline_to="2025-12")
    found = ask(
        con,
        """select distinct period_kind, person_group, baseline, dimension_2, value_2 from core_meeting_figures
           where indicator = 'meeting_length' order by 1""",
    )
    assert found == [(kind, "all", "none", "all", "all") for kind in ("month", "quarter", "rolling_12", "year")]


PART = "meeting_number | participant_number | is_person | is_internal | microseconds\n"
KNOWN = "is_room | landed_key | participant_key | participant_number\n" + "".join(
    f"false | {name} | {name} | {number}\n" for number, name in enumerate(("anna", "bo", "cia", "dan"), 1)
)


def facts(meetings: str, parts: str = "", quantity: str = "meetings_short", **method):
    con = compute(
        ("core_meeting_quantities",),
        {
            "core_meetings": "meeting_number | minutes | is_with_others | source | month | started_on | organiser_key | organiser_party | is_digital\n"
            + "\n".join(
                f"{line} | s | 2025-03-01 | 2025-03-04 | anna | internal | true" for line in meetings.split("\n")
            ),
            "core_participations": PART + parts,
            "core_participants": KNOWN,
            "core_people": PEOPLE,
            "core_departments": DEPARTMENTS,
        },
        **method,
    )
    (row,) = ask(
        con,
        "select cast(coalesce(sum(amount), 0) as double), coalesce(sum(facts), 0), coalesce(sum(facts_known), 0) "
        f"from core_meeting_quantities where quantity = '{quantity}'",
    )
    return row


@pytest.mark.parametrize(
    ("minutes", "short"), [("0", 1), ("14.99", 1), ("15", 1), ("15.01", 0), ("16", 0), ("60", 0), ("", 0)]
)
def test_at_most_a_quarter_of_an_hour_is_short(minutes, short):
    assert facts(f"1 | {minutes} |") == (short, short, short)
    # and it is a share of the meetings whose length is known
    assert facts(f"1 | {minutes} |", quantity="meetings_timed") == (1, 1, 1) if minutes else (0, 1, 0)


def test_what_is_short_is_a_setting():
    assert facts("1 | 25 |", short_meeting_minutes=30)[0] == 1


@pytest.mark.parametrize(
    ("outside", "external", "placed"), [("true", 1, (1, 1, 1)), ("false", 0, (1, 1, 1)), ("", 0, (0, 1, 0))]
)
def test_meetings_with_other_organisations_are_of_those_whose_guests_are_known(outside, external, placed):
    assert facts(f"1 | 30 | {outside}", quantity="meetings_external")[0] == external
    assert facts(f"1 | 30 | {outside}", quantity="meetings_placed") == placed


def test_hours_are_each_persons_own_and_only_ours():
    parts = """1 | 1 | true | true  | 3600000000
               1 | 2 | true | true  | 1800000000
               1 | 3 | true | true  |
               1 | 4 | true | false | 3600000000
               1 | 5 | false | true | 3600000000"""
    # 1 h + ½ h; how long cia stayed is unknown
    assert facts("1 | 60 |", parts, "attended_hours") == (1.5, 3, 2)
    assert facts("1 | 60 |", parts, "meetings_attended") == (3, 3, 3)


def test_a_meeting_belongs_to_the_month_it_started_in_by_the_clock_on_the_wall():
    con = build(
        {
            "people": "person_key | department\nanna | Skola\nbo | Skola",
            "meetings": """
                meeting_id | started_at       | ended_at         | organiser_key
                before     | 2025-05-31T21:30 | 2025-05-31T22:30 | anna
                midnight   | 2025-05-31T22:00 | 2025-05-31T22:30 | anna
                winter     | 2025-11-30T22:59 | 2025-11-30T23:30 | anna
                new year   | 2024-12-31T23:00 | 2024-12-31T23:30 | anna""",
            "participations": "meeting_id | person_key | joined_at\n"
            + "\n".join(
                f"{meeting} | {person} | 2025-05-31T22:00"
                for meeting in ("before", "midnight", "winter", "new year")
                for person in ("anna", "bo")
            ),
        },
        only=("core_meetings",),
    )
    # 23:30 summer time is May, and half of it in June is May's; 00:00 is June; 23:59 winter time is November
    assert ask(con, "select meeting_id, cast(month as varchar), minutes from core_meetings order by started_at") == [
        ("new year", "2025-01-01", 30.0),
        ("before", "2025-05-01", 60.0),
        ("midnight", "2025-06-01", 30.0),
        ("winter", "2025-11-01", 31.0),
    ]
