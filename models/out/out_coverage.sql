-- Which source has spoken for which closed month, and what became of what it said. Records are not counted where the
-- month's figure is withheld, nor where fewer than k were left out by a rule.
with counted as (
    select
        source,
        cast(date_trunc('month', cast(window_to at time zone 'Europe/Stockholm' as timestamp) - interval 1 day) as date) as month,
        sum(pulled) as pulled,
        sum(landed) as landed,
        sum(rejected) as rejected,
        sum(excluded) as excluded
    from landing_pulls
    group by 1, 2
    union all
    select
        source,
        cast(date_trunc('month', covers_to) as date),
        sum(rows_read),
        sum(rows_landed),
        sum(rows_rejected),
        sum(rows_excluded)
    from core_files
    group by 1, 2
),
shown as (
    select
        coverage.source,
        coverage.kind,
        coverage.month,
        coverage.is_expected,
        coverage.is_covered,
        coverage.status,
        counted.pulled,
        counted.landed,
        counted.rejected,
        counted.excluded,
        not coalesce(cell.is_withheld, false) as is_counted,
        coalesce(counted.excluded, 0) = 0 or counted.excluded >= settings_method.k as is_excluded_counted
    from core_coverage as coverage
    cross join settings_method
    inner join ref_calendar as calendar on calendar.month = coverage.month
    left join counted on counted.source = coverage.source and counted.month = coverage.month
    left join core_disclosure as cell
        on
            cell.period_kind = 'month'
            and cell.period_end = calendar.month_end
            and cell.quantity = case coverage.kind when 'travel' then 'trips' when 'meetings' then 'meetings_attended' end
            and cell.dimension = 'all'
            and cell.department = 'all'
            and cell.person_group = 'all'
    where date_diff('day', calendar.next_month, settings_method.as_of) >= settings_method.closes_on_day - 1
)
select
    settings_method.organisation,
    shown.source,
    shown.kind,
    shown.month,
    shown.is_expected,
    shown.is_covered,
    shown.status,
    case when shown.is_counted and shown.is_excluded_counted then cast(shown.pulled as bigint) end as pulled,
    case when shown.is_counted then cast(shown.landed as bigint) end as landed,
    case when shown.is_counted then cast(shown.rejected as bigint) end as rejected,
    case when shown.is_counted and shown.is_excluded_counted then cast(shown.excluded as bigint) end as excluded
from shown
cross join settings_method
