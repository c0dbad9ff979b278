"""Digital, hybrid, physical (METHOD 1): the form of a meeting, from who joined and what was booked."""

from __future__ import annotations

from datetime import date

import pytest

from tests.model_cases import ask, build, compute

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
        only=("core_meeting_forms",),
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
        pytest.param(join("anna") + join("bo"), "", [("digital", 0)], id="two people at their desks"),
        pytest.param(
            join("anna") + room(3), "", [("hybrid", 0)], id="a room in which three were counted, and one from elsewhere"
        ),
        pytest.param(
            join("anna") + room(1),
            "",
            [("digital", 0)],
            id="a room with one person, and one from elsewhere: a video call",
        ),
        pytest.param(
            join("anna") + room(),
            "",
            [("digital", 0)],
            id="nobody counted the people in the room, and nothing was booked",
        ),
        pytest.param(join("anna") + room(2), "", [("hybrid", 0)], id="two people in a room are enough"),
        pytest.param(room(2) + room(4, "r2"), "", [("hybrid", 0)], id="two rooms with people in them, nobody else"),
        pytest.param(
            room(4),
            "",
            [],
            id="one room with people in it, nobody else: nobody is remote, and one room is no digital meeting",
        ),
        pytest.param(
            join("anna") + join("bo"),
            booking(4, "j"),
            [("hybrid", 1)],
            id="a room was booked for four with the meeting's link, and one joined from elsewhere",
        ),
        pytest.param(
            join("anna") + join("bo"),
            booking(4, "j") + booking(4, "j", key="r2"),
            [("hybrid", 2)],
            id="two rooms for the same event",
        ),
        pytest.param(join("anna") + join("bo"), booking(1, "j"), [("digital", 1)], id="booked for oneself alone"),
        pytest.param(join("anna") + join("bo"), booking(2, "j"), [("hybrid", 1)], id="booked for two"),
        pytest.param(
            join("anna") + join("bo"),
            booking(4, "j", cancelled="yes"),
            [("digital", 0)],
            id="the booking was withdrawn",
        ),
        pytest.param(
            join("anna") + join("bo"),
            booking(4, "j", at="2025-03-03T13:00 | 2025-03-03T14:00"),
            [("digital", 0), ("physical", 1)],
            id="the same link at another time is another meeting, which nobody joined online",
        ),
        pytest.param("", booking(4), [("physical", 1)], id="a booking without a link"),
        ("", booking(4) + booking(4, key="r2"), [("physical", 2)]),
        ("", booking(4, cancelled="yes"), []),
        ("", booking(1), []),
        ("", booking(2), [("physical", 1)]),
        *(
            pytest.param(
                join("anna") + join("bo"),
                booking(4, "j", at=f"2025-03-03T{begins} | 2025-03-03T{ends}"),
                [("digital", 0), ("physical", 1)],
                id=f"{words} touches it and is another",
            )
            for begins, ends, words in (
                ("08:00", "09:00", "what ends as it begins"),
                ("10:00", "11:00", "what begins as it ends"),
            )
        ),
        pytest.param("", booking(""), [], id="nobody says how many were invited"),
        pytest.param(
            "",
            booking(4) + booking(3, event="f", key="r2"),
            [("physical", 1), ("physical", 1)],
            id="two events at the same time",
        ),
    ],
)
def test_a_meeting_is_digital_hybrid_or_physical(joins, bookings, expected):
    assert forms(joins, bookings) == expected


@pytest.mark.parametrize(
    "uncovered",
    [{"calendars": "2025-02-28T23:00 | 2025-03-20T22:00"}, {"logs": "2025-02-28T23:00 | 2025-03-20T22:00"}],
)
def test_a_month_that_calendars_or_logs_do_not_cover_has_no_form(uncovered):
    found = forms(join("anna") + join("bo"), booking(4), **uncovered)
    assert found == [("unknown", 0), ("unknown", 1)]


def test_a_booking_is_of_the_day_and_month_on_the_wall_and_bears_the_name_of_its_beginning():
    """Half past eleven in the evening of 31 March in Greenwich is half past one on 1 April here."""
    con = build(
        {"room_bookings": BOOKING + booking(4, at="2025-03-31T23:30 | 2025-04-01T00:30"), "people": PEOPLE},
        sources=(("teams", "meetings"), ("calendars", "bookings")),
        only=("core_meeting_forms",),
    )
    columns = "source, event_id, cast(started_on as varchar), cast(month as varchar), organiser_key, organiser_party"
    assert ask(con, f"select {columns} from core_meeting_forms") == [
        ("calendars", "e 2025-03-31 23:30:00+00", "2025-04-01", "2025-04-01", None, "unknown")
    ]


@pytest.mark.parametrize("known", [("teams", "meetings"), ("calendars", "bookings")])
def test_without_calendars_or_without_logs_no_form_is_known(known):
    assert forms(join("anna") + join("bo"), booking(4), sources=(known,)) == [("unknown", 0), ("unknown", 1)]


def test_what_was_held_is_its_organisers_and_a_booking_of_nobody_known_its_own():
    forms = """
        source    | event_id | started_on | month      | organiser_key | form
        teams     | m1       | 2025-03-03 | 2025-03-01 | anna          | digital
        teams     | m2       | 2025-03-04 | 2025-03-01 | anna          | digital
        calendars | e1       | 2025-03-04 | 2025-03-01 |               | physical
        teams     | m3       | 2025-03-04 | 2025-03-01 | anna          | unknown
    """
    con = compute(("core_meeting_quantities",), {"core_meeting_forms": forms})
    assert ask(
        con,
        """select person_key, meeting_form, cast(amount as double) from core_meeting_quantities
           where quantity = 'meetings_held' order by 1""",
    ) == [("anna", "digital", 2.0), ("event e1", "physical", 1.0)]
