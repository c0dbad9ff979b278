"""REMM's own lists (METHOD 2): what to follow up, item by item, and what others have published of whole groups."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute

FIGURES = "indicator | measure | department | person_group | period_kind | period_end | dimension_1 | value_1 | value | unit | reason\n"
YEAR = "year | 2025-12-31"


def listed(figures: str, columns: str, view: str = "remm_step_10") -> list[tuple[object, ...]]:
    con = compute(("out_remm",), {"out_indicators": FIGURES + figures})
    return ask(con, f"select {columns} from out_remm where remm_view = '{view}' order by item, dimension_1, value_1")


MEETINGS = f"""
digital_meetings_per_fte | organised | all   | all     | {YEAR} | all      | all    | 12  | meetings/FTE |
digital_meetings_per_fte | organised | all   | all     | {YEAR} | modality | phone  | 3   | meetings/FTE |
digital_meetings_per_fte | organised | all   | all     | {YEAR} | modality | video  | 1   | meetings/FTE |
digital_meetings_per_fte | organised | all   | all     | {YEAR} | modality | web    | 8   | meetings/FTE |
digital_meetings_per_fte | organised | all   | all     | {YEAR} | platform | teams  | 7   | meetings/FTE |
digital_meetings_per_fte | organised | Skola | all     | {YEAR} | all      | all    | 20  | meetings/FTE |
digital_meetings_per_fte | organised | all   | elected | {YEAR} | all      | all    | 5   | meetings/person |
digital_meetings_per_fte | attended  | all   | all     | {YEAR} | all      | all    | 60  | attendances/FTE |
"""


def test_step_10_asks_for_digital_meetings_by_telephone_web_and_video():
    assert listed(MEETINGS, "item, dimension_1, value_1, value, unit, reason") == [
        (1, "all", "all", 12.0, "meetings/FTE", None),
        (1, "modality", "phone", 3.0, "meetings/FTE", None),
        (1, "modality", "video", 1.0, "meetings/FTE", None),
        (1, "modality", "web", 8.0, "meetings/FTE", None),
    ]


def test_step_9_asks_for_digital_meetings_as_a_whole():
    assert listed(MEETINGS, "item, dimension_1, value", "remm_step_9") == [(1, "all", 12.0)]


def test_the_lists_are_the_organisations_own_and_in_remms_words():
    ((organisation, swedish, english),) = listed(MEETINGS, "organisation, text_sv, text_en", "remm_step_9")
    assert organisation == "exempelby"
    assert swedish == "Antal digitala möten per årsanställd"
    assert english == "Digital meetings per full-time equivalent"


def test_every_period_has_its_items():
    figures = "\n".join(
        f"trips_per_fte | trips | all | all | {kind} | {end} | all | all | {n} | trips/FTE |"
        for n, (kind, end) in enumerate(
            [("month", "2025-12-31"), ("quarter", "2025-12-31"), ("year", "2024-12-31"), ("year", "2025-12-31")]
        )
    )
    con = compute(("out_remm",), {"out_indicators": FIGURES + figures})
    found = "select period_kind, cast(period_end as varchar), value from out_remm where remm_view = 'remm_step_10' order by value"
    assert ask(con, found) == [
        ("month", "2025-12-31", 0.0),
        ("quarter", "2025-12-31", 1.0),
        ("year", "2024-12-31", 2.0),
        ("year", "2025-12-31", 3.0),
    ]


@pytest.mark.parametrize(
    ("view", "items"),
    [
        ("remm_step_10", {
            1: "digital_meetings_per_fte", 2: "digital_meeting_cost_per_fte", 3: "trips_per_fte",
            4: "travel_cost_per_fte", 5: "travel_days_per_fte", 6: "travel_co2_per_fte", 7: "meeting_attitude",
        }),
        ("remm_step_9", {
            1: "digital_meetings_per_fte", 2: "meeting_attitude", 3: "digital_meeting_cost_per_fte", 4: "trips_per_fte",
            5: "travel_cost_per_fte", 6: "travel_days_per_fte", 7: "travel_co2_per_fte", 8: "digital_share",
        }),
    ],
)  # fmt: skip
def test_each_item_of_a_list_has_its_figure(view, items):
    """As the lists of https://www.remm.se stand: seven items until 2022, and eight since with the share of meetings."""
    measures = {
        "digital_meetings_per_fte": "organised", "digital_meeting_cost_per_fte": "cost_sek", "trips_per_fte": "trips",
        "travel_cost_per_fte": "cost_sek", "travel_days_per_fte": "days", "travel_co2_per_fte": "co2_kg",
        "meeting_attitude": "share_positive", "digital_share": "meetings",
    }  # fmt: skip
    figures = "\n".join(
        f"{indicator} | {measure} | all | all | {YEAR} | all | all | 1 | unit |"
        for indicator, measure in measures.items()
    )
    # carbon dioxide, not equivalents; as booked, not twice as much; meetings, not persons
    figures += f"\ntravel_co2_per_fte | co2e_kg | all | all | {YEAR} | all | all | 2 | unit |"
    figures += f"\ntravel_cost_per_fte | cost_sek_x2 | all | all | {YEAR} | all | all | 2 | unit |"
    figures += f"\ndigital_share | persons | all | all | {YEAR} | all | all | 2 | unit |"
    assert listed(figures, "item, indicator, value", view) == [(item, name, 1.0) for item, name in items.items()]


def test_a_figure_that_cannot_be_given_stands_in_the_list_with_its_reason():
    found = listed(
        f"travel_days_per_fte | days | all | all | {YEAR} | all | all | | days/FTE | incomplete", "item, value, reason"
    )
    assert found == [(5, None, "incomplete")]


def test_what_others_have_published_stands_with_its_source_and_what_makes_it_hard_to_compare():
    con = compute(("out_national",), {})
    # Naturvårdsverket's report 7101: 187 agencies' carbon dioxide came down by 35 % from 2019 to 2022
    assert ask(
        con,
        "select indicator, measure, year, value, unit, basis, scope_sv, scope_en, caveat_en from out_national where value_id = 'state-2022-change'",
    ) == [
        (
            "travel_change", "co2_kg", 2022, -0.35, "share", "sourced", "Statliga myndigheter (187)", "State agencies (187)",
            "Total against 2019, not per full-time equivalent; who reported differs between years.",
        )
    ]  # fmt: skip
    assert ask(con, "select count(*) from out_national where source = '' or caveat_sv = '' or caveat_en = ''") == [(0,)]
    assert ask(con, "select count(*) = count(distinct value_id) and count(*) > 0 from out_national") == [(True,)]
