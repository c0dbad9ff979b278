"""What each person did: called meetings, took part, from which room and with what trouble (METHOD 1): fact by fact.

Anna moves from the schools to the home care on 10 March, and Bo is an elected representative of the schools.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.model_cases import ask, compute

WHO = """
    person_key | valid_from | valid_before | department | person_group
    anna       | 2025-01-01 | 2025-03-10   | Skola      | employee
    anna       | 2025-03-10 | 2100-01-01   | Vård       | employee
    bo         | 2025-01-01 | 2100-01-01   | Skola      | elected
"""
NUMBERED = """
    is_room | participant_key | participant_number
    false   | anna            | 1
    false   | bo              | 2
    false   | guest           | 3
    true    | the blue room   | 4
"""
ENTRIES = """
    period_number | participant_number | valid_from
    11            | 1                  | 2025-01-01
    12            | 1                  | 2025-03-10
    21            | 2                  | 2025-01-01
"""
UNITS = """
    source_value | month      | reporting_department
    Skola        | 2025-03-01 | Utbildning
    Vård         | 2025-03-01 | Omsorg
    Skola        | 2025-04-01 | Barn och skola
"""
MEETING = (
    "meeting_number | started_on | month | organiser_key | organiser_party | modality | platform | minutes | is_spanning"
    " | is_with_others | is_digital\n"
)
JOINED = "meeting_number | participant_number | period_number | is_room | is_person | is_internal | is_external | microseconds\n"
CONNECTED = (
    "meeting_number | participant_number | period_number | is_person | is_external | platform | endpoint"
    " | is_outcome_known | is_troubled\n"
)


def did(
    quantity: str,
    meetings: str = "",
    joined: str = "",
    connected: str = "",
    held: str = "",
    columns: str = "person_key, department, person_group, amount",
    **method: object,
) -> list[tuple[object, ...]]:
    """What everybody did of one kind, in March and April 2025."""
    tables = {
        "core_people": WHO, "core_participants": NUMBERED, "core_participant_periods": ENTRIES, "core_departments": UNITS,
        "core_meetings": MEETING + meetings, "core_participations": JOINED + joined, "core_connections": CONNECTED + connected,
        "core_meeting_forms": "event_id | started_on | month | organiser_key | form\n" + held,
    }  # fmt: skip
    con = compute(("core_meeting_quantities",), tables, **method)
    columns = columns.replace("amount", "cast(amount as double)")
    return ask(con, f"select {columns} from core_meeting_quantities where quantity = '{quantity}' order by all")


def called(
    day: str,
    by: str = "anna",
    party: str = "internal",
    number: int = 1,
    modality: str = "web",
    minutes: str = "60",
    spanning: str = "false",
    others: str = "false",
    digital: str = "true",
    platform: str = "teams",
) -> str:
    row = (number, day, f"{day[:7]}-01", by, party, modality, platform, minutes, spanning, others, digital)
    return " | ".join(map(str, row)) + "\n"


@pytest.mark.parametrize(
    ("day", "by", "unit"),
    [
        ("2025-03-09", "anna", ("Utbildning", "employee")),
        pytest.param("2025-03-10", "anna", ("Omsorg", "employee"), id="on the day of the move"),
        ("2025-03-10", "bo", ("Utbildning", "elected")),
        pytest.param("2025-04-01", "bo", ("Barn och skola", "elected"), id="a unit has the name of the month"),
        pytest.param("2025-04-01", "anna", (None, "employee"), id="a unit nobody named"),
        pytest.param("2024-12-31", "bo", (None, "unknown"), id="before the directory knew the person"),
        pytest.param("2025-03-10", "somebody", (None, "unknown"), id="nobody of the directory"),
    ],
)
def test_a_meeting_is_its_organisers_in_the_unit_of_that_day(day, by, unit):
    assert did("meetings_organised", called(day, by)) == [(by, *unit, 1.0)]
    rooms = "1 | 4 | | true | false | true | false | 0"
    assert did("meetings_in_rooms", called(day, by), rooms) == [(by, *unit, 1.0)]
    held = f"e | {day} | {day[:7]}-01 | {by} | digital"
    assert did("meetings_held", held=held) == [(by, *unit, 1.0)]


def test_only_meetings_that_count_as_digital_and_that_the_organisation_called_were_organised():
    meetings = (
        called("2025-03-03")
        + called("2025-03-03", party="external", number=2)
        + called("2025-03-03", digital="false", number=3)
    )
    assert did("meetings_organised", meetings, columns="amount") == [(1.0,)]


def test_what_is_told_of_each_meeting_is_added_up_by_modality_and_platform():
    meetings = "".join(
        called("2025-03-03", number=number, modality=modality, platform=platform, spanning=spanning)
        for number, (modality, platform, spanning) in enumerate(
            [("web", "teams", "true"), ("web", "teams", "false"), ("video", "teams", "true"), ("web", "zoom", "false")]
        )
    )
    told = "modality, platform, amount, facts, facts_known"
    assert did("meetings_organised", meetings, columns=told) == [
        ("video", "teams", 1.0, 1, 1), ("web", "teams", 2.0, 2, 2), ("web", "zoom", 1.0, 1, 1),
    ]  # fmt: skip
    # where there is none there is no row; spanning is not told by platform
    assert did("meetings_organised_spanning", meetings, columns=told) == [
        ("video", None, 1.0, 1, 1), ("web", None, 1.0, 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "timed", "short"),
    [
        (("15", "16", "60"), (3.0, 3, 3), 1.0),
        (("15", "", "10"), (2.0, 3, 2), 2.0),
        pytest.param(("", "", ""), (None, 3, 0), None, id="no length is known: unknown, not zero"),
        pytest.param(("60", "61", ""), (2.0, 3, 2), None, id="none was short"),
    ],
)
def test_a_short_meeting_is_as_long_as_the_setting_at_most(minutes, timed, short):
    meetings = "".join(called("2025-03-03", number=number, minutes=told) for number, told in enumerate(minutes))
    told = "amount, facts, facts_known"
    assert did("meetings_timed", meetings, columns=told, short_meeting_minutes=15) == [timed]
    found = did("meetings_short", meetings, columns=told, short_meeting_minutes=15)
    assert found == ([(short, short, short)] if short else [])


@pytest.mark.parametrize(
    ("others", "placed", "external"),
    [
        (("true", "false", "true"), (3.0, 3, 3), 2.0),
        (("true", "", "false"), (2.0, 3, 2), 1.0),
        pytest.param(("", "", ""), (None, 3, 0), None, id="of no meeting it is known who came: unknown, not zero"),
        pytest.param(("false", "false", ""), (2.0, 3, 2), None, id="none was with others"),
    ],
)
def test_a_meeting_with_others_is_one_of_those_whose_guests_are_known(others, placed, external):
    meetings = "".join(called("2025-03-03", number=number, others=told) for number, told in enumerate(others))
    told = "amount, facts, facts_known"
    assert did("meetings_placed", meetings, columns=told) == [placed]
    found = did("meetings_external", meetings, columns=told)
    assert found == ([(external, external, external)] if external else [])


def test_taking_part_is_each_persons_in_the_unit_of_that_day():
    meetings = (
        called("2025-03-03", spanning="true")
        + called("2025-03-12", number=2)
        + called("2025-03-13", number=3, digital="false")
    )
    joined = """1 | 1 | 11 | false | true  | true  | false | 1800000000
                1 | 2 | 21 | false | true  | true  | false | 3600000000
                1 | 3 |    | false | true  | false | true  | 3600000000
                1 | 4 |    | true  | false | true  | false | 3600000000
                2 | 1 | 12 | false | true  | true  | false |
                2 | 3 |    | false | true  | true  | false | 3600000001
                3 | 1 | 12 | false | true  | true  | false | 3600000000"""
    # a guest who is ours by the platform's word only is of no unit, and rooms and other organisations' people are nobody of ours
    told = "person_key, department, person_group, amount, facts, facts_known"
    assert did("meetings_attended", meetings, joined, columns=told) == [
        ("anna", "Omsorg", "employee", 1.0, 1, 1),
        ("anna", "Utbildning", "employee", 1.0, 1, 1),
        ("bo", "Utbildning", "elected", 1.0, 1, 1),
        ("guest", None, "unknown", 1.0, 1, 1),
    ]
    assert did("meetings_attended_spanning", meetings, joined, columns=told) == [
        ("anna", "Utbildning", "employee", 1.0, 1, 1),
        ("bo", "Utbildning", "elected", 1.0, 1, 1),
    ]
    # whole millionths of an hour; without an end it is not known how long
    assert did("attended_hours", meetings, joined, columns=told) == [
        ("anna", "Omsorg", "employee", None, 1, 0),
        ("anna", "Utbildning", "employee", 0.5, 1, 1),
        ("bo", "Utbildning", "elected", 1.0, 1, 1),
        ("guest", None, "unknown", 1.0, 1, 1),
    ]


def test_a_meeting_counts_once_for_all_our_rooms_it_was_held_from():
    meetings = called("2025-03-03") + called("2025-03-03", number=2) + called("2025-03-03", number=3, digital="false")
    joined = """1 | 4 | | true  | false | true  | false | 60
                1 | 5 | | true  | false | true  | false | 60
                2 | 6 | | true  | false | false | true  | 60
                2 | 1 | 11 | false | true | true | false | 60
                3 | 4 | | true  | false | true  | false | 60"""
    assert did("meetings_in_rooms", meetings, joined, columns="person_key, amount") == [("anna", 1.0)]


def test_what_was_held_is_told_by_its_form_and_what_has_no_organiser_is_its_own():
    held = """
        m1 | 2025-03-03 | 2025-03-01 | anna | digital
        m2 | 2025-03-04 | 2025-03-01 | anna | digital
        m3 | 2025-03-04 | 2025-03-01 | anna | hybrid
        m4 | 2025-03-04 | 2025-03-01 | anna | unknown
        e1 | 2025-03-04 | 2025-03-01 |      | physical
    """
    assert did("meetings_held", held=held, columns="person_key, meeting_form, amount") == [
        ("anna", "digital", 2.0),
        ("anna", "hybrid", 1.0),
        ("event e1", "physical", 1.0),
    ]


def test_connections_of_our_own_are_told_by_platform_and_endpoint_and_a_room_is_nobodys():
    meetings = called("2025-03-03") + called("2025-03-12", number=2) + called("2025-03-12", number=3, digital="false")
    connected = """1 | 1 | 11 | true  | false | teams | app  | true  | true
                   1 | 1 | 11 | true  | false | teams | app  | true  | false
                   1 | 1 | 11 | true  | false | zoom  | app  | false | false
                   1 | 2 | 21 | true  | false | teams | room | true  | true
                   1 | 3 |    | true  | true  | teams | app  | true  | true
                   1 | 4 |    | false | false | teams | room | true  | false
                   2 | 1 | 12 | true  | false | teams | app  | false | false
                   2 | 1 | 12 | true  | false | teams | app  | true  | false
                   3 | 1 | 12 | true  | false | teams | app  | true  | true"""
    told = "person_key, department, platform, endpoint, amount, facts, facts_known"
    assert did("connections", meetings, connected=connected, columns=told) == [
        ("anna", "Omsorg", "teams", "app", 1.0, 2, 1),
        ("anna", "Utbildning", "teams", "app", 2.0, 2, 2),
        ("anna", "Utbildning", "zoom", "app", None, 1, 0),
        ("bo", "Utbildning", "teams", "room", 1.0, 1, 1),
        (None, None, "teams", "room", 1.0, 1, 1),
    ]
    assert did("connections_troubled", meetings, connected=connected, columns=told) == [
        ("anna", "Utbildning", "teams", "app", 1.0, 1, 1),
        ("bo", "Utbildning", "teams", "room", 1.0, 1, 1),
    ]


def test_parts_of_seconds_are_added_up_before_they_are_cut_to_millionths_of_an_hour():
    meetings = called("2025-03-03") + called("2025-03-04", number=2, spanning="true")
    joined = """1 | 1 | 11 | false | true | true | false | 1800
                2 | 1 | 11 | false | true | true | false | 1800"""
    con = did("attended_hours", meetings, joined, columns="month, amount")
    assert con == [(date(2025, 3, 1), float(Decimal("0.000001")))]
