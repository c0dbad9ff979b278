"""Where trips go (METHOD 2, 7): place by place, ranked by what a meeting would save, and no place of few people."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute, known_months, rows

PLACES = """
spelling     | locality  | latitude | longitude
Falun        | falun     | 60.60    | 15.63
Falun C      | falun     | 60.60    | 15.63
Borlänge     | borlange  | 60.49    | 15.44
Göteborg C   | goteborg  | 57.71    | 11.97
Landvetter   | goteborg  | 57.66    | 12.28
LCG          | culleredo | 43.30    | -8.38
Stora kvarn  | stora kvarn |        |
"""
TOWNS = "place | locality | name\nfalun | falun | Falun\nborlange | borlange | Borlänge\ngoteborg | goteborg | Göteborg"
PEOPLE = """
person_key | valid_from | valid_before | site
anna       | 1900-01-01 | 9999-12-31   | Falun
bo         | 1900-01-01 | 2025-07-01   | Falun C
bo         | 2025-07-01 | 9999-12-31   | Borlänge
cia        | 1900-01-01 | 9999-12-31   |
"""


def trips(text: str, meetings: str = "", coverage: str | None = None):
    """Journeys, each with what its tickets cost and emitted leg by leg: ``300 + ?`` is a known leg and an unknown one."""
    made, legs, tickets, footprints = [], [], [], []
    for number, trip in enumerate(rows(text)):
        head = f"t | {100 * number}"
        day = trip["on"]
        made.append(
            " | ".join(
                [head, trip.get("who", ""), day, f"{day[:7]}-01", trip.get("to", ""), trip.get("from", "Skola")]
                + [trip.get("class", "meeting"), trip.get("trips", "1"), trip.get("days", ""), trip.get("km", "")]
            )
        )
        parts = {name: trip.get(name, "?").split("+") for name in ("kronor", "co2", "co2e")}
        for leg in range(max(map(len, parts.values()))):
            kronor, co2, co2e = (
                amounts[leg].strip().replace("?", "") if leg < len(amounts) else "" for amounts in parts.values()
            )
            legs.append(f"t | {100 * number + leg} | {head} | {leg + 1}")
            tickets.append(f"t | {100 * number + leg} | {kronor}")
            footprints.append(f"t | {100 * number + leg} | {co2} | {co2e}")
    tables = {
        "core_trips": "file_sha256 | row_number | person_key | departed_on | month | destination_place | department | trip_class | trips | days | distance_km\n"
        + "\n".join(made),
        "core_trip_legs": "file_sha256 | row_number | trip_file_sha256 | trip_row_number | leg\n" + "\n".join(legs),
        "landing_travel_segments": "file_sha256 | row_number | cost_sek\n" + "\n".join(tickets),
        "core_trip_footprint": "file_sha256 | row_number | co2_kg | co2e_kg\n" + "\n".join(footprints),
        "core_spellings": PLACES,
        "core_places": TOWNS,
        "core_people": PEOPLE,
        "core_meeting_sites": f"source | meeting_id | month | site | people\n{meetings}",
        "core_coverage": coverage or known_months("2024-01", "2025-12"),
    }
    return compute(("core_periods", "core_destinations"), tables)


def gone(con, columns: str, **where: str) -> list[tuple[object, ...]]:
    conditions = " and ".join([f"{column} = '{told}'" for column, told in where.items()] or ["true"])
    return ask(
        con, f"select {columns} from core_destinations where {conditions} order by period_end, place, person_key"
    )


def test_everything_the_trips_of_a_person_to_a_town_came_to():
    con = trips(
        """who  | to         | on         | days | km  | kronor    | co2   | co2e
           anna | Göteborg C | 2025-03-04 | 1    | 900 | 600       | 6.0   | 6.5
           anna | Landvetter | 2025-09-02 | 3    | 940 | 900 + 700 | 60+80 | 110 + 120
           bo   | Göteborg C | 2025-03-04 | 2    | 900 | 650       | 6.0   | 6.5"""
    )
    # an airport is of the town it serves, and a journey's legs add up
    assert gone(con, "place, trips, distance_km, ticket_cost_sek, co2_kg, co2e_kg, trips_known", person_key="anna") == [
        ("Göteborg", 2, 1840.0, 2200.0, 146.0, 236.5, 2)
    ]
    assert gone(con, "trips, distance_km, ticket_cost_sek, co2_kg, co2e_kg", person_key="bo") == [
        (1, 900.0, 650.0, 6.0, 6.5)
    ]


@pytest.mark.parametrize(
    ("to", "place"),
    [
        ("Göteborg C", "Göteborg"),
        ("LCG", "culleredo"),  # an airport of a town that no list names
        ("Stora kvarn", "other places"),  # nobody knows where that is
        ("", "other places"),
    ],
)
def test_a_place_is_a_town_that_is_known(to, place):
    assert gone(trips(f"who | to | on\nanna | {to} | 2025-03-04"), "place, trips") == [(place, 1)]


def test_a_trip_without_a_traveller_is_nobodys_and_counts():
    con = trips("who | to | on | trips | km\n | Falun | 2025-03-04 | 3 | 40\n | Falun | 2025-03-05 | 0 | 40")
    # three colleagues on one booking; the pool car without a driver made no trip
    assert gone(con, "person_key, trips, distance_km") == [(None, 3, 40.0)]


def test_service_trips_are_no_trips_a_meeting_replaces():
    con = trips(
        """who  | to    | on         | class   | co2e
           anna | Falun | 2025-03-04 | meeting | 10
           anna | Falun | 2025-03-05 | unknown | 20
           anna | Falun | 2025-03-06 | service | 40"""
    )
    assert gone(con, "trips, replaceable_trips, co2e_kg, replaceable_co2e_kg") == [(3, 2, 70.0, 30.0)]


def test_a_leg_without_emission_makes_its_trip_unknown_not_smaller():
    con = trips(
        """who  | to    | on         | km  | co2   | co2e
           anna | Falun | 2025-03-04 | 100 | 1 + 2 | 4 + ?
           anna | Falun | 2025-03-05 | 100 | 1 + ? | 4 + 5
           anna | Falun | 2025-03-06 |     | 7     | 8"""
    )
    # of each gas the trips of which it is known: 1 + 2 and 7; 4 + 5 and 8. Distance and CO2e are known of the second only
    assert gone(con, "trips, co2_kg, co2e_kg, trips_known") == [(3, 10.0, 17.0, 1)]


def test_home_the_same_day():
    con = trips(
        """who  | to    | on         | days | trips
           anna | Falun | 2025-03-04 | 1    | 2
           anna | Falun | 2025-03-05 | 2    | 1
           anna | Falun | 2025-03-06 |      | 4"""
    )
    assert gone(con, "trips, trips_timed, same_day_trips") == [(7, 3, 2)]


def test_years_and_departments_are_apart_and_a_year_not_closed_has_none():
    con = trips(
        """who  | to    | on         | from
           anna | Falun | 2024-12-31 | Skola
           anna | Falun | 2025-01-01 | Skola
           anna | Falun | 2025-12-31 | Vård
           anna | Falun | 2026-01-01 | Skola"""
    )
    assert ask(
        con,
        "select cast(period_end as varchar), department, trips from core_destinations order by period_end, department",
    ) == [
        ("2024-12-31", "Skola", 1),
        ("2025-12-31", "Skola", 1),
        ("2025-12-31", "Vård", 1),
    ]


MET = """
teams | m1 | 2025-02-01 | Falun    | 3
teams | m1 | 2025-02-01 | Borlänge | 2
"""


@pytest.mark.parametrize(
    ("who", "to", "on", "between_sites", "with_meetings"),
    [
        ("anna", "Borlänge", "2025-03-31", 1, 1),
        ("anna", "Borlänge", "2025-04-01", 1, 0),  # nobody met in that quarter
        ("bo", "Borlänge", "2025-01-02", 1, 1),  # "Falun C" is Falun
        ("anna", "Göteborg C", "2025-03-04", 0, 0),  # no site of ours
        ("cia", "Borlänge", "2025-03-04", 0, 0),  # nobody knows where from
        ("", "Borlänge", "2025-03-04", 0, 0),
        ("anna", "Falun C", "2025-03-04", 1, 0),  # nobody travels to meet the own site
    ],
)
def test_a_trip_between_own_sites_that_also_met_digitally_in_that_quarter(who, to, on, between_sites, with_meetings):
    con = trips(f"who | to | on | trips\n{who} | {to} | {on} | 1", MET)
    assert gone(con, "trips, trips_to_own_sites, trips_with_meetings") == [(1, between_sites, with_meetings)]


def test_where_a_person_lived_when_they_travelled():
    """Bo moved from Falun to Borlänge in July."""
    text = "who | to | on\nbo | Borlänge | 2025-06-30\nbo | Falun | 2025-07-01"
    con = trips(text, MET.replace("2025-02", "2025-05") + MET.replace("2025-02", "2025-09").replace("m1", "m2"))
    assert gone(con, "place, trips_to_own_sites, trips_with_meetings") == [("Borlänge", 1, 1), ("Falun", 1, 1)]


def test_two_people_of_one_site_make_no_meeting_between_sites():
    con = trips(
        "who | to | on\nanna | Borlänge | 2025-03-04",
        "teams | m1 | 2025-02-01 | Falun | 5\nzoom | m1 | 2025-02-01 | Borlänge | 2",
    )
    assert gone(con, "trips_to_own_sites, trips_with_meetings") == [(1, 0)]
