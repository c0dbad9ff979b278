"""The municipality's meetings in Zoom, Webex and Cisco Meeting Server: who meets there, and what the vendors tell."""

from __future__ import annotations

import json
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import numpy as np
import pytest
import requests

from simulator.calls import CMS, GROUP, TEAMS, VENDORS, WEBEX, ZOOM
from simulator.cms import documents, write_cdr_archive
from simulator.faults import Faults
from simulator.municipality import Municipality, simulate
from simulator.service import Service, serve
from tests.simulator_client import NOW

SPECS = Path(__file__).parents[1].parent / "shared" / "reference" / "specs"
TOWN: Municipality = simulate(people=170, months=2, seed=7, last_month=date(2026, 10, 1), platforms=VENDORS)
CALLS = TOWN.calls
MONTHS = ((2026, 9, 30), (2026, 10, 31))


def held_on(vendor: int) -> list[int]:
    return np.flatnonzero(CALLS.vendor == vendor).tolist()


class Asked:
    """One vendor, signed in to and asked as plainly as possible."""

    def __init__(self, service: Service) -> None:
        self.address, self.http = service.address, requests.Session()
        self.http.trust_env, self.http.verify = False, str(service.address.ca_file)

    def zoom(self, path: str, **query: str) -> requests.Response:
        zoom = self.address.zoom
        form = {"grant_type": "account_credentials", "account_id": zoom.account_id}
        granted = self.http.post(zoom.token_url, data=form, auth=(zoom.client_id, zoom.client_secret)).json()
        header = {"Authorization": f"Bearer {granted['access_token']}"}
        return self.http.get(f"{zoom.base_url}/{path}", params=query, headers=header)

    def zoom_rows(self, path: str, key: str, **query: str) -> Iterator[Any]:
        token = ""
        while True:
            page = self.zoom(path, **query, **({"next_page_token": token} if token else {})).json()
            yield from page[key]
            if not (token := page["next_page_token"]):
                return

    def webex(self, path: str, timezone: str = "UTC", **query: str) -> requests.Response:
        webex = self.address.webex
        form = {"grant_type": "refresh_token", "client_id": webex.client_id, "client_secret": webex.client_secret}
        granted = self.http.post(webex.token_url, data=form | {"refresh_token": webex.refresh_token}).json()
        header = {"Authorization": f"Bearer {granted['access_token']}", "timezone": timezone}
        return self.http.get(path if "://" in path else f"{webex.base_url}/{path}", params=query, headers=header)

    def webex_rows(self, path: str, **query: str) -> Iterator[Any]:
        answer = self.webex(path, **query)
        yield from answer.json()["items"]
        while link := answer.links.get("next"):
            answer = self.webex(link["url"])
            yield from answer.json()["items"]

    def zoom_meetings(self) -> list[Any]:
        spans = [{"from": f"{year}-{month:02}-01", "to": f"{year}-{month:02}-{last}"} for year, month, last in MONTHS]
        return [row for span in spans for row in self.zoom_rows("report/history_meetings", "history_meetings", **span)]

    def webex_meetings(self) -> list[Any]:
        first, found = datetime(2026, 8, 31, 22, tzinfo=UTC), []
        while first < NOW:
            last = first + timedelta(days=30)
            span = {"from": f"{first:%Y-%m-%dT%H:%M:%SZ}", "to": f"{last:%Y-%m-%dT%H:%M:%SZ}", "max": "20"}
            found += self.webex_rows("meetingReports/usage", siteUrl=self.address.webex.site, **span)
            first = last
        return found


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with tempfile.TemporaryDirectory() as folder, serve(TOWN, now=NOW, folder=Path(folder)) as running:
        yield running


@pytest.fixture
def asked(service: Service) -> Iterator[Asked]:
    service.faults = Faults()
    yield Asked(service)
    service.faults = Faults()


def test_without_a_word_everyone_meets_in_teams():
    alone = simulate(people=170, months=2, seed=7, last_month=date(2026, 10, 1))
    assert alone.platforms == {"teams"}
    assert TOWN.platforms == set(VENDORS)
    assert alone.calls.ids == CALLS.ids, "the same meetings, wherever they are held"
    with pytest.raises(ValueError):
        simulate(people=60, months=2, platforms=("skype",))


def test_only_group_calls_that_others_can_tell_of_take_place_elsewhere():
    elsewhere = np.flatnonzero(CALLS.vendor != TEAMS)
    assert (CALLS.kind[elsewhere] == GROUP).all()
    assert (CALLS.organiser[elsewhere] < TOWN.cast.people).all()
    rows = np.isin(np.repeat(np.arange(len(CALLS)), np.diff(CALLS.first)), elsewhere)
    kinds = {TOWN.cast.identities[who].kind for who in CALLS.who[rows]}
    assert {"user", "outside", "room"} <= kinds
    own_phones = (CALLS.who >= TOWN.cast.first_phone) & (CALLS.who < TOWN.cast.first_other_phone)
    assert not (rows & own_phones).any()
    assert (CALLS.session_start[rows] % 1_000_000 == 0).all()
    assert (CALLS.session_end[rows] % 1_000_000 == 0).all()
    groups = Counter(CALLS.vendor[CALLS.kind == GROUP].tolist())
    assert groups[TEAMS] > 0.7 * groups.total()
    assert min(groups[ZOOM], groups[WEBEX], groups[CMS]) > 0.02 * groups.total()


def test_truth_of_the_platforms_adds_up():
    for month in TOWN.truth.months:
        there = month.by_platform.values()
        given_up = {"skype_for_business"} if month is TOWN.truth.months[-1] else set()
        assert set(month.by_platform) == set(VENDORS) - given_up
        assert sum(each.meetings for each in there) == month.digital_meetings
        assert sum(each.attended for each in there) == month.attended
        assert sum(each.person_minutes for each in there) == pytest.approx(month.person_minutes)
        assert max(each.distinct_people for each in there) <= month.distinct_people


def test_zoom_lists_every_meeting_and_says_who_was_there(asked: Asked):
    listed = asked.zoom_meetings()
    assert len({row["meeting_uuid"] for row in listed}) == len(listed) == len(held_on(ZOOM))
    assert any("/" in row["meeting_uuid"] for row in listed)
    assert any("+" in row["meeting_uuid"] for row in listed)
    busiest = max(listed, key=lambda row: row["participants"])
    once = quote(busiest["meeting_uuid"], safe="")
    name = quote(once, safe="")
    reported = list(asked.zoom_rows(f"report/meetings/{name}/participants", "participants", page_size="3"))
    shown = list(asked.zoom_rows(f"metrics/meetings/{name}/participants", "participants", type="past"))
    assert [row["join_time"] for row in reported] == [row["join_time"] for row in shown]
    assert len({row["name"] for row in reported}) == busiest["participants"]
    for row in reported:
        lasted = datetime.fromisoformat(row["leave_time"]) - datetime.fromisoformat(row["join_time"])
        assert lasted.total_seconds() == row["duration"] > 0
    assert {row["ip_address"] for row in shown} & {person.ip_address for person in TOWN.people}


def test_a_zoom_uuid_that_begins_with_a_slash_must_be_encoded_twice(asked: Asked):
    uuid = next(row["meeting_uuid"] for row in asked.zoom_meetings() if row["meeting_uuid"].startswith("/"))
    once = quote(uuid, safe="")
    refused = asked.zoom(f"report/meetings/{once}/participants")
    assert (refused.status_code, refused.json()["code"]) == (404, 3001)
    assert asked.zoom(f"report/meetings/{quote(once, safe='')}/participants").json()["participants"]


def test_zooms_own_count_agrees_with_its_list(asked: Asked):
    days = Counter(row["start_time"][:10] for row in asked.zoom_meetings())
    told = [
        day
        for year, month, _ in MONTHS
        for day in asked.zoom("report/daily", year=str(year), month=str(month)).json()["dates"]
    ]
    assert {day["date"]: day["meetings"] for day in told} == days


def test_zoom_refuses_more_than_a_month_and_wrong_secrets(asked: Asked):
    long = asked.zoom("report/history_meetings", **{"from": "2026-09-01", "to": "2026-10-31"})
    assert (long.status_code, long.json()["code"]) == (400, 300)
    zoom = asked.address.zoom
    form = {"grant_type": "account_credentials", "account_id": zoom.account_id}
    wrong = asked.http.post(zoom.token_url, data=form, auth=(zoom.client_id, "wrong"))
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")


def test_zoom_users_are_the_municipalitys_people(asked: Asked):
    found = [
        user
        for status in ("active", "inactive")
        for user in asked.zoom_rows("users", "users", status=status, page_size="50")
    ]
    assert sorted(user["email"] for user in found) == sorted(person.mail for person in TOWN.people)


def test_webex_lists_every_meeting_page_by_page_and_says_who_was_there(asked: Asked):
    listed = asked.webex_meetings()
    assert len({row["meetingId"] for row in listed}) == len(listed) == len(held_on(WEBEX))
    busiest = max(listed, key=lambda row: row["totalParticipants"])
    people = list(asked.webex_rows("meetingParticipants", meetingId=busiest["meetingId"], max="4"))
    assert len({who["id"] for who in people}) == len(people) == busiest["totalParticipants"] > 4
    assert sum(who["host"] for who in people) <= 1
    for who in people:
        joined = min(device["joinedTime"] for device in who["devices"])
        assert (joined, who["state"]) == (who["joinedTime"], "end")


def test_webex_tells_times_in_the_zone_asked_for_and_thirty_days_at_most(asked: Asked):
    query = {"siteUrl": asked.address.webex.site, "from": "2026-10-01T00:00:00Z", "to": "2026-10-20T00:00:00Z"}
    utc, swedish = (
        asked.webex("meetingReports/usage", timezone=zone, **query).json()["items"][0]["start"]
        for zone in ("UTC", "Europe/Stockholm")
    )
    assert (utc[-1], swedish[-6:]) == ("Z", "+02:00")
    assert datetime.fromisoformat(utc) == datetime.fromisoformat(swedish)
    assert asked.webex("meetingReports/usage", **query | {"to": "2026-11-15T00:00:00Z"}).status_code == 400
    assert asked.webex("meetingReports/usage", **query | {"serviceType": "EventCenter"}).json() == {"items": []}


def test_webex_rooms_and_people_are_the_municipalitys(asked: Asked):
    workspaces = {row["id"]: row for row in asked.webex_rows("workspaces")}
    assert len(workspaces) == len(TOWN.rooms)
    equipped = {workspaces[row["workspaceId"]]["displayName"] for row in asked.webex_rows("devices")}
    assert equipped == {room.name for room in TOWN.rooms if room.has_video}
    assert len(list(asked.webex_rows("people", max="100"))) == len(TOWN.people)


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        (Faults(unavailable=1), 503),
        (Faults(throttle_every=1, retry_after_seconds=7), 429),
        (Faults(token_lifetime=0), 401),
        (Faults(denied_permissions=frozenset(("user:read:list_users:admin", "spark-admin:people_read"))), 403),
    ],
)
def test_faults_hit_zoom_and_webex_as_well(service: Service, asked: Asked, faults: Faults, status: int):
    service.faults = faults
    zoom, webex = asked.zoom("users"), asked.webex("people")
    assert zoom.status_code == (400 if status == 403 else status)
    assert webex.status_code == status
    assert webex.headers["trackingId"] == webex.json()["trackingId"]
    assert zoom.json()["code"] == {401: 124, 403: 4711}.get(status, status)
    if status == 429:
        assert zoom.headers["Retry-After"] == webex.headers["Retry-After"] == "7"


@pytest.mark.parametrize("kind", ["truncated", "not_json", "html"])
def test_broken_answers_of_zoom_and_webex(service: Service, asked: Asked, kind: str):
    service.faults = Faults(**{kind: 1})  # type: ignore[arg-type]
    for answer in (asked.zoom("users"), asked.webex("people")):
        assert answer.status_code == 200
        with pytest.raises(requests.exceptions.JSONDecodeError):
            answer.json()


def test_documented_history_ends():
    with tempfile.TemporaryDirectory() as folder:
        late = datetime(2026, 12, 20, tzinfo=UTC)
        with serve(TOWN, now=late, folder=Path(folder), limits="documented") as service:
            asked = Asked(service)
            starts = [datetime.fromisoformat(row["start"]) for row in asked.webex_meetings()]
            assert min(starts) >= late - timedelta(days=90)
            assert len(asked.zoom_meetings()) == len(held_on(ZOOM)), "Zoom keeps twice as long"


def test_meeting_servers_number_their_records_without_a_hole_and_in_order():
    indexes: dict[str, list[int]] = {}
    times: dict[str, list[str]] = {}
    for _, day, text in documents(TOWN):
        root = ET.fromstring(text)  # noqa: S314 - our own
        assert all(record.get("time", "").startswith(day.isoformat()) for record in root)
        indexes.setdefault(root.attrib["session"], []).extend(int(each.attrib["correlatorIndex"]) for each in root)
        times.setdefault(root.attrib["session"], []).extend(each.attrib["time"] for each in root)
    assert len(indexes) == 2
    for session, found in indexes.items():
        assert found == list(range(len(found)))
        assert times[session] == sorted(times[session])


def test_meeting_servers_tell_every_meeting_and_connection_once(tmp_path: Path):
    paths = write_cdr_archive(TOWN, tmp_path / "cdr")
    assert paths == sorted((tmp_path / "cdr").glob("*.xml"))
    records = [record for _, _, text in documents(TOWN) for record in ET.fromstring(text)]  # noqa: S314 - our own
    calls = [record.find("call") for record in records if record.get("type") == "callStart"]
    shared = Counter(each.findtext("callCorrelator") for each in calls if each.findtext("callCorrelator"))
    assert set(shared.values()) == {2}
    assert len(calls) - len(shared) == len(held_on(CMS))
    ended = {record[0].get("id") for record in records if record.get("type") == "callLegEnd"}
    rows = [row for call in held_on(CMS) for row in CALLS.sessions_of(call)]
    assert {CALLS.session_ids[row] for row in rows} <= ended
    shown = {record.findtext("callLeg/remoteParty") for record in records if record.get("type") == "callLegStart"}
    assert len(shown & {person.upn for person in TOWN.people}) > 20


def described(name: str, path: str) -> dict[str, Any]:
    file = SPECS / name
    if not file.exists():
        pytest.skip("the vendor's API description is not at hand")
    whole = json.loads(file.read_text("utf-8"))
    content = whole["paths"][path]["get"]["responses"]["200"]["content"]
    return {**next(iter(content.values()))["schema"], "components": whole.get("components", {})}


ZOOM_NEW, ZOOM_OLD, WEBEX_V1 = (
    "zoom_rivet_2025_subset.openapi.json",
    "zoom_v2_subset_with_examples.openapi.json",
    "webex_v1_subset.openapi.json",
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (ZOOM_NEW, "/report/history_meetings"), (ZOOM_NEW, "/report/daily"), (ZOOM_OLD, "/report/daily"),
        (ZOOM_NEW, "/report/meetings/{meetingId}/participants"), (ZOOM_OLD, "/report/meetings/{meetingId}/participants"),
        (ZOOM_NEW, "/metrics/meetings/{meetingId}/participants"),
        (ZOOM_OLD, "/metrics/meetings/{meetingId}/participants"), (ZOOM_NEW, "/users"), (ZOOM_OLD, "/users"),
        (WEBEX_V1, "/meetingReports/usage"), (WEBEX_V1, "/meetingParticipants"), (WEBEX_V1, "/people"),
        (WEBEX_V1, "/workspaces"), (WEBEX_V1, "/devices"), (WEBEX_V1, "/meetingPreferences/sites"),
    ],
)  # fmt: skip
def test_answers_hold_to_the_vendors_own_description(asked: Asked, name: str, path: str):
    schema, plain = described(name, path), path.lstrip("/")
    span = {"from": "2026-10-01", "to": "2026-10-30"}
    if name == WEBEX_V1:
        busiest = max(asked.webex_meetings(), key=lambda row: row["totalParticipants"])
        site = asked.address.webex.site
        query = {"meetingId": busiest["meetingId"], "siteUrl": site} | {
            key: f"{day}T00:00:00Z" for key, day in span.items()
        }
        body = asked.webex(plain, **query).json()
    else:
        busiest = max(asked.zoom_meetings(), key=lambda row: row["participants"])
        uuid = quote(quote(busiest["meeting_uuid"], safe=""), safe="")
        query = {"type": "past", "year": "2026", "month": "10"} | span
        body = asked.zoom(plain.replace("{meetingId}", uuid), **query).json()
    errors = [
        f"{error.json_path}: {error.message[:120]}"
        for error in jsonschema.Draft202012Validator(schema).iter_errors(body)
        # described by patterns such as "$name left", which real answers fill in
        if not error.json_path.endswith(".leave_reason")
    ]
    assert not errors
    assert any(isinstance(value, list) and value for value in body.values()), "an empty list would hold to anything"
