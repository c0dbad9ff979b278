"""Staff tables and registers of departments and sites."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.files.departments import read_departments
from connectors.files.mapped_rows import Understood
from connectors.files.profiles import load_profile
from connectors.files.sites import ALWAYS, read_sites
from connectors.files.staff import read_staff
from connectors.files.table_files import read_table


def staff(*rows: str) -> Understood:
    content = "\n".join(["Månad;Förvaltning;Grupp;Antal personer;Årsarbetskrafter", *rows]).encode("cp1252")
    return read_staff(read_table("personal_2025.csv", content), load_profile("staff", "staff"))


def departments(*rows: str) -> Understood:
    content = "\n".join(["Tidigare namn;Nytt namn;Från och med;Till och med", *rows]).encode()
    return read_departments(read_table("namn.csv", content), load_profile("departments", "departments"))


def sites(*rows: str) -> Understood:
    content = "\n".join(["Plats;Kommun;Latitud;Longitud", *rows]).encode()
    return read_sites(read_table("platser.csv", content), load_profile("sites", "sites"), None)


def test_people_and_full_time_equivalents_by_department_month_and_group():
    found = staff("2025-03;Skola;Anställd;1 204;1 087,35", "2025-03;Nämnd;Förtroendevald;61;")
    assert found.rows.rows() == [
        ("Skola", date(2025, 3, 1), "employee", 1204, 1087.35),
        ("Nämnd", date(2025, 3, 1), "elected", 61, None),
    ]


def test_an_empty_cell_is_unknown_not_zero():
    assert staff("2025-03;Skola;Anställd;;12,5").rows.rows() == [("Skola", date(2025, 3, 1), "employee", None, 12.5)]


def test_an_unknown_group_lands_as_unknown():
    found = staff("2025-03;Skola;Volontär;3;")
    assert found.rows["person_group"].to_list() == ["unknown"]
    assert found.unknown_values == {("person_group", "volontär"): 1}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (";Skola;Anställd;3;2,5", ("missing", "month")),
        ("mars;Skola;Anställd;3;2,5", ("unreadable", "month")),
        ("2025-03;;Anställd;3;2,5", ("missing", "department")),
        ("2025-03;Skola;Anställd;3,5;2,5", ("unreadable", "headcount")),
        ("2025-03;Skola;Anställd;3;-2,5", ("negative", "fte")),
        ("2025-03;Skola;Anställd;;", ("missing", "headcount")),
    ],
)
def test_rows_not_understood(row, reason):
    found = staff("2025-04;Skola;Anställd;3;2,5", row)
    assert found.outcome.drop_nulls("reason").select("reason", "field").rows() == [reason]
    assert found.rows.height == 1


def test_rows_that_contradict_one_another_are_both_refused():
    found = staff("2025-03;Skola;Anställd;3;2,5", "2025-03;Skola;anställda;4;2,5", "2025-04;Skola;Anställd;3;2,5")
    assert found.outcome["reason"].to_list() == ["repeated", "repeated", None]


def test_a_name_means_a_department_for_all_time_or_from_when_to_when():
    found = departments(
        "BUN;Barn och utbildning;;", "Fritid;Kultur;2025-07-01;9999-12-31", "Hälsa;Vård;1/3 2024;2024-12-31"
    )
    assert found.rows.rows() == [
        ("BUN", "Barn och utbildning", ALWAYS, None),
        ("Fritid", "Kultur", date(2025, 7, 1), None),
        ("Hälsa", "Vård", date(2024, 3, 1), date(2024, 12, 31)),
    ]


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        pytest.param((";Vård;;", "Hälsa;;;"), [("missing", "source_value"), ("missing", "department")], id="half said"),
        pytest.param(("Hälsa;Vård;2025-02-01;2025-01-31",), [("out_of_range", "valid_to")], id="ends before it begins"),
        pytest.param(("Hälsa;Vård;sommaren;",), [("unreadable", "valid_from")], id="no day"),
        pytest.param(
            ("Hälsa;Vård;;2025-06-30", "HÄLSA;Omsorg;2025-06-30;"), [("repeated", "source_value")] * 2,
            id="a name of two departments on one day",
        ),
        pytest.param(("Hälsa;Vård;;2025-06-30", "Hälsa;Omsorg;2025-07-01;"), [None, None], id="one after the other"),
        pytest.param(
            ("Hälsa;Vård;;", "vård;Omsorg;2025-07-01;"), [("leads_further", "department"), None],
            id="the department is a name of another",
        ),
        pytest.param(
            ("Hälsa;Vård;;2025-06-30", "Vård;Omsorg;2025-07-01;", "Hälsa;Omsorg;2025-07-01;"), [None, None, None],
            id="renamed twice, each time said of every name",
        ),
        pytest.param(("Hälsa;Vård;;", "VÅRD;Vård;;"), [None, None], id="another way to write it is no other department"),
    ],
)  # fmt: skip
def test_names_that_cannot_be_followed_are_refused(rows, outcome):
    found = departments(*rows).outcome.select("reason", "field").rows()
    assert found == [told or (None, None) for told in outcome]


def test_sites_land_at_locality_level():
    found = sites("Stadshuset;Borås;57,72103;12,93978", "Fjällstugan;Härjedalen;;")
    assert found.rows.rows() == [
        ("Stadshuset", "Borås", 57.72, 12.94, ALWAYS),
        ("Fjällstugan", "Härjedalen", None, None, ALWAYS),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (";Borås;57,7;12,9", ("missing", "site")),
        ("Stadshuset;Borås;577;12,9", ("out_of_range", "latitude")),
        ("Stadshuset;Borås;57,7;", ("missing", "longitude")),
        ("Stadshuset;Borås;N 57;12,9", ("unreadable", "latitude")),
    ],
)
def test_sites_not_understood(row, reason):
    found = sites("Biblioteket;Borås;57,7;12,9", row)
    assert found.outcome.drop_nulls("reason").select("reason", "field").rows() == [reason]
