"""From rows to journeys (METHOD 1 and 6): how they are put together, how far they go, and the lines of the statutory form."""

from __future__ import annotations

import itertools
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import TABLES
from models import engine
from tests.model_cases import ask, build, compute, covered, landing_table, rows

TRIPS = ("core_travel_costs", "core_trip_footprint")


def travelled(
    segments: str | list[dict[str, object]], people: str = "", sites: pl.DataFrame | None = None, **method: object
):
    """The models up to trips, their costs and emissions, from a few landing rows."""
    given = {"people": people, "sites": sites}
    told = {name: table for name, table in given.items() if table is not None and len(table)}
    return build(covered() | {"travel_segments": segments} | told, only=TRIPS, **method)


def trips_of(segments: str, ask_for: str, people: str = "", **method: object) -> list[tuple[object, ...]]:
    """What core_trips says of a few single ways, in the order of departure."""
    con = travelled([{"row_means": "segment"} | row for row in rows(segments)], people, **method)
    return ask(con, f"select {ask_for} from core_trips order by departed_on, person_key, file_sha256, row_number")


ANNA_IN_KISA = "person_key | site | department\nanna | Kisa | Skola"


@pytest.mark.parametrize(
    ("segments", "journeys"),
    [
        pytest.param(
            """departed_at | person_key | origin_place | destination_place | distance_km
               2025-03-03  | anna       | Kisa         | Stockholm         | 250
               2025-03-05  | anna       | Stockholm    | Kisa              | 250""",
            [("2025-03-03", 1, 3, 500, 250, "Stockholm", False)],
            id="there and back",
        ),
        pytest.param(
            """departed_at      | person_key | origin_place | destination_place | distance_km
               2025-03-03T07:00 | anna       | Linköping    | ARN               | 180
               2025-03-03T10:00 | anna       | ARN          | BRU               | 1300
               2025-03-06T10:00 | anna       | BRU          | ARN               | 1300
               2025-03-06T14:00 | anna       | Stockholm C  | linkoping         | 180""",
            [("2025-03-03", 1, 4, 2960, 1480, "BRU", False)],
            id="by way of somewhere, in several spellings",
        ),
        pytest.param(
            """departed_at | person_key | origin_place | destination_place | distance_km
               2025-03-03  | anna       | Kisa         | Göteborg          | 300
               2025-03-05  | anna       | Malmö        | Kisa              | 400""",
            [("2025-03-03", 1, 3, 700, 350, "Göteborg", False)],
            id="open jaw: home from another place than one went to",
        ),
        pytest.param(
            """departed_at      | person_key | origin_place | destination_place | distance_km
               2025-03-03T07:00 | anna       | Kisa         | Linköping         | 60
               2025-03-03T12:00 | anna       | Linköping    | Kisa              | 60
               2025-03-03T13:00 | anna       | Kisa         | Tranås            | 50
               2025-03-03T17:00 | anna       | Tranås       | Kisa              | 50""",
            [("2025-03-03", 1, 1, 120, 60, "Linköping", False), ("2025-03-03", 1, 1, 100, 50, "Tranås", False)],
            id="home in between: two journeys on one day",
        ),
        pytest.param(
            """departed_at | person_key | origin_place | destination_place | distance_km
               2025-03-03  | anna       | Kisa         | Stockholm         | 250""",
            [("2025-03-03", 1, None, 250, 250, "Stockholm", True)],
            id="no way home",
        ),
        pytest.param(
            """departed_at | person_key | origin_place | destination_place | distance_km
               2025-03-03  | anna       | Stockholm    | Kisa              | 250""",
            [("2025-03-03", 1, None, 250, 250, "Kisa", True)],
            id="only the way home",
        ),
        pytest.param(
            """departed_at | person_key | origin_place | destination_place | distance_km
               2025-03-03  | anna       | Kisa         | Stockholm         | 250
               2025-03-10  | anna       | Kisa         | Malmö             | 400
               2025-03-11  | anna       | Malmö        | Kisa              | 400""",
            [("2025-03-03", 1, None, 250, 250, "Stockholm", True), ("2025-03-10", 1, 2, 800, 400, "Malmö", False)],
            id="who leaves home again has been there",
        ),
        pytest.param(
            """departed_at | person_key | origin_place | destination_place | distance_km
               2025-03-03  | anna       | Kisa         | Stockholm         | 250
               2025-04-03  | anna       | Stockholm    | Kisa              | 250""",
            [("2025-03-03", 1, None, 250, 250, "Stockholm", True), ("2025-04-03", 1, None, 250, 250, "Kisa", True)],
            id="too long a stay for one journey",
        ),
        pytest.param(
            """departed_at | person_key | origin_place | destination_place | distance_km
               2025-03-03  | anna       | Kisa         | Stockholm         | 250
               2025-04-02  | anna       | Stockholm    | Kisa              | 250""",
            [("2025-03-03", 1, 31, 500, 250, "Stockholm", False)],
            id="the longest stay",
        ),
        pytest.param(
            """departed_at | person_key | origin_place | destination_place | distance_km
               2025-03-03  | anna       | Kisa         | Stockholm         | 250
               2025-03-03  | bo         | Kisa         | Stockholm         | 250
               2025-03-04  | bo         | Stockholm    | Kisa              | 250
               2025-03-05  | anna       | Stockholm    | Kisa              | 250""",
            [("2025-03-03", 1, 3, 500, 250, "Stockholm", False), ("2025-03-03", 1, 2, 500, 250, "Stockholm", False)],
            id="two people, each their own",
        ),
        pytest.param(
            """departed_at | booking_ref | origin_place | destination_place | distance_km
               2025-03-03  | b1          | Kisa         | Stockholm         | 250
               2025-03-03  | b1          | Kisa         | Stockholm         | 250
               2025-03-04  | b1          | Stockholm    | Kisa              | 250
               2025-03-04  | b1          | Stockholm    | Kisa              | 250""",
            [("2025-03-03", 1, 2, 500, 250, "Stockholm", False), ("2025-03-03", 1, 2, 500, 250, "Stockholm", False)],
            id="two people on a booking that names nobody",
        ),
        pytest.param(
            """departed_at | booking_ref | travellers | origin_place | destination_place | distance_km
               2025-03-03  | b1          | 3          | Kisa         | Stockholm         | 250
               2025-03-04  | b1          | 3          | Stockholm    | Kisa              | 250""",
            [("2025-03-03", 3, 2, 500, 250, "Stockholm", False)],
            id="a booking for three",
        ),
        pytest.param(
            """departed_at | person_key | booking_ref | distance_km
               2025-03-03  | anna       | b1          | 250
               2025-03-08  | anna       | b1          | 250
               2025-03-09  | anna       | b2          | 90""",
            [("2025-03-03", 1, None, 500, 500, None, True), ("2025-03-09", 1, None, 90, 90, None, True)],
            id="without places the booking holds rows together",
        ),
        pytest.param(
            """departed_at | person_key | time_precision | origin_place | destination_place | distance_km
               2025-03-01  | anna       | month          | Kisa         | Stockholm         | 250
               2025-03-01  | anna       | month          | Kisa         | Malmö             | 400""",
            [("2025-03-01", 1, None, 250, 250, "Stockholm", True), ("2025-03-01", 1, None, 400, 400, "Malmö", True)],
            id="of which only the month is known",
        ),
    ],
)
def test_single_ways_become_journeys(segments, journeys):
    found = trips_of(
        segments,
        "strftime(departed_on, '%Y-%m-%d'), trips, days, distance_km, one_way_km, destination_place, is_return_missing",
        ANNA_IN_KISA + "\nbo | Kisa | Skola",
    )
    assert found == journeys


@pytest.mark.parametrize("people", [ANNA_IN_KISA, pytest.param("", id="home is where the first way began")])
def test_a_ride_without_places_belongs_to_the_journey_it_is_made_on(people):
    """Away from home and travelling on later; before leaving and after coming home it is a journey of its own."""
    segments = """
        departed_at | person_key | mode | origin_place | destination_place
        2025-03-01  | anna       | car  |              |
        2025-03-03  | anna       | rail | Kisa         | Stockholm
        2025-03-05  | anna       | car  |              |
        2025-03-07  | anna       | rail | Stockholm    | Kisa
        2025-03-09  | anna       | car  |              |
    """
    found = trips_of(segments, "cast(departed_on as varchar), legs, days", people)
    assert found == [("2025-03-01", 1, None), ("2025-03-03", 3, 5), ("2025-03-09", 1, None)]


def test_what_the_first_way_does_not_say_another_way_may():
    segments = """
        departed_at | person_key | origin_place | destination_place | department | person_group | co2_kg_reported | returned_at
        2025-03-03  | anna       | Kisa         | Stockholm         |            |              | 10.5            |
        2025-03-05  | anna       | Stockholm    | Kisa              | Skola      | elected      | 4.5             | 2025-03-06
        2025-04-03  | anna       | Kisa         | Stockholm         | Vård       | employee     | 10.5            |
        2025-04-05  | anna       | Stockholm    | Kisa              | Skola      | elected      |                 |
    """
    staff = "department | month | headcount | fte\nSkola | 2025-01-01 | 20 | 20\nVård | 2025-01-01 | 20 | 20"
    people = "person_key | site\nanna | Kisa"
    rows_of_file = landing_table("travel_segments", [{"row_means": "segment"} | row for row in rows(segments)])
    con = build(covered() | {"travel_segments": rows_of_file, "staff": staff, "people": people}, only=("core_trips",))
    found = ask(con, "select department, person_group, co2_kg_reported, days from core_trips order by departed_on")
    assert found == [
        ("Skola", "elected", 15.0, 4),  # home when the last row says so
        ("Vård", "employee", None, 3),  # one way without a figure: the journey's is not known
    ]


def test_a_site_nobody_gave_a_position_is_where_the_list_of_places_has_it():
    sites = landing_table("sites", _dated([{"site": "Lund", "municipality": "Exempelby", "source": "sites"}]))
    con = travelled("departed_at | origin_place\n2025-03-03 | Lund", sites=sites)
    places = engine.reference_tables()["ref_places"].filter(pl.col("name") == "Lund")
    assert ask(con, "select is_own_site, municipality, latitude from core_places where place = 'lund'") == [
        (True, "Exempelby", places["latitude"][0])
    ]


def test_where_only_the_month_is_known_the_ways_of_a_booking_are_one_journey():
    segments = """
        departed_at | time_precision | person_key | booking_ref | origin_place | destination_place | distance_km
        2025-03-01  | month          | anna       | b1          | Kisa         | Stockholm         | 250
        2025-03-01  | month          | anna       | b1          | Stockholm    | Kisa              | 250
        2025-03-01  | month          | anna       | b2          | Kisa         | Malmö             | 400
    """
    found = trips_of(segments, "booking_ref, legs, distance_km, days", ANNA_IN_KISA)
    assert sorted(found) == [("b1", 2, 500.0, None), ("b2", 1, 400.0, None)]


def test_rows_without_a_booking_of_which_only_the_month_is_known_are_in_no_order():
    segments = """
        departed_at | time_precision | person_key | origin_place | destination_place
        2025-03-01  | {precision}    | anna       | Kisa         | Stockholm
        2025-03-01  | {precision}    | anna       | Stockholm    | Kisa
    """
    assert trips_of(segments.format(precision="month"), "legs", ANNA_IN_KISA) == [(1,), (1,)]
    assert trips_of(segments.format(precision="day"), "legs", ANNA_IN_KISA) == [(2,)]


def test_rows_without_places_on_a_booking_that_names_nobody_are_one_journey():
    segments = """
        departed_at | booking_ref | distance_km
        2025-03-03  | b1          | 250
        2025-03-08  | b1          | 250
        2025-03-08  | b2          | 100
    """
    assert trips_of(segments, "booking_ref, trips, legs, distance_km") == [("b1", 1, 2, 500.0), ("b2", 1, 1, 100.0)]


def test_the_first_origin_is_home_where_no_site_is_known():
    segments = """
        departed_at | person_key | origin_place | destination_place
        2025-03-03  | anna       | Mora         | Falun
        2025-03-04  | anna       | Falun        | Mora
        2025-03-05  | anna       | Mora         | Falun
        2025-03-06  | anna       | Falun        | Mora
    """
    assert trips_of(segments, "days, legs") == [(2, 2), (2, 2)]


def test_the_longest_stay_is_a_setting():
    segments = """
        departed_at | person_key | origin_place | destination_place
        2025-03-03  | anna       | Kisa         | Stockholm
        2025-03-06  | anna       | Stockholm    | Kisa
    """
    assert trips_of(segments, "legs", longest_stay_days=2) == [(1,), (1,)]
    assert trips_of(segments, "legs", longest_stay_days=3) == [(2,)]


def test_a_taxi_belongs_to_the_journey_it_is_part_of():
    segments = """
        departed_at      | person_key | row_means  | mode | origin_place | destination_place | distance_km | returned_at
        2025-03-03T06:00 | anna       | one_way    | taxi |              |                   | 5           |
        2025-03-03T07:00 | anna       | segment    | rail | Kisa         | Stockholm         | 250         |
        2025-03-03T11:00 | anna       | one_way    | taxi | Stockholm    | Stockholm C       | 4           |
        2025-03-04T17:00 | anna       | segment    | rail | Stockholm    | Kisa              | 250         |
        2025-03-04T20:00 | anna       | one_way    | taxi |              |                   | 5           |
        2025-04-01       | anna       | round_trip | rail | Kisa         | Malmö             | 800         | 2025-04-03
        2025-04-02       | anna       | one_way    | taxi |              |                   | 10          |
    """
    found = trips_of(segments, "mode, trips, days, legs, distance_km", ANNA_IN_KISA)
    assert found == [("rail", 1, 2, 5, 514.0), ("rail", 1, 3, 2, 810.0)]


@pytest.mark.parametrize(
    ("ride", "belongs"),
    [
        pytest.param("2025-03-31 | one_way | taxi", False, id="the day before"),
        ("2025-04-01 | one_way | taxi", True),
        ("2025-04-03 | segment | public_transport", True),
        pytest.param("2025-04-04 | one_way | taxi", False, id="the day after"),
        pytest.param("2025-04-02 | one_way | car", False, id="no mode one rides to a train by"),
    ],
)
def test_a_local_ride_belongs_to_the_journey_there_and_back_of_those_days(ride, belongs):
    con = travelled(
        "departed_at | row_means | mode | person_key | returned_at\n"
        f"2025-04-01 | round_trip | rail | anna | 2025-04-03\n{ride} | anna |"
    )
    found = ask(con, "select row_number, trip_row_number, leg, is_closed from core_trip_legs order by row_number")
    assert found == [(1, 1, 1, True), (2, 1, 2, True) if belongs else (2, 2, 1, False)]


@pytest.mark.parametrize(("on", "belongs"), [("2025-05-31", True), ("2025-06-01", False)])
def test_a_journey_too_long_to_be_one_takes_no_ride_after_90_days(on, belongs):
    con = travelled(
        "departed_at | row_means | mode | person_key | returned_at\n"
        f"2025-03-03 | round_trip | rail | anna | 2025-12-31\n{on} | one_way | taxi | anna |"
    )
    assert ask(con, "select count(*) from core_trips") == [(1 if belongs else 2,)]


def test_a_days_rides_are_one_journey():
    con = travelled("departed_at | row_means | mode | distance_km\n2025-03-03 | day_total | car | 90")
    assert ask(con, "select trips, one_way_km, days, returned_on from core_trips") == [(1, 45.0, None, None)]


def test_where_it_is_not_known_which_leg_is_longest_modes_have_an_order():
    """Each pair of neighbours is a journey of two legs, the one that comes later in the order first."""
    order = (
        "flight",
        "rail",
        "ferry",
        "bus",
        "car",
        "taxi",
        "public_transport",
        "machine",
        "bicycle",
        "other",
        "unknown",
    )
    legs = [
        f"2025-03-03T{hour}:00 | {first} | {mode}"
        for first, second in itertools.pairwise(order)
        for hour, mode in (("08", second), ("09", first))
    ]
    found = trips_of("departed_at | booking_ref | mode\n" + "\n".join(legs), "booking_ref, mode, legs")
    assert sorted(found) == sorted((first, first, 2) for first in order[:-1])


@pytest.mark.parametrize(
    ("legs", "mode"),
    [
        ("flight | 300, taxi | 40", "flight"),
        pytest.param("rail | 200, car | 300, rail | 200", "rail", id="together longer than the car"),
        pytest.param("car | 300, rail | 300", "rail", id="a tie: the stated order"),
        pytest.param("taxi | 40, flight |", "flight", id="not known which is longest: the stated order"),
    ],
)
def test_the_main_mode_is_the_one_most_kilometres_were_travelled_by(legs, mode):
    lines = "\n".join(f"2025-03-03T{8 + hour:02d}:00 | anna | b1 | {leg}" for hour, leg in enumerate(legs.split(",")))
    found = trips_of("departed_at | person_key | booking_ref | mode | distance_km\n" + lines, "mode")
    assert found == [(mode,)]


def test_a_journey_begins_where_its_first_leg_does_and_is_made_as_its_longest_leg_was():
    segments = """
        departed_at      | source | person_key | booking_ref | mode   | fuel     | cabin    | origin_place | destination_place | distance_km
        2025-03-03T08:00 | claims | anna       | b1          | car    | petrol   |          | Kisa         | Linköping         | 60
        2025-03-03T10:00 | agency | anna       | b2          | flight |          | business | Linköping    | Bryssel           | 1300
        2025-03-03T15:00 | agency | anna       | b2          | taxi   | petrol   |          |              |                   | 10
        2025-03-05T10:00 | agency | anna       | b2          | rail   | electric | first    | Bryssel      | Kisa              | 1200
    """
    columns = "legs, source, booking_ref, origin_place, destination_place, mode, fuel, cabin, statutory_category"
    assert trips_of(segments, columns, ANNA_IN_KISA) == [
        (4, "claims", "b1", "Kisa", "Bryssel", "flight", "unknown", "business", "flight_long"),
    ]


BOOKING = "departed_at | row_means | booking_ref | person_key | cost_sek | distance_km\n"


@pytest.mark.parametrize(
    ("extra", "trips", "cost"),
    [
        ("", [("anna", 1), ("bo", 1)], 2000),
        ("2025-04-01 | cancellation | b1 | | |", [], 2000),
        ("2025-04-01 | cancellation | b1 | bo | -800 |", [("anna", 1)], 1200),
        pytest.param("2025-04-01 | refund | b1 | bo | -1000 |", [("anna", 1)], 1000, id="the whole ticket"),
        pytest.param("2025-04-01 | refund | b1 | bo | -500 |", [("anna", 1), ("bo", 1)], 1500, id="part of it"),
        ("2025-04-01 | refund | b1 | | -2000 |", [], 0),
        pytest.param(
            "2025-04-01 | round_trip | b1 | bo | -1000 | 300", [("anna", 1)], 1000, id="a credit written as a journey"
        ),
        pytest.param(
            "2025-04-01 | refund | b1 | bo | -999.50 |",
            [("anna", 1), ("bo", 1)],
            1000.5,
            id="all but half a krona of it",
        ),
        pytest.param(
            "2025-04-01 | refund | b1 | | -1999.50 |", [("anna", 1), ("bo", 1)], 0.5, id="all but half a krona of both"
        ),
        pytest.param(
            "2025-03-03 | day_total | b1 | cia | 0.50 | 30\n2025-04-01 | refund | b1 | cia | -0.50 |",
            [("anna", 1), ("bo", 1)],
            2000,
            id="however cheap",
        ),
        pytest.param(
            "2025-03-03 | segment | b2 | cia | 0.50 | 30\n2025-04-01 | refund | b2 | | -0.50 |",
            [("anna", 1), ("bo", 1)],
            2000,
            id="however cheap, to nobody named",
        ),
        pytest.param(
            "2025-03-03 | one_way | b1 | cia | 0.50 | 30\n2025-04-01 | one_way | b1 | cia | -0.50 | 30",
            [("anna", 1), ("bo", 1)],
            2000,
            id="a credit written as a way",
        ),
        pytest.param(
            "2025-04-01 | cancellation | b1 | cia | -2000 |", [], 0, id="the whole booking, to whoever booked it"
        ),
        pytest.param(
            "2025-03-03 | round_trip | b2 | cia | 0 | 300\n2025-03-03 | round_trip | b3 | dan | 0.50 | 300",
            [("anna", 1), ("bo", 1), ("cia", 1), ("dan", 1)],
            2000.5,
            id="what costs nothing is no credit",
        ),
        ("2025-04-01 | fee | b1 | bo | 95 |", [("anna", 1), ("bo", 1)], 2095),
        ("2025-03-03 | private | b1 | bo | 400 | 500", [("anna", 1), ("bo", 1)], 2000),
    ],
)
def test_cancelled_and_repaid_bookings_give_cost_but_no_trip(extra, trips, cost):
    con = travelled(
        BOOKING
        + "2025-03-03 | round_trip | b1 | anna | 1000 | 300\n2025-03-03 | round_trip | b1 | bo | 1000 | 300\n"
        + extra
    )
    assert ask(con, "select person_key, trips from core_trips order by 1") == trips
    found = ask(con, "select strftime(month, '%Y-%m'), cast(sum(cost_sek) as double) from core_travel_costs group by 1")
    assert found == [("2025-03", cost)]


def test_each_person_on_a_booking_bears_their_own_ticket():
    """And so do their department and their group; what is booked for all of them follows the first."""
    segments = """
        departed_at | row_means  | booking_ref | person_key | cost_sek | department | person_group
        2025-03-03  | round_trip | b1          | anna       | 1000     | Skola      | employee
        2025-03-03  | round_trip | b1          | bo         | 700      | Vård       | elected
        2025-03-03  | fee        | b1          |            | 95       |            |
    """
    staff = "department | month | headcount | fte\nSkola | 2025-03-01 | 20 | 20\nVård | 2025-03-01 | 20 | 20"
    con = build(covered() | {"travel_segments": segments, "staff": staff}, only=("core_travel_costs",))
    columns = "person_key, department, person_group, cast(cost_sek as double)"
    assert ask(con, f"select {columns} from core_travel_costs order by 4 desc") == [
        ("anna", "Skola", "employee", 1000.0), ("bo", "Vård", "elected", 700.0), ("anna", "Skola", "employee", 95.0),
    ]  # fmt: skip


def test_a_distance_that_is_not_given_comes_from_the_places():
    con = travelled(
        """departed_at | row_means | mode   | origin_place | destination_place | distance_km
           2025-03-01  | one_way   | rail   | Stockholm    | Göteborg          | 455
           2025-03-02  | one_way   | flight | ARN          | LLA               |
           2025-03-03  | one_way   | flight | MMX-UME      |                   |
           2025-03-03T12:00 | one_way | flight |         | got–vby           |
           2025-03-04  | one_way   | flight | Arlanda      | Luleå flygplats   |
           2025-03-05  | one_way   | rail   | Stockholm C  | Göteborg C        |
           2025-03-06  | one_way   | rail   | STOCKHOLM    | goteborg          |
           2025-03-07  | one_way   | car    | Linköping    | Norrköping        |
           2025-03-07T08:00 | one_way | taxi | Linköping   | Norrköping        |
           2025-03-07T09:00 | one_way | bus  | Linköping   | Norrköping        |
           2025-03-07T10:00 | one_way | bicycle | Linköping | Norrköping       |
           2025-03-08  | one_way   | ferry  | Nynäshamn    | Visby             |
           2025-03-09  | one_way   | rail   | Stockholm    | Ingenstans        |
           2025-03-10  | one_way   | taxi   | Stockholm    | Stockholm C       |
           2025-03-11  | day_total | car    | Linköping    | Norrköping        |"""
    )
    found = ask(con, "select distance_km, distance_basis from core_segments order by departed_on")
    assert found == [
        (455.0, "given"),
        (pytest.approx(688, rel=0.01), "places"),  # the great circle
        (pytest.approx(995, rel=0.01), "places"),
        (pytest.approx(361, rel=0.01), "places"),  # the pair stands in either column
        (pytest.approx(688, rel=0.03), "places"),
        (pytest.approx(475, rel=0.01), "places"),  # 396 km as the crow flies, times 1.2
        (pytest.approx(475, rel=0.01), "places"),
        *[(pytest.approx(50, rel=0.01), "places")] * 4,  # by road: times 1.3
        (None, None),  # no rule for ferries
        (None, None),  # a place nobody knows
        (None, None),  # within a town: not zero
        (None, None),  # a day's rides are not one way between two places
    ]


def test_a_journey_there_and_back_is_twice_the_way_between_its_places():
    segment = "departed_at | mode | origin_place | destination_place\n2025-03-03 | rail | Stockholm | Göteborg"
    con = travelled(segment)
    ((way, both),) = ask(con, "select one_way_km, distance_km from core_trips")
    assert both == 2 * way == pytest.approx(2 * 475, rel=0.01)


def test_a_quarter_of_the_way_round_the_earth_is_10_008_km():
    sites = [
        {"site": name, "municipality": "Exempelby", "latitude": 0.0, "longitude": longitude, "source": "sites"}
        for name, longitude in (("Nollmeridianen", 0.0), ("Nittio grader öst", 90.0))
    ]
    segment = "departed_at | row_means | mode | origin_place | destination_place\n2025-03-03 | one_way | flight | Nollmeridianen | Nittio grader öst"
    con = travelled(segment, sites=landing_table("sites", _dated(sites)))
    assert ask(con, "select distance_km from core_segments") == [(10008.0,)]


@pytest.mark.parametrize(
    ("row_means", "one_way"), [("one_way", 90), ("segment", 90), ("round_trip", 45), ("day_total", 45)]
)
def test_one_way_is_half_of_there_and_back_and_of_a_day(row_means, one_way):
    con = travelled(f"departed_at | row_means | mode | distance_km\n2025-03-03 | {row_means} | car | 90")
    assert ask(con, "select one_way_km, ways, distance_km from core_segments") == [(one_way, 90 // one_way, 90)]


def test_an_own_site_is_where_the_organisation_says():
    sites = [
        {"site": "Stockholm", "municipality": "Exempelby", "latitude": 57.71, "longitude": 12.5, "source": "sites"}
    ]
    segment = "departed_at | row_means | mode | origin_place | destination_place\n2025-03-03 | one_way | car | Stockholm | Göteborg"
    con = travelled(segment, sites=landing_table("sites", _dated(sites)))
    assert ask(con, "select is_own_site, municipality from core_places where place = 'stockholm'") == [
        (True, "Exempelby")
    ]
    assert ask(con, "select distance_km from core_segments")[0][0] == pytest.approx(1.3 * 31.5, rel=0.03)


@pytest.mark.parametrize(
    "spelling", ["Älvkarleö Östra Station", "alvkarleo ostra", "ÄLVKARLEÖ ÖSTRA", "Älvkarleö östra C"]
)
def test_an_own_site_is_known_by_every_spelling(spelling):
    site = {"site": "Älvkarleö Östra Station", "municipality": "Exempelby", "latitude": 60.57, "longitude": 17.45}
    con = travelled(
        f"departed_at | origin_place\n2025-03-03 | {spelling}",
        sites=landing_table("sites", _dated([site | {"source": "sites"}])),
    )
    assert ask(con, "select locality, latitude from core_spellings") == [("alvkarleo ostra", 60.57)]


def test_a_site_that_no_row_of_travel_names_is_somewhere_too():
    con = travelled(
        "departed_at | origin_place\n2025-03-03 | Linköping",
        "person_key | site\nanna | Stockholm C\nbo |",
    )
    found = ask(con, "select spelling, locality, round(latitude, 1) from core_spellings order by 1")
    assert found == [("Linköping", "linkoping", 58.4), ("Stockholm C", "stockholm", 59.3)]


def test_a_name_is_a_town_before_it_is_an_airports_code():
    """Boo is near Stockholm, and BOO is the airport of Bodø."""
    con = compute(
        ("core_places",),
        {"landing_sites": "site | valid_from | latitude | longitude\nBoo kontor | 2024-01-01 | 59.3 | 18.2"},
    )
    found = ask(
        con,
        "select place, locality, is_own_site from core_places where place in ('boo', 'bos') or is_own_site order by place",
    )
    assert found == [("boo", "boo", False), ("boo kontor", "boo kontor", True), ("bos", "boston", False)]


def _dated(sites: list[dict[str, object]]) -> list[dict[str, object]]:
    return [
        {name: date(2024, 1, 1) for name in ("observed_on", "valid_from") if name in TABLES["sites"].schema} | site
        for site in sites
    ]


def test_places_are_unambiguous_sourced_and_where_they_can_be():
    places = engine.reference_tables()["ref_places"]
    assert places["normalised_name"].is_unique().all()
    assert places["iata"].drop_nulls().is_unique().all()
    assert set(places["status"]) <= {"sourced", "secondary", "unsourced"}
    assert places["source"].str.len_chars().min() > 10
    assert places["latitude"].is_between(-60, 80).all()
    assert places["longitude"].is_between(-180, 180).all()
    swedish = places.filter(pl.col("iata").is_in(["ARN", "GOT", "LLA", "MMX", "UME", "VBY", "LPI"]))
    assert swedish.height == 7
    assert swedish["latitude"].is_between(55, 69).all()
    assert swedish["longitude"].is_between(11, 25).all()


def test_names_of_places_are_spelled_as_the_models_spell_what_they_read():
    """Every name on the list, written as it is, is found again under its normalised name."""
    places = engine.reference_tables()["ref_places"].filter(pl.col("kind") == "town")
    segments = [
        {"departed_at": f"2025-03-{1 + number % 28:02d}", "origin_place": name, "row_means": "one_way"}
        for number, name in enumerate(places["name"])
    ]
    con = travelled(segments)
    found = dict(ask(con, "select origin_place, origin_locality from core_segments where origin_latitude is not null"))
    assert found == dict(zip(places["name"], places["locality"], strict=True))


def test_what_is_added_to_a_great_circle_is_added_where_the_factor_says_so():
    segment = """
        departed_at | row_means  | mode   | origin_place | destination_place | distance_km
        2025-03-03  | one_way    | flight | ARN          | LLA               |
        2025-03-03  | round_trip | flight | ARN          | LLA               |
        2025-03-03  | one_way    | flight | ARN          | LLA               | 700
    """
    given = engine.reference_tables()["ref_emission_factors"]
    flown = given.with_columns(pl.lit("great_circle_plus_95").alias("distance_basis"))
    kilos = "select co2e_kg from core_trip_footprint order by row_number"
    before = [row[0] for row in ask(travelled(segment, factors=given), kilos)]
    after = [row[0] for row in ask(travelled(segment, factors=flown), kilos)]
    added = [kg - was for kg, was in zip(after, before, strict=True)]
    assert added == pytest.approx([95 * 0.133, 2 * 95 * 0.133, 0])


def test_each_leg_has_the_factor_of_its_own_mode_and_length():
    segments = """
        departed_at | row_means | booking_ref | person_key | mode   | origin_place | destination_place | distance_km | co2_kg_reported
        2025-03-03  | segment   | b1          | anna       | rail   | Kisa         | Stockholm         | 200         | 0.1
        2025-03-03  | segment   | b1          | anna       | flight | Stockholm    | Bryssel           | 1000        | 90
        2025-03-03  | segment   | b1          | anna       | taxi   |              |                   |             |
    """
    con = build(covered() | {"travel_segments": segments}, only=("core_trip_footprint", "core_quantities"))
    found = ask(con, "select co2_kg, co2_kg_reported from core_trip_footprint order by row_number")
    assert found == [(pytest.approx(1.4), 0.1), (pytest.approx(74.67), 90.0), (None, None)]
    # one unknown leg: the journey's own distance is unknown, but that it is long is not
    assert ask(con, "select distance_km, length, co2_kg_reported from core_trips") == [(None, "long", None)]
    known = ask(
        con,
        """select quantity, sum(amount), sum(facts), sum(facts_known) from core_quantities join core_series using (series_number)
           where quantity in ('trips', 'distance_km', 'co2_kg') group by 1 order by 1""",
    )
    assert [(name, float(amount), facts, known) for name, amount, facts, known in known] == [
        ("co2_kg", pytest.approx(76.07), 3, 2),
        ("distance_km", 1200.0, 3, 2),
        ("trips", 1.0, 1, 1),
    ]


def test_each_trip_has_a_category_of_the_statutory_form():
    con = travelled(
        """departed_at | mode             | distance_km
           2025-03-01  | flight           | 998
           2025-03-02  | flight           | 1000
           2025-03-03  | flight           |
           2025-03-04  | car              | 80
           2025-03-05  | taxi             |
           2025-03-06  | rail             | 80
           2025-03-07  | bus              | 80
           2025-03-08  | machine          |
           2025-03-09  | public_transport | 20
           2025-03-10  | ferry            | 300
           2025-03-11  | unknown          | 300"""
    )
    found = ask(con, "select departed_on, mode, statutory_category from core_trips order by departed_on")
    assert [row[-1] for row in found] == [
        "flight_short", "flight_long", "flight_unknown", "car", "car", "train", "bus", "machine_other",
        "machine_other", "ferry", "unknown",
    ]  # fmt: skip


def form(con, year: int = 2025) -> dict[str, tuple[object, ...]]:
    found = ask(
        con,
        f"""select category, trips, distance_km, co2_kg, co2_kg_per_fte, reason from out_statutory_form
            where year(period_end) = {year}""",
    )
    return {str(row[0]): row[1:] for row in found}


def organisation(*groups: tuple[int, dict[str, str]], fte: str = "100"):
    """In 2025 so many people, the first ones each time, travel each once in a way."""
    segments = [
        {"departed_at": "2025-03-03", "person_key": f"p{number:02d}"} | segment
        for people, segment in groups
        for number in range(people)
    ]
    staff = "department | month | headcount | fte\n" + "\n".join(
        f"Skola | {year}-{month:02d}-01 | 100 | {fte}" for year in (2024, 2025) for month in range(1, 13)
    )
    people = "person_key | department\n" + "\n".join(f"p{number:02d} | Skola" for number in range(40))
    return build(
        covered() | {"travel_segments": segments, "staff": staff, "people": people}, only=("out_statutory_form",)
    )


RAIL, BUS, CAR = ({"mode": mode, "distance_km": "100"} for mode in ("rail", "bus", "car"))
SHORT_FLIGHT, LONG_FLIGHT = ({"mode": "flight", "distance_km": km} for km in ("800", "2000"))


def test_the_statutory_form_has_a_line_for_each_category():
    found = form(organisation((30, RAIL), (20, CAR), (12, LONG_FLIGHT)))
    assert found["train"] == (30, 3000, pytest.approx(21), pytest.approx(0.21), None)
    assert found["car"] == (20, 2000, pytest.approx(265.2), pytest.approx(2.652), None)
    assert found["flight_long"][:2] == (12, 24000)
    assert found["bus"] == (0, 0, 0, 0, None)  # a covered year: a true zero
    assert set(found) == {
        "flight_short", "flight_long", "flight_unknown", "car", "train", "bus", "machine_other", "ferry", "unknown",
        "sum_without_long_flights",
    }  # fmt: skip
    # 1.2 is 1.1 a–e: long flights stand beside
    assert found["sum_without_long_flights"] == (50, 5000, pytest.approx(286.2), pytest.approx(2.862), None)


def test_machines_are_a_category_and_a_part_of_the_forms_sum():
    found = form(organisation((30, RAIL), (15, {"mode": "machine", "distance_km": "50"})))
    assert found["machine_other"] == (15, 750, None, None, "incomplete")  # no factor is known
    assert found["sum_without_long_flights"][:2] == (45, 3750)


def test_the_forms_sum_is_withheld_with_any_of_its_parts():
    found = form(organisation((30, RAIL), (20, CAR), (3, BUS)))
    assert found["sum_without_long_flights"] == (None, None, None, None, "too_few_people")


def test_the_form_withholds_what_rests_on_few_people():
    found = form(organisation((30, RAIL), (20, CAR), (3, BUS)))
    assert found["bus"] == (None, None, None, None, "too_few_people")


def test_few_short_flights_are_not_all_flights_less_the_long():
    found = form(organisation((30, RAIL), (20, CAR), (20, LONG_FLIGHT), (3, SHORT_FLIGHT)))
    assert found["flight_short"][-1] == found["flight_long"][-1] == "too_few_people"


def test_few_taxi_rides_are_not_the_forms_cars_less_the_cars():
    con = organisation((30, RAIL), (20, CAR), (25, BUS), (3, {"mode": "taxi", "distance_km": "30"}))
    assert form(con)["car"][-1] == "too_few_people"


def test_without_kilometres_the_form_says_incomplete_and_without_staff_no_share():
    taxi = {"mode": "taxi", "distance_km": ""}
    con = organisation((30, RAIL), (20, {key: value for key, value in taxi.items() if value}))
    assert form(con)["car"] == (20, None, None, None, "incomplete")
    found = form(organisation((30, RAIL), fte=""))
    assert found["train"][:3] == (30, 3000, pytest.approx(21))
    assert found["train"][3:] == (None, "no_staff")


def test_a_year_without_its_files_is_not_a_year_without_travel():
    con = build(covered(travel="2024-01-01 … 2024-12-31, 2025-01-01 … 2025-10-31"), only=("out_statutory_form",))
    assert {row[-1] for row in form(con).values()} == {"source_missing"}


def test_a_missing_return_is_a_gap():
    segments = [
        {"departed_at": "2025-03-03", "person_key": f"p{number}", "row_means": "segment", "origin_place": "Kisa",
         "destination_place": "Malmö"} for number in range(9)
    ]  # fmt: skip
    con = build(covered() | {"travel_segments": segments}, only=("out_gaps",))
    assert ask(con, "select rows, share from out_gaps where gap = 'missing_return'") == [(9, 1.0)]


PLACES = st.sampled_from(["Kisa", "Linköping", "Stockholm", "ARN", "Okänd ort", None])


@st.composite
def travel_rows(draw: st.DrawFn) -> list[dict[str, object]]:
    """Any mixture of rows of a travel export."""
    one_row = st.fixed_dictionaries(
        {
            "departed_at": st.dates(date(2025, 1, 1), date(2025, 3, 31)).map(str),
            "row_means": st.sampled_from(
                ["segment", "segment", "one_way", "round_trip", "day_total", "fee", "refund", "cancellation", "private"]
            ),
            "person_key": st.sampled_from(["anna", "bo", None]),
            "booking_ref": st.sampled_from(["b1", "b2", None]),
            "origin_place": PLACES,
            "destination_place": PLACES,
            "mode": st.sampled_from(["rail", "flight", "taxi", "car"]),
            "distance_km": st.sampled_from([0.0, 12.5, 300.0, None]),
            "cost_sek": st.sampled_from(["100.00", "-100.00", "0.10", None]),
            "time_precision": st.sampled_from(["day", "day", "month"]),
        }
    )
    return draw(st.lists(one_row, max_size=12))


@settings(max_examples=20, deadline=None)
@given(travel_rows())
def test_assembly_keeps_every_kilometre_and_krona_and_makes_no_journey_of_nothing(given_rows):
    numbered: list[dict[str, object]] = [row | {"row_number": number} for number, row in enumerate(given_rows, 1)]
    con = travelled(numbered)
    ((segments, km),) = ask(
        con, "select count(*), coalesce(sum(distance_km), 0) from core_segments where not is_cancelled"
    )
    ((legs, distinct_legs),) = ask(
        con, "select count(*), count(distinct (file_sha256, row_number)) from core_trip_legs"
    )
    assert legs == distinct_legs == segments
    ((trips, trip_legs),) = ask(con, "select count(*), coalesce(sum(legs), 0) from core_trips")
    assert trips <= segments == trip_legs
    ((of_trips,),) = ask(
        con,
        """select coalesce(sum(segment.distance_km), 0) from core_trips as trip
           inner join core_trip_legs as leg
               on leg.trip_file_sha256 = trip.file_sha256 and leg.trip_row_number = trip.row_number
           inner join core_segments as segment
               on segment.file_sha256 = leg.file_sha256 and segment.row_number = leg.row_number""",
    )
    assert of_trips == pytest.approx(km)
    whole = "select coalesce(sum(distance_km), 0) from core_trips where distance_km is not null"
    assert ask(con, whole)[0][0] <= km + 1e-6
    money = "select coalesce(sum(cost_sek), 0) from"
    assert ask(con, f"{money} core_travel_costs") == ask(
        con, f"{money} landing_travel_segments where row_means <> 'private'"
    )
    order = "select * from core_trips order by all"
    assert ask(travelled(numbered[::-1]), order) == ask(con, order)
