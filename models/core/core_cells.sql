-- One cell per period, level, quantity and value of a dimension, with what disclosure control must know of it: how many
-- people it rests on and how much the largest two contribute. A cell without facts in a covered period is a true zero.
with leveled as (
    select *, 'all' as level_department, 'all' as level_group from core_quantities
    union all
    select *, 'all', 'elected' from core_quantities where person_group = 'elected'
    union all
    select *, department, 'all' from core_quantities where department is not null
),
contributions as (
    select
        period.period_kind,
        period.period_end,
        leveled.quantity,
        leveled.dimension,
        leveled.dimension_value,
        leveled.level_department as department,
        leveled.level_group as person_group,
        leveled.person_key,
        sum(leveled.amount) as amount,
        sum(leveled.facts) as facts,
        sum(leveled.facts_known) as facts_known
    from leveled
    inner join core_periods as period on period.month = leveled.month
    group by
        period.period_kind, period.period_end, leveled.quantity, leveled.dimension, leveled.dimension_value,
        leveled.level_department, leveled.level_group, leveled.person_key
),
ranked as (
    select
        *,
        row_number() over (
            partition by period_kind, period_end, quantity, dimension, dimension_value, department, person_group
            order by case when person_key is null then 1 else 0 end, abs(amount) desc nulls last, person_key
        ) as place
    from contributions
),
filled as (
    select
        period_kind,
        period_end,
        quantity,
        dimension,
        dimension_value,
        department,
        person_group,
        sum(amount) as amount,
        cast(sum(facts) as bigint) as facts,
        cast(sum(facts_known) as bigint) as facts_known,
        -- everything without a known person together counts as one person: nobody knows that it is more
        cast(count(*) as bigint) as people,
        coalesce(max(case when place = 1 and person_key is not null then abs(amount) end), 0) as largest,
        coalesce(max(case when place = 2 and person_key is not null then abs(amount) end), 0) as second_largest
    from ranked
    group by period_kind, period_end, quantity, dimension, dimension_value, department, person_group
),
periods as (
    select distinct period_kind, period_end from core_periods
),
values_seen as (
    select distinct quantity, dimension, dimension_value from core_quantities
    union
    select measure.quantity, 'all', 'all' from ref_indicators as measure where measure.quantity is not null
    union
    select measure.quantity, enumeration.dimension, enumeration.dimension_value
    from ref_indicators as measure
    inner join
        (
            values
            ('modality', 'phone'), ('modality', 'web'), ('modality', 'video'), ('length', 'short'), ('length', 'long')
        ) as enumeration (dimension, dimension_value)
        on measure.dimensions like '%' || enumeration.dimension || '%'
    where measure.quantity is not null
),
levels as (
    select 'all' as department, 'all' as person_group
    union
    select 'all', 'elected' from core_staff_monthly where person_group = 'elected'
    union
    select reporting_department, 'all' from core_departments where reporting_department is not null
),
grid as (
    select periods.*, values_seen.*, levels.*
    from periods
    cross join values_seen
    cross join levels
)
select
    grid.period_kind,
    grid.period_end,
    grid.quantity,
    grid.dimension,
    grid.dimension_value,
    grid.department,
    grid.person_group,
    case when filled.quantity is null then 0 else cast(filled.amount as double) end as amount,
    coalesce(filled.facts, 0) as facts,
    coalesce(filled.facts_known, 0) as facts_known,
    case when coalesce(filled.facts, 0) = 0 then 1 else cast(filled.facts_known as double) / filled.facts end as known_share,
    coalesce(filled.people, 0) as people,
    cast(coalesce(filled.largest, 0) as double) as largest,
    cast(coalesce(filled.second_largest, 0) as double) as second_largest
from grid
left join filled
    on
        filled.period_kind = grid.period_kind
        and filled.period_end = grid.period_end
        and filled.quantity = grid.quantity
        and filled.dimension = grid.dimension
        and filled.dimension_value = grid.dimension_value
        and filled.department = grid.department
        and filled.person_group = grid.person_group
