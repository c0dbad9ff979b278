"""The form of Förordning 2009:907, line by line: which line comes from what, and when nothing is written on it."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute, rows

COVERED = "period_kind | period_end | kind | is_covered\nyear | 2025-12-31 | travel | "
STAFF = "period_kind | period_end | department | person_group | denominator\nyear | 2025-12-31 | all | all | "
LINE = "trips, distance_km, co2_kg, co2_kg_per_fte, known_share, reason"


def form(
    cells: str,
    columns: str = "category, reason",
    where: str = "",
    covered: str = f"{COVERED}true",
    staff: str = f"{STAFF}100",
) -> list[tuple[object, ...]]:
    """What stands on the form. Cells are of 2025 unless they say otherwise, and some journeys were made in it."""
    year = {"period_kind": "year", "period_end": "2025-12-31"}
    total = year | {"quantity": "trips", "dimension": "all", "dimension_value": "all"}
    given = [total, *(year | cell for cell in rows(cells))]
    names = list(dict.fromkeys(name for cell in given for name in cell))
    lines = [" | ".join(names), *(" | ".join(cell.get(name, "") for name in names) for cell in given)]
    tables = {
        "core_disclosure": "\n".join(lines),
        "core_period_coverage": covered,
        "core_period_denominators": staff,
    }
    con = compute(("out_statutory_form",), tables)
    return ask(con, f"select {columns} from out_statutory_form {where and f'where {where}'} order by all")


@pytest.mark.parametrize(
    ("category", "item"),
    [
        ("flight_short", "1.1 a"), ("car", "1.1 b"), ("train", "1.1 c"), ("bus", "1.1 d"), ("machine_other", "1.1 e"),
        ("flight_long", "1.3"), ("flight_unknown", "none"), ("ferry", "none"), ("unknown", "none"),
    ],
)  # fmt: skip
def test_each_line_is_what_was_travelled_in_one_category(category, item):
    """The known share is that of the carbon dioxide."""
    cells = f"""
        quantity    | dimension          | dimension_value | amount | known_share
        trips       | statutory_category | {category}      | 12     | 1
        distance_km | statutory_category | {category}      | 3000   | 0.95
        co2_kg      | statutory_category | {category}      | 80     | 0.9
        """
    found = form(cells, f"form_item, {LINE}", f"category = '{category}'")
    assert found == [(item, 12, 3000, 80, 0.8, 0.9, None)]


def test_the_sum_leaves_out_long_flights_and_what_has_no_place_in_the_form():
    """Long flights are 1.3; flights of unknown length, ferries and unknown modes stand beside."""
    cells = """
        quantity | dimension          | dimension_value | amount
        co2_kg   | statutory_category | flight_short    | 1
        co2_kg   | statutory_category | car             | 2
        co2_kg   | statutory_category | train           | 4
        co2_kg   | statutory_category | bus             | 8
        co2_kg   | statutory_category | machine_other   | 16
        co2_kg   | statutory_category | flight_long     | 32
        co2_kg   | statutory_category | flight_unknown  | 64
        co2_kg   | statutory_category | ferry           | 128
        co2_kg   | statutory_category | unknown         | 256
        """
    assert form(cells, "category, co2_kg", "form_item = '1.2'") == [("sum_without_long_flights", 31)]


def test_the_sum_is_as_known_as_its_least_known_part():
    cells = """
        quantity    | dimension          | dimension_value | amount | known_share
        trips       | statutory_category | train           | 12     | 1
        trips       | statutory_category | bus             | 20     | 1
        distance_km | statutory_category | train           | 3000   | 1
        distance_km | statutory_category | bus             | 500    | 1
        co2_kg      | statutory_category | train           | 80     | 0.95
        co2_kg      | statutory_category | bus             | 45     | 0.9
        """
    assert form(cells, LINE, "form_item = '1.2'") == [(32, 3500, 125, 1.25, 0.9, None)]


def test_of_a_category_nobody_travelled_in_the_form_says_zero():
    lines = [
        ("1.1 a", "flight_short"), ("1.1 b", "car"), ("1.1 c", "train"), ("1.1 d", "bus"), ("1.1 e", "machine_other"),
        ("1.2", "sum_without_long_flights"), ("1.3", "flight_long"), ("none", "ferry"), ("none", "flight_unknown"),
        ("none", "unknown"),
    ]  # fmt: skip
    assert form("", f"form_item, category, {LINE}") == [(*line, 0, 0, 0, 0, 1, None) for line in lines]


SUM = "sum_without_long_flights"
FLIGHTS = ["flight_long", "flight_short", "flight_unknown"]


@pytest.mark.parametrize(
    ("dimension", "value", "lines"),
    [
        ("mode", "flight", [*FLIGHTS, SUM]),
        ("mode", "car", ["car", SUM]),
        ("mode", "taxi", ["car", SUM]),
        ("mode", "rail", [SUM, "train"]),
        ("mode", "bus", ["bus", SUM]),
        ("mode", "machine", ["machine_other", SUM]),
        ("mode", "public_transport", ["machine_other", SUM]),
        ("mode", "ferry", ["ferry"]),
        ("mode", "unknown", ["unknown"]),
        ("statutory_category", "flight_short", [*FLIGHTS, SUM]),
        ("statutory_category", "flight_long", [*FLIGHTS, SUM]),
        ("statutory_category", "flight_unknown", [*FLIGHTS, SUM]),
        ("statutory_category", "car", ["car", SUM]),
        ("statutory_category", "train", [SUM, "train"]),
        ("statutory_category", "bus", ["bus", SUM]),
        ("statutory_category", "machine_other", ["machine_other", SUM]),
        ("statutory_category", "ferry", ["ferry"]),
        ("statutory_category", "unknown", ["unknown"]),
    ],
)
def test_categories_and_the_modes_they_are_made_of_are_withheld_together_and_the_sum_with_its_parts(
    dimension, value, lines
):
    """All three are published: each of them could be had from the others."""
    cells = f"quantity | dimension | dimension_value | is_withheld\ntrips | {dimension} | {value} | true"
    assert form(cells, where="reason is not null") == [(line, "too_few_people") for line in lines]


@pytest.mark.parametrize("quantity", ["trips", "distance_km", "co2_kg"])
def test_one_withheld_quantity_withholds_the_line_and_one_withheld_total_the_form(quantity):
    line = f"quantity | dimension | dimension_value | is_withheld\n{quantity} | mode | ferry | true"
    assert form(line, where="reason = 'too_few_people'") == [("ferry", "too_few_people")]
    total = f"quantity | dimension | dimension_value | is_withheld\n{quantity} | all | all | true"
    assert form(total, "distinct reason") == [("too_few_people",)]


@pytest.mark.parametrize(
    "other",
    [
        "rolling_12 | all   | all      | trips    | statutory_category | train",
        "year       | Skola | all      | trips    | statutory_category | train",
        "year       | all   | elected  | trips    | statutory_category | train",
        "year       | all   | all      | cost_sek | statutory_category | train",
        "year       | all   | all      | trips    | trip_class         | train",
        "rolling_12 | all   | all      | trips    | all                | all",
        "year       | Skola | all      | trips    | all                | all",
        "year       | all   | elected  | trips    | all                | all",
        "year       | all   | all      | cost_sek | all                | all",
    ],
)
def test_the_form_is_of_a_year_the_whole_organisation_and_everybody(other):
    """What else there is, larger and withheld, changes nothing."""
    cells = f"""
        period_kind | department | person_group | quantity | dimension          | dimension_value | amount | is_withheld
        year        | all        | all          | trips    | statutory_category | train           | 12     | false
        {other} | 99 | true
        """
    assert form(cells, "trips, reason", "category = 'train'") == [(12, None)]
    assert form(cells, "distinct reason") == [(None,)]


def test_each_year_has_its_own_form():
    cells = """
        period_end | quantity | dimension          | dimension_value | amount | is_withheld
        2024-12-31 | trips    | all                | all             | 40     | false
        2023-12-31 | trips    | all                | all             | 40     | true
        2024-12-31 | co2_kg   | statutory_category | train           | 60     | false
        2025-12-31 | co2_kg   | statutory_category | train           | 80     | false
        2024-12-31 | co2_kg   | statutory_category | bus             | 5      | true
        2025-12-31 | co2_kg   | statutory_category | bus             | 7      | false
        """
    covered = f"{COVERED}true\nyear | 2024-12-31 | travel | true\nyear | 2023-12-31 | travel | true"
    staff = f"{STAFF}100\nyear | 2024-12-31 | all | all | 50\nyear | 2023-12-31 | all | all | 50"
    found = form(
        cells,
        "category, year(period_end), co2_kg, co2_kg_per_fte, reason",
        f"category in ('bus', 'train', '{SUM}')",
        covered,
        staff,
    )
    assert found == [
        ("bus", 2023, None, None, "too_few_people"),
        ("bus", 2024, None, None, "too_few_people"),
        ("bus", 2025, 7, 0.07, None),
        (SUM, 2023, None, None, "too_few_people"),
        (SUM, 2024, None, None, "too_few_people"),
        (SUM, 2025, 87, 0.87, None),
        ("train", 2023, None, None, "too_few_people"),
        ("train", 2024, 60, 1.2, None),
        ("train", 2025, 80, 0.8, None),
    ]


@pytest.mark.parametrize(
    ("travel_is_known", "is_withheld", "known_km", "known_co2", "fte", "line"),
    [
        pytest.param("true", "false", 1, 1, 100, (12, 3000, 80, 0.8, 1, None), id="everything is known"),
        pytest.param("true", "false", 1, 1, 1, (12, 3000, 80, 80, 1, None), id="of a single full-time equivalent"),
        pytest.param("true", "false", 0.8, 1, 100, (12, 3000, 80, 0.8, 1, None), id="enough kilometres"),
        pytest.param("true", "false", 0.79, 1, 100, (12, None, 80, 0.8, 1, None), id="too few kilometres"),
        pytest.param("true", "false", 1, 0.8, 100, (12, 3000, 80, 0.8, 0.8, None), id="enough carbon dioxide"),
        pytest.param("true", "false", 1, 0.79, 100, (12, 3000, None, None, 0.79, "incomplete"), id="too little carbon dioxide"),
        pytest.param("true", "false", 1, 1, "NULL", (12, 3000, 80, None, 1, "no_staff"), id="staff unknown"),
        pytest.param("true", "false", 1, 1, 0, (12, 3000, 80, None, 1, "no_staff"), id="no staff"),
        pytest.param("true", "false", 0.79, 1, 0, (12, None, 80, None, 1, "no_staff"), id="nor kilometres"),
        pytest.param("true", "false", 1, 0.79, 0, (12, 3000, None, None, 0.79, "incomplete"), id="nor carbon dioxide"),
        pytest.param("true", "true", 1, 0.79, 0, (None, None, None, None, None, "too_few_people"), id="few people before all that"),
        pytest.param("false", "true", 1, 0.79, 0, (None, None, None, None, None, "source_missing"), id="files missing before anything"),
    ],
)  # fmt: skip
def test_a_line_and_the_sum_say_what_is_known_and_why_the_rest_is_not(
    travel_is_known, is_withheld, known_km, known_co2, fte, line
):
    """The first of the reasons is given. Of kilometres too few to be told only they are left out."""
    cells = f"""
        quantity    | dimension          | dimension_value | amount | known_share | is_withheld
        trips       | statutory_category | train           | 12     | 1           | {is_withheld}
        distance_km | statutory_category | train           | 3000   | {known_km}  | false
        co2_kg      | statutory_category | train           | 80     | {known_co2} | false
        """
    found = form(
        cells, f"category, {LINE}", f"category in ('train', '{SUM}')", COVERED + travel_is_known, f"{STAFF}{fte}"
    )
    assert found == [(SUM, *line), ("train", *line)]


@pytest.mark.parametrize(
    ("bus", "train", "fte", "reason"),
    [
        ("1 | false", "1 | false", 100, None),
        ("0.5 | false", "1 | false", 100, "incomplete"),
        ("0.5 | false", "1 | false", "NULL", "incomplete"),  # of the others no staff is the reason
        ("1 | false", "1 | true", 100, "too_few_people"),
        ("0.5 | false", "1 | true", "NULL", "too_few_people"),
        ("1 | false", "1 | false", "NULL", "no_staff"),
    ],
)
def test_what_cannot_be_said_of_a_part_cannot_be_said_of_the_sum(bus, train, fte, reason):
    cells = f"""
        quantity | dimension          | dimension_value | known_share | is_withheld
        co2_kg   | statutory_category | bus             | {bus}
        co2_kg   | statutory_category | train           | {train}
        """
    assert form(cells, where="form_item = '1.2'", staff=f"{STAFF}{fte}") == [(SUM, reason)]


def test_staff_and_files_are_those_of_the_whole_year_and_organisation_and_of_travel():
    cells = "quantity | dimension | dimension_value | amount\nco2_kg | statutory_category | train | 80"
    covered = f"""{COVERED}true
        rolling_12 | 2025-12-31 | travel   | false
        year       | 2025-12-31 | meetings | false"""
    staff = f"""{STAFF}100
        rolling_12 | 2025-12-31 | all   | all     | 1
        year       | 2024-12-31 | all   | all     | 2
        year       | 2025-12-31 | Skola | all     | 4
        year       | 2025-12-31 | all   | elected | 5"""
    found = form(cells, "co2_kg_per_fte, reason", "category = 'train'", covered, staff)
    assert found == [(0.8, None)]
