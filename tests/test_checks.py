"""Checks made from declarations: a good table passes, and each way of being wrong fails the check named after it."""

from __future__ import annotations

import re
from datetime import date

import duckdb
import polars as pl
import pytest

from connectors.contract import TABLES
from models import engine
from pipelines.checks import Check, landing_checks, model_checks, run_checks, warehouse_checks
from tests.model_cases import build, covered, landing_table

MEETINGS = TABLES["meetings"]
GAPS = engine.load_models()["out_gaps"]

GOOD_MEETINGS = landing_table(
    "meetings", "meeting_id | started_at | organiser_key\nm1 | 2025-06-03T09:00 | anna\nm2 | 2025-06-03T10:00 | bo"
)
GOOD_GAPS = pl.DataFrame(
    {
        "organisation": ["exempelby"] * 2, "source": ["travel"] * 2, "month": [date(2025, 6, 1), date(2025, 7, 1)],
        "gap": ["unknown_mode"] * 2, "rows": [9, None], "share": [0.5, None], "reason": [None, "too_few_people"],
    }
)  # fmt: skip


def failing(checks: list[Check], frame: pl.DataFrame) -> dict[str, int]:
    return {result.name: result.unexpected for result in run_checks(checks, frame) if not result.passed}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"meeting_id": ["m1", None]}, {"meeting_id_required": 1}),
        ({"platform": ["teams", "carrier pigeon"]}, {"platform_one_of": 1}),
        ({"meeting_id": ["m1", "m1"]}, {"key_unique": 2}),
        ({"started_at": [None, None], "platform": [None, "teams"]}, {"started_at_required": 2, "platform_required": 1}),
    ],
)
def test_a_landing_batch_is_held_to_the_contract(change, expected):
    frame = GOOD_MEETINGS.with_columns(
        pl.Series(column, values, dtype=MEETINGS.schema[column]) for column, values in change.items()
    )
    assert failing(landing_checks(MEETINGS), frame) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"month": [date(2025, 6, 1)] * 2}, {"grain_unique": 2}),
        ({"gap": ["unknown_mode", None]}, {"gap_required": 1}),
        ({"share": [1.5, None]}, {"row_1_share_is_null_or_share_between_0_and_1": 1}),
        ({"reason": [None, None]}, {"row_2_rows_is_null_reason_is_not_null": 1}),
    ],
)
def test_a_model_is_held_to_its_declaration_on_a_frame_and_in_the_database(change, expected):
    frame = GOOD_GAPS.with_columns(
        pl.Series(column, values, dtype=GOOD_GAPS.schema[column]) for column, values in change.items()
    )
    assert failing(model_checks(GAPS), frame) == expected
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE out_gaps AS SELECT * FROM frame")
        in_database = warehouse_checks(connection, [GAPS])
    assert {result.name: result.unexpected for result in in_database if not result.passed} == expected


def test_every_table_without_rows_passes_every_check():
    for table in TABLES.values():
        assert failing(landing_checks(table), table.empty()) == {}, table.name


def test_a_key_with_an_unknown_part_is_still_a_key():
    """Two totals of the whole organisation (no department) with the same key are the same row twice."""
    row = {"period_from": "2025-06-01", "period_to": "2025-06-30", "platform": "teams", "modality": "web", "role": "organised",
           "basis": "manual", "meetings": "3"}  # fmt: skip
    assert failing(landing_checks(TABLES["meeting_totals"]), landing_table("meeting_totals", [row, row])) == {
        "key_unique": 2
    }


def test_results_hold_counts_and_column_names_never_values():
    frame = GOOD_MEETINGS.with_columns(platform=pl.lit("anna@exempelby.example"))
    results = run_checks(landing_checks(MEETINGS), frame)
    assert "anna@exempelby.example" not in repr(results)
    (failed,) = [result for result in results if not result.passed]
    assert failed.message.startswith("meetings.platform is one of teams,")
    assert failed.message.endswith("fails in 2 of 2 rows")


def test_check_names_can_name_asset_checks():
    by_table = [landing_checks(table) for table in TABLES.values()]
    by_table += [model_checks(model) for model in engine.load_models().values()]
    for checks in by_table:
        names = [check.name for check in checks]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in names), names


def test_a_frame_that_lacks_a_column_is_not_passed_over():
    with pytest.raises(ValueError, match="lack platform"):
        run_checks(landing_checks(MEETINGS), GOOD_MEETINGS.drop("platform"))


def test_a_whole_warehouse_passes_and_a_broken_table_is_named():
    rows = [{"departed_at": f"2025-06-{1 + n:02d}", "person_key": f"p{n}", "distance_km": "10"} for n in range(12)]
    connection = build(covered() | {"travel_segments": rows})
    results = warehouse_checks(connection)
    declared = {name for name, model in engine.load_models().items() if model_checks(model)}
    assert {result.check.table for result in results} == declared
    assert [result.message for result in results if not result.passed] == []

    connection.execute("INSERT INTO core_trips SELECT * FROM core_trips LIMIT 1")
    assert [(r.check.table, r.name, r.unexpected) for r in warehouse_checks(connection) if not r.passed] == [
        ("core_trips", "grain_unique", 2)
    ]


def test_published_tables_pass_through_great_expectations():
    connection = build(covered())
    for model in engine.load_models().values():
        if model.layer == "out":
            frame = connection.execute(f"SELECT * FROM {model.name}").pl()
            assert failing(model_checks(model), frame) == {}, model.name
