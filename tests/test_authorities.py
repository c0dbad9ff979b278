"""Which source counts where several tell of the same travel (METHOD 1): settings say it, else somebody is asked."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from connectors.errors import ConfigurationError
from pipelines.reconciliation import ONE_SOURCE
from pipelines.settings import Authoritative
from pipelines.settings_file import load_settings
from tests.model_cases import ask, build, verdict

ROWS = """
source | file_sha256 | person_key | mode | vehicle_class | departed_at | row_means | cost_sek | distance_km | booking_ref
agency | agency      | anna       | rail |               | 2025-03-04  | round_trip | 800     | 400         | a1
agency | agency      | bo         | car  | rental        | 2025-03-05  | round_trip | 900     | 200         | a2
rail   | rail        | anna       | rail |               | 2025-03-04  | round_trip | 800     | 400         | r1
rail   | rail        | cia        | rail |               | 2025-04-01  | round_trip | 500     | 300         | r2
claims | claims      | bo         | car  | own_car       | 2025-03-07  | round_trip | 370     | 200         |
"""
FILES = """
source | file_sha256 | covers_from | covers_to
agency | agency      | 2025-03-01  | 2025-04-30
rail   | rail        | 2025-03-01  | 2025-04-30
claims | claims      | 2025-03-01  | 2025-04-30
"""


def built(more: str = "", **authoritative: dict[str, str | tuple[str, ...]]) -> duckdb.DuckDBPyConnection:
    return build(
        {"travel_segments": ROWS + more, "files": FILES},
        as_of=date(2025, 6, 1),
        only=("core_travel_costs", "core_spellings"),
        authorities=Authoritative(**authoritative).listed(),
    )


def trips(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return ask(con, "select source, person_key from core_segments order by source, person_key")


def test_without_a_word_it_is_asked_which_counts_and_only_where_two_tell_of_the_same():
    lines = verdict(built(), ONE_SOURCE).lines
    assert len(lines) == 2
    for line, quantity in zip(lines, ("cost", "trips"), strict=True):
        assert line.startswith(
            f"agency and rail both tell of {quantity} by rail in 1 of the months 2025-03 to 2025-03: "
        )
        assert f'[organisations.….authoritative.{quantity}] rail = "agency"; or ["agency", "rail"]' in line


@pytest.mark.parametrize(
    ("counts", "left"),
    [
        # the rail account counts: the agency's rail is a cross-check, its rental car is not touched
        ("rail", [("agency", "bo"), ("claims", "bo"), ("rail", "anna"), ("rail", "cia")]),
        # the agency counts, also in April, of which it knows no rail: that month shows what it says
        ("agency", [("agency", "anna"), ("agency", "bo"), ("claims", "bo")]),
        # neither holds what the other holds
        (
            ("agency", "rail"),
            [("agency", "anna"), ("agency", "bo"), ("claims", "bo"), ("rail", "anna"), ("rail", "cia")],
        ),
    ],
)
def test_what_is_said_to_count_counts_and_nothing_is_asked(counts, left):
    con = built(trips={"rail": counts}, cost={"rail": counts})
    assert trips(con) == left
    assert verdict(con, ONE_SOURCE).lines == ()


def test_trips_and_cost_can_count_from_different_sources():
    con = built(trips={"rail": "rail"}, cost={"rail": "agency"})
    assert trips(con) == [("agency", "bo"), ("claims", "bo"), ("rail", "anna"), ("rail", "cia")]
    costs = "select source, sum(cost_sek) from core_travel_costs where mode = 'rail' group by source"
    assert ask(con, costs) == [("agency", 800)]


def test_a_class_of_vehicle_can_be_named_and_wins_over_its_mode():
    con = built(trips={"car": "claims", "car rental": "agency", "rail": "rail"}, cost={"rail": "rail"})
    assert trips(con) == [("agency", "bo"), ("claims", "bo"), ("rail", "anna"), ("rail", "cia")]
    con = built(trips={"car": "claims", "rail": "rail"}, cost={"rail": "rail"})
    assert trips(con) == [("claims", "bo"), ("rail", "anna"), ("rail", "cia")]


def test_of_two_that_tell_of_a_class_of_vehicle_the_one_named_for_it_counts():
    con = built(
        "claims | claims | dan | car | rental | 2025-03-07 | round_trip | 370 | 200 |",
        trips={"car rental": "agency", "rail": "rail"}, cost={"car rental": "agency", "rail": "rail"},
    )  # fmt: skip
    assert trips(con) == [("agency", "bo"), ("claims", "bo"), ("rail", "anna"), ("rail", "cia")]
    assert verdict(con, ONE_SOURCE).lines == ()


@pytest.mark.parametrize(
    ("row_means", "asked"),
    [
        ("segment", True), ("one_way", True), ("round_trip", True), ("day_total", True), ("fee", False),
        ("refund", False), ("private", False),
    ],
)  # fmt: skip
def test_it_is_asked_which_source_of_journeys_counts_however_they_are_written(row_means, asked):
    con = built(f"claims | claims | dan | car | rental | 2025-03-07 | {row_means} | | 200 |")
    contested = (
        "select distinct is_contested from core_authorities where quantity = 'trips' and vehicle_class = 'rental'"
    )
    assert ask(con, contested) == [(asked,)]


def test_a_mode_that_is_none_is_refused_by_name(tmp_path):
    path = tmp_path / "resfri.toml"
    path.write_text('[organisations.borg]\nname = "Borg"\n[organisations.borg.authoritative]\ntrips = { trin = "x" }\n')
    with pytest.raises(ConfigurationError, match=r"authoritative\.trips: .*'trin' is no mode \(flight, rail"):
        load_settings(path)


@pytest.mark.parametrize(
    ("row", "mode", "asked"),
    [
        ("claims | claims | dan | car | rental | 2025-03-07 | round_trip", "car", [(True,)]),
        pytest.param("claims | claims | dan | car | rental | 2025-03-07 | private", "car", [(False,)], id="a private journey"),
        pytest.param(
            "claims | replaced | dan | car | rental | 2025-03-07 | round_trip", "car", [(False,)], id="of a file that counts no more"
        ),
        ("claims | claims | dan | car | rental |  | round_trip", "car", [(False,)]),
        pytest.param(
            "claims | claims | dan | unknown | rental | 2025-03-07 | round_trip", "unknown", [], id="nobody says how"
        ),
    ],
)  # fmt: skip
def test_it_is_asked_which_source_of_costs_counts_where_two_tell_what_journeys_cost(row, mode, asked):
    con = built(f"{row} | 370 | 200 |")
    cost = f"quantity = 'cost' and vehicle_class = 'rental' and mode = '{mode}'"
    assert ask(con, f"select distinct is_contested from core_authorities where {cost}") == asked
