"""A pull: which window, what is accounted for, what waits in quarantine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from connectors import pull as pulling
from connectors.contract import TABLES, Batch, Unparsed
from connectors.errors import RetryLater
from connectors.pseudonyms import Pseudonyms
from connectors.pull import describe, next_window, pull, within_history
from connectors.quarantine import KEPT, Quarantine
from connectors.session import VendorSession
from connectors.source import Page, Skipped, Source, SourceSettings, Unchanged, Window, local_midnight
from connectors.transport import Network
from tests.pull_rig import KEY, NAME, NOW, WINDOW, Rig

DOCUMENTED = SourceSettings(type="script")
SIMULATED = SourceSettings(type="script", limits="simulator")


class Script:
    """A source that does what a list says: pages of meeting ids, counts, errors."""

    def __init__(self, *steps, history=None, understands=lambda _name: True):
        self.steps, self.understands, self.windows = steps, understands, []
        self.source = Source(
            "script", "meetings", SourceSettings, self._open, self._fetch, self._parse, lambda *_: iter(()), history
        )

    def _open(self, name, settings, network):  # noqa: ARG002
        return VendorSession(name, "https://localhost", None, network)

    def _fetch(self, session, settings, window, known):  # noqa: ARG002
        self.known = known
        for step in self.steps:
            if isinstance(step, Exception):
                raise step
            session.meter.count(requests=1)
            yield Page("meeting", msgspec.json.encode(step), {}) if isinstance(step, list) else step

    def _parse(self, page, settings, context):  # noqa: ARG002
        names = msgspec.json.decode(page.body)
        names = [names] if isinstance(names, str) else names
        good = [name for name in names if self.understands(name)]
        bad = [name for name in names if not self.understands(name)]
        rows = [
            {"meeting_id": name, "version": 1, "platform": "other", "kind": "unknown", "started_at": NOW, "organiser_party": "unknown"}
            for name in good
        ]  # fmt: skip
        rejected = [{"what": "meeting", "reason": "unreadable", "fingerprint": f"f{name}"} for name in bad]
        frames = {"meetings": rows, "rejected": rejected}
        return Batch(
            {
                name: TABLES[name].frame(each).drop("org_id", "source", "seen_at")
                for name, each in frames.items()
                if each
            },
            pulled=len(names),
            landed=len(good),
            unknown_values={("platform", "toaster"): len(good)},
            unparsed=tuple(Unparsed("meeting", f"f{name}", msgspec.json.encode(name)) for name in bad),
        )


@pytest.fixture
def rig(tmp_path):
    return Rig("script", {}, None, tmp_path)


def run(rig, script, window=WINDOW, now=NOW, progress=lambda _pulled: None):
    return pull(
        script.source, NAME, DOCUMENTED, Network(), rig.landing, rig.pseudonyms, rig.quarantine, window, lambda: now, progress
    )  # fmt: skip


def test_every_record_is_accounted_for(rig):
    seen = []
    script = Script(["a", "b", "x"], Unchanged(3), Skipped("gone", 2), ["c"], understands=lambda name: name != "x")
    outcome = run(rig, script, progress=seen.append)
    assert (outcome.pulled, outcome.landed, outcome.rejected, dict(outcome.excluded)) == (9, 6, 1, {"gone": 2})
    assert outcome.pulled == outcome.landed + outcome.rejected + outcome.excluded.total()
    assert seen == [3, 6, 8, 9]
    row = rig.rows("pulls").row(0, named=True)
    assert (row["status"], row["excluded_by"], row["requests"], row["error"]) == ("complete", '{"gone": 2}', 4, None)
    assert describe(outcome)["window"] == "2026-10-28 23:00 – 2026-11-02 03:00 UTC"


@pytest.mark.parametrize(("steps", "status"), [([["a"]], "partial"), ([], "failed")])
def test_what_had_come_before_an_error_is_landed(rig, steps, status):
    with pytest.raises(RetryLater):
        run(rig, Script(*steps, RetryLater("the vendor rests; the next run tries again")))
    assert rig.rows("meetings").height == len(steps)
    row = rig.rows("pulls").row(0, named=True)
    assert (row["status"], row["error"]) == (status, "the vendor rests; the next run tries again")


def test_a_count_that_does_not_add_up_is_a_fault_of_ours(rig):
    script = Script()
    lying = Source(**{**script.source.__dict__, "parse": lambda *_: Batch({}, pulled=2, landed=1)})
    script.source, script.steps = lying, (["a"],)
    with pytest.raises(ArithmeticError, match="does not add up"):
        run(rig, script)
    row = rig.rows("pulls").row(0, named=True)
    assert (row["status"], row["error"][:45]) == ("failed", "under_test: a fault in resfri (ArithmeticErro")


def test_portions_are_written_while_pages_come(rig, monkeypatch):
    monkeypatch.setattr(pulling, "PORTION", 2)
    landed = []
    run(rig, Script(["a"], ["b"], ["c"]), progress=lambda _pulled: landed.append(rig.rows("meetings").height))
    assert landed == [0, 2, 2]
    assert rig.rows("meetings").height == 3


def test_an_unknown_value_is_warned_about_once_a_run(rig, caplog):
    run(rig, Script(["a"], ["b"], ["c"]))
    assert caplog.messages == ["under_test: platform 'toaster' is not known; kept as unknown (3 times)"]


def test_a_record_in_quarantine_lands_once_a_version_understands_it(rig):
    run(rig, Script(["a", "x", "y"], understands=lambda name: name == "a"))
    assert rig.rows("meetings")["meeting_id"].to_list() == ["a"]
    run(rig, Script(understands=lambda name: name != "y"))
    assert sorted(rig.rows("meetings")["meeting_id"]) == ["a", "x"]
    assert [record.fingerprint for record in rig.quarantine.read(NAME)] == ["fy"]


def test_quarantine_opens_with_the_organisations_key_only_and_forgets_after_thirty_days(tmp_path):
    mine = Quarantine(tmp_path, Pseudonyms(KEY))
    mine.keep("teams", [Unparsed("callRecord", "f1", b"Anna Ek")], NOW)
    mine.keep("teams", [Unparsed("callRecord", "f1", b"Anna Ek")], NOW + KEPT)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"Anna" in path.read_bytes()]
    assert list(Quarantine(tmp_path, Pseudonyms(bytes(32))).read("teams")) == []
    assert [record.body for record in mine.read("teams")] == [b"Anna Ek"]
    assert mine.forget_old(NOW + KEPT) == 0
    assert mine.forget_old(NOW + KEPT + timedelta(seconds=1)) == 1
    assert list(mine.read("teams")) == []


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "last_complete", "asked", "start"),
    [
        (DOCUMENTED, None, None, "2026-10-03T03:05"),  # the first: all that the vendor remembers
        (SIMULATED, None, None, "2026-10-29T23:00"),
        (DOCUMENTED, "2026-11-01T03:00", None, "2026-10-29T23:00"),  # records change for three days
        (DOCUMENTED, "2026-10-20T12:00", None, "2026-10-19T22:00"),  # the server was off; summer time then
        (DOCUMENTED, "2026-08-01T03:00", None, "2026-10-03T03:05"),  # too long
        (SIMULATED, "2026-08-01T03:00", None, "2026-07-31T22:00"),
        (SIMULATED, None, "2025-01-01T23:00", "2025-01-01T23:00"),
        (DOCUMENTED, "2026-11-01T03:00", "2026-10-10T22:00", "2026-10-10T22:00"),
    ],
)
def test_the_window_of_a_nightly_run(settings, last_complete, asked, start):
    source = Script(history=timedelta(days=30)).source
    window = next_window(source, settings, last_complete and at(last_complete), NOW, asked and Window(at(asked), NOW))
    assert window == Window(at(start), NOW)


def test_what_a_vendor_has_forgotten_is_not_asked_for():
    source = Script(history=timedelta(days=30)).source
    old = Window(at("2026-08-01T00:00"), at("2026-09-01T00:00"))
    clipped = within_history(source, DOCUMENTED, old, NOW)
    assert clipped.start == clipped.end
    assert within_history(source, SIMULATED, old, NOW) == old
    assert within_history(Script().source, DOCUMENTED, old, NOW) == old


def test_a_window_is_cut_into_swedish_days():
    window = Window(at("2026-03-28T12:00"), at("2026-03-30T05:00"))
    days = list(window.by_local_day())
    assert [day for day, _ in days] == [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]
    assert [(part.end - part.start) / timedelta(hours=1) for _, part in days] == [11, 23, 7]
    assert [part.start for _, part in days[1:]] == [part.end for _, part in days[:-1]]
    assert days[1][1].start == local_midnight(date(2026, 3, 29))
    assert list(Window(NOW, NOW).by_local_day()) == []
