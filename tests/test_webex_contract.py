"""The Webex sources against the contract suite."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

pytest.register_assert_rewrite("tests.contract_suite")

from connectors.source import local_midnight  # noqa: E402
from tests.contract_suite import MeetingsContract, SourceContract  # noqa: E402
from tests.pull_rig import NAME, START  # noqa: E402
from tests.webex_double import WebexDirectoryDouble, WebexMeetingsDouble, WebexRoomsDouble  # noqa: E402


class TestMeetings(MeetingsContract):
    @pytest.fixture
    def vendor(self, tmp_path):
        with WebexMeetingsDouble(tmp_path / "vendor") as double:
            yield double

    # the vendor has no versions: ours only have to grow

    def test_a_revision_takes_away_a_participant_who_was_not_there(self, vendor, rig):
        vendor.put("r0", START, people=3)
        vendor.put("r1", START, people=2)
        rig.pull()
        assert rig.rows("participations").height == 5
        before = rig.landing.known(NAME)
        vendor.put("r0", START, people=2)
        rig.pull()
        assert rig.rows("participations").height == 4
        after = rig.landing.known(NAME)
        assert after["r0"] > before["r0"]
        assert after["r1"] == before["r1"]

    def test_a_revision_moves_a_start_without_making_a_second_meeting(self, vendor, rig):
        first = local_midnight(date(2026, 11, 1))
        vendor.put("r0", first + timedelta(minutes=90))
        rig.pull()
        moved = first - timedelta(minutes=5)
        vendor.put("r0", moved)
        rig.pull()
        assert rig.rows("meetings").select("meeting_id", "started_at").rows() == [("r0", moved)]
        assert rig.rows("participations")["version"].to_list() == [rig.landing.known(NAME)["r0"]] * 2


class TestOthers(SourceContract):
    @pytest.fixture(params=(WebexDirectoryDouble, WebexRoomsDouble), ids=lambda double: double.type_name)
    def vendor(self, request, tmp_path):
        with request.param(tmp_path / "vendor") as double:
            yield double
