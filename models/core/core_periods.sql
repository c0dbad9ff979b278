-- The periods figures are given for, each with its months: closed periods only, and the baseline.
-- A month closes on a day of the next month, a longer period with its last month; twelve months run up to a quarter's
-- end, because each further window over the same people is one more difference to protect.
with known as (
    select min(month) as first_month
    from core_coverage
    where (is_covered or status = 'totals') and kind in ('meetings', 'travel')
),
closed as (
    select calendar.*
    from ref_calendar as calendar
    cross join settings_method
    cross join known
    where
        calendar.month >= known.first_month
        and date_diff('day', calendar.next_month, settings_method.as_of) >= settings_method.closes_on_day - 1
),
spans as (
    select 'month' as period_kind, month_end as period_end, month_number as last_number, 1 as months
    from closed
    union all
    select 'quarter', month_end, month_number, 3
    from closed
    where month_end = quarter_end
    union all
    select 'year', month_end, month_number, 12
    from closed
    where month_end = year_end
    union all
    select 'rolling_12', month_end, month_number, 12
    from closed
    where month_end = quarter_end
    union all
    select
        'baseline',
        last_month.month_end,
        last_month.month_number,
        last_month.month_number - first_month.month_number + 1
    from settings_method
    inner join ref_calendar as first_month on first_month.month = settings_method.baseline_from
    inner join ref_calendar as last_month on last_month.month = settings_method.baseline_to
)
select
    dense_rank() over (order by spans.last_number, spans.months) as period_number,
    spans.period_kind,
    spans.period_end,
    cast(spans.months as bigint) as months,
    cast(spans.last_number - spans.months + 1 as integer) as first_number,
    calendar.month,
    calendar.month_number
from spans
inner join ref_calendar as calendar
    on calendar.month_number > spans.last_number - spans.months and calendar.month_number <= spans.last_number
