"""What vendors have sent and nobody expects, one thing wrong at a time, beside a record with nothing wrong.

Each lands, is rejected with a reason, or is kept as unknown and counted; the record beside it always lands. Bodies that
are no record at all (bombs, cut off, sign-in pages) are in contract_suite.py and test_cms_receiver.py.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from connectors.contract import Batch
from connectors.pseudonyms import Pseudonyms
from connectors.registry import SOURCES
from connectors.source import Context, Page
from connectors.transport import Network
from tests.contract_suite import fill, rig_for
from tests.graph_double import TeamsDouble
from tests.pull_rig import KEY, NAME, WINDOW
from tests.vendor_double import VendorDouble
from tests.webex_double import WebexMeetingsDouble
from tests.zoom_double import ZoomDouble

Json = dict[str, Any]
CONTEXT = Context(Pseudonyms(KEY), date(2026, 11, 2))
DOUBLES: dict[str, type[VendorDouble]] = {"teams": TeamsDouble, "zoom": ZoomDouble, "webex": WebexMeetingsDouble}
NO_ZONE, FINE, LATE = "2026-10-30T09:00:00", "2026-10-30T09:00:00.1234561Z", "2026-10-30T09:20:00Z"
EARLY = "2026-10-30T08:50:00Z"


class Recorded:
    """One page of a connector with two meetings on it, each of two people."""

    def __init__(self, double: type[VendorDouble], folder: Path) -> None:
        self.source = SOURCES[double.type_name]
        with double(folder / "vendor") as vendor:
            fill(vendor, 2)
            raw = rig_for(vendor, folder / "org").raw_settings
            self.settings = self.source.settings.model_validate(raw)
            session = self.source.open_session(NAME, self.settings, Network(ca_file=vendor.ca_file))
            pages = [page for page in self.source.fetch(session, self.settings, WINDOW, {}) if isinstance(page, Page)]
        self.page = pages[-1]
        self.records: list[Json] = sorted(json.loads(self.page.body), key=str)

    def read(self, change: Callable[[Json], None]) -> tuple[Batch, pl.DataFrame, pl.DataFrame]:
        """The page with the first record changed: what became of it, its meeting and its connections."""
        first, second = copy.deepcopy(self.records)
        change(first)
        body = msgspec.json.encode([first, second])
        batch = self.source.parse(Page(self.page.what, body, self.page.about), self.settings, CONTEXT)
        good = self.source.parse(
            Page(self.page.what, msgspec.json.encode([second]), self.page.about), self.settings, CONTEXT
        )
        (beside,) = good.frames["meetings"]["meeting_id"]
        meetings, connections = batch.frames["meetings"], batch.frames["participations"]
        assert (
            meetings.filter(pl.col("meeting_id") == beside)
            .drop("version")
            .equals(good.frames["meetings"].drop("version"))
        )
        assert connections.filter(pl.col("meeting_id") == beside).height == good.frames["participations"].height
        is_mine = pl.col("meeting_id") != beside
        return batch, meetings.filter(is_mine), connections.filter(is_mine)


@pytest.fixture(scope="module", params=DOUBLES)
def vendor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Recorded]:
    return request.param, Recorded(DOUBLES[request.param], tmp_path_factory.mktemp(request.param))


def meeting(name: str, record: Json) -> Json:
    """The part that says of a meeting when it was."""
    return record if name == "teams" else record["history"] if name == "zoom" else record["usage"]


START = {"teams": "startDateTime", "zoom": "start_time", "webex": "start"}
PEOPLE = {"teams": "sessions", "zoom": "report", "webex": "participants"}


def connections(name: str, record: Json) -> list[Json]:
    return record[PEOPLE[name]]


@pytest.mark.parametrize("start", [NO_ZONE, "", None, "yesterday", "0001-01-01T00:00:00Z", 1793350800])
def test_a_start_that_is_no_moment_rejects_the_meeting_and_names_the_field(vendor, start):
    name, recorded = vendor
    batch, mine, _ = recorded.read(lambda record: meeting(name, record).update({START[name]: start}))
    assert mine.is_empty()
    ((reason, field),) = batch.frames["rejected"].select("reason", "field").rows()
    assert reason in ("unreadable", "impossible", "missing")
    assert START[name] in field
    assert len(batch.unparsed) == 1
    assert (batch.pulled, batch.landed) == (2, 1)


def test_a_start_with_seven_digits_is_read_to_the_microsecond(vendor):
    name, recorded = vendor
    _, mine, _ = recorded.read(lambda record: meeting(name, record).update({START[name]: FINE}))
    assert mine["started_at"].dt.microsecond().to_list() == [123456]


JOINED = {
    "teams": ("startDateTime", "endDateTime"),
    "zoom": ("join_time", "leave_time"),
    "webex": ("joinedTime", "leftTime"),
}


def test_who_left_before_joining_lands_as_it_was_told(vendor):
    """The models give no minutes for it; what was said is kept."""
    name, recorded = vendor

    def leave_early(record: Json) -> None:
        who = connections(name, record)[0]
        for part in (who, *who.get("devices", ())):
            part.update(dict(zip(JOINED[name], (LATE, EARLY), strict=True)))

    _, mine, joined = recorded.read(leave_early)
    assert mine.height == 1
    assert (joined["left_at"] < joined["joined_at"]).sum() == 1


def test_a_participant_without_identity_is_somebody_unknown(vendor):
    name, recorded = vendor

    def forget(record: Json) -> None:
        who = connections(name, record)[0]
        if name == "teams":
            who["caller"]["identity"] = None
        for field in ("id", "user_email", "email", "orgId"):
            if field in who and not (name in ("teams", "webex") and field == "id"):
                who[field] = ""

    _, mine, joined = recorded.read(forget)
    assert mine.height == 1
    assert joined["person_key"].null_count() == 1
    assert joined.height == 2


def test_a_broadcast_of_ten_thousand_lands_whole(vendor):
    name, recorded = vendor

    def grow(record: Json) -> None:
        people = connections(name, record)
        original = people[0]
        people.clear()
        for number in range(10_000):
            one = copy.deepcopy(original)
            one["id"] = f"p{number}"
            for part in (one, *one.get("devices", ())):
                part.update({key: f"p{number}@exempelby.example" for key in ("user_email", "email") if key in part})
                part.update({key: f"d{number}" for key in ("correlationId", "user_id") if key in part})
            if name == "teams":
                one["caller"]["identity"]["user"]["id"] = f"p{number}"
            people.append(one)

    _, mine, joined = recorded.read(grow)
    assert (mine.height, joined.height) == (1, 10_000)
    assert joined["person_key"].n_unique() == 10_000
    assert joined["participation_id"].n_unique() == 10_000


NUMBER = {
    "teams": ("version", "1"),
    "zoom": ("participants", "2"),
    "webex": ("totalParticipants", "2"),
}


def test_a_number_as_text_is_rejected_with_its_field_or_read_as_the_number(vendor):
    name, recorded = vendor
    field, text = NUMBER[name]
    batch, mine, _ = recorded.read(lambda record: meeting(name, record).update({field: text}))
    if mine.is_empty():
        ((reason, named),) = batch.frames["rejected"].select("reason", "field").rows()
        assert (reason, field in named) == ("unreadable", True)
    else:
        assert mine["participants_reported"].to_list() == [2]


UNKNOWN: dict[str, Callable[[Json], None]] = {
    "teams": lambda record: record["sessions"][0]["caller"]["userAgent"].update(platform="toaster"),
    "zoom": lambda record: record["history"].update(type="Hologram"),
    "webex": lambda record: record["participants"][0]["devices"][0].update(deviceType="toaster"),
}


def test_a_word_that_no_map_knows_is_kept_as_unknown_and_counted(vendor):
    name, recorded = vendor
    batch, mine, joined = recorded.read(UNKNOWN[name])
    assert (mine.height, joined.height) == (1, 2)
    assert [value for _, value in batch.unknown_values] == ["Hologram" if name == "zoom" else "toaster"]
    assert list(batch.unknown_values.values()) == [1]
    assert "unknown" in (mine["kind"].to_list() if name == "zoom" else joined["endpoint"].to_list())
