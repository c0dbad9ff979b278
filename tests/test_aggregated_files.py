"""Surveys, training lists and meeting costs: what is counted on import, what stays out, and that it all adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConfigurationError
from connectors.files.importing import import_file
from connectors.files.meeting_costs import read_meeting_costs
from connectors.files.profiles import load_profile
from connectors.files.survey import read_survey
from connectors.files.table_files import read_table
from connectors.files.training import read_training
from connectors.landing import Landing
from connectors.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"aggregated-files-have-their-key!")
NOW = datetime(2026, 1, 1, 6, tzinfo=UTC)


def table(header: str, *rows: str):
    return read_table("file.csv", "\n".join([header, *rows]).encode(), header.split(";"))


def rules(found) -> dict[str, int]:
    return dict(found.outcome.drop_nulls("rule").group_by("rule").len().iter_rows())


def refused(found) -> list[tuple[object, object]]:
    return found.outcome.drop_nulls("reason").select("reason", "field").rows()


# -- surveys ------------------------------------------------------------------------------------------------------

ANSWER = "Omgång;Förvaltning;Fråga;Svar"


def answers(*rows: str, k: int = 8):
    return read_survey(table(ANSWER, *rows), load_profile("survey_answers", "survey"), k)


def test_answers_are_counted_by_question_department_and_round():
    found = answers(
        *["2026;Skola;Nöjdhet;5"] * 6, *["2026;Skola;Nöjdhet;3"] * 4, *["2026;Skola;Ersatte en resa;Ja"] * 8
    )
    assert found.rows.rows() == [
        ("satisfaction", "Skola", "2026", 10, 4.2, 0.6),
        ("replaced_trip", "Skola", "2026", 8, 1.0, 1.0),
    ]
    assert found.landed == 18
    assert (found.days.min(), found.days.max()) == (date(2026, 1, 1), date(2026, 12, 31))


def test_small_groups_do_not_land_and_are_counted():
    found = answers(*["2026;Skola;Nöjdhet;5"] * 8, *["2026;Bad;Nöjdhet;1"] * 7)
    assert found.rows["department"].to_list() == ["Skola"]
    assert rules(found) == {"small_group": 7}


def test_the_smallest_group_is_a_setting_with_a_floor():
    assert answers(*["2026;Bad;Nöjdhet;1"] * 7, k=7).rows.height == 1
    with pytest.raises(ConfigurationError, match="at least 5"):
        answers(*["2026;Bad;Nöjdhet;1"] * 7, k=4)


def test_no_answer_is_no_answer_and_does_not_make_a_group_larger():
    found = answers(*["2026;Bad;Nöjdhet;5"] * 7, "2026;Bad;Nöjdhet;Vet ej", "2026;Bad;Nöjdhet;")
    assert found.rows.is_empty()
    assert rules(found) == {"small_group": 7, "no_answer": 2}


def test_labels_of_a_scale_are_read_and_free_text_is_refused_and_lands_nowhere():
    said = ["4 – Instämmer delvis", "Instämmer helt", "5", "5", "4", "4", "3", "2"]
    found = answers(*(f"2026;Skola;Nöjdhet;{one}" for one in said), "2026;Skola;Nöjdhet;Chefen lyssnar aldrig")
    assert found.rows.select("answers", "mean").row(0) == (8, 4.0)
    assert refused(found) == [("unknown_value", "answer")]
    assert "Chefen" not in str(found.rows.rows()) + str(found.outcome.rows())


def test_an_unknown_question_and_a_missing_department_are_refused():
    found = answers(*["2026;Skola;Nöjdhet;5"] * 8, "2026;Skola;Vad tycker du om Kim?;5", "2026;;Nöjdhet;5")
    assert refused(found) == [("missing", "question"), ("missing", "department")]
    assert found.unknown_values == {("question", "vad tycker du om kim?"): 1}


WIDE = """
kind = "survey"
description = "One respondent a row"

[columns]
department = "Enhet"

[constants]
round = "2026"

[questions.satisfaction]
column = "Hur nöjd är du?"
positive_from = 4

[questions.replaced_trip]
column = "Ersatte mötet en resa?"
positive_from = 1

[values.answer]
ja = 1
nej = 0
"""


def wide(tmp_path, *rows: str):
    path = tmp_path / "mrvu.toml"
    path.write_text(WIDE, "utf-8")
    header = "Svarsid;Enhet;Hur nöjd är du?;Ersatte mötet en resa?;Övrigt"
    return read_survey(table(header, *rows), load_profile(str(path), "survey"))


def test_a_survey_with_a_column_per_question(tmp_path):
    found = wide(
        tmp_path, *(f"{n};Skola;{3 + n % 3};{'Ja' if n < 2 else 'Nej'};hemligt" for n in range(9)), "10;Skola;;;"
    )
    assert found.rows.sort("question").rows() == [
        ("replaced_trip", "Skola", "2026", 9, pytest.approx(2 / 9), pytest.approx(2 / 9)),
        ("satisfaction", "Skola", "2026", 9, 4.0, pytest.approx(2 / 3)),
    ]
    assert (found.outcome.height, found.landed, rules(found)) == (20, 18, {"no_answer": 2})


def test_a_survey_that_is_counted_already():
    header = "Omgång;Förvaltning;Fråga;Antal svar;Medel;Andel positiva"
    rows = ["2026-Q1;Skola;Nöjdhet;40;3,9;0,7", "2026-Q1;Bad;Nöjdhet;7;2,0;0,1", "2026-Q1;Totalt;Nöjdhet;47;3,6;0,6"]
    found = read_survey(table(header, *rows, "2026-Q1;Vård;Nöjdhet;9;3;70"), load_profile("survey_totals", "survey"))
    assert found.rows.rows() == [("satisfaction", "Skola", "2026-Q1", 40, 3.9, 0.7)]
    assert rules(found) == {"small_group": 1, "total_row": 1}
    assert refused(found) == [("out_of_range", "share_positive")]


# -- training -----------------------------------------------------------------------------------------------------


def test_people_trained_are_landed_as_counted():
    header = "Månad;Förvaltning;Roll;Antal utbildade"
    rows = ["2025-03;Skola;Mötesagent;12", "mars 2025;Bad;;3", "2025-03;Skola;Mötesagent;1", "Totalt;;;15"]
    found = read_training(table(header, *rows), load_profile("training", "training"))
    assert found.rows.rows() == [("Bad", date(2025, 3, 1), None, 3)]
    assert refused(found) == [("repeated", "department")] * 2
    assert rules(found) == {"total_row": 1}


def test_a_list_of_participants_counts_each_person_once_and_lands_nobody():
    header = "Kursdatum;Förvaltning;Roll;Deltagare"
    rows = [
        "2025-03-04;Skola;Agent;Kim Ek",
        "2025-03-11;Skola;Agent;KIM EK",
        "2025-03-04;Skola;Agent;Lo Al",
        "2025-04-01;Skola;Agent;Kim Ek",
        "2025-04-01;Skola;Agent;",
    ]
    found = read_training(table(header, *rows), load_profile("training_participants", "training"))
    assert found.rows.rows() == [("Skola", date(2025, 3, 1), "Agent", 2), ("Skola", date(2025, 4, 1), "Agent", 1)]
    assert rules(found) == {"same_person": 1}
    assert refused(found) == [("missing", "person")]
    assert "Kim" not in str(found.rows.rows())


# -- meeting costs ------------------------------------------------------------------------------------------------

COSTS = """
kind = "meeting_costs"
description = "Costs"
decimal = ","
covers = "calendar_months"
optional = ["currency", "modality", "cost_type"]

[columns]
month = "Månad"
cost_type = "Kostnadsslag"
modality = "Mötesform"
amount = "Belopp"
currency = "Valuta"

[constants]
currency = "SEK"

[values.cost_type]
licenser = "licences"
internet = "network"

[allocation.licences]
web = 1.0

[allocation.network]
phone = 0.3333
web = 0.3333
video = 0.3334

[rates.EUR]
"2025" = 11.0
"2025-03" = 11.5
"""


def costs(tmp_path, *rows: str, profile: str = COSTS):
    path = tmp_path / "kostnader.toml"
    path.write_text(profile, "utf-8")
    header = "Månad;Kostnadsslag;Mötesform;Belopp;Valuta"
    return read_meeting_costs(table(header, *rows), load_profile(str(path), "meeting_costs"))


def test_costs_are_shared_out_as_stated_and_say_how(tmp_path):
    found = costs(tmp_path, "2025-01;Licenser;;1 000,00;", "2025-01;Internet;;100,01;SEK", "2025-01;;video;50,00;SEK")
    assert found.rows.rows() == [
        ("phone", date(2025, 1, 1), Decimal("33.33"), "network: phone 33.33 %, video 33.34 %, web 33.33 %"),
        ("video", date(2025, 1, 1), Decimal("83.34"), "as booked; network: phone 33.33 %, video 33.34 %, web 33.33 %"),
        ("web", date(2025, 1, 1), Decimal("1033.34"), "licences: web 100 %; network: phone 33.33 %, video 33.34 %, web 33.33 %"),
    ]  # fmt: skip


def test_costs_in_other_currencies_need_a_rate_and_the_shortest_period_counts(tmp_path):
    found = costs(tmp_path, "2025-02;Licenser;;10,00;EUR", "2025-03;Licenser;;10,00;EUR", "2024-03;Licenser;;10,00;EUR")
    assert found.rows["cost_sek"].to_list() == [Decimal("110.00"), Decimal("115.00")]
    assert refused(found) == [("unreadable", "currency")]


def test_a_kind_of_cost_that_nobody_allocated_is_refused(tmp_path):
    found = costs(tmp_path, "2025-01;Licenser;;10,00;", "2025-01;Konsulter;;10,00;", "2025-01;;;10,00;")
    assert refused(found) == [("unknown_value", "cost_type")] * 2
    assert found.unknown_values[("cost_type", "konsulter")] == 1


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ("video = 0.3334", "video = 0.3", "add up to 1"),
        ("[allocation.network]", "[allocation.networks]", r"\[allocation\] how network"),
        ("[rates.EUR]", "[rates.euro]", "named by a currency"),
        ('"2025" = 11.0', '"2025" = 0', "not above zero"),
    ],
)
def test_a_faulty_allocation_or_rate_is_refused(tmp_path, was, becomes, message):
    with pytest.raises(ConfigurationError, match=message):
        costs(tmp_path, "2025-01;Licenser;;10,00;", profile=COSTS.replace(was, becomes))


@settings(max_examples=30, deadline=None)
@given(amounts=st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=6))
def test_every_ore_of_a_shared_cost_lands(tmp_path_factory, amounts):
    rows = (f"2025-01;Internet;;{amount};".replace(".", ",") for amount in amounts)
    assert costs(tmp_path_factory.mktemp("costs"), *rows).rows["cost_sek"].sum() == sum(amounts)


# -- imported as any other file -----------------------------------------------------------------------------------

KINDS = {
    "survey": ("survey_answers", ANSWER, ["2026;Skola;Nöjdhet;5"] * 9, ["2026;Skola;Nöjdhet;4"] * 8, "survey_answers"),
    "training": ("training", "Månad;Förvaltning;Roll;Antal", ["2025-03;Skola;Agent;9"], ["2025-03;Skola;Agent;8"], "training"),
    "meeting_costs": ("meeting_costs", "Månad;Typ;Belopp", ["2025-03;Licenser;9,05", "2025-03;Okänt;1,00"], ["2025-03;Telefoni;8,00"], "meeting_costs"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_again_nothing_changes_and_a_corrected_file_replaces_exactly_its_predecessor(kind, tmp_path):
    profile, header, first, second, name = KINDS[kind]
    landing = Landing(tmp_path / "landing", "borg", PSEUDONYMS.fingerprint)
    times = iter(NOW + timedelta(seconds=n) for n in range(9))

    def run(rows: list[str], **options):
        path = tmp_path / "file.csv"
        path.write_text("\n".join([header, *rows]), "utf-8")
        return import_file(path, kind, profile, landing, PSEUDONYMS, next(times), **options)

    receipt = run(first)
    assert receipt.status == "landed"
    landed = landing.read(name)
    assert run(first).status == "unchanged"
    assert landing.read(name).equals(landed)

    corrected = run(second)
    assert corrected.replaces_sha256 == receipt.file_sha256
    assert landing.read(name)["file_sha256"].unique().to_list() == [corrected.file_sha256]
    for sums in receipt.amounts.values():
        assert sums.read == sums.landed + sums.rejected + sums.excluded
    assert receipt.rows_read == receipt.rows_landed + receipt.rows_rejected + receipt.rows_excluded


@pytest.mark.parametrize("kind", ["training", "meeting_costs"])
def test_a_partial_overlap_is_refused_until_somebody_says_replace_or_add(kind, tmp_path):
    profile, header, rows, _, name = KINDS[kind]
    landing = Landing(tmp_path / "landing", "borg", PSEUDONYMS.fingerprint)
    path = tmp_path / "file.csv"

    def run(seconds: int, *lines: str, **options):
        path.write_text("\n".join([header, *lines]), "utf-8")
        return import_file(path, kind, profile, landing, PSEUDONYMS, NOW + timedelta(seconds=seconds), **options)

    run(0, rows[0], rows[0].replace("2025-03", "2025-04"))
    other = rows[0].replace("2025-03", "2025-04")
    with pytest.raises(ConfigurationError, match="replace or add"):
        run(1, other)
    assert run(2, other, overlap="add").replaces_sha256 is None
    assert landing.read(name)["month"].n_unique() == 2
    assert landing.read(name).height == 3


def test_every_krona_of_a_cost_file_is_landed_or_rejected(tmp_path):
    path = tmp_path / "kostnader.csv"
    path.write_text("Månad;Typ;Belopp\n2025-03;Licenser;9,05\n2025-03;Okänt;1,00\nSumma;;10,05\n", "utf-8")
    landing = Landing(tmp_path / "landing", "borg", PSEUDONYMS.fingerprint)
    sums = import_file(path, "meeting_costs", "meeting_costs", landing, PSEUDONYMS, NOW).amounts["SEK"]
    assert (sums.read, sums.landed, sums.rejected, sums.excluded) == tuple(
        Decimal(a) for a in ("20.10", "9.05", "1.00", "10.05")
    )
    assert landing.read("meeting_costs").select(pl.col("cost_sek").sum()).item() == Decimal("9.05")
