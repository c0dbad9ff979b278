"""Webex: what is asked for, how often, and what its words mean."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConfigurationError
from connectors.pseudonyms import Pseudonyms
from connectors.pull import next_window
from connectors.source import Context, Page, Window
from connectors.transport import Network
from connectors.webex import directory as webex_directory
from connectors.webex import meetings as webex
from connectors.webex import rooms as webex_rooms
from connectors.webex.fetch import NOT_ASKED, NOT_TOLD, TOLD, by_thirty_days, is_unchanged, next_version
from connectors.webex.records import Usage
from connectors.webex.session import with_lost
from tests.pull_rig import KEY, NAME, NOW, START, Rig
from tests.webex_double import (
    SITE,
    TRACKING,
    WebexMeetingsDouble,
    WebexRoomsDouble,
    device,
    instant,
    participant,
    person,
    usage,
    workspace,
)

SAMPLES = Path(__file__).parents[1].parent / "shared" / "reference" / "samples"
PSEUDONYMS = Pseudonyms(KEY)
CONTEXT = Context(PSEUDONYMS, NOW.date())
ACCOUNT = {"client_id": "c", "client_secret": "s", "token_file": "t"}
HOUR = timedelta(hours=1)
USAGE, PARTICIPANTS = "/meetingReports/usage", "/meetingParticipants"


@pytest.fixture
def vendor(tmp_path):
    with WebexMeetingsDouble(tmp_path / "vendor") as double:
        double.page_size = 1000
        yield double


@pytest.fixture
def rig(vendor, tmp_path):
    return Rig(vendor.type_name, vendor.settings(), vendor.ca_file, tmp_path / "org")


def parsed(row: dict[str, Any], people: list[dict[str, Any]] | None = None, **settings: Any) -> Any:
    """One meeting's batch."""
    chosen = {"home_domains": ["exempelby.example"]} | settings
    body = msgspec.json.encode([{"version": 1, "usage": row, "participants": people}])
    return webex.SOURCE.parse(Page("meeting", body, {}), webex.WebexSettings(**ACCOUNT, **chosen), CONTEXT)


def meeting(row: dict[str, Any], people: list[dict[str, Any]] | None = None, **settings: Any) -> dict[str, Any]:
    return parsed(row, people, **settings).frames["meetings"].row(0, named=True)


def connections(*people: dict[str, Any], **settings: Any) -> list[dict[str, Any]]:
    frames = parsed(usage("m", START), list(people), **settings).frames
    return frames["participations"].rows(named=True) if "participations" in frames else []


# -- what is asked for ------------------------------------------------------------------------------------------------


def test_a_thousand_meetings_cost_a_request_each_and_one_for_the_list_and_the_second_night_only_what_is_new(
    vendor, rig
):
    for number in range(1000):
        vendor.put(f"r{number}", START + number * timedelta(minutes=2), people=1)
    del rig.raw_settings["sites"], rig.raw_settings["service_types"]
    settings = webex.WebexSettings.model_validate(rig.raw_settings)
    outcome = rig.pull(next_window(webex.SOURCE, settings, None, NOW))
    assert (outcome.pulled, outcome.landed, outcome.throttled) == (1000, 1000, 0)
    assert rig.rows("meetings").height == rig.rows("participations").height == 1000
    # one list of sites, and an empty page for each service and month without meetings
    assert outcome.requests == len(vendor.requests) == 1000 + 1 + 4 * 3
    assert outcome.requests == pytest.approx(1000 + 1, rel=0.02)
    vendor.put("r900", START + 900 * timedelta(minutes=2), people=2)
    vendor.put("new", NOW - HOUR, people=1)
    vendor.requests.clear()
    later = NOW + timedelta(days=1)
    second = rig.pull(next_window(webex.SOURCE, settings, NOW, later), later)
    assert second.pulled == second.landed > 500
    assert sorted(r.query["meetingId"] for r in vendor.requests if r.path.endswith(PARTICIPANTS)) == ["new", "r900"]
    assert len(vendor.requests) == 2 + 1 + 4
    assert rig.rows("meetings").height == 1001
    assert rig.rows("participations").height == 1002


def test_below_the_vendors_rate_next_to_nothing_is_refused_and_above_it_nothing_is_lost(vendor, rig, tmp_path):
    vendor.rate = 60
    for number in range(99):
        vendor.put(f"r{number}", START + number * timedelta(minutes=10), people=1)
    rig.raw_settings["requests_per_second"] = 50
    outcome = rig.pull()
    assert outcome.landed == 99
    assert outcome.throttled == vendor.told_to_wait <= 0.01 * outcome.requests
    faster = Rig(vendor.type_name, vendor.settings(), vendor.ca_file, tmp_path / "faster").pull()
    assert faster.landed == 99
    assert faster.throttled == vendor.told_to_wait > 0.01 * faster.requests


def test_every_site_and_service_is_asked_for_and_a_meeting_listed_twice_is_one(vendor, rig):
    vendor.sites = [SITE, "annan.webex.com"]
    for number, service in enumerate(("MeetingCenter", "EventCenter", "SupportCenter", "TrainingCenter")):
        vendor.put(f"r{number}", START)
        vendor.rows[f"r{number}"]["serviceType"] = service
    vendor.put("elsewhere", START)
    vendor.site_of["elsewhere"] = "annan.webex.com"
    vendor.put("r0 again", START)
    vendor.rows["r0 again"]["meetingId"] = "r0"
    vendor.site_of["r0 again"] = "annan.webex.com"
    del rig.raw_settings["sites"], rig.raw_settings["service_types"]
    outcome = rig.pull()
    assert (outcome.pulled, outcome.landed) == (5, 5)
    assert set(rig.rows("meetings")["meeting_id"]) == {"r0", "r1", "r2", "r3", "elsewhere"}
    assert vendor.asked("/meetingPreferences/sites") == 1
    assert vendor.asked(USAGE) == 8


def test_ninety_days_are_asked_for_thirty_at_a_time_and_nothing_falls_between(vendor, rig):
    for days in (89, 60, 59, 31, 30, 29, 1):
        vendor.put(f"r{days}", NOW - timedelta(days=days))
    window = next_window(webex.SOURCE, webex.WebexSettings(**ACCOUNT), None, NOW)
    assert NOW - window.start == pytest.approx(timedelta(days=90), abs=timedelta(minutes=6))
    assert rig.pull(window).landed == 7
    parts = [(r.query["from"], r.query["to"]) for r in vendor.requests if r.path.endswith(USAGE)]
    assert [start for start, _ in parts[1:]] == [end for _, end in parts[:-1]]
    assert len(parts) == 3


@given(st.integers(0, 10_000), st.timedeltas(timedelta(), timedelta(days=93)))
def test_parts_of_a_window_cover_it_once(hours, length):
    start = NOW - hours * HOUR
    whole = Window(start, start + length)
    parts = list(by_thirty_days(whole))
    edges = [whole.start, *(part.end for part in parts)]
    assert [part.start for part in parts] == edges[:-1]
    assert edges[-1] == whole.end
    assert all(timedelta() < part.end - part.start <= timedelta(days=30) for part in parts)


@pytest.mark.parametrize("lost", ["siteUrl", "serviceType", "from", "to", "max", "meetingId"])
def test_a_link_to_the_next_page_that_lost_a_parameter_gets_it_back(vendor, rig, lost):
    vendor.page_size = 4
    rig.raw_settings["service_types"] = ["EventCenter"]
    for number in range(11):
        vendor.put(f"r{number}", NOW - timedelta(days=20) + number * HOUR, people=101)
        vendor.rows[f"r{number}"]["serviceType"] = "EventCenter"
    vendor.loses = frozenset([lost])
    outcome = rig.pull(Window(NOW - timedelta(days=30), NOW))
    assert outcome.landed == 11
    assert rig.rows("participations").height == 11 * 101
    assert (vendor.asked(USAGE), vendor.asked(PARTICIPANTS)) == (3, 22)


def test_what_the_vendor_says_in_a_link_is_left_as_it_is():
    link = "https://webexapis.example/v1/x?max=5&offset=a%2Fb"
    assert with_lost(link, {"max": "1000"}) == link
    assert with_lost(link, {"siteUrl": "a b"}) == f"{link}&siteUrl=a+b"


def test_without_participants_there_is_one_request_and_they_are_asked_for_once_they_are_wanted(vendor, rig):
    vendor.put("r0", START, people=3)
    rig.raw_settings["participants"] = False
    rig.pull()
    assert vendor.asked(PARTICIPANTS) == 0
    assert rig.rows("participations").is_empty()
    assert rig.rows("meetings")["participants_reported"].to_list() == [3]
    rig.raw_settings["participants"] = True
    rig.pull()
    assert rig.rows("participations").height == 3
    before = rig.content()
    rig.raw_settings["participants"] = False
    rig.pull()
    assert vendor.asked(PARTICIPANTS) == 1
    assert rig.content() == before


def test_a_list_of_participants_that_is_not_finished_is_asked_for_again_until_it_is(vendor, rig):
    vendor.put("r0", START)
    still_there = vendor.present["r0"][1]
    left = still_there["leftTime"]
    still_there["leftTime"] = still_there["devices"][0]["leftTime"] = "1970-01-01T00:00:00.000Z"
    rig.pull()
    assert rig.rows("participations")["left_at"].null_count() == 1
    still_there["leftTime"] = left
    rig.pull()
    assert rig.rows("participations")["left_at"].null_count() == 0
    rig.pull()
    assert vendor.asked(PARTICIPANTS) == 2


def test_participants_that_come_after_their_meeting_are_not_missed(vendor, rig):
    vendor.put("r0", START)
    who, vendor.present["r0"] = vendor.present["r0"], []
    rig.pull()
    assert rig.rows("participations").is_empty()
    vendor.present["r0"] = who
    rig.pull()
    assert rig.rows("participations").height == 2


def test_a_meeting_whose_participants_are_gone_lands_with_the_vendors_counts(vendor, rig):
    vendor.put("r0", START, people=3)
    vendor.put("r1", START)
    vendor.present["r0"] = None
    outcome = rig.pull()
    assert (outcome.pulled, outcome.landed) == (2, 2)
    rows = {row["meeting_id"]: row for row in rig.rows("meetings").rows(named=True)}
    assert (rows["r0"]["participants_reported"], rows["r0"]["has_room_system"]) == (3, None)
    assert set(rig.rows("participations")["meeting_id"]) == {"r1"}


def test_a_report_row_that_is_not_understood_costs_only_itself(vendor, rig):
    vendor.put("r0", START)
    vendor.put("r1", START)
    del vendor.rows["r0"]["meetingId"]
    outcome = rig.pull()
    assert (outcome.pulled, outcome.landed, outcome.rejected) == (2, 1, 1)
    assert rig.rows("rejected").select("what", "reason", "field").rows() == [("meeting", "missing", "usage.meetingId")]
    rig.pull()
    assert rig.rows("rejected").height == 1


def test_what_waited_in_quarantine_lands_once_it_is_understood(vendor, rig):
    vendor.put("r0", START)
    vendor.spoil("r0")
    assert rig.pull().rejected == 1
    (record,) = rig.quarantine.read(NAME)
    mended = record.body.replace(b"yesterday", instant(START + HOUR).encode())
    batch = webex.SOURCE.parse(Page(record.what, mended, {}), webex.WebexSettings(**ACCOUNT), CONTEXT)
    assert (batch.landed, batch.frames["participations"].height) == (1, 2)


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/meetingPreferences/sites", "meeting:admin_preferences_read"),
        (USAGE, "meeting:admin_schedule_read"),
        (PARTICIPANTS, "meeting:admin_participants_read"),
    ],
)
def test_a_missing_scope_is_named_with_where_to_grant_it_and_the_vendors_mark(vendor, rig, path, scope):
    vendor.put("r0", NOW - HOUR)
    vendor.denied = frozenset([path])
    del rig.raw_settings["sites"]
    words = rf"GET {path} was answered 403 \(trackingId {TRACKING}\): grant the scope {scope} at developer\.webex\.com"
    with pytest.raises(ConfigurationError, match=words):
        rig.pull()
    settings = webex.WebexSettings.model_validate(rig.raw_settings)
    session = webex.SOURCE.open_session(NAME, settings, Network(ca_file=vendor.ca_file))
    *allowed, last = webex.SOURCE.check(session, settings, NOW)
    assert all(finding.is_good for finding in allowed)
    assert re.search(words, last.message)
    assert "Control Hub" in last.message


def test_a_token_that_is_refused_twice_is_reported_with_the_vendors_mark(vendor, rig):
    vendor.put("r0", START)
    vendor.faults.token_uses = 0
    with pytest.raises(ConfigurationError, match=rf"401 \(trackingId {TRACKING}\)"):
        rig.pull()
    assert vendor.sign_ins == 2


@pytest.mark.parametrize(
    ("ago", "is_good", "words"),
    [(timedelta(hours=2), True, "2026-11-02 01:00 UTC, 0 days ago"), (timedelta(days=9), False, "9 days ago"),
     (None, False, "no site has had a meeting")],
)  # fmt: skip
def test_the_doctor_finds_the_newest_meeting(vendor, rig, ago, is_good, words):
    if ago is not None:
        vendor.put("older", NOW - ago - HOUR)
        vendor.put("newest", NOW - ago)
    del rig.raw_settings["sites"]
    settings = webex.WebexSettings.model_validate(rig.raw_settings)
    session = webex.SOURCE.open_session(NAME, settings, Network(ca_file=vendor.ca_file))
    found = {finding.what: finding for finding in webex.SOURCE.check(session, settings, NOW)}
    assert list(found) == [
        "token",
        "GET /meetingPreferences/sites",
        "GET /meetingReports/usage",
        "GET /meetingParticipants",
    ]
    assert found["GET /meetingReports/usage"].is_good == is_good
    assert words in found["GET /meetingReports/usage"].message


# -- versions ---------------------------------------------------------------------------------------------------------

REPORTS = st.builds(
    lambda minutes, people, service: msgspec.convert(
        usage("m", START, people, duration=minutes, serviceType=service), Usage
    ),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["MeetingCenter", "EventCenter"]),
)


@given(st.lists(st.tuples(REPORTS, st.sampled_from([NOT_ASKED, NOT_TOLD, TOLD])), min_size=1))
def test_versions_never_fall_and_rise_with_every_change(nights):
    known, before = None, None
    for report, level in nights:
        version = next_version(known, report, level)
        assert 0 <= version < 2**63
        if known is not None and before is not None:
            is_same = before[0].counted == report.counted
            assert version == known if is_same and level <= before[1] else version > known
            assert is_unchanged(known, report, level) == (is_same and level <= before[1])
            before = (report, max(level, before[1]) if is_same else level)
        else:
            assert not is_unchanged(known, report, level)
            before = (report, level)
        known = version


@pytest.mark.parametrize(
    ("change", "makes_it_new"),
    [
        ({"totalParticipants": 1}, True),
        ({"totalPeopleMinutes": 59}, True),
        ({"start": instant(START + HOUR)}, True),
        ({"end": None}, True),
        ({"start": "2026-10-30T17:00:00+08:00"}, False),
        ({"totalPeopleMinutes": 60.0}, False),
        ({"meetingTitle": "Bo Lind", "hostDisplayName": "Bo Lind", "hostEmail": "bo@x.example"}, False),
    ],
)
def test_a_version_is_made_of_times_and_numbers_and_of_nothing_that_names_anyone(change, makes_it_new):
    row = usage("m", START)
    known = next_version(None, msgspec.convert(row, Usage), TOLD)
    assert is_unchanged(known, msgspec.convert(row | change, Usage), TOLD) != makes_it_new


# -- what the words mean ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "endpoint", "unknown"),
    [
        ({"deviceType": "webex_meeting_center_mac"}, "app", None),
        ({"deviceType": "mac"}, "app", None),
        ({"deviceType": "WINDOWS"}, "app", None),
        ({"deviceType": "webex_meeting_center_iphone"}, "mobile", None),
        ({"deviceType": "webApp"}, "browser", None),
        ({"deviceType": "cloudVideoDevice"}, "room", None),
        ({"deviceType": "roomdesk", "audioType": "pstn"}, "room", None),
        ({"deviceType": "mac", "audioType": "pstn", "callType": "callIn"}, "phone", None),
        ({"deviceType": "mac", "audioType": "pstn", "callType": "callBack"}, "phone", None),
        ({"deviceType": None, "audioType": "pstn"}, "phone", None),
        ({"deviceType": "hologram"}, "unknown", ("deviceType", "hologram")),
        ({"deviceType": "unknown"}, "unknown", None),
        ({"deviceType": None}, "unknown", None),
        ({"audioType": "telepathy"}, "app", ("audioType", "telepathy")),
        ({"callType": "callAnna"}, "app", ("callType", "callAnna")),
    ],
)
def test_endpoints(changes, endpoint, unknown):
    batch = parsed(usage("m", START), [participant(0, START, devices=[device(START, **changes)])])
    assert batch.frames["participations"]["endpoint"].to_list() == [endpoint]
    assert dict(batch.unknown_values) == ({unknown: 1} if unknown else {})


def test_each_device_is_a_connection_and_somebody_without_one_is_too():
    several = participant(
        0, START, devices=[device(START, correlationId="a"), device(START, correlationId="b", audioType="inactive")]
    )
    alike = participant(1, START, devices=[device(START), device(START + HOUR)])
    without = participant(2, START, devices=None, video="off")
    rows = connections(several, alike, without)
    assert [row["participation_id"] for row in rows] == ["part_0/a", "part_0/b", "part_1/c0", "part_1/c0/2", "part_2"]
    assert [row["audio"] for row in rows] == [True, False, True, True, None]
    assert [row["video"] for row in rows] == [True, True, True, True, False]
    assert [row["joined_at"] for row in rows] == [START, START, START, START + HOUR, START]
    assert {row["outcome"] for row in rows} == {"unknown"}


def test_a_connection_takes_the_times_of_its_participant_where_it_has_none_of_its_own():
    never = "1970-01-01T00:00:00.000Z"
    (row,) = connections(participant(0, START, devices=[device(START, joinedTime=never, leftTime=None)]))
    assert (row["joined_at"], row["left_at"]) == (START, START + timedelta(minutes=30))
    (row,) = connections(participant(0, START, leftTime=never, devices=None))
    assert row["left_at"] is None


@pytest.mark.parametrize(
    ("state", "rows"), [("lobby", 0), ("joined", 1), ("end", 1), ("breakoutSession", 1), (None, 1), ("dancing", 1)]
)
def test_who_never_left_the_lobby_was_not_there(state, rows):
    batch = parsed(usage("m", START), [participant(0, START, state=state)])
    assert len(connections(participant(0, START, state=state))) == rows
    assert (("state", "dancing") in batch.unknown_values) == (state == "dancing")


MAIL = "cilla@landsting.example"


@pytest.mark.parametrize(
    ("changes", "domains", "party", "organisation", "is_known"),
    [
        ({"email": "Anna@EXEMPELBY.example"}, ["exempelby.example"], "internal", None, True),
        ({"email": "anna@exempelby.example"}, ["Exempelby.Example"], "internal", None, True),
        ({"email": MAIL}, ["exempelby.example"], "external", PSEUDONYMS.organisation_of(MAIL), True),
        ({"email": "cilla@gmail.com"}, ["exempelby.example"], "external", None, True),
        ({"email": "anna@exempelby.example"}, [], "unknown", None, True),
        ({"email": None, "orgId": None}, ["exempelby.example"], "unknown", None, False),
        ({"email": "", "orgId": "our-org"}, ["exempelby.example"], "internal", None, False),
        ({"email": None, "orgId": "x"}, ["exempelby.example"], "external", PSEUDONYMS.of("organisation", "x"), False),
        (
            {"email": MAIL, "orgId": "our-org"},
            ["exempelby.example"],
            "external",
            PSEUDONYMS.organisation_of(MAIL),
            True,
        ),
    ],
)
def test_parties(changes, domains, party, organisation, is_known):
    colleague = participant(1, START)
    row, _ = connections(participant(0, START, **changes), colleague, home_domains=domains)
    assert (row["party"], row["party_org_key"], row["person_key"] is not None) == (party, organisation, is_known)


def test_people_and_hosts_are_known_by_mail_and_rooms_by_the_address_in_the_list_of_rooms():
    someone, room = connections(
        participant(0, START, email="anna.ek@exempelby.example"),
        participant(1, START, email="Rum1@exempelby.rooms.webex.com", devices=[device(START, deviceType="x")]),
    )
    host = meeting(usage("m", START))["organiser_key"]
    assert someone["person_key"] == host == PSEUDONYMS.of("mail", "anna.ek@exempelby.example")
    assert (room["endpoint"], room["person_key"], room["party"]) == ("room", None, "internal")
    listed = rooms(workspace("1"))[0].row(0, named=True)
    assert room["room_key"] == listed["room_key"]


def test_a_room_of_nobody_knows_whom_is_not_an_outside_organisation():
    (room,) = connections(participant(1, START, orgId=None, email="rum@other.rooms.webex.com"))
    assert (room["party"], room["party_org_key"]) == ("unknown", None)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "scheduled"),
        ({"serviceType": "EventCenter"}, "broadcast"),
        ({"scheduledType": "webinar"}, "broadcast"),
        ({"serviceType": "TrainingCenter", "scheduledType": None}, "scheduled"),
        ({"serviceType": "SupportCenter", "scheduledType": None}, "ad_hoc"),
        ({"serviceType": None, "scheduledType": "meeting"}, "scheduled"),
        ({"serviceType": None, "scheduledType": None}, "unknown"),
        ({"serviceType": "SéanceCenter", "scheduledType": None}, "unknown"),
    ],
)
def test_kinds(changes, kind):
    assert meeting(usage("m", START, **changes))["kind"] == kind


def test_the_vendors_counts_are_kept_in_minutes_and_the_number_is_the_join_address():
    row = meeting(usage("m_I_7", START, 5, end=None, duration=45, totalPeopleMinutes=91, peakAttendee=4))
    assert row["meeting_id"] == "m_I_7"
    assert row["platform"] == "webex"
    assert (row["participants_reported"], row["participant_minutes_reported"], row["peak_participants"]) == (5, 91, 4)
    assert (row["started_at"], row["ended_at"]) == (START, START + timedelta(minutes=45))
    assert row["join_key"] == PSEUDONYMS.of("join", "webex:123456789")
    assert row["join_key"] == meeting(usage("other", START, meetingNumber=123456789))["join_key"]
    assert meeting(usage("m", START, meetingNumber=None))["join_key"] is None


@pytest.mark.parametrize(
    ("voip", "call_in", "call_out", "modality", "has_telephone"),
    [
        (3, 0, 0, "web", False),
        (3, 1, 0, "web", True),
        (0, 2, 1, "phone", True),
        (0, 0, 0, None, False),
        (None, 2, 0, None, True),
        (3, None, None, None, None),
        (3, None, 1, "web", True),
    ],
)
def test_modality_by_the_vendors_counts(voip, call_in, call_out, modality, has_telephone):
    counts = {"totalParticipantsVoip": voip, "totalParticipantsCallIn": call_in, "totalParticipantsCallOut": call_out}
    row = meeting(usage("m", START, **counts))
    assert (row["reported_modality"], row["has_telephone"]) == (modality, has_telephone)
    assert (row["has_room_system"], row["has_video"]) == (None, None)


@pytest.mark.parametrize(
    ("devices", "video", "has_room", "has_video"),
    [
        (["mac", "roomdesk"], "off", True, None),
        (["mac", "windows"], "on", False, True),
        (["mac", "hologram"], "off", None, None),
        (["roomdesk", "hologram"], "on", True, True),
        ([], "off", None, None),
    ],
)
def test_what_is_not_told_is_unknown_and_not_absent(devices, video, has_room, has_video):
    people = [
        participant(number, START, video=video, devices=[device(START, deviceType=word)])
        for number, word in enumerate(devices)
    ]
    row = meeting(usage("m", START), people)
    assert (row["has_room_system"], row["has_video"]) == (has_room, has_video)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": "1970-01-01T00:00:00Z"}, "usage.start"),
        ({"duration": -1}, "usage.duration"),
        ({"totalParticipants": -2}, "usage.totals"),
        ({"totalPeopleMinutes": "many"}, "usage.totalPeopleMinutes"),
        ({"start": "2026-10-30T09:00:00"}, "usage.start"),
    ],
)
def test_what_cannot_be_is_rejected(changes, field):
    batch = parsed(usage("m", START) | changes)
    assert (batch.landed, batch.frames["rejected"]["field"].to_list()) == (0, [field])


# -- people and rooms -------------------------------------------------------------------------------------------------


def people(*raw: dict[str, Any], **settings: Any) -> Any:
    chosen = webex_directory.WebexDirectorySettings(**ACCOUNT, **settings)
    return webex_directory.SOURCE.parse(Page("person", msgspec.json.encode(raw), {}), chosen, CONTEXT)


def test_people_land_only_where_webex_is_the_directory_and_aliases_always():
    without, being = people(person("1")), people(person("1"), is_directory=True)
    assert "people" not in without.frames
    assert without.landed == being.landed == 1
    key = PSEUDONYMS.of("webex_id", "webex-1")
    aliases = {
        (PSEUDONYMS.of("mail", "anna1@exempelby.example"), key, "mail"),
        (PSEUDONYMS.of("sip", "sip.1@exempelby.calls.example"), key, "sip"),
    }
    assert set(without.frames["identities"].rows()) == set(being.frames["identities"].rows()) == aliases
    assert being.frames["people"].rows() == [(key, NOW.date(), "Skola", "Kisa", "employee", True)]


@pytest.mark.parametrize(
    ("changes", "settings", "excluded", "group", "is_active"),
    [
        ({"type": "bot"}, {}, "no_person", None, None),
        ({"type": "appuser"}, {}, "no_person", None, None),
        ({"department": "Facket"}, {"excluded_departments": ["Facket"]}, "excluded_department", None, None),
        ({"department": "Fullmäktige"}, {"person_groups": {"Fullmäktige": "elected"}}, None, "elected", True),
        ({"loginEnabled": "false"}, {}, None, "employee", False),
        ({"loginEnabled": True}, {}, None, "employee", True),
        ({"loginEnabled": None}, {}, None, "employee", None),
    ],
)
def test_who_lands_and_in_which_group(changes, settings, excluded, group, is_active):
    batch = people(person("1", **changes), is_directory=True, **settings)
    assert dict(batch.excluded) == ({excluded: 1} if excluded else {})
    found = batch.frames["people"].select("person_group", "is_active").rows()
    assert found == ([] if excluded else [(group, is_active)])
    assert (batch.pulled, batch.landed) == (1, 0 if excluded else 1)


def rooms(*raw: dict[str, Any], devices: tuple[str, ...] = ()) -> Any:
    body = msgspec.json.encode([{"workspace": each, "device_types": devices} for each in raw])
    batch = webex_rooms.SOURCE.parse(Page("workspace", body, {}), webex_rooms.WebexRoomsSettings(**ACCOUNT), CONTEXT)
    return batch.frames["rooms"], batch


@pytest.mark.parametrize(
    ("devices", "has_video", "unknown"),
    [
        (("roomdesk",), True, {}),
        (("phone", "roomdesk"), True, {}),
        (("phone",), False, {}),
        (("phone", "accessory"), None, {}),
        ((), None, {}),
        (("hologram",), None, {("device.type", "hologram"): 1}),
    ],
)
def test_a_room_has_video_if_a_device_says_so(devices, has_video, unknown):
    frame, batch = rooms(workspace("1"), devices=devices)
    assert frame["has_video"].to_list() == [has_video]
    assert dict(batch.unknown_values) == unknown


@pytest.mark.parametrize(
    ("changes", "seats", "excluded"),
    [
        ({}, [8], {}),
        ({"capacity": -1}, [None], {}),
        ({"capacity": None, "type": "notSet"}, [None], {}),
        ({"type": "desk"}, [], {"place_for_one": 1}),
        ({"type": "focus"}, [], {"place_for_one": 1}),
        ({"type": "sauna"}, [8], {}),
    ],
)
def test_rooms_have_seats_and_places_for_one_are_none(changes, seats, excluded):
    frame, batch = rooms(workspace("1", **changes))
    assert frame["capacity"].to_list() == seats
    assert dict(batch.excluded) == excluded
    assert (("workspace.type", "sauna") in batch.unknown_values) == (changes.get("type") == "sauna")


def test_devices_of_every_page_come_to_their_rooms(tmp_path):
    with WebexRoomsDouble(tmp_path / "vendor") as vendor:
        for number in range(5):
            vendor.put(f"{number}", START)
            vendor.devices.append({"id": f"d{number}", "workspaceId": f"workspace-{number}", "type": "roomdesk"})
        vendor.devices += [{"id": "at home", "personId": "webex-1", "type": "roomdesk"}, {"type": 7}]
        del vendor.devices[0]
        rig = Rig(vendor.type_name, vendor.settings(), vendor.ca_file, tmp_path / "org")
        rig.pull()
        assert rig.rows("rooms")["has_video"].value_counts().sort("count").rows() == [(None, 1), (True, 4)]


# -- the vendor's own examples ----------------------------------------------------------------------------------------

SKIPPED = {
    "webex_meetings.json": "one list per host: the usage report has all meetings of a site at once",
    "webex_admin_meetings.json": "looks up one meeting that is known already",
    "webex_meetingReports_attendees.json": "meetingParticipants is read instead: it has devices and the lobby",
    "webex_meeting_qualities.json": "needs Pro Pack, keeps days, and holds network addresses",
    "webex_analytics_aggregates.json": "needs Pro Pack; totals without meetings",
    "webex_report_templates.json": "needs Pro Pack; asynchronous files",
    "webex_reports.json": "needs Pro Pack; asynchronous files",
    "webex_workspaceDurationMetrics.json": "minutes a room was booked or used, without meetings",
}


def sample(name: str) -> Any:
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip("the vendors' examples are not beside this checkout")
    return msgspec.json.decode(path.read_bytes())


def test_every_example_is_read_or_left_out_for_a_reason():
    if not SAMPLES.is_dir():
        pytest.skip("the vendors' examples are not beside this checkout")
    read = {f"webex_{name}" for name in (
        "meetingReports_usage.json", "meetingParticipants.json", "people.json", "workspaces.json", "devices.json",
        "sites.json", "access_token.json", "error_404.json", "link_header.http",
    )}  # fmt: skip
    assert {path.name for path in SAMPLES.glob("webex_*")} == read | set(SKIPPED)


def test_examples_of_meetings_and_participants():
    (row,) = sample("webex_meetingReports_usage.json")["items"]
    who = sample("webex_meetingParticipants.json")["items"]
    batch = parsed(row, who)
    assert (batch.pulled, batch.landed, dict(batch.unknown_values)) == (1, 1, {})
    assert batch.frames["meetings"]["started_at"].to_list() == [datetime(2023, 1, 18, 2, 26, 30, tzinfo=UTC)]
    assert "participations" not in batch.frames  # still in the lobby
    who[0]["state"] = "end"
    batch = parsed(row, who)
    assert dict(batch.unknown_values) == {}
    assert batch.frames["participations"].select("endpoint", "audio", "video").rows() == [("phone", True, True)]


def test_examples_of_people_rooms_and_devices():
    batch = people(*sample("webex_people.json")["items"], is_directory=True)
    assert (batch.landed, batch.frames["rejected"].height if "rejected" in batch.frames else 0) == (1, 0)
    assert batch.frames["people"].select("department", "site").rows() == [("Sales", "Milpitas")]
    devices = tuple(each["type"] for each in sample("webex_devices.json")["items"])
    frame, batch = rooms(*sample("webex_workspaces.json")["items"], devices=devices)
    assert frame.select("capacity", "has_video").rows() == [(5, True)]
    assert dict(batch.unknown_values) == {}


def test_examples_of_sites_and_links(vendor, rig):
    vendor.sites = [site["siteUrl"] for site in sample("webex_sites.json")["sites"]]
    del rig.raw_settings["sites"]
    rig.pull()
    assert [r.query["siteUrl"] for r in vendor.requests if r.path.endswith(USAGE)] == vendor.sites
    assert len(vendor.sites) == 4
    header = (SAMPLES / "webex_link_header.http").read_text("utf-8")
    link = re.search(r"<([^>]*)>; rel=\"next\"", header)
    assert link
    restored = with_lost(link.group(1), {"siteUrl": "x", "max": "9", "serviceType": "MeetingCenter"})
    assert restored == f"{link.group(1)}&serviceType=MeetingCenter"
