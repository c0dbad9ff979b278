"""Coverage: which months are known, by the files and pulls that speak for their days (METHOD 1)."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from models.choices import ExpectedSource
from tests.model_cases import ask, build, compute, covered, landing_table


@pytest.mark.parametrize(
    ("covers", "month", "status"),
    [
        ("2025-03-01 … 2025-03-31", "2025-03", "covered"),
        ("2025-03-01 … 2025-03-30", "2025-03", "partial"),
        pytest.param(
            "2025-03-01 … 2025-03-15, 2025-03-16 … 2025-03-31", "2025-03", "covered", id="two files side by side"
        ),
        pytest.param(
            "2025-03-01 … 2025-03-15, 2025-03-17 … 2025-03-31", "2025-03", "partial", id="one day between them"
        ),
        ("2025-03-01 … 2025-03-31", "2025-04", "missing"),
        pytest.param(
            "2025-02-01 … 2025-02-28, 2025-04-01 … 2025-04-30", "2025-03", "missing", id="a month between two files"
        ),
    ],
)
def test_a_month_is_covered_when_every_day_is_spoken_for(covers, month, status):
    con = build(covered(travel=covers), only=("core_coverage",))
    found = ask(
        con, f"select status from core_coverage where source = 'travel' and strftime(month, '%Y-%m') = '{month}'"
    )
    assert found == [(status,)]


@pytest.mark.parametrize(
    ("pulls", "status"),
    [
        ("2025-03-01 … 2025-03-31", "covered"),
        ("2025-02-10 … 2025-03-20, 2025-03-18 … 2025-04-20", "covered"),
        ("2025-02-10 … 2025-03-20, 2025-03-22 … 2025-04-20", "partial"),
    ],
)
def test_pulls_cover_local_months_also_when_clocks_change(pulls, status):
    con = build(covered(teams=pulls), only=("core_coverage",))
    found = ask(con, "select status from core_coverage where source = 'teams' and strftime(month, '%Y-%m') = '2025-03'")
    assert found == [(status,)]


def test_a_failed_pull_covers_nothing_and_says_so():
    pull = "window_from | window_to | status | error\n2025-02-28T23:00 | 2025-03-31T22:00 | failed | unreachable"
    con = build(covered(teams=None) | {"pulls": pull}, only=("core_coverage",))
    found = ask(
        con,
        "select status, is_covered from core_coverage where source = 'teams' and strftime(month, '%Y-%m') = '2025-03'",
    )
    assert found == [("failed", False)]


def test_a_corrected_file_replaces_its_predecessor_and_going_back_works():
    files = """
        file_sha256 | covers_from | covers_to  | replaces_sha256
        old         | 2025-01-01  | 2025-12-31 |
        new         | 2025-01-01  | 2025-12-31 | old
    """
    assert ask(build({"files": files}, only=("core_files",)), "select file_sha256 from core_files") == [("new",)]
    back = landing_table("files", files.replace("2025-12-31 |\n", "2025-12-31 | new\n"))
    later = back["seen_at"].dt.offset_by("1d")
    back = back.with_columns(seen_at=later.zip_with(back["file_sha256"] == "old", back["seen_at"]))
    assert ask(build({"files": back}, only=("core_files",)), "select file_sha256 from core_files") == [("old",)]


def test_a_source_is_missed_only_in_the_months_it_is_expected_for():
    """Pulls: January whole, February failed, March broken off; expected from February to April."""
    pulls = """
        window_from      | window_to        | status
        2024-12-31T23:00 | 2025-01-31T23:00 | complete
        2025-01-31T23:00 | 2025-02-28T23:00 | failed
        2025-02-28T23:00 | 2025-03-31T22:00 | partial
    """
    source = ExpectedSource(source="teams", kind="meetings", expected_from="2025-02", expected_to="2025-04")
    con = build({"pulls": pulls}, as_of=date(2025, 6, 30), sources=(source,), only=("core_coverage",))
    found = ask(con, "select cast(month as varchar), is_expected, is_covered, status from core_coverage order by 1")
    assert found == [
        ("2025-01-01", False, True, "covered"),
        ("2025-02-01", True, False, "failed"),
        ("2025-03-01", True, False, "partial"),
        ("2025-04-01", True, False, "missing"),
        ("2025-05-01", False, False, "not_expected"),
    ]


def test_a_month_tried_and_failed_and_told_in_part_is_partial():
    pulls = """
        window_from      | window_to        | status
        2025-02-28T23:00 | 2025-03-31T22:00 | failed
        2025-03-20T23:00 | 2025-03-31T22:00 | partial
        2025-03-31T22:00 | 2025-04-10T22:00 | complete
        2025-04-10T22:00 | 2025-04-30T22:00 | failed
    """
    con = build({"pulls": pulls}, as_of=date(2025, 5, 1), sources=(("teams", "meetings"),), only=("core_coverage",))
    assert ask(con, "select month(month), status from core_coverage order by 1") == [(3, "partial"), (4, "partial")]


@pytest.mark.parametrize(
    ("window", "status"),
    [
        pytest.param("2025-02-10T00:00 | 2025-02-28T23:00", "missing", id="ends as the month begins here"),
        pytest.param("2025-02-10T00:00 | 2025-02-28T23:01", "failed", id="a minute of the month"),
        pytest.param("2025-03-31T21:59 | 2025-04-10T00:00", "failed", id="its last minute here"),
        pytest.param("2025-03-31T22:00 | 2025-04-10T00:00", "missing", id="begins when it is over here"),
    ],
)
def test_a_month_of_which_somebody_tried_to_read_a_minute_is_failed(window, status):
    pulls = f"""
        window_from      | window_to        | status
        2025-01-31T23:00 | 2025-02-10T00:00 | complete
        {window}         | failed
    """
    con = build({"pulls": pulls}, as_of=date(2025, 5, 1), sources=(("teams", "meetings"),), only=("core_coverage",))
    assert ask(con, "select status from core_coverage where month(month) = 3") == [(status,)]


def test_a_month_of_totals_is_that_month_and_that_source_alone():
    totals = "source | kind | month\ntravel | travel | 2025-03-01\nskype | meetings | 2025-04-01"
    con = compute(
        ("core_coverage",),
        {"core_totals": totals, "core_files": "source | covers_from | covers_to\ntravel | 2025-02-01 | 2025-02-28"},
        as_of=date(2025, 5, 1),
        sources=(("travel", "travel"), ("skype", "meetings")),
    )
    assert ask(con, "select source, month(month), status from core_coverage where is_expected order by 1, 2") == [
        ("skype", 4, "totals"),
        ("travel", 2, "missing"),
        ("travel", 3, "totals"),
        ("travel", 4, "missing"),
    ]


@pytest.mark.parametrize(("source", "kind"), [("travel", "travel_totals"), ("teams", "meeting_totals")])
def test_a_file_of_totals_speaks_for_the_months_it_counts_and_no_others(source, kind):
    files = f"source | kind | file_sha256 | covers_from | covers_to\n{source} | {kind} | t | 2025-03-01 | 2025-03-31"
    con = build(covered(teams=None) | {"files": files}, only=("core_coverage",))
    found = ask(con, f"select distinct status from core_coverage where source = '{source}'")
    assert found == [("missing",)]


def periods(coverage: str, as_of: date = date(2025, 1, 20), **method: object) -> duckdb.DuckDBPyConnection:
    """The periods of an organisation of which ``source | kind | month | status | is_covered`` is known."""
    known = {"core_coverage": f"source | kind | month | status | is_covered\n{coverage}"}
    return compute(("core_periods",), known, as_of=as_of, **method)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("as_of", "settings", "last"),
    [
        ("2025-04-14", {}, "2025-02-28"),
        ("2025-04-15", {}, "2025-03-31"),
        ("2025-04-09", {"closes_on_day": 10}, "2025-02-28"),
        ("2025-04-10", {"closes_on_day": 10}, "2025-03-31"),
        pytest.param("2025-03-31", {"closes_on_day": 1}, "2025-02-28", id="not before it is over"),
        ("2025-04-01", {"closes_on_day": 1}, "2025-03-31"),
    ],
)
def test_a_month_closes_on_the_15th_of_the_next_or_when_settings_say(as_of, settings, last):
    con = periods("teams | meetings | 2024-11-01 | covered | true", date.fromisoformat(as_of), **settings)
    assert ask(con, "select cast(max(period_end) as varchar) from core_periods") == [(last,)]


@pytest.mark.parametrize(
    ("known", "first"),
    [
        ("teams | meetings | 2024-05-01 | covered | true", "2024-05-31"),
        ("trips | travel | 2024-05-01 | covered | true", "2024-05-31"),
        ("trips | travel | 2024-05-01 | totals | false", "2024-05-31"),
        ("trips | travel | 2024-05-01 | partial | false", "2024-11-30"),
        ("rooms | bookings | 2024-05-01 | covered | true", "2024-11-30"),
    ],
)
def test_periods_begin_with_the_first_month_of_which_meetings_or_travel_are_known(known, first):
    """Be it from totals."""
    con = periods(f"teams | meetings | 2024-11-01 | covered | true\n{known}")
    sql = "select cast(min(period_end) as varchar) from core_periods where period_kind <> 'baseline'"
    assert ask(con, sql) == [(first,)]


def test_a_period_has_every_month_it_is_of_and_twelve_months_end_with_a_quarter():
    con = periods("teams | meetings | 2024-05-01 | covered | true", baseline_from="2023-03", baseline_to="2023-06")
    found = ask(
        con,
        """select period_kind, cast(period_end as varchar), months, count(*), cast(min(month) as varchar),
               min(month_number) - first_number from core_periods
           group by period_kind, period_end, months, first_number order by 1, 2""",
    )
    assert found == [
        ("baseline", "2023-06-30", 4, 4, "2023-03-01", 0),
        *(("month", f"2024-{end}", 1, 1, f"2024-{end[:3]}01", 0) for end in MONTH_ENDS),
        ("quarter", "2024-06-30", 3, 3, "2024-04-01", 0),
        ("quarter", "2024-09-30", 3, 3, "2024-07-01", 0),
        ("quarter", "2024-12-31", 3, 3, "2024-10-01", 0),
        ("rolling_12", "2024-06-30", 12, 12, "2023-07-01", 0),
        ("rolling_12", "2024-09-30", 12, 12, "2023-10-01", 0),
        ("rolling_12", "2024-12-31", 12, 12, "2024-01-01", 0),
        ("year", "2024-12-31", 12, 12, "2024-01-01", 0),
    ]


MONTH_ENDS = ("05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31")


@pytest.mark.parametrize("kind", ["meetings", "travel", "bookings", "trips", "meetings_organised"])
@pytest.mark.parametrize(
    ("known", "is_covered"),
    [
        ((10, 11, 12), True),
        ((10, 12), False),
        ((), False),
        pytest.param((1, 2, 3), False, id="months of another period"),
    ],
)
def test_a_period_is_known_when_every_month_of_it_is(kind, known, is_covered):
    con = compute(
        ("core_period_coverage",),
        {
            "core_periods": "period_kind | period_end | month\n"
            + "\n".join(f"quarter | 2024-12-31 | 2024-{month}-01" for month in (10, 11, 12)),
            "core_kind_coverage": "kind | month | is_covered\n"
            + "\n".join(f"{kind} | 2024-{month:02d}-01 | {'true' if month in known else 'false'}" for month in range(1, 13)),
        },
    )  # fmt: skip
    assert ask(con, f"select is_covered from core_period_coverage where kind = '{kind}'") == [(is_covered,)]
    # of other kinds nothing is known
    assert ask(con, "select count(*) from core_period_coverage where is_covered") == [(int(is_covered),)]
