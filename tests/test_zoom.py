"""Zoom: the ways to a list, who was connected, the limits, and what the tables say of it."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConfigurationError, RetryLater, VendorChanged
from connectors.pseudonyms import Pseudonyms
from connectors.registry import SOURCES
from connectors.source import Context, Page, Window
from connectors.transport import Network
from connectors.zoom.account import DAILY, Token, ZoomAccount, ZoomCredentials
from connectors.zoom.listings import SHAPES
from connectors.zoom.lists import dates, spans
from connectors.zoom.pages import encoded
from connectors.zoom.parse import parse
from connectors.zoom.records import DAY, MEETING, revision_after
from connectors.zoom.session import regional
from tests.pull_rig import KEY, NAME, NOW, START, WINDOW, Rig
from tests.vendor_double import json_answer
from tests.zoom_double import HEAVY, ZoomDouble, ZoomUsersDouble, connection, meeting, on_dashboard, user

HOUR = timedelta(hours=1)
SAMPLES = Path(__file__).parents[1].parent / "shared" / "reference" / "samples"
CONTEXT = Context(Pseudonyms(KEY), date(2026, 11, 2))
HOME = frozenset(("exempelby.example",))


@pytest.fixture
def zoom(tmp_path):
    with ZoomDouble(tmp_path / "vendor") as double:
        double.page_size = 300
        yield double


def rig_for(double: ZoomDouble, folder: Path, **changes: object) -> Rig:
    return Rig(double.type_name, {**double.settings(), "parallel": 16, **changes}, double.ca_file, folder)


def table(frame: pl.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return frame.sort(columns).select(columns).rows()


# -- the token ------------------------------------------------------------------------------------------------------


def test_a_token_is_used_until_five_minutes_before_it_expires(zoom, monkeypatch):
    credentials = ZoomCredentials("zoom", ZoomAccount(**zoom.account()), Network(ca_file=zoom.ca_file))
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    first = credentials.headers()
    now += 3599 - 301
    assert credentials.headers() == first
    now += 2
    assert credentials.headers() != first


def test_a_refused_token_is_renewed_once_however_many_were_refused_with_it(zoom):
    credentials = ZoomCredentials("zoom", ZoomAccount(**zoom.account()), Network(ca_file=zoom.ca_file))
    first = credentials.headers()
    credentials.renew()
    second = credentials.headers()
    assert second != first
    credentials._shown.token = first["Authorization"].removeprefix("Bearer ")  # as in a thread that came later
    credentials.renew()
    assert credentials.headers() == second


@pytest.mark.parametrize(
    ("base_url", "api_url", "asked"),
    [
        ("https://api.zoom.us/v2", None, "https://api.zoom.us/v2"),
        ("https://api.zoom.us/v2", "https://api-eu.zoom.us", "https://api-eu.zoom.us/v2"),
        ("https://localhost:1/v2", "https://localhost:1", "https://localhost:1/v2"),
        ("https://gateway.example/zoom/v2", "https://api-eu.zoom.us", "https://gateway.example/zoom/v2"),
    ],
)
def test_the_region_of_the_account_is_taken_from_the_token(base_url, api_url, asked):
    assert regional("zoom", base_url, api_url) == asked


@pytest.mark.parametrize(
    "api_url", ["https://zoom.us.evil.example", "https://evilzoom.us", "http://api-eu.zoom.us", "https://evil.example"]
)
def test_a_region_that_is_not_zooms_is_refused(api_url):
    with pytest.raises(VendorChanged, match="another host"):
        regional("zoom", "https://api.zoom.us/v2", api_url)


def test_a_refused_app_is_told_what_to_compare(zoom, tmp_path):
    zoom.grant = "something_else"
    with pytest.raises(ConfigurationError, match=r"invalid_request.*account_id.*App Credentials"):
        rig_for(zoom, tmp_path).pull()


# -- the lists ------------------------------------------------------------------------------------------------------


@given(st.integers(0, 200 * 24), st.integers(1, 200 * 24))
def test_every_question_covers_its_span_and_at_most_a_month(before, hours):
    window = Window(NOW - before * HOUR, NOW + (hours - before) * HOUR)
    parts = list(spans(window))
    assert [parts[0].start, *(part.end for part in parts)] == [*(part.start for part in parts), window.end]
    for part in parts:
        first, last = (date.fromisoformat(text) for text in dates(part).values())
        assert last - first <= timedelta(days=29)
        assert first <= part.start.date()
        assert last >= (part.end - timedelta(microseconds=1)).date()


def test_six_months_are_read_in_one_pull(zoom, tmp_path):
    window = Window(NOW - timedelta(days=180), NOW)
    for week in range(25):
        zoom.put(f"m{week}", NOW - timedelta(weeks=week, hours=5))
    assert rig_for(zoom, tmp_path).pull(window).landed == 25


@pytest.mark.parametrize(
    ("plan", "has_history", "way", "telephone"),
    [
        ("pro", True, "/report/history_meetings", False),
        ("business", True, "/report/history_meetings", False),
        ("business", False, "/metrics/meetings", True),
        ("pro", False, "/report/users/anna.ek@exempelby.example/meetings", None),
    ],
)
def test_the_list_is_the_best_that_the_plan_has(zoom, tmp_path, plan, has_history, way, telephone):
    zoom.plan, zoom.has_history = plan, has_history
    zoom.put("m1", START)
    zoom.put("m2", START + HOUR, people=3)
    rig = rig_for(zoom, tmp_path)
    assert rig.pull().landed == 2
    assert zoom.routes[way] >= 1
    rows = rig.rows("meetings")
    assert table(rows, "meeting_id", "participants_reported", "organiser_party", "has_telephone") == [
        ("m1", 2, "internal", telephone),
        ("m2", 3, "internal", telephone),
    ]
    assert rig.rows("participations").height == 5
    assert rig.pull().landed == 2
    assert zoom.routes["report people"] == 2


@pytest.mark.parametrize(("plan", "has_history"), [("pro", False), ("business", True)])
def test_a_list_that_is_empty_where_the_vendor_counts_meetings_is_an_error(zoom, tmp_path, plan, has_history):
    zoom.plan, zoom.has_history = plan, has_history
    zoom.put("m1", START)
    zoom._between = lambda _request: []
    with pytest.raises(RetryLater, match=r"empty where GET /report/daily counts 1"):
        rig_for(zoom, tmp_path).pull()
    assert rig_for(zoom, tmp_path).rows("pulls")["status"].to_list() == ["failed"]


def test_no_hosts_where_the_vendor_counts_meetings_is_an_error(zoom, tmp_path):
    zoom.has_history, zoom.uncounted_hosts = False, True
    zoom.put("m1", START)
    with pytest.raises(RetryLater, match="a role that may view reports"):
        rig_for(zoom, tmp_path).pull()


def test_people_alone_are_no_contradiction(zoom, tmp_path):
    zoom.has_history = False
    zoom.put("m1", START, people=1)
    assert rig_for(zoom, tmp_path).pull().status == "complete"


def test_a_host_who_is_gone_is_counted(zoom, tmp_path):
    zoom.has_history = False
    zoom.put("m1", START)
    zoom.put("m2", START)
    zoom.rows["m2"]["host_email"] = "gone@exempelby.example"
    outcome = rig_for(zoom, tmp_path).pull()
    assert (outcome.pulled, outcome.landed, dict(outcome.excluded)) == (2, 1, {"host_gone": 1})


def test_rows_that_a_list_loses_are_missed(zoom, tmp_path):
    zoom.put("m1", START)
    zoom.put("m2", START)
    zoom.forgotten = 1
    with pytest.raises(RetryLater, match="gave 1 of 2 records"):
        rig_for(zoom, tmp_path).pull()


@pytest.mark.parametrize("status", [300, 400])
def test_a_list_whose_token_expired_is_read_again_from_its_start(zoom, tmp_path, status):
    for number in range(6):
        zoom.put(f"m{number}", START + number * HOUR)
    zoom.page_size, answered, expired = 2, zoom._history, []

    def history(request):
        if request.query.get("next_page_token") == "4" and not expired:
            expired.append(request)
            return json_answer({"code": 300, "message": "The token of Anna Ek is too old."}, status)
        return answered(request)

    zoom._history = history
    assert rig_for(zoom, tmp_path).pull().landed == 6
    asked = [r.query.get("next_page_token") for r in zoom.requests if r.path.endswith("history_meetings")]
    assert asked == [None, "2", "4", None, "2", "4"]


def test_a_token_that_always_expires_is_left_to_the_next_run(zoom, tmp_path):
    for number in range(6):
        zoom.put(f"m{number}", START)
    zoom.page_size, answered = 2, zoom._history
    zoom._history = lambda request: zoom.refuse(400) if "next_page_token" in request.query else answered(request)
    with pytest.raises(RetryLater, match="expired"):
        rig_for(zoom, tmp_path).pull()


def test_a_meeting_without_a_start_is_rejected(zoom, tmp_path):
    zoom.put("m1", START)
    zoom.spoil("m1")
    rig = rig_for(zoom, tmp_path)
    outcome = rig.pull()
    assert (outcome.pulled, outcome.landed, outcome.rejected) == (1, 0, 1)
    assert table(rig.rows("rejected"), "what", "field") == [("zoom_meeting", "history.start_time")]


def test_what_the_vendor_counts_by_day_lands_for_days_that_are_over(zoom, tmp_path):
    zoom.put("m1", START, people=3)
    zoom.put("m2", NOW - HOUR)
    rig = rig_for(zoom, tmp_path)
    rig.pull()
    columns = ("period_from", "period_to", "basis", "role", "meetings", "participations", "person_minutes")
    day = date(2026, 10, 30)
    assert table(rig.rows("meeting_totals"), *columns) == [(day, day, "vendor_report", "organised", 1, 3, None)]
    assert zoom.routes["/report/daily"] == 2


# -- who was connected ----------------------------------------------------------------------------------------------


@given(st.text("ab/+=", min_size=1, max_size=8))
def test_an_identifier_survives_the_path(uuid):
    path = f"/report/meetings/{encoded(uuid)}/participants"
    once = unquote(path)
    name = once.removeprefix("/report/meetings/").removesuffix("/participants")
    assert not name.startswith("/")
    assert "//" not in name
    assert uuid in (name, unquote(name))


def test_identifiers_with_slashes_are_asked_for(zoom, tmp_path):
    for uuid in ("/lqs+A==", "a//b==", "a/b==", "ab=="):
        zoom.put(uuid, START)
    outcome = rig_for(zoom, tmp_path).pull()
    assert (outcome.landed, outcome.excluded.total()) == (4, 0)


@pytest.mark.parametrize("refusal", [(404, 3001), (400, 3161), (400, 300)])
def test_a_report_that_is_not_ready_is_counted_and_asked_for_again(zoom, tmp_path, refusal):
    status, code = refusal
    zoom.put("m1", START, people=3)
    zoom.put("m2", START)
    zoom.instead["m1"].append(json_answer({"code": code, "message": "Anna Ek: not yet"}, status))
    rig = rig_for(zoom, tmp_path)
    outcome = rig.pull()
    assert (outcome.pulled, outcome.landed, dict(outcome.excluded)) == (2, 1, {"not_ready": 1})
    # the meeting is known to have been; who was there is not
    assert table(rig.rows("meetings"), "meeting_id", "participants_reported") == [("m1", 3), ("m2", 2)]
    assert table(rig.rows("participations"), "meeting_id") == [("m2",), ("m2",)]
    outcome = rig.pull()
    assert (outcome.landed, outcome.excluded.total()) == (2, 0)
    assert rig.rows("participations").height == 5
    assert zoom.routes["report people"] == 3


def test_a_report_that_never_comes_changes_nothing_once_it_has_landed(zoom, tmp_path):
    zoom.put("m1", START)
    zoom.connections["m1"] = []
    rig = rig_for(zoom, tmp_path)
    rig.pull()
    before = rig.content()
    assert dict(rig.pull().excluded) == {"not_ready": 1}
    assert rig.content() == before


def test_a_meeting_that_goes_on_is_left_to_the_next_run(zoom, tmp_path):
    zoom.put("m1", START)
    zoom.rows["m1"] |= {"end_time": "", "duration": 0}
    rig = rig_for(zoom, tmp_path)
    assert dict(rig.pull().excluded) == {"not_ready": 1}
    assert rig.rows("meetings").is_empty()


def test_more_people_than_a_page_holds_all_land(zoom, tmp_path):
    zoom.put("m1", START, people=7)
    zoom.page_size = 3
    rig = rig_for(zoom, tmp_path)
    rig.pull()
    assert rig.rows("participations").height == 7


def test_nobody_is_asked_about_broadcasts_and_those_who_were_alone(zoom, tmp_path):
    zoom.put("alone", START, people=1)
    zoom.put("webinar", START, people=200)
    zoom.rows["webinar"]["type"] = "Webinar"
    rig = rig_for(zoom, tmp_path)
    assert rig.pull().landed == 2
    assert zoom.routes["report people"] == 0
    assert table(rig.rows("meetings"), "meeting_id", "kind", "participants_reported") == [
        ("alone", "unknown", 1),
        ("webinar", "broadcast", 200),
    ]


def test_a_count_of_nobody_is_unknown_and_asked_about(zoom, tmp_path):
    zoom.put("m1", START)
    zoom.rows["m1"]["participants"] = 0
    rig = rig_for(zoom, tmp_path)
    rig.pull()
    assert table(rig.rows("meetings"), "participants_reported") == [(None,)]
    assert rig.rows("participations").height == 2


def test_the_dashboard_tells_devices_and_heads_in_rooms(zoom, tmp_path):
    zoom.plan = "business"
    zoom.put("m1", START, people=4)
    app, phone, h323, room = zoom.connections["m1"]
    nameless = {"id": "", "email": ""}
    zoom.dashboard["m1"] = [
        on_dashboard(app, share_desktop=True),
        on_dashboard(phone, "Phone", **nameless),
        on_dashboard(h323, "H.323/SIP", **nameless),
        on_dashboard(room, "Windows", in_room_participants=5),
    ]
    rig = rig_for(zoom, tmp_path)
    rig.pull()
    rows = rig.rows("participations").with_columns(
        person=pl.col("person_key").is_not_null(), room=pl.col("room_key").is_not_null()
    )
    assert table(rows, "endpoint", "person", "room", "people_in_room", "party") == [
        ("app", True, False, None, "internal"),
        ("phone", False, False, None, "unknown"),
        ("room", False, False, None, "unknown"),
        ("room", False, True, 5, "internal"),
    ]
    assert table(rig.rows("meetings"), "has_room_system", "has_telephone", "has_video") == [(True, True, True)]
    assert zoom.routes["report people"] == 0


def test_what_the_dashboard_does_not_know_is_asked_of_the_report(zoom, tmp_path):
    zoom.plan = "business"
    zoom.put("m1", START)
    zoom.put("m2", START)
    zoom.dashboard["m1"] = [on_dashboard(each) for each in zoom.connections["m1"]]
    rig = rig_for(zoom, tmp_path)
    assert (rig.pull().landed, rig.rows("participations").height) == (2, 4)
    assert (zoom.routes["metrics people"], zoom.routes["report people"]) == (2, 1)


def test_a_plan_in_settings_that_the_account_does_not_have_costs_the_devices_only(zoom, tmp_path, caplog):
    for number in range(3):
        zoom.put(f"m{number}", START)
    rig = rig_for(zoom, tmp_path, account=zoom.account(plan="business"), parallel=1)
    assert (rig.pull().landed, rig.rows("participations").height) == (3, 6)
    assert "going on with the report" in caplog.text


def test_a_token_that_expires_while_many_ask_loses_nobody(zoom, tmp_path):
    zoom.faults.token_uses = 60
    for number in range(100):
        zoom.put(f"m{number}", START)
    rig = rig_for(zoom, tmp_path)
    assert (rig.pull().landed, rig.rows("participations").height) == (100, 200)


# -- limits ---------------------------------------------------------------------------------------------------------


def test_requests_for_a_thousand_meetings_and_for_the_next_night(zoom, tmp_path):
    for number in range(1000):
        zoom.put(f"m{number}", START + (number % 1440) * timedelta(seconds=59))
    rig = rig_for(zoom, tmp_path)
    outcome = rig.pull()
    assert (outcome.landed, rig.rows("meetings").height, rig.rows("participations").height) == (1000, 1000, 2000)
    assert abs(outcome.requests - 1004) <= 0.02 * 1004
    assert zoom.routes["/report/history_meetings"] == 4
    zoom.put("m7", START + 7 * timedelta(seconds=59), people=3)
    for number in range(5):
        zoom.put(f"new{number}", NOW - HOUR)
    outcome = rig.pull(Window(WINDOW.start, NOW + HOUR), NOW + HOUR)
    assert outcome.landed == 1005
    assert zoom.routes["report people"] == 1000 + 1 + 5
    assert outcome.requests <= 4 + 2 + 6


@pytest.mark.parametrize(("plan", "meetings"), [("business", 200), ("pro", 50)])
def test_the_documented_rate_is_used_without_being_told_to_slow_down(zoom, tmp_path, plan, meetings):
    """Real time: 10 or 40 requests a second at most, and 0.2 seconds for each answer.

    The rate is that of the long part, after the lists; a machine that is busy otherwise gets three attempts.
    """
    zoom.plan, zoom.is_limited, zoom.latency = plan, True, 0.2
    for number in range(meetings):
        zoom.put(f"m{number}", START)
        zoom.dashboard[f"m{number}"] = [on_dashboard(each) for each in zoom.connections[f"m{number}"]]
    measured = []
    for attempt in range(3):
        zoom.asked_people.clear()
        zoom.refused = 0
        rig = rig_for(zoom, tmp_path / str(attempt), limits="documented")
        outcome = rig.pull()
        assert outcome.landed == meetings
        assert rig.rows("participations").height == 2 * meetings
        rate = (meetings - 1) / (zoom.asked_people[-1] - zoom.asked_people[0])
        measured.append((rate / HEAVY[plan], zoom.refused / outcome.requests))
        if measured[-1][0] >= 0.95 and measured[-1][1] <= 0.01:
            return
    pytest.fail(f"share of the rate, share of 429: {measured}")


def test_the_budget_of_the_day_ends_a_run_and_the_next_day_goes_on(zoom, tmp_path):
    for number in range(12):
        zoom.put(f"m{number}", START + number * HOUR)
    account = zoom.account(daily_requests=20, daily_budget_share=0.5)
    rig = rig_for(zoom, tmp_path, account=account, limits="documented", parallel=1)
    with pytest.raises(RetryLater, match=r"10 of the account's 20 daily requests are used up, 10 are left for its"):
        rig.pull()
    assert len(zoom.requests) == 10
    landed = rig.rows("meetings").height
    assert 0 < landed < 12
    assert rig.rows("pulls")["status"].to_list() == ["partial"]
    later = NOW + HOUR
    with pytest.raises(RetryLater, match="00:00 GMT"):
        rig.pull(Window(WINDOW.start, later), later)
    assert len(zoom.requests) == 10
    tomorrow = NOW + timedelta(days=1)
    rig.raw_settings = {**rig.raw_settings, "account": zoom.account()}
    assert rig.pull(Window(WINDOW.start, tomorrow), tomorrow).landed == 12
    assert zoom.routes["report people"] == 12


def test_a_daily_limit_that_others_used_up_waits_for_the_next_run(zoom, tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.transport.LONGEST_WAIT_SECONDS", 0.0)
    zoom.is_limited, zoom.daily = True, 4
    for number in range(5):
        zoom.put(f"m{number}", START)
    with pytest.raises(RetryLater, match=r"pause of \d+ minutes \(status 429\)"):
        rig_for(zoom, tmp_path, parallel=1).pull()


@pytest.mark.parametrize(("plan", "daily", "allowance"), [("pro", 30_000, 24_000), ("business", 60_000, 48_000)])
def test_the_documented_days_are_the_default(plan, daily, allowance):
    account = ZoomAccount(account_id="a", client_id="c", client_secret="s", plan=plan)
    assert (account.daily, account.allowance, DAILY[plan]) == (daily, allowance, daily)


@pytest.mark.parametrize("secrets", [{}, {"client_secret": "s", "client_secret_file": "f"}])
def test_one_secret_is_needed(secrets):
    with pytest.raises(ValueError, match="exactly one of client_secret, client_secret_file"):
        ZoomAccount(account_id="a", client_id="c", **secrets)


# -- what the tables say --------------------------------------------------------------------------------------------


def one(listed: dict, domains=HOME, **parts: object) -> dict[str, pl.DataFrame]:
    body = msgspec.json.encode([{"history": listed, **parts}])
    return dict(parse(Page(MEETING, body, {}), domains, CONTEXT).frames)


@pytest.mark.parametrize(
    ("id_", "mail", "account", "party", "is_known"),
    [
        # with home domains the address decides
        ("x", "bo@exempelby.example", None, "internal", True),
        ("", "Bo@Exempelby.Example", None, "internal", True),
        ("x", "bo@annan.example", None, "external", True),
        ("x", "", None, "unknown", True),
        ("", "", None, "unknown", False),
        # without them the account's users do
        ("x", "bo@annan.example", ["x"], "internal", True),
        ("", "Bo@annan.example", ["bo@annan.example"], "internal", True),
        ("y", "", ["x"], "external", True),
        ("", "", ["x"], "unknown", False),
    ],
)
def test_who_belongs_to_the_organisation(id_, mail, account, party, is_known):
    parts = {"account": account} if account else {}
    rows = one(
        meeting("m", START), HOME if account is None else frozenset(),
        report=[connection(1, START, id=id_, user_email=mail)], **parts,
    )["participations"]  # fmt: skip
    assert rows["party"].to_list() == [party]
    assert rows["person_key"].is_not_null().to_list() == [is_known]


def test_without_domains_the_users_of_the_account_are_asked(zoom, tmp_path):
    zoom.put("m1", START)
    zoom.users = [user("0"), user("9", status="inactive", email="anna.ek@exempelby.example")]
    rig = rig_for(zoom, tmp_path, home_domains=[])
    rig.pull()
    assert table(rig.rows("participations"), "party") == [("external",), ("internal",)]
    assert table(rig.rows("meetings"), "organiser_party") == [("internal",)]


def test_people_without_address_stay_one_row_per_connection_and_unidentified():
    nameless = {"id": "", "user_email": "", "user_id": None}
    rows = one(
        meeting("m", START),
        report=[connection(1, START, name=name, **nameless) for name in ("Anna Ek", "Bo Lind")],
    )["participations"]
    assert rows["person_key"].to_list() == [None, None]
    assert rows["participation_id"].n_unique() == 2


def test_waiting_is_not_taking_part():
    waited = connection(1, START, status="in_waiting_room")
    rows = one(meeting("m", START), report=[waited, connection(1, START + HOUR)])["participations"]
    assert rows["joined_at"].to_list() == [START + HOUR]


def test_lengths_are_seconds_in_the_report_and_minutes_in_the_list():
    frames = one(
        meeting("m", START, minutes=41, end_time=""),
        report=[connection(1, START, leave_time="", duration=90)],
    )
    assert frames["meetings"]["ended_at"].to_list() == [START + timedelta(minutes=41)]
    assert frames["participations"]["left_at"].to_list() == [START + timedelta(seconds=90)]


@pytest.mark.parametrize(
    ("text", "minutes"), [("40:48", 40.8), ("1:02:30", 62.5), ("01:00:00", 60.0), (1800, None), ("", None)]
)
def test_lengths_on_the_dashboard_are_clocks(text, minutes):
    row = {"uuid": "m", "start_time": "2026-10-30T09:00:00Z", "duration": text}
    ended_at = SHAPES["dashboard"].decode(json.dumps(row)).listing.ended_at
    assert ended_at == (None if minutes is None else START + timedelta(minutes=minutes))


@pytest.mark.parametrize(("number", "is_joined"), [(81234567890, True), (0, False), (12345, False), (None, False)])
def test_meetings_of_one_number_share_a_join_key(number, is_joined):
    key = one(meeting("m", START, meeting_id=number))["meetings"]["join_key"].item()
    assert key == (
        CONTEXT.pseudonyms.join_address(f"https://exempelby.zoom.us/j/{number}?pwd=x") if is_joined else None
    )


def test_an_unknown_device_and_type_are_told():
    body = [{"history": meeting("m", START, type="Séance"), "metrics": [on_dashboard(connection(1, START), "Abacus")]}]
    batch = parse(Page(MEETING, msgspec.json.encode(body), {}), HOME, CONTEXT)
    assert dict(batch.unknown_values) == {("type", "Séance"): 1, ("device", "Abacus"): 1}
    assert batch.frames["participations"]["endpoint"].to_list() == ["unknown"]


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1))
def test_versions_grow_with_every_change_and_only_then(history):
    """Each step: what the list says, and whether the people came."""
    known, seen = None, None
    for fingerprint, is_whole in history:
        revision = revision_after(known, fingerprint)
        assert (revision is None) == (seen == (fingerprint, True))
        if revision is None:
            continue
        version = revision << 33 | (1 << 32 if is_whole else 0) | fingerprint
        assert known is None or version > known or (version == known and seen == (fingerprint, is_whole))
        known, seen = version, (fingerprint, is_whole)


def test_users_give_identities_and_people_only_where_zoom_is_the_directory(tmp_path):
    with ZoomUsersDouble(tmp_path / "vendor") as double:
        double.users = [user("1"), user("2", status="inactive", dept=""), user("3", dept="Socialtjänst")]
        settings = {**double.settings(), "excluded_departments": ["Socialtjänst"]}
        rig = Rig("zoom_users", settings, double.ca_file, tmp_path / "org")
        outcome = rig.pull()
        assert (outcome.pulled, outcome.landed, dict(outcome.excluded)) == (3, 2, {"excluded_department": 1})
        assert rig.rows("people").sort("is_active").select("department", "is_active").rows() == [
            (None, False),
            ("Skola", True),
        ]
        of = CONTEXT.pseudonyms.of
        assert set(rig.rows("identities").select("alias_key", "person_key", "alias_kind").rows()) == {
            (of("zoom_id", f"person-{n}"), of("mail", f"person-{n}@exempelby.example"), "zoom_id") for n in (1, 2)
        }
        other = Rig("zoom_users", {**settings, "is_directory": False}, double.ca_file, tmp_path / "other")
        other.pull()
        assert other.rows("people").is_empty()
        assert other.rows("identities").height == 2


# -- the doctor -----------------------------------------------------------------------------------------------------


def doctor(double: ZoomDouble, **changes: object) -> dict[str, tuple[bool, str]]:
    source = SOURCES[double.type_name]
    parsed = source.settings.model_validate({**double.settings(), **changes})
    session = source.open_session(NAME, parsed, Network(ca_file=double.ca_file))
    return {finding.what: (finding.is_good, finding.message) for finding in source.check(session, parsed, NOW)}


def test_the_doctor_tells_way_age_plan_and_budget(zoom):
    zoom.put("m1", NOW - 5 * HOUR)
    found = doctor(zoom, limits="documented")
    assert all(is_good for is_good, _ in found.values()), found
    assert "(history); the newest began 2026-11-01 22:00 UTC" in found["meetings"][1]
    assert "plan pro" in found["GET /report/meetings/{meetingId}/participants"][1]
    # one for the list, one for who was connected
    assert "23998 of this source's 24000" in found["budget"][1]


def test_the_doctor_names_the_scope_that_the_token_lacks(zoom, monkeypatch):
    monkeypatch.setattr("tests.zoom_double.SCOPES", ("report:read:admin",))
    is_good, message = doctor(zoom, home_domains=[])["token"]
    assert not is_good
    assert "user:read:list_users:admin" in message
    assert "marketplace.zoom.us" in message
    assert "report:read" not in message


def test_a_refused_scope_is_named(zoom, tmp_path):
    zoom.faults.is_denied = True
    with pytest.raises(ConfigurationError, match=r"4711.*report:read:daily_usage:admin.*Add Scopes"):
        rig_for(zoom, tmp_path).pull()


def test_the_doctor_says_when_the_account_has_no_dashboard(zoom):
    zoom.put("m1", NOW - 5 * HOUR)
    is_good, message = doctor(zoom, account=zoom.account(plan="business"))[
        "GET /metrics/meetings/{meetingId}/participants"
    ]
    assert not is_good
    assert 'plan = "pro"' in message


# -- the vendor's own examples --------------------------------------------------------------------------------------

LISTED = {
    "zoom_report_history_meetings_constructed.json": ("history", "history_meetings"),
    "zoom_metrics_meetings_constructed.json": ("dashboard", "meetings"),
    "zoom_report_user_meetings.json": ("hosted", "meetings"),
}
CONNECTED = {
    "zoom_report_participants.json": ("report", 1),
    "zoom_metrics_participants.json": ("metrics", 1),  # the other one only waited
}
NOT_READ = {
    "zoom_error_1001.json": "an error; the double gives it for a host who is gone",
    "zoom_error_200_plan.json": "an error; the double gives it for what the plan lacks",
    "zoom_error_3001.json": "an error; the double gives it for a meeting that is not there",
    "zoom_error_300_token.json": "an error; the double gives it for a page token that expired",
    "zoom_error_429_daily.http": "an error; the double gives it when the day's limit is used up",
    "zoom_error_429_qps.json": "an error; the double gives it when the second's limit is used up",
    "zoom_error_4711_scope.json": "an error; the double gives it for a missing scope",
    "zoom_meeting.json": "a planned meeting; only those that took place are read",
    "zoom_user_meetings.json": "planned meetings; only those that took place are read",
    "zoom_metrics_meeting.json": "one meeting of the dashboard's list, which has the same",
    "zoom_report_meeting.json": "one meeting by number; the lists tell the same of every occurrence",
    "zoom_past_meeting_constructed.json": "one meeting; the lists tell the same",
    "zoom_past_meeting_participants.json": "tells no connections, only who was there",
    "zoom_report_telephone.json": "cost of telephone calls; who called is in the report of the meeting",
    "zoom_rooms.json": "rooms without place or seats",
    "zoom_metrics_zoomrooms.json": "rooms without place or seats",
    "zoom_user.json": "one user; the list tells the same",
}


def sample(name: str) -> dict:
    if not SAMPLES.is_dir():
        pytest.skip("the vendor's examples are not here")
    return json.loads((SAMPLES / name).read_text("utf-8"))


@pytest.mark.parametrize("name", LISTED)
def test_the_vendors_examples_of_lists_land(name):
    shape, key = LISTED[name]
    body = [{shape: row} for row in sample(name)[key]]
    batch = parse(Page(MEETING, msgspec.json.encode(body), {}), HOME, CONTEXT)
    assert batch.landed == batch.pulled == len(body)
    assert not batch.unknown_values


@pytest.mark.parametrize("name", CONNECTED)
def test_the_vendors_examples_of_connections_land(name):
    part, expected = CONNECTED[name]
    frames = one(meeting("m", START), **{part: sample(name)["participants"]})
    assert frames["participations"].height == expected


def test_the_vendors_other_examples_are_read():
    days = sample("zoom_report_daily.json")["dates"]
    batch = parse(Page(DAY, msgspec.json.encode(days), {}), HOME, CONTEXT)
    assert batch.frames["meeting_totals"].height == len(days)
    assert not batch.unparsed
    token = msgspec.json.decode(json.dumps(sample("zoom_oauth_token.json")), type=Token)
    assert regional("zoom", "https://api.zoom.us/v2", token.api_url) == "https://api-eu.zoom.us/v2"
    users = SOURCES["zoom_users"]
    settings = users.settings.model_validate(
        {"account": {"account_id": "a", "client_id": "c", "client_secret": "s"}, "type": "zoom_users"}
    )
    for name in ("zoom_users.json", "zoom_report_users.json"):
        body = msgspec.json.encode(sample(name)["users"])
        assert users.parse(Page("zoom_user", body, {}), settings, CONTEXT).landed == len(sample(name)["users"])


def test_every_example_is_read_or_has_a_reason():
    if not SAMPLES.is_dir():
        pytest.skip("the vendor's examples are not here")
    read = {*LISTED, *CONNECTED, "zoom_report_daily.json", "zoom_oauth_token.json", "zoom_users.json"}
    read |= {"zoom_report_users.json"}
    assert {path.name for path in SAMPLES.glob("zoom_*")} == read | set(NOT_READ)
    assert not read & set(NOT_READ)
