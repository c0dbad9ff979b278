"""Every example of a vendor that lies beside the project is read by a test, or not read for a reason written here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from connectors.session import error_code
from tests import test_room_calendars, test_teams
from tests.graph_double import call_record
from tests.pull_rig import START

SAMPLES = Path(__file__).parents[1].parent / "shared" / "reference" / "samples"
TESTS = Path(__file__).parent
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the vendors' examples are not here")

PSTN = "telephone calls outside meetings, with numbers and charges"
ATTENDANCE = "who attended needs an access policy from every organiser; the call record says who was connected"
NOTIFICATION = "notifications need a host that the vendor can reach; the list is asked every night instead"
NOT_READ = {
    "SOURCES.tsv": "says where the examples come from",
    "graph_getPstnCalls.json": PSTN,
    "graph_getDirectRoutingCalls.json": PSTN,
    "graph_attendanceReports_list.json": ATTENDANCE,
    "graph_attendanceReport_get_expand.json": ATTENDANCE,
    "graph_subscription_request.json": NOTIFICATION,
    "graph_notification_callRecord.json": NOTIFICATION,
    "graph_batch_request.json": "what we send; test_teams.py reads what we do send",
    "graph_error_429.http": "a refusal with Retry-After; test_documented_errors.py gives it to every request",
    "graph_reports_302.http": "a link without a token; test_teams_usage.py follows one like it",
    "webex_access_token.json": "a token; test_webex_tokens.py gets one like it",
    "webex_error_404.json": "a refusal; test_documented_errors.py gives it to every request",
}


def test_every_example_is_read_or_has_a_reason():
    told = "".join(path.read_text("utf-8") for path in TESTS.glob("*.py"))
    names = {path.name for path in SAMPLES.iterdir() if path.is_file()}
    by_glob = {path.name for path in SAMPLES.glob("cms_cdr_*.xml")}  # test_cms_assembly.py reads whatever there is
    unread = {name for name in names - by_glob if name not in told}
    assert unread == set()
    assert set(NOT_READ) <= names


def test_a_refusal_gives_its_code_and_nothing_else():
    answer = requests.Response()
    answer._content = (SAMPLES / "graph_error_403.json").read_bytes()
    assert error_code(answer) == "Authorization_RequestDenied"


def test_a_member_of_a_batch_is_read_as_the_record_it_is():
    members = json.loads((SAMPLES / "graph_batch_response.json").read_text("utf-8"))["responses"]
    assert {member["status"]: member["headers"].get("Retry-After") for member in members} == {429: "10", 200: None}
    (record,) = [member["body"] for member in members if member["status"] == 200]
    batch = test_teams.parse(record)
    assert (batch.pulled, batch.frames["rejected"].select("reason", "field").rows()) == (1, [("missing", "sessions")])


def test_sessions_without_segments_make_a_record():
    sessions = json.loads((SAMPLES / "graph_callRecord_sessions.json").read_text("utf-8"))["value"]
    assert test_teams.parse(call_record("m", START, sessions=sessions)).landed == 1


def test_an_event_without_times_is_rejected_and_not_guessed():
    (event,) = json.loads((SAMPLES / "graph_calendarView_doc_minimal.json").read_text("utf-8"))["value"]
    batch = test_room_calendars.parse(event)
    assert (batch.pulled, batch.landed) == (1, 0)
    assert batch.frames["rejected"]["reason"].to_list() == ["missing"]
