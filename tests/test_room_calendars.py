"""Bookings of rooms as their calendars show them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

pytest.register_assert_rewrite("tests.contract_suite")

from connectors.errors import ConfigurationError  # noqa: E402
from connectors.microsoft import room_calendars, rooms  # noqa: E402
from connectors.pseudonyms import Pseudonyms  # noqa: E402
from connectors.source import Context, Page, Window  # noqa: E402
from connectors.transport import Network  # noqa: E402
from tests.contract_suite import SourceContract, fill  # noqa: E402
from tests.graph_double import CLIENT, TENANT, CalendarsDouble, event, room  # noqa: E402
from tests.pull_rig import DAY, KEY, NAME, NOW, START, WINDOW  # noqa: E402

SAMPLES = Path(__file__).parents[1].parent / "shared" / "reference" / "samples"
KEYS = Pseudonyms(KEY)
CONTEXT = Context(KEYS, date(2026, 11, 2))
ACCOUNT = {"tenant_id": TENANT, "client_id": CLIENT, "client_secret": "x"}
ROOM = "rum1@exempelby.example"


def parse(*events, in_room=ROOM, **changes):
    settings = room_calendars.RoomCalendarsSettings.model_validate({"account": ACCOUNT} | changes)
    body = msgspec.json.encode([{"room": in_room, "event": each} for each in events])
    batch = room_calendars.SOURCE.parse(Page("booking", body, {}), settings, CONTEXT)
    assert batch.pulled == batch.landed + len(batch.unparsed)
    return batch


def booked(in_room=ROOM, **changes):
    return parse(event("1", START, **changes), in_room=in_room).frames["room_bookings"].row(0, named=True)


def asked(name, kind="required"):
    return {"type": kind, "emailAddress": {"name": "Anna Ek", "address": f"{name}@exempelby.example"}}


def place(name, **changes):
    return {"displayName": name, "locationType": "default"} | changes


def test_a_booking():
    assert booked() == {
        "booking_id": "event-1",
        "event_key": KEYS.of("event", f"04001 {START.isoformat()}"),
        "room_key": KEYS.of("room", ROOM),
        "starts_at": START,
        "ends_at": START + timedelta(hours=1),
        "invited": 2,
        "is_online_meeting": False,
        "join_key": None,
        "is_cancelled": False,
        "cancelled_basis": None,
    }


def test_a_room_has_the_same_key_as_in_the_list_of_rooms():
    settings = rooms.RoomsSettings.model_validate({"account": ACCOUNT})
    listed = rooms.SOURCE.parse(Page("room", msgspec.json.encode([room("1")]), {}), settings, CONTEXT)
    assert listed.frames["rooms"]["room_key"].to_list() == [booked("RUM1@exempelby.example")["room_key"]]


def test_two_rooms_of_one_event_share_its_key_and_two_occurrences_of_a_series_do_not():
    first, second = booked(), booked("rum2@exempelby.example", id="event-1b")
    assert first["event_key"] == second["event_key"]
    assert first["room_key"] != second["room_key"]
    later = parse(event("1", START + DAY)).frames["room_bookings"]["event_key"].to_list()
    assert later != [first["event_key"]]


@pytest.mark.parametrize(
    ("changes", "invited"),
    [
        ({}, 2),
        ({"attendees": [asked("bo"), asked("anna"), asked("BO", "optional")]}, 2),
        ({"attendees": [asked("bo"), asked("cilla", "optional"), asked("rum2", "resource")]}, 3),
        ({"attendees": [asked("rum1"), asked("bo")]}, 2),
        ({"attendees": [asked("bo"), asked("rum2")],
          "locations": [place("Rum 2", locationType="conferenceRoom", locationUri="rum2@exempelby.example")]}, 2),
        ({"organizer": asked("rum1"), "attendees": []}, 0),
        ({"attendees": []}, 1),
        ({"attendees": None}, None),
        ({"hideAttendees": True}, None),
    ],
)  # fmt: skip
def test_people_are_counted_once_with_the_organiser_and_without_rooms(changes, invited):
    assert booked(**changes)["invited"] == invited


TEAMS = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Zm9y%40thread.v2/0"
ZOOM = "https://exempelby.zoom.us/j/81234567890?pwd=x"


@pytest.mark.parametrize(
    ("changes", "is_online", "join"),
    [
        ({"isOnlineMeeting": True, "onlineMeeting": {"joinUrl": TEAMS}}, True, "teams:19:meeting_zm9y@thread.v2"),
        ({"isOnlineMeeting": True}, True, None),
        ({"isOnlineMeeting": None}, None, None),
        ({"onlineMeetingUrl": "sip:anna@exempelby.example"}, True, "sip:anna@exempelby.example"),
        ({"location": place(ZOOM)}, True, "zoom:81234567890"),
        ({"location": place(f"Rum 1; {ZOOM}, plan 2")}, True, "zoom:81234567890"),
        ({"location": place("Rum 1"), "locations": [place("Rum 1"), place(ZOOM)]}, True, "zoom:81234567890"),
        ({"location": place("x", locationUri=ZOOM)}, True, "zoom:81234567890"),
        ({"location": place("https://exempelby.webex.com/meet/123456789")}, True, "webex:123456789"),
        ({"location": place("sip:4711@moten.exempelby.example")}, True, "sip:4711@moten.exempelby.example"),
        ({"location": place("https://moten.exempelby.example/r/7")}, True, "moten.exempelby.example/r/7"),
        ({"location": place("https://kartor.example/stadshuset")}, False, None),
        ({"location": place("https://notzoom.us/j/81234567890")}, False, None),
        ({"location": place("https://[")}, False, None),
    ],
)
def test_an_online_part_is_known_by_its_mark_or_by_a_meetings_link(changes, is_online, join):
    batch = parse(event("1", START, **changes), meeting_hosts=["moten.exempelby.example"])
    found = batch.frames["room_bookings"].row(0, named=True)
    assert found["is_online_meeting"] is is_online
    assert found["join_key"] == (None if join is None else KEYS.of("join", join))


def test_whole_days_and_private_events_count_like_others():
    assert booked(isAllDay=True, sensitivity="private", showAs="busy") == booked()


@pytest.mark.parametrize(("told", "basis"), [(True, "vendor"), (False, None), (None, None)])
def test_a_cancelled_booking(told, basis):
    found = booked(isCancelled=told)
    assert (found["is_cancelled"], found["cancelled_basis"]) == (told, basis)


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"start": {"dateTime": "2026-10-30T09:00:00", "timeZone": "Pacific Standard Time"}}, "impossible",
         "event.start.timeZone"),
        ({"start": {"dateTime": "0001-01-01T00:00:00", "timeZone": "UTC"}}, "impossible", "event.start.dateTime"),
        ({"end": {"dateTime": "2026-10-01T09:00:00", "timeZone": "UTC"}}, "impossible", "event.end"),
        ({"iCalUId": None}, "unreadable", "event.iCalUId"),
    ],
)  # fmt: skip
def test_a_booking_that_is_not_understood(changes, reason, field):
    batch = parse(event("1", START) | changes, event("2", START))
    rejected = batch.frames["rejected"].row(0, named=True)
    assert (batch.landed, rejected["reason"], rejected["field"]) == (1, reason, field)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendor's examples are not here")
def test_the_example_of_a_calendar():
    (sample,) = json.loads((SAMPLES / "graph_calendarView_constructed.json").read_text("utf-8"))["value"]
    found = parse(sample, in_room="cf100@contoso.com").frames["room_bookings"].row(0, named=True)
    assert (found["invited"], found["is_online_meeting"]) == (2, True)
    assert found["starts_at"] == datetime(2016, 10, 19, 10, tzinfo=UTC)


class TestContract(SourceContract):
    """And what its calendars ask beside that."""

    @pytest.fixture
    def vendor(self, tmp_path):
        with CalendarsDouble(tmp_path / "vendor") as double:
            yield double

    def test_a_smaller_answer_takes_nothing_away(self, vendor, rig):
        """What is no longer there stays as withdrawn, and counts again when it comes back."""
        fill(vendor)
        rig.pull()
        had = rig.rows("room_bookings")
        for record in ("r0", "r3"):
            vendor.remove(record)
        later = NOW + timedelta(hours=1)
        rig.pull(now=later)
        states = rig.rows("room_bookings").select("booking_id", "is_cancelled", "cancelled_basis", "seen_at").rows()
        assert states == [
            (f"event-r{n}", n in (0, 3), "gone" if n in (0, 3) else None, later if n in (0, 3) else NOW)
            for n in range(5)
        ]
        before = rig.content()
        rig.pull(now=NOW + timedelta(hours=2))
        assert rig.content() == before
        fill(vendor)
        rig.pull()
        unstamped = [name for name in had.columns if name != "seen_at"]
        assert rig.rows("room_bookings").select(unstamped).equals(had.select(unstamped))

    def test_what_was_not_read_to_its_end_is_not_gone(self, vendor, rig):
        fill(vendor)
        vendor.rows["day before"] = event("before", WINDOW.start + timedelta(hours=1))
        rig.pull()
        before = rig.content()
        vendor.rows.clear()
        # a day that was not asked for, a room that is not there, and one whose reading ends early
        rig.pull(Window(START - timedelta(hours=20), START))
        vendor.without_calendar.add(ROOM)
        assert rig.pull().excluded == {"room_without_calendar": 1}
        vendor.without_calendar.clear()
        vendor.rooms.append(room("2"))
        vendor.denied.add("rum2@exempelby.example")
        with pytest.raises(ConfigurationError):
            rig.pull()
        vendor.rooms.clear()
        assert rig.pull().status == "complete"
        assert rig.content() == before

    def test_a_booking_that_can_no_longer_be_read_is_not_gone(self, vendor, rig):
        fill(vendor)
        rig.pull()
        vendor.spoil("r1")
        assert rig.pull().rejected == 1
        assert not rig.rows("room_bookings")["is_cancelled"].any()

    def test_an_event_without_id_leaves_open_which_are_gone(self, vendor, rig):
        fill(vendor)
        rig.pull()
        vendor.remove("r0")
        del vendor.rows["r1"]["id"]
        assert rig.pull().rejected == 1
        assert not rig.rows("room_bookings")["is_cancelled"].any()

    def test_each_room_is_read_once_page_by_page_in_utc(self, vendor, rig):
        vendor.rooms = [room("1"), room("2"), room("1"), room("3", emailAddress=None)]
        fill(vendor)
        vendor.in_room["rum2@exempelby.example"]["x"] = event("r0", START)
        outcome = rig.pull()
        assert (outcome.landed, outcome.excluded) == (6, {"room_without_address": 1})
        found = rig.rows("room_bookings").filter(booking_id="event-r0")
        assert (found["event_key"].n_unique(), found["room_key"].n_unique()) == (1, 2)
        calendars = [each for each in vendor.requests if each.path.endswith("/calendarView")]
        assert len(calendars) == 4
        assert calendars[0].query["startDateTime"] == f"{WINDOW.start:%Y-%m-%dT%H:%M:%SZ}"
        assert not {"subject", "body", "bodyPreview"} & set(calendars[0].query["$select"].split(","))

    def test_a_missing_permission_for_calendars_is_named_with_how_to_limit_it(self, vendor, rig):
        vendor.denied.add(ROOM)
        with pytest.raises(ConfigurationError, match=r"Calendars\.Read .*RBAC for Applications.*Entra admin centre"):
            rig.pull()
        parsed = vendor.source.settings.model_validate(rig.raw_settings)
        session = vendor.source.open_session(NAME, parsed, Network(ca_file=rig.ca_file))
        found = list(vendor.source.check(session, parsed, NOW))
        assert [finding.is_good for finding in found] == [True, True, False]
        assert "Calendars.Read" in found[-1].message

    @pytest.mark.parametrize(
        ("rooms_there", "without", "good", "words"),
        [
            ([], [], [True, False, True], "no rooms"),
            (["1", "2"], ["1"], [True, True, True], "first 1 rooms have no calendar"),
            (["1"], ["1"], [True, True, False], "no room has a calendar"),
        ],
    )
    def test_the_doctor_on_rooms_and_calendars(self, vendor, rig, rooms_there, without, good, words):
        vendor.rooms = [room(number) for number in rooms_there]
        vendor.without_calendar = {f"rum{number}@exempelby.example" for number in without}
        parsed = vendor.source.settings.model_validate(rig.raw_settings)
        session = vendor.source.open_session(NAME, parsed, Network(ca_file=rig.ca_file))
        found = list(vendor.source.check(session, parsed, NOW))
        assert [finding.is_good for finding in found] == good
        assert any(words in finding.message for finding in found)
