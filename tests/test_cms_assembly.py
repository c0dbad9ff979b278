"""What Cisco Meeting Servers tell, as meetings and participations."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from cms_bridge import DAY, NOW, PSEUDONYMS, VIDEO, WINDOW, Bridge, Site, at, guid, later_proof
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.cisco_meeting_server.documents import read_documents
from connectors.cisco_meeting_server.meetings import SOURCE
from connectors.cisco_meeting_server.settings import CiscoMeetingServerSettings
from connectors.errors import ConfigurationError, RetryLater
from connectors.source import LocalSession, Window

ROOM = "vc-fullmaktige@rum.exempelby.se"


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def landed(site: Site, *bridges: Bridge):
    """Everything the bridges tell, received and pulled."""
    for bridge in bridges:
        site.receive(bridge.document())
    return site.pull()


def test_a_meeting_of_two(site):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting", correlator="link")
    bridge.leg("10:00", "10:30", "anna", "meeting", media=VIDEO)
    bridge.leg("10:05", "10:40", "bo", "meeting", party="sip:bo@granne.se")
    bridge.call_end("10:40", "meeting", 2)
    outcome = landed(site, bridge)
    assert (outcome.pulled, outcome.landed) == (1, 1)
    assert site.meetings(
        "meeting_id", "version", "kind", "started_at", "ended_at", "organiser_party", "peak_participants", "has_video"
    ) == [(guid("link"), 8, "unknown", at("10:00"), at("10:40"), "internal", 2, True)]
    assert site.meetings("join_key", "correlator_key", "has_room_system", "has_telephone") == [
        (PSEUDONYMS.of("join", f"cms:{guid('room 1')}"), PSEUDONYMS.of("correlator", guid("link")), None, False)
    ]
    assert site.connections(
        "participation_id", "person_key", "party", "joined_at", "left_at", "audio", "video", "outcome"
    ) == [
        (
            guid("anna"),
            PSEUDONYMS.of("mail", "anna@exempelby.se"),
            "internal",
            at("10:00"),
            at("10:30"),
            True,
            True,
            "ok",
        ),
        (guid("bo"), PSEUDONYMS.of("mail", "bo@granne.se"), "external", at("10:05"), at("10:40"), True, False, "ok"),
    ]
    assert site.connections("party_org_key") == [(None,), (PSEUDONYMS.organisation_of("granne.se"),)]


def test_without_a_correlator_the_call_is_the_meeting(site):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting", kind="adHoc")
    bridge.call_end("10:40", "meeting", 3)
    landed(site, bridge)
    assert site.meetings("meeting_id", "kind", "correlator_key") == [(guid("meeting"), "ad_hoc", None)]
    assert site.meetings("participants_reported") == [(3,)]  # no leg is known: the vendor's own count stands


@pytest.mark.parametrize(
    ("party", "inner", "media", "endpoint", "whose"),
    [
        ("anna@exempelby.se", "<type>sip</type>", VIDEO, "unknown", "internal"),
        ("anna@exempelby.se", "<type>acano</type>", VIDEO, "app", "internal"),
        ("anna@exempelby.se", "<type>sip</type><subType>lync</subType>", VIDEO, "app", "internal"),
        ("guest8812@exempelby.se", "<type>acano</type><guestConnection>true</guestConnection>", VIDEO, "browser", "external"),
        ("+46101234567@192.0.2.9", "<type>sip</type>", "<rxAudio/>", "phone", "unknown"),
        ("0101234567@gateway.exempelby.se", "<type>sip</type>", "<rxAudio/>", "phone", "unknown"),
        ("4711@exempelby.se", "<type>sip</type>", VIDEO, "unknown", "unknown"),
        (ROOM, "<type>sip</type>", VIDEO, "room", "internal"),
        ("sal7@granne.se", "<type>sip</type>", VIDEO, "room", "internal"),
        ("anonymous@anonymous.invalid", "<type>sip</type>", "<rxAudio/>", "unknown", "unknown"),
    ],
)  # fmt: skip
def test_who_is_connected_with_what(site, party, inner, media, endpoint, whose):
    site.settings = {"room_domains": ["rum.exempelby.se"], "room_addresses": ["sip:Sal7@granne.se"]}
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    bridge.leg("10:00", "10:30", "leg", "meeting", party=party, inner=inner, media=media)
    bridge.call_end("10:30", "meeting")
    landed(site, bridge)
    assert site.connections("endpoint", "party") == [(endpoint, whose)]
    assert site.meetings("has_room_system", "has_telephone") == [(endpoint == "room", endpoint == "phone")]


def test_rooms_and_numbers_and_strangers_have_the_right_keys(site):
    site.settings = {"room_domains": ["rum.exempelby.se"]}
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    bridge.leg("10:01", "10:30", "a", "meeting", party=f"sip:{ROOM}")
    bridge.leg("10:02", "10:30", "b", "meeting", party="010-123 45 67")
    bridge.leg("10:03", "10:30", "c", "meeting", party="0101234567@192.0.2.9:5060")
    bridge.leg("10:04", "10:30", "d", "meeting", party="192.0.2.11")
    bridge.leg("10:05", "10:30", "e", "meeting", party="anonymous@granne.se")
    bridge.call_end("10:30", "meeting")
    landed(site, bridge)
    number = PSEUDONYMS.of("phone", "+46101234567")
    assert site.connections("room_key", "person_key") == [
        (PSEUDONYMS.of("room", ROOM), None),
        (None, number),
        (None, number),
        (None, None),
        (None, None),
    ]


def test_a_leg_moves_from_the_menu_to_a_call_and_on_to_another(site):
    bridge = Bridge()
    bridge.call_start("10:00", "one", space="room 1")
    bridge.call_start("10:00", "two", space="room 2")
    bridge.leg_start("10:01", "anna")
    bridge.leg_in("10:02", "anna", None)
    bridge.leg_in("10:05", "anna", "one")
    bridge.leg_in("10:20", "anna", "two")
    bridge.leg_in("10:30", "anna", "one")
    bridge.leg_end("10:50", "anna", "error")
    bridge.call_end("10:50", "one")
    bridge.call_end("10:50", "two")
    landed(site, bridge)
    assert site.connections("meeting_id", "participation_id", "joined_at", "left_at", "outcome") == [
        (guid("one"), guid("anna"), at("10:05"), at("10:20"), "ok"),
        (guid("two"), guid("anna"), at("10:20"), at("10:30"), "ok"),
        (guid("one"), guid("anna") + "/2", at("10:30"), at("10:50"), "dropped"),
    ]


def test_time_in_the_lobby_is_not_time_in_the_meeting(site):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    bridge.leg_start("10:00", "anna")
    bridge.leg_in("10:00", "anna", "meeting", lobby=True)
    bridge.leg_in("10:10", "anna", "meeting")
    bridge.leg_end("10:30", "anna")
    bridge.leg_start("10:00", "never let in")
    bridge.leg_in("10:00", "never let in", "meeting", lobby=True)
    bridge.leg_end("10:20", "never let in")
    bridge.leg_start("10:00", "lobby not told")
    bridge.leg_in("10:00", "lobby not told", "meeting")
    bridge.leg_end("10:20", "lobby not told", inner="<activatedDuration>0</activatedDuration>")
    bridge.call_end("10:30", "meeting")
    landed(site, bridge)
    assert site.connections("participation_id", "joined_at", "left_at") == [(guid("anna"), at("10:10"), at("10:30"))]


def test_who_left_before_a_meeting_is_counted_and_nowhere_in_it(site):
    bridge = Bridge()
    bridge.leg_start("10:00", "anna")
    bridge.leg_in("10:00", "anna", None)
    bridge.leg_end("10:01", "anna", "ivrTimeout")
    outcome = landed(site, bridge)
    assert (outcome.pulled, outcome.landed, dict(outcome.excluded)) == (1, 0, {"left_before_a_meeting": 1})


def test_one_meeting_on_two_bridges(site):
    here, there = Bridge("s1", "bridge a"), Bridge("s2", "bridge b")
    here.call_start("10:00", "here", correlator="link")
    here.leg("10:00", "10:30", "anna", "here")
    here.leg("10:05", "10:30", "between", "here", inner="<type>sip</type><subType>distributionLink</subType>")
    here.call_end("10:30", "here", 2)
    there.call_start("10:05", "there", correlator="link")
    there.leg("10:05", "10:45", "bo", "there")
    there.call_end("10:45", "there", 2)
    outcome = landed(site, here, there)
    assert outcome.pulled == 1
    assert site.meetings("meeting_id", "started_at", "ended_at", "peak_participants") == [
        (guid("link"), at("10:00"), at("10:45"), None)
    ]
    assert site.connections("participation_id") == [(guid("anna"),), (guid("bo"),)]


def test_what_comes_later_from_another_bridge_makes_a_newer_version(site):
    here, there = Bridge("s1", "bridge a"), Bridge("s2", "bridge b")
    here.call_start("10:00", "here", correlator="link")
    here.leg("10:00", "10:30", "anna", "here")
    here.call_end("10:30", "here")
    landed(site, here)
    assert site.pull().landed == 1  # again, and nothing new
    there.call_start("10:05", "there", correlator="link")
    there.leg("10:05", "10:45", "bo", "there")
    there.call_end("10:45", "there")
    landed(site, there)
    assert site.meetings("meeting_id", "version", "ended_at") == [(guid("link"), 10, at("10:45"))]
    assert site.connections("participation_id") == [(guid("anna"),), (guid("bo"),)]


def test_the_presentation_of_a_skype_client_is_no_second_participant(site):
    lync = "<type>sip</type><subType>lync</subType><groupId>{}</groupId><lyncSubType>{}</lyncSubType>"
    bridge = Bridge()
    bridge.call_start("10:00", "meeting", kind="lyncConferencing")
    bridge.leg("10:00", "10:30", "anna", "meeting", inner=lync.format(guid("client"), "audioVideo"))
    bridge.leg(
        "10:10",
        "10:20",
        "slides",
        "meeting",
        party="anna@exempelby.se",
        inner=lync.format(guid("client"), "applicationSharing"),
    )
    bridge.leg(
        "10:10",
        "10:20",
        "chat",
        "meeting",
        party="anna@exempelby.se",
        inner=lync.format(guid("client"), "instantMessaging"),
    )
    bridge.call_end("10:30", "meeting")
    landed(site, bridge)
    assert site.connections("participation_id", "screen_share", "left_at") == [(guid("anna"), True, at("10:30"))]
    assert site.meetings("organiser_party", "has_video") == [("unknown", True)]


@pytest.mark.parametrize("machine", ["recording", "streaming"])
def test_recorders_and_streamers_are_nobody(site, machine):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    bridge.leg("10:00", "10:30", "anna", "meeting")
    bridge.leg(
        "10:00", "10:30", "machine", "meeting", inner=f"<type>sip</type><{machine}>true</{machine}>", media=VIDEO
    )
    bridge.tell(f"{machine}Start", "10:00", f'<{machine} id="{guid("r")}"><path>x</path></{machine}>')
    bridge.call_end("10:30", "meeting")
    outcome = landed(site, bridge)
    assert site.connections("participation_id") == [(guid("anna"),)]
    assert site.meetings("has_video") == [(False,)]
    assert not outcome.unknown_values


def test_a_call_whose_end_never_came_ends_with_its_last_leg(site):
    lost, restarted = Bridge("s1"), Bridge("s2")
    lost.call_start("10:00", "meeting")
    lost.leg("10:00", "10:30", "anna", "meeting")
    lost.leg("10:00", "10:45", "bo", "meeting")
    restarted.call_start("11:00", "next")
    restarted.leg("11:00", "11:30", "anna 2", "next", party="anna@exempelby.se")
    restarted.call_end("11:30", "next")
    landed(site, lost, restarted)
    assert site.meetings("meeting_id", "ended_at") == [(guid("meeting"), at("10:45")), (guid("next"), at("11:30"))]


def test_a_leg_whose_end_never_came_left_when_the_call_ended_or_nobody_knows(site):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    bridge.leg_start("10:00", "anna")
    bridge.leg_in("10:00", "anna", "meeting")
    landed(site, bridge)
    assert site.meetings("ended_at") == [(None,)]
    assert site.connections("left_at", "audio", "outcome") == [(None, None, "unknown")]
    bridge.call_end("10:30", "meeting")
    landed(site, bridge)
    assert site.connections("left_at") == [(at("10:30"),)]


def test_a_running_meeting_waits(site):
    bridge = Bridge()
    bridge.call_start("+3 23:00", "meeting")
    bridge.leg_start("+3 23:00", "anna")
    bridge.leg_in("+3 23:00", "anna", "meeting")
    assert landed(site, bridge).pulled == 0
    bridge.leg_end("+4 05:00", "anna")
    bridge.call_end("+4 05:00", "meeting")
    site.receive(bridge.document())
    site.pull(Window(WINDOW.start, NOW + timedelta(days=1)))
    assert site.meetings("started_at", "ended_at") == [(at("+3 23:00"), at("+4 05:00"))]


def test_a_long_call_is_whole_although_it_began_long_before_the_window(site):
    bridge = Bridge()
    bridge.call_start("-20 10:00", "meeting", correlator="link")
    bridge.leg_start("-20 10:00", "anna")
    bridge.leg_in("-20 10:00", "anna", "meeting")
    bridge.leg("-10 10:00", "-9 10:00", "bo", "meeting")
    bridge.leg_end("10:00", "anna")
    bridge.call_end("10:00", "meeting")
    landed(site, bridge)
    assert site.meetings("meeting_id", "version", "started_at") == [(guid("link"), 8, at("-20 10:00"))]


def test_how_a_connection_went(site):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    cases = [
        ("remoteTeardown", "", "ok"),
        ("timeout", "", "dropped"),
        ("participantLimitReached", "", "setup_failed"),
        ("somethingNew", "", "unknown"),
        ("callEnded", '<alarm type="packetLoss" durationPercentage="12.5"/><alarm type="excessiveJitter" durationPercentage="1"/>', "poor_quality"),
        ("callEnded", '<alarm type="packetLoss" durationPercentage="9.9"/>', "ok"),
    ]  # fmt: skip
    for number, (reason, alarm, _) in enumerate(cases):
        bridge.leg_start(f"10:0{number}", f"leg {number}")
        bridge.leg_in(f"10:0{number}", f"leg {number}", "meeting")
        bridge.leg_end("10:30", f"leg {number}", reason, alarm)
    bridge.call_end("10:30", "meeting")
    outcome = landed(site, bridge)
    assert [outcome for (outcome,) in site.connections("outcome")] == [expected for *_, expected in cases]
    assert outcome.unknown_values == {("reason", "somethingNew"): 1}
    assert site.connections("audio", "video")[0] == (None, None)  # no media told is not the same as none used


def test_a_call_between_two_through_the_gateway_counts_by_day_and_does_not_land(site):
    bridge = Bridge()
    for call, clock in (("one", "10:"), ("two", "+1 11:")):
        bridge.call_start(f"{clock}00", call, kind="forwarding")
        bridge.leg(f"{clock}00", f"{clock}30", f"{call} a", call)
        bridge.leg(f"{clock}00", f"{clock}30", f"{call} b", call, party="0101234567@192.0.2.9")
        bridge.call_end(f"{clock}30", call)
    landed(site, bridge)
    site.pull()
    totals = site.landing.read("meeting_totals").sort("period_from")
    assert totals.select("period_from", "modality", "basis", "meetings", "participations", "person_minutes").rows() == [
        (DAY.date(), "phone", "one_to_one", 1, 2, 60.0),
        ((DAY + timedelta(days=1)).date(), "phone", "one_to_one", 1, 2, 60.0),
    ]
    assert site.meetings("meeting_id") == []


def test_archived_files_are_read_like_the_spool_and_nothing_counts_twice(site):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    bridge.leg("10:00", "10:30", "anna", "meeting")
    bridge.call_end("10:30", "meeting")
    archive = site.folder / "archive" / "2026"
    archive.mkdir(parents=True)
    posts = bridge.posts(2)
    (archive / "several.xml").write_bytes(b"\n".join(posts))
    (archive / "one.xml").write_bytes(posts[0])
    site.settings = {"archive_folder": site.folder / "archive"}
    outcome = landed(site, Bridge("other"))
    assert (outcome.pulled, outcome.landed) == (1, 1)
    content = site.meetings("meeting_id", "version"), site.connections("person_key", "left_at")
    site.receive(*posts)
    site.pull()
    assert (site.meetings("meeting_id", "version"), site.connections("person_key", "left_at")) == content
    assert content[0] == [(guid("meeting"), 5)]


def test_an_archived_document_that_is_not_understood_is_rejected_once_and_costs_only_itself(site):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    bridge.call_end("10:30", "meeting")
    archive = site.folder / "archive"
    archive.mkdir()
    broken = b'<?xml version="1.0"?><records session="x"><record type="callEnd"'
    (archive / "a.xml").write_bytes(bridge.posts(1)[0] + broken + bridge.posts(1)[1])
    site.settings = {"archive_folder": archive}
    for _ in range(2):
        outcome = site.pull()
        assert (outcome.pulled, outcome.landed, outcome.rejected) == (2, 1, 1)
    assert site.landing.read("rejected").select("what", "reason").rows() == [("cdr_document", "not_xml")]
    assert [kept.body for kept in site.quarantine.read("bridges")] == [broken]


def test_nothing_received_is_an_error_that_says_what_to_do(site):
    with pytest.raises(RetryLater, match="check that the receiver runs"):
        site.pull()
    assert site.landing.pulls("bridges")["status"].to_list() == ["failed"]
    site.settings = {"archive_folder": site.folder / "nowhere"}
    with pytest.raises(ConfigurationError, match="archive_folder"):
        site.pull()


def story() -> list[Bridge]:
    """A day with everything in it: moves, a menu, a lobby, two bridges, a restart, a lost end."""
    first, second, other = Bridge("s1"), Bridge("s2"), Bridge("s3", "bridge b")
    first.call_start("10:00", "one", correlator="link")
    first.call_start("10:00", "two", kind="adHoc")
    first.leg_start("10:00", "anna")
    first.leg_in("10:00", "anna", None)
    first.leg_in("10:05", "anna", "one")
    first.leg_in("10:20", "anna", "two", lobby=True)
    first.leg_in("10:25", "anna", "two")
    first.leg("10:00", "10:40", "bo", "two", party=ROOM, media=VIDEO)
    first.leg_end("10:40", "anna")
    first.call_end("10:40", "two")
    other.call_start("10:10", "there", correlator="link")
    other.leg("10:10", "10:50", "cilla", "there", party="cilla@granne.se")
    other.call_end("10:50", "there")
    second.call_start("11:00", "three")
    second.leg("11:00", "11:30", "dan", "three")
    second.call_end("11:30", "three")
    return [first, second, other]


def content(site: Site):
    return [site.landing.read(table).drop("seen_at").rows() for table in ("meetings", "participations")]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_order_of_posts_with_repeats_restarts_and_pulls_between_lands_the_same(data):
    with tempfile.TemporaryDirectory() as folder:
        plain = Site(Path(folder) / "plain")
        for bridge in story():
            plain.receive(bridge.document())
        plain.pull()
        size = data.draw(st.integers(1, 4), "records per post")
        posts = [post for bridge in story() for post in bridge.posts(size)]
        repeats = data.draw(st.lists(st.sampled_from(posts), max_size=6), "repeats")
        shuffled = data.draw(st.permutations([*posts, *repeats]), "order")
        mixed = Site(Path(folder) / "mixed")
        pull_after = data.draw(st.integers(0, len(shuffled)), "pull after")
        restart_after = data.draw(st.integers(0, len(shuffled)), "receiver restarts after")
        cuts = sorted((0, pull_after, restart_after, len(shuffled)))
        for begin, end in pairwise(cuts):
            mixed.receive(*shuffled[begin:end])
            if end == pull_after and end:
                # while records are still under way: right after the last of them
                mixed.pull(Window(WINDOW.start, at("11:31")))
        mixed.pull()
        assert content(mixed) == content(plain)


def test_the_spool_and_what_lands_hold_no_name_address_or_title(site):
    site.settings = {"archive_folder": site.folder / "archive"}
    (site.folder / "archive").mkdir()
    landed(site, *story())
    written = b"".join(
        p.read_bytes()
        for part in ("spool", "landing", "quarantine")
        for p in (site.folder / part).rglob("*")
        if p.is_file()
    )
    for personal in (b"Anna Berg", b"Berit", b"Budget", b"192.0.2.7", b"exempelby.se", b"granne", b"cilla"):
        assert personal not in written


def test_every_sample_of_the_vendor_is_understood():
    folder = Path(__file__).parents[1].parent / "shared" / "reference" / "samples"
    for path in folder.glob("cms_*.xml"):
        documents = list(read_documents(path.read_bytes()))
        assert [len(document.refusals) for document in documents] == [0], path.name
        assert documents[0].records, path.name


def test_a_later_record_proves_the_window_whole(site):
    bridge = Bridge()
    bridge.call_start("-5 10:00", "meeting")
    site.receive(bridge.document(), later_proof(bridge))
    assert site.pull().window == WINDOW


def findings(site: Site):
    settings = CiscoMeetingServerSettings(spool_folder=site.spool)
    return [(each.is_good, each.message) for each in SOURCE.check(LocalSession("bridges"), settings, NOW)]


def test_the_doctor_says_how_old_the_newest_record_is(site):
    ((is_good, message),) = findings(site)
    assert not is_good
    assert "resfri receiver" in message
    bridge = Bridge()
    bridge.call_start("+3 10:00", "meeting")
    site.receive(bridge.document())
    assert findings(site) == [(True, "the newest record is of 2026-11-01 10:00 UTC, 0 days ago")]


def test_what_the_receiver_put_in_quarantine_does_not_land_by_halves_from_a_pull(site, monkeypatch):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    bridge.leg("10:00", "10:30", "anna", "meeting")
    bridge.call_end("10:30", "meeting")
    with monkeypatch.context() as older:
        older.setattr("connectors.cisco_meeting_server.documents.DEEPEST", 2)
        site.receive(bridge.posts(2)[0])
    site.receive(*bridge.posts(2)[1:])
    site.pull()
    assert len(list(site.quarantine.read("bridges"))) == 1
    assert site.meetings("version") == [(3,)]


@given(
    st.lists(
        st.sampled_from(
            [
                *Bridge().posts(),
                b"<?xml version='1.0'?>",
                b"<records>",
                b"</records>",
                b"<records/>",
                b"<record/>",
                b"<!DOCTYPE a>",
                b"&x;",
                b"\xff\x00",
                b" ",
                b"text>",
            ]
        ),
        max_size=8,
    ).map(b"".join)
    | st.binary(max_size=50)
)
def test_any_bytes_are_read_to_their_end(body):
    assert b"".join(b"".join(document.body for document in read_documents(body)).split()) == b"".join(body.split())


def test_waiting_in_the_lobby_from_the_first_second_is_no_stay(site):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting")
    bridge.leg_start("10:00", "anna")
    bridge.leg_in("10:00", "anna", "meeting")
    bridge.leg_in("10:00", "anna", "meeting", lobby=True)
    bridge.leg_in("10:10", "anna", "meeting")
    bridge.leg_end("10:30", "anna")
    bridge.call_end("10:30", "meeting")
    landed(site, bridge)
    assert site.connections("participation_id", "joined_at") == [(guid("anna"), at("10:10"))]


def test_a_meeting_keeps_its_id_when_the_record_with_its_correlator_comes_after_it_has_landed(site):
    bridge = Bridge()
    bridge.call_start("10:00", "meeting", correlator="link")
    bridge.leg("10:00", "10:30", "anna", "meeting")
    bridge.call_end("10:30", "meeting")
    late, *posts = bridge.posts(1)
    site.receive(*posts)
    site.pull()
    site.receive(late)
    site.pull()
    assert site.meetings("meeting_id", "version") == [(guid("meeting"), 5)]
