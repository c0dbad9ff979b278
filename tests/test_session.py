"""The polite session: what it waits for, what it refuses to do, and what its messages say."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from connectors.errors import ConfigurationError, RetryLater, SkippedRecord, VendorChanged
from connectors.session import Ask, Limit, VendorSession, error_code, json_of
from connectors.transport import Network, http_session, seconds_until
from tests.vendor_double import Answer, VendorDouble, json_answer

ROUTE = "GET /things/{id}"


class Things(VendorDouble):
    """Answers every path with the path."""

    def is_sign_in(self, request):  # noqa: ARG002
        return False

    def _accepts(self, token):
        return token == f"pass-{self.renewals}"

    def answer(self, request):
        return self.canned.get(request.path) or json_answer({"path": request.path, "query": request.query})

    def refuse(self, status, headers=None):
        return json_answer(
            {"error": {"code": "NoEntry", "message": "Anna Ek, anna.ek@exempelby.example"}}, status, headers
        )


class Pass:
    """Credentials that count how often they were renewed."""

    def __init__(self, things):
        self.things, self.count = things, 0

    def headers(self):
        return {"Authorization": f"Bearer pass-{self.count}"}

    def renew(self):
        self.count += 1


@pytest.fixture
def things(tmp_path):
    with Things(tmp_path / "vendor") as double:
        double.canned, double.renewals = {}, 0
        yield double


def session(things, **options):
    return VendorSession("things", f"{things.root}/v1", Pass(things), Network(ca_file=things.ca_file), **options)


def test_a_path_is_asked_below_the_base(things):
    assert session(things).get(ROUTE, "/things/1", {"a": "å b"}).json() == {
        "path": "/v1/things/1",
        "query": {"a": "å b"},
    }


def test_a_token_that_is_refused_is_renewed_once(things):
    mine = session(things)
    things.renewals = 1
    assert mine.get(ROUTE, "/things/1").ok
    things.renewals = 3
    with pytest.raises(ConfigurationError, match="401"):
        mine.get(ROUTE, "/things/1")


@pytest.mark.parametrize(
    "link",
    ["https://elsewhere.test/v1/things", "http://{host}/v1/things", "https://{host}.elsewhere.test/", "https://x@elsewhere.test/{host}"],
)  # fmt: skip
def test_a_link_to_another_host_is_not_followed(things, link):
    link = link.format(host=things.root.removeprefix("https://"))
    with pytest.raises(VendorChanged, match="another host"):
        session(things).get(ROUTE, link)
    assert not things.requests


def test_a_path_that_looks_like_a_host_stays_on_ours(things):
    assert session(things).get(ROUTE, "//elsewhere.test/things").json()["path"] == "/v1//elsewhere.test/things"


@pytest.mark.parametrize(
    ("status", "gone", "error", "words"),
    [
        (400, None, VendorChanged, "400"),
        (403, None, ConfigurationError, "grant things.read at the desk"),
        (404, None, ConfigurationError, "base_url"),
        (404, "gone_at_vendor", SkippedRecord, "404"),
        (410, "gone_at_vendor", SkippedRecord, "410"),
        (301, None, VendorChanged, "301"),
        (500, None, RetryLater, "500.*5 times"),
        (423, None, RetryLater, "423"),
    ],
)
def test_a_refusal_says_what_to_do_and_nothing_else(things, waits, status, gone, error, words):
    things.faults.always = things.refuse(status)
    with pytest.raises(error, match=words) as raised:
        session(things, permissions={ROUTE: "things.read at the desk"}).get(ROUTE, "/things/anna.ek", gone=gone)
    assert str(raised.value).startswith(f"things: {ROUTE} was answered {status} (NoEntry)")
    assert "nna" not in str(raised.value).replace(ROUTE, "")
    assert bool(waits) == (status in (423, 500))


@pytest.mark.usefixtures("waits")
def test_no_address_is_logged_not_even_by_the_libraries(things, caplog):
    things.faults.next.extend([things.refuse(503), Answer(200, b"{", is_cut=True)])
    with caplog.at_level("DEBUG"):
        session(things).get(ROUTE, "/things/anna.ek", {"mail": "anna.ek@exempelby.example"})
    assert "broke off" in caplog.text
    assert "anna.ek" not in caplog.text


def test_every_try_is_counted(things, waits):
    mine = session(things)
    things.faults.next.extend([things.refuse(429, {"Retry-After": "2"}), things.refuse(503)])
    mine.get(ROUTE, "/things/1")
    assert (mine.meter.requests, mine.meter.throttled, len(things.requests)) == (3, 1, 3)
    assert waits[0] == 2.0


def test_a_documented_limit_is_kept(things):
    mine = session(things, limits={"": (Limit(3, 0.4),)})
    started = time.monotonic()
    for _ in range(4):
        mine.get(ROUTE, "/things/1")
    assert time.monotonic() - started >= 0.4
    assert len(things.requests) == 4


def test_a_limit_of_its_own_holds_for_its_label_only(things):
    mine = session(things, limits={"heavy": (Limit(1, 30),)})
    mine.get(ROUTE, "/things/1", limit="heavy")
    started = time.monotonic()
    for _ in range(3):
        mine.get(ROUTE, "/things/1")
    assert time.monotonic() - started < 20


def test_a_batch_weighs_what_it_holds(things):
    mine = session(things, limits={"": (Limit(20, 0.4),)})
    started = time.monotonic()
    for _ in range(2):
        mine.post("POST /batch", "/batch", {}, weight=20)
    assert time.monotonic() - started >= 0.4
    assert mine.meter.requests == 40


def test_many_are_asked_at_once_and_answered_in_order(things):
    things.canned["/v1/things/3"] = things.refuse(404)
    asks = [Ask(ROUTE, f"/things/{number}") for number in range(8)]
    answers = list(session(things).get_many(asks, 4, gone="gone_at_vendor"))
    assert isinstance(answers.pop(3), SkippedRecord)
    assert [answer.json()["path"][-1] for answer in answers] == list("0124567")


def test_a_list_is_followed_to_its_end_and_not_in_a_circle(things):
    links = {"1": "/v1/things?p=2", "2": "/v1/things?p=3", "3": None}
    mine = session(things)

    def following(answer):
        link = links[answer.json()["query"].get("p", "1")]
        return link and things.root + link

    assert len(list(mine.pages("GET /things", "/things", {"p": "1"}, following))) == 3
    links["3"] = "/v1/things?p=2"
    with pytest.raises(VendorChanged, match="already read"):
        list(mine.pages("GET /things", "/things", {"p": "1"}, following))


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b"<html>Anna Ek", VendorChanged, "a web page"),
        (b"Anna Ek", VendorChanged, "something else"),
        (b"", VendorChanged, "something else"),
        (b'{"name": "Anna Ek', RetryLater, "broke off"),
        (b"\n[1, 2", RetryLater, "broke off"),
    ],
)
def test_a_body_that_is_no_json(things, body, error, words):
    things.faults.next.append(Answer(200, body))
    with pytest.raises(error, match=words) as raised:
        json_of("things", ROUTE, session(things).get(ROUTE, "/things/1"))
    assert "Anna" not in str(raised.value)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error": {"code": "Forbidden", "message": "Anna Ek"}}', "Forbidden"),
        (b'{"code": 3001, "message": "Anna Ek"}', "3001"),
        (b'{"error": "invalid_client"}', "invalid_client"),
        (b'{"error": {"code": "Anna Ek may not"}}', None),
        (b'{"message": "Anna Ek"}', None),
        (b"<html>", None),
        (b"[]", None),
    ],
)
def test_only_the_code_of_an_error_is_told(body, code):
    answer = requests.Response()
    answer._content = body
    assert error_code(answer) == code


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("soon", None),
        ("2020-01-01T00:00:00Z", 0.0),
    ],
)
def test_how_long_to_wait(text, seconds):
    assert seconds_until(text) == seconds


def test_how_long_to_wait_until_a_date():
    """As Zoom writes it, and as HTTP does."""
    at = datetime.now(UTC) + timedelta(hours=1)
    for text in (f"{at:%Y-%m-%dT%H:%M:%SZ}", format_datetime(at, usegmt=True)):
        assert seconds_until(text) == pytest.approx(3600, abs=60)


def test_a_proxy_in_settings_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://env.test:1")
    monkeypatch.setenv("NO_PROXY", "vendor.test")
    own = http_session(Network(proxy="http://own.test:8080"))
    merged = own.merge_environment_settings("https://vendor.test/", {}, None, None, None)
    assert merged["proxies"]["https"] == "http://own.test:8080"
    monkeypatch.delenv("NO_PROXY")
    merged = http_session(Network()).merge_environment_settings("https://vendor.test/", {}, None, None, None)
    assert merged["proxies"]["https"] == "http://env.test:1"


def test_missing_authorities_name_the_setting(tmp_path):
    with pytest.raises(ConfigurationError, match=r"network\.ca_file"):
        http_session(Network(ca_file=tmp_path / "none.pem"))


def test_a_session_that_is_lent_out_has_a_timeout(things):
    lent = http_session(Network(ca_file=things.ca_file, timeout_seconds=0.2))
    lent.adapters.clear()
    lent.mount("https://", requests.adapters.HTTPAdapter())
    things.on_request = lambda _number: time.sleep(0.6)
    with pytest.raises(requests.exceptions.ReadTimeout):
        lent.get(things.root)
