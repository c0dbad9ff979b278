"""A month's call records from a Graph that enforces its documented limits: as fast as allowed, and nothing lost.

Zoom and Webex have theirs in test_zoom.py and test_webex.py.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms
from connectors.pull import Outcome, pull
from connectors.quarantine import Quarantine
from connectors.registry import SOURCES
from connectors.session import VendorSession
from connectors.source import Window, local_midnight
from pipelines.demo import ORGANISATION, write_settings
from simulator.municipality import simulate
from simulator.service import serve
from tests.pull_rig import KEY

NOW = datetime(2026, 9, 30, 22, tzinfo=UTC)  # midnight in Sweden: all of September is remembered
MONTH = Window(local_midnight(date(2026, 9, 1)), NOW)
LIMIT, SECONDS = 1500, 20


def test_a_month_takes_the_time_that_the_limit_asks_for_and_the_second_night_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    turns: list[tuple[float, int]] = []
    wait = VendorSession._wait_for_turn

    def watched(session: VendorSession, limit: str, weight: int) -> None:
        wait(session, limit, weight)
        turns.append((time.monotonic(), weight))

    monkeypatch.setattr(VendorSession, "_wait_for_turn", watched)
    municipality = simulate(people=560, months=2, seed=3, last_month=date(2026, 9, 1))
    pseudonyms = Pseudonyms(KEY)
    landing = Landing(tmp_path / "landing", "exempelby", pseudonyms.fingerprint)

    with serve(municipality, now=NOW, folder=tmp_path / "vendor", limits="documented") as service:
        loaded = write_settings(tmp_path, municipality, service.address)
        settings = loaded.one(ORGANISATION).settings.sources["teams"].model_copy(update={"limits": "documented"})

        def night() -> Outcome:
            quarantine = Quarantine(tmp_path / "quarantine", pseudonyms)
            return pull(
                SOURCES["teams"], "teams", settings, loaded.network, landing, pseudonyms, quarantine, MONTH, lambda: NOW
            )

        first = night()
        records = first.pulled
        assert LIMIT < records < 2000
        assert first.landed + first.rejected + sum(first.excluded.values()) == records
        assert (first.rejected, first.status) == (0, "complete")
        assert first.throttled <= 0.01 * first.requests
        # what follows the first 1,500 requests may come when twenty seconds are over, and does
        assert _seconds_until(turns, LIMIT + 1) == pytest.approx(SECONDS, rel=0.05)
        # 17 pages of 60 and 1,000 details for 1,000 records
        assert first.requests / records * 1000 == pytest.approx(1017, rel=0.02)

        second = night()
        lists, meetings = first.requests - first.throttled - records, landing.read("meetings", "teams").height
        assert meetings > 0.7 * records
        # calls of two leave nothing that they could be known by: those of the days asked for are counted anew
        assert second.requests - second.throttled <= lists + records - meetings
        assert landing.read("meetings", "teams").height == meetings


def _seconds_until(turns: list[tuple[float, int]], request: int) -> float:
    """From the first request to a later one, by its number."""
    asked = 0
    for at, weight in sorted(turns):
        asked += weight
        if asked >= request:
            return at - turns[0][0]
    raise AssertionError(asked)
