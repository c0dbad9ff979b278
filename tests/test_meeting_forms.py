"""Digital, hybrid, physical (METHOD 1, form): small tables of meetings, rooms and bookings."""

from __future__ import annotations

from datetime import date

import pytest

from tests.model_cases import ask, build

NINE_TO_TEN = "2025-03-03T09:00 | 2025-03-03T10:00"
BOOKING = "source | booking_id | event_key | room_key | starts_at | ends_at | invited | join_key | is_cancelled | is_online_meeting\n"
PEOPLE = "person_key | site\nanna | Norrby\nbo | Söderby\ncia | Norrby\n"
WHOLE_MONTHS = "source | window_from | window_to\nteams | {logs}\ncalendars | {calendars}\n"
MARCH = "2025-02-28T23:00 | 2025-03-31T22:00"


def forms(
    joins: str = "",
    bookings: str = "",
    logs: str = MARCH,
    calendars: str = MARCH,
    join_key: str = "j",
    sources: tuple[tuple[str, str], ...] = (("teams", "meetings"), ("calendars", "bookings")),
) -> list[tuple[object, ...]]:
    """The form of one meeting, and of what was booked, in March."""
    con = build(
        {
            "people": PEOPLE,
            "meetings": f"meeting_id | started_at | ended_at | join_key | organiser_key\nm | {NINE_TO_TEN} | {join_key} | anna"
            if joins
            else "meeting_id\n",
            "participations": "meeting_id | person_key | endpoint | room_key | people_in_room | joined_at | left_at\n"
            + joins,
            "room_bookings": BOOKING + bookings,
            "pulls": WHOLE_MONTHS.format(logs=logs, calendars=calendars),
        },
        as_of=date(2025, 4, 20),
        sources=sources,
    )
    return ask(con, "select form, rooms_booked from core_meeting_forms order by form")


def join(who: str) -> str:
    return f"m | {who} | app | | | {NINE_TO_TEN}\n"


def room(counted: int | str = "", key: str = "r") -> str:
    return f"m | | room | {key} | {counted} | {NINE_TO_TEN}\n"


def booking(
    invited: int | str, join_key: str = "", at: str = NINE_TO_TEN, key: str = "r", event: str = "e", cancelled: str = ""
) -> str:
    return f"calendars | {event}-{key} | {event} | {key} | {at} | {invited} | {join_key} | {cancelled} | \n"


@pytest.mark.parametrize(
    ("joins", "bookings", "expected"),
    [
        # two people at their desks
        (join("anna") + join("bo"), "", [("digital", 0)]),
        # a room in which three were counted, and one from elsewhere
        (join("anna") + room(3), "", [("hybrid", 0)]),
        # a room with one person, and one from elsewhere: a video call
        (join("anna") + room(1), "", [("digital", 0)]),
        # nobody counted the people in the room, and nothing was booked
        (join("anna") + room(), "", [("digital", 0)]),
        # two rooms with people in them, nobody else
        (room(2) + room(4, "r2"), "", [("hybrid", 0)]),
        # one room with people in it, nobody else: nobody is remote, and one room is no digital meeting
        (room(4), "", []),
        # a room was booked for four with the meeting's link, and one joined from elsewhere
        (join("anna") + join("bo"), booking(4, "j"), [("hybrid", 1)]),
        # two rooms for the same event
        (join("anna") + join("bo"), booking(4, "j") + booking(4, "j", key="r2"), [("hybrid", 2)]),
        # booked for oneself alone
        (join("anna") + join("bo"), booking(1, "j"), [("digital", 1)]),
        # the booking was withdrawn
        (join("anna") + join("bo"), booking(4, "j", cancelled="yes"), [("digital", 0)]),
        # the same link at another time is another meeting, which nobody joined online
        (
            join("anna") + join("bo"),
            booking(4, "j", at="2025-03-03T13:00 | 2025-03-03T14:00"),
            [("digital", 0), ("physical", 1)],
        ),
        # a booking without a link
        ("", booking(4), [("physical", 1)]),
        ("", booking(4) + booking(4, key="r2"), [("physical", 2)]),
        ("", booking(4, cancelled="yes"), []),
        ("", booking(1), []),
        pytest.param("", booking(""), [], id="nobody says how many were invited"),
        # two events at the same time
        ("", booking(4) + booking(3, event="f", key="r2"), [("physical", 1), ("physical", 1)]),
    ],
)
def test_form(joins, bookings, expected):
    assert forms(joins, bookings) == expected


@pytest.mark.parametrize(
    "uncovered",
    [{"calendars": "2025-02-28T23:00 | 2025-03-20T22:00"}, {"logs": "2025-02-28T23:00 | 2025-03-20T22:00"}],
)
def test_a_month_that_calendars_or_logs_do_not_cover_has_no_form(uncovered):
    found = forms(join("anna") + join("bo"), booking(4), **uncovered)
    assert found == [("unknown", 0), ("unknown", 1)]


@pytest.mark.parametrize("known", [("teams", "meetings"), ("calendars", "bookings")])
def test_without_calendars_or_without_logs_no_form_is_known(known):
    assert forms(join("anna") + join("bo"), booking(4), sources=(known,)) == [("unknown", 0), ("unknown", 1)]
