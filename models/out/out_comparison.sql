-- Difference in differences: the organisation's change since its baseline beside the mean change of three or more others
-- over the same period. What happened to everyone cancels out; what is left is the effect, below zero where the
-- organisation came down further. The interval is wide with few others.
with changes as (
    select
        'own' as side, own.organisation, own.period_kind, own.period_end, own.baseline, own.indicator, own.measure,
        own.dimension_2, own.value_2,
        case when own.indicator = 'replacement_rate' then 1 - own.value else 1 + own.value end as ratio
    from out_indicators as own
    where
        own.department = 'all' and own.person_group = 'all' and own.dimension_1 = 'all' and own.value is not null
        and own.indicator in ('travel_change', 'replacement_rate')
    union all
    select
        'other', organisation, period_kind, period_end, baseline, indicator, measure, dimension_2, value_2,
        case when indicator = 'replacement_rate' then 1 - value else 1 + value end
    from settings_others
    where indicator in ('travel_change', 'replacement_rate')
),
-- where an organisation made no trip at all its change has no logarithm: its own comparison says so, as another it is left out
logs as (
    select *, case when ratio > 0 then ln(ratio) end as change
    from changes
    where side = 'own' or ratio > 0
),
others as (
    select
        period_kind, period_end, baseline, indicator, measure, dimension_2, value_2,
        count(*) as others,
        avg(change) as mean
    from logs
    where side = 'other'
    group by period_kind, period_end, baseline, indicator, measure, dimension_2, value_2
),
scattered as (
    select
        others.period_kind, others.period_end, others.baseline, others.indicator, others.measure, others.dimension_2,
        others.value_2, others.others, others.mean,
        sqrt(sum((logs.change - others.mean) * (logs.change - others.mean)) / nullif(others.others - 1, 0)) as scatter
    from others
    inner join logs
        on
            logs.side = 'other'
            and logs.period_kind = others.period_kind
            and logs.period_end = others.period_end
            and logs.baseline = others.baseline
            and logs.indicator = others.indicator
            and logs.measure = others.measure
            and logs.dimension_2 = others.dimension_2
            and logs.value_2 = others.value_2
    group by
        others.period_kind, others.period_end, others.baseline, others.indicator, others.measure, others.dimension_2,
        others.value_2, others.others, others.mean
),
differences as (
    select
        own.period_kind,
        own.period_end,
        own.baseline,
        own.indicator,
        own.measure,
        own.dimension_2,
        own.value_2,
        own.ratio - 1 as own_change,
        scattered.mean as others_log,
        coalesce(scattered.others, 0) as others,
        own.change - scattered.mean as difference,
        quantile.t_975 * scattered.scatter * sqrt(1 + 1 / nullif(cast(scattered.others as double), 0)) as half_width
    from logs as own
    left join scattered
        on
            scattered.period_kind = own.period_kind
            and scattered.period_end = own.period_end
            and scattered.baseline = own.baseline
            and scattered.indicator = own.indicator
            and scattered.measure = own.measure
            and scattered.dimension_2 = own.dimension_2
            and scattered.value_2 = own.value_2
    left join ref_t_quantiles as quantile on quantile.degrees_of_freedom = scattered.others - 1
    where own.side = 'own'
)
select
    settings_method.organisation,
    differences.period_kind,
    differences.period_end,
    differences.indicator,
    differences.measure,
    differences.dimension_2,
    differences.value_2,
    differences.baseline,
    cast(differences.others as bigint) as others,
    differences.own_change,
    case when differences.others >= 3 then exp(differences.others_log) - 1 end as others_change,
    case when differences.others >= 3 then exp(differences.difference) - 1 end as effect,
    case when differences.others >= 3 then exp(differences.difference - differences.half_width) - 1 end as low,
    case when differences.others >= 3 then exp(differences.difference + differences.half_width) - 1 end as high,
    case
        when differences.others < 3 then 'too_few_organisations'
        when differences.difference is null then 'too_few_trips'
    end as reason
from differences
cross join settings_method
