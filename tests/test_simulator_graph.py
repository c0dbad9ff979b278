"""The simulated Microsoft Graph, asked over TLS: what each route gives, page by page and version by version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import numpy as np
import pytest

from simulator.calls import NO_THREAD, PEER, SERVICE
from tests.simulator_client import NOW, RECORDS, Client, exempelby, served

CALLS = exempelby().calls
CROWD = max(range(len(CALLS)), key=lambda call: len(CALLS.sessions_of(call)))


@pytest.fixture(scope="module")
def service():
    with served() as (service, _):
        yield service


@pytest.fixture
def graph(service):
    service.now = NOW
    client = Client(service.address)
    client.sign_in()
    return client


def at(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds))


def record(row: int, expand: str = "sessions") -> str:
    return f"{RECORDS}/{CALLS.ids[row]}?$expand={expand}"


def test_the_list_gives_every_call_once_sixty_a_page(graph):
    pages = list(graph.pages(RECORDS))
    assert {len(page) for page in pages[:-1]} == {60}
    assert [item["id"] for page in pages for item in page] == CALLS.ids
    first = pages[0][0]
    assert "sessions" not in first
    assert "participants_v2" not in first
    organiser = exempelby().cast.identities[CALLS.organiser[0]]
    assert first["organizer_v2"]["id"] == organiser.id


def test_pages_can_be_larger_and_links_remember_it(graph):
    sizes = [len(page) for page in graph.pages(RECORDS, Prefer="odata.maxpagesize=400")]
    assert set(sizes[:-1]) == {400}
    link = graph.get(RECORDS, Prefer="odata.maxpagesize=400")["@odata.nextLink"]
    assert len(graph.get(link)["value"]) == 400


@pytest.mark.parametrize(
    ("clauses", "is_wanted"),
    [
        ("startDateTime ge {t}", lambda start, t: start >= t),
        ("startDateTime gt {t}", lambda start, t: start > t),
        ("startDateTime lt {t}", lambda start, t: start < t),
        ("startDateTime le {t}", lambda start, t: start <= t),
        ("startDateTime ge {t} and startDateTime lt {u}", lambda start, t: (start >= t) & (start < t + 86_400_000_000)),
    ],
)
def test_filters_cut_to_the_microsecond(graph, clauses, is_wanted):
    instant = int(CALLS.start[500])
    texts = {"t": at(instant), "u": at(instant + 86_400_000_000)}
    written = {name: moment.isoformat().replace("+00:00", "Z") for name, moment in texts.items()}
    found = [item["id"] for item in graph.all(f"{RECORDS}?$filter={quote(clauses.format(**written))}")]
    assert found == [CALLS.ids[row] for row in np.flatnonzero(is_wanted(CALLS.start, instant))]


def test_days_side_by_side_hold_every_call_once(graph):
    found = []
    for day in (datetime(2026, 8, 31, tzinfo=UTC) + timedelta(days=number) for number in range(63)):
        since, until = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (day, day + timedelta(days=1)))
        query = f"startDateTime ge {since} and startDateTime lt {until}"
        found += [item["id"] for item in graph.all(f"{RECORDS}?$filter={quote(query)}")]
    assert found == CALLS.ids


@pytest.mark.parametrize(
    "path",
    [
        f"{RECORDS}?$filter=type eq 'groupCall'",
        f"{RECORDS}?$filter=startDateTime ge yesterday",
        f"{RECORDS}?$filter=startDateTime ge 2026-10-01T00:00:00",
        f"{RECORDS}?$filter=startDateTime ge 2026-10-01T00:00:00Z or startDateTime lt 2026-10-01T00:00:00Z",
        f"{RECORDS}?$skiptoken=guessed",
        f"{RECORDS}/{CALLS.ids[0]}?$expand=participants",
        "/users?$top=1000",
        "/users?$top=0",
        "/users?$top=many",
        "/users?$skip=10",
        "/users?$select=id,password",
        f"{RECORDS}/getPstnCalls(fromDateTime=2026-10-01)",
        f"{RECORDS}/getPstnCalls(fromDateTime=2026-10-41,toDateTime=2026-10-02)",
        f"{RECORDS}/getPstnCalls(fromDateTime=2026-10-02,toDateTime=2026-10-01)",
        "/groups",
    ],
)
def test_what_graph_cannot_read_is_a_bad_request(graph, path):
    assert graph.refused(path) == (400, "BadRequest")


def test_a_record_that_never_was_is_not_found(graph):
    assert graph.refused(f"{RECORDS}/00000000-0000-4000-8000-000000000000") == (404, "NotFound")


def test_telephone_ranges_are_at_most_ninety_days(graph):
    path = RECORDS + "/getPstnCalls(fromDateTime=2026-07-01,toDateTime={})"
    assert graph.ask(path.format("2026-09-29")).status_code == 200
    assert graph.ask(path.format("2026-09-30")).status_code == 406


def participant_of(endpoint: dict) -> str | None:
    identity = endpoint.get("identity", {})
    return next((one["id"] for one in identity.values()), None)


def test_sessions_say_who_was_connected_from_when_to_when(graph):
    outbound = np.searchsorted(CALLS.first, np.flatnonzero(CALLS.is_outbound), side="right") - 1
    for row in (CROWD, int(outbound[0]), *range(60)):
        found = graph.get(record(row))
        sessions = found["sessions"]
        if "sessions@odata.nextLink" in found:
            sessions = sessions + graph.all(found["sessions@odata.nextLink"])
        assert [session["id"] for session in sessions] == [CALLS.session_ids[it] for it in CALLS.sessions_of(row)]
        for it, session in zip(CALLS.sessions_of(row), sessions, strict=True):
            assert datetime.fromisoformat(session["startDateTime"]) == at(CALLS.session_start[it])
            assert datetime.fromisoformat(session["endDateTime"]) == at(CALLS.session_end[it])
            who = [int(number) for number in (CALLS.who[it], CALLS.other[it])]
            ends = [exempelby().cast.identities[n].id if n != SERVICE else None for n in who]
            called, calling = ("caller", "callee") if CALLS.is_outbound[it] else ("callee", "caller")
            assert [participant_of(session[side]) for side in (calling, called)] == ends
            assert session["isTest"] == bool(CALLS.is_test[it])
        assert found["type"] == ("peerToPeer" if CALLS.kind[row] == PEER else "groupCall")
        assert (found["joinWebUrl"] is None) == (CALLS.thread[row] == NO_THREAD)


def test_sixty_sessions_and_a_hundred_and_thirty_participants_a_page(graph):
    found = graph.get(record(CROWD, "sessions($expand=segments),participants_v2"))
    assert (len(found["sessions"]), len(found["participants_v2"])) == (60, 130)
    rest = list(graph.pages(found["sessions@odata.nextLink"]))
    assert len(rest[0]) == 60
    assert all(session["segments"] for page in rest for session in page)
    people = found["participants_v2"] + graph.all(found["participants_v2@odata.nextLink"])
    assert len({one["id"] for one in people}) == len(people) == len({*CALLS.who[list(CALLS.sessions_of(CROWD))]})
    for name, whole in (("sessions", None), ("participants_v2", people)):
        listed = graph.all(f"{RECORDS}/{CALLS.ids[CROWD]}/{name}")
        assert len(listed) == len(CALLS.sessions_of(CROWD)) if whole is None else listed == whole


def first_session(graph, kind: str) -> dict:
    town = exempelby()
    numbers = [n for n, identity in enumerate(town.cast.identities) if identity.kind == kind]
    row = int(np.flatnonzero(np.isin(CALLS.who, numbers) & (CALLS.other == SERVICE) & ~CALLS.is_outbound)[0])
    call = int(np.searchsorted(CALLS.first, row, side="right")) - 1
    sessions = graph.get(f"{RECORDS}/{CALLS.ids[call]}/sessions?$expand=segments")["value"]
    return next(session for session in sessions if session["id"] == CALLS.session_ids[row])


def test_each_sort_of_participant_looks_as_graph_shows_it(graph):
    user, room, phone, outside, guest = (
        first_session(graph, kind)["caller"] for kind in ("user", "room", "phone", "outside", "guest")
    )
    assert user["identity"]["user"]["userPrincipalName"].endswith("@exempelby.example")
    assert room["userAgent"]["platform"] == "roomSystem"
    assert phone["identity"]["phone"]["id"].startswith("+46")
    stranger = outside["identity"]["user"]
    assert (stranger["displayName"], stranger["userPrincipalName"]) == (None, None)
    assert stranger["tenantId"] != exempelby().tenant_id
    assert guest["identity"]["guest"]["displayName"].startswith("Besökare")
    callee = first_session(graph, "user")["callee"]
    assert callee["@odata.type"] == "#microsoft.graph.callRecords.serviceEndpoint"


def test_personal_data_is_in_the_payload_as_graph_sends_it(graph):
    numbers = CALLS.who[list(CALLS.sessions_of(CROWD))].tolist()
    text = graph.ask(record(CROWD, "sessions($expand=segments)")).text
    person = exempelby().people[numbers[0]]
    for personal in (person.display_name, person.upn, person.entra_id, person.machine, person.ip_address):
        assert personal in text
    assert person.ip_address not in graph.ask(record(CROWD)).text, "addresses come with segments only"


def test_batches_answer_each_member_by_itself(graph):
    answer = graph.batch(record(0), f"{RECORDS}/gone", record(1), "/users?$top=1000")
    members = {member["id"]: member for member in answer.json()["responses"]}
    assert answer.status_code == 200
    assert {number: member["status"] for number, member in members.items()} == {"0": 200, "1": 400, "2": 200, "3": 400}
    assert members["2"]["body"] == graph.get(record(1))


@pytest.mark.parametrize("size", [0, 21])
def test_batches_hold_one_to_twenty_members(graph, size):
    assert graph.batch(*["/users"] * size).status_code == 400
    assert graph.batch(*["/users"] * 20).status_code == 200


def test_users_give_only_what_is_selected(graph):
    names = {"id", "department", "employeeId", "mobilePhone", "accountEnabled", "proxyAddresses"}
    found = graph.all(f"/users?$select={','.join(sorted(names))}&$top=50")
    assert {frozenset(user) for user in found} == {frozenset(names)}
    by_id = {user["id"]: user for user in found}
    assert len(by_id) == len(found) == len(exempelby().people) + len(exempelby().rooms)
    person = exempelby().people[3]
    assert by_id[person.entra_id]["employeeId"] == person.employee_no
    assert by_id[person.entra_id]["mobilePhone"] == person.mobile_as_written
    assert "department" not in graph.get("/users")["value"][0], "it is not in the default set"
    assert len(graph.get("/users")["value"]) == 100


def test_people_who_come_later_are_not_yet_users_and_those_who_left_are_disabled(service, graph):
    enabled = {user["id"] for user in graph.all("/users?$select=id,accountEnabled") if user["accountEnabled"]}
    for person in exempelby().people:
        assert (person.entra_id in enabled) == (person.after_month == exempelby().period.months)
    service.now = datetime(2026, 9, 2, tzinfo=UTC)
    there = {user["id"] for user in graph.all("/users?$select=id")}
    late = {person.entra_id for person in exempelby().people if person.first_month > 0}
    assert late
    assert not late & there


def test_rooms_are_places(graph):
    rooms = {room["id"]: room for room in graph.all("/places/microsoft.graph.room")}
    for room in exempelby().rooms:
        assert rooms[room.entra_id]["capacity"] == room.capacity
        assert (rooms[room.entra_id]["videoDeviceName"] is not None) == room.has_video


def test_the_telephone_log_has_every_session_with_a_telephone(graph):
    town = exempelby()
    rows = graph.all(f"{RECORDS}/getPstnCalls(fromDateTime=2026-08-31,toDateTime=2026-10-31)")
    by_phone = np.maximum(CALLS.who, CALLS.other) >= town.cast.first_phone
    assert {row["id"] for row in rows} == {CALLS.session_ids[it] for it in np.flatnonzero(by_phone)}
    assert {row["callType"] for row in rows} == {"conf_in", "conf_out", "user_in", "user_out"}
    numbers = {identity.id for identity in town.cast.identities if identity.kind == "phone"}
    for row in rows:
        outside = row["calleeNumber"] if row["callType"].endswith("_out") else row["callerNumber"]
        assert outside in numbers


def test_the_telephone_log_of_one_day_holds_that_day_whole(graph):
    rows = graph.all(f"{RECORDS}/getPstnCalls(fromDateTime=2026-09-14,toDateTime=2026-09-14)")
    wanted = set()
    for call in range(len(CALLS)):
        if f"{at(CALLS.start[call]):%Y-%m-%d}" == "2026-09-14":
            for it in CALLS.sessions_of(call):
                if max(CALLS.who[it], CALLS.other[it]) >= exempelby().cast.first_phone:
                    wanted.add(CALLS.session_ids[it])
    assert {row["id"] for row in rows} == wanted != set()


def test_a_record_appears_when_its_first_version_is_written_and_grows(service, graph):
    row = next(r for r in range(len(CALLS)) if CALLS.version[r] == 3 and len(CALLS.sessions_of(r)) >= 6)
    step = (int(CALLS.modified[row]) - int(CALLS.end[row])) // 3
    seen = []
    for version in range(4):
        service.now = at(int(CALLS.end[row]) + version * step + 1_000_000)
        answer = graph.ask(record(row))
        seen.append((answer.json()["version"], len(answer.json()["sessions"])) if answer.ok else None)
        listed = {item["id"]: item["version"] for item in graph.all(RECORDS, Prefer="odata.maxpagesize=900")}
        assert listed.get(CALLS.ids[row]) == (version or None)
    size = len(CALLS.sessions_of(row))
    assert seen == [None, (1, size // 3), (2, size * 2 // 3), (3, size)]


def test_documented_limits_keep_thirty_days():
    now = datetime(2026, 10, 25, tzinfo=UTC)
    with served(now, "documented") as (_, graph):
        oldest = min(item["startDateTime"] for item in graph.all(RECORDS))
        assert oldest >= "2026-09-25"
        assert graph.refused(record(0)) == (404, "NotFound")
    with served(now) as (_, graph):
        assert graph.get(record(0))["id"] == CALLS.ids[0]
