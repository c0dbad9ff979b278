"""What a meeting is (METHOD 1): from the records of it and from who took part.

Anna, of Norrby, and Bo, of Söderby, are in the directory; Anna is also called by another key.
"""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute

DIRECTORY = "person_key | valid_from | valid_before\nanna | 2025-01-01 | 2100-01-01\nbo | 2025-01-01 | 2100-01-01"
ALSO_CALLED = "alias_key | person_key\nanna.b | anna"
SITES = "period_number | site_number\n1 | 1\n2 | 2\n3 |"
NUMBERED = "meeting_number | source | meeting_id | is_first | merged_by | started_on\n"
LANDED = (
    "source | meeting_id | platform | kind | started_at | ended_at | organiser_key | organiser_party"
    " | participants_reported | participant_minutes_reported | has_room_system | has_telephone | has_video | reported_modality\n"
)
PRESENT = (
    "meeting_number | participant_number | period_number | is_room | people_in_room | is_person | is_internal | is_external"
    " | party_org_key | microseconds\n"
)
ANNA = "1 | 1 | 1 | false | | true | true | false | | 1800000000\n"
BO = "1 | 2 | 2 | false | | true | true | false | | 3600000000\n"
CIA = "1 | 3 | 3 | false | | true | true | false | | 3600000000\n"
GUEST = "1 | 4 | | false | | true | false | true | other | 3600000000\n"
CALLER = "1 | | | false | | false | false | true | | 3600000000\n"
ROOM = "1 | 5 | | true | | false | true | false | | 3600000000\n"


def record(
    platform: str = "teams",
    kind: str = "scheduled",
    at: str = "09:00 10:00",
    organiser: str = "anna",
    party: str = "internal",
    reported: str = "",
    minutes: str = "",
    room: str = "",
    phone: str = "",
    video: str = "yes",
    says: str = "",
) -> str:
    begin, end = (f"2025-03-03T{clock}" for clock in at.split())
    row = (platform, kind, begin, end, organiser, party, reported, minutes, room, phone, video, says)
    return " | ".join(row)


def meeting(records: list[str], columns: str, present: str = "", **method: object) -> list[tuple[object, ...]]:
    """One meeting of some records; the second of them stands for it where there are several."""
    first = min(1, len(records) - 1)
    numbered = [
        f"1 | s{number} | r{number} | {str(number == first).lower()} | {'join' if first else 'none'} | 2025-03-03"
        for number, _ in enumerate(records)
    ]
    tables = {
        "landing_meetings": LANDED + "\n".join(f"s{number} | r{number} | {told}" for number, told in enumerate(records)),
        "core_meeting_records": NUMBERED + "\n".join(numbered),
        "core_participations": PRESENT + present,
        "core_participant_periods": SITES, "core_aliases": ALSO_CALLED, "core_people": DIRECTORY,
    }  # fmt: skip
    return ask(compute(("core_meetings",), tables, **method), f"select {columns} from core_meetings")


def test_a_meeting_of_one_record_is_what_that_says_and_one_of_several_is_named_by_the_one_that_stands_for_it():
    named = "source, meeting_id, records, platform, platforms, merged_by, cast(month as varchar), minutes"
    assert meeting([record()], named) == [("s0", "r0", 1, "teams", 1, "none", "2025-03-01", 60.0)]
    several = [record(at="09:00 09:30"), record("zoom", at="09:10 10:15"), record("zoom", at="09:20 09:40")]
    assert meeting(several, named) == [("s1", "r1", 3, "zoom", 2, "join", "2025-03-01", 75.0)]


@pytest.mark.parametrize(
    ("at", "minutes"),
    [("09:00 10:00", 60.0), ("09:00 09:00", 0.0), pytest.param("10:00 09:00", None, id="an end before its beginning")],
)
def test_a_meeting_lasts_from_the_first_join_to_the_last_leave(at, minutes):
    assert meeting([record(at=at)], "minutes") == [(minutes,)]


@pytest.mark.parametrize(
    ("kinds", "kind"),
    [
        (("unknown",), "unknown"),
        (("broadcast",), "broadcast"),
        (("scheduled", "broadcast"), "broadcast"),
        (("scheduled", "ad_hoc"), "scheduled"),
        (("unknown", "ad_hoc"), "ad_hoc"),
        (("unknown", "unknown"), "unknown"),
    ],
)
def test_what_one_record_says_of_the_kind_counts_for_all(kinds, kind):
    assert meeting([record(kind=told) for told in kinds], "kind") == [(kind,)]


@pytest.mark.parametrize(
    ("called", "organiser", "party"),
    [
        (["dan external"], "dan", "external"),
        (["dan unknown"], "dan", "unknown"),
        pytest.param(["anna unknown"], "anna", "internal", id="whom the directory knows is one of us"),
        pytest.param(["anna.b external"], "anna", "internal", id="by every key"),
        (["aron external", "zoe internal"], "zoe", "internal"),
        (["aron unknown", "zoe external"], "zoe", "external"),
        (["zoe unknown", "aron unknown"], "aron", "unknown"),
        pytest.param(["zoe internal", "bo external"], "bo", "internal", id="of several of us the first key"),
    ],
)
def test_who_called_a_meeting_is_one_of_us_if_any_record_says_so(called, organiser, party):
    records = [record(organiser=told.split()[0], party=told.split()[1]) for told in called]
    assert meeting(records, "organiser_key, organiser_party") == [(organiser, party)]


@pytest.mark.parametrize(
    ("told", "modality", "is_assumed"),
    [
        (({"room": "yes", "video": "no"},), "video", False),
        (({"video": "yes"},), "web", False),
        (({"video": "no", "phone": "yes"},), "phone", False),
        (({"video": "no", "phone": "no"},), "web", False),
        pytest.param(({"video": "no"},), "web", False, id="a telephone nobody speaks of is none"),
        (({"video": "yes", "phone": "yes"},), "web", False),
        (({"video": "", "says": "video"},), "video", False),
        (({"video": "", "says": "web"},), "web", False),
        (({"video": "", "says": "phone"},), "phone", False),
        pytest.param(({"video": "", "phone": "yes"},), "web", True, id="nobody said which media were used"),
        pytest.param(({"video": ""},), "web", True, id="nobody said anything"),
        (({"room": "yes", "video": ""},), "video", False),
        pytest.param(({"video": "yes", "says": "video"},), "web", False, id="the media go before the vendor's word"),
        (({"video": "no", "phone": "yes"}, {"video": "yes"}), "web", False),
        (({"video": "no", "phone": "yes"}, {"video": "no"}), "phone", False),
        (({"video": "no", "phone": "yes"}, {"video": ""}), "web", True),
        (({"video": ""}, {"video": "", "says": "phone"}), "phone", False),
        (({"video": "", "says": "web"}, {"video": "", "says": "phone"}), "web", False),
        (({"video": "", "says": "web"}, {"video": "", "says": "video"}), "video", False),
        (({"room": "yes"}, {"room": "no"}), "video", False),
    ],
)
def test_the_modality_is_what_any_record_tells_of_rooms_media_and_at_last_the_vendors_word(told, modality, is_assumed):
    assert meeting([record(**one) for one in told], "modality, is_modality_assumed") == [(modality, is_assumed)]


def test_a_room_that_took_part_makes_a_video_meeting():
    assert meeting([record()], "modality, rooms", ANNA) == [("web", 0)]
    assert meeting([record()], "modality, rooms", ANNA + ROOM) == [("video", 1)]


def test_without_joins_the_largest_reported_number_is_what_is_known():
    known = "people, people_present, people_basis, person_minutes"
    assert meeting([record()], known) == [(None, None, "unknown", None)]
    assert meeting([record(reported="4", minutes="200")], known) == [(4, 4, "reported", 200.0)]
    several = [record(reported="4", minutes="90"), record(reported="3", minutes="200")]
    assert meeting(several, known) == [(4, 4, "reported", 200.0)]
    assert meeting(several, known, ANNA + BO) == [(2, 2, "joins", 90.0)]


def test_a_room_stands_for_the_people_counted_in_it_and_for_one_where_nobody_counted():
    counted = "people, people_present, rooms, most_in_room, internal_people"
    assert meeting([record()], counted, ANNA + ROOM) == [(2, 2, 1, None, 1)]
    full, empty = (ROOM.replace("true | |", f"true | {people} |") for people in (6, 0))
    assert meeting([record()], counted, ANNA + full) == [(2, 7, 1, 6, 1)]
    assert meeting([record()], counted, ANNA + empty) == [(2, 2, 1, 0, 1)]


@pytest.mark.parametrize(
    ("present", "between", "others", "spanning"),
    [
        (ANNA, False, False, False),
        (ANNA + BO, True, False, True),
        pytest.param(ANNA + CIA, False, False, False, id="a site nobody named is not another"),
        pytest.param(CIA, False, False, False, id="no site is known"),
        (ANNA + GUEST, False, True, True),
        pytest.param(ANNA + CALLER, False, False, False, id="of which organisation nobody knows"),
        pytest.param("", None, None, False, id="nobody knows who took part"),
    ],
)
def test_a_meeting_spans_where_two_sites_or_another_organisation_took_part(present, between, others, spanning):
    found = meeting([record()], "is_between_sites, is_with_others, is_spanning", present)
    assert found == [(between, others, spanning)]


@pytest.mark.parametrize(
    ("told", "present", "digital"),
    [
        ({}, ANNA + BO, True),
        ({}, ANNA, False),
        ({"kind": "broadcast"}, ANNA + BO, False),
        ({"video": "no", "phone": "yes"}, ANNA + BO, False),
        ({"video": "no", "phone": "yes"}, ANNA + BO + CIA, True),
        pytest.param({}, "", False, id="nobody knows how many"),
        ({"reported": "2"}, "", True),
        ({"at": "09:00 09:05"}, ANNA + BO, True),
        ({"at": "09:00 09:04"}, ANNA + BO, False),
        pytest.param({"at": "10:00 09:00"}, ANNA + BO, False, id="of unknown length"),
    ],
)
def test_a_digital_meeting_is_of_two_people_by_telephone_three_of_the_shortest_length_and_no_broadcast(
    told, present, digital
):
    limits = {"web_min_people": 2, "phone_min_people": 3, "meeting_min_minutes": 5}
    assert meeting([record(**told)], "is_digital", present, **limits) == [(digital,)]


@pytest.mark.parametrize(
    ("day", "entry"),
    [
        pytest.param("2025-03-02", None, id="the day before the first entry"),
        ("2025-03-03", 1),
        ("2025-03-09", 1),
        pytest.param("2025-03-10", 2, id="the day of the second"),
    ],
)
def test_a_connection_is_of_the_entry_that_held_for_the_person_on_the_day(day, entry):
    ((found, is_internal, is_external),) = connection(
        "period_number, is_internal, is_external", day=day, party="external"
    )
    # of one of us as long as the directory knows the person, whatever the platform says
    assert (found, is_internal, is_external) == (entry, entry is not None, entry is None)


@pytest.mark.parametrize(
    ("left", "microseconds"),
    [
        ("09:00:00.000001", 1),
        ("09:00", 0),
        pytest.param("08:59", None, id="it ended before it began"),
        pytest.param("", 30 * 60 * 10**6, id="until its record ends"),
    ],
)
def test_a_connection_lasts_until_it_ends_or_its_record_does(left, microseconds):
    assert connection("microseconds", left=left) == [(microseconds,)]


@pytest.mark.parametrize(("endpoint", "people"), [("room", 4), ("app", None)])
def test_only_rooms_count_people(endpoint, people):
    assert connection("people_in_room", endpoint=endpoint) == [(people,)]


def connection(
    columns: str, day: str = "2025-03-03", party: str = "internal", left: str = "09:30", endpoint: str = "app"
) -> list[tuple[object, ...]]:
    """One connection from nine o'clock to a meeting until half past."""
    ended = f"{day}T{left}" if left else ""
    tables = {
        "core_meeting_records": "meeting_number | source | meeting_id | platform | started_on | ended_at\n"
        f"1 | teams | m | teams | {day} | {day}T09:30",
        "landing_participations": "source | meeting_id | person_key | party | endpoint | people_in_room | joined_at | left_at\n"
        f"teams | m | anna | {party} | {endpoint} | 4 | {day}T09:00 | {ended}",
        "core_participants": "participant_number | landed_key | is_room\n7 | anna | false",
        "core_participant_periods": "period_number | participant_number | valid_from | valid_before\n"
        "1 | 7 | 2025-03-03 | 2025-03-10\n2 | 7 | 2025-03-10 | 9999-12-31",
    }
    return ask(compute(("core_connections",), tables), f"select {columns} from core_connections")
