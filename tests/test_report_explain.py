"""Where a figure comes from, in plain text."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.errors import IndicatorUnknown, PeriodUnknown
from reports.explain import explain
from reports.periods import LanguageCode
from tests.published_fixture import ORGANISATION, build_published


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_published(tmp_path_factory.mktemp("data"))


def _facts(published: Path, indicator: str, period: str = "2026", language: LanguageCode = "sv") -> dict[str, str]:
    """Heading and text, the lines of one heading joined."""
    found: dict[str, str] = {}
    heading = ""
    for line in explain(published, ORGANISATION, indicator, period, language).replace("\u00a0", " ").splitlines()[2:]:
        first, _, rest = line.partition("  ")
        heading = first or heading
        found[heading] = " ".join((found.get(heading, ""), rest.strip())).strip()
    return found


def test_a_comparison_is_taken_apart(published: Path) -> None:
    facts = _facts(published, "replacement_rate")
    assert facts["Värde"] == "31 %"
    assert facts["95-procentigt intervall"].startswith("25–36 %")
    assert facts["Täljare"] == "1 550 tjänsteresor gjordes"
    assert facts["Nämnare"] == "2 247 tjänsteresor väntades utifrån jämförelseperioden"
    assert facts["Uträkning"] == "1 − 1 550 ÷ 2 247 = 31 %"
    assert "11 av periodens 12 månader" in facts["Jämförda månader"]
    assert "Resebyrå (resor): 11 av 12 månader; saknas: mars 2026" in facts["Källor"]
    assert "Microsoft Teams" not in facts["Källor"]
    assert "avstånd saknas, 84 poster" in facts["Kända luckor"]
    assert "Jämförelseperiod: 2025" in facts["Inställningar"]
    assert "inte varför" in facts["Orsak"]


def test_a_level_is_taken_apart(published: Path) -> None:
    facts = _facts(published, "digital_meetings_per_fte.attended", language="en")
    assert facts["Value"] == "160 attendances per FTE"
    assert facts["Numerator"] == "148,554 attendances of digital meetings"
    assert facts["Denominator"] == "928 FTE on average"
    assert facts["Calculation"] == "148,554 ÷ 928 = 160"
    assert "Months compared" not in facts
    assert "Causality" not in facts


def test_a_missing_figure_has_its_reason_and_no_number(published: Path) -> None:
    facts = _facts(published, "trips_per_fte")
    assert facts["Varför uppgift saknas"].endswith("(source_missing)")
    assert not {"Värde", "Täljare", "Nämnare", "Uträkning"} & facts.keys()


def test_without_staff_the_count_stands_and_the_gap_is_named(tmp_path: Path) -> None:
    published = build_published(tmp_path, has_staff=False, missing=None)
    facts = _facts(published, "trips_per_fte")
    assert "(no_staff)" in facts["Varför uppgift saknas"]
    assert facts["Täljare"] == "1 561 tjänsteresor"
    assert "Nämnare" not in facts
    assert "årsarbetskrafter saknas, 12 hela månader" in facts["Kända luckor"]
    assert "i antal" in _facts(published, "travel_change.trips")["Räknat"]


def test_a_share_below_the_flag_is_flagged(published: Path) -> None:
    assert "med försiktighet" in _facts(published, "travel_co2_per_fte.co2e_kg", "2026-Q2")["Känd andel av underlaget"]


def test_every_measure_of_an_indicator_is_explained(published: Path) -> None:
    assert explain(published, ORGANISATION, "digital_share", "2026", "en").count("-----\n") == 4


def test_what_does_not_exist_is_named(published: Path) -> None:
    with pytest.raises(IndicatorUnknown, match=r"There are: .*replacement_rate"):
        explain(published, ORGANISATION, "happiness", "2026")
    with pytest.raises(PeriodUnknown):
        explain(published, ORGANISATION, "replacement_rate", "1999")
