"""Zoom against the contract suite; its versions are ours, since the vendor has none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

pytest.register_assert_rewrite("tests.contract_suite")

from connectors.source import local_midnight  # noqa: E402
from tests.contract_suite import MeetingsContract, SourceContract  # noqa: E402
from tests.pull_rig import NAME, START  # noqa: E402
from tests.zoom_double import ZoomDouble, ZoomUsersDouble  # noqa: E402


class TestZoom(MeetingsContract):
    @pytest.fixture(params=(ZoomDouble,), ids=lambda double: double.type_name)
    def vendor(self, request, tmp_path):
        with request.param(tmp_path / "vendor") as double:
            yield double

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
        vendor.put("r0", first + timedelta(minutes=90), people=2)
        rig.pull()
        before = rig.landing.known(NAME)["r0"]
        moved = first - timedelta(minutes=5)
        vendor.put("r0", moved, people=2)
        rig.pull()
        version = rig.landing.known(NAME)["r0"]
        assert version > before
        assert rig.rows("meetings").select("meeting_id", "started_at").rows() == [("r0", moved)]
        assert rig.rows("participations")["version"].to_list() == [version, version]


class TestZoomUsers(SourceContract):
    @pytest.fixture(params=(ZoomUsersDouble,), ids=lambda double: double.type_name)
    def vendor(self, request, tmp_path):
        with request.param(tmp_path / "vendor") as double:
            yield double
