"""The landing zone's merge rules, one small table each."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors.contract import TABLES, Batch
from connectors.errors import ConfigurationError
from connectors.landing import Landing

NIGHT_1 = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
NIGHT_2 = NIGHT_1 + timedelta(days=1)


@pytest.fixture
def landing(tmp_path):
    return Landing(tmp_path, "exempelby", "f00d")


def meeting(meeting_id="m1", version=1, started_at="2026-01-31T22:00", **rest):
    return {
        "meeting_id": meeting_id,
        "version": version,
        "platform": "teams",
        "kind": "unknown",
        "started_at": datetime.fromisoformat(started_at).replace(tzinfo=UTC),
        "organiser_party": "internal",
    } | rest


def connection(participation_id, meeting_id="m1", version=1, **rest):
    return {
        "meeting_id": meeting_id,
        "version": version,
        "participation_id": participation_id,
        "party": "internal",
        "endpoint": "app",
        "outcome": "ok",
    } | rest


def batch(meetings=(), connections=(), **others):
    frames = {"meetings": meetings, "participations": connections} | others
    return Batch(
        {name: TABLES[name].frame(rows).drop("org_id", "source", "seen_at") for name, rows in frames.items() if rows}
    )


def content(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*.parquet")}


def test_a_higher_version_replaces_the_record_and_removes_a_removed_participant(landing):
    landing.write("teams", batch([meeting()], [connection("a"), connection("b")]), NIGHT_1)
    landing.write("teams", batch([meeting(version=2)], [connection("a", version=2)]), NIGHT_2)
    assert landing.known("teams") == {"m1": 2}
    assert landing.read("participations").select("participation_id", "version").rows() == [("a", 2)]


def test_a_lower_version_and_a_shorter_answer_of_the_same_version_take_nothing_away(landing):
    landing.write(
        "teams", batch([meeting(version=2)], [connection("a", version=2), connection("b", version=2)]), NIGHT_1
    )
    landing.write("teams", batch([meeting(version=1)], [connection("c", version=1)]), NIGHT_2)
    landing.write("teams", batch([meeting(version=2)], [connection("a", version=2)]), NIGHT_2)
    assert landing.known("teams") == {"m1": 2}
    assert landing.read("participations")["participation_id"].to_list() == ["a", "b"]


def test_the_same_content_again_changes_no_byte_and_keeps_when_it_was_first_seen(landing, tmp_path):
    night = batch([meeting(), meeting("m2", started_at="2026-02-03T09:00")], [connection("a"), connection("b", "m2")])
    landing.write("teams", night, NIGHT_1)
    before = content(tmp_path)
    landing.write("teams", night, NIGHT_2)
    assert content(tmp_path) == before
    assert len(before) == 4
    assert set(landing.read("meetings")["seen_at"]) == {NIGHT_1}


def test_a_record_stays_in_the_month_it_was_first_seen_in(landing, tmp_path):
    landing.write("teams", batch([meeting()], [connection("a")]), NIGHT_1)
    moved = batch([meeting(version=2, started_at="2026-02-01T08:00")], [connection("a", version=2)])
    landing.write("teams", moved, NIGHT_2)
    assert sorted(content(tmp_path)) == [
        "meetings/source=teams/month=2026-01/part.parquet",
        "participations/source=teams/month=2026-01/part.parquet",
    ]
    assert landing.read("meetings").height == 1


def test_a_record_twice_in_one_batch_lands_once(landing):
    twice = batch([meeting(), meeting(version=2, started_at="2026-02-01T08:00")], [connection("a", version=2)])
    landing.write("teams", twice, NIGHT_1)
    assert landing.read("meetings").select("meeting_id", "version").rows() == [("m1", 2)]


def test_a_smaller_total_of_the_same_day_does_not_lower_it(landing):
    def total(calls):
        return {
            "period_from": date(2026, 3, 1),
            "period_to": date(2026, 3, 1),
            "platform": "teams",
            "modality": "phone",
            "role": "attended",
            "meetings": calls,
            "basis": "one_to_one",
        }

    for calls in (5, 3, 8):
        landing.write("teams", batch(meeting_totals=[total(calls)]), NIGHT_1)
    assert landing.read("meeting_totals")["meetings"].to_list() == [8]


@pytest.mark.parametrize(
    ("observed", "kept"),
    [
        # day, department → days kept: each change, and the first of each month
        ([(2, "A"), (3, "A"), (4, "B"), (5, "B")], [2, 4]),
        ([(2, "A"), (3, "B"), (4, "A")], [2, 3, 4]),
        ([(28, "A"), (32, "A"), (33, "A")], [28, 32]),
    ],
)
def test_a_directory_row_is_kept_when_it_changes_and_on_the_first_of_a_month(landing, observed, kept):
    first = date(2026, 1, 1) - timedelta(days=1)
    for day, department in observed:
        person = {
            "person_key": "p",
            "observed_on": first + timedelta(days=day),
            "department": department,
            "person_group": "employee",
        }
        landing.write("directory", batch(people=[person]), NIGHT_1)
    assert landing.read("people")["observed_on"].to_list() == [first + timedelta(days=day) for day in kept]


def file_row(sha, replaces=None):
    return {
        "file_sha256": sha,
        "kind": "staff",
        "profile": "staff",
        "covers_from": date(2026, 1, 1),
        "covers_to": date(2026, 1, 31),
        "covers_basis": "declared",
        "replaces_sha256": replaces,
        "rows_read": 1,
        "rows_landed": 1,
        "rows_rejected": 0,
        "rows_excluded": 0,
    }


def staff(sha, fte):
    row = {"file_sha256": sha, "department": "A", "month": date(2026, 1, 1), "person_group": "employee", "fte": fte}
    return {"staff": TABLES["staff"].frame([row]).drop("org_id", "source", "seen_at")}


@pytest.mark.parametrize("months", [(1, 2, 3), (3, 1, 2)])
def test_the_rows_of_a_file_lie_in_the_order_of_their_key(landing, months: tuple[int, ...]):
    rows = [staff("a", month)["staff"].with_columns(month=date(2026, month, 1)) for month in months]
    landing.write_file("staff", file_row("a"), {"staff": pl.concat(rows)}, NIGHT_1)
    assert landing.read("staff")["fte"].to_list() == [1.0, 2.0, 3.0]


def test_a_corrected_file_replaces_exactly_its_predecessor(landing):
    landing.write_file("staff", file_row("old"), staff("old", 10.0), NIGHT_1)
    landing.write_file("staff", file_row("other"), staff("other", 1.0), NIGHT_1)
    landing.write_file("staff", file_row("new", replaces="old"), staff("new", 12.0), NIGHT_2)
    assert sorted(landing.read("staff").select("file_sha256", "fte").rows()) == [("new", 12.0), ("other", 1.0)]
    assert landing.files().height == 3


def test_a_failed_attempt_does_not_hide_a_complete_one_on_the_same_window(landing):
    window = {
        "window_from": NIGHT_1,
        "window_to": NIGHT_2,
        "pulled": 1,
        "landed": 1,
        "rejected": 0,
        "excluded": 0,
        "requests": 7,
    }
    landing.record_pull("teams", window | {"status": "complete"}, NIGHT_1)
    landing.record_pull("teams", window | {"status": "failed", "error": "unreachable"}, NIGHT_2)
    landing.record_pull("teams", window | {"status": "complete", "requests": 2}, NIGHT_2)
    assert landing.pulls("teams").select("status", "requests").rows() == [("complete", 7), ("failed", 7)]


@pytest.mark.parametrize(
    ("org", "key", "says"),
    [("exempelby", "beef", "another pseudonym key"), ("annanby", "f00d", "belongs to organisation")],
)
def test_another_key_or_organisation_is_refused(tmp_path, org, key, says):
    Landing(tmp_path, "exempelby", "f00d")
    with pytest.raises(ConfigurationError, match=says):
        Landing(tmp_path, org, key)


def test_an_interrupted_write_leaves_the_old_partition_and_is_cleaned_up(landing, tmp_path):
    landing.write("teams", batch([meeting()], [connection("a")]), NIGHT_1)
    folder = tmp_path / "meetings/source=teams/month=2026-01"
    (folder / ".part.parquet.tmp").write_bytes(b"half a file")
    assert landing.known("teams") == {"m1": 1}
    landing.write("teams", batch([meeting(version=2)], [connection("a", version=2)]), NIGHT_2)
    assert [path.name for path in folder.iterdir()] == ["part.parquet"]


def test_values_outside_the_contract_never_land(landing):
    with pytest.raises(ValueError, match="endpoint"):
        landing.write("teams", batch([meeting()], [connection("a", endpoint="fridge")]), NIGHT_1)
    with pytest.raises(ValueError, match="not in the contract"):
        landing.write("teams", Batch({"rooms": pl.DataFrame({"room_key": ["r"], "colour": ["red"]})}), NIGHT_1)
