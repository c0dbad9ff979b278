"""Which trips a meeting could replace: what the trip itself says, else settings, else somebody is asked."""

from __future__ import annotations

import duckdb

from pipelines.reconciliation import CLASSED
from pipelines.settings import TripClasses
from pipelines.settings_file import load_settings
from tests.model_cases import ask, build, covered, verdict
from tests.test_trips_method import TRIPS

SEGMENTS = """
person_key | mode | vehicle_class | department   | trip_class | departed_at | row_means
anna       | car  | pool_car      | Hemtjänst    | unknown    | 2025-03-03  | round_trip
anna       | car  | pool_car      | Hemtjänst    | meeting    | 2025-03-04  | round_trip
bo         | car  | own_car       | Hemtjänst    | unknown    | 2025-03-05  | round_trip
cia        | car  | own_car       | Skola        | unknown    | 2025-03-06  | round_trip
dan        | car  | own_car       | Hemvård norr | unknown    | 2025-03-07  | round_trip
"""
STAFF = "\n".join(
    ["department | month | headcount | fte"]
    + [f"{name} | 2025-03-01 | 40 | 30" for name in ("Hemtjänst", "Skola", "Hemvård norr")]
)


def built(segments: str = SEGMENTS, mapped: str = "", **trip_class: dict[str, str]) -> duckdb.DuckDBPyConnection:
    tables = covered() | {"travel_segments": segments, "staff": STAFF} | ({"departments": mapped} if mapped else {})
    return build(tables, only=TRIPS, trip_classes=TripClasses.model_validate(trip_class).listed())


def classes(con: duckdb.DuckDBPyConnection) -> list[object]:
    return [
        row[-1] for row in ask(con, "select departed_on, person_key, trip_class from core_trips order by departed_on")
    ]


def test_without_settings_what_a_trip_does_not_say_is_unknown():
    assert classes(built()) == ["unknown", "meeting", "unknown", "unknown", "unknown"]


def test_a_department_is_named_and_what_a_trip_says_itself_wins():
    con = built(department={"Hemtjänst": "service"})
    assert classes(con) == ["service", "meeting", "service", "unknown", "unknown"]


def test_a_class_of_vehicle_wins_over_the_department():
    con = built(department={"Hemtjänst": "service"}, vehicle_class={"own_car": "meeting"})
    assert classes(con) == ["service", "meeting", "meeting", "meeting", "meeting"]


def test_a_department_is_known_by_the_name_its_spellings_are_mapped_to():
    mapped = "source_value | department | valid_from\nHemvård norr | Hemtjänst | 2025-01-01"
    con = built(mapped=mapped, department={"Hemtjänst": "service"})
    assert classes(con) == ["service", "meeting", "service", "unknown", "service"]


def many(trip_class: str, number: int) -> str:
    header = "person_key | mode | vehicle_class | department | trip_class | departed_at | row_means"
    return "\n".join(
        [
            header,
            *(f"p{n} | car | pool_car | Hemtjänst | {trip_class} | 2025-03-03 | round_trip" for n in range(number)),
        ]
    )


def test_it_is_asked_in_plain_words_where_many_trips_by_road_do_not_say_it():
    (line,) = verdict(built(many("unknown", 60)), CLASSED).lines
    assert line.startswith("Hemtjänst: of 60 of 60 trips by road in the latest year by pool_car nobody knows whether")
    assert 'department = { "Hemtjänst" = "service" } or vehicle_class = { pool_car = "service" }' in line


def test_nothing_is_asked_where_it_is_known_or_hardly_matters():
    assert verdict(built(many("service", 60)), CLASSED).lines == ()
    assert verdict(built(many("unknown", 49)), CLASSED).lines == ()
    assert verdict(built(many("unknown", 60), vehicle_class={"pool_car": "service"}), CLASSED).lines == ()


def test_the_settings_file_takes_it(tmp_path):
    path = tmp_path / "resfri.toml"
    path.write_text(
        '[organisations.borg]\nname = "Borg"\n[organisations.borg.trip_class]\n'
        'department = { "Hemtjänst" = "service" }\nvehicle_class = { pool_car = "meeting" }\n'
    )
    listed = load_settings(path).one("borg").settings.trip_class.listed()
    assert [(each.by, each.value, each.trip_class) for each in listed] == [
        ("vehicle_class", "pool_car", "meeting"), ("department", "Hemtjänst", "service"),
    ]  # fmt: skip
