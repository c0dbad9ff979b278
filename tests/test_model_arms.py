"""Every arm of the models' SQL is reached by a test of this suite, and counting changes no result."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest

from tests import model_arms
from tests.test_publication import write_warehouse

LONGEST_WAIT = 900.0
"""Seconds within which the other workers of a run have to be done."""


def test_every_arm_of_every_model_is_reached(request):
    wanted = model_arms.spec_modules()
    if not wanted <= {item.path.name for item in request.session.items}:
        pytest.skip("only a run of the whole suite reaches every arm")
    folder = Path(request.config.option.arms)
    deadline = time.monotonic() + LONGEST_WAIT
    while missing := [name for name in wanted if not (folder / name).with_suffix(".json").exists()]:
        assert time.monotonic() < deadline, f"not done: {missing}"
        time.sleep(0.2)
    never = model_arms.never_reached(folder)
    assert [arm.name for arm in never] == []


def test_counting_changes_no_result(tmp_path):
    plain, counted = tmp_path / "plain.duckdb", tmp_path / "counted.duckdb"
    write_warehouse(plain, is_counted=False)
    write_warehouse(counted)
    with duckdb.connect() as con:
        con.execute(f"attach '{plain}' as plain; attach '{counted}' as counted")
        for name in model_arms.counted_models()[0]:
            one, other = f"from plain.{name}", f"from counted.{name}"
            differing = (
                f"(select * {one} except all select * {other}) union all (select * {other} except all select * {one})"
            )
            assert con.execute(f"select count(*) from ({differing})").fetchone() == (0,), name


def test_each_arm_counts_by_itself():
    tree = "select case when a > 1 then 'x' when a > 0 then coalesce(b, c, 'y') end as d, count(*) filter (where a > 2) from t group by all"
    counted, arms = model_arms.with_counters("m", tree)
    with duckdb.connect() as con:
        con.execute("create table t (a integer, b varchar, c varchar)")

        def reached(*row: object) -> set[str]:
            con.execute("delete from t")
            con.execute("insert into t values (?, ?, ?)", row)
            model_arms.REACHED.clear()
            with model_arms.counting(con):
                assert con.execute(counted).fetchall() == con.execute(tree).fetchall()
            return {arms[number].text for number in model_arms.REACHED}

        assert reached(0, "b", "c") == {"no ELSE", "FILTER NOT a > 2"}
        assert reached(1, "b", None) == {"WHEN a > 0", "b of COALESCE(b, c, 'y')", "FILTER NOT a > 2"}
        assert reached(1, None, "c") == {"WHEN a > 0", "c of COALESCE(b, c, 'y')", "FILTER NOT a > 2"}
        assert reached(1, None, None) == {"WHEN a > 0", "'y' of COALESCE(b, c, 'y')", "FILTER NOT a > 2"}
        assert reached(3, None, None) == {"WHEN a > 1", "FILTER a > 2"}
        assert reached(None, "b", "c") == {"no ELSE", "FILTER NOT a > 2"}
