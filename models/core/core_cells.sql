-- One cell per period, level, quantity and value of a dimension, with what disclosure control must know of it: how many
-- people it rests on and how much the largest two contribute. A cell without facts in a covered period is a true zero.
with by_person as (
    select
        period.period_kind,
        period.period_end,
        quantities.quantity,
        quantities.dimension,
        quantities.dimension_value,
        quantities.department,
        quantities.person_group,
        quantities.person_key,
        sum(quantities.amount) as amount,
        sum(quantities.facts) as facts,
        sum(quantities.facts_known) as facts_known
    from core_quantities as quantities
    inner join core_periods as period on period.month = quantities.month
    group by
        period.period_kind, period.period_end, quantities.quantity, quantities.dimension, quantities.dimension_value,
        quantities.department, quantities.person_group, quantities.person_key
),
leveled as (
    select 'all' as level_department, 'all' as level_group, * from by_person
    union all
    select 'all', 'elected', * from by_person where person_group = 'elected'
    union all
    -- departments are given by quarter and year only
    select department, 'all', *
    from by_person
    where department is not null and period_kind in ('quarter', 'year', 'baseline')
),
contributions as (
    select
        period_kind,
        period_end,
        quantity,
        dimension,
        dimension_value,
        level_department as department,
        level_group as person_group,
        person_key,
        sum(amount) as amount,
        sum(facts) as facts,
        sum(facts_known) as facts_known
    from leveled
    group by
        period_kind, period_end, quantity, dimension, dimension_value, level_department, level_group, person_key
),
-- only for money, distance and emissions does it matter who contributes most
ranked as (
    select
        *,
        row_number() over (
            partition by period_kind, period_end, quantity, dimension, dimension_value, department, person_group
            order by abs(amount) desc nulls last, person_key
        ) as place
    from contributions
    where person_key is not null and quantity in ('cost_sek', 'distance_km', 'co2_kg', 'co2e_kg')
),
largest as (
    select
        period_kind,
        period_end,
        quantity,
        dimension,
        dimension_value,
        department,
        person_group,
        max(case when place = 1 then abs(amount) end) as largest,
        max(case when place = 2 then abs(amount) end) as second_largest
    from ranked
    where place <= 2
    group by period_kind, period_end, quantity, dimension, dimension_value, department, person_group
),
filled as (
    select
        contributions.period_kind,
        contributions.period_end,
        contributions.quantity,
        contributions.dimension,
        contributions.dimension_value,
        contributions.department,
        contributions.person_group,
        sum(contributions.amount) as amount,
        cast(sum(contributions.facts) as bigint) as facts,
        cast(sum(contributions.facts_known) as bigint) as facts_known,
        -- everything without a known person together counts as one person: nobody knows that it is more
        cast(count(*) as bigint) as people
    from contributions
    group by
        contributions.period_kind, contributions.period_end, contributions.quantity, contributions.dimension,
        contributions.dimension_value, contributions.department, contributions.person_group
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
    -- without anyone known as elected, what the elected did is unknown, not nothing
    select 'all', 'elected' from core_quantities where person_group = 'elected'
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
    cast(coalesce(largest.largest, 0) as double) as largest,
    cast(coalesce(largest.second_largest, 0) as double) as second_largest
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
left join largest
    on
        largest.period_kind = grid.period_kind
        and largest.period_end = grid.period_end
        and largest.quantity = grid.quantity
        and largest.dimension = grid.dimension
        and largest.dimension_value = grid.dimension_value
        and largest.department = grid.department
        and largest.person_group = grid.person_group
where
    (grid.department = 'all' or grid.period_kind in ('quarter', 'year', 'baseline'))
    -- travel by length, mode and class is given by quarter at the shortest: a month's parts rest on too few people, and
    -- each that had to be withheld would take the year's with it
    and (grid.period_kind <> 'month' or grid.dimension in ('all', 'modality'))
    -- and what could be replaced, beside all trips, by twelve months: a quarter's service trips are few people's
    and (grid.quantity <> 'trips_replaceable' or grid.dimension = 'all' or grid.period_kind not in ('month', 'quarter'))
