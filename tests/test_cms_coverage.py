"""What of a window is known to be whole when nobody can be asked: by the numbers of the records."""

from __future__ import annotations

import pytest
from cms_bridge import WINDOW, Bridge, Site, at, later_proof

from connectors.cisco_meeting_server.coverage import Mark, covered
from connectors.source import Covered, Gap, Window


def heard(*told: tuple[str, int, str, int]) -> Covered | None:
    """Session, number, clock and numPreceedingRecordsMissing; the session's first word names the bridge."""
    marks = [Mark(session, index, at(clock), missing, session.split()[0]) for session, index, clock, missing in told]
    return covered(marks, Window(at("00:00"), at("+1 00:00")))


@pytest.mark.parametrize(
    ("told", "start", "end", "lost"),
    [
        # told without a hole, from before the window to after it
        ([("a 1", 0, "-1 10:00", 0), ("a 1", 1, "+2 10:00", 0)], "00:00", "+1 00:00", []),
        # the receiver was new, and nothing has come since
        ([("a 1", 0, "08:00", 0), ("a 1", 1, "17:00", 0)], "08:00", "17:00", []),
        ([("a 1", 40, "08:00", 0), ("a 1", 41, "17:00", 0)], "08:00", "17:00", []),
        # a jump
        ([("a 1", 0, "-1 10:00", 0), ("a 1", 4, "10:00", 0), ("a 1", 5, "+2 10:00", 0)], "00:00", "+1 00:00", [3]),
        # a jump and the bridge's own word for it are one loss
        ([("a 1", 0, "-1 10:00", 0), ("a 1", 4, "10:00", 3), ("a 1", 5, "+2 10:00", 0)], "00:00", "+1 00:00", [3]),
        # the bridge gave up on two records, of which one came another way
        ([("a 1", 7, "08:00", 0), ("a 1", 8, "10:00", 2), ("a 1", 9, "+2 10:00", 0)], "08:00", "+1 00:00", [1]),
        # what it gave up on is here after all, as from an archive
        ([("a 1", 7, "08:00", 0), ("a 1", 8, "09:00", 0), ("a 1", 9, "10:00", 2)], "08:00", "10:00", []),
        # a jump outside the window
        ([("a 1", 0, "-2 10:00", 0), ("a 1", 4, "-1 10:00", 0), ("a 1", 5, "+2 10:00", 0)], "00:00", "+1 00:00", []),
        # after a restart the numbers begin anew
        ([("a 1", 9, "-1 10:00", 0), ("a 2", 0, "10:00", 0), ("a 2", 1, "+2 10:00", 0)], "00:00", "+1 00:00", []),
        ([("a 1", 9, "-1 10:00", 0), ("a 2", 2, "10:00", 0), ("a 2", 3, "+2 10:00", 0)], "00:00", "+1 00:00", [2]),
        # another bridge is silent: nobody knows yet what it will tell
        ([("a 1", 0, "-1 10:00", 0), ("a 1", 1, "17:00", 0), ("b 1", 0, "12:00", 0)], "00:00", "12:00", []),
        # it has been silent for long: not in use
        ([("a 1", 0, "-9 10:00", 0), ("a 1", 1, "17:00", 0), ("b 1", 0, "-8 12:00", 0)], "00:00", "17:00", []),
    ],
)  # fmt: skip
def test_what_is_known_of_a_day(told, start, end, lost):
    known = heard(*told)
    assert known.window == Window(at(start), at(end))
    assert [gap.records for gap in known.gaps] == lost


def test_nothing_is_known_of_a_day_before_or_after_all_records():
    assert heard() is None
    assert heard(("a 1", 0, "+2 10:00", 0)) is None
    assert heard(("a 1", 0, "-2 10:00", 0)) is None


def test_the_parts_without_a_loss():
    gaps = (
        Gap(Window(at("12:00"), at("13:00")), 1),
        Gap(Window(at("09:00"), at("10:00")), 1),
        Gap(Window(at("09:30"), at("11:00")), 1),
    )
    known = Covered(Window(at("08:00"), at("13:00")), gaps)
    assert list(known.whole()) == [Window(at("08:00"), at("09:00")), Window(at("11:00"), at("12:00"))]


def test_a_loss_makes_the_pull_partial_and_the_rest_of_the_window_complete(tmp_path):
    site, bridge = Site(tmp_path), Bridge()
    bridge.call_start("-1 10:00", "before")
    bridge.call_end("-1 11:00", "before")
    bridge.call_start("10:00", "meeting")
    bridge.lose(3)
    bridge.call_end("11:00", "meeting")
    site.receive(bridge.document(), later_proof(bridge))
    outcome = site.pull()
    assert (outcome.status, outcome.pulled, outcome.landed) == ("partial", 1, 1)
    rows = site.landing.pulls("bridges").sort("status", "window_from")
    assert rows.select("status", "window_from", "window_to", "pulled").rows() == [
        ("complete", WINDOW.start, at("10:00"), 0),
        ("complete", at("11:00").replace(second=1), WINDOW.end, 0),
        ("partial", WINDOW.start, WINDOW.end, 1),
    ]
    assert "3 records between 2026-10-29 10:00 and 2026-10-29 11:00 UTC never came" in rows["error"][2]


def test_a_silent_receiver_does_not_make_its_silence_known(tmp_path):
    site, bridge = Site(tmp_path), Bridge()
    bridge.call_start("-2 10:00", "meeting")
    bridge.call_end("11:00", "meeting")
    site.receive(bridge.document())
    site.pull()
    assert site.landing.pulls("bridges").select("status", "window_from", "window_to").rows() == [
        ("complete", WINDOW.start, at("11:00"))
    ]


def test_an_archive_that_fills_the_hole_makes_the_window_whole(tmp_path):
    site, bridge = Site(tmp_path, {"archive_folder": tmp_path / "archive"}), Bridge()
    (tmp_path / "archive").mkdir()
    bridge.call_start("10:00", "meeting")
    bridge.leg("10:00", "10:30", "anna", "meeting")
    bridge.call_end("11:00", "meeting")
    first, *_, last = bridge.posts(1)
    site.receive(first, last)
    assert site.pull().status == "partial"
    (tmp_path / "archive" / "of_another_receiver.xml").write_bytes(b"".join(bridge.posts(2)))
    assert site.pull().status == "complete"
    assert site.meetings("version") == [(5,)]
    assert site.connections("left_at") == [(at("10:30"),)]
