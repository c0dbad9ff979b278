"""Staff tables and registers of sites."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.files.mapped_rows import Understood
from connectors.files.profiles import load_profile
from connectors.files.sites import ALWAYS, read_sites
from connectors.files.staff import read_staff
from connectors.files.table_files import read_table


def staff(*rows: str) -> Understood:
    content = "\n".join(["Månad;Förvaltning;Grupp;Antal personer;Årsarbetskrafter", *rows]).encode("cp1252")
    return read_staff(read_table("personal_2025.csv", content), load_profile("staff", "staff"))


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
