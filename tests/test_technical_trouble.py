"""Technical trouble (METHOD 2): connections dropped, not set up or of poor quality, among those whose outcome is known."""

from __future__ import annotations

from calendar import monthrange

import duckdb
import pytest

from tests.model_cases import ask, build, covered, value

PEOPLE = [f"p{number:02d}" for number in range(30)]
TROUBLE = ("poor_quality", "dropped", "setup_failed")
FEW = [("teams", "ok")] * 17 + [("teams", "dropped")] * 3
"""The trouble of three people, in another year: what may not be shown of one month hides others of its year."""
# month of 2025: (platform, outcome) of each person's connection
OUTCOMES = {
    2: [("teams", "ok")] * 8 + [("teams", word) for word in TROUBLE for _ in range(4)],
    3: [("teams", "ok")] * 12 + [("teams", "dropped")] * 12 + [("teams", "unknown")] * 6,  # 80 % known
    4: [("teams", "ok")] * 11 + [("teams", "dropped")] * 12 + [("teams", "unknown")] * 7,  # 77 % known
    5: [("teams", "unknown")] * 20,
    6: [("teams", "ok")] * 20,
    9: [("teams", "ok")] * 20,
    10: [("teams", "ok")] * 10 + [("zoom", "ok")] * 10,
    11: [("teams", "ok")] * 10 + [("zoom", "ok")] * 10,
    12: [("teams", "ok")] * 1 + [("teams", "dropped")] * 9 + [("zoom", "ok")] * 10,
}


@pytest.fixture(scope="module")
def year() -> duckdb.DuckDBPyConnection:
    """Every month two meetings on each platform, ten people in each."""
    meetings, joins = {}, []
    stories = {f"2025-{month:02d}": connections for month, connections in OUTCOMES.items()} | {"2024-07": FEW}
    for month, connections in stories.items():
        for number, (platform, outcome) in enumerate(connections):
            meeting = f"{month} {platform} {number // 10}"
            start = f"{month}-04T09:00"
            meetings[meeting] = {
                "source": platform, "meeting_id": meeting, "platform": platform, "started_at": start,
                "ended_at": f"{month}-04T10:00", "organiser_key": PEOPLE[number], "has_video": "yes",
            }  # fmt: skip
            joins.append(
                {"source": platform, "meeting_id": meeting, "person_key": PEOPLE[number], "joined_at": start, "outcome": outcome,
                 "endpoint": "app" if number % 2 else "browser"}
            )  # fmt: skip
        joins.append({"source": "teams", "meeting_id": f"{month} teams 0", "person_key": "guest", "party": "external",
                      "joined_at": f"{month}-04T09:00", "outcome": "dropped"})  # fmt: skip
    return build(
        covered()
        | {
            "people": [{"person_key": person, "department": "Skola", "site": "Norrby"} for person in PEOPLE],
            "meetings": list(meetings.values()),
            "participations": joins,
        },
        only=("core_share_figures", "out_platforms"),
    )


def trouble(con, month: int, columns: str = "value, reason", year: int = 2025):
    period = f"month {year}-{month:02d}-{monthrange(year, month)[1]}"
    return value(con, "core_share_figures", "technical_trouble.share", period, columns)


@pytest.mark.parametrize(
    ("month", "share"),
    [
        pytest.param(2, 12 / 20, id="every kind of trouble"),
        pytest.param(3, 12 / 24, id="an unknown outcome is neither good nor bad"),
        (6, 0.0),
    ],
)
def test_trouble_is_a_share_of_connections_whose_outcome_is_known(year, month, share):
    found, _ = trouble(year, month)
    assert found == pytest.approx(share)


def test_an_outside_participants_trouble_is_theirs(year):
    assert trouble(year, 6, "numerator") == (0.0,)


def test_the_trouble_of_whom_the_directory_knows_is_ours_whatever_the_platform_says():
    connected = "meeting_id | person_key | party | outcome | joined_at\n" + "".join(
        f"m | {person} | external | dropped | 2025-06-04T09:00\n" for person in ("anna", "guest")
    )
    con = build(
        covered() | {"people": "person_key\nanna", "meetings": "meeting_id | started_at | has_video\nm | 2025-06-04T09:00 | yes", "participations": connected},
        only=("core_meeting_quantities",),
    )  # fmt: skip
    counted = (
        "select quantity, person_key, amount from core_meeting_quantities where quantity like 'connections%' order by 1"
    )
    assert ask(con, counted) == [("connections", "anna", 1), ("connections_troubled", "anna", 1)]


@pytest.mark.parametrize(("month", "known"), [(3, 24 / 30), (4, 23 / 30), (5, 0.0)])
def test_under_80_percent_known_outcomes_there_is_no_figure(year, month, known):
    share, reason = trouble(year, month, "known_share, reason")
    assert share == pytest.approx(known)
    assert (reason == "incomplete") == (known < 0.8)


def test_trouble_of_three_people_is_not_shown(year):
    assert trouble(year, 7, year=2024)[1] == "too_few_people"


def test_a_month_without_meetings_has_nothing_to_fail(year):
    assert trouble(year, 8)[1] == "nothing_counted"


def quarter(con, dimension: str, name: str):
    where = {"dimension_1": dimension, "value_1": name}
    return value(con, "core_share_figures", "technical_trouble.share", "quarter 2025-12-31", **where)


def test_trouble_is_told_by_platform(year):
    # teams: nine of thirty connections dropped; zoom: none of thirty, which is a zero and not a gap
    assert quarter(year, "platform", "teams") == (9 / 30, None)
    assert quarter(year, "platform", "zoom") == (0.0, None)
    found = ask(
        year,
        "select platform, trouble_share, meetings_organised, connections_known, reason from out_platforms where period_end = '2025-12-31' "
        "and period_kind = 'quarter' order by 1",
    )
    assert [(name, share, connections) for name, share, _, connections, _ in found] == [
        ("teams", 0.3, 30.0),
        ("zoom", 0.0, 30.0),
    ]
