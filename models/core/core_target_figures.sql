-- How much of the way to each target is gone, as a figure beside the others.
with shown as (
    select distinct period_kind, period_end
    from core_periods
    where period_kind in ('year', 'rolling_12')
)
select
    years.period_kind,
    years.period_end,
    'all' as department,
    'all' as person_group,
    cast(years.base_year as varchar) as baseline,
    measure.indicator,
    measure.measure,
    'target' as dimension_1,
    years.target as value_1,
    'all' as dimension_2,
    'all' as value_2,
    years.share_of_way as value,
    cast(null as double) as low,
    cast(null as double) as high,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    measure.unit,
    cast(1 as double) as known_share,
    years.people,
    years.reason
from core_target_years as years
inner join ref_indicators as measure on measure.indicator = 'target_progress'
union all
select
    shown.period_kind, shown.period_end, 'all', 'all', 'none', measure.indicator, measure.measure,
    'all', 'all', 'all', 'all',
    cast(null as double), cast(null as double), cast(null as double), cast(null as double), cast(null as double),
    measure.unit, cast(null as double), cast(null as bigint), 'no_target'
from shown
inner join ref_indicators as measure on measure.indicator = 'target_progress'
left join (select distinct period_kind, period_end from core_target_years) as aimed
    on aimed.period_kind = shown.period_kind and aimed.period_end = shown.period_end
where aimed.period_end is null
