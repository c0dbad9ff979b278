"""The scenario of avoided travel (METHOD 5): who would have had to travel, how far, and what a survey says of it."""

from __future__ import annotations

import math
from datetime import date

import pytest

from tests.model_cases import COUNTING, ask, compute, known_months, value

PLACES = """
spelling  | locality  | latitude | longitude
Norrby    | norrby    | 60.0     | 15.0
Söderby   | soderby   | 59.0     | 15.0
Granne    | granne    | 60.1     | 15.0
Mellan    | mellan    | 57.5     | 15.0
Fjärran   | fjarran   | 55.5     | 13.0
Okänd     | okand     |          |
"""
ROAD = 1.3 * 2 * math.pi * 6371 / 360
"""Kilometres by road of one degree of latitude: 1.3 · 111.19."""
SITES = {site[0].lower(): site for site in ("Norrby", "Söderby", "Granne", "Mellan", "Fjärran", "Okänd")}
PEOPLE = "person_key | site\n" + "\n".join(f"{letter}1 | {site}" for letter, site in SITES.items())
MEETING = "meeting_number | month | started_on | started_at | is_digital | is_spanning | is_between_sites | modality | person_minutes\n"
PART = "meeting_number | period_number\n"
PERIODS = "period_number | person_key | site\n" + "".join(
    f"{ord(letter)}{number} | {letter}{number} | {site}\n" for letter, site in SITES.items() for number in range(1, 10)
)
SPENT = {"cost_sek": 1, "distance_km": 2, "trips": 3}
OWN_TRIPS = "file_sha256 | row_number | mode | trips | one_way_km | distance_km | trip_class\n"


def scenario(
    meetings: dict[str, list[str]], own_trips: str = "", hours: str = "", legs: str = "", spent: str = "", **method
):
    """Meetings ``day[ time]`` with the people in them; digital and spanning unless said.

    ``legs`` of own trips are told as ``file | row of the trip | row | CO2e | kWh``.
    """
    lines, parts = [], []
    for number, (when, who) in enumerate(meetings.items()):
        day, _, more = when.partition(" ")
        flags = "false | true" if "unmet" in more else "true | false" if "one site" in more else "true | true"
        sites = "false" if "one site" in more else "true"
        lines.append(f"{number} | {day[:7]}-01 | {day} | {day} 09:{number:02d}:00+00 | {flags} | {sites} | web | 60")
        # the directory knows no guest
        parts += [
            f"{number} | {'' if person.startswith('guest') else f'{ord(person[0])}{person[1:]}'}" for person in who
        ]
    tables = {
        "core_meetings": MEETING + "\n".join(lines), "core_participations": PART + "\n".join(parts), "core_people": PEOPLE,
        "core_participant_periods": PERIODS,
        "core_spellings": PLACES, "core_trips": OWN_TRIPS + own_trips,
        "core_trip_hours": f"file_sha256 | row_number | hours\n{hours}",
        "core_trip_legs": "trip_file_sha256 | trip_row_number | file_sha256 | row_number\n",
        "core_trip_footprint": "file_sha256 | row_number | co2e_kg | energy_kwh\n",
        "core_series": "quantity | series_number\n" + "\n".join(f"{name} | {number}" for name, number in SPENT.items()),
        "core_quantities": "series_number | amount\n" + "\n".join(
            f"{SPENT[name]} | {amount}" for name, amount in (line.split(" | ") for line in spent.splitlines())
        ),
    }  # fmt: skip
    for leg in filter(None, legs.splitlines()):
        file, trip, row, *footprint = (cell.strip() for cell in leg.split("|"))
        tables["core_trip_legs"] += f"{file} | {trip} | {file} | {row}\n"
        tables["core_trip_footprint"] += f"{file} | {row} | {' | '.join(footprint)}\n"
    return compute(("core_meeting_sites", "core_scenario_journeys"), tables, **method)


def journeys(con) -> list[tuple[object, ...]]:
    return ask(con, "select person_key, destination from core_scenario_journeys order by started_on, person_key")


def test_those_who_are_not_where_most_are_would_have_travelled():
    con = scenario({"2025-03-04": ["n1", "n2", "n3", "s1", "s2"]})
    assert journeys(con) == [("s1", "Norrby"), ("s2", "Norrby")]
    ((km,),) = ask(con, "select distinct one_way_km from core_scenario_journeys")
    assert km == pytest.approx(ROAD)  # one degree: 144.6 km


def test_the_way_is_1_3_times_the_great_circle():
    con = scenario({"2025-03-04": ["n1", "n2", "f1"]})
    north, south, apart = math.radians(60), math.radians(55.5), math.radians(2)
    angle = math.acos(math.sin(north) * math.sin(south) + math.cos(north) * math.cos(south) * math.cos(apart))
    assert ask(con, "select one_way_km from core_scenario_journeys") == [(pytest.approx(1.3 * 6371 * angle),)]


def test_two_sites_alike_are_told_apart_by_name():
    assert journeys(scenario({"2025-03-04": ["n1", "s1"]})) == [("s1", "Norrby")]


def test_outside_participants_are_not_counted():
    # the guest makes it a spanning meeting; nobody of ours would have travelled to the others of ours
    assert journeys(scenario({"2025-03-04": ["n1", "n2", "guest g1"]})) == []


@pytest.mark.parametrize("who", [["n1", "n2", "o1"], ["o1", "o2", "n1"]])
def test_an_unknown_distance_is_no_journey(who):
    assert journeys(scenario({"2025-03-04": who})) == []


@pytest.mark.parametrize(("least", "found"), [(20.0, 0), (14.0, 1), (14.5, 0)])
def test_less_than_twenty_kilometres_one_way_is_no_journey(least, found):
    # a tenth of a degree: 14.46 km
    assert len(journeys(scenario({"2025-03-04": ["n1", "n2", "g1"]}, scenario_min_km=least))) == found


def test_just_as_far_as_that_is_far_enough():
    met = {"2025-03-04": ["n1", "n2", "s1"]}
    ((km,),) = ask(scenario(met), "select one_way_km from core_scenario_journeys")
    assert isinstance(km, float)
    assert len(journeys(scenario(met, scenario_min_km=km))) == 1
    assert len(journeys(scenario(met, scenario_min_km=math.nextafter(km, math.inf)))) == 0


@pytest.mark.parametrize("when", ["2025-03-04 unmet", "2025-03-04 one site"])
def test_only_digital_meetings_between_sites_or_organisations(when):
    assert journeys(scenario({when: ["n1", "n2", "s1"]})) == []


def test_a_person_is_at_one_place_a_day():
    con = scenario(
        {
            "2025-03-04": ["n1", "n2", "s1"],
            "2025-03-04 again": ["n1", "n2", "s1", "s2"],
            "2025-03-05": ["n1", "n2", "s1"],
        }
    )
    assert journeys(con) == [("s1", "Norrby"), ("s2", "Norrby"), ("s1", "Norrby")]


RAIL = "t | {row} | rail | 1 | 144 | 288 | meeting"
AIR = "t | {row} | flight | 1 | 660 | 1400 | meeting"


def test_a_person_flies_once_a_fortnight():
    """Where the organisation itself flies at that distance; fortnights run from a Monday."""
    monday = date(2000, 1, 3).toordinal()
    first = next(day for day in (date(2025, 3, n) for n in range(1, 31)) if (day.toordinal() - monday) % 14 == 0)
    days = [str(date.fromordinal(first.toordinal() + n)) for n in (0, 1, 13, 14)]
    con = scenario({day: ["n1", "n2", "f1"] for day in days}, AIR.format(row=1))
    assert ask(con, "select cast(started_on as varchar), is_by_air from core_scenario_journeys order by 1") == [
        (days[0], True), (days[3], True),
    ]  # fmt: skip
    assert len(journeys(scenario({day: ["n1", "n2", "f1"] for day in days}))) == 4  # by ground every day


def test_the_way_is_as_the_organisation_travels_at_that_distance():
    con = scenario(
        {"2025-03-04": ["n1", "n2", "s1"]},
        f"""{RAIL.format(row=1)}
            {RAIL.format(row=2)}
            t | 3 | car | 1 | 120 | 264 | meeting
            t | 4 | car | 9 | 200 | 999 | service
            t | 5 | car | 9 |  30 |  99 | meeting""",
    )
    # at 100–250 km one way: (288 + 288 + 264) km there and back for (144 + 144 + 120) km one way; service is no habit
    ((km,),) = ask(con, "select distance_km from core_scenario_journeys")
    assert km == pytest.approx(ROAD * 840 / 408)


def test_hours_are_those_of_the_trips_whose_hours_are_known():
    trips = "\n".join([RAIL.format(row=1), RAIL.format(row=2), "t | 3 | rail | 2 | 120 | 240 | meeting"])
    con = scenario({"2025-03-04": ["n1", "n2", "s1"]}, trips, "t | 1 | 3\nt | 3 | 2")
    # 3 h for 144 km one way, and twice 2 h for 120 km each
    ((hours,),) = ask(con, "select hours from core_scenario_journeys")
    assert hours == pytest.approx(ROAD * (3 + 2 * 2) / (144 + 2 * 120))


def test_emissions_and_energy_are_those_of_the_trips_of_which_every_leg_is_known():
    con = scenario(
        {"2025-03-04": ["n1", "n2", "s1"]},
        """t | 1 | rail | 1 | 144 | 288 | meeting
           t | 3 | rail | 1 | 120 | 240 | meeting
           u | 1 | car  | 1 | 130 | 260 | meeting
           u | 2 | car  | 0 | 200 | 400 | meeting""",
        # a taxi to the train, of one of them nobody knows what it emitted; and a pool car, whose rows are no trips
        legs="""t | 1 | 1 | 10 | 100
                t | 1 | 2 | 2  | 20
                t | 3 | 3 | 5  | 50
                t | 3 | 4 |    | 10
                u | 1 | 1 | 7  |
                u | 2 | 2 | 50 | 70""",
    )
    ((co2e_kg, energy_kwh),) = ask(con, "select co2e_kg, energy_kwh from core_scenario_journeys")
    assert co2e_kg == pytest.approx(ROAD * (10 + 2 + 7) / (144 + 130))
    assert energy_kwh == pytest.approx(ROAD * (100 + 20 + 50 + 10) / (144 + 120))


def test_a_krona_is_told_by_the_kilometres_of_all_travel():
    met = {"2025-03-04": ["n1", "n2", "s1"]}
    spent = "cost_sek | 900\ncost_sek | 300\ndistance_km | 350\ndistance_km | 50\ntrips | 7"
    # 1 200 kronor for 400 km, and 2 km for each km one way
    ((cost,),) = ask(
        scenario(met, RAIL.format(row=1), spent=spent), "select likely_cost_sek from core_scenario_journeys"
    )
    assert cost == pytest.approx(ROAD * 2 * 3)
    # of nothing known it is not known either
    for unknown in ("distance_km | 400", "cost_sek | 1200", "cost_sek | 1200\ndistance_km | 0"):
        con = scenario(met, RAIL.format(row=1), spent=unknown)
        assert ask(con, "select likely_cost_sek from core_scenario_journeys") == [(None,)]


@pytest.mark.parametrize(
    ("who", "as_by"),
    [
        ("g1", (2 + 200) / (0.5 + 99.5)),  # 14 km
        ("s1", (300 + 600) / (100 + 249.5)),  # 145 km
        ("m1", (1000 + 1500) / (250 + 499.5)),  # 361 km
        ("f1", (3000 + 9000) / (500 + 2000)),  # 663 km
    ],
)
def test_distances_travelled_alike_are_those_to_10_25_and_50_mil_one_way(who, as_by):
    ways = {"0.5": 2, "99.5": 200, "100": 300, "249.5": 600, "250": 1000, "499.5": 1500, "500": 3000, "2000": 9000}
    own = "\n".join(f"t | {row} | car | 1 | {way} | {km} | meeting" for row, (way, km) in enumerate(ways.items()))
    con = scenario({"2025-03-04": ["n1", "n2", who]}, own, scenario_min_km=10.0)
    ((found,),) = ask(con, "select distance_km / one_way_km from core_scenario_journeys")
    assert found == pytest.approx(as_by)


@pytest.mark.parametrize(("flights", "is_by_air"), [(1, False), (2, False), (3, True)])
def test_where_more_than_half_of_the_trips_are_flights_one_flies(flights, is_by_air):
    own = f"t | 1 | flight | {flights} | 660 | 1400 | meeting\nt | 2 | rail | 2 | 600 | 1200 | meeting"
    con = scenario({"2025-03-04": ["n1", "n2", "f1"]}, own)
    assert ask(con, "select is_by_air from core_scenario_journeys") == [(is_by_air,)]


def test_trips_of_no_length_tell_nothing_of_a_kilometre():
    con = scenario(
        {"2025-03-04": ["n1", "n2", "g1"]}, "t | 1 | car | 1 | 0 | 0 | meeting", "t | 1 | 2", "t | 1 | 1 | 3 | 4",
        scenario_min_km=10.0,
    )  # fmt: skip
    assert ask(con, "select distance_km, co2e_kg, energy_kwh, hours from core_scenario_journeys") == [(None,) * 4]


def test_a_distance_nobody_travels_has_unknown_kilometres():
    con = scenario({"2025-03-04": ["n1", "n2", "s1"]})
    assert ask(con, "select distance_km, co2e_kg, likely_cost_sek from core_scenario_journeys") == [(None, None, None)]


JOURNEYS = (
    "month | started_on | person_key | destination | distance_km | co2e_kg | energy_kwh | hours | likely_cost_sek\n"
)
ONE = "2025-03-01 | 2025-03-04 | p{person} | Norrby | 300 | 12 | 90 | 4 | 500"


def figures(
    people: int = 20,
    survey: str = "replaced_trip | 2025 | 2025-02-15 | 200 | 0.2",
    line: str = ONE,
    meetings: str = "",
    coverage: str | None = None,
    more: str = "",
    **method,
):
    """A candidate journey each of so many people in March 2025."""
    tables = {
        "core_coverage": coverage or known_months("2024-01", "2025-12"),
        "core_scenario_journeys": JOURNEYS + "\n".join([*(line.format(person=n) for n in range(people)), more]),
        "core_survey_rounds": f"question | round | ended_on | answers | share_positive\n{survey}",
        "core_meetings": MEETING + meetings,
    }
    return compute((*COUNTING[:3], "core_scenario_figures"), tables, **method)


def avoided(con, measure: str, period: str = "year 2025-12-31", columns: str = "value, reason", **where):
    return value(con, "core_scenario_figures", f"avoided_{measure}.{measure}", period, columns, **where)


def wilson(share: float, n: int) -> tuple[float, float]:
    z = 1.959963984540054
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def test_avoided_is_the_share_of_the_survey_of_the_candidates():
    con = figures()
    # 20 candidates, one of five replaced a trip
    low, high = wilson(0.2, 200)
    for measure, each in {"trips": 1, "km": 300, "co2e_kg": 12, "energy_kwh": 90, "hours": 4, "cost_sek": 500}.items():
        found = avoided(con, measure, columns="value, low, high, numerator, reason")
        assert found[:4] == pytest.approx((0.2 * 20 * each, low * 20 * each, high * 20 * each, 20 * each), rel=1e-4)
        assert found[4] is None
    assert avoided(con, "trips", "quarter 2025-06-30") == avoided(con, "trips", "month 2025-04-30") == (0.0, None)
    assert avoided(con, "trips", "month 2025-03-31")[0] == pytest.approx(4)


@pytest.mark.parametrize("share", [0, 1])
def test_the_figure_is_within_its_interval(share):
    con = figures(survey=f"replaced_trip | 2025 | 2025-02-15 | 200 | {share}")
    found, low, high = avoided(con, "trips", columns="value, low, high")
    assert low <= found <= high


def test_without_a_survey_only_the_example_of_one_in_ten():
    con = figures(survey="")
    assert avoided(con, "trips") == (None, "no_survey")
    assert avoided(con, "trips", dimension_1="assumption", value_1="one_in_ten", columns="value, low, high, reason") == (
        2.0, None, None, None,
    )  # fmt: skip


def test_a_survey_after_the_period_does_not_speak_for_it():
    con = figures(survey="replaced_trip | 2025 | 2025-10-15 | 200 | 0.2")
    assert avoided(con, "trips", "quarter 2025-03-31") == (None, "no_survey")
    assert avoided(con, "trips")[0] == pytest.approx(4)


def test_the_latest_survey_speaks():
    rounds = "replaced_trip | 2024 | 2024-10-15 | 200 | 0.5\n replaced_trip | 2025 | 2025-10-15 | 200 | 0.1"
    con = figures(survey=rounds)
    assert avoided(con, "trips")[0] == pytest.approx(2)
    assert avoided(con, "trips", "quarter 2025-03-31")[0] == pytest.approx(10)


@pytest.mark.parametrize(("people", "reason"), [(0, None), (1, "too_few_people"), (7, "too_few_people"), (8, None)])
def test_few_people_are_not_shown(people, reason):
    con = figures(people)
    assert avoided(con, "trips")[1] == reason
    assert avoided(con, "trips", dimension_1="assumption", value_1="one_in_ten")[1] == reason


def test_the_footprint_of_all_eligible_meetings_is_subtracted():
    met = """1 | 2025-03-01 | 2025-03-04 | 2025-03-04 09:00:00+00 | true | true | true | web | 6000
             2 | 2025-02-01 | 2025-02-04 | 2025-02-04 09:00:00+00 | true | true | true | phone | 6000
             3 | 2025-03-01 | 2025-03-04 | 2025-03-04 09:00:00+00 | true | false | true | web | 6000
             4 | 2025-03-01 | 2025-03-04 | 2025-03-04 09:00:00+00 | true | true | true | video |"""
    con = figures(meetings=met)
    # 100 hours at 20 g and 100 hours at 2.5 g: 2.25 kg, whatever the share that replaced a trip
    low, high = wilson(0.2, 200)
    expected = tuple(share * 240 - 2.25 for share in (0.2, low, high))
    for period in ("year 2025-12-31", "quarter 2025-03-31"):
        assert avoided(con, "co2e_kg", period, "value, low, high") == pytest.approx(expected, rel=1e-4)
    assert avoided(con, "co2e_kg", "month 2025-03-31")[0] == pytest.approx(0.2 * 240 - 2)
    assert avoided(con, "trips")[0] == pytest.approx(4)  # nothing else has a footprint


def test_meetings_can_cost_more_than_they_save():
    met = "1 | 2025-03-01 | 2025-03-04 | 2025-03-04 09:00:00+00 | true | true | true | web | 600000"
    assert avoided(figures(meetings=met), "co2e_kg")[0] == pytest.approx(0.2 * 240 - 200)


@pytest.mark.parametrize("unknown", ["km", "co2e_kg", "energy_kwh", "hours", "cost_sek"])
def test_an_unknown_part_makes_the_figure_incomplete_not_smaller(unknown):
    told = {"km": "300", "co2e_kg": "12", "energy_kwh": "90", "hours": "4", "cost_sek": "500"} | {unknown: ""}
    line = "2025-03-01 | 2025-03-04 | p{person} | Norrby | " + " | ".join(told.values())
    # twenty journeys of which all is known, and one of which something is not
    con = figures(line=ONE, more=line.format(person=99))
    assert avoided(con, unknown) == (None, "incomplete")
    for measure in sorted({"trips", *told} - {unknown}):
        assert avoided(con, measure)[1] is None
    assert avoided(con, "trips", columns="numerator") == (21.0,)


def test_a_month_not_covered_is_missing():
    con = figures(coverage=known_months("2024-01", "2025-12", but=("2025-06",)))
    assert avoided(con, "trips")[1] == "source_missing"
    assert avoided(con, "trips", "quarter 2025-03-31")[1] is None


def test_what_was_avoided_stands_with_what_it_is_a_share_of():
    columns = (
        "department, person_group, baseline, dimension_2, value_2, numerator, denominator, known_share, people, unit"
    )
    found = avoided(figures(), "km", columns=columns)
    assert found == ("all", "all", "none", "all", "all", 6000.0, None, 1.0, 20, "km")


def test_the_baseline_has_no_scenario_and_a_person_who_travels_twice_is_one_person():
    con = figures(7, more="\n".join(ONE.format(person=0) for _ in range(5)))
    assert avoided(con, "trips", columns="numerator, people, reason") == (12.0, 7, "too_few_people")
    con = figures(coverage=known_months("2024-01", "2025-12"), baseline_from="2025-01", baseline_to="2025-12")
    assert ask(con, "select count(*) from core_scenario_figures where period_kind = 'baseline'") == [(0,)]


def test_another_question_and_a_department_say_nothing_of_the_whole():
    rounds = """replaced_trip | 2025 | 2025-02-15 | 200 | 0.2
                easy          | 2025 | 2025-03-15 | 200 | 0.9"""
    assert avoided(figures(survey=rounds), "trips")[0] == pytest.approx(4)
    con = figures(survey=rounds, replacement_question="easy")
    assert avoided(con, "trips")[0] == pytest.approx(18)


def test_of_two_rounds_that_ended_on_a_day_the_later_named_speaks_and_on_the_last_day_of_the_period_it_is_of_it():
    rounds = "replaced_trip | 1 | 2025-03-31 | 200 | 0.5\n replaced_trip | 2 | 2025-03-31 | 200 | 0.1"
    con = figures(survey=rounds)
    assert avoided(con, "trips", "month 2025-03-31")[0] == pytest.approx(2)
    assert avoided(con, "trips", "month 2025-02-28")[1] == "no_survey"
