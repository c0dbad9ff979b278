"""What the form of Förordning 2009:907 asks beside kilograms: gaps (1.4 b), origin of data (1.5) and of factors (1.6)."""

from __future__ import annotations

import pytest

from models import engine
from pipelines.factor_files import factors_of
from tests.model_cases import ask, compute, known_months, rows

LIST = """Färdmedel;Drivmedel;År;Värde;Enhet;Källa
Bil;Bensin;2025;0,15;kg CO2/vkm;Naturvårdsverkets schablonlista saknar tillägg
Bil;Diesel;2025;0,13;kg CO2/vkm;SMED:s Schablonlista 2025, flik 1
Bil;HVO;2025;0,01;kg CO2/vkm;leverantörens faktura
"""
GAPS = "source | month | gap | rows | reason\n"
TOLD = "answer, months, amount, unit"


def answered(
    legs: str = "",
    gaps: str = "",
    coverage: str | None = None,
    **given,
):
    """Legs of journeys, each with how its distance is known, whose car it was and what factor it took."""
    # what a leg does not tell at its end is left out
    padded = [line + " |" * (6 - line.count("|")) for line in legs.splitlines()]
    told = rows("\n".join(["on | category | km | basis | own_car | vehicle | factor", *padded]))
    named = {
        "core_trip_legs": "file_sha256 | row_number | trip_file_sha256 | trip_row_number",
        "core_trips": "file_sha256 | row_number | month",
        "core_segments": "file_sha256 | row_number | statutory_category | distance_km | distance_basis",
        "landing_travel_segments": "file_sha256 | row_number | is_own_car | vehicle_key",
        "core_trip_footprint": "file_sha256 | row_number | co2_factor_id",
    }
    lines: dict[str, list[str]] = {name: [] for name in named}
    for number, leg in enumerate(told):
        key = f"t | {number}"
        values = {
            "core_trip_legs": key,
            "core_trips": f"{leg['on'][:7]}-01",
            "core_segments": f"{leg['category']} | {leg.get('km', '')} | {leg.get('basis', 'given' if 'km' in leg else '')}",
            "landing_travel_segments": f"{leg.get('own_car', '')} | {leg.get('vehicle', '')}",
            "core_trip_footprint": leg.get("factor", ""),
        }
        for name, value in values.items():
            lines[name].append(f"{key} | {value}")
    tables = {name: "\n".join([header, *lines[name]]) for name, header in named.items()}
    tables |= {"out_gaps": GAPS + gaps, "core_coverage": coverage or known_months("2024-01", "2025-12")}
    return compute(("core_periods", "out_statutory_answers"), tables, **given)


def form(con, item: str, columns: str = "category, answer", year: int = 2025) -> list[tuple[object, ...]]:
    return ask(
        con,
        f"select {columns} from out_statutory_answers where form_item = '{item}' and year(period_end) = {year} order by all",
    )


@pytest.mark.parametrize(
    ("legs", "origin"),
    [
        ("2025-03-04 | train | 400 | given", "supplier"),
        ("2025-03-04 | train | 400 | places", "estimate"),
        # half of the kilometres are no more than half
        ("2025-03-04 | train | 400 | places\n2025-03-05 | train | 400 | given", "supplier"),
        ("2025-03-04 | train | 401 | places\n2025-03-05 | train | 400 | given", "estimate"),
        # many short journeys estimated and one long one given
        ("2025-03-04 | train | 9 | places\n" * 5 + "2025-03-05 | train | 400 | given", "supplier"),
    ],
)
def test_an_origin_is_an_estimate_where_most_kilometres_are(legs, origin):
    assert form(answered(legs), "1.5", f"category, {TOLD}") == [("train", origin, 12, None, "share")]


@pytest.mark.parametrize(
    ("legs", "origin"),
    [
        ("2025-03-04 | car | 100 | given | yes |", "own_system"),  # own cars: the organisation's mileage claims
        ("2025-03-04 | car | 100 | given | no | pool7", "own_system"),  # its driving log
        ("2025-03-04 | car | 100 | given | | pool7", "own_system"),
        ("2025-03-04 | car | 100 | given | no |", "supplier"),
        ("2025-03-04 | car | 100 | given | |", "supplier"),  # rented: the rental company
        ("2025-03-04 | car | 100 | given | yes |\n2025-03-04 | car | 100 | given | |", "supplier"),
        ("2025-03-04 | car | 101 | given | yes |\n2025-03-04 | car | 100 | given | |", "own_system"),
        ("2025-03-04 | car | 100 | places | yes |", "estimate"),  # whoever told of it, the distance is guessed
    ],
)
def test_an_origin_is_the_own_system_where_most_kilometres_are_of_own_cars_and_driving_logs(legs, origin):
    assert form(answered(legs), "1.5") == [("car", origin)]


def test_each_category_has_its_own_origin_and_without_kilometres_none():
    con = answered(
        """2025-03-04 | flight_short | 900 | places
           2025-03-04 | flight_long | 9000 | given
           2025-03-04 | car | 100 | given | yes
           2025-03-04 | bus |"""
    )
    assert form(con, "1.5") == [("car", "own_system"), ("flight_long", "supplier"), ("flight_short", "estimate")]


def test_each_closed_year_has_its_answers():
    con = answered(
        """2024-12-31 | train | 400 | places
           2025-01-01 | train | 400 | given
           2026-01-02 | train | 400 | places"""
    )
    assert form(con, "1.5", year=2024) == [("train", "estimate")]
    assert form(con, "1.5", year=2025) == [("train", "supplier")]
    assert ask(con, "select cast(max(period_end) as varchar) from out_statutory_answers") == [("2025-12-31",)]


@pytest.mark.parametrize(
    ("fuels", "rest"),
    [
        (("petrol", "diesel"), "standard_list"),
        (("petrol", "diesel", ""), "standard_list"),  # without a factor there is nothing to say of it
        (("petrol", "hvo"), "other"),
        (("hvo",), "other"),
        (("",), None),
    ],
)
def test_factors_are_of_the_agencies_list_if_every_one_of_them_is(tmp_path, fuels, rest):
    (tmp_path / "f.csv").write_text(LIST, "utf-8")
    factors = factors_of([tmp_path / "f.csv"], "f-2025")
    ids = dict(factors.select("fuel", "factor_id").iter_rows())
    legs = "\n".join(f"2025-03-04 | car | 100 | given | | | {ids.get(fuel, '')}" for fuel in fuels)
    found = form(answered(legs, factors=factors, factor_set="f-2025"), "1.6", f"category, {TOLD}")
    assert found == ([] if rest is None else [("car", rest, 12, None, "share")])


def test_the_projects_own_factors_are_no_list_of_the_agencies():
    factor = next(
        row["factor_id"]
        for row in engine.reference_tables()["ref_emission_factors"].iter_rows(named=True)
        if row["mode"] == "rail" and row["gas"] == "co2"
    )
    assert form(answered(f"2025-03-04 | train | 400 | given | | | {factor}"), "1.6") == [("train", "other")]


@pytest.mark.parametrize("km", ["300", ""])
def test_a_ferry_has_no_place_in_the_form_and_is_named_as_a_gap(km):
    """Seldom does anyone know how far it went; it is a gap all the same."""
    con = answered(
        f"2025-03-04 | ferry | {km}\n2025-04-04 | ferry | {km}\n2025-03-04 | train | 400\n2024-03-04 | train | 400"
    )
    assert form(con, "1.4 b", f"category, {TOLD}") == [("ferry", "no_place_in_form", 12, None, "rows")]
    assert form(con, "1.4 b", year=2024) == []


def test_gaps_are_counted_over_the_months_of_the_year():
    con = answered(
        gaps="""agency | 2024-12-01 | no_distance | 90 |
                agency | 2025-01-01 | no_distance | 12 |
                claims | 2025-01-01 | no_distance | 9  |
                agency | 2025-12-01 | no_distance | 10 |
                agency | 2026-01-01 | no_distance | 80 |
                staff  | 2025-05-01 | no_staff    | 1  |"""
    )
    assert form(con, "1.4 b", f"category, {TOLD}") == [
        ("all", "no_distance", 2, 31.0, "rows"),
        ("all", "no_staff", 1, 1.0, "rows"),
    ]
    assert form(con, "1.4 b", TOLD, 2024) == [("no_distance", 1, 90.0, "rows")]


def test_a_gap_of_few_people_in_any_month_is_said_to_exist_and_not_counted():
    con = answered(gaps="agency | 2025-01-01 | no_factor | 12 |\nagency | 2025-02-01 | no_factor | | too_few_people")
    assert form(con, "1.4 b", TOLD) == [("no_factor", 2, None, "rows")]


@pytest.mark.parametrize(
    ("gap", "is_told"),
    [
        ("unknown_mode", True), ("odd_duration", True), ("not_assembled", True), ("missing_return", True),
        ("no_distance", True), ("no_factor", True), ("no_staff", True),
        # nothing that the form asks for depends on these
        ("assumed_web", False), ("unknown_participants", False), ("unknown_department", False), ("unknown_purpose", False),
    ],
)  # fmt: skip
def test_gaps_of_travel_and_staff_are_told_and_those_of_meetings_are_not(gap, is_told):
    found = form(answered(gaps=f"agency | 2025-01-01 | {gap} | 12 |"), "1.4 b", "answer")
    assert found == ([(gap,)] if is_told else [])


def test_months_without_a_file_that_was_expected_are_a_gap():
    head, _, travel = known_months("2024-01", "2025-12", ("travel",), but=("2025-06", "2025-07")).partition("\n")
    meetings = known_months("2024-01", "2025-12", ("meetings",), but=("2025-08",)).partition("\n")[2]
    coverage = "\n".join(
        [f"{head} | is_expected"]
        + [f"{line} | {'false' if '2025-07' in line else 'true'}" for line in f"{travel}\n{meetings}".splitlines()]
    )
    # nobody expected July's, and meeting logs are no travel
    assert form(answered(coverage=coverage), "1.4 b", f"category, {TOLD}") == [
        ("all", "source_missing travel", 1, 1.0, "months")
    ]


def test_the_factors_that_are_published_are_those_of_the_set_in_use(tmp_path):
    (tmp_path / "f.csv").write_text(LIST, "utf-8")
    factors = factors_of([tmp_path / "f.csv"], "f-2025")
    con = compute(("out_factors",), {}, factors=factors, factor_set="f-2025")
    found = ask(con, "select fuel, kg_per_unit, source from out_factors order by fuel")
    assert found == [
        ("diesel", 0.13, "SMED:s Schablonlista 2025, flik 1"),
        ("hvo", 0.01, "leverantörens faktura"),
        ("petrol", 0.15, "Naturvårdsverkets schablonlista saknar tillägg"),
    ]
