-- What digital meetings cost, as imported and allocated to telephone, web and video; for the whole organisation. A month
-- that no file of costs covers makes the period's cost unknown. Invoices are nobody's.
with shown as (
    select period_kind, period_end, min(month) as first_month, max(month) as last_month
    from core_periods
    where period_kind <> 'baseline'
    group by period_kind, period_end
),
costs as (
    select cost.month, cost.modality, sum(cost.cost_sek) as cost_sek
    from landing_meeting_costs as cost
    inner join core_files on core_files.file_sha256 = cost.file_sha256
    group by cost.month, cost.modality
),
covered as (
    select distinct calendar.month
    from ref_calendar as calendar
    inner join core_known_spans as known
        on
            known.known_from <= cast(calendar.month as timestamp)
            and known.known_to >= cast(calendar.next_month as timestamp)
    inner join (select distinct source from core_files where kind = 'meeting_costs') as told on told.source = known.source
),
periods as (
    select
        period.period_kind,
        period.period_end,
        count(*) as months,
        count(covered.month) as months_covered
    from core_periods as period
    left join covered on covered.month = period.month
    group by period.period_kind, period.period_end
),
listed as (
    select 'all' as dimension, 'all' as dimension_value
    union all
    select 'modality', modality
    from (values ('phone'), ('web'), ('video')) as modalities (modality)
),
sums as (
    select
        period.period_kind,
        period.period_end,
        listed.dimension,
        listed.dimension_value,
        cast(coalesce(sum(costs.cost_sek), 0) as double) as cost_sek
    from core_periods as period
    cross join listed
    left join costs
        on costs.month = period.month and (listed.dimension = 'all' or costs.modality = listed.dimension_value)
    group by period.period_kind, period.period_end, listed.dimension, listed.dimension_value
)
select
    sums.period_kind,
    sums.period_end,
    'all' as department,
    'all' as person_group,
    'none' as baseline,
    measure.indicator,
    measure.measure,
    sums.dimension as dimension_1,
    sums.dimension_value as value_1,
    'all' as dimension_2,
    'all' as value_2,
    sums.cost_sek / nullif(denominator.denominator, 0) as value,
    cast(null as double) as low,
    cast(null as double) as high,
    sums.cost_sek as numerator,
    denominator.denominator,
    measure.unit,
    cast(1 as double) as known_share,
    cast(null as bigint) as people,
    case
        when periods.months_covered = 0 then 'no_costs'
        when periods.months_covered < periods.months then 'source_missing'
        when coalesce(denominator.denominator, 0) = 0 then 'no_staff'
    end as reason
from sums
inner join shown on shown.period_kind = sums.period_kind and shown.period_end = sums.period_end
inner join periods on periods.period_kind = sums.period_kind and periods.period_end = sums.period_end
inner join ref_indicators as measure on measure.indicator = 'digital_meeting_cost_per_fte'
left join core_period_denominators as denominator
    on
        denominator.period_kind = sums.period_kind
        and denominator.period_end = sums.period_end
        and denominator.department = 'all'
        and denominator.person_group = 'all'
