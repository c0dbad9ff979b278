"""Trips gone per new digital meeting (METHOD 2): −ΔT/FTE ÷ ΔD/FTE, D being meetings between sites or organisations."""

from __future__ import annotations

import pytest

from tests.model_cases import ask, compute, known_months, months, staff_months, value

WHO = "quantity | month | amount | facts | facts_known\n"


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
                    f"{month} | {quantity} | p{person} | {amount / crowd:.6f} | 1" for person in range(crowd) if amount
                ]
                contributions += [f"{month} | {quantity} | | 2 | 1"] * (2 if unknown else 0)
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
        "core_quantities": "month | quantity | person_key | amount | people\n" + "\n".join(contributions),
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
