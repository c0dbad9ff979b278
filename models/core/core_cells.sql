-- One cell per period, level, quantity and value of a dimension, with what disclosure control must know of it: how many
-- people it rests on and how much the largest two contribute. A cell without facts in a covered period is a true zero.
with series as (
    select distinct series_number, quantity, dimension, dimension_value, department, person_group
    from core_quantities
),
leveled as (
    select series.*, 'all' as level_department, 'all' as level_group from series
    union all
    select series.*, 'all', 'elected' from series where person_group = 'elected'
    union all
    select series.*, department, 'all' from series where department is not null
),
numbered as (
    select
        *,
        dense_rank() over (order by quantity, dimension, dimension_value, level_department, level_group) as cell_number
    from leveled
),
named as (
    select distinct
        cell_number, quantity, dimension, dimension_value, level_department as department, level_group as person_group
    from numbered
),
contributions as (
    select
        quantities.period_number,
        numbered.cell_number,
        quantities.person_number,
        sum(quantities.amount) as amount,
        sum(quantities.facts) as facts,
        sum(quantities.facts_known) as facts_known,
        max(quantities.people) as people
    from core_person_periods as quantities
    inner join numbered on numbered.series_number = quantities.series_number
    inner join (select distinct period_number, period_kind from core_periods) as period
        on period.period_number = quantities.period_number
    -- departments are given by quarter and year only
    where numbered.level_department = 'all' or period.period_kind in ('quarter', 'year', 'baseline')
    group by quantities.period_number, numbered.cell_number, quantities.person_number
),
-- only for money, distance, emissions and energy does it matter who contributes most
ranked as (
    select
        contributions.period_number,
        contributions.cell_number,
        abs(contributions.amount) as size,
        row_number() over (
            partition by contributions.period_number, contributions.cell_number
            order by abs(contributions.amount) desc nulls last, contributions.person_number
        ) as place
    from contributions
    inner join named on named.cell_number = contributions.cell_number
    where
        contributions.person_number is not null
        and named.quantity in ('cost_sek', 'distance_km', 'co2_kg', 'co2e_kg', 'energy_kwh')
),
largest_numbered as (
    select
        period_number,
        cell_number,
        max(case when place = 1 then size end) as largest,
        max(case when place = 2 then size end) as second_largest
    from ranked
    where place <= 2
    group by period_number, cell_number
),
filled_numbered as (
    select
        period_number,
        cell_number,
        sum(amount) as amount,
        cast(sum(facts) as bigint) as facts,
        cast(sum(facts_known) as bigint) as facts_known,
        -- everything without a known person together counts as one person, or as many as a total tells at least: nobody
        -- knows that it is more, nor that those are others than the people known
        greatest(cast(count(*) as bigint), max(people)) as people
    from contributions
    group by period_number, cell_number
),
filled as (
    select
        period.period_kind, period.period_end, named.*,
        filled_numbered.amount, filled_numbered.facts, filled_numbered.facts_known, filled_numbered.people,
        largest_numbered.largest, largest_numbered.second_largest
    from filled_numbered
    inner join (select distinct period_number, period_kind, period_end from core_periods) as period
        on period.period_number = filled_numbered.period_number
    inner join named on named.cell_number = filled_numbered.cell_number
    left join largest_numbered
        on
            largest_numbered.period_number = filled_numbered.period_number
            and largest_numbered.cell_number = filled_numbered.cell_number
),
periods as (
    select distinct period_kind, period_end from core_periods
),
seen as (
    select distinct quantity, dimension, dimension_value from core_quantities
),
values_seen as (
    select quantity, dimension, dimension_value from seen
    union
    -- a share of what was seen of a value is a share of that value, if a zero one
    select measure.quantity, seen.dimension, seen.dimension_value
    from seen
    inner join ref_indicators as measure
        on measure.of_quantity = seen.quantity and measure.dimensions like '%' || seen.dimension || '%'
    union
    select measure.quantity, 'all', 'all' from ref_indicators as measure where measure.quantity <> ''
    union
    select measure.of_quantity, 'all', 'all' from ref_indicators as measure where measure.of_quantity <> ''
    union
    select measure.quantity, enumeration.dimension, enumeration.dimension_value
    from ref_indicators as measure
    inner join
        (
            values
            ('modality', 'phone'), ('modality', 'web'), ('modality', 'video'), ('length', 'short'), ('length', 'long'),
            ('meeting_form', 'digital'), ('meeting_form', 'hybrid'), ('meeting_form', 'physical')
        ) as enumeration (dimension, dimension_value)
        on measure.dimensions like '%' || enumeration.dimension || '%'
    where measure.quantity <> ''
),
levels as (
    select 'all' as department, 'all' as person_group
    union
    -- without anyone known as elected, what the elected did is unknown, not nothing
    select 'all', 'elected' from core_quantities where person_group = 'elected'
    union
    select department.reporting_department, 'all'
    from core_departments as department
    inner join core_periods as period on period.month = department.month
    where department.reporting_department is not null
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
where
    (grid.department = 'all' or grid.period_kind in ('quarter', 'year', 'baseline'))
    -- travel by length, mode and class is given by quarter at the shortest: a month's parts rest on too few people, and
    -- each that had to be withheld would take the year's with it
    and (grid.period_kind <> 'month' or grid.dimension in ('all', 'modality', 'meeting_form'))
    -- and what could be replaced, beside all trips, by twelve months: a quarter's service trips are few people's
    and (grid.quantity <> 'trips_replaceable' or grid.dimension = 'all' or grid.period_kind not in ('month', 'quarter'))
