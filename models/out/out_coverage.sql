-- Which source has spoken for which closed month, and what became of what it said. Records are not counted where the
-- month's figure is withheld, nor where fewer than k were left out by a rule. The vendor's own count of meetings stands
-- beside what landed on the same days, where the month is covered and neither number is below k.
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
vendor as (
    select
        source,
        month,
        sum(vendor_count) as vendor_meetings,
        sum(landed_count) as landed_meetings
    from core_reconciliation
    where counted = 'meetings'
    group by source, month
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
        vendor.vendor_meetings,
        vendor.landed_meetings,
        not coalesce(cell.is_withheld, false) as is_counted,
        counted.excluded = 0 or counted.excluded >= settings_method.k as is_excluded_counted,
        -- the vendor counts what a rule left out, too: the difference must not tell it
        coverage.is_covered
        and not coalesce(cell.is_withheld, false)
        and not coalesce(organised.is_withheld, false)
        and coalesce(counted.excluded = 0 or counted.excluded >= settings_method.k, true)
        and (vendor.vendor_meetings = 0 or vendor.vendor_meetings >= settings_method.k)
        and (vendor.landed_meetings = 0 or vendor.landed_meetings >= settings_method.k) as is_compared
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
    left join vendor
        on coverage.kind = 'meetings' and vendor.source = coverage.source and vendor.month = coverage.month
    left join core_disclosure as organised
        on
            organised.period_kind = 'month'
            and organised.period_end = calendar.month_end
            and organised.quantity = 'meetings_organised'
            and organised.dimension = 'all'
            and organised.department = 'all'
            and organised.person_group = 'all'
            and coverage.kind = 'meetings'
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
    case when shown.is_counted and shown.is_excluded_counted then cast(shown.excluded as bigint) end as excluded,
    case when shown.is_compared then cast(shown.vendor_meetings as bigint) end as vendor_meetings,
    case when shown.is_compared then cast(shown.landed_meetings as bigint) end as landed_meetings,
    case
        when shown.is_compared
            then cast(shown.vendor_meetings - shown.landed_meetings as double) / nullif(shown.vendor_meetings, 0)
    end as difference_share
from shown
cross join settings_method
