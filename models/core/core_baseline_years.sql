-- How much whole years differ from each other before anything was done: the baseline's months, and the same months of
-- every year before it for as long as travel and full-time equivalents are known without a gap. Three years and more
-- tell something.
with windows as (
    select
        calendar.month,
        cast(floor((baseline.month_number - calendar.month_number) / 12.0) as bigint) as years_before
    from core_periods as baseline
    inner join ref_calendar as calendar
        on
            calendar.month_number <= baseline.month_number
            and mod(baseline.month_number - calendar.month_number, 12) = 0
    where baseline.period_kind = 'baseline'
),
series as (
    select distinct
        department, person_group, dimension, dimension_value,
        -- totals are of everybody and everything: parts need rows
        case
            when dimension = 'all' and department = 'all' and person_group = 'all' then 'trips_replaceable' else 'travel'
        end as kind
    from core_cells
    where quantity = 'trips_replaceable' and dimension in ('all', 'length', 'mode')
),
monthly as (
    select
        series.department,
        series.person_group,
        series.dimension,
        series.dimension_value,
        windows.years_before,
        case when coverage.is_covered then 1 else 0 end as is_covered,
        coalesce(made.amount, 0) as trips,
        fte.denominator as fte
    from series
    cross join windows
    left join core_kind_coverage as coverage on coverage.kind = series.kind and coverage.month = windows.month
    left join core_monthly as made
        on
            made.quantity = 'trips_replaceable'
            and made.month = windows.month
            and made.department = series.department
            and made.person_group = series.person_group
            and made.dimension = series.dimension
            and made.dimension_value = series.dimension_value
    left join core_denominators as fte
        on fte.month = windows.month and fte.department = series.department and fte.person_group = series.person_group
),
yearly as (
    select
        department, person_group, dimension, dimension_value, 'per_fte' as basis, years_before,
        min(case when is_covered = 1 and fte > 0 then 1 else 0 end) as is_known,
        sum(trips) as trips,
        cast(sum(cast(fte as decimal(18, 6))) as double) as exposure
    from monthly
    group by department, person_group, dimension, dimension_value, years_before
    union all
    select
        department, person_group, dimension, dimension_value, 'total', years_before, min(is_covered), sum(trips),
        cast(1 as double)
    from monthly
    group by department, person_group, dimension, dimension_value, years_before
),
unbroken as (
    select
        *,
        -- up to the first year that is not known whole, or in which nobody travelled
        min(case when is_known <> 1 or trips <= 0 then years_before end) over (
            partition by department, person_group, dimension, dimension_value, basis
        ) as first_gap
    from yearly
),
logs as (
    select
        department, person_group, dimension, dimension_value, basis, trips,
        ln(trips / nullif(exposure, 0)) as log_rate
    from unbroken
    where first_gap is null or years_before < first_gap
),
means as (
    select
        department, person_group, dimension, dimension_value, basis,
        count(*) as years,
        cast(sum(cast(log_rate as decimal(38, 15))) as double) / nullif(count(*), 0) as mean_log,
        cast(sum(cast(1 / nullif(trips, 0) as decimal(38, 15))) as double) / nullif(count(*), 0) as mean_inverse
    from logs
    group by department, person_group, dimension, dimension_value, basis
)
select
    means.department,
    means.person_group,
    means.dimension,
    means.dimension_value,
    means.basis,
    cast(means.years as bigint) as years,
    cast(sum(cast((logs.log_rate - means.mean_log) * (logs.log_rate - means.mean_log) as decimal(38, 15))) as double)
    / nullif(means.years - 1, 0) as log_variance,
    means.mean_inverse
from means
inner join logs
    on
        logs.department = means.department
        and logs.person_group = means.person_group
        and logs.dimension = means.dimension
        and logs.dimension_value = means.dimension_value
        and logs.basis = means.basis
group by
    means.department, means.person_group, means.dimension, means.dimension_value, means.basis, means.years, means.mean_inverse
