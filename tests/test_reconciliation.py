"""What the vendors count beside what landed: differences, and sources that answer and say nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from models.choices import ExpectedSource
from pipelines.reconciliation import MOST_LINES, RECONCILED, SPEAKS
from tests.model_cases import ask, build, verdict

TODAY = date(2025, 4, 10)
LOOKED_AT = ("core_reconciliation", "core_silences")
TOTALS = "source | platform | period_from | period_to | meetings | role | department | basis\n"
PULLED = "2025-02-28T23:00 | 2025-04-08T22:00"
"""Local midnights around 1 March to 8 April."""


def built(
    meetings: list[dict[str, object]],
    totals: str = "",
    joins: str = "",
    pulled: str = PULLED,
    status: str = "complete",
    expected: tuple[str | None, str | None] = (None, None),
    **method: object,
) -> duckdb.DuckDBPyConnection:
    given = {
        "meetings": meetings,
        "meeting_totals": TOTALS + totals,
        "participations": "source | meeting_id | person_key | joined_at | left_at\n" + joins,
        "pulls": "status | window_from | window_to\n" + "".join(f"{status} | {one}\n" for one in pulled.split(",")),
    }
    sources = [ExpectedSource(source="teams", kind="meetings", expected_from=expected[0], expected_to=expected[1])]
    return build(given, as_of=TODAY, sources=sources, only=LOOKED_AT, **method)  # type: ignore[arg-type]


def held(day: str, number: int, **facts: object) -> list[dict[str, object]]:
    """So many meetings of a day."""
    start = datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=UTC)
    return [
        {"meeting_id": f"{day}-{n}", "started_at": start, "ended_at": start + timedelta(hours=1)} | facts
        for n in range(number)
    ]


def told(day: str, number: int) -> str:
    return f"teams | teams | {day} | {day} | {number} | organised | | vendor_report\n"


@pytest.mark.parametrize(
    ("landed", "vendor", "settings", "line"),
    [
        (100, 100, {}, None),
        pytest.param(96, 100, {}, None, id="within five per cent"),
        pytest.param(95, 100, {}, None, id="on the edge"),
        (94, 100, {}, "teams 2025-04-01: the vendor counts 100 meetings, landed are 94;"),
        (94, 100, {"reconcile_share": 0.1}, None),
        pytest.param(
            106,
            100,
            {},
            "teams 2025-04-01: the vendor counts 100 meetings, landed are 106;",
            id="more is a difference too",
        ),
        pytest.param(6, 10, {}, None, id="four of ten, but four"),
        (5, 10, {}, "teams 2025-04-01: the vendor counts 10 meetings, landed are 5;"),
        (6, 10, {"reconcile_least": 4}, "teams 2025-04-01: the vendor counts 10 meetings, landed are 6;"),
        (0, 40, {}, "teams 2025-04-01: the vendor counts 40 meetings, landed are 0;"),
    ],
)
def test_a_difference_above_the_tolerance_is_named_with_its_day_and_numbers(landed, vendor, settings, line):
    # a meeting of another day, so that the platform is known to be this source's
    con = built(held("2025-04-01", landed) + held("2025-03-03", 1), told("2025-04-01", vendor), **settings)
    lines = verdict(con, RECONCILED).lines
    assert [each.split(" read")[0].split(" see")[0] for each in lines] == ([line] if line else [])


@pytest.mark.parametrize(
    ("day", "settings", "is_open"),
    [
        pytest.param("2025-04-06", {}, True, id="four days ago"),
        pytest.param("2025-04-07", {}, False, id="the vendor is still telling"),
        ("2025-03-03", {}, True),
        pytest.param("2025-03-03", {"reconcile_days": 37}, False, id="38 days ago"),
        ("2025-03-03", {"reconcile_days": 38}, True),
        pytest.param("2025-03-01", {}, True, id="the first day that was asked for"),
        pytest.param("2025-02-28", {}, False, id="never asked for: no difference, but a gap in coverage"),
    ],
)
def test_only_days_that_were_read_whole_and_can_still_be_mended_are_looked_at(day, settings, is_open):
    con = built(held("2025-03-17", 1), told(day, 50), **settings)
    assert bool(verdict(con, RECONCILED).lines) == is_open


def test_a_day_of_a_failed_or_partial_pull_is_no_difference_but_a_gap():
    for status in ("failed", "partial"):
        con = built(held("2025-03-17", 1), told("2025-04-01", 50), status=status)
        assert verdict(con, RECONCILED).lines == ()


@pytest.mark.parametrize(
    ("reported", "connected", "expected"),
    [
        (6, 6, []),
        pytest.param(6, 9, [], id="three came back"),
        pytest.param(6, 0, [("participants", 36, 30)], id="of six meetings with six people, one has nobody"),
        pytest.param(2, 0, [], id="fewer than five are missing"),
        pytest.param(None, 0, [], id="nothing was reported"),
    ],
)
def test_people_reported_and_not_landed_are_a_difference(reported, connected, expected):
    meetings = held("2025-04-01", 6, participants_reported=6)
    meetings[0]["participants_reported"] = reported
    joins = "".join(
        f"teams | {meeting['meeting_id']} | p{n} | 2025-04-01T09:00 | 2025-04-01T10:00\n"
        for meeting in meetings
        for n in range(connected if meeting is meetings[0] else 6)
    )
    con = built(meetings, joins=joins)
    sql = "select counted, vendor_count, landed_count from core_reconciliation where is_beyond_tolerance"
    assert ask(con, sql) == expected


def test_each_of_two_sources_of_a_platform_is_held_against_what_it_tells_itself():
    meetings = held("2025-04-01", 10) + held("2025-04-01", 20, source="second")
    con = built(meetings, told("2025-04-01", 11) + told("2025-04-01", 22).replace("teams", "second", 1))
    found = ask(con, "select source, vendor_count, landed_count from core_reconciliation order by source")
    assert found == [("second", 22, 20), ("teams", 11, 10)]


def test_a_vendors_own_report_is_heard_before_one_that_lands_no_meetings():
    con = built(
        held("2025-04-01", 10),
        told("2025-04-01", 30).replace("teams", "a report", 1) + told("2025-04-01", 11),
    )
    assert ask(con, "select source, vendor_count, landed_count from core_reconciliation") == [("teams", 11, 10)]


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([("teams", "teams", 10)], [("teams", "teams", 30, 10)]),
        pytest.param(
            [("teams", "teams", 10), ("zoom", "zoom", 20)], [("teams", "teams", 30, 10)], id="the other is of another platform"
        ),
        pytest.param([("teams", "teams", 10), ("second", "teams", 20)], [], id="two land that platform: nobody knows whose it is"),
        pytest.param([("zoom", "zoom", 20)], [], id="nobody lands that platform"),
    ],
)  # fmt: skip
def test_a_report_that_lands_no_meetings_is_held_against_the_one_source_of_its_platform(sources, expected):
    meetings = [
        row
        for source, platform, number in sources
        for row in held("2025-04-01", number, source=source, platform=platform)
    ]
    con = built(meetings, told("2025-04-01", 30).replace("teams", "a report", 1))
    assert ask(con, "select source, platform, vendor_count, landed_count from core_reconciliation") == expected


def report(first: str, last: str, number: int) -> str:
    return f"teams | teams | 2025-{first} | 2025-{last} | {number} | organised | | vendor_report\n"


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([("03-03", "03-09", 70)], [("2025-03-03", "2025-03-09", 70, 70)]),
        pytest.param(
            [("03-03", "03-09", 70), ("03-01", "03-31", 300), ("03-10", "03-16", 80)],
            [("2025-03-01", "2025-03-31", 300, 310)],
            id="the longest, since overlapping reports cannot be added",
        ),
        pytest.param(
            [("03-03", "03-09", 70), ("03-10", "03-16", 80)],
            [("2025-03-10", "2025-03-16", 80, 70)],
            id="of two as long the later",
        ),
        pytest.param(
            [("03-01", "03-31", 300), ("03-04", "03-04", 11), ("03-05", "03-05", 9)],
            [("2025-03-04", "2025-03-04", 11, 10), ("2025-03-05", "2025-03-05", 9, 10)],
            id="days where there are any",
        ),
        pytest.param(
            [("03-03", "03-09", 70), ("04-01", "04-02", 21)],
            [("2025-03-03", "2025-03-09", 70, 70), ("2025-04-01", "2025-04-02", 21, 20)],
            id="each month has its own",
        ),
        pytest.param([("03-31", "04-01", 20)], [], id="a period that crosses a month"),
    ],
)
def test_of_reports_of_a_month_days_are_heard_before_the_longest_period(reports, expected):
    con = built(days("2025-03-01", "2025-04-08", 10), "".join(report(*each) for each in reports))
    columns = "cast(period_from as varchar), cast(period_to as varchar), vendor_count, landed_count"
    assert ask(con, f"select {columns} from core_reconciliation order by 1") == expected


@pytest.mark.parametrize(
    ("pulled", "is_told"),
    [
        ("2025-03-31T22:00 | 2025-04-01T22:00", True),
        pytest.param("2025-03-31T22:00 | 2025-04-01T21:59", False, id="not to the end of the day"),
        pytest.param("2025-03-31T22:01 | 2025-04-03T22:00", False, id="not from the beginning of the day"),
    ],
)
def test_a_day_is_told_where_all_of_it_was_asked_for(pulled, is_told):
    con = built(held("2025-04-01", 10), told("2025-04-01", 11), pulled=pulled)
    assert ask(con, "select is_told from core_reconciliation") == [(is_told,)]


def test_meetings_that_somebody_outside_called_are_not_held_against_those_of_the_organisation():
    others = [meeting | {"organiser_party": "external"} for meeting in held("2025-04-01", 10)[6:]]
    con = built(held("2025-04-01", 6) + others, told("2025-04-01", 6))
    assert ask(con, "select vendor_count, landed_count from core_reconciliation") == [(6, 6)]


def test_a_day_is_a_day_in_sweden():
    """Half past midnight on 1 April is 31 March in Greenwich."""
    meetings = held("2025-04-01", 6, started_at=datetime(2025, 3, 31, 22, 30, tzinfo=UTC), participants_reported=2)
    joins = "".join(f"teams | {one['meeting_id']} | anna | 2025-03-31T22:30 | 2025-03-31T23:00\n" for one in meetings)
    con = built(meetings, told("2025-04-01", 6), joins)
    found = ask(con, "select counted, cast(period_from as varchar), landed_count from core_reconciliation order by 1")
    assert found == [("meetings", "2025-04-01", 6), ("participants", "2025-04-01", 6)]


def test_a_source_that_was_not_asked_for_people_lacks_none():
    con = built(held("2025-04-01", 6, participants_reported=6))
    assert ask(con, "select * from core_reconciliation") == []


def days(first: str, last: str, number: int) -> list[dict[str, object]]:
    """So many meetings on each of some days."""
    span = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    return [
        row for n in range(span) for row in held(str(date.fromisoformat(first) + timedelta(days=n)), number)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("meetings", "expected"),
    [
        pytest.param(
            days("2025-03-01", "2025-03-31", 10),
            ("2025-04-01", "2025-04-08", 8, 280),
            id="ten a day until 31 March, then nothing: eight days in which eighty meetings are usual",
        ),
        pytest.param(days("2025-03-01", "2025-04-04", 10), None, id="four days: a long weekend"),
        (days("2025-03-01", "2025-04-03", 10), ("2025-04-04", "2025-04-08", 5, 280)),
        pytest.param(
            days("2025-03-07", "2025-04-03", 6),
            ("2025-04-04", "2025-04-08", 5, 168),
            id="six a day: thirty are usual in five days",
        ),
        pytest.param(days("2025-03-07", "2025-04-02", 6) + days("2025-04-03", "2025-04-03", 5), None, id="one less"),
        pytest.param(
            days("2025-03-01", "2025-03-01", 200), ("2025-03-02", "2025-04-08", 38, 200), id="the first day only"
        ),
        pytest.param(
            days("2025-03-04", "2025-03-31", 1), None, id="eight meetings are usual: they can have been moved"
        ),
        pytest.param(
            days("2025-03-01", "2025-03-14", 20) + days("2025-03-22", "2025-04-08", 20),
            ("2025-03-15", "2025-03-21", 7, 280),
            id="a silence that is over, in the middle of what is known",
        ),
        pytest.param([], ("2025-03-01", "2025-04-08", 39, 0), id="it answers, and has never told of a meeting"),
    ],
)
def test_a_source_that_answers_and_says_nothing_is_not_healthy(meetings, expected):
    con = built(meetings)
    sql = "select cast(silent_from as varchar), cast(silent_to as varchar), silent_days, meetings_before from core_silences"
    assert ask(con, sql) == ([expected] if expected else [])
    lines = verdict(con, SPEAKS).lines
    assert len(lines) == (1 if expected else 0)
    if expected:
        first, last, _, before = expected
        assert lines[0].startswith(f"teams {first} to {last}: it answered, and told of no meeting, after {before} in")


def test_days_not_asked_for_are_no_silence():
    con = built(
        days("2025-03-01", "2025-03-14", 20) + days("2025-03-26", "2025-04-08", 20),
        pulled="2025-02-28T23:00 | 2025-03-14T23:00, 2025-03-25T23:00 | 2025-04-08T22:00",
    )
    assert ask(con, "select * from core_silences") == []


@pytest.mark.parametrize(
    ("expected", "silent"),
    [
        ((None, "2025-04"), ("2025-04-01", "2025-04-08")),
        pytest.param((None, "2025-03"), None, id="the organisation left the platform in March"),
        (("2025-04", None), ("2025-04-01", "2025-04-08")),
        (("2025-05", None), None),
    ],
)
def test_months_in_which_a_source_is_not_expected_are_no_silence(expected, silent):
    con = built(days("2025-03-01", "2025-03-31", 10), expected=expected)
    sql = "select cast(silent_from as varchar), cast(silent_to as varchar) from core_silences"
    assert ask(con, sql) == ([silent] if silent else [])


@pytest.mark.parametrize(("reconcile_days", "is_open"), [(19, False), (20, True)])
def test_a_silence_long_ago_is_kept_but_no_longer_asked_about(reconcile_days, is_open):
    """It ended twenty days ago."""
    con = built(
        days("2025-03-01", "2025-03-14", 20) + days("2025-03-22", "2025-04-08", 20), reconcile_days=reconcile_days
    )
    assert ask(con, "select silent_days, is_open from core_silences") == [(7, is_open)]


def test_a_meeting_after_midnight_ends_a_silence_on_the_day_it_is_in_sweden():
    """Half past midnight on 1 April is 31 March in Greenwich."""
    late = held("2025-04-01", 1, started_at=datetime(2025, 3, 31, 22, 30, tzinfo=UTC))
    con = built(days("2025-03-01", "2025-03-31", 10) + late)
    assert ask(con, "select cast(silent_from as varchar), meetings_before from core_silences") == [("2025-04-02", 271)]


def test_of_many_differences_the_newest_are_named_and_the_others_counted():
    totals = "".join(told(f"2025-03-{day:02}", 50) for day in range(10, 25))
    found = verdict(built(held("2025-03-03", 1), totals), RECONCILED)
    assert len(found.lines) == 15
    assert found.words.count("the vendor counts") == MOST_LINES
    assert found.words.startswith("teams 2025-03-24")
    assert found.words.endswith("; and 5 more")
