"""Every file of the suite lands as it is meant, with no help but what ``inspect`` proposes by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from travel_file_cases import CASES, Case

from connectors.files.importing import import_file
from connectors.files.inspection import Inspection, inspect
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"travel-file-tests-have-their-key")
NOW = datetime(2026, 1, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEAST_SHARE = 0.95


def inspected(case: Case, folder: Path) -> Inspection:
    path = folder / case.name
    path.write_bytes(case.content)
    return inspect(path, "travel", PSEUDONYMS)


def as_written(row: dict[str, object]) -> str:
    departed = row["departed_at"]
    assert isinstance(departed, datetime)
    day = departed.strftime("%Y-%m-%dT%H:%M" if row["time_precision"] == "minute" else "%Y-%m-%d")
    km = "-" if row["distance_km"] is None else f"{row['distance_km']:g}"
    amount, origin, destination = (row[name] or "-" for name in ("amount", "origin_place", "destination_place"))
    return f"{day} {row['mode']} {row['row_means']} {km} {amount} {origin}>{destination}"


@pytest.mark.parametrize("case", CASES, ids=[case.habit for case in CASES])
def test_a_file_lands_as_it_is_meant_with_the_profile_proposed_for_it(case, tmp_path):
    found = inspected(case, tmp_path)
    profile = tmp_path / "proposed.toml"
    found.write_profile(profile)
    landing = Landing(tmp_path / "landing", "borg", PSEUDONYMS.fingerprint)

    receipt = import_file(tmp_path / case.name, "travel", str(profile), landing, PSEUDONYMS, NOW)

    rows = landing.read("travel_segments").sort("row_number")
    assert tuple(as_written(row) for row in rows.iter_rows(named=True)) == case.lands
    assert receipt.excluded_by == case.excluded
    assert receipt.rows_rejected == case.rejected
    for sums in receipt.amounts.values():
        assert sums.read == sums.landed + sums.rejected + sums.excluded
    assert sum((sums.landed for sums in receipt.amounts.values()), Decimal()) == rows["amount"].sum()

    again = import_file(tmp_path / case.name, "travel", str(profile), landing, PSEUDONYMS, NOW + HOUR)
    assert again.status == "unchanged"
    assert landing.read("travel_segments").sort("row_number").equals(rows)


TEXTS = [case for case in CASES if case.name.endswith((".csv", ".tsv", ".txt")) and case.content.endswith(b"\n")]


@pytest.mark.parametrize("case", TEXTS, ids=[case.habit for case in TEXTS])
def test_a_corrected_file_takes_exactly_the_place_of_the_one_before(case, tmp_path):
    """The correction has the same rows and one line end more: another file, for the same days."""
    profile = tmp_path / "proposed.toml"
    inspected(case, tmp_path).write_profile(profile)
    landing = Landing(tmp_path / "landing", "borg", PSEUDONYMS.fingerprint)
    first = import_file(tmp_path / case.name, "travel", str(profile), landing, PSEUDONYMS, NOW)
    before = landing.read("travel_segments").sort("row_number")
    corrected = tmp_path / f"ny-{case.name}"
    corrected.write_bytes(case.content + case.content[-1:])
    second = import_file(corrected, "travel", str(profile), landing, PSEUDONYMS, NOW + HOUR)
    assert second.replaces_sha256 == first.file_sha256 != second.file_sha256
    after = landing.read("travel_segments").sort("row_number")
    assert set(after["file_sha256"]) <= {second.file_sha256}
    assert after.drop("file_sha256", "seen_at").equals(before.drop("file_sha256", "seen_at"))


def test_inspect_understands_nearly_every_row_of_the_suite_by_itself(tmp_path):
    assert len(CASES) >= 40
    found = [inspected(case, tmp_path) for case in CASES]
    share = sum(one.rows_understood for one in found) / sum(one.rows_read for one in found)
    assert share >= LEAST_SHARE
    assert [one.file for one in found if (one.share_understood or 0) < LEAST_SHARE] == []
