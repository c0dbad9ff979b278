"""What every connector must do, whatever the vendor does: pulled through ``pull()`` into a real landing zone on disk.

A test module gives the fixture ``vendor``, a running double (see ``vendor_double.py``), and subclasses
:class:`SourceContract`, and :class:`MeetingsContract` too where the source has meetings.
"""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import polars as pl
import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import ConfigurationError, ConnectorError, RetryLater, VendorChanged
from connectors.pull import next_window
from connectors.source import Window, local_midnight
from connectors.transport import Network
from tests.pull_rig import DAY, NAME, NOW, START, WINDOW, Rig
from tests.vendor_double import Answer, VendorDouble

INSTRUCTION = re.compile(
    r"check |grant |next run|try again|look for|if the vendor has moved|name the|take the value|make a new|renew|upload",
    re.IGNORECASE,
)
PLACE = re.compile(r"GET /|POST /|localhost")
KILLED_CLIENT = """
import json, sys
from pathlib import Path
from connectors import pull as pulling
from tests.pull_rig import Rig
pulling.PORTION = 1
type_name, settings, ca_file, folder = json.loads(sys.argv[1])
Rig(type_name, settings, Path(ca_file), Path(folder)).pull()
"""


def rig_for(vendor: VendorDouble, folder: Path) -> Rig:
    return Rig(vendor.type_name, vendor.settings(), vendor.ca_file, folder)


def fill(vendor: VendorDouble, records: int = 5) -> None:
    """Some records, an hour apart."""
    for number in range(records):
        vendor.put(f"r{number}", START + number * timedelta(hours=1))


FAILURES: dict[str, tuple[Callable[[VendorDouble], None], type[ConnectorError], str]] = {
    "wrong credentials": (
        lambda v: setattr(v.faults, "wrong_credentials", True), ConfigurationError, "secret"),
    "missing permission": (
        lambda v: setattr(v.faults, "is_denied", True), ConfigurationError, "grant"),
    "token never accepted": (
        lambda v: setattr(v.faults, "token_uses", 0), ConfigurationError, "401"),
    "5xx for ever": (
        lambda v: setattr(v.faults, "always", v.refuse(503)), RetryLater, "503"),
    "429 for ever": (
        lambda v: setattr(v.faults, "always", v.refuse(429)), RetryLater, "429"),
    "429 for an hour": (
        lambda v: setattr(v.faults, "always", v.refuse(429, {"Retry-After": "3600"})), RetryLater, "60 minutes"),
    "body cut off": (
        lambda v: setattr(v.faults, "always", Answer(200, b'{"value": [', is_cut=True)), RetryLater, "broke off"),
    "half a JSON": (
        lambda v: setattr(v.faults, "always", Answer(200, b'{"value": [')), RetryLater, "broke off"),
    "no JSON": (
        lambda v: setattr(v.faults, "always", Answer(200, b"upstream error")), VendorChanged, "something else"),
    "a web page": (
        lambda v: setattr(v.faults, "always", Answer(200, b"<!DOCTYPE html>Anna Ek")), VendorChanged, "a web page"),
    "another shape": (
        lambda v: setattr(v.faults, "always", Answer(200, b'["Anna Ek"]')), VendorChanged, "shape"),
    "bad request": (
        lambda v: setattr(v.faults, "always", v.refuse(400)), VendorChanged, "400"),
    "a redirect": (
        lambda v: setattr(v.faults, "always", Answer(302, headers={"Location": "https://elsewhere.test/"})),
        VendorChanged, "302"),
    "link to another host": (
        lambda v: setattr(v.faults, "link", "off_host"), VendorChanged, "another host"),
    "link in a loop": (
        lambda v: setattr(v.faults, "link", "looping"), VendorChanged, "already read"),
    "unreachable": (
        lambda v: v.stop(), RetryLater, "no answer|no token"),
}  # fmt: skip

RECOVERIES: dict[str, tuple[Callable[[VendorDouble], None], Callable[[list[float]], bool]]] = {
    "429 with seconds": (
        lambda v: v.faults.next.append(v.refuse(429, {"Retry-After": "7"})), lambda waits: 7.0 in waits),
    "429 with a date": (
        lambda v: v.faults.next.append(
            v.refuse(429, {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=60))})),
        lambda waits: any(50 < wait <= 60 for wait in waits)),
    "429 without a word": (
        lambda v: v.faults.next.extend([v.refuse(429)] * 3), lambda waits: any(0 < wait < 5 for wait in waits)),
    "a burst of 503": (
        lambda v: v.faults.next.extend([v.refuse(503)] * 4), lambda waits: len(waits) > 0),
    "a body cut off once": (
        lambda v: v.faults.next.append(Answer(200, b'{"value": [', is_cut=True)), lambda waits: len(waits) == 1),
    "a token that expires midway": (
        lambda v: setattr(v.faults, "token_uses", 1), lambda waits: not waits),
}  # fmt: skip


class SourceContract:
    """What every source must do."""

    @pytest.fixture(autouse=True)
    def no_pauses(self, waits: list[float]) -> None:
        """Pauses are written down instead of made."""

    @pytest.fixture
    def rig(self, vendor, tmp_path) -> Rig:
        return rig_for(vendor, tmp_path / "org")

    @pytest.mark.parametrize("failure", FAILURES)
    def test_a_failure_says_what_to_do_and_keeps_what_is_landed(self, vendor, rig, caplog, failure):
        arrange, error_class, words = FAILURES[failure]
        fill(vendor)
        rig.pull()
        had = rig.rows(vendor.table).rows()
        vendor.put("r9", START)
        arrange(vendor)
        later = Window(WINDOW.start, NOW + timedelta(hours=1))
        with caplog.at_level("DEBUG"), pytest.raises(error_class, match=words) as raised:
            rig.pull(later, later.end)
        message = str(raised.value)
        assert type(raised.value) is error_class
        assert message.startswith(f"{NAME}: ")
        assert "\n" not in message
        assert INSTRUCTION.search(message), message
        assert PLACE.search(message), message
        if failure == "missing permission":
            assert vendor.where_to_mend in message
        for told in (message, caplog.text):
            assert not [secret for secret in vendor.never_told if secret in told]
        assert set(had) <= set(rig.rows(vendor.table).rows())
        attempt = rig.rows("pulls").filter(pl.col("window_to") == later.end)
        assert attempt["status"].is_in(["failed", "partial"]).all()
        assert attempt["error"].to_list() == [message]
        assert rig.rows("pulls").filter(pl.col("status") == "complete").height == 1

    def test_an_untrusted_certificate_names_the_setting(self, vendor, rig):
        fill(vendor)
        rig.ca_file = None
        with pytest.raises(ConfigurationError, match=r"network\.ca_file"):
            rig.pull()
        assert not vendor.requests

    def test_authorities_in_settings_win_over_the_environment(self, vendor, rig, monkeypatch, tmp_path):
        fill(vendor)
        trustme.CA().cert_pem.write_to_path(tmp_path / "another.pem")
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(variable, str(tmp_path / "another.pem"))
        assert rig.pull().landed == 5

    @pytest.mark.parametrize("recovery", RECOVERIES)
    def test_what_passes_by_itself_is_waited_for(self, vendor, rig, tmp_path, waits, recovery):
        arrange, waited = RECOVERIES[recovery]
        fill(vendor)
        undisturbed = rig_for(vendor, tmp_path / "undisturbed")
        undisturbed.pull()
        waits.clear()
        arrange(vendor)
        assert rig.pull().status == "complete"
        assert waited(waits), waits
        assert rig.hashes() == undisturbed.hashes()

    def test_nothing_to_read_is_a_complete_pull_of_nothing(self, rig):
        outcome = rig.pull()
        assert (outcome.status, outcome.pulled, outcome.landed) == ("complete", 0, 0)
        assert rig.content() == {}
        assert rig.rows("pulls")["status"].to_list() == ["complete"]

    @pytest.mark.parametrize("page_size", [1, 3, 7])
    def test_every_record_of_every_page_lands_and_is_accounted_for(self, vendor, rig, page_size):
        vendor.page_size = page_size
        fill(vendor, 7)
        outcome = rig.pull()
        assert (outcome.pulled, outcome.landed, outcome.rejected) == (7, 7, 0)
        assert rig.rows(vendor.table).height == 7
        pulled = rig.rows("pulls").row(0, named=True)
        assert pulled["pulled"] == pulled["landed"] + pulled["rejected"] + pulled["excluded"] == 7
        assert pulled["requests"] >= len(vendor.requests)

    def test_a_page_that_comes_twice_lands_once(self, vendor, rig):
        fill(vendor)
        vendor.faults.has_duplicate_pages = True
        rig.pull()
        assert rig.rows(vendor.table).height == 5

    def test_a_second_pull_changes_no_byte(self, vendor, rig):
        fill(vendor)
        rig.pull()
        before = rig.content()
        assert before
        rig.pull(now=NOW + timedelta(minutes=30))
        assert rig.content() == before

    def test_a_smaller_answer_takes_nothing_away(self, vendor, rig):
        fill(vendor)
        rig.pull()
        before = rig.content()
        for record in ("r0", "r3", "r4"):
            vendor.remove(record)
        assert rig.pull().status == "complete"
        assert rig.content() == before

    def test_a_record_that_is_not_understood_costs_only_itself_and_waits_in_quarantine(self, vendor, rig):
        fill(vendor)
        vendor.spoil("r2")
        outcome = rig.pull()
        assert (outcome.pulled, outcome.landed, outcome.rejected) == (5, 4, 1)
        assert rig.rows(vendor.table).height == 4
        rejected = rig.rows("rejected").row(0, named=True)
        assert rejected["reason"] in ("missing", "unreadable")
        assert rejected["field"]
        kept = [path.read_bytes() for path in (rig.folder / "quarantine").rglob("*-*")]
        assert len(kept) == 1
        assert not [told for told in vendor.never_told if told.encode() in kept[0]]
        rig.pull()
        assert rig.rows("rejected").height == 1

    def test_nothing_that_names_anyone_is_written(self, vendor, rig):
        fill(vendor)
        rig.pull()
        values = {
            str(value)
            for path in (rig.folder / "landing").rglob("*.parquet")
            for column in pl.read_parquet(path).iter_columns()
            for value in column.unique().drop_nulls()
        }
        assert not [name for name in (*vendor.never_told, "person-0", "@") for value in values if name in value]

    # one test of many sources: each has a vendor and a landing zone of its own
    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    @given(shuffle=st.integers(0, 2**32), repeats=st.lists(st.integers(0, 4), max_size=4))
    def test_the_order_and_repetition_of_records_does_not_matter(self, vendor, tmp_path, shuffle, repeats):
        if not hasattr(vendor, "expected"):
            fill(vendor)
            plain = rig_for(vendor, tmp_path / "plain")
            plain.pull()
            vendor.expected, vendor.examples = plain.hashes(), 0

        def arrange(rows):
            rows = rows + [rows[number] for number in repeats if number < len(rows)]
            return random.Random(shuffle).sample(rows, len(rows))

        vendor.faults.arrange, vendor.examples = arrange, vendor.examples + 1
        arranged = rig_for(vendor, tmp_path / f"arranged-{vendor.examples}")
        arranged.pull()
        assert arranged.hashes() == vendor.expected

    def test_a_run_that_is_killed_leaves_what_the_next_one_completes(self, vendor, rig, tmp_path):
        for number in range(8):
            vendor.put(f"r{number}", START + number * timedelta(hours=7))
        undisturbed = rig_for(vendor, tmp_path / "undisturbed")
        undisturbed.pull()
        midway = max(2, len(vendor.requests) * 3 // 5)
        vendor.requests.clear()
        given_ = [vendor.type_name, rig.raw_settings, str(rig.ca_file), str(rig.folder)]
        client = subprocess.Popen(
            [sys.executable, "-c", KILLED_CLIENT, json.dumps(given_)], cwd=Path(__file__).parents[1]
        )

        def kill(number: int) -> None:
            if number == midway:
                client.send_signal(signal.SIGKILL)

        vendor.on_request = kill
        assert client.wait(30) == -signal.SIGKILL
        assert 0 < rig.rows(vendor.table).height < 8
        assert rig.rows("pulls").is_empty()
        vendor.on_request = lambda _number: None
        rig.pull()
        assert rig.hashes() == undisturbed.hashes()

    def test_the_doctor_finds_nothing_wrong_and_names_a_missing_permission(self, vendor, rig):
        vendor.put("r0", NOW - timedelta(hours=2))
        source = vendor.source
        parsed = source.settings.model_validate(rig.raw_settings)
        session = source.open_session(NAME, parsed, Network(ca_file=rig.ca_file))
        found = list(source.check(session, parsed, NOW))
        assert len(found) >= 2
        assert all(finding.is_good for finding in found), found
        vendor.faults.is_denied = True
        found = list(source.check(session, parsed, NOW))
        assert [finding.is_good for finding in found] == [True, False]
        assert vendor.where_to_mend in found[-1].message


class MeetingsContract(SourceContract):
    """What every source of meetings must do beside that."""

    def test_a_revision_takes_away_a_participant_who_was_not_there(self, vendor, rig):
        vendor.put("r0", START, people=3)
        vendor.put("r1", START, people=2)
        rig.pull()
        assert rig.rows("participations").height == 5
        vendor.put("r0", START, people=2, version=2)
        rig.pull()
        assert rig.rows("participations").height == 4
        assert rig.landing.known(NAME)["r0"] == 2

    def test_a_revision_moves_a_start_without_making_a_second_meeting(self, vendor, rig):
        first = local_midnight(date(2026, 11, 1))
        vendor.put("r0", first + timedelta(minutes=90), people=2)
        rig.pull()
        moved = first - timedelta(minutes=5)
        vendor.put("r0", moved, people=2, version=2)
        rig.pull()
        assert rig.rows("meetings").select("meeting_id", "version", "started_at").rows() == [
            ("r0", 2, pytest.approx(moved, abs=DAY / 86400))
        ]
        assert rig.rows("participations")["version"].to_list() == [2, 2]

    def test_only_what_is_new_is_asked_for_again(self, vendor, rig):
        fill(vendor)
        rig.pull()
        first = len(vendor.requests)
        outcome = rig.pull()
        assert (outcome.pulled, outcome.landed) == (5, 5)
        assert len(vendor.requests) - first < first

    def test_a_record_that_comes_late_lands_with_the_next_nightly_run(self, vendor, rig):
        fill(vendor)
        rig.pull()
        vendor.put("late", NOW - 2 * DAY)
        parsed = vendor.source.settings.model_validate(rig.raw_settings)
        later = NOW + timedelta(hours=20)
        window = next_window(vendor.source, parsed, NOW, later)
        assert window.end == later
        rig.pull(window, later)
        assert set(rig.rows("meetings")["meeting_id"]) == {"r0", "r1", "r2", "r3", "r4", "late"}

    @pytest.mark.parametrize(
        ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)]
    )
    def test_a_day_on_which_the_clock_changes_is_read_whole_and_once(self, vendor, rig, day, hours):
        window = Window(local_midnight(day), local_midnight(day + DAY))
        assert window.end - window.start == timedelta(hours=hours)
        second = timedelta(seconds=1)
        starts = {
            "before": window.start - second,
            "first": window.start + second,
            "change": local_midnight(day) + timedelta(hours=2, minutes=30),
            "last": window.end - second,
            "after": window.end + second,
        }
        for record, start in starts.items():
            vendor.put(record, start)
        rig.pull(window)
        assert set(rig.rows("meetings")["meeting_id"]) == {"first", "change", "last"}
        rig.pull(Window(window.start - DAY, window.end + DAY))
        assert sorted(rig.rows("meetings")["meeting_id"]) == sorted(starts)
