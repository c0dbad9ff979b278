"""Video rooms (METHOD 2): on how many occasions they were used, and how many stood empty; and whom one met there."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, cells, compute, known_months, value

COUNTED = ("core_periods", "core_kind_coverage", "core_period_coverage")


def rooms(
    rooms_known: str,
    used: dict[str, str] | None = None,
    coverage: str | None = None,
    outside: str = "",
    is_withheld: bool = False,
):
    """Rooms of the directory, and the day each was used on."""
    used = {} if used is None else used
    tables = {
        "core_coverage": coverage or known_months("2025-01", "2025-12"),
        "core_meetings": "meeting_number | month | started_on | internal_people | is_digital\n"
        + "\n".join(f"{number} | {day[:7]}-01 | {day} | 1 | true" for number, day in enumerate(used.values(), 1))
        + "\n8 | 2025-03-01 | 2025-03-04 | 0 | true\n9 | 2025-03-01 | 2025-03-04 | 2 | false",
        "core_participations": "meeting_number | participant_number | is_person | is_external | party_org_key\n"
        + "\n".join(f"{number} | {number} | false | false |" for number in range(1, len(used) + 1))
        + f"\n{outside}",
        "core_participants": "is_room | landed_key | participant_key | participant_number\n"
        + "\n".join(f"true | {room} | {room} | {number}" for number, room in enumerate(used, 1)),
        "core_disclosure": cells({"meetings_attended_spanning": f"1 | 20 | 1 | {str(is_withheld).lower()}"}).replace(
            "known_share\n", "known_share | is_withheld\n"
        ),
        "landing_rooms": f"room_key | observed_on | has_video | valid_from | valid_to\n{rooms_known}",
    }
    return compute((*COUNTED, "core_meeting_figures"), tables)


def unused(con, period: str = "year 2025-12-31", columns: str = "value, denominator, reason"):
    return value(con, "core_meeting_figures", "room_use.unused_rooms", period, columns)


FOUR = """
big   | 2024-01-01 | yes | |
small | 2024-01-01 | yes | |
blue  | 2024-01-01 | yes | |
quiet | 2024-01-01 | no  | |
"""


def test_a_room_never_used_stands_empty():
    con = rooms(FOUR, {"big": "2025-03-04", "small": "2025-09-01"})
    # three rooms have video
    assert unused(con) == (1.0, 3.0, None)
    assert unused(con, "quarter 2025-03-31") == (2.0, 3.0, None)
    assert unused(con, "quarter 2025-06-30") == (3.0, 3.0, None)
    assert unused(con, "month 2025-03-31") == (2.0, 3.0, None)


def test_the_use_of_a_room_without_video_is_not_that_of_another_room():
    con = rooms(FOUR, {"quiet": "2025-03-04", "big": "2025-09-01"})
    assert unused(con, "quarter 2025-03-31") == (3.0, 3.0, None)
    assert unused(con, "quarter 2025-09-30") == (2.0, 3.0, None)


def test_which_rooms_there_are_is_known_and_rests_on_nobody():
    columns = "known_share, people, person_group, baseline, dimension_2, value_2"
    assert unused(rooms(FOUR), columns=columns) == (1.0, None, "all", "none", "all", "all")


def test_no_rooms_with_video_is_not_none_empty():
    assert unused(rooms("quiet | 2024-01-01 | no | |"))[2] == "no_rooms"
    assert unused(rooms(""))[2] == "no_rooms"


def test_a_room_counts_while_it_is_there():
    con = rooms("old | 2024-01-01 | yes | 2024-01-01 | 2025-03-31\nnew | 2024-01-01 | yes | 2025-10-01 |")
    assert unused(con, "quarter 2025-03-31") == (1.0, 1.0, None)
    assert unused(con, "quarter 2025-06-30")[2] == "no_rooms"
    assert unused(con, "quarter 2025-12-31") == (1.0, 1.0, None)
    assert unused(con) == (2.0, 2.0, None)


def test_a_room_that_closed_on_the_first_day_or_came_on_the_last_is_of_the_period():
    con = rooms("old | 2024-01-01 | yes | | 2025-04-01\nnew | 2024-01-01 | yes | 2025-06-30 |")
    assert unused(con, "quarter 2025-06-30") == (2.0, 2.0, None)
    assert unused(con, "month 2025-05-31")[2] == "no_rooms"


def test_what_the_directory_says_on_the_last_day_of_a_period_is_said_of_the_period():
    con = rooms(
        """cleared | 2024-01-01 | yes | |
           cleared | 2025-03-31 | no  | |
           fitted  | 2024-01-01 | no  | |
           fitted  | 2025-06-30 | yes | |"""
    )
    assert unused(con, "quarter 2025-03-31")[2] == "no_rooms"
    assert unused(con, "quarter 2025-06-30") == (1.0, 1.0, None)


def test_what_the_directory_says_of_a_room_holds_until_it_says_something_else():
    con = rooms(
        """kept    | 2024-01-01 | yes | | 2025-03-31
           kept    | 2025-03-01 | yes | |
           cleared | 2024-01-01 | yes | |
           cleared | 2025-07-01 | no  | |
           fitted  | 2024-01-01 | no  | |
           fitted  | 2025-10-01 | yes | |"""
    )
    # one was to close and did not, one lost its screen in July, one got it in October
    assert unused(con, "quarter 2025-06-30") == (2.0, 2.0, None)
    assert unused(con, "quarter 2025-09-30") == (1.0, 1.0, None)
    assert unused(con, "quarter 2025-12-31") == (2.0, 2.0, None)


def test_its_first_word_also_holds_for_the_time_before():
    assert unused(rooms("big | 2026-01-10 | yes | |")) == (1.0, 1.0, None)


def test_a_month_not_covered_is_missing_not_empty():
    con = rooms(FOUR, coverage=known_months("2025-01", "2025-12", but=("2025-06",)))
    assert unused(con)[2] == "source_missing"
    assert unused(con, "quarter 2025-03-31")[2] is None


def test_organisations_met_are_counted_once_in_a_period():
    """Each once in a period, in digital meetings with somebody of ours."""
    con = rooms(
        "",
        {"a": "2025-01-07", "b": "2025-03-04"},
        outside="""1 | 91 | true | true | skogas
                   1 | 92 | true | true | skogas
                   1 | 93 | true | true |
                   2 | 94 | true | true | skogas
                   2 | 95 | true | true | vikby
                   8 | 96 | true | true | nobody of ours
                   9 | 97 | true | true | not digital""",
    )
    met = "external_reach.organisations"
    assert value(con, "core_meeting_figures", met, "month 2025-01-31") == (1.0, None)
    assert value(con, "core_meeting_figures", met) == (2.0, None)
    assert value(con, "core_meeting_figures", met, "quarter 2025-06-30", "value, numerator, reason") == (0.0, 0.0, None)


def test_the_organisations_that_few_people_met_are_not_counted():
    con = rooms("", {"a": "2025-01-07"}, outside="1 | 91 | true | true | skogas", is_withheld=True)
    assert value(con, "core_meeting_figures", "external_reach.organisations")[1] == "too_few_people"


def occasions(meetings: str, parts: str) -> float:
    con = compute(
        ("core_meeting_quantities",),
        {
            "core_meetings": "meeting_number | month | started_on | organiser_key | organiser_party | is_digital\n"
            + meetings,
            "core_participations": "meeting_number | is_room | participant_number | is_internal | is_external\n"
            + parts,
        },
    )
    ((found,),) = ask(
        con,
        "select cast(coalesce(sum(amount), 0) as double) from core_meeting_quantities where quantity = 'meetings_in_rooms'",
    )
    return found  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ("1 | true | 1 | true | false", 1),
        pytest.param("1 | true | 1 | true | false\n1 | true | 2 | true | false", 1, id="one meeting in two rooms"),
        pytest.param("1 | true | 1 | false | false", 1, id="a room nobody said to be somebody else's"),
        pytest.param("1 | true | 1 | false | true", 0, id="a room of others"),
        pytest.param("1 | false | 1 | true | false", 0, id="a person and no room"),
    ],
)
def test_a_meeting_in_one_of_our_rooms_is_an_occasion_whoever_called(parts, found):
    for party in ("internal", "external", "unknown"):
        assert occasions(f"1 | 2025-03-01 | 2025-03-04 | anna | {party} | true", parts) == found
    assert occasions("1 | 2025-03-01 | 2025-03-04 | anna | internal | false", parts) == 0


def test_each_meeting_in_video_rooms_in_a_year_is_counted():
    """What one county counted in a year: 1,174 meetings, 98 or 97 a month, over 9 rooms and a handful of callers."""
    days = [f"2025-{1 + n % 12:02d}-{1 + n % 28:02d}" for n in range(1174)]
    meetings = "\n".join(f"{n} | {day[:7]}-01 | {day} | p{n % 40} | internal | true" for n, day in enumerate(days))
    parts = "\n".join(f"{n} | true | {n % 9} | true | false" for n in range(1174))
    assert occasions(meetings, parts) == 1174
