"""Digital meetings (METHOD 1): what counts as one, who took part and for how long, and to which month it belongs."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, build

MEETING = "meeting_id | started_at | ended_at | has_video | has_telephone | has_room_system | organiser_key | kind\n"
JOIN = "meeting_id | person_key | joined_at | left_at | endpoint | party | room_key | party_org_key\n"
PEOPLE = """
person_key | department | site
anna       | Skola      | Norrby
bo         | Skola      | Norrby
cia        | Vård       | Söderby
"""


def meetings(meeting: str, joins: str, **method):
    return build(
        {"meetings": MEETING + meeting, "participations": JOIN + joins, "people": PEOPLE},
        only=("core_meetings",),
        **method,
    )


@pytest.mark.parametrize(
    ("video_telephone_room", "endpoints", "modality", "is_digital"),
    [
        pytest.param("yes | no  | no ", ["app", "app"], "web", True, id="two people with a picture"),
        pytest.param("yes | no  | yes", ["app", "room"], "video", True, id="a room system makes it a video meeting"),
        pytest.param("no  | no  | no ", ["app", "app"], "web", True, id="two people without a picture, over the net"),
        pytest.param("no  | yes | no ", ["phone", "phone"], "phone", False, id="two by telephone: a call, no meeting"),
        pytest.param("no  | yes | no ", ["phone", "phone", "phone"], "phone", True, id="three by telephone: a meeting"),
        pytest.param(
            "yes | yes | no ", ["phone", "app"], "web", True, id="somebody shared video: no longer a telephone meeting"
        ),
        pytest.param("    | yes | no ", ["phone", "app"], "web", True, id="media unknown: web, and listed as assumed"),
        pytest.param("yes | no  | no ", ["app"], "web", False, id="one person: nobody else came"),
        pytest.param("no  | no  | yes", ["room", "room"], "video", True, id="two rooms, nobody known"),
        pytest.param("no  | no  | yes", ["room"], "video", False, id="one room, nobody else"),
    ],
)
def test_modality_and_number_of_people_say_what_counts_as_a_digital_meeting(
    video_telephone_room, endpoints, modality, is_digital
):
    people = ["anna", "bo", "cia"]
    joins = "\n".join(
        f"m | {'' if endpoint == 'room' else person} | 2025-03-03T09:00 | 2025-03-03T10:00 | {endpoint} | internal | "
        f"{'room' + str(n) if endpoint == 'room' else ''} | "
        for n, (endpoint, person) in enumerate(zip(endpoints, people, strict=False))
    )
    con = meetings(f"m | 2025-03-03T09:00 | 2025-03-03T10:00 | {video_telephone_room} | anna | scheduled", joins)
    assert ask(con, "select modality, is_digital from core_meetings") == [(modality, is_digital)]


@pytest.mark.parametrize(
    ("intervals", "minutes"),
    [
        (["09:00–10:00"], 60),
        pytest.param(["09:00–09:20", "09:30–10:00"], 50, id="rejoined"),
        pytest.param(["09:00–10:00", "09:10–09:50"], 60, id="a second device"),
        pytest.param(["09:00–09:30", "09:20–10:00"], 60, id="moved from telephone to computer"),
        (["09:00–09:30", "09:00–09:30"], 30),
        pytest.param(["09:00–"], 60, id="the end was never written: until the meeting ended"),
        pytest.param(["10:00–09:00"], None, id="left before joining"),
        (["09:00–09:30", "10:00–09:00"], 30),
    ],
)
def test_minutes_are_the_union_of_a_persons_intervals(intervals, minutes):
    joins = "\n".join(
        f"m | anna | 2025-03-03T{start} | {'2025-03-03T' + end if end else ''} | app | internal | |"
        for start, end in (interval.split("–") for interval in intervals)
    )
    con = meetings("m | 2025-03-03T09:00 | 2025-03-03T10:00 | yes | no | no | anna | scheduled", joins)
    assert ask(con, "select connections, microseconds / 60e6 from core_participations") == [(len(intervals), minutes)]


@pytest.mark.parametrize(
    ("started_at", "started_on", "month"),
    [
        pytest.param("2025-01-31T22:59", "2025-01-31", "2025-01-01", id="a minute before midnight, winter"),
        pytest.param("2025-01-31T23:00", "2025-02-01", "2025-02-01", id="midnight in Stockholm, winter"),
        pytest.param("2025-06-30T21:59", "2025-06-30", "2025-06-01", id="a minute before midnight, summer"),
        pytest.param("2025-06-30T22:00", "2025-07-01", "2025-07-01", id="midnight in Stockholm, summer"),
        pytest.param("2025-03-30T00:30", "2025-03-30", "2025-03-01", id="the hour before clocks go forward"),
        pytest.param("2025-10-26T00:30", "2025-10-26", "2025-10-01", id="the hour that comes twice"),
        pytest.param("2024-03-30T22:59", "2024-03-30", "2024-03-01", id="the night before clocks go forward"),
        pytest.param("2024-03-31T21:59", "2024-03-31", "2024-03-01", id="month's end on the day clocks go forward"),
        pytest.param("2024-03-31T22:00", "2024-04-01", "2024-04-01", id="midnight after it, summer time"),
        pytest.param("2021-10-31T22:59", "2021-10-31", "2021-10-01", id="month's end on the day clocks go back"),
        pytest.param("2021-10-31T23:00", "2021-11-01", "2021-11-01", id="midnight after it, winter time"),
    ],
)
def test_a_meeting_belongs_to_the_stockholm_month_it_starts_in(started_at, started_on, month):
    con = meetings(
        f"m | {started_at} | | yes | no | no | anna | scheduled", f"m | anna | {started_at} | | app | internal | |"
    )
    assert ask(con, "select cast(started_on as varchar), cast(month as varchar) from core_meetings") == [
        (started_on, month)
    ]


@pytest.mark.parametrize(
    ("started_at", "ended_at", "minutes", "month"),
    [
        pytest.param("2025-03-30T00:30", "2025-03-30T01:30", 60, 3, id="clocks go forward: 01:30 to 03:30 is an hour"),
        pytest.param("2025-10-26T00:30", "2025-10-26T01:30", 60, 10, id="clocks go back: 02:30 to 02:30 is an hour"),
        pytest.param("2025-03-03T22:30", "2025-03-03T23:30", 60, 3, id="over midnight"),
        pytest.param("2025-01-31T22:30", "2025-01-31T23:30", 60, 1, id="over a month's end: whole in January"),
        pytest.param("2024-12-31T22:30", "2025-01-01T00:30", 120, 12, id="over New Year: whole in December"),
        pytest.param(
            "2024-03-31T21:30", "2024-03-31T22:30", 60, 3, id="over a month's end the day clocks went forward"
        ),
    ],
)
def test_a_meeting_lasts_as_long_as_it_lasts_whatever_the_clock_does(started_at, ended_at, minutes, month):
    con = seen(
        f"meeting_id | started_at | ended_at\nm | {started_at} | {ended_at}",
        "meeting_id | person_key | joined_at | left_at\n"
        + "\n".join(f"m | {person} | {started_at} | {ended_at}" for person in ("anna", "bo")),
    )
    found = ask(con, "select minutes, person_minutes, month(month) from core_meetings")
    assert found == [(minutes, 2 * minutes, month)]


@pytest.mark.parametrize(
    ("who", "sites", "outside", "spans"),
    [
        ("anna internal, bo internal", False, False, False),
        ("anna internal, cia internal", True, False, True),
        ("anna internal, eva external@other", False, True, True),
        ("anna internal, eva external@other, kim external@third", False, True, True),
        pytest.param("anna internal, private external", False, False, False, id="a private person is no organisation"),
        ("anna internal, nobody unknown", False, False, False),
        pytest.param(
            "anna unknown, cia unknown", True, False, True, id="the vendor did not say, the directory knows them"
        ),
    ],
)
def test_a_meeting_spans_sites_or_organisations(who, sites, outside, spans):
    joins = ""
    for one in who.split(", "):
        person, party = one.split()
        party, _, organisation = party.partition("@")
        joins += f"m | {person} | 2025-03-03T09:00 | 2025-03-03T10:00 | app | {party} | | {organisation}\n"
    con = meetings("m | 2025-03-03T09:00 | 2025-03-03T10:00 | yes | no | no | anna | scheduled", joins)
    found = ask(con, "select is_between_sites, is_with_others, is_spanning from core_meetings")
    assert found == [(sites, outside, spans)]


def test_two_unidentified_callers_are_two_participants():
    joins = """m | anna | 2025-03-03T09:00 | 2025-03-03T10:00 | phone | internal | |
               m |      | 2025-03-03T09:00 | 2025-03-03T10:00 | phone | unknown  | |
               m |      | 2025-03-03T09:00 | 2025-03-03T10:00 | phone | unknown  | |"""
    con = meetings("m | 2025-03-03T09:00 | 2025-03-03T10:00 | no | yes | no | anna | scheduled", joins)
    assert ask(con, "select people, modality, is_digital from core_meetings") == [(3, "phone", True)]


def test_broadcasts_are_counted_apart():
    joins = "\n".join(f"m | {p} | 2025-03-03T09:00 | 2025-03-03T10:00 | app | internal | |" for p in ("anna", "bo"))
    con = meetings("m | 2025-03-03T09:00 | 2025-03-03T10:00 | yes | no | no | anna | broadcast", joins)
    assert ask(con, "select people, is_digital from core_meetings") == [(2, False)]


@pytest.mark.parametrize(("minutes", "is_digital"), [(4, False), (5, True)])
def test_the_shortest_meeting_that_counts_is_a_setting(minutes, is_digital):
    joins = "\n".join(
        f"m | {p} | 2025-03-03T09:00 | 2025-03-03T09:0{minutes} | app | internal | |" for p in ("anna", "bo")
    )
    meeting = f"m | 2025-03-03T09:00 | 2025-03-03T09:0{minutes} | yes | no | no | anna | scheduled"
    assert ask(meetings(meeting, joins, meeting_min_minutes=5), "select is_digital from core_meetings") == [
        (is_digital,)
    ]


def test_aliases_are_one_person_and_an_alias_that_two_claim_is_neither():
    con = build(
        {
            "people": PEOPLE,
            "identities": """
                alias_key | person_key
                mail-anna | anna
                shared    | anna
                shared    | bo
            """,
            "meetings": MEETING + "m | 2025-03-03T09:00 | 2025-03-03T10:00 | yes | no | no | mail-anna | scheduled",
            "participations": JOIN
            + """m | anna      | 2025-03-03T09:00 | 2025-03-03T09:30 | app | internal | |
                 m | mail-anna | 2025-03-03T09:20 | 2025-03-03T10:00 | app | unknown  | |
                 m | shared    | 2025-03-03T09:00 | 2025-03-03T10:00 | app | unknown  | |""",
        }
    )
    assert ask(
        con,
        """select participant.participant_key, part.is_internal, part.connections, part.microseconds / 60e6
           from core_participations as part join (select distinct participant_number, participant_key from core_participants)
           as participant using (participant_number) order by 1""",
    ) == [
        ("anna", True, 2, 60.0),
        ("shared", False, 1, 60.0),
    ]
    assert ask(con, "select organiser_key, organiser_party from core_meetings") == [("anna", "internal")]


def test_organised_and_attended_are_different_numbers():
    joins = """m | anna | 2025-03-03T09:00 | 2025-03-03T10:00 | app | internal | |
               m | bo   | 2025-03-03T09:00 | 2025-03-03T10:00 | app | internal | |
               n | anna | 2025-03-04T09:00 | 2025-03-04T10:00 | app | internal | |
               n | eva  | 2025-03-04T09:00 | 2025-03-04T10:00 | app | external | | other"""
    two = """
        meeting_id | started_at       | ended_at         | has_video | organiser_key | organiser_party
        m          | 2025-03-03T09:00 | 2025-03-03T10:00 | yes       | anna          | internal
        n          | 2025-03-04T09:00 | 2025-03-04T10:00 | yes       | eva           | external
    """
    con = build({"meetings": two, "participations": JOIN + joins, "people": PEOPLE}, only=("core_quantities",))
    assert ask(
        con,
        """select quantity, sum(amount) from core_quantities join core_series using (series_number)
           where quantity like 'meetings%' group by 1 order by 1""",
    ) == [
        ("meetings_attended", 3.0),
        ("meetings_attended_spanning", 1.0),
        ("meetings_organised", 1.0),
        ("meetings_placed", 1.0),
        ("meetings_timed", 1.0),
    ]


def seen(meetings: str, joins: str = "", identities: str = "", **method: object):
    """Meetings in any columns, and only what they are made of."""
    tables = {"meetings": meetings, "people": PEOPLE}
    if joins:
        tables["participations"] = joins
    if identities:
        tables["identities"] = identities
    return build(tables, only=("core_meetings",), **method)  # type: ignore[arg-type]


NINE_TO_TEN = "2025-03-03T09:00 | 2025-03-03T10:00"


@pytest.mark.parametrize(
    ("kinds", "kind"),
    [
        (["scheduled"], "scheduled"),
        (["ad_hoc"], "ad_hoc"),
        (["unknown"], "unknown"),
        (["unknown", "ad_hoc"], "ad_hoc"),
        (["ad_hoc", "scheduled"], "scheduled"),
        (["scheduled", "broadcast"], "broadcast"),
    ],
)
def test_of_records_that_came_about_differently_the_most_formal_says_the_kind(kinds, kind):
    records = "meeting_id | kind | correlator_key | started_at | ended_at\n"
    con = seen(records + "\n".join(f"m{n} | {one} | c | {NINE_TO_TEN}" for n, one in enumerate(kinds)))
    assert ask(con, "select records, kind from core_meetings") == [(len(kinds), kind)]


@pytest.mark.parametrize(
    ("ended", "minutes"),
    [("2025-03-03T09:45", 45.0), ("2025-03-03T09:00", 0.0), ("2025-03-03T08:59", None), ("", None)],
)
def test_a_meeting_that_ends_before_it_begins_has_no_length_and_was_held(ended, minutes):
    con = seen(
        f"meeting_id | started_at | ended_at\nm | 2025-03-03T09:00 | {ended}",
        "meeting_id | person_key | joined_at\nm | anna | 2025-03-03T09:00\nm | bo | 2025-03-03T09:00",
    )
    assert ask(con, "select minutes, is_digital from core_meetings") == [(minutes, True)]


@pytest.mark.parametrize(
    ("telephone_video_vendors_word", "modality", "is_assumed"),
    [
        ([" | | video"], "video", False),
        ([" | | web"], "web", False),
        ([" | | phone"], "phone", False),
        pytest.param([" | | "], "web", True, id="nobody said anything"),
        pytest.param(["yes | no | video"], "phone", False, id="known media come before anybody's word"),
        (["yes | yes | video"], "web", False),
        ([" | | phone", " | | web"], "web", False),
        ([" | | web", " | | video"], "video", False),
        ([" | no | ", "yes | no | "], "phone", False),
        pytest.param(
            ["yes | no | ", " | | "], "web", True, id="one bridge does not tell whether anybody showed a picture"
        ),
        (["yes | no | ", " | | phone"], "phone", False),
        (["yes | | ", " | yes | phone"], "web", False),
    ],
)
def test_modality_is_by_known_media_then_by_the_vendors_word_then_web(
    telephone_video_vendors_word, modality, is_assumed
):
    header = "meeting_id | correlator_key | started_at | ended_at | has_telephone | has_video | reported_modality\n"
    con = seen(
        header + "\n".join(f"m{n} | c | {NINE_TO_TEN} | {one}" for n, one in enumerate(telephone_video_vendors_word))
    )
    assert ask(con, "select modality, is_modality_assumed from core_meetings") == [(modality, is_assumed)]


def test_without_joins_the_reported_numbers_stand_in_for_them():
    header = "meeting_id | started_at | ended_at | has_telephone | has_video | participants_reported | participant_minutes_reported\n"
    con = seen(
        header
        + f"web2   | {NINE_TO_TEN} | no  | yes | 2 | 110\n"
        + f"web1   | {NINE_TO_TEN} | no  | yes | 1 | 60\n"
        + f"phone3 | {NINE_TO_TEN} | yes | no  | 3 | \n"
        + f"phone2 | {NINE_TO_TEN} | yes | no  | 2 | 120\n"
        + f"none   | {NINE_TO_TEN} | no  | yes |   | \n"
    )
    found = ask(
        con,
        "select meeting_id, people_basis, people, people_present, person_minutes, is_digital from core_meetings order by 1",
    )
    assert found == [
        ("none", "unknown", None, None, None, False),
        ("phone2", "reported", 2, 2, 120.0, False),
        ("phone3", "reported", 3, 3, None, True),
        ("web1", "reported", 1, 1, 60.0, False),
        ("web2", "reported", 2, 2, 110.0, True),
    ]
    # and of no one is known that they were apart
    assert ask(con, "select distinct is_between_sites, is_with_others, is_spanning from core_meetings") == [
        (None, None, False)
    ]


def test_a_room_stands_for_the_people_counted_in_it_and_else_for_one():
    joins = "meeting_id | person_key | joined_at | left_at | endpoint | room_key | people_in_room\n"
    con = seen(
        f"meeting_id | started_at | ended_at\nm | {NINE_TO_TEN}",
        joins
        + f"m | anna | {NINE_TO_TEN} | app  |    | \n"
        + f"m |      | {NINE_TO_TEN} | room | r1 | 4\n"
        + f"m |      | {NINE_TO_TEN} | room | r2 | \n"
        + f"m |      | {NINE_TO_TEN} | room | r3 | 0\n"
        + f"m |      | {NINE_TO_TEN} | room |    | \n"  # two rooms that nobody named are two
        + f"m |      | {NINE_TO_TEN} | room |    | \n",
    )
    assert ask(con, "select people, rooms, people_present, internal_people from core_meetings") == [(6, 5, 9, 1)]


@pytest.mark.parametrize(
    ("reported", "joins", "first"),
    [
        pytest.param(
            ("", ""),
            ["a||room|r1", "a||room|r1", "a|anna|app|", "a|mail-anna|app|", "b||room|", "b||room|", "b||phone|"],
            "b",
            id="one room twice and one person by two addresses are two participants; two rooms and a caller nobody named are three",
        ),
        (
            ("", ""),
            ["a|anna|app|", "a|bo|app|", "a|eva|app|", "b|cia|app|", "b|cia|phone|", "b|cia|app|", "b|bo|app|"],
            "a",
        ),
        pytest.param(("", "3"), ["a|anna|app|", "a|bo|app|"], "b", id="the reported number where nobody was told of"),
        pytest.param(
            ("9", "3"), ["a|anna|app|", "a|bo|app|"], "b", id="who is known of comes before the reported number"
        ),
        pytest.param(("", ""), ["b|anna|app|"], "b", id="whose participants nobody knows comes last"),
        (("2", "2"), [], "a"),
    ],
)
def test_the_record_with_the_most_participants_stands_for_the_meeting(reported, joins, first):
    records = "meeting_id | correlator_key | participants_reported | started_at | ended_at\n"
    records += "\n".join(f"{name} | c | {n} | {NINE_TO_TEN}" for name, n in zip("ab", reported, strict=True))
    lines = "".join(f"{' | '.join(join.split('|'))} | {NINE_TO_TEN}\n" for join in joins)
    con = seen(
        records,
        "meeting_id | person_key | endpoint | room_key | joined_at | left_at\n" + lines,
        "alias_key | person_key\nmail-anna | anna",
    )
    assert ask(con, "select meeting_id from core_meeting_records where is_first") == [(first,)]


def test_people_of_a_directory_that_does_not_tell_who_is_active_are_active():
    rows = [{"person_key": person, "department": "Skola", "is_active": None} for person in ("anna", "bo")]
    con = build(
        {"people": rows, "identities": "alias_key | person_key\nshared | anna\nshared | bo"},
        only=("core_people",),
    )
    assert ask(con, "select person_key, is_active from core_people order by 1") == [("anna", True), ("bo", True)]
    # an address that two active people claim is nobody's
    assert ask(con, "select person_key, is_ambiguous from core_aliases where alias_key = 'shared'") == [
        ("shared", True)
    ]


def test_another_organisation_called_a_meeting_before_nobody_knows_who():
    con = seen(
        f"""meeting_id | correlator_key | organiser_key | organiser_party | started_at | ended_at
            a          | c              | zed           | external        | {NINE_TO_TEN}
            b          | c              | abe           | unknown         | {NINE_TO_TEN}"""
    )
    assert ask(con, "select organiser_key, organiser_party from core_meetings") == [("zed", "external")]


def test_one_room_that_joined_makes_a_video_meeting_whatever_the_record_says():
    con = seen(
        f"meeting_id | started_at | ended_at | has_room_system | has_telephone | has_video\nm | {NINE_TO_TEN} | no | no | yes",
        f"meeting_id | person_key | endpoint | room_key | joined_at | left_at\nm | anna | app | | {NINE_TO_TEN}\nm | | room | r | {NINE_TO_TEN}",
    )
    assert ask(con, "select modality, rooms from core_meetings") == [("video", 1)]


@pytest.mark.parametrize(("shortest", "is_digital"), [(0, True), (1, False)])
def test_a_meeting_of_unknown_length_counts_unless_a_shortest_one_is_set(shortest, is_digital):
    con = seen(
        "meeting_id | started_at | participants_reported\nm | 2025-03-03T09:00 | 3", meeting_min_minutes=shortest
    )
    assert ask(con, "select minutes, is_digital from core_meetings") == [(None, is_digital)]
