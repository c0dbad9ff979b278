"""Trips gone per new digital meeting (METHOD 2): −ΔT/FTE ÷ ΔD/FTE, D being meetings between sites or organisations."""

from __future__ import annotations

from calendar import monthrange

import pytest

from tests.model_cases import ask, compute, known_months, months, staff_months, value

WHO = "quantity | month | amount | facts | facts_known\n"
NUMBERS = {"trips": 1, "trips_replaceable": 2, "meetings_organised": 3, "meetings_organised_spanning": 4}
SERIES = "quantity | series_number\n" + "\n".join(f"{name} | {number}" for name, number in NUMBERS.items())


def ratio(
    trips: tuple[int, int] = (20, 15),
    meetings: tuple[int, int] = (10, 30),
    coverage: str | None = None,
    staff: str | None = None,
    people: int = 20,
    past_people: int = 20,
    service: tuple[int, int] = (0, 0),
    unknown: bool = False,
    **method,
):
    """2024 the baseline and 2025: every month so many trips (and service trips besides) and so many spanning meetings."""
    monthly, cells, contributions = [], [], []
    sides = (
        (2024, trips[0], meetings[0], past_people, service[0]),
        (2025, trips[1], meetings[1], people, service[1]),
    )
    for year, made, held, crowd, served in sides:
        for month in months(f"{year}-01", f"{year}-12"):
            amounts = {
                "trips": made + served, "trips_replaceable": made, "meetings_organised_spanning": held, "meetings_organised": 999,
            }  # fmt: skip
            for quantity, amount in amounts.items():
                monthly.append(f"{quantity} | {month} | {amount} | {amount} | {amount}")
                contributions += [
                    f"{month} | {NUMBERS[quantity]} | {person} | {amount / crowd:.6f} | 1"
                    for person in range(crowd)
                    if amount
                ]
                contributions += [f"{month} | {NUMBERS[quantity]} | | 2 | 1"] * (2 if unknown else 0)
        ends = [
            f"month | {year}-{month:02d}-{day}"
            for month, day in zip(
                range(1, 13), (31, 28 + (year == 2024), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True
            )
        ]
        ends += [f"quarter | {year}-{day}" for day in ("03-31", "06-30", "09-30", "12-31")] + [f"year | {year}-12-31"]
        ends += [f"rolling_12 | {year}-12-31"] + (["baseline | 2024-12-31"] if year == 2024 else [])
        cells += [
            f"{end} | {quantity} | {crowd} | {'true' if crowd < 8 and not unknown else 'false'}"
            for end in ends
            for quantity in ("trips", "trips_replaceable", "meetings_organised_spanning")
        ]
    tables = {
        "core_coverage": coverage or known_months("2024-01", "2025-12"),
        "core_denominators": staff or staff_months("2024-01", "2025-12", 80),
        "core_monthly": WHO + "\n".join(monthly),
        "core_series": SERIES,
        "core_quantities": "month | series_number | person_number | amount | people\n" + "\n".join(contributions),
        "core_disclosure": "period_kind | period_end | quantity | people | is_withheld\n" + "\n".join(cells),
    }
    return compute(("core_periods", "core_kind_coverage", "core_ratio_figures"), tables, **method)


def figure(con, period: str = "year 2025-12-31", columns: str = "value, reason"):
    return value(con, "core_ratio_figures", "replacement_ratio.trips_per_meeting", period, columns)


def test_five_trips_gone_for_twenty_new_meetings():
    con = ratio()
    # a month: trips 20 → 15, meetings 10 → 30: a quarter of a trip for each new meeting
    assert figure(con)[0] == pytest.approx(5 / 20)
    assert figure(con, "quarter 2025-06-30")[0] == pytest.approx(5 / 20)
    assert figure(con, "month 2025-06-30")[0] == pytest.approx(5 / 20)
    gone, new = figure(con, columns="numerator, denominator")
    # per full-time equivalent and month
    assert (gone, new) == pytest.approx((5 / 80, 20 / 80))
    assert figure(con, columns="baseline, unit") == ("2024", "trips/meeting")


def test_more_trips_with_more_meetings_is_negative_never_clipped():
    assert figure(ratio(trips=(20, 30)))[0] == pytest.approx(-10 / 20)


def test_growing_staff_is_neither_more_trips_nor_more_meetings():
    staff = staff_months("2024-01", "2024-12", 80) + "\n" + staff_months("2025-01", "2025-12", 160).partition("\n")[2]
    # per full-time equivalent 20/80 → 20/160 and 10/80 → 40/160: an eighth of a trip each for an eighth of a meeting
    assert figure(ratio(trips=(20, 20), meetings=(10, 40), staff=staff))[0] == pytest.approx(1.0)


def test_service_trips_are_no_part_of_it():
    """No meeting could replace them (METHOD 1), and they have grown or shrunk for other reasons."""
    assert figure(ratio(service=(500, 100)))[0] == pytest.approx(5 / 20)
    assert figure(ratio(service=(100, 500)))[0] == pytest.approx(5 / 20)


def test_only_months_known_on_both_sides_are_compared():
    con = ratio(coverage=known_months("2024-01", "2025-12", but=("2024-03", "2025-07")))
    assert figure(con)[0] == pytest.approx(5 / 20)
    assert figure(con, "quarter 2025-03-31")[0] == pytest.approx(5 / 20)


def test_without_meetings_in_the_baseline_there_is_nothing_to_divide_by():
    assert figure(ratio(meetings=(0, 30)))[1] == "no_baseline_meetings"
    # nor, as it rests on nobody, anything to withhold
    assert figure(ratio(trips=(0, 15), meetings=(0, 30)))[1] == "no_baseline_meetings"


def test_without_meeting_logs_in_the_baseline_there_is_nothing_to_divide_by():
    travel, logs = known_months("2024-01", "2025-12", ("travel",)), known_months("2025-01", "2025-12", ("meetings",))
    con = ratio(coverage=f"{travel}\n{logs.partition(chr(10))[2]}")
    assert figure(con)[1] == "no_baseline_meetings"


def test_meetings_that_did_not_change_divide_nothing():
    assert figure(ratio(meetings=(30, 30)))[1] == "nothing_counted"


def test_without_staff_data_it_is_unknown():
    assert figure(ratio(staff=staff_months("2024-01", "2024-12", 80)))[1] == "no_staff"


def test_a_period_without_known_months_is_missing_not_without_meetings():
    con = ratio(coverage=known_months("2024-01", "2025-12", but=("2025-06",)))
    assert figure(con, "month 2025-06-30")[1] == "source_missing"


@pytest.mark.parametrize(("people", "past_people"), [(7, 20), (20, 7)])
def test_neither_side_may_rest_on_few_people(people, past_people):
    assert figure(ratio(people=people, past_people=past_people))[1] == "too_few_people"


@pytest.mark.parametrize(("known", "reason"), [(7, None), (6, "too_few_people")])
def test_everything_of_nobody_known_is_one_person_of_the_baseline(known, reason):
    assert figure(ratio(past_people=known, unknown=True))[1] == reason


def test_meetings_may_have_a_baseline_of_their_own():
    """Logs often begin long after the year trips are compared with."""
    con = ratio(meetings_baseline_from="2024-07", meetings_baseline_to="2024-12")
    # the second half of 2025 beside the second half of 2024
    assert figure(con, columns="value, baseline") == (pytest.approx(5 / 20), "2024-07/2024-12")
    assert figure(con, "quarter 2025-09-30")[0] == pytest.approx(5 / 20)


def test_the_baseline_is_not_compared_with_itself():
    assert ask(ratio(), "select min(period_end) > '2024-12-31' from core_ratio_figures") == [(True,)]


PAST = {month: (10 * month, month) for month in range(1, 13)}
"""Month by month trips and spanning meetings of 2024, no two alike."""
NOW = {month: (9 * month, 3 * month + month % 2) for month in range(1, 13)}
KINDS = (("month", 1), ("quarter", 3), ("rolling_12", 12), ("year", 12))


def seasons(
    past: dict[int, tuple[int, int]] = PAST,
    now: dict[int, tuple[int, int]] = NOW,
    fte: dict[str, float] | None = None,
    but: dict[str, tuple[str, ...]] | None = None,
    people: dict[tuple[str, str], int] | None = None,
    withheld: tuple[str, ...] = (),
    **method,
):
    """Months that differ; ``people`` of a quantity in a month, and withheld cells as ``kind end`` or ``kind end quantity``."""
    monthly, contributions, cells = [], [], []
    for year, told in ((2024, past), (2025, now)):
        for number, (trips, meetings) in told.items():
            month = f"{year}-{number:02d}"
            for quantity, amount in {
                "trips_replaceable": trips, "meetings_organised_spanning": meetings, "meetings_organised": 999,
            }.items():  # fmt: skip
                if amount:
                    monthly.append(f"{quantity} | {month}-01 | {amount} | {amount} | {amount}")
                crowd = (people or {}).get((quantity, month), 20)
                contributions += [f"{month}-01 | {NUMBERS[quantity]} | {person} | 1 | 1" for person in range(crowd)]
            for kind, every in KINDS:
                if number % every == 0 or (kind == "rolling_12" and number % 3 == 0):
                    end = f"{kind} | {month}-{monthrange(year, number)[1]}"
                    for quantity in ("trips_replaceable", "meetings_organised_spanning"):
                        is_withheld = not {f"{kind} {month}", f"{kind} {month} {quantity}"}.isdisjoint(withheld)
                        cells.append(f"{end} | {quantity} | 20 | {str(is_withheld).lower()}")
    covered = "\n".join(
        known_months("2024-01", "2025-12", (kind,), but=(but or {}).get(kind, ())).partition("\n")[2]
        for kind in ("meetings", "travel")
    )
    staff = "\n".join(f"{month} | {(fte or {}).get(month[:7], 80)}" for month in months("2024-01", "2025-12"))
    tables = {
        "core_coverage": f"source | kind | month | is_covered\n{covered}",
        "core_denominators": f"month | denominator\n{staff}",
        "core_monthly": WHO + "\n".join(monthly),
        "core_series": SERIES,
        "core_quantities": "month | series_number | person_number | amount | people\n" + "\n".join(contributions),
        "core_disclosure": "period_kind | period_end | quantity | people | is_withheld\n" + "\n".join(cells),
    }
    return compute(("core_periods", "core_kind_coverage", "core_ratio_figures"), tables, **method)


def of_months(numbers: tuple[int, ...]) -> float:
    """Trips gone for each new meeting in some months of the same staff."""
    gone = sum(PAST[n][0] - NOW[n][0] for n in numbers)
    return gone / sum(NOW[n][1] - PAST[n][1] for n in numbers)


def test_each_month_is_compared_with_the_same_month():
    con = seasons()
    assert figure(con) == (pytest.approx(of_months(tuple(range(1, 13)))), None)
    assert figure(con, "quarter 2025-03-31") == (pytest.approx(of_months((1, 2, 3))), None)
    assert figure(con, "quarter 2025-12-31") == (pytest.approx(of_months((10, 11, 12))), None)
    # January to March: trips 10 + 20 + 30 → 9 + 18 + 27, meetings 1 + 2 + 3 → 4 + 6 + 10
    assert of_months((1, 2, 3)) == (60 - 54) / (20 - 6)
    assert figure(con, "month 2025-01-31") == (pytest.approx(1 / 3), None)


@pytest.mark.parametrize(
    ("past", "now", "found"),
    [
        # 10 + 0 + 30 trips became 54, 1 + 0 + 3 meetings 20
        (PAST | {2: (0, 0)}, NOW, (40 - 54) / (20 - 4)),
        # 60 trips became 9 + 0 + 27, 6 meetings 4 + 0 + 10
        (PAST, NOW | {2: (0, 0)}, (60 - 36) / (14 - 6)),
    ],
)
def test_a_known_month_in_which_nobody_travelled_or_met_is_compared_as_zero(past, now, found):
    assert figure(seasons(past, now), "quarter 2025-03-31") == (pytest.approx(found), None)


@pytest.mark.parametrize("quantity", ["trips_replaceable", "meetings_organised_spanning"])
def test_the_ratio_is_withheld_with_the_trips_and_with_the_meetings_of_the_period(quantity):
    con = seasons(withheld=(f"year 2025-12 {quantity}",))
    assert figure(con)[1] == "too_few_people"
    assert figure(con, "rolling_12 2025-12-31")[1] is None


def test_the_figure_stands_with_what_it_is_made_of():
    columns = "person_group, dimension_1, value_1, dimension_2, value_2, known_share, people, low, high"
    assert figure(seasons(), columns=columns) == ("all", "all", "all", "all", "all", 1.0, 20, None, None)


@pytest.mark.parametrize("kind", ["meetings", "travel"])
def test_a_month_known_of_one_kind_only_is_compared_with_nothing(kind):
    con = seasons(but={kind: ("2025-05", "2024-03")})
    assert figure(con, "quarter 2025-06-30") == (pytest.approx(of_months((4, 6))), None)
    assert figure(con, "quarter 2025-03-31") == (pytest.approx(of_months((1, 2))), None)
    assert figure(con, "month 2025-05-31")[1] == "source_missing"
    assert figure(con, "month 2025-03-31")[1] == ("no_baseline_meetings" if kind == "meetings" else "source_missing")


def test_what_is_missing_of_the_period_is_said_before_what_is_missing_of_the_baseline():
    con = seasons(but={"meetings": ("2025-05", "2024-05")})
    assert figure(con, "month 2025-05-31")[1] == "source_missing"


def test_a_baseline_of_which_nothing_is_known_has_no_meetings():
    past = tuple(month[:7] for month in months("2024-01", "2024-12"))
    con = seasons(but={"meetings": past, "travel": past})
    assert figure(con)[1] == "no_baseline_meetings"


def test_a_quarter_that_the_baseline_has_not_is_compared_with_nothing():
    con = seasons(meetings_baseline_from="2024-07", meetings_baseline_to="2024-12")
    assert figure(con, "quarter 2025-03-31")[1] == "source_missing"
    assert figure(con) == (pytest.approx(of_months(tuple(range(7, 13)))), None)


@pytest.mark.parametrize("month", ["2025-05", "2024-05"])
def test_a_month_without_staff_is_left_out(month):
    con = seasons(fte={month: 0})
    assert figure(con, "quarter 2025-06-30") == (pytest.approx(of_months((4, 6))), None)


def test_an_organisation_of_one_full_time_equivalent_has_a_ratio():
    con = seasons(fte=dict.fromkeys([month[:7] for month in months("2024-01", "2025-12")], 1))
    assert figure(con, "quarter 2025-03-31") == (pytest.approx(of_months((1, 2, 3))), None)
    # one new meeting: three trips of January 2024 and two of January 2025
    con = seasons(PAST | {1: (3, 1)}, NOW | {1: (2, 2)}, fte={"2024-01": 1, "2025-01": 1})
    assert figure(con, "month 2025-01-31") == (1.0, None)


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        ("trips_replaceable", "too_few_people"),
        ("meetings_organised_spanning", "too_few_people"),
        ("meetings_organised", None),
    ],
)
def test_a_month_of_the_baseline_of_few_people_is_not_shown_and_the_year_is(quantity, reason):
    con = seasons(people={(quantity, "2024-12"): 7})
    assert figure(con, "month 2025-12-31")[1] == reason
    for period in ("month 2025-11-30", "quarter 2025-12-31", "year 2025-12-31", "rolling_12 2025-12-31"):
        assert figure(con, period)[1] is None


@pytest.mark.parametrize(
    ("withheld", "it"),
    [
        ("month 2024-01", "month 2025-01-31"),
        ("month 2024-12", "month 2025-12-31"),
        ("quarter 2024-03", "quarter 2025-03-31"),
        ("quarter 2024-12", "quarter 2025-12-31"),
    ],
)
def test_what_a_month_or_quarter_is_compared_with_may_not_be_had_from_it(withheld, it):
    con = seasons(withheld=(withheld,))
    found = ask(
        con,
        "select period_kind || ' ' || cast(period_end as varchar) from core_ratio_figures where reason = 'too_few_people'",
    )
    assert found == [(it,)]


def test_what_no_month_is_compared_with_withholds_nothing():
    con = seasons(withheld=("month 2024-06",), meetings_baseline_from="2024-07", meetings_baseline_to="2024-11")
    assert ask(con, "select count(*) from core_ratio_figures where reason = 'too_few_people'") == [(0,)]
    con = seasons(withheld=("month 2024-12",), meetings_baseline_from="2024-07", meetings_baseline_to="2024-11")
    assert figure(con, "month 2025-12-31")[1] == "source_missing"


def test_the_ratio_is_of_periods_after_the_baseline():
    assert ask(seasons(), "select distinct period_kind from core_ratio_figures order by 1") == [
        (kind,) for kind, _ in KINDS
    ]


def test_the_baseline_of_trips_is_no_period_of_its_own():
    """Trips are compared with 2025, and meetings with 2024."""
    con = seasons(
        baseline_from="2025-01", baseline_to="2025-12", meetings_baseline_from="2024-01", meetings_baseline_to="2024-12"
    )
    assert ask(con, "select distinct period_kind from core_ratio_figures order by 1") == [(kind,) for kind, _ in KINDS]
