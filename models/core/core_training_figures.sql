-- How many have been trained, and what became of trips in departments with a fifth or more trained before the period
-- beside those with nobody trained. Only departments whose trips are published take part in that, so that it says
-- nothing new of any of them.
with shown as (
    select period_kind, period_end, min(month) as first_month, max(month) as last_month
    from core_periods
    where period_kind <> 'baseline'
    group by period_kind, period_end
),
trained as (
    select department.reporting_department as department, training.month, sum(training.trained) as trained
    from landing_training as training
    inner join core_files on core_files.file_sha256 = training.file_sha256
    left join core_departments as department
        on department.source_value = training.department and department.month = training.month
    group by department.reporting_department, training.month
),
-- from the first month any file of training speaks for; before, nobody knows
told as (
    select min(covers_from) as told_from from core_files where kind = 'training'
),
employees as (
    select month, department, cast(sum(headcount) as double) as headcount
    from core_staff_monthly
    where person_group <> 'elected'
    group by month, department
    union all
    select month, 'all', cast(sum(headcount) as double)
    from core_staff_monthly
    where person_group <> 'elected'
    group by month
),
leveled as (
    select 'all' as department, month, trained from trained
    union all
    select department, month, trained from trained
),
heads as (
    select month, department, headcount, 1 as is_shown from employees
    union all
    -- a period of whose end no headcount is known says so
    select distinct shown.last_month, 'all', cast(null as double), 1
    from shown
    left join employees on employees.month = shown.last_month
    where employees.month is null
    union all
    -- those trained in no known department, or in one that has nobody any more, are what departments leave of the whole
    select distinct shown.last_month, leveled.department, cast(null as double), 0
    from shown
    cross join leveled
    left join employees on employees.month = shown.last_month and employees.department = leveled.department
    where employees.month is null
),
reached as (
    select
        shown.period_kind,
        shown.period_end,
        heads.department,
        heads.headcount,
        heads.is_shown,
        cast(coalesce(sum(leveled.trained), 0) as double) as trained
    from shown
    inner join heads on heads.month = shown.last_month
    left join leveled
        on leveled.department is not distinct from heads.department and leveled.month <= shown.last_month
    where heads.department = 'all' or shown.period_kind in ('quarter', 'year')
    group by shown.period_kind, shown.period_end, heads.department, heads.headcount, heads.is_shown
),
judged as (
    select
        reached.*,
        max(
            case
                when reached.trained > 0 and reached.trained < settings_method.k then 1
                when reached.headcount - reached.trained > 0 and reached.headcount - reached.trained < settings_method.k then 1
                else 0
            end
        ) over (
            partition by reached.period_kind, reached.period_end, reached.department is not distinct from 'all'
        ) as is_withheld
    from reached
    cross join settings_method
),
-- what departments were trained enough before each period, and what became of their trips
quarters as (
    select
        shown.period_kind,
        shown.period_end,
        heads.department,
        heads.headcount,
        cast(coalesce(sum(leveled.trained), 0) as double) as trained_ever,
        cast(sum(case when leveled.month < shown.first_month then leveled.trained end) as double) as trained_before
    from shown
    inner join heads on heads.month = shown.last_month and heads.is_shown = 1
    left join leveled on leveled.department = heads.department and leveled.month <= shown.last_month
    group by shown.period_kind, shown.period_end, heads.department, heads.headcount
),
-- every quarter of the period, and the baseline, is published for the department
published as (
    select
        shown.period_kind,
        shown.period_end,
        cell.department,
        bool_or(cell.is_withheld) as is_withheld
    from shown
    inner join core_disclosure as cell
        on
            cell.quantity = 'trips'
            and cell.dimension = 'all'
            and cell.person_group = 'all'
            and cell.department <> 'all'
            and (
                cell.period_kind = 'baseline'
                or (
                    cell.period_kind = 'quarter'
                    and cell.period_end between shown.first_month and shown.period_end
                )
            )
    group by shown.period_kind, shown.period_end, cell.department
),
grouped as (
    select
        quarters.period_kind,
        quarters.period_end,
        case when quarters.trained_ever = 0 then 'untrained' else 'trained' end as training_group,
        count(*) as departments,
        sum(comparison.amount) as trips,
        sum(comparison.expected) as expected
    from quarters
    inner join published
        on
            published.period_kind = quarters.period_kind
            and published.period_end = quarters.period_end
            and published.department = quarters.department
            and not published.is_withheld
    inner join core_comparisons as comparison
        on
            comparison.period_kind = quarters.period_kind
            and comparison.period_end = quarters.period_end
            and comparison.department = quarters.department
            and comparison.person_group = 'all'
            and comparison.quantity = 'trips'
            and comparison.dimension = 'all'
            and comparison.basis = 'per_fte'
    where
        quarters.period_kind <> 'month'
        and (quarters.trained_ever = 0 or quarters.trained_before >= 0.2 * quarters.headcount)
    group by quarters.period_kind, quarters.period_end, case when quarters.trained_ever = 0 then 'untrained' else 'trained' end
),
compared as (
    select
        period_kind,
        period_end,
        max(case when training_group = 'trained' then trips / nullif(expected, 0) - 1 end) as trained_change,
        max(case when training_group = 'untrained' then trips / nullif(expected, 0) - 1 end) as untrained_change
    from grouped
    group by period_kind, period_end
)
select
    judged.period_kind,
    judged.period_end,
    judged.department,
    'all' as person_group,
    'none' as baseline,
    measure.indicator,
    measure.measure,
    'all' as dimension_1,
    'all' as value_1,
    'all' as dimension_2,
    'all' as value_2,
    judged.trained / nullif(judged.headcount, 0) as value,
    cast(null as double) as low,
    cast(null as double) as high,
    judged.trained as numerator,
    judged.headcount as denominator,
    measure.unit,
    cast(1 as double) as known_share,
    cast(round(judged.trained) as bigint) as people,
    case
        when told.told_from is null or told.told_from > judged.period_end then 'no_training'
        when judged.is_withheld = 1 then 'too_few_people'
        when coalesce(judged.headcount, 0) = 0 then 'no_staff'
    end as reason
from judged
cross join told
inner join ref_indicators as measure on measure.indicator = 'training_reach' and measure.measure = 'share_trained'
where judged.is_shown = 1
union all
select
    shown.period_kind, shown.period_end, 'all', 'all', settings_method.baseline_label, measure.indicator, measure.measure,
    'all', 'all', 'all', 'all',
    compared.trained_change - compared.untrained_change,
    cast(null as double), cast(null as double), cast(null as double), cast(null as double),
    measure.unit, cast(1 as double), cast(null as bigint),
    case
        when told.told_from is null or told.told_from > shown.period_end then 'no_training'
        when compared.trained_change is null or compared.untrained_change is null then 'not_comparable'
    end
from shown
cross join settings_method
cross join told
inner join ref_indicators as measure on measure.indicator = 'training_reach' and measure.measure = 'change_after'
left join compared on compared.period_kind = shown.period_kind and compared.period_end = shown.period_end
where shown.period_kind <> 'month' and shown.first_month > settings_method.baseline_to
