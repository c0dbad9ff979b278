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
                (
                    *(head, trip.get("who", ""), day, f"{day[:7]}-01", trip.get("to", ""), trip.get("from", "Skola")),
                    *(trip.get("class", "meeting"), trip.get("trips", "1"), trip.get("days", ""), trip.get("km", "")),
                )
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


GONE = (
    "period_end | department | place | person_key | trips | replaceable_trips | distance_km | ticket_cost_sek | co2_kg | co2e_kg"
    " | replaceable_co2e_kg | trips_known | trips_timed | same_day_trips | trips_to_own_sites | trips_with_meetings\n"
)


def went(place: str, people: int, department: str = "Skola", who: str = "p", **each: object) -> list[str]:
    """So many people who each went to a place once, by rail, 100 km and 10 kg, and home the same day unless said."""
    told: dict[str, object] = {
        "trips": 1, "replaceable": None, "km": 100, "kronor": 200, "co2": 9, "co2e": 10, "saved": None, "known": None,
        "timed": None, "same_day": None, "own": 0, "met": 0,
    }  # fmt: skip
    told |= each
    for name, same in {
        "replaceable": "trips",
        "saved": "co2e",
        "known": "trips",
        "timed": "trips",
        "same_day": "trips",
    }.items():
        if told[name] is None:
            told[name] = told[same]
    amounts = " | ".join(str(amount) for amount in told.values())
    return [f"2025-12-31 | {department} | {place} | {who}{number} | {amounts}" for number in range(people)]


def destinations(*people: list[str], covered: str = "true", **method):
    tables = {
        "core_destinations": GONE + "\n".join(line for lines in people for line in lines),
        "core_period_coverage": f"kind | period_kind | period_end | is_covered\ntravel | year | 2025-12-31 | {covered}",
    }
    return compute(("out_destinations",), tables, **method)


def shown(con, columns: str = "place, trips", department: str = "all") -> list[tuple[object, ...]]:
    return ask(
        con, f"select {columns} from out_destinations where department = '{department}' order by saving_rank, place"
    )


def test_places_are_ranked_by_what_meetings_would_save_there():
    con = destinations(
        went("Göteborg", 10, co2e=30),
        went("Örebro", 20, co2e=20),
        # the most emissions of all, of inspections that no meeting replaces
        went("Luleå", 10, co2e=90, saved=0, replaceable=0),
        went("Avesta", 10, co2e=20, saved=20),
        went("Arboga", 10, co2e=20, saved=20),
        went("other places", 10, co2e=70),
    )
    assert shown(con, "saving_rank, place, trips, co2e_kg, replaceable_co2e_kg, reason") == [
        (1, "Örebro", 20.0, 400.0, 400.0, None),
        (2, "Göteborg", 10.0, 300.0, 300.0, None),
        (3, "Arboga", 10.0, 200.0, 200.0, None),  # alike: by name
        (4, "Avesta", 10.0, 200.0, 200.0, None),
        (5, "Luleå", 10.0, 900.0, 0.0, None),
        (6, "other places", 10.0, 700.0, 700.0, None),  # no place to meet with, whatever is in it
    ]


def test_all_that_is_told_of_a_place():
    con = destinations(
        went("Falun", 10, trips=2, km=240, kronor=500, co2=3, co2e=4, timed=2, same_day=0, own=2, met=0),
        went("Falun", 10, who="q", trips=2, km=240, kronor=300, co2=5, co2e=6, timed=2, same_day=2, own=2, met=2),
        went("Falun", 10, who="r", trips=1, km=110, kronor=100, co2=1, co2e=2, timed=0, same_day=0),
    )
    columns = "trips, distance_km, ticket_cost_sek, co2_kg, co2e_kg, same_day_share, digital_alternative_share"
    # 20 of 40 trips of known days, and 20 of 40 between own sites
    assert shown(con, columns) == [(50.0, 5900.0, 9000.0, 90.0, 120.0, 0.5, 0.5)]


def test_a_place_without_an_own_site_has_no_digital_alternative_and_untimed_trips_no_days():
    con = destinations(went("Göteborg", 10, timed=0, same_day=0))
    assert shown(con, "same_day_share, digital_alternative_share, reason") == [(None, None, None)]


@pytest.mark.parametrize(("people", "k", "place"), [(8, 8, "Göteborg"), (7, 8, "other places"), (7, 7, "Göteborg")])
def test_a_place_of_fewer_than_k_people_is_one_of_other_places(people, k, place):
    con = destinations(went("Göteborg", people), went("other places", 10, who="q"), k=k)
    total = {"Göteborg": [("Göteborg", people), ("other places", 10)], "other places": [("other places", people + 10)]}
    assert shown(con) == total[place]


def test_trips_of_nobody_known_are_one_persons():
    con = destinations(
        went("Göteborg", 7), ["2025-12-31 | Skola | Göteborg | | 5 | 5 | 500 | 500 | 9 | 10 | 10 | 5 | 5 | 5 | 0 | 0"]
    )
    assert shown(con) == [("Göteborg", 12.0)]  # seven people, and whoever made the others
    con = destinations(
        went("Göteborg", 6),
        ["2025-12-31 | Skola | Göteborg | | 5 | 5 | 500 | 500 | 9 | 10 | 10 | 5 | 5 | 5 | 0 | 0"],
        went("other places", 10, who="q"),
    )
    assert shown(con) == [("other places", 21.0)]


@pytest.mark.parametrize("quantity", ["km", "co2", "co2e"])
@pytest.mark.parametrize(("most", "place"), [(75, "Göteborg"), (76, "other places")])
def test_a_place_that_is_mostly_one_persons_is_one_of_other_places(quantity, most, place):
    """Nine people 10 each, and one who stands for most: what the others have must hide it, 90 ≥ 1.2 · 75."""
    even = {"km": 10, "co2": 10, "co2e": 10}
    con = destinations(
        went("Göteborg", 9, **even),
        went("Göteborg", 1, who="boss", **(even | {quantity: most})),
        went("other places", 10, who="q"),
    )
    assert shown(con, "place")[0] == (place,)


def test_a_person_of_two_departments_is_one_person():
    """Four people who moved from Skola to Vård and four who did not."""
    rest = went("other places", 10, who="q"), went("other places", 10, "Vård", who="q")
    con = destinations(went("Göteborg", 8), went("Göteborg", 4, "Vård"), *rest)
    assert shown(con) == [("Göteborg", 12.0), ("other places", 20.0)]
    # twelve rows of eight people are eight people; of seven people they are seven
    con = destinations(went("Göteborg", 7), went("Göteborg", 5, "Vård"), *rest)
    assert shown(con) == [("other places", 32.0)]


def test_a_place_of_which_nobody_knows_kilometres_or_emissions_or_tickets_is_told_of_all_the_same():
    unknown = {"km": "", "kronor": "", "co2": "", "co2e": "", "known": 0}
    con = destinations(went("Göteborg", 10, **unknown), went("other places", 10, who="q", **unknown))
    columns = "place, trips, same_day_share, distance_km, ticket_cost_sek, co2_kg, co2e_kg, replaceable_co2e_kg, reason"
    assert shown(con, columns) == [
        (place, 10.0, 1.0, None, None, None, None, None, "incomplete") for place in ("Göteborg", "other places")
    ]
    con = destinations(went("Göteborg", 10, kronor=""))
    assert shown(con, columns) == [("Göteborg", 10.0, 1.0, 1000.0, None, 90.0, 100.0, 100.0, None)]


def test_a_place_that_one_department_may_not_show_no_department_shows():
    """Else Vård's trips there would be what Skola leaves of the whole."""
    con = destinations(
        went("Göteborg", 10),
        went("Göteborg", 3, "Vård", who="v"),
        went("Falun", 10, "Skola", who="f"),
        went("Falun", 10, "Vård", who="g"),
        went("other places", 10, who="q"),
        went("other places", 10, "Vård", who="r"),
    )
    assert shown(con) == [("Falun", 20.0), ("Göteborg", 13.0), ("other places", 20.0)]
    assert shown(con, department="Skola") == [("Falun", 10.0), ("other places", 20.0)]
    assert shown(con, department="Vård") == [("Falun", 10.0), ("other places", 13.0)]


def test_people_of_no_department_may_not_be_worked_out_and_are_never_shown():
    con = destinations(
        went("Göteborg", 10),
        went("Göteborg", 3, "NULL", who="v"),
        went("other places", 10, who="q"),
        went("other places", 10, "NULL", who="r"),
    )
    assert shown(con) == [("Göteborg", 13.0), ("other places", 20.0)]
    assert shown(con, department="Skola") == [("other places", 20.0)]
    assert ask(con, "select distinct department from out_destinations order by 1") == [("Skola",), ("all",)]


def test_other_places_of_too_few_are_what_a_total_leaves_so_that_no_place_is_shown():
    con = destinations(went("Göteborg", 10), went("Avesta", 7, who="q"))
    assert (
        shown(
            con,
            "saving_rank, trips, distance_km, ticket_cost_sek, co2_kg, co2e_kg, replaceable_co2e_kg, same_day_share, reason",
        )
        == [(None,) * 8 + ("too_few_people",)] * 2
    )
    # one more went somewhere else: eight people in other places
    con = destinations(went("Göteborg", 10), went("Avesta", 7, who="q"), went("Arboga", 1, who="r"))
    assert shown(con) == [("Göteborg", 10.0), ("other places", 8.0)]


@pytest.mark.parametrize("quantity", ["km", "co2", "co2e"])
@pytest.mark.parametrize(("most", "reason"), [(75, None), (76, "too_few_people")])
def test_other_places_that_are_mostly_one_persons_are_not_told_either(quantity, most, reason):
    even = {"km": 10, "co2": 10, "co2e": 10}
    con = destinations(
        went("Göteborg", 10, who="g"),
        went("other places", 9, **even),
        went("other places", 1, who="boss", **(even | {quantity: most})),
    )
    assert shown(con, "reason") == [(reason,)] * 2


def test_departments_are_hidden_together_and_apart_from_the_whole():
    """Vård's other places are seven people's: of the whole they are seventeen."""
    con = destinations(
        went("Göteborg", 10),
        went("Göteborg", 10, "Vård", who="v"),
        went("other places", 10, who="q"),
        went("other places", 7, "Vård", who="r"),
    )
    assert shown(con) == [("Göteborg", 20.0), ("other places", 17.0)]
    for department in ("Skola", "Vård"):
        assert shown(con, "trips, reason", department) == [(None, "too_few_people")] * 2


@pytest.mark.parametrize(("known", "reason"), [(8, None), (7, "incomplete")])
def test_distance_and_emissions_need_four_of_five_trips_known(known, reason):
    con = destinations(went("Göteborg", known), went("Göteborg", 10 - known, who="q", known=0))
    found = shown(
        con, "trips, ticket_cost_sek, same_day_share, distance_km, co2_kg, co2e_kg, replaceable_co2e_kg, reason"
    )
    told = (1000.0, 90.0, 100.0, 100.0) if reason is None else (None,) * 4
    assert found == [(10.0, 2000.0, 1.0, *told, reason)]


def test_what_is_not_known_of_a_place_is_no_reason_to_rank_it_first():
    con = destinations(went("Göteborg", 10, co2e=90, known=0), went("Falun", 10, co2e=5))
    assert shown(con, "place, saving_rank, replaceable_co2e_kg") == [("Falun", 1, 50.0), ("Göteborg", 2, None)]


def test_a_year_that_is_not_covered_has_no_trips_not_fewer():
    con = destinations(went("Göteborg", 10), covered="false")
    assert shown(con, "saving_rank, trips, distance_km, ticket_cost_sek, co2e_kg, same_day_share, reason") == [
        (None, None, None, None, None, None, "source_missing")
    ]


@pytest.mark.parametrize(
    ("few", "withheld"),
    [
        ({"replaceable": 0, "saved": 0}, "replaceable_co2e_kg"),
        ({"same_day": 0}, "same_day_share"),
        ({"own": 1, "met": 1}, "digital_alternative_share"),
    ],
)
@pytest.mark.parametrize(("people", "is_shown"), [(0, True), (1, False), (7, False), (8, True), (20, True)])
def test_a_part_of_a_place_rests_on_no_one_or_on_k_people_and_so_does_what_it_leaves(few, withheld, people, is_shown):
    """Of twenty people some on service, some over night, some between sites that meet digitally."""
    usual = {"own": 1, "met": 0} if "own" in few else {}
    for some, others in (({**usual, **few}, usual), (usual, {**usual, **few})):
        con = destinations(went("Göteborg", people, **some), went("Göteborg", 20 - people, who="q", **others))
        ((trips_made, part, reason),) = shown(con, f"trips, {withheld}, reason")
        assert trips_made == 20.0
        assert (part is not None, reason) == (is_shown, None if is_shown else "too_few_people")


@pytest.mark.parametrize(("most", "is_shown"), [(75, True), (76, False)])
def test_neither_what_meetings_would_save_nor_what_they_would_not_is_mostly_one_persons(most, is_shown):
    for one, nine in (("s", "r"), ("r", "s")):
        kinds = {"s": {"replaceable": 0, "saved": 0}, "r": {}}
        con = destinations(
            went("Göteborg", 9, co2e=10, **kinds[one]),
            went("Göteborg", 1, who="boss", co2e=most, **kinds[one]),
            went("Göteborg", 20, who="q", co2e=10, **kinds[nine]),
        )
        ((saved,),) = shown(con, "replaceable_co2e_kg")
        assert (saved is not None) == is_shown


@pytest.mark.parametrize("who_cycled", ["the one", "the others"])
def test_one_person_who_emitted_nothing_is_one_person_all_the_same(who_cycled):
    """By bicycle: that a meeting would save nothing there would be that person's own figure."""
    meeting, service = {"co2e": 0}, {"co2e": 10, "replaceable": 0, "saved": 0}
    one, others = (meeting, service) if who_cycled == "the one" else (service | {"co2e": 0}, {"co2e": 10})
    con = destinations(went("Göteborg", 1, **one), went("Göteborg", 19, who="q", **others))
    assert shown(con, "trips, replaceable_co2e_kg, reason") == [(20.0, None, "too_few_people")]


@pytest.mark.parametrize(("most", "cost"), [(750, 1650.0), (760, None)])
def test_tickets_that_are_mostly_one_persons_are_not_told(most, cost):
    con = destinations(went("Göteborg", 9, kronor=100), went("Göteborg", 1, who="boss", kronor=most))
    assert shown(con, "trips, ticket_cost_sek, co2e_kg, reason") == [
        (10.0, cost, 100.0, None if cost else "too_few_people")
    ]


def test_a_part_that_one_department_may_not_show_no_department_shows():
    con = destinations(
        went("Göteborg", 20, kronor=10),
        went("Göteborg", 19, "Vård", who="v", kronor=10),
        went("Göteborg", 1, "Vård", who="boss", same_day=0, replaceable=0, saved=0, own=1, met=1, kronor=900),
    )
    columns = "trips, ticket_cost_sek, replaceable_co2e_kg, same_day_share, digital_alternative_share"
    assert shown(con, columns, "Skola") == shown(con, columns, "Vård") == [(20.0, None, None, None, None)]
