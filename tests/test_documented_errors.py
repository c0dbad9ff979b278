"""Each error a vendor documents, given as the answer to each request of a pull in turn: none is dropped silently.

Whatever is refused, one of four things is seen: a named error that says what to do; a record that is counted as gone; a
token renewed or a pause made, and everything landed as if nothing had been; or another documented way to the same records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.contract import TABLES
from connectors.errors import ConfigurationError, ConnectorError, RetryLater, VendorChanged
from connectors.pull import Outcome
from connectors.registry import SOURCES
from tests.contract_suite import fill, rig_for
from tests.graph_double import CalendarsDouble, DirectoryDouble, RoomsDouble, TeamsDouble, UsageDouble
from tests.pull_rig import NAME, Rig
from tests.vendor_double import Answer, VendorDouble, json_answer
from tests.webex_double import WebexDirectoryDouble, WebexMeetingsDouble, WebexRoomsDouble
from tests.zoom_double import ZoomDouble, ZoomUsersDouble

DOUBLES: dict[str, tuple[type[VendorDouble], ...]] = {
    "microsoft": (TeamsDouble, DirectoryDouble, RoomsDouble, CalendarsDouble, UsageDouble),
    "zoom": (ZoomDouble, ZoomUsersDouble),
    "webex": (WebexMeetingsDouble, WebexDirectoryDouble, WebexRoomsDouble),
}
PUSHED = {"cisco_meeting_server"}
"""Asks nobody; what its receiver refuses is in test_cms_receiver.py."""


def graph(status: int, code: str, **headers: str) -> Answer:
    return json_answer({"error": {"code": code, "message": "Anna Ek may not", "innerError": {}}}, status, headers)


def zoom(status: int, code: int, **headers: str) -> Answer:
    return json_answer({"code": code, "message": "Anna Ek may not"}, status, headers)


def webex(status: int, **headers: str) -> Answer:
    body = {"message": "Anna Ek may not", "errors": [{"description": "Anna Ek"}], "trackingId": "T"}
    return json_answer(body, status, {"trackingId": "T", **headers})


CHANGED, CONFIGURE, LATER = VendorChanged, ConfigurationError, RetryLater
# what is said when a refusal stays; a refusal of one record may be a counted skip instead
DOCUMENTED: dict[str, dict[str, tuple[Answer, type[ConnectorError]]]] = {
    "microsoft": {
        "400 BadRequest": (graph(400, "BadRequest"), CHANGED),
        "401 InvalidAuthenticationToken": (graph(401, "InvalidAuthenticationToken"), CONFIGURE),
        "403 Authorization_RequestDenied": (graph(403, "Authorization_RequestDenied"), CONFIGURE),
        "403 Forbidden": (graph(403, "Forbidden"), CONFIGURE),
        "404 itemNotFound": (graph(404, "itemNotFound"), CONFIGURE),
        "406": (graph(406, "NotAcceptable"), CHANGED),
        "409": (graph(409, "Conflict"), CHANGED),
        "410 resyncRequired": (graph(410, "resyncRequired"), CONFIGURE),
        "429 TooManyRequests": (graph(429, "TooManyRequests", **{"Retry-After": "10"}), LATER),
        "500": (graph(500, "InternalServerError"), LATER),
        "503": (graph(503, "ServiceUnavailable"), LATER),
        "504": (graph(504, "GatewayTimeout"), LATER),
    },
    "zoom": {
        "401 124 token expired": (zoom(401, 124), CONFIGURE),
        "400 200 plan": (zoom(400, 200), CONFIGURE),
        "400 300 validation or page token": (zoom(400, 300), CHANGED),
        "404 1001 no such user": (zoom(404, 1001), CONFIGURE),
        "400 1010 not in the account": (zoom(400, 1010), CHANGED),
        "404 3001 no such meeting": (zoom(404, 3001), CONFIGURE),
        "400 3161 host without licence": (zoom(400, 3161), CHANGED),
        "400 4700 scope": (zoom(400, 4700), CONFIGURE),
        "400 4711 scope": (zoom(400, 4711), CONFIGURE),
        "429 of the second": (zoom(429, 429), LATER),
        "429 of the day": (zoom(429, 429, **{"Retry-After": "2099-01-01T00:00:00Z"}), LATER),
        "500": (zoom(500, 500), LATER),
    },
    "webex": {
        "400": (webex(400), CHANGED),
        "401": (webex(401), CONFIGURE),
        "403": (webex(403), CONFIGURE),
        "404": (webex(404), CONFIGURE),
        "405": (webex(405), CHANGED),
        "409": (webex(409), CHANGED),
        "410": (webex(410), CONFIGURE),
        "415": (webex(415), CHANGED),
        "423": (webex(423, **{"Retry-After": "3"}), LATER),
        "428": (webex(428), CHANGED),
        "429": (webex(429, **{"Retry-After": "3"}), LATER),
        "500": (webex(500), LATER),
        "502": (webex(502), LATER),
        "503": (webex(503), LATER),
        "504": (webex(504), LATER),
    },
}
CASES = [
    pytest.param(double, error, id=f"{double.type_name}-{error}")
    for vendor, doubles in DOUBLES.items()
    for double in doubles
    for error in DOCUMENTED[vendor]
]
pytestmark = pytest.mark.usefixtures("waits")

WHAT_TO_DO = re.compile(r"check |grant |next run|look for|renew|plan|Add Scopes|try again", re.IGNORECASE)


@pytest.fixture
def vendor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VendorDouble]:
    with request.param(tmp_path / "vendor") as double:
        fill(double, 3)
        yield double


def expected(double: VendorDouble, error: str) -> tuple[Answer, type[ConnectorError]]:
    family = next(family for family, doubles in DOUBLES.items() if type(double) in doubles)
    return DOCUMENTED[family][error]


def test_every_source_is_here():
    assert {double.type_name for doubles in DOUBLES.values() for double in doubles} | PUSHED == set(SOURCES)


@pytest.mark.parametrize(("vendor", "error"), CASES, indirect=["vendor"])
def test_a_refusal_that_stays_is_the_named_error(vendor, tmp_path, error):
    answer, error_class = expected(vendor, error)
    vendor.faults.always = answer
    rig = rig_for(vendor, tmp_path / "org")
    with pytest.raises(error_class) as raised:
        rig.pull()
    assert isinstance(raised.value, error_class)
    message = str(raised.value)
    assert WHAT_TO_DO.search(message), message
    assert "\n" not in message
    assert "Anna" not in message
    (row,) = rig.landing.pulls(NAME).iter_rows(named=True)
    assert (row["status"], row["landed"]) == ("failed", 0)


@pytest.mark.parametrize(("vendor", "error"), CASES, indirect=["vendor"])
def test_a_refusal_of_any_one_request_is_an_error_a_counted_skip_or_made_good(vendor, tmp_path, error):
    answer, _ = expected(vendor, error)
    undisturbed = rig_for(vendor, tmp_path / "undisturbed")
    assert undisturbed.pull().landed > 0
    asked = len(vendor.requests)
    assert asked >= 1
    for position in range(1, asked + 1):
        rig = rig_for(vendor, tmp_path / f"refused-{position}")
        raised, outcome = _refused_at(position, answer, vendor, rig)
        if outcome is None:
            assert isinstance(raised, (ConfigurationError, RetryLater, VendorChanged)), raised
            assert WHAT_TO_DO.search(str(raised)), str(raised)
            continue
        counted = outcome.rejected + sum(outcome.excluded.values())
        assert outcome.pulled == outcome.landed + counted
        is_counted = counted > 0 or sum(outcome.unknown_values.values()) > 0
        assert is_counted or _rows(rig, vendor) == _rows(undisturbed, vendor), f"lost by refusing request {position}"


def _refused_at(
    position: int, answer: Answer, vendor: VendorDouble, rig: Rig
) -> tuple[ConnectorError | None, Outcome | None]:
    """Pull while the request at a position, and no other, is refused."""
    refused: list[int] = []

    def refuse(number: int) -> None:
        vendor.faults.always = answer if number == position else None
        if number == position:
            refused.append(number)

    vendor.requests.clear()
    vendor.on_request = refuse
    try:
        return None, rig.pull()
    except ConnectorError as error:
        return error, None
    finally:
        vendor.on_request = lambda _number: None
        vendor.faults.always = None
        assert refused == [position]


def _rows(rig: Rig, vendor: VendorDouble) -> list[tuple[object, ...]]:
    """Which records landed; by another documented way they may have other fields."""
    return sorted(rig.rows(vendor.table).select(TABLES[vendor.table].key).rows(), key=repr)


def test_a_date_far_ahead_is_not_waited_for(tmp_path, waits):
    """The day's limit: Zoom says until when; the next run goes on."""
    with ZoomDouble(tmp_path / "vendor") as double:
        fill(double, 2)
        double.faults.always = DOCUMENTED["zoom"]["429 of the day"][0]
        with pytest.raises(RetryLater, match=r"a pause of \d+ minutes"):
            rig_for(double, tmp_path / "org").pull()
    assert max(waits, default=0) <= timedelta(minutes=5).total_seconds()
