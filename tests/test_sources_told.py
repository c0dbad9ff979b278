"""What became of what each source told: records handed over, landed and left out, beside the vendor's own count."""

from __future__ import annotations

from datetime import date

import pytest

from tests.model_cases import AS_OF, ask, compute

CELL = "period_kind | period_end | quantity | department | person_group | dimension | is_withheld\n"
JUNE = "teams | meetings | 2025-06-01 | true | true | covered"
WHOLE_JUNE = "teams | 2025-05-31T22:00 | 2025-06-30T22:00 | 40 | 30 | 1 | 9"
COUNTS = "pulled, landed, rejected, excluded"
BESIDE = "vendor_meetings, landed_meetings, difference_share"


def told(
    columns: str,
    where: str = "",
    coverage: str = JUNE,
    pulls: str = WHOLE_JUNE,
    files: str = "",
    figures: str = "",
    vendor: str = "",
    as_of: date = AS_OF,
    **method: object,
) -> list[tuple[object, ...]]:
    """What is said of sources and months."""
    con = compute(
        ("out_coverage",),
        {
            "core_coverage": f"source | kind | month | is_expected | is_covered | status\n{coverage}",
            "landing_pulls": f"source | window_from | window_to | pulled | landed | rejected | excluded\n{pulls}",
            "core_files": f"source | covers_to | rows_read | rows_landed | rows_rejected | rows_excluded\n{files}",
            "core_disclosure": CELL + figures,
            "core_reconciliation": f"source | month | period_from | counted | vendor_count | landed_count\n{vendor}",
        },
        as_of=as_of,
        **method,
    )
    return ask(con, f"select {columns} from out_coverage {where and f'where {where}'} order by all")


def test_records_are_counted_in_the_month_of_the_last_day_that_was_asked_for_or_that_the_file_speaks_for():
    """Days are those of here; a window ends where the next day begins."""
    found = told(
        f"source, month(month), {COUNTS}",
        coverage="""teams  | meetings | 2025-06-01 | true | true | covered
                    teams  | meetings | 2025-07-01 | true | false | partial
                    zoom   | meetings | 2025-06-01 | true | false | partial
                    travel | travel   | 2025-06-01 | true | true | covered
                    travel | travel   | 2025-07-01 | true | false | partial
                    travel | travel   | 2025-08-01 | true | false | missing""",
        pulls="""teams | 2025-05-25T22:00 | 2025-06-15T22:00 | 40 | 30 | 2 | 8
                 teams | 2025-06-15T22:00 | 2025-06-30T22:00 | 60 | 50 | 1 | 9
                 teams | 2025-06-30T22:00 | 2025-07-01T22:00 | 20 | 20 | 0 | 0
                 zoom  | 2025-06-01T22:00 | 2025-06-02T22:00 | 70 | 70 | 0 | 0""",
        files="""travel | 2025-06-15 | 300 | 200 | 40 | 60
                 travel | 2025-06-30 | 30 | 20 | 4 | 6
                 travel | 2025-07-01 | 3 | 3 | 0 | 0""",
    )
    assert found == [
        ("teams", 6, 100, 80, 3, 17),
        ("teams", 7, 20, 20, 0, 0),
        ("travel", 6, 330, 220, 44, 66),
        ("travel", 7, 3, 3, 0, 0),
        ("travel", 8, None, None, None, None),
        ("zoom", 6, 70, 70, 0, 0),
    ]


@pytest.mark.parametrize(
    ("kind", "figure", "is_counted"),
    [
        ("travel", "month   | 2025-06-30 | trips             | all   | all     | all  | true", False),
        ("meetings", "month   | 2025-06-30 | meetings_attended | all   | all     | all  | true", False),
        ("travel", "month   | 2025-06-30 | trips             | all   | all     | all  | false", True),
        ("meetings", "month   | 2025-06-30 | trips             | all   | all     | all  | true", True),
        ("travel", "month   | 2025-06-30 | meetings_attended | all   | all     | all  | true", True),
        ("bookings", "month   | 2025-06-30 | meetings_attended | all   | all     | all  | true", True),
        ("travel", "quarter | 2025-06-30 | trips             | all   | all     | all  | true", True),
        ("travel", "month   | 2025-05-31 | trips             | all   | all     | all  | true", True),
        ("travel", "month   | 2025-06-30 | trips             | Skola | all     | all  | true", True),
        ("travel", "month   | 2025-06-30 | trips             | all   | elected | all  | true", True),
        ("travel", "month   | 2025-06-30 | trips             | all   | all     | mode | true", True),
    ],
)
def test_no_records_are_counted_where_the_months_figure_is_withheld(kind, figure, is_counted):
    """Of travel the journeys of the whole organisation, of meetings those taken part in."""
    found = told(COUNTS, coverage=f"teams | {kind} | 2025-06-01 | true | true | covered", figures=figure)
    assert found == [(40, 30, 1, 9) if is_counted else (None, None, None, None)]


@pytest.mark.parametrize(("excluded", "is_told"), [(0, True), (1, False), (7, False), (8, True)])
def test_records_left_out_by_a_rule_are_none_or_k_or_not_told(excluded, is_told):
    """Nor is what was handed over, of which they are what did not land."""
    pull = f"teams | 2025-05-31T22:00 | 2025-06-30T22:00 | {31 + excluded} | 30 | 1 | {excluded}"
    assert told(COUNTS, pulls=pull) == [(31 + excluded if is_told else None, 30, 1, excluded if is_told else None)]


DAYS = """teams | 2025-06-01 | 2025-06-03 | meetings | 15 | 13
          teams | 2025-06-01 | 2025-06-04 | meetings | 10 | 12"""


def test_the_vendors_count_of_all_days_of_a_month_stands_beside_what_landed():
    vendor = f"""{DAYS}
        teams | 2025-06-01 | 2025-06-03 | participants | 300 | 200
        teams | 2025-05-01 | 2025-05-03 | meetings     | 700 | 600
        zoom  | 2025-06-01 | 2025-06-03 | meetings     | 500 | 400"""
    coverage = f"{JUNE}\nteams | bookings | 2025-06-01 | true | true | covered"
    found = told(f"kind, {BESIDE}", coverage=coverage, vendor=vendor)
    assert found == [("bookings", None, None, None), ("meetings", 25, 25, 0)]


@pytest.mark.parametrize(
    ("vendor", "landed", "beside"),
    [
        (20, 16, (20, 16, 0.2)),
        (20, 25, (20, 25, -0.25)),
        (8, 8, (8, 8, 0)),
        (7, 8, (None, None, None)),
        (8, 7, (None, None, None)),
        (8, 0, (8, 0, 1)),
        (0, 8, (0, 8, None)),
        (8, 1, (None, None, None)),
        (1, 8, (None, None, None)),
    ],
)
def test_neither_count_is_told_where_one_is_below_k_and_not_zero(vendor, landed, beside):
    assert told(BESIDE, vendor=f"teams | 2025-06-01 | 2025-06-03 | meetings | {vendor} | {landed}") == [beside]


@pytest.mark.parametrize(
    ("figure", "is_told"),
    [
        ("month   | 2025-06-30 | meetings_attended  | all   | all     | all      | true", False),
        ("month   | 2025-06-30 | meetings_organised | all   | all     | all      | true", False),
        ("month   | 2025-06-30 | meetings_organised | all   | all     | all      | false", True),
        ("month   | 2025-06-30 | trips              | all   | all     | all      | true", True),
        ("quarter | 2025-06-30 | meetings_organised | all   | all     | all      | true", True),
        ("month   | 2025-05-31 | meetings_organised | all   | all     | all      | true", True),
        ("month   | 2025-06-30 | meetings_organised | Skola | all     | all      | true", True),
        ("month   | 2025-06-30 | meetings_organised | all   | elected | all      | true", True),
        ("month   | 2025-06-30 | meetings_organised | all   | all     | modality | true", True),
    ],
)
def test_the_vendors_count_is_not_told_where_the_months_meetings_are_withheld(figure, is_told):
    """Those organised or those taken part in."""
    assert told("vendor_meetings", vendor=DAYS, figures=figure) == [(25 if is_told else None,)]


@pytest.mark.parametrize(
    ("pulls", "is_told"),
    [
        ("teams | 2025-05-31T22:00 | 2025-06-30T22:00 | 31 | 30 | 1 | 0", True),
        ("teams | 2025-05-31T22:00 | 2025-06-30T22:00 | 32 | 30 | 1 | 1", False),
        ("teams | 2025-05-31T22:00 | 2025-06-30T22:00 | 38 | 30 | 1 | 7", False),
        ("teams | 2025-05-31T22:00 | 2025-06-30T22:00 | 39 | 30 | 1 | 8", True),
        pytest.param(
            "teams | 2025-05-31T22:00 | 2025-07-31T22:00 | 99 | 70 | 0 | 29", True, id="asked for with a later month"
        ),
    ],
)  # fmt: skip
def test_the_vendor_counts_what_a_rule_left_out_and_is_not_told_where_that_is_not(pulls, is_told):
    assert told("vendor_meetings", pulls=pulls, vendor=DAYS) == [(25 if is_told else None,)]


def test_the_vendors_count_of_a_month_not_wholly_landed_is_not_told():
    partial = "teams | meetings | 2025-06-01 | true | false | partial"
    assert told(f"is_covered, status, {BESIDE}", coverage=partial, vendor=DAYS) == [
        (False, "partial", None, None, None)
    ]


@pytest.mark.parametrize(
    ("as_of", "settings", "months"),
    [
        ("2025-07-14", {}, [5]),
        ("2025-07-15", {}, [5, 6]),
        ("2025-07-09", {"closes_on_day": 10}, [5]),
        ("2025-07-10", {"closes_on_day": 10}, [5, 6]),
        ("2025-06-30", {"closes_on_day": 1}, [5]),
        ("2025-07-01", {"closes_on_day": 1}, [5, 6]),
    ],
)
def test_of_a_month_that_is_not_closed_nothing_is_said(as_of, settings, months):
    coverage = f"{JUNE}\nteams | meetings | 2025-05-01 | true | true | covered"
    found = told("month(month)", coverage=coverage, as_of=date.fromisoformat(as_of), **settings)
    assert found == [(month,) for month in months]
