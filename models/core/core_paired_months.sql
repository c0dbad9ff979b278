-- Every month of a period after the baseline beside the same calendar month of the baseline, where travel is known for
-- both: what comparisons are made of. A covered month without rows is a true zero. Exposure is what the amounts are
-- measured against: full-time equivalents ("per_fte"), or nothing at all ("total"). A department that had staff on one side
-- only was formed or ended in between: it did not begin or cease to travel, and the month is left out.
with compared as (
    select period_kind, period_end
    from core_periods
    cross join settings_method
    group by period_kind, period_end
    having min(month) > min(settings_method.baseline_to)
),
pairs as (
    select
        period.period_kind,
        period.period_end,
        period.month,
        baseline.month as baseline_month
    from compared
    inner join core_periods as period
        on period.period_kind = compared.period_kind and period.period_end = compared.period_end
    inner join core_periods as baseline
        on baseline.period_kind = 'baseline' and mod(period.month_number - baseline.month_number, 12) = 0
),
series as (
    select distinct
        cell.department, cell.person_group, cell.quantity, cell.dimension, cell.dimension_value,
        -- totals are of everybody and everything: parts need rows
        coalesce(totalled.quantity, 'travel') as kind
    from core_cells as cell
    left join ref_totals as totalled
        on
            totalled.quantity = cell.quantity
            and cell.dimension = 'all'
            and cell.department = 'all'
            and cell.person_group = 'all'
    where
        (cell.quantity = 'trips_replaceable' and cell.dimension in ('all', 'length', 'mode'))
        or (
            cell.quantity in ('trips', 'distance_km', 'co2_kg', 'co2e_kg', 'energy_kwh', 'cost_sek')
            and cell.dimension = 'all'
        )
),
paired as (
    select
        pairs.period_kind,
        pairs.period_end,
        series.department,
        series.person_group,
        series.quantity,
        series.dimension,
        series.dimension_value,
        pairs.month,
        case when present.month is null then 0 else present.amount end as amount,
        case when past.month is null then 0 else past.amount end as baseline_amount,
        fte.denominator as fte,
        baseline_fte.denominator as baseline_fte,
        (fte.month is null) <> (baseline_fte.month is null) and whole.month is not null and baseline_whole.month is not null
            as is_formed_or_ended,
        coalesce(present.facts, 0) as facts,
        coalesce(present.facts_known, 0) as facts_known,
        coalesce(past.facts, 0) as baseline_facts,
        coalesce(past.facts_known, 0) as baseline_facts_known
    from pairs
    cross join series
    inner join core_kind_coverage as now_covered
        on now_covered.kind = series.kind and now_covered.month = pairs.month and now_covered.is_covered
    inner join core_kind_coverage as then_covered
        on then_covered.kind = series.kind and then_covered.month = pairs.baseline_month and then_covered.is_covered
    left join core_monthly as present
        on
            present.month = pairs.month
            and present.department = series.department
            and present.person_group = series.person_group
            and present.quantity = series.quantity
            and present.dimension = series.dimension
            and present.dimension_value = series.dimension_value
    left join core_monthly as past
        on
            past.month = pairs.baseline_month
            and past.department = series.department
            and past.person_group = series.person_group
            and past.quantity = series.quantity
            and past.dimension = series.dimension
            and past.dimension_value = series.dimension_value
    left join core_denominators as fte
        on fte.month = pairs.month and fte.department = series.department and fte.person_group = series.person_group
    left join core_denominators as baseline_fte
        on
            baseline_fte.month = pairs.baseline_month
            and baseline_fte.department = series.department
            and baseline_fte.person_group = series.person_group
    left join core_denominators as whole
        on whole.month = pairs.month and whole.department = 'all' and whole.person_group = series.person_group
    left join core_denominators as baseline_whole
        on
            baseline_whole.month = pairs.baseline_month
            and baseline_whole.department = 'all'
            and baseline_whole.person_group = series.person_group
)
select
    period_kind,
    period_end,
    department,
    person_group,
    quantity,
    dimension,
    dimension_value,
    'per_fte' as basis,
    month,
    amount,
    baseline_amount,
    fte as exposure,
    baseline_fte as baseline_exposure,
    facts,
    facts_known,
    baseline_facts,
    baseline_facts_known
from paired
where fte > 0 and baseline_fte > 0
union all
select
    period_kind, period_end, department, person_group, quantity, dimension, dimension_value, 'total', month,
    amount, baseline_amount, cast(1 as double), cast(1 as double),
    facts, facts_known, baseline_facts, baseline_facts_known
from paired
where not is_formed_or_ended
