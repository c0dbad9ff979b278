"""Every connector against the contract suite. Another connector joins by adding its double to a list."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.contract_suite")

from tests.contract_suite import MeetingsContract, SourceContract  # noqa: E402
from tests.graph_double import DirectoryDouble, RoomsDouble, TeamsDouble  # noqa: E402

MEETINGS = (TeamsDouble,)
OTHERS = (DirectoryDouble, RoomsDouble)


class TestMeetings(MeetingsContract):
    @pytest.fixture(params=MEETINGS, ids=lambda double: double.type_name)
    def vendor(self, request, tmp_path):
        with request.param(tmp_path / "vendor") as double:
            yield double


class TestOthers(SourceContract):
    @pytest.fixture(params=OTHERS, ids=lambda double: double.type_name)
    def vendor(self, request, tmp_path):
        with request.param(tmp_path / "vendor") as double:
            yield double
