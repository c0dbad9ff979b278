"""One person, one meeting, once (METHOD 1): what several platforms, bridges and directories tell of the same."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import engine
from tests.model_cases import ask, build, compute

RECORD = "source | meeting_id | platform | started_at | ended_at | join_key | correlator_key | organiser_key | organiser_party\n"
JOIN = "source | meeting_id | person_key | joined_at | left_at\n"
PEOPLE = """
person_key | department | site
anna       | Skola      | Norrby
bo         | Skola      | Norrby
cia        | Vård       | Söderby
"""
NINE_TO_TEN = "2025-03-03T09:00 | 2025-03-03T10:00"


MERGING = ("core_meetings",)
WAREHOUSE = duckdb.connect()


def merge(tables: dict[str, str | list[dict[str, object]]]) -> duckdb.DuckDBPyConnection:
    """Build only what turns records into meetings and keys into people, in a database all cases share."""
    return build(tables, only=MERGING, connection=WAREHOUSE)


def meetings(records: str, joins: str = "") -> duckdb.DuckDBPyConnection:
    return merge({"meetings": RECORD + records, "participations": JOIN + joins, "people": PEOPLE})


def merged(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return ask(con, "select meeting_id, records, merged_by, people, person_minutes from core_meetings order by 1")


def test_two_bridges_of_one_conference_are_one_meeting():
    con = meetings(
        f"""
        cms1 | a | cisco_meeting_server | {NINE_TO_TEN}                       | | c | | unknown
        cms2 | b | cisco_meeting_server | 2025-03-03T09:10 | 2025-03-03T10:30 | | c | | unknown
        """,
        f"""
        cms1 | a | anna | {NINE_TO_TEN}
        cms1 | a | bo   | {NINE_TO_TEN}
        cms2 | b | cia  | 2025-03-03T09:10 | 2025-03-03T10:30
        """,
    )
    assert merged(con) == [("a", 2, "correlator", 3, 200.0)]
    assert ask(con, "select minutes, is_between_sites, is_spanning, platforms from core_meetings") == [
        (90.0, True, True, 1)
    ]


def test_a_meeting_on_two_platforms_bears_the_name_of_the_larger_and_one_who_is_on_both_counts_once():
    con = meetings(
        f"""
        teams | t | teams | {NINE_TO_TEN} | j | | eva  | external
        webex | w | webex | {NINE_TO_TEN} | j | | anna | unknown
        """,
        f"""
        teams | t | anna | 2025-03-03T09:00 | 2025-03-03T09:40
        webex | w | anna | 2025-03-03T09:30 | 2025-03-03T10:00
        webex | w | bo   | {NINE_TO_TEN}
        """,
    )
    assert merged(con) == [("w", 2, "join", 2, 120.0)]
    # who of the organisation called it stands before who did not
    found = ask(con, "select platform, platforms, organiser_key, organiser_party from core_meetings")
    assert found == [("webex", 2, "anna", "internal")]
    assert ask(
        con,
        """select participant.participant_key, part.connections, part.microseconds / 60e6 from core_participations as part
           join (select distinct participant_number, participant_key from core_participants) as participant
           using (participant_number) order by 1""",
    ) == [
        ("anna", 2, 60.0),
        ("bo", 1, 60.0),
    ]


def test_equally_large_records_are_told_apart_by_name():
    con = meetings(
        f"""
        webex | w | webex | {NINE_TO_TEN} | j | | | unknown
        teams | t | teams | {NINE_TO_TEN} | j | | | unknown
        """
    )
    assert ask(con, "select source, meeting_id, platform from core_meetings") == [("teams", "t", "teams")]


@pytest.mark.parametrize(
    ("first", "second", "records"),
    [
        ("2025-03-03T09:00 | 2025-03-03T10:00", "2025-03-03T09:59 | 2025-03-03T11:00", [2]),
        pytest.param(
            "2025-03-03T09:00 | 2025-03-03T10:00", "2025-03-03T10:00 | 2025-03-03T11:00", [1, 1], id="back to back"
        ),
        pytest.param(
            "2025-03-03T09:00 | 2025-03-03T10:00",
            "2025-03-10T09:00 | 2025-03-10T10:00",
            [1, 1],
            id="the same link, weekly",
        ),
        pytest.param(
            "2025-03-03T09:00 | 2025-03-03T10:00",
            "2025-03-03T09:30 |                 ",
            [2],
            id="no end: its first instant",
        ),
        ("2025-03-03T09:00 |                 ", "2025-03-03T09:30 | 2025-03-03T10:00", [1, 1]),
        ("2025-03-03T09:00 | 2025-03-03T09:00", "2025-03-03T09:00 | 2025-03-03T10:00", [2]),
        pytest.param(
            "2025-10-26T00:30 | 2025-10-26T01:00",
            "2025-10-26T01:30 | 2025-10-26T02:00",
            [1, 1],
            id="the night clocks go back: 02:30 summer time and 02:30 winter time are an hour apart",
        ),
        ("2025-10-26T00:30 | 2025-10-26T01:31", "2025-10-26T01:30 | 2025-10-26T02:00", [2]),
    ],
)
def test_one_link_is_one_meeting_only_while_it_goes_on(first, second, records):
    con = meetings(f"teams | a | teams | {first} | j | | | unknown\nwebex | b | webex | {second} | j | | | unknown")
    assert [row[1] for row in merged(con)] == records


def test_what_overlaps_something_that_overlaps_is_the_same_meeting():
    con = meetings(
        """
        s | a | teams | 2025-03-03T09:00 | 2025-03-03T09:30 | j | | | unknown
        s | b | teams | 2025-03-03T09:20 | 2025-03-03T10:00 | j | c | | unknown
        s | c | teams | 2025-03-03T09:50 | 2025-03-03T10:30 | k | c | | unknown
        s | d | teams | 2025-03-03T10:20 | 2025-03-03T11:00 | k | | | unknown
        s | e | teams | 2025-03-03T09:00 | 2025-03-03T11:00 | l | d | | unknown
        s | f | teams | 2025-03-03T09:00 | 2025-03-03T11:00 |   |   | | unknown
        s | g | teams | 2025-03-03T09:00 | 2025-03-03T11:00 |   |   | | unknown
        """
    )
    assert ask(con, "select meeting_id, records, merged_by, minutes from core_meetings order by 1") == [
        ("a", 4, "correlator", 120.0),
        ("e", 1, "none", 120.0),
        ("f", 1, "none", 120.0),
        ("g", 1, "none", 120.0),
    ]


def test_a_meeting_belongs_to_the_month_in_which_its_first_record_begins():
    con = meetings(
        """
        teams | a | teams | 2025-01-31T22:30 | 2025-01-31T23:30 | j | | | unknown
        webex | b | webex | 2025-01-31T23:10 | 2025-02-01T01:00 | j | | | unknown
        """,
        """
        webex | b | anna | 2025-01-31T23:10 | 2025-02-01T01:00
        webex | b | bo   | 2025-01-31T23:10 | 2025-02-01T01:00
        """,
    )
    assert ask(con, "select meeting_id, cast(month as varchar), minutes from core_meetings") == [
        ("b", "2025-01-01", 150.0)
    ]


def test_rejoining_and_a_second_device_are_one_presence_on_every_platform():
    con = meetings(
        f"""
        teams | t | teams | {NINE_TO_TEN} | j | | | unknown
        zoom  | z | zoom  | {NINE_TO_TEN} | j | | | unknown
        """,
        """
        teams | t | anna | 2025-03-03T09:00 | 2025-03-03T09:10
        teams | t | anna | 2025-03-03T09:20 | 2025-03-03T09:30
        teams | t | anna | 2025-03-03T09:25 | 2025-03-03T09:40
        zoom  | z | anna | 2025-03-03T09:05 | 2025-03-03T09:15
        zoom  | z | anna | 2025-03-03T09:50 |
        """,
    )
    assert ask(con, "select connections, microseconds / 60e6 from core_participations") == [(5, 45.0)]


def test_callers_nobody_knows_stay_apart_though_two_records_number_them_alike():
    joins = [
        {"source": source, "meeting_id": meeting, "participation_id": "1", "endpoint": "phone", "party": "unknown"}
        for source, meeting in (("teams", "t"), ("webex", "w"))
    ]
    con = merge(
        {
            "meetings": f"{RECORD}teams | t | teams | {NINE_TO_TEN} | j | | | unknown\n"
            f"webex | w | webex | {NINE_TO_TEN} | j | | | unknown",
            "participations": joins,
        }
    )
    assert ask(con, "select people from core_meetings") == [(2,)]


@pytest.mark.parametrize(
    ("one", "other", "modality", "assumed"),
    [
        # has_room_system | has_telephone | has_video | reported_modality of two records → of the meeting
        ("yes | no  | no  |      ", "no | no  | yes |     ", "video", False),
        ("no  | yes | no  |      ", "no | no  | no  |     ", "phone", False),
        pytest.param(
            "no  | yes | no  |      ", "no | no  | yes |     ", "web", False, id="somebody shared video on the other"
        ),
        pytest.param(
            "no  | yes | no  |      ", "no | no  |     |     ", "web", True, id="and nobody knows of the other"
        ),
        ("no  | yes | no  |      ", "no | no  |     | phone", "phone", False),
        ("no  | no  |     | phone", "no | no  |     | web ", "web", False),
        ("no  | no  | yes |      ", "no | no  |     | video", "web", False),
    ],
)
def test_modality_is_of_the_whole_meeting(one, other, modality, assumed):
    header = (
        "source | meeting_id | platform | started_at | ended_at | join_key | has_room_system | has_telephone | "
        "has_video | reported_modality\n"
    )
    rows = f"teams | t | teams | {NINE_TO_TEN} | j | {one}\nwebex | w | webex | {NINE_TO_TEN} | j | {other}"
    con = merge({"meetings": header + rows})
    assert ask(con, "select modality, is_modality_assumed from core_meetings") == [(modality, assumed)]


@pytest.mark.parametrize(
    ("counted", "people", "present"),
    [(["", ""], 2, 2), (["4", ""], 2, 5), (["4", "3"], 2, 7), (["0", "1"], 2, 2)],
)
def test_people_counted_in_a_room_are_present_but_the_room_is_one_participant(counted, people, present):
    joins = "source | meeting_id | endpoint | room_key | people_in_room\n" + "\n".join(
        f"teams | t | room | room{number} | {count}" for number, count in enumerate(counted)
    )
    con = merge({"meetings": f"{RECORD}teams | t | teams | {NINE_TO_TEN} | | | | unknown", "participations": joins})
    assert ask(con, "select people, people_present, rooms, is_digital from core_meetings") == [
        (people, present, 2, True)
    ]


@pytest.mark.parametrize(
    ("identities", "same", "apart"),
    [
        ("zoom | z1 | mail-anna\ndirectory | mail-anna | anna", ["z1", "mail-anna", "anna"], ["bo"]),
        ("webex | mail-anna | w1\nzoom | z1 | mail-anna\ndirectory | mail-anna | anna", ["z1", "w1", "anna"], ["bo"]),
        pytest.param(
            """directory | a1 | anna
               webex | a1 | w1
               webex | a2 | w1
               sip | a2 | s1
               sip | a3 | s1
               hr | a3 | h1
               hr | a4 | h1
               zoom | a4 | z1""",
            ["anna", "w1", "s1", "h1", "z1", "a1", "a4"],
            ["bo", "cia"],
            id="four keys of one person in a chain of five sources",
        ),
        pytest.param(
            "directory | shared | anna\ndirectory | shared | bo",
            [],
            ["anna", "bo", "shared"],
            id="two active people claim it: nobody's",
        ),
        pytest.param(
            "directory | mail-anna | anna\ndirectory | shared | bo\nwebex | mail-anna | w1\nwebex | shared | w1",
            [],
            ["anna", "bo", "shared"],
            id="the post box of two people would make them one over two sources: each key follows what is said of itself",
        ),
    ],
)
def test_links_over_several_sources_make_one_person(identities, same, apart):
    con = merge({"people": PEOPLE, "identities": f"source | alias_key | person_key\n{identities}"})
    person = dict(ask(con, "select alias_key, person_key from core_aliases"))
    assert len({person[key] for key in same}) <= 1
    named = [person[key] for key in [*same[:1], *apart]]
    assert len(set(named)) == len(named)
    assert ask(con, "select bool_and(is_settled) from core_aliases") == [(True,)]
    assert ask(con, "select count(distinct person_key) from core_people") == [(3,)]


def test_where_links_would_make_two_people_one_each_key_follows_what_is_said_of_itself():
    """Anna and Bo are linked by w1, and so is whatever belongs to either."""
    people = "person_key | is_active\nanna | yes\nbo | yes\ncia | no"
    identities = """
        source    | alias_key | person_key
        directory | mail-anna | anna
        directory | shared    | bo
        webex     | mail-anna | w1
        webex     | shared    | w1
        hr        | h1        | bo
        hr        | handed-on | cia
        sip       | handed-on | bo
        directory | both      | anna
        directory | both      | bo
    """
    con = merge({"people": people, "identities": identities})
    assert ask(con, "select alias_key, person_key, is_ambiguous from core_aliases order by 1") == [
        ("anna", "anna", False),
        ("bo", "bo", False),
        ("both", "both", True),
        ("cia", "cia", False),
        ("h1", "bo", False),
        ("handed-on", "bo", False),  # Cia is here no more
        ("mail-anna", "mail-anna", True),
        ("shared", "shared", True),
        ("w1", "w1", False),  # nobody says anything of it
    ]


def test_an_address_handed_on_belongs_to_who_has_it_now():
    people = "person_key | is_active\nanna | no\nbo | yes"
    con = merge({"people": people, "identities": "alias_key | person_key\nmail | anna\nmail | bo"})
    assert ask(con, "select person_key, is_ambiguous from core_aliases where alias_key = 'mail'") == [("bo", False)]


def test_who_is_not_said_to_have_left_is_here():
    people: list[dict[str, object]] = [{"person_key": name, "is_active": None} for name in ("anna", "bo")]
    con = merge({"people": people, "identities": "alias_key | person_key\nmail | anna\nmail | bo"})
    assert ask(con, "select person_key, is_ambiguous from core_aliases where alias_key = 'mail'") == [("mail", True)]


def test_a_chain_too_long_to_follow_fails_the_check():
    links = "\n".join(f"s{n} | k{n:02} | k{n + 1:02}" for n in range(12))
    con = merge({"identities": f"source | alias_key | person_key\ndirectory | mail | anna\n{links}"})
    assert ask(con, "select alias_key, is_settled from core_aliases where alias_key not like 'k%' order by 1") == [
        ("anna", True), ("mail", True),
    ]  # fmt: skip
    assert ask(con, "select bool_and(is_settled) from core_aliases") == [(False,)]
    assert "is_settled" in engine.load_models()["core_aliases"].checks


@pytest.mark.parametrize(
    ("second", "meetings_held"),
    [("2025-03-03T09:00", 1), pytest.param("2025-03-03T09:00:00.000001", 2, id="the next instant")],
)
def test_a_record_whose_end_is_unknown_lasted_its_first_instant(second, meetings_held):
    con = meetings(
        f"""
        cms1 | a | cisco_meeting_server | 2025-03-03T09:00 |                  | | c | | unknown
        cms2 | b | cisco_meeting_server | {second}         | 2025-03-03T10:00 | | c | | unknown
        """
    )
    assert ask(con, "select count(distinct meeting_number) from core_meeting_records") == [(meetings_held,)]


@pytest.mark.parametrize(
    ("begun", "days"),
    [
        pytest.param("22:30", "2025-03-03", id="half past eleven in the evening in Stockholm"),
        pytest.param("23:01", "2025-03-04", id="a minute past midnight there"),
    ],
)
def test_a_meeting_over_midnight_is_of_the_day_on_which_its_first_record_began(begun, days):
    con = meetings(
        f"""
        cms1 | a | cisco_meeting_server | 2025-03-03T{begun} | 2025-03-03T23:30 | | c | | unknown
        cms2 | b | cisco_meeting_server | 2025-03-03T23:10   | 2025-03-03T23:40 | | c | | unknown
        """
    )
    told = "meeting_id, cast(record_started_on as varchar), cast(started_on as varchar)"
    assert ask(con, f"select {told} from core_meeting_records order by 1") == [
        ("a", days, days),
        ("b", "2025-03-04", days),
    ]


def test_one_directory_is_heard_of_somebody_whom_two_describe():
    people = """
        source    | person_key | observed_on | department | site
        entra     | anna       | 2024-01-01  | Skola      | Norrby
        entra     | anna       | 2025-02-01  | Vård       | Norrby
        a-zoom    | mail-anna  | 2025-01-01  |            |
    """
    identities = "source | alias_key | person_key\nentra | mail-anna | anna"
    con = merge({"people": people, "identities": identities})
    assert ask(con, "select person_key, cast(valid_from as varchar), department from core_people order by 2") == [
        ("anna", "1900-01-01", "Skola"),
        ("anna", "2025-02-01", "Vård"),
    ]


def test_a_traveller_and_a_participant_are_the_same_person_over_two_links():
    con = build(
        {
            "people": PEOPLE,
            "identities": "source | alias_key | person_key | alias_kind\ndirectory | mail-anna | anna | mail\n"
            "zoom | z1 | mail-anna | zoom_id\ndirectory | 1001 | anna | employee_no",
            "meetings": f"{RECORD}zoom | z | zoom | {NINE_TO_TEN} | | | z1 | unknown",
            "participations": f"{JOIN}zoom | z | z1 | {NINE_TO_TEN}\nzoom | z | bo | {NINE_TO_TEN}",
            "files": "covers_from | covers_to | file_sha256\n2025-01-01 | 2025-12-31 | travel",
            "travel_segments": "departed_at | person_key\n2025-03-04 | 1001",
        },
        only=("core_meetings", "core_trips"),
    )
    person = ask(con, "select distinct person_key from core_people where department = 'Skola' order by 1")
    travellers = ask(con, "select person_key from core_trips")
    organiser = ask(con, "select organiser_key, organiser_party from core_meetings")
    assert organiser == [(*travellers[0], "internal")]
    assert travellers[0] in person
    assert ask(con, "select internal_people from core_meetings") == [(2,)]


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        ("2025-03-02", False),
        pytest.param("2025-03-03", True, id="the day on which the directory says so"),
        ("2025-03-04", True),
    ],
)
def test_a_person_is_where_the_directory_says_on_the_day_of_the_meeting(day, spans):
    people = """
        person_key | site     | observed_on
        anna       | Norrby   | 2024-01-01
        bo         | Norrby   | 2024-01-01
        bo         | Söderby  | 2025-03-03
    """
    span = f"{day}T09:00 | {day}T10:00"
    con = merge(
        {
            "people": people,
            "meetings": f"{RECORD}teams | m | teams | {span} | | | anna | internal",
            "participations": f"{JOIN}teams | m | anna | {span}\nteams | m | bo | {span}",
        }
    )
    assert ask(con, "select is_between_sites from core_meetings") == [(spans,)]


def test_callers_whom_nobody_knows_are_as_many_as_their_connections_on_every_bridge():
    con = build(
        {
            "people": PEOPLE,
            "meetings": f"""
                {RECORD}
                cms1 | a | cisco_meeting_server | {NINE_TO_TEN} | | c | | unknown
                cms2 | b | cisco_meeting_server | {NINE_TO_TEN} | | c | | unknown
                cms2 | d | cisco_meeting_server | {NINE_TO_TEN} | | c | | unknown
            """,
            # ids of connections are each record's own
            "participations": f"""
                source | meeting_id | participation_id | person_key | joined_at | left_at
                cms1   | a          | 1                | anna       | {NINE_TO_TEN}
                cms1   | a          | 2                |            | {NINE_TO_TEN}
                cms2   | b          | 1                |            | {NINE_TO_TEN}
                cms2   | b          | 2                | anna       | {NINE_TO_TEN}
                cms2   | d          | 1                |            | {NINE_TO_TEN}
            """,
        },
        only=MERGING,
    )
    assert merged(con) == [("a", 3, "correlator", 4, 240.0)]


MINUTE = timedelta(minutes=1)
START = datetime(2025, 3, 3, 9, tzinfo=UTC)
KEYS = st.sampled_from([None, "x", "y", "z"])
RECORDS = st.lists(
    st.tuples(st.integers(0, 40), st.none() | st.integers(-2, 25), KEYS, KEYS, st.integers(0, 4)),
    min_size=1,
    max_size=9,
)
CONNECTIONS = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from(["anna", "bo", "cia"]), st.integers(0, 40), st.integers(0, 20)),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(RECORDS, CONNECTIONS)
def test_records_are_merged_as_a_plain_union_of_pairs_says(records, connections):
    """Any records and connections, against pairs compared one by one and minutes counted one by one."""
    rows = [
        {
            "source": f"s{number % 3}", "meeting_id": f"m{number}", "platform": ("teams", "zoom", "webex")[number % 3],
            "started_at": START + begin * MINUTE, "ended_at": None if length is None else START + (begin + length) * MINUTE,
            "join_key": join, "correlator_key": correlator, "participants_reported": reported,
        }
        for number, (begin, length, join, correlator, reported) in enumerate(records)
    ]  # fmt: skip
    parent = list(range(len(records)))

    def root(number: int) -> int:
        return number if parent[number] == number else root(parent[number])

    def held(number: int) -> tuple[float, float]:
        begin, length, *_ = records[number]
        return begin, begin + (length if length and length > 0 else 0.001)

    for one in range(len(records)):
        for other in range(one):
            same = any(records[one][key] is not None and records[one][key] == records[other][key] for key in (2, 3))
            (begin, end), (other_begin, other_end) = held(one), held(other)
            if same and begin < other_end and other_begin < end:
                parent[root(one)] = root(other)

    joins = [
        {
            "source": f"s{number % 3}", "meeting_id": f"m{number}", "person_key": person,
            "joined_at": START + begin * MINUTE, "left_at": START + (begin + length) * MINUTE,
        }
        for number, person, begin, length in connections if number < len(records)
    ]  # fmt: skip
    minutes: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, person, begin, length in connections:
        if number < len(records):
            minutes[root(number)][person] |= set(range(begin, begin + length))

    merge({"meetings": rows, "participations": joins})
    assert ask(WAREHOUSE, "select bool_and(is_settled) from core_meeting_records") == [(True,)]

    groups: dict[int, set[str]] = defaultdict(set)
    for number in range(len(records)):
        groups[root(number)].add(f"m{number}")
    found: dict[object, set[object]] = defaultdict(set)
    for meeting, record in ask(WAREHOUSE, "select meeting_number, meeting_id from core_meeting_records"):
        found[meeting].add(record)
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, groups.values()))  # type: ignore[type-var]

    figures = ask(WAREHOUSE, "select meeting_id, records, people_basis, people, person_minutes from core_meetings")
    assert len(figures) == len(groups)
    for meeting, size, basis, people, spent in figures:
        (group,) = (group for group, members in groups.items() if meeting in members)
        assert size == len(groups[group])
        if minutes[group]:
            assert (basis, people) == ("joins", len(minutes[group]))
            assert spent == pytest.approx(sum(map(len, minutes[group].values())))
        else:
            assert basis == "reported"
            assert people == max(records[int(member[1:])][4] for member in groups[group])


TOTALS = "source | platform | period_from | period_to | meetings | role | department | basis\n"
MANY = [f"p{number:02}" for number in range(12)]


def reconciled(
    totals: str, meetings_held: int = 20, pulls: str = "2025-01-31T23:00 | 2025-03-31T22:00 | 0"
) -> tuple[object, ...]:
    """Vendor's count, landed records and difference of March, in which a dozen people met so many times."""
    held = [
        {
            "source": source, "platform": platform, "meeting_id": f"{source}{number}", "organiser_key": MANY[number % 12],
            "started_at": START + number * timedelta(hours=6), "ended_at": START + number * timedelta(hours=6) + MINUTE,
            "organiser_party": party,
        }
        for source, platform, party in (("teams", "teams", "internal"), ("zoom", "zoom", "external"))
        for number in range(meetings_held)
    ]  # fmt: skip
    joins = [
        {"source": row["source"], "meeting_id": row["meeting_id"], "person_key": person, "joined_at": START}
        for row in held
        for person in MANY
    ]
    con = build(
        {
            "people": [{"person_key": person} for person in MANY],
            "meetings": held,
            "participations": joins,
            "meeting_totals": TOTALS + totals,
            "pulls": f"window_from | window_to | excluded\n{pulls}",
        },  # type: ignore[arg-type]
        sources=(("teams", "meetings"), ("zoom", "meetings")),
        only=("out_coverage",),
    )
    month = "select vendor_meetings, landed_meetings, round(difference_share, 3) from out_coverage where month = '2025-03-01'"
    (row,) = ask(con, f"{month} and source = 'teams'")
    return row


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ("", (None, None, None)),
        # only the days told: 20 meetings, four a day from 3 March 09:00 UTC
        pytest.param(
            "teams | teams | 2025-03-04 | 2025-03-04 | 4 |organised||vendor_report", (None, None, None), id="few"
        ),
        ("teams | teams | 2025-03-03 | 2025-03-07 | 20 |organised||vendor_report", (20, 19, 0.05)),
        pytest.param(
            "usage | teams | 2025-03-01 | 2025-03-31 | 25 |organised||vendor_report",
            (25, 20, 0.2),
            id="told by a report that lands no meetings of its own",
        ),
        pytest.param(
            (
                "teams | teams | 2025-03-04 | 2025-03-04 |  6 |organised||vendor_report\n"
                "teams | teams | 2025-03-05 | 2025-03-05 | 10 |organised||vendor_report\n"
                "teams | teams | 2025-03-01 | 2025-03-31 | 25 |organised||vendor_report"
            ),
            (16, 8, 0.5),
            id="days and longer reports hold the same meetings",
        ),
        pytest.param(
            "teams | teams | 2025-03-01 | 2025-03-31 | 90 |attended||vendor_report",
            (None, None, None),
            id="counted otherwise, not wholly in the month, of a department, or no vendor's word",
        ),
        ("teams | teams | 2025-02-20 | 2025-03-31 | 90 |organised||vendor_report", (None, None, None)),
        ("teams | teams | 2025-03-01 | 2025-03-31 | 90 |organised|Skola|vendor_report", (None, None, None)),
        ("teams | teams | 2025-03-01 | 2025-03-31 | 90 |organised||manual", (None, None, None)),
    ],
)
def test_the_vendors_count_stands_beside_what_landed_on_the_same_days(totals, expected):
    assert reconciled(totals) == expected


@pytest.mark.parametrize(
    ("pulls", "is_shown"),
    [
        ("2025-01-31T23:00 | 2025-03-31T22:00 | 9", True),
        pytest.param(
            "2025-01-31T23:00 | 2025-03-31T22:00 | 3", False, id="the difference would tell how many were left out"
        ),
        pytest.param("2025-01-31T23:00 | 2025-03-20T22:00 | 0", False, id="what landed is not the whole month"),
    ],
)
def test_the_vendors_count_tells_nothing_that_is_withheld(pulls, is_shown):
    row = reconciled("teams | teams | 2025-03-01 | 2025-03-31 | 25 |organised||vendor_report", pulls=pulls)
    assert row == ((25, 20, 0.2) if is_shown else (None, None, None))


def platforms(cells: str, trouble: str, known: str) -> duckdb.DuckDBPyConnection:
    return compute(
        ("out_platforms",), {"core_disclosure": cells, "core_share_figures": trouble, "core_period_coverage": known}
    )


def test_platforms_stand_side_by_side_where_the_period_is_known_and_enough_people_used_them():
    con = platforms(
        """
        dimension | period_kind | period_end | quantity           | dimension_value | amount | is_withheld
        platform  | quarter     | 2025-03-31 | meetings_organised | teams           | 300    | false
        platform  | quarter     | 2025-03-31 | meetings_attended  | teams           | 900    | false
        platform  | quarter     | 2025-03-31 | connections        | teams           | 1000   | false
        platform  | quarter     | 2025-03-31 | meetings_organised | zoom            | 4      | true
        platform  | quarter     | 2025-03-31 | meetings_attended  | zoom            | 20     | false
        platform  | quarter     | 2025-03-31 | connections        | zoom            | 9      | true
        platform  | quarter     | 2025-06-30 | meetings_organised | teams           | 200    | false
        platform  | quarter     | 2025-06-30 | meetings_attended  | teams           | 600    | false
        platform  | quarter     | 2025-06-30 | connections        | teams           | 700    | false
        """,
        """
        indicator         | dimension_1 | value_1 | period_kind | period_end | value | reason
        technical_trouble | platform    | teams   | quarter     | 2025-03-31 | 0.05  | NULL
        technical_trouble | platform    | zoom    | quarter     | 2025-03-31 | 0.5   | too_few_people
        """,
        """
        kind     | period_kind | period_end | is_covered
        meetings | quarter     | 2025-03-31 | true
        meetings | quarter     | 2025-06-30 | false
        """,
    )
    assert ask(
        con,
        """select month(period_end), platform, meetings_organised, meetings_attended, reason,
           connections_known, trouble_share, trouble_reason
           from out_platforms order by 1, 2""",
    ) == [
        (3, "teams", 300.0, 900.0, None, 1000.0, 0.05, None),
        (3, "zoom", None, 20.0, "too_few_people", None, None, "too_few_people"),
        (6, "teams", None, None, "source_missing", None, None, "source_missing"),
    ]


@pytest.mark.parametrize("period", ["quarter | 2025-03-31", "year | 2025-12-31", "rolling_12 | 2025-06-30"])
@pytest.mark.parametrize(
    ("told", "trouble"),
    [
        ("technical_trouble | all | all | platform | teams | {period} | 0.25 | NULL", (0.25, None)),
        ("technical_trouble | all | all | platform | teams | {period} | 0.25 | incomplete", (None, "incomplete")),
        pytest.param("", (None, "nothing_counted"), id="nobody is known to have connected"),
        pytest.param(
            """technical_trouble | Skola | all     | platform | teams | {period} | 0.5 | NULL
               technical_trouble | all   | elected | platform | teams | {period} | 0.5 | NULL
               technical_trouble | all   | all     | endpoint | teams | {period} | 0.5 | NULL
               technical_trouble | all   | all     | platform | zoom  | {period} | 0.5 | NULL
               room_reach        | all   | all     | platform | teams | {period} | 0.5 | NULL
               technical_trouble | all   | all     | platform | teams | quarter | 2025-12-31 | 0.5 | NULL
               technical_trouble | all   | all     | platform | teams | month   | 2025-03-31 | 0.5 | NULL""",
            (None, "nothing_counted"),
            id="of others only",
        ),
    ],
)
def test_trouble_by_platform_is_what_technical_trouble_says_of_the_whole_organisation(period, told, trouble):
    con = platforms(
        f"""
        dimension | period_kind | period_end | quantity           | dimension_value | amount | is_withheld
        platform  | {period}                 | meetings_organised | teams           | 20     | false
        platform  | {period}                 | meetings_attended  | teams           | 40     | false
        """,
        "indicator | department | person_group | dimension_1 | value_1 | period_kind | period_end | value | reason\n"
        + told.format(period=period),
        f"kind | period_kind | period_end | is_covered\nmeetings | {period} | true",
    )
    found = ask(con, "select meetings_organised, reason, trouble_share, trouble_reason from out_platforms")
    assert found == [(20.0, None, *trouble)]
