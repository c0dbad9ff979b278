"""Meeting logs as files: what the rows of each system become, and that every row is accounted for."""

from __future__ import annotations

import json
import shutil
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from connectors.contract import TABLES
from connectors.errors import ConfigurationError
from connectors.files.importing import import_file
from connectors.files.inspection import inspect
from connectors.files.meetings import read_meetings
from connectors.files.profile_text import profile_toml
from connectors.files.profiles import available_profiles, load_profile, profile_of
from connectors.files.table_files import read_table
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms
from models import engine
from models.inputs import input_tables
from models.method import MethodSettings
from pipelines.settings import Organisation, OrganisationSettings
from pipelines.transformation import expected_sources

PSEUDONYMS = Pseudonyms(b"meeting-files-have-their-own-key")
NOW = datetime(2026, 1, 1, 6, tzinfo=UTC)
SAMPLES = Path(__file__).parents[1].parent / "shared" / "reference" / "samples"
MARCH = (date(2025, 3, 1), date(2025, 3, 31))
MARCH_2019 = (date(2019, 3, 1), date(2019, 3, 31))


def read(profile: str, *lines: str, encoding: str = "utf-8", **changed):
    meaning = load_profile(profile, "meetings").model_copy(update=changed)
    table = read_table("file.csv", "\n".join(lines).encode(encoding), meaning.all_headings())
    found = read_meetings(table, meaning, PSEUDONYMS)
    landed = found.outcome.filter(pl.col("rule").is_null() & pl.col("reason").is_null()).height
    assert found.landed == landed
    return found


def rules(found) -> list[str | None]:
    return found.outcome["rule"].to_list()


def reasons(found) -> list[tuple[str | None, str | None]]:
    return found.outcome.select("reason", "field").rows()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def landing(tmp_path) -> Landing:
    return Landing(tmp_path / "landing", "borg", PSEUDONYMS.fingerprint)


@pytest.fixture
def importing(tmp_path, landing):
    """Write a file and import it; every import is a second later than the one before."""
    times = iter(NOW + timedelta(seconds=second) for second in range(100))

    def run(profile: str, *lines: str, encoding: str = "utf-8", **options):
        path = tmp_path / "log.csv"
        path.write_bytes("\n".join([*lines, ""]).encode(encoding))
        return import_file(path, "meetings", profile, landing, PSEUDONYMS, next(times), **options)

    return run


# -- Skype for Business -------------------------------------------------------------------------------------------

SKYPE = (
    "SessionIdTime\tSessionIdSeq\tConferenceStartTime\tConferenceEndTime\tFlag\tOrganizerUri\tUserUri\tIsUserInternal\t"
    "UserJoinTime\tUserLeaveTime\tMcuType"
)


def joined(who: str, joined: str, left: str, media: str = "NULL", seq: str = "1", flag: str = "0", inside: str = "1"):
    times = ("2019-03-04 07:55:00.123", seq, "2019-03-04 07:55:00", "2019-03-04 12:00:00", flag, "sip:chef@borg.se")
    return "\t".join((*times, who, inside, joined, left, media))


def test_skype_rows_are_connections_in_utc():
    found = read(
        "skype_for_business",
        SKYPE,
        joined("sip:anna@borg.se", "2019-03-04 08:00:01.513", "2019-03-04 09:00:00.000"),
        joined("kalle@annan.se", "2019-03-04 08:05:00", "NULL", inside="0"),
        joined("+46701740605", "2019-03-04 08:10:00", "2019-03-04 08:50:00", inside="0"),
    )
    (meeting,) = found.rows.iter_rows(named=True)
    assert (meeting["started_at"], meeting["ended_at"]) == (utc("2019-03-04T08:00:01"), utc("2019-03-04T09:00:00"))
    assert (meeting["platform"], meeting["has_video"], meeting["has_telephone"]) == ("skype_for_business", None, True)
    assert meeting["organiser_key"] == PSEUDONYMS.of("sip", "chef@borg.se")
    anna, kalle, caller = found.further["participations"].iter_rows(named=True)
    assert (anna["person_key"], anna["party"]) == (PSEUDONYMS.of("mail", "Anna@borg.se"), "internal")
    assert (kalle["left_at"], kalle["party"]) == (None, "external")  # a client that crashed writes no end
    assert kalle["party_org_key"] == PSEUDONYMS.organisation_of("annan.se")
    assert (caller["person_key"], caller["endpoint"]) == (PSEUDONYMS.of("phone", "0701740605"), "phone")
    assert found.notes["rows without an end"] == 1


def test_rows_of_media_servers_tell_the_media_and_count_nothing():
    found = read(
        "skype_for_business",
        SKYPE,
        joined("anna@borg.se", "2019-03-04 08:00:00", "2019-03-04 09:00:00"),
        joined("anna@borg.se", "2019-03-04 08:00:00", "2019-03-04 09:00:00", "audio-video"),
        joined("anna@borg.se", "2019-03-04 08:30:00", "2019-03-04 08:40:00", "applicationsharing"),
    )
    assert rules(found) == [None, "media_server", "media_server"]
    assert found.rows.select("has_video", "has_telephone", "has_room_system").rows() == [(True, None, None)]
    assert found.further["participations"].height == 1


def test_conferences_of_messages_alone_and_the_servers_own_tests_stay_out():
    found = read(
        "skype_for_business",
        SKYPE,
        joined("anna@borg.se", "2019-03-04 08:00:00", "2019-03-04 09:00:00", seq="2"),
        joined("anna@borg.se", "2019-03-04 08:00:00", "2019-03-04 09:00:00", "chat", seq="2"),
        joined("prov@borg.se", "2019-03-04 08:00:00", "2019-03-04 08:01:00", seq="3", flag="1"),
        joined("prov@borg.se", "2019-03-04 08:00:00", "2019-03-04 08:01:00", seq="4", flag="3"),
        joined("anna@borg.se", "2019-03-04 08:00:00", "2019-03-04 09:00:00", seq="5", flag="2"),
        joined("anna@borg.se", "2019-03-04 08:00:00", "2019-03-04 09:00:00", seq="5", flag="2"),
    )
    assert rules(found) == [
        "instant_messages", "instant_messages", "synthetic_test", "synthetic_test", None, "same_connection",
    ]  # fmt: skip
    assert found.rows.height == 1  # of one person: whether it is a meeting is the models' business


def test_an_export_of_media_server_rows_alone_is_refused_and_not_taken_for_a_month_without_meetings():
    with pytest.raises(ConfigurationError, match="one row for each joining"):
        read(
            "skype_for_business",
            "SessionIdTime;SessionIdSeq;UserUri;McuUserInstance;McuId;UserJoinTime;UserLeaveTime",
            "2019-03-04 07:55;1;anna@borg.se;7;3;2019-03-04 08:00:00;2019-03-04 09:00:00",
        )


def test_a_name_is_nobodys_address():
    found = read(
        "skype_for_business",
        "ConfInstance;UserUri;UserJoinTime;UserLeaveTime",
        "A;Anna Svensson;2019-03-04 08:00:00;2019-03-04 09:00:00",
        "A;Anna Svensson;2019-03-04 08:01:00;2019-03-04 09:00:00",
        "A;annsve01;2019-03-04 08:00:00;2019-03-04 09:00:00",
    )
    assert found.further["participations"]["person_key"].to_list() == [None, None, PSEUDONYMS.of("upn", "annsve01")]


@pytest.mark.parametrize(
    ("separator", "encoding", "join", "leave"),
    [
        (";", "utf-16", "25.3.2019 08:00:00", "25.3.2019 09:30:00"),
        ("\t", "utf-16", "2019-03-25 08:00", "2019-03-25 09:30"),
        (";", "utf-16-le", "25/03/2019 08:00:00", "25/03/2019 09:30:00"),
        (",", "utf-8-sig", "03/25/2019 8:00:00 AM", "03/25/2019 9:30:00 AM"),
        (";", "cp1252", "2019-03-25T08:00:00.0000000Z", "2019-03-25T10:30:00+01:00"),
    ],
)
def test_exports_of_every_separator_encoding_and_spelling_of_dates(separator, encoding, join, leave):
    lines = (
        ("ConfInstance", "UserUri", "UserJoinTime", "UserLeaveTime", "Ämne"),
        ("A1", "anna@borg.se", join, leave, "Möte"),
    )
    found = read("skype_for_business", *(separator.join(line) for line in lines), encoding=encoding)
    (row,) = found.further["participations"].iter_rows(named=True)
    assert (row["joined_at"], row["left_at"]) == (utc("2019-03-25T08:00"), utc("2019-03-25T09:30"))


def test_what_is_no_instant_rejects_its_row():
    header = "ConfInstance;UserUri;UserJoinTime;UserLeaveTime"
    found = read(
        "skype_for_business",
        header,
        "A1;a@borg.se;2019-03-25;2019-03-25 09:00",
        "A1;a@borg.se;2019-03-25 08:00;sent",
        ";a@borg.se;2019-03-25 08:00;",
        "A1;b@borg.se;;2019-03-25 09:00",
        "A1;c@borg.se;2019-03-25 08:00;2019-03-25 07:00",
    )
    assert reasons(found) == [
        ("unreadable", "joined_at"), ("unreadable", "left_at"), ("missing", "meeting"), ("missing", "joined_at"),
        (None, None),
    ]  # fmt: skip
    assert found.further["participations"]["left_at"].to_list() == [None]
    assert found.notes["ends before the beginning, left out"] == 1


# -- Cisco UCM and Jabber -----------------------------------------------------------------------------------------

CDR = (
    "cdrRecordType", "globalCallID_callManagerId", "globalCallID_callId", "dateTimeOrigination", "origIpAddr",
    "callingPartyNumber", "finalCalledPartyNumber", "dateTimeConnect", "dateTimeDisconnect", "duration",
    "origDeviceName", "destDeviceName", "origVideoCap_Codec", "joinOnBehalfOf", "comment", "pkid",
    "globalCallId_ClusterId",
)  # fmt: skip
HEAD = ",".join(f'"{name}"' for name in CDR)
TYPES = ",".join(["INTEGER", "INTEGER", "INTEGER", "INTEGER", "INTEGER", *["VARCHAR(50)"] * 12])
NOON = 1741003200  # 2025-03-03 12:00 UTC


def call(pkid: str, call_id: int, number: str, at: int = NOON, lasted: int = 60, **change: object) -> str:
    cells: dict[str, object] = dict.fromkeys(CDR, "") | {
        "cdrRecordType": 1,
        "globalCallID_callManagerId": 1,
        "globalCallID_callId": call_id,
        "dateTimeOrigination": at,
        "origIpAddr": -1139627840,
        "callingPartyNumber": number,
        "finalCalledPartyNumber": "4568",
        "dateTimeConnect": at + 5 if lasted else 0,
        "dateTimeDisconnect": at + 5 + lasted,
        "duration": lasted,
        "origDeviceName": "SEP0011223344",
        "destDeviceName": "SEP0011223355",
        "origVideoCap_Codec": 0,
        "joinOnBehalfOf": 0,
        "pkid": pkid,
        "globalCallId_ClusterId": "borg",
    }
    return ",".join(f'"{value}"' if isinstance(value, str) else str(value) for value in {**cells, **change}.values())


def test_calls_of_two_land_as_totals_of_their_day():
    found = read(
        "cisco_ucm",
        HEAD,
        TYPES,
        call("p1", 1, "4567", lasted=120),
        call("p1", 1, "4567", lasted=120),  # pushed twice
        call("p2", 1, "4567", lasted=60),  # the same call after a transfer
        HEAD,
        TYPES,
        call("p3", 2, "4567", lasted=0),  # nobody answered
        call("p4", 3, "4567", origDeviceName="CSFANNA", destDeviceName="BOTKALLE", origVideoCap_Codec=103),
        call("p5", 4, "4567", at=NOON + 41400),  # half past eleven in the evening UTC is the next day here
    )
    assert rules(found) == [
        "line_of_types", None, "same_record", None, "repeated_header", "line_of_types", None, None, None,
    ]  # fmt: skip
    assert found.rows.is_empty()
    totals = found.further["meeting_totals"].sort("period_from", "modality")
    assert totals.select("period_from", "modality", "meetings", "participations", "person_minutes").rows() == [
        (date(2025, 3, 3), "phone", 2, 6, 6.0),
        (date(2025, 3, 3), "web", 1, 2, 2.0),
        (date(2025, 3, 4), "phone", 1, 2, 2.0),
    ]
    assert set(totals["basis"]) == {"one_to_one"}
    assert found.further["participations"].is_empty()


def test_an_exchange_that_does_not_say_whether_there_was_video_is_not_understood_to_say_so():
    leg = {"joinOnBehalfOf": 4, "origVideoCap_Codec": ""}
    found = read("cisco_ucm", HEAD, TYPES, call("p1", 7, "4567", **leg), call("p2", 7, "4568", **leg))
    assert found.rows["has_video"].to_list() == [None]


def test_legs_to_a_conference_bridge_make_a_meeting():
    bridge = {"destDeviceName": "CFB_1", "finalCalledPartyNumber": "b0010001"}
    found = read(
        "cisco_ucm",
        HEAD,
        TYPES,
        call("p1", 7, "4567", lasted=60),
        call("p2", 7, "4567", at=NOON + 70, lasted=600, comment="ConfControllerDn=4567;ConfRequestorDn=4567", **bridge),
        call("p3", 7, "0701740605", at=NOON + 75, lasted=300, joinOnBehalfOf=4, origDeviceName="TCTKALLE", **bridge),
        call("p4", 7, "4570", at=NOON + 75, lasted=0, joinOnBehalfOf=4, **bridge),
        call("p5", 8, "4567"),
    )
    assert rules(found) == ["line_of_types", "call_before_conference", None, None, "not_connected", None]
    (meeting,) = found.rows.iter_rows(named=True)
    assert (meeting["kind"], meeting["has_video"], meeting["has_telephone"]) == ("ad_hoc", False, True)
    assert meeting["started_at"] == utc("2025-03-03T12:01:15")
    legs = found.further["participations"]
    assert legs["endpoint"].to_list() == ["phone", "mobile"]
    assert legs["person_key"][1] == PSEUDONYMS.of("phone", "+46701740605")
    assert found.further["meeting_totals"]["meetings"].to_list() == [1]


def test_an_exchanges_file_asks_for_its_period_and_lands_no_number_or_device(importing, landing, tmp_path):
    rows = (HEAD, TYPES, call("p1", 1, "0701740605", origDeviceName="CSFANNASV", joinOnBehalfOf=4))
    with pytest.raises(ConfigurationError, match="declare it"):
        importing("cisco_ucm", *rows)
    receipt = importing("cisco_ucm", *rows, covers=MARCH)
    assert (receipt.rows_read, receipt.rows_landed, receipt.rows_excluded) == (2, 1, 1)
    assert receipt.unknown_values == {}
    assert (receipt.covers.first, receipt.covers.last) == MARCH
    text = " ".join(str(pl.read_parquet(path).rows()) for path in (tmp_path / "landing").rglob("*.parquet")).lower()
    for secret in ("701740605", "csfanna", "-1139627840"):
        assert secret not in text
    assert landing.read("participations")["endpoint"].to_list() == ["app"]


# -- Pexip --------------------------------------------------------------------------------------------------------


def saved(*records: dict) -> str:
    return json.dumps({"meta": {"next": None}, "objects": records})


def test_pexips_participants():
    leg = {
        "id": "0c1f", "conference": "/api/admin/history/v1/conference/77aa/", "display_name": "Anna Svensson",
        "remote_alias": "anna@borg.se", "protocol": "WebRTC", "service_type": "conference", "is_streaming": False,
        "start_time": "2024-05-06T08:00:00.112339", "end_time": "2024-05-06T09:00:00.5", "duration": 3600,
        "media_streams": [{"id": "1"}],
    }  # fmt: skip
    found = read(
        "pexip_history",
        saved(
            leg,
            leg | {"id": "0c20", "remote_alias": "rum7@rum.borg.se", "protocol": "SIP"},
            leg | {"id": "0c21", "is_streaming": True},
            leg | {"id": "0c22", "service_type": "test_call"},
        ),
        own=load_profile("pexip_history", "meetings").own.model_copy(
            update={"domains": ("borg.se",), "room_domains": ("rum.borg.se",)}
        ),
    )
    assert rules(found) == [None, None, "streaming", "test_call"]
    assert found.rows.select("started_at", "has_room_system").rows() == [(utc("2024-05-06T08:00"), True)]
    anna, room = found.further["participations"].iter_rows(named=True)
    assert (anna["endpoint"], anna["party"]) == ("browser", "internal")
    assert (room["endpoint"], room["person_key"], room["party"]) == ("room", None, "internal")
    assert room["room_key"] == PSEUDONYMS.of("room", "rum7@rum.borg.se")


def test_pexips_conferences_have_a_number_of_participants():
    found = read(
        "pexip_history",
        saved(
            {
                "id": "77aa", "name": "Möte", "participant_count": 4, "participants": ["/x/"],
                "start_time": "2024-05-06T08:00:00.1", "end_time": None, "service_type": "conference",
            }
        ),
    )  # fmt: skip
    assert found.rows.select("participants_reported", "ended_at").rows() == [(4, None)]
    assert found.further["participations"].is_empty()


@pytest.mark.skipif(not SAMPLES.exists(), reason="the vendors' samples are not here")
@pytest.mark.parametrize(
    ("name", "profile", "meetings", "ruled_out"),
    [
        ("pexip_history_conference.json", "pexip_history", 1, []),
        ("cucm_cdr_header_subset.csv", "cisco_ucm", 0, ["line_of_types"]),
    ],
)
def test_the_vendors_samples(name, profile, meetings, ruled_out):
    meaning = load_profile(profile, "meetings")
    table = read_table(name, (SAMPLES / name).read_bytes(), meaning.all_headings())
    found = read_meetings(table, meaning, PSEUDONYMS)
    assert found.rows.height == meetings
    assert found.outcome["rule"].drop_nulls().to_list() == ruled_out
    assert found.outcome["reason"].null_count() == found.outcome.height


# -- rooms, whole meetings and local time -------------------------------------------------------------------------


def test_room_systems_are_rooms():
    found = read(
        "telepresence",
        "Conference ID;System Name;Start Time;Duration",
        "118;Rum Fjället;2016-02-01 13:00;1:15:00",
        "118;Rum Sjön;2016-02-01 13:05;1:10:00",
    )
    assert found.rows.select("started_at", "ended_at", "has_room_system").rows() == [
        (utc("2016-02-01T12:00"), utc("2016-02-01T13:15"), True)
    ]
    rooms = found.further["participations"]
    assert rooms["room_key"].to_list() == [PSEUDONYMS.of("room", f"Rum {name}") for name in ("Fjället", "Sjön")]
    assert rooms["person_key"].null_count() == 2


def test_a_suppliers_list_of_meetings():
    found = read(
        "video_rooms",
        "Datum;Start kl;Slut kl;Rum;Antal deltagare;Typ",
        "2014-07-01;13:00;14:30;Rum 1;5;Video",
        "2014-07-01;23:30;00:15;Rum 1;;Karneval",
        "2014-07-01;13:00;14:30;Rum 1;5;Video",
        "2014-07-01;13:00;14:30;Rum 2;-2;Video",
        "Summa;;;;10;",
    )
    assert rules(found) == [None, None, "same_meeting", None, "total_row"]
    assert reasons(found)[3] == ("negative", "participants_reported")
    assert found.rows.select("started_at", "ended_at", "participants_reported", "reported_modality").rows() == [
        (utc("2014-07-01T11:00"), utc("2014-07-01T12:30"), 5, "video"),
        (utc("2014-07-01T21:30"), utc("2014-07-01T22:15"), None, None),
    ]
    assert found.further["participations"].is_empty()  # nobody says who: the number of participants counts
    assert found.days.to_list() == [date(2014, 7, 1)] * 2
    assert found.unknown_values == {("reported_modality", "karneval"): 1}


@pytest.mark.parametrize(
    ("start", "end", "minutes", "expected", "reason"),
    [
        # the hour that comes twice: no start, unless an end and a length tell which of the two it was
        ("2024-10-27 02:30", "", "", None, "clock_change"),
        ("2024-10-27 02:30", "2024-10-27 04:00", "90", ("2024-10-27T01:30", "2024-10-27T03:00"), None),
        ("2024-10-27 01:30", "2024-10-27 02:30", "", ("2024-10-26T23:30", None), None),
        ("2024-10-27 01:30", "2024-10-27 02:30", "120", ("2024-10-26T23:30", "2024-10-27T01:30"), None),
        ("2024-10-27 03:30", "", "", ("2024-10-27T02:30", None), None),
        # the hour that is left out
        ("2024-03-31 02:30", "", "", None, "clock_change"),
        ("2024-03-31 01:30", "2024-03-31 03:30", "", ("2024-03-31T00:30", "2024-03-31T01:30"), None),
    ],
)
def test_the_hour_of_the_clock_change_is_never_guessed(start, end, minutes, expected, reason):
    found = read("video_rooms", "Start;Slut;Längd (min);Rum;Deltagare", f"{start};{end};{minutes};R1;3")
    assert found.outcome["reason"].to_list() == [reason]
    times = [tuple(text and utc(text) for text in expected)] if expected else []
    assert found.rows.select("started_at", "ended_at").rows() == times


# -- importing ----------------------------------------------------------------------------------------------------

LOG = "ConfInstance;UserUri;UserJoinTime;UserLeaveTime"


def row(meeting: str, who: str, day: str = "2019-03-04") -> str:
    return f"{meeting};{who}@borg.se;{day} 08:00;{day} 09:00"


def people_by_meeting(landing: Landing) -> list[int]:
    meetings, people = landing.read("meetings"), landing.read("participations")
    assert set(people["meeting_id"]) == set(meetings["meeting_id"])
    assert meetings["meeting_id"].is_unique().all()
    return sorted(people.group_by("meeting_id").len()["len"])


def test_the_receipt_adds_up_and_the_same_file_again_changes_nothing(importing, landing, tmp_path):
    rows = (LOG, row("A", "anna"), row("A", "kalle"), row("B", "anna"), "B;x;y;z")
    receipt = importing("skype_for_business", *rows)
    assert (receipt.rows_read, receipt.rows_landed, receipt.rows_rejected, receipt.rows_excluded) == (4, 3, 1, 0)
    assert people_by_meeting(landing) == [1, 2]
    assert landing.read("rejected").select("reason", "field").rows() == [("unreadable", "joined_at")]
    before = {path: path.read_bytes() for path in (tmp_path / "landing").rglob("*.parquet")}
    assert importing("skype_for_business", *rows).status == "unchanged"
    assert {path: path.read_bytes() for path in (tmp_path / "landing").rglob("*.parquet")} == before


def test_of_a_corrected_file_nothing_of_its_predecessor_remains(importing, landing):
    first = importing("skype_for_business", LOG, row("A", "anna"), row("A", "kalle"), row("B", "anna"))
    second = importing("skype_for_business", LOG, row("A", "anna"))
    assert second.replaces_sha256 == first.file_sha256
    assert people_by_meeting(landing) == [1]
    third = importing("skype_for_business", LOG, row("A", "anna"), row("A", "kalle"), row("B", "anna"))
    assert (third.status, people_by_meeting(landing)) == ("landed", [1, 2])


def test_a_meeting_that_another_file_has_brought_is_left_out(importing, landing):
    importing("skype_for_business", LOG, row("A", "anna"), row("N", "anna", "2019-03-31"))
    april = (LOG, row("N", "kalle", "2019-04-01"), row("C", "anna", "2019-04-02"))
    receipt = importing("skype_for_business", *april)
    assert receipt.excluded_by == {"in_another_file": 1}
    assert importing("skype_for_business", *april).status == "unchanged"
    assert people_by_meeting(landing) == [1, 1, 1]


@pytest.mark.parametrize("stopped_at", ["before it counted", "before the earlier file was removed"])
def test_an_import_that_was_stopped_is_finished_by_the_next(importing, landing, monkeypatch, stopped_at):
    old, new = (LOG, row("A", "anna"), row("B", "anna")), (LOG, row("A", "anna"), row("A", "kalle"))
    importing("skype_for_business", *old)
    with monkeypatch.context() as broken:
        where = (Landing, "_merge") if stopped_at == "before it counted" else (shutil, "rmtree")
        broken.setattr(*where, _stop)
        with pytest.raises(KeyboardInterrupt):
            importing("skype_for_business", *new)
    assert importing("skype_for_business", *new).status in ("landed", "read_again")
    assert people_by_meeting(landing) == [2]


def _stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_what_a_stopped_import_left_goes_when_another_file_comes(importing, landing, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(Landing, "_merge", _stop)
        with pytest.raises(KeyboardInterrupt):
            importing("skype_for_business", LOG, row("A", "anna"))
    receipt = importing("skype_for_business", LOG, row("A", "anna"), row("A", "kalle"))
    assert (receipt.rows_landed, people_by_meeting(landing)) == (2, [2])
    assert landing.files().height == 1


def test_personal_identity_numbers_stop_the_file_and_call_numbers_do_not(importing):
    with pytest.raises(ConfigurationError, match="personal identity number"):
        importing("skype_for_business", LOG, "A;19811218-9876@borg.se;2019-03-04 08:00;2019-03-04 09:00")
    looks_like_one = 1704011004  # and is the last morning of 2023
    times = {"dateTimeOrigination": looks_like_one, "dateTimeConnect": looks_like_one}
    ids = call("p1", 8112189876, "8112189876", dateTimeDisconnect=looks_like_one, **times)
    receipt = importing("cisco_ucm", HEAD, TYPES, ids, covers=(date(2023, 12, 1), date(2024, 1, 31)))
    assert receipt.rows_landed == 1


def test_nothing_of_a_person_or_meeting_lands_in_clear(importing, tmp_path):
    importing("skype_for_business", LOG, row('"sip:chef@borg.se;opaque=app:conf"', "anna"), row("B", "x", "2019-13-01"))
    text = " ".join(str(pl.read_parquet(path).rows()) for path in (tmp_path / "landing").rglob("*.parquet"))
    for secret in ("anna", "chef", "borg.se"):
        assert secret not in text.replace("'borg'", "")


# -- what the models make of it -----------------------------------------------------------------------------------


def test_imported_meetings_count_and_cover_the_months_they_speak_for(importing, landing, tmp_path):
    importing(
        "skype_for_business",
        LOG,
        row("A", "anna"),
        row("A", "kalle"),
        row("B", "anna", "2019-04-02"),
        covers=MARCH_2019,
    )
    importing(
        "video_rooms", "Start;Slut;Rum;Antal deltagare", "2019-03-05 13:00;2019-03-05 14:00;Rum 1;5", covers=MARCH_2019
    )
    organisation = Organisation(
        id="borg",
        folder=tmp_path,
        inbox=tmp_path / "inbox",
        key_file=tmp_path / "key",
        settings=OrganisationSettings(name="Borg"),
    )
    sources = expected_sources(organisation, landing)
    assert [(source.source, source.kind) for source in sources] == [
        ("skype_for_business", "meetings"), ("video_rooms", "meetings"),
    ]  # fmt: skip
    inputs = input_tables("borg", "Borg", MethodSettings(), sources, date(2019, 6, 1))
    columns = {name: table.schema for name, table in TABLES.items()}
    warehouse = tmp_path / "warehouse.duckdb"
    engine.build(tmp_path / "landing", warehouse, inputs, columns)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        counted = connection.sql(
            "select source, people, people_basis, person_minutes, is_digital from core_meetings order by started_at"
        ).fetchall()
        covered = connection.sql(
            "select source, is_covered from core_coverage where month = '2019-03-01' order by source"
        ).fetchall()
    assert counted == [
        ("skype_for_business", 2, "joins", 120.0, True),
        ("video_rooms", 5, "reported", None, True),
        ("skype_for_business", 1, "joins", 60.0, False),
    ]
    assert covered == [("skype_for_business", True), ("video_rooms", True)]


# -- profiles -----------------------------------------------------------------------------------------------------


def test_every_ready_profile_is_written_as_it_is_read():
    names = available_profiles("meetings")
    assert set(names) == {"cisco_ucm", "pexip_history", "skype_for_business", "telepresence", "video_rooms"}
    for name in names:
        profile = load_profile(name, "meetings")
        assert profile_of(name, {**tomllib.loads(profile_toml(profile)), "name": name}) == profile


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": {"zone": "Stockholm"}}, "time zone"),
        ({"columns": {"meeting": "M"}}, "started_at or joined_at"),
        ({"constants": {"platform": "fax", "row_means": "meeting"}}, "platform 'fax' is not one of"),
        ({"starts_with": {"endpoint": {"a": "toaster"}}}, "endpoint 'toaster' is not one of"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(change, message):
    plain = {
        "name": "own", "kind": "meetings", "description": "x", "columns": {"started_at": "Start"},
        "constants": {"platform": "other", "row_means": "meeting"},
    }  # fmt: skip
    with pytest.raises(ConfigurationError, match=message):
        profile_of("own.toml", plain | change)


def test_a_log_can_be_looked_at_with_a_profile_and_not_without(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("\n".join([LOG, row("A", "anna")]), "utf-8")
    found = inspect(path, "meetings", profile="skype_for_business")
    assert (found.rows_read, found.rows_understood) == (1, 1)
    assert "anna" not in str(found)
    with pytest.raises(ConfigurationError, match="no column looks like"):
        inspect(path, "meetings")
