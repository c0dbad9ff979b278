"""Cost of digital meetings per full-time equivalent (METHOD 2): phone, web and video, as imported and allocated."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute, known_months, months, staff_months, value


def costs(
    spans: str = "costs | 2024-01-01 00:00 | 2026-01-01 00:00",
    monthly: dict[str, str] | None = None,
    staff: str | None = None,
    first: str = "2025-01",
    kinds: str = "meeting_costs",
):
    """So many kronor of each modality in every month from the first on."""
    monthly = {"phone": "1000", "web": "3000", "video": "8000"} if monthly is None else monthly
    lines = [
        f"costs | {month} | {modality} | {kronor}"
        for month in months(first, "2025-12")
        for modality, kronor in monthly.items()
    ]
    tables = {
        "core_coverage": known_months("2024-01", "2025-12"),
        "core_denominators": staff_months("2024-01", "2025-12", 80) if staff is None else staff,
        "core_files": f"source | file_sha256 | kind\ncosts | costs | {kinds}",
        "core_known_spans": f"source | known_from | known_to\n{spans}",
        "landing_meeting_costs": "\n".join(["file_sha256 | month | modality | cost_sek", *lines]),
    }
    return compute(("core_periods", "core_period_denominators", "core_cost_figures"), tables)


def cost(con, modality: str | None = None, period: str = "year 2025-12-31"):
    where = {} if modality is None else {"dimension_1": "modality", "value_1": modality}
    return value(con, "core_cost_figures", "digital_meeting_cost_per_fte.cost_sek", period, **where)


def test_costs_are_told_by_modality_and_together():
    con = costs()
    # 12 · 12,000 kronor over 80 full-time equivalents
    assert cost(con) == (12 * 12000 / 80, None)
    assert cost(con, "phone") == (12 * 1000 / 80, None)
    assert cost(con, "web") == (12 * 3000 / 80, None)
    assert cost(con, "video") == (12 * 8000 / 80, None)
    assert cost(con, period="quarter 2025-03-31") == (3 * 12000 / 80, None)
    assert cost(con, period="month 2025-03-31") == (12000 / 80, None)
    assert cost(con, period="rolling_12 2025-06-30") == (6 * 12000 / 80, None)  # the file covers 2024: nothing was paid


def test_a_modality_without_a_cost_is_a_true_zero():
    assert cost(costs(monthly={"web": "3000"}), "phone") == (0.0, None)


def test_a_cost_of_no_known_modality_is_in_the_sum():
    con = costs(monthly={"web": "3000", "unknown": "500"})
    assert cost(con) == (12 * 3500 / 80, None)


def test_a_credit_lowers_the_cost():
    assert cost(costs(monthly={"web": "3000", "video": "-1000"}), "video") == (12 * -1000 / 80, None)


def test_a_month_without_a_cost_file_makes_its_quarter_and_year_unknown():
    con = costs("costs | 2025-01-01 00:00 | 2025-06-01 00:00\n costs | 2025-07-01 00:00 | 2026-01-01 00:00")
    assert cost(con, period="month 2025-06-30")[1] == "no_costs"
    assert cost(con, period="quarter 2025-06-30")[1] == "source_missing"
    assert cost(con)[1] == "source_missing"
    assert cost(con, period="quarter 2025-09-30") == (3 * 12000 / 80, None)
    assert cost(con, period="year 2024-12-31")[1] == "no_costs"


def test_half_a_month_covered_is_not_covered():
    con = costs("costs | 2025-01-01 00:00 | 2025-12-16 00:00")
    assert cost(con, period="month 2025-12-31")[1] == "no_costs"
    assert cost(con, period="month 2025-11-30")[1] is None


def test_another_kind_of_file_covers_no_costs():
    assert cost(costs(kinds="travel"))[1] == "no_costs"


@pytest.mark.parametrize(
    "fte", [staff_months("2024-01", "2025-12", 80, but=("2025-06",)), staff_months("2024-01", "2025-12", 0)]
)
def test_without_staff_there_is_no_cost_per_full_time_equivalent(fte):
    con = costs(staff=fte)
    assert cost(con)[1] == "no_staff"
    assert ask(con, "select distinct department, person_group from core_cost_figures") == [("all", "all")]


def test_a_file_that_was_corrected_counts_no_more():
    con = compute(
        ("core_periods", "core_period_denominators", "core_cost_figures"),
        {
            "core_coverage": known_months("2024-01", "2025-12"),
            "core_denominators": staff_months("2024-01", "2025-12", 80),
            "core_files": "source | file_sha256 | kind\ncosts | new | meeting_costs",
            "core_known_spans": "source | known_from | known_to\ncosts | 2025-01-01 00:00 | 2026-01-01 00:00",
            "landing_meeting_costs": """
                file_sha256 | month      | modality | cost_sek
                old         | 2025-06-01 | web      | 9999.00
                new         | 2025-06-01 | web      | 400.00""",
        },
    )
    assert cost(con, period="month 2025-06-30") == (400 / 80, None)


def test_a_cost_stands_with_what_it_is_made_of():
    columns = "person_group, baseline, dimension_2, value_2, numerator, denominator, known_share, people, unit"
    found = value(
        costs(), "core_cost_figures", "digital_meeting_cost_per_fte.cost_sek", columns=columns,
        dimension_1="modality", value_1="web",
    )  # fmt: skip
    assert found == ("all", "none", "all", "all", 36000.0, 80.0, 1.0, None, "SEK/FTE")


def test_an_organisation_of_one_full_time_equivalent_has_a_cost():
    assert cost(costs(staff=staff_months("2024-01", "2025-12", 1))) == (144000.0, None)


def test_the_baseline_is_no_period_of_its_own():
    assert ask(costs(), "select count(*) from core_cost_figures where period_kind = 'baseline'") == [(0,)]
