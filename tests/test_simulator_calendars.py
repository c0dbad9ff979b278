"""The rooms' calendars over Graph, what stands in them, and the tickets of those who went by rail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.bookings import Booking
from simulator.calls import GROUP, NO_THREAD, TEAMS, ZOOM, people_in_room
from simulator.journeys import Journey
from simulator.municipality import simulate
from simulator.tickets import issue_tickets
from simulator.truth import find_truth
from tests.simulator_client import NOW, RECORDS, exempelby, served
from tests.test_simulator_municipality import SEEN, counted

TOWN = exempelby()
FROM, TO = datetime(2026, 8, 31, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def graph():
    with served() as (_, client):
        yield client


def view(room: str, since: datetime = FROM, until: datetime = TO, **options: str) -> str:
    window = {"startDateTime": f"{since:%Y-%m-%dT%H:%M:%SZ}", "endDateTime": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
    return f"/users/{room}/calendarView?{urlencode(window | options, safe='$,')}"


def moment(told: dict[str, str]) -> datetime:
    assert told["timeZone"] == "UTC"
    return datetime.fromisoformat(told["dateTime"]).replace(tzinfo=UTC)


def microseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000


def test_every_booking_stands_in_its_rooms_calendars_once(graph):
    for row, room in enumerate(TOWN.rooms):
        events = graph.all(view(room.mail, **{"$top": "7"}))
        booked = [booking for booking in TOWN.bookings if row in booking.rooms]
        assert [(microseconds(moment(it["start"])), microseconds(moment(it["end"]))) for it in events] == [
            (booking.start, booking.end) for booking in booked
        ]
        assert [it["isCancelled"] for it in events] == [booking.is_cancelled for booking in booked]
        assert len({it["id"] for it in events}) == len(events)


def test_an_event_of_two_rooms_is_one(graph):
    booking = next(booking for booking in TOWN.bookings if len(booking.rooms) == 2)
    events = [
        next(it for it in graph.all(view(TOWN.rooms[room].mail)) if microseconds(moment(it["start"])) == booking.start)
        for room in booking.rooms
    ]
    assert events[0]["iCalUId"] == events[1]["iCalUId"]
    assert events[0]["id"] != events[1]["id"]


def test_a_link_in_a_calendar_is_the_one_in_the_meetings_record(graph):
    calls = TOWN.calls
    room = next(row for row in range(len(TOWN.rooms)) if TOWN.rooms[row].has_video)
    links = {it["onlineMeeting"]["joinUrl"] for it in graph.all(view(TOWN.rooms[room].mail)) if it["isOnlineMeeting"]}
    records = {record["joinWebUrl"] for record in graph.all(RECORDS)}
    assert len(links & records) > 5
    assert len(links - records) < len(links) / 2
    assert calls.vendor.max() == TEAMS


def test_pages_hold_ten_unless_more_are_asked_for_and_only_what_is_selected(graph):
    booked = [sum(row in booking.rooms for booking in TOWN.bookings) for row in range(len(TOWN.rooms))]
    room = TOWN.rooms[booked.index(max(booked))].mail
    assert len(graph.get(view(room))["value"]) == 10
    page = graph.get(view(room, **{"$top": "11", "$select": "id,start"}))
    assert {frozenset(event) for event in page["value"]} == {frozenset(("id", "start"))}
    assert len(graph.get(page["@odata.nextLink"])["value"]) == 11


def test_what_overlaps_the_time_asked_for_is_given(graph):
    booking = next(booking for booking in TOWN.bookings if booking.end - booking.start > 60 * 60_000_000)
    room = TOWN.rooms[booking.rooms[0]].mail
    start, end = (datetime.fromtimestamp(at / 1e6, UTC) for at in (booking.start, booking.end))
    minute = timedelta(minutes=1)

    def is_there(since: datetime, until: datetime) -> bool:
        return microseconds(start) in {microseconds(moment(it["start"])) for it in graph.all(view(room, since, until))}

    assert is_there(start + minute, start + 2 * minute)
    assert is_there(end - minute, end + minute)
    assert not is_there(end, end + minute)
    assert not is_there(start - minute, start)


@pytest.mark.parametrize(
    ("mailbox", "status", "code"),
    [
        ("nobody@exempelby.example", 404, "ErrorInvalidUser"),
        (TOWN.people[0].upn, 403, "ErrorAccessDenied"),
        (TOWN.people[0].entra_id, 403, "ErrorAccessDenied"),
    ],
)
def test_only_rooms_may_be_looked_at(graph, mailbox, status, code):
    assert graph.refused(view(mailbox)) == (status, code)
    assert graph.ask(view(TOWN.rooms[0].entra_id)).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["", "?startDateTime=2026-09-01", "?startDateTime=x&endDateTime=2026-09-02", "?$top=1001", "?$select=id,body.text"],
)
def test_what_graph_cannot_read_is_a_bad_request(graph, query):
    assert graph.refused(f"/users/{TOWN.rooms[0].mail}/calendarView{query}")[0] == 400


def test_mailboxes_have_a_limit_of_their_own():
    with served(NOW, "documented") as (_, graph):
        assert graph.get(view(TOWN.rooms[0].mail))["value"]


def test_no_room_is_given_twice_and_rooms_are_at_the_hosts_site():
    taken: dict[int, int] = {}
    for booking in TOWN.bookings:
        assert booking.start < booking.end
        if booking.is_cancelled:
            continue
        for room in booking.rooms:
            assert taken.get(room, 0) <= booking.start
            taken[room] = booking.end
    without_link = [booking for booking in TOWN.bookings if booking.thread == NO_THREAD]
    assert len(without_link) > 50
    for booking in without_link:
        assert {TOWN.rooms[room].site for room in booking.rooms} == {TOWN.people[booking.organiser].site}


def test_there_is_a_booking_of_every_sort():
    threads = {int(thread) for thread in TOWN.calls.thread[TOWN.calls.kind == GROUP]} - {NO_THREAD}
    sorts = {
        (booking.is_cancelled, booking.thread != NO_THREAD, booking.thread in threads, booking.people >= 2)
        for booking in TOWN.bookings
    }
    assert {
        (False, False, False, True),  # physical
        (False, True, False, True),  # physical, with a link that nobody followed
        (False, True, True, True),  # hybrid
        (False, True, True, False),  # somebody alone in a room
        (True, False, False, True),
        (True, True, True, True),
    } <= sorts


MEETING = (("a", 0, 30, SEEN), ("b", 0, 30, SEEN))
HOUR = 60 * 60_000_000
NINE = 9 * HOUR + 20_000 * 86_400_000_000


@pytest.mark.parametrize(
    ("changes", "forms"),
    [
        (None, (1, 0, 0)),
        ({}, (0, 1, 0)),
        ({"invited": ()}, (1, 0, 0)),
        ({"is_cancelled": True}, (1, 0, 0)),
        ({"thread": 2}, (1, 0, 1)),
        ({"thread": NO_THREAD}, (1, 0, 1)),
        ({"thread": NO_THREAD, "invited": ()}, (1, 0, 0)),
        ({"thread": NO_THREAD, "rooms": (0, 1)}, (1, 0, 1)),
        ({"start": NINE + HOUR, "end": NINE + 2 * HOUR}, (1, 0, 1)),
        ({"start": NINE - HOUR, "end": NINE}, (1, 0, 1)),
    ],
)
def test_what_truth_counts_as_which_form(changes, forms):
    whole = {"rooms": (0,), "organiser": 0, "invited": (1, 2), "start": NINE, "end": NINE + HOUR, "thread": 1}
    bookings = [] if changes is None else [Booking(**{**whole, **changes})]
    month = counted(*MEETING, bookings=bookings)
    assert tuple(month.meeting_forms.values()) == forms


def test_a_room_that_counts_its_people_makes_a_meeting_hybrid():
    town = simulate(people=170, months=2, seed=7, last_month=date(2026, 10, 1), platforms=("teams", "zoom"))
    calls, first_room = town.calls, town.cast.first_room
    in_zoom = list(np.flatnonzero(calls.vendor == ZOOM).tolist())
    is_room = (calls.who >= first_room) & (calls.who < town.cast.first_outside)
    several = [
        call for call in in_zoom if any(is_room[row] and people_in_room(row) >= 2 for row in calls.sessions_of(call))
    ]
    assert 0 < len(several) < len(in_zoom)
    with_rooms = sum(month.meeting_forms["hybrid"] for month in town.truth.months)
    alone = find_truth(calls, town.cast, town.people, town.journeys, town.fte, town.period, town.effect)
    assert 0 < sum(month.meeting_forms["hybrid"] for month in alone.months) <= len(several) < with_rooms


def test_a_meeting_nobody_else_joined_is_none_and_neither_is_its_booking():
    booking = Booking((0,), 0, (1, 2), NINE, NINE + HOUR, 1)
    assert sum(counted(("a", 0, 30, SEEN), bookings=[booking]).meeting_forms.values()) == 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_tickets_keep_the_days_of_the_journey_and_nobody_is_in_two_trains(seed):
    town = simulate(people=120, months=4, seed=seed, last_month=date(2026, 10, 1))
    by_rail = [journey for journey in town.journeys if journey.mode == "rail"]
    assert set(town.tickets) == {journey.booking for journey in by_rail}
    check_tickets(by_rail, town.tickets)


def test_somebody_away_by_rail_books_for_a_guest():
    model = next(journey for journey in TOWN.journeys if journey.mode == "rail" and journey.km_one_way > 200)
    first = date(2026, 9, 7)
    fields = {name: getattr(model, name) for name in Journey.__dataclass_fields__}

    def journey(booking: str, departs: int, returns: int, **changes: object) -> Journey:
        days = {"departs": first + timedelta(days=departs), "returns": first + timedelta(days=returns)}
        return Journey(**{**fields, "booking": booking, **days, **changes})

    journeys = [
        journey("B1", 0, 4), journey("B2", 1, 2), journey("B3", 4, 4), journey("B4", 4, 4), journey("B5", 4, 6),
        journey("B6", 10, 10, km_one_way=1400), journey("B7", 20, 23, km_one_way=1400),
    ]  # fmt: skip
    for seed in range(30):
        tickets = issue_tickets(np.random.default_rng(seed), journeys)
        assert [journey.booking for journey in journeys if not tickets[journey.booking].names_traveller] == ["B2"]
        check_tickets(journeys, tickets)


def check_tickets(journeys, tickets):
    ways: dict[str, list] = {}
    for journey in journeys:
        booking = tickets[journey.booking]
        assert booking.out.departs.date() == journey.departs
        assert booking.back.departs.date() == booking.back.arrives.date() == journey.returns
        assert booking.out.departs < booking.out.arrives < booking.back.departs < booking.back.arrives
        assert booking.out.arrives - booking.out.departs < timedelta(hours=24)
        assert (booking.out.origin, booking.out.destination) == (booking.back.destination, booking.back.origin)
        if booking.names_traveller:
            ways.setdefault(journey.person.employee_no, []).extend((booking.out, booking.back))
    for own in ways.values():
        own.sort(key=lambda way: way.departs)
        assert all(one.arrives < other.departs for one, other in pairwise(own))
        # out and back follow each other: no journey begins before the one before it has come home
        assert all(one.destination == other.origin for one, other in zip(own[::2], own[1::2], strict=True))
