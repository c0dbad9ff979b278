"""What goes wrong at the simulated vendor: signing in, limits, and each fault that can be switched on."""

from __future__ import annotations

import json
from datetime import timedelta

import jwt
import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from simulator.calls import GROUP
from simulator.faults import Faults, Limit, RateLimits
from tests.simulator_client import NOW, RECORDS, Client, exempelby, served

CALLS = exempelby().calls
MEETING = next(
    row for row in range(len(CALLS)) if CALLS.kind[row] == GROUP and len({*CALLS.who[list(CALLS.sessions_of(row))]}) > 3
)
ONE = f"{RECORDS}/{CALLS.ids[MEETING]}?$expand=sessions"
CALENDAR = f"/users/{exempelby().rooms[0].mail}/calendarView?startDateTime=2026-09-01T00:00:00Z&endDateTime=2026-10-01T00:00:00Z"
LARGE = {"Prefer": "odata.maxpagesize=900"}


@pytest.fixture(scope="module")
def running():
    with served() as (service, _):
        yield service


@pytest.fixture
def service(running):
    yield running
    running.faults = Faults()


@pytest.fixture
def graph(service):
    client = Client(service.address)
    client.sign_in()
    return client


def application(service, credential) -> msal.ConfidentialClientApplication:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(service.address.ca_file)
    return msal.ConfidentialClientApplication(
        service.address.client_id,
        authority=service.address.authority,
        client_credential=credential,
        instance_discovery=False,
        http_client=session,
    )


def test_msal_signs_in_with_a_secret(service):
    found = application(service, service.address.client_secret).acquire_token_for_client(["https://x/.default"])
    client = Client(service.address)
    client.session.headers["Authorization"] = f"Bearer {found['access_token']}"
    assert client.get("/users")["value"]
    assert 3000 < found["expires_in"] <= 3600


def test_msal_is_told_that_the_secret_is_wrong(service):
    found = application(service, "guessed").acquire_token_for_client(["https://x/.default"])
    assert found["error"] == "invalid_client"
    assert found["error_description"].startswith("AADSTS7000215")


def certificate() -> tuple[str, str]:
    """Private key and self-signed certificate, as PEM."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "resfri")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=9))
    signed = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, *plain).decode(), signed.public_bytes(pem).decode()


def test_msal_signs_in_with_the_registered_certificate_and_no_other(service):
    (key, registered), (other_key, other) = certificate(), certificate()
    service.register_certificate(registered)
    for private, public, is_right in ((key, registered, True), (other_key, other, False)):
        credential = {"private_key": private, "public_certificate": public}
        found = application(service, credential).acquire_token_for_client(["https://x/.default"])
        assert ("access_token" in found) is is_right, found
    unsigned = jwt.encode({"iss": service.address.client_id, "sub": service.address.client_id}, None, algorithm="none")
    assert Client(service.address).sign_in(client_assertion=unsigned).status_code == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "guessed"}, "invalid_client"),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, "unauthorized_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "https://graph/User.Read"}, "invalid_scope"),
    ],
)
def test_wrong_sign_ins_are_refused(service, changes, error):
    answer = Client(service.address).sign_in(**changes)
    assert (answer.ok, answer.json()["error"]) == (False, error)


def test_an_unknown_tenant_is_refused(service):
    client = Client(service.address)
    elsewhere = service.address.authority.replace(service.address.tenant_id, "elsewhere")
    for path in ("/v2.0/.well-known/openid-configuration", "/oauth2/v2.0/token"):
        answer = client.session.request("POST" if path.endswith("token") else "GET", elsewhere + path)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_tenant")


@pytest.mark.parametrize("header", [None, "Bearer made-up", "Basic YTpi"])
def test_without_a_token_nothing_is_given(service, header):
    client = Client(service.address)
    client.session.headers["Authorization"] = header
    assert client.refused("/users") == (401, "InvalidAuthenticationToken")
    assert client.batch("/users").status_code == 401


def test_tokens_stop_working_after_their_uses_or_their_time(service, graph):
    service.faults = Faults(token_uses=2)
    graph.sign_in()
    assert [graph.ask("/users").status_code for _ in range(3)] == [200, 200, 401]
    service.faults = Faults(token_lifetime=0)
    graph.sign_in()
    assert graph.refused("/users") == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize(
    ("denied", "paths"),
    [
        ({"CallRecords.Read.All"}, {ONE: 403, RECORDS: 403, "/users": 200}),
        ({"User.Read.All"}, {"/users": 403, ONE: 200}),
        ({"Place.Read.All"}, {"/places/microsoft.graph.room": 403, "/users": 200}),
        ({"Calendars.Read"}, {CALENDAR: 403, "/places/microsoft.graph.room": 200, "/users": 200}),
        (
            {"CallRecord-PstnCalls.Read.All"},
            {RECORDS + "/getPstnCalls(fromDateTime=2026-10-01,toDateTime=2026-10-01)": 200},
        ),
        (
            {"CallRecord-PstnCalls.Read.All", "CallRecords.Read.All"},
            {RECORDS + "/getPstnCalls(fromDateTime=2026-10-01,toDateTime=2026-10-01)": 403},
        ),
    ],
)
def test_each_permission_can_be_missing(service, graph, denied, paths):
    service.faults = Faults(denied_permissions=frozenset(denied))
    assert {path: graph.ask(path).status_code for path in paths} == paths


@pytest.mark.parametrize("seconds", [3, None])
def test_every_third_request_is_throttled(service, graph, seconds):
    service.faults = Faults(throttle_every=3, retry_after_seconds=seconds)
    answers = [graph.ask("/users") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 200, 200, 429]
    assert answers[2].headers.get("Retry-After") == (str(seconds) if seconds else None)
    members = graph.batch(*["/users"] * 6).json()["responses"]
    assert sorted(member["status"] for member in members) == [200, 200, 200, 200, 429, 429]


def test_a_burst_of_503_ends(service, graph):
    service.faults = Faults(unavailable=2)
    assert [graph.ask("/users").status_code for _ in range(3)] == [503, 503, 200]


@pytest.mark.parametrize(("fault", "kind"), [("truncated", "json"), ("not_json", "json"), ("html", "html")])
def test_bodies_can_be_broken(service, graph, fault, kind):
    service.faults = Faults(**{fault: 1}, only="callRecord")
    assert graph.get("/users")["value"], "only call records are broken"
    answer = graph.ask(ONE)
    assert (answer.status_code, kind in answer.headers["Content-Type"]) == (200, True)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content)
    assert graph.get(ONE)["id"] == CALLS.ids[MEETING]


def test_links_can_lead_off_the_host_or_in_a_circle(service, graph):
    service.faults = Faults(next_link="off_host")
    assert graph.get(RECORDS)["@odata.nextLink"].startswith("https://graph.elsewhere.example/")
    service.faults = Faults(next_link="looping")
    first = graph.get(RECORDS)
    assert graph.get(first["@odata.nextLink"]) == first


def test_pages_can_come_twice(service, graph):
    service.faults = Faults(duplicate_page=True)
    pages = list(graph.pages(RECORDS, **LARGE))
    assert pages[::2] == pages[1::2]
    assert [item["id"] for page in pages[::2] for item in page] == CALLS.ids


def test_a_record_can_be_left_out_or_be_gone(service, graph):
    service.faults = Faults(unlisted=frozenset({CALLS.ids[3]}), gone=frozenset({CALLS.ids[4]}))
    listed = [item["id"] for item in graph.all(RECORDS, **LARGE)]
    assert [record for record in CALLS.ids if record not in listed] == [CALLS.ids[3]]
    assert graph.refused(f"{RECORDS}/{CALLS.ids[4]}") == (404, "NotFound")
    assert graph.ask(f"{RECORDS}/{CALLS.ids[3]}").ok


def test_a_record_can_lose_its_last_participant(service, graph):
    before = graph.get(ONE.replace("sessions", "sessions,participants_v2"))
    service.faults = Faults(without_last=frozenset({CALLS.ids[MEETING]}))
    after = graph.get(ONE.replace("sessions", "sessions,participants_v2"))
    assert after["version"] == before["version"] + 1
    assert after["lastModifiedDateTime"] > before["lastModifiedDateTime"]
    assert after["participants_v2"] == before["participants_v2"][:-1]
    assert {it["id"] for it in after["sessions"]} < {it["id"] for it in before["sessions"]}


def test_a_record_can_start_earlier(service, graph):
    before = graph.get(ONE)
    service.faults = Faults(earlier=frozenset({CALLS.ids[MEETING]}))
    after = graph.get(ONE)
    assert after["version"] == before["version"] + 1
    assert after["startDateTime"] < before["startDateTime"]
    assert after["startDateTime"] == after["sessions"][0]["startDateTime"]
    listed = {item["id"]: item for item in graph.all(RECORDS, **LARGE)}
    assert listed[CALLS.ids[MEETING]]["startDateTime"] == after["startDateTime"]
    query = f"?$filter=startDateTime lt {before['startDateTime']} and startDateTime ge {after['startDateTime']}"
    assert CALLS.ids[MEETING] in {item["id"] for item in graph.all(RECORDS + query, **LARGE)}


def test_a_stopped_service_cannot_be_reached():
    with served() as (service, graph):
        service.stop()
        with pytest.raises(requests.ConnectionError):
            graph.ask("/users")


def test_requests_are_counted_by_route_and_members_as_well():
    with served() as (service, graph):
        graph.batch(ONE, ONE, "/users")
        graph.ask("/nowhere")
        assert service.requests == {"token": 1, "$batch": 1, "callRecord": 2, "users": 1, "unknown": 1}


def test_rates_let_through_what_they_allow_and_say_how_long_to_wait():
    moment = [100.0]
    rates = RateLimits(lambda: moment[0])
    limit = Limit(2, 20)
    waits = []
    for second in (0, 0, 10, 19, 21, 60):
        moment[0] = 100.0 + second
        waits.append(rates.wait_for("a", limit))
    assert waits == [0, 0, 10, 1, 9, 0], "at 21 seconds the two refused ones still count"
    assert rates.wait_for("b", limit, cost=2) == 0, "another key"
    assert rates.wait_for("b", limit) == 20


def test_documented_limits_refuse_the_eleventh_reading_of_one_record():
    with served(limits="documented", now=NOW - timedelta(days=19)) as (_, graph):
        recent = f"{RECORDS}/{CALLS.ids[-30]}"
        answers = [graph.ask(recent) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert 15 <= int(answers[-1].headers["Retry-After"]) <= 20


def test_documented_limits_count_every_member_of_a_batch():
    with served(limits="documented") as (_, graph):
        statuses = [
            member["status"] for _ in range(76) for member in graph.batch(*[RECORDS + "/x"] * 20).json()["responses"]
        ]
        assert statuses.count(429) == 0, "an address that does not exist costs nothing"
        path = f"{RECORDS}?$filter=startDateTime ge 2030-01-01T00:00:00Z"
        statuses = [member["status"] for _ in range(76) for member in graph.batch(*[path] * 20).json()["responses"]]
        assert (statuses.count(200), statuses.count(429)) == (1500, 20)
