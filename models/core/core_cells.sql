-- One cell per period, level, quantity and value of a dimension, with what disclosure control must know of it: how many
-- people it rests on and how much the largest two contribute. A cell without facts in a covered period is a true zero.
with cells as (
    select distinct cell_number, quantity, dimension, dimension_value, department, person_group
    from core_series_cells
),
-- a year, twelve months to December and a baseline of a year are the same months: added up once, and given thrice
spans as (
    select
        period_number,
        first_number,
        month_number,
        bool_or(period_kind in ('quarter', 'year', 'baseline')) as is_of_departments,
        bool_or(period_kind <> 'month') as is_of_parts
    from core_periods
    group by period_number, first_number, month_number
),
-- a person who is there in several months of a period is one person of it: each month tells when the person was last there
-- before, and a period counts those who were not there since it began. Everything without a known person together counts
-- as one person, or as many as a total tells at least: nobody knows that it is more, nor that those are others than the
-- people known.
placed as (
    select
        cell.cell_number,
        quantities.month_number,
        quantities.people,
        -- one number for cell and person, since there are more of these rows than of any others
        cell.cell_number * 1000000000 + coalesce(quantities.person_number, 0) as person_in_cell
    from core_quantities as quantities
    inner join core_series_cells as cell on cell.series_number = quantities.series_number
),
present as (
    select
        cell_number,
        month_number,
        people,
        lag(month_number) over (partition by person_in_cell order by month_number) as earlier_number
    from placed
),
first_seen as (
    select cell_number, month_number, earlier_number, count(*) as people, max(people) as people_told
    from present
    group by cell_number, month_number, earlier_number
),
counted as (
    select
        span.period_number,
        first_seen.cell_number,
        greatest(
            cast(
                sum(
                    case when first_seen.earlier_number >= span.first_number then 0 else first_seen.people end
                ) as bigint
            ),
            max(first_seen.people_told)
        ) as people
    from first_seen
    inner join spans as span on span.month_number = first_seen.month_number
    group by span.period_number, first_seen.cell_number
),
monthly as (
    select
        month_number, series_number, sum(amount) as amount, sum(facts) as facts, sum(facts_known) as facts_known
    from core_quantities
    group by month_number, series_number
),
summed as (
    select
        span.period_number,
        cell.cell_number,
        sum(monthly.amount) as amount,
        cast(sum(monthly.facts) as bigint) as facts,
        cast(sum(monthly.facts_known) as bigint) as facts_known
    from monthly
    inner join core_series_cells as cell on cell.series_number = monthly.series_number
    inner join spans as span on span.month_number = monthly.month_number
    group by span.period_number, cell.cell_number
),
-- only for money, distance, emissions and energy does it matter who contributes most; and what is not given needs none:
-- departments are given by quarter and year only, and parts of travel not by month
weighed as (
    select series_number, cell_number, department <> 'all' as is_department, dimension <> 'all' as is_part
    from core_series_cells
    where quantity in ('cost_sek', 'distance_km', 'co2_kg', 'co2e_kg', 'energy_kwh')
),
weighed_in as (
    select distinct
        spans.period_number, spans.month_number, weighed.is_department, weighed.is_part
    from spans
    cross join (select distinct is_department, is_part from weighed) as weighed
    where (spans.is_of_departments or not weighed.is_department) and (spans.is_of_parts or not weighed.is_part)
),
contributions as (
    select period.period_number, cell.cell_number, quantities.person_number, abs(sum(quantities.amount)) as size
    from core_quantities as quantities
    inner join weighed as cell on cell.series_number = quantities.series_number
    inner join weighed_in as period
        on
            period.month_number = quantities.month_number
            and period.is_department = cell.is_department
            and period.is_part = cell.is_part
    where quantities.person_number is not null
    group by period.period_number, cell.cell_number, quantities.person_number
),
largest as (
    select period_number, cell_number, max(size) as size
    from contributions
    group by period_number, cell_number
),
second_largest as (
    select
        largest.period_number,
        largest.cell_number,
        largest.size as largest,
        case
            when sum(case when contributions.size = largest.size then 1 else 0 end) > 1 then largest.size
            else max(case when contributions.size < largest.size then contributions.size end)
        end as second_largest
    from largest
    inner join contributions
        on contributions.period_number = largest.period_number and contributions.cell_number = largest.cell_number
    group by largest.period_number, largest.cell_number, largest.size
),
filled as (
    select
        period.period_kind, period.period_end, cells.*, summed.amount, summed.facts, summed.facts_known, counted.people,
        second_largest.largest, second_largest.second_largest
    from summed
    inner join counted on counted.period_number = summed.period_number and counted.cell_number = summed.cell_number
    inner join (select distinct period_number, period_kind, period_end from core_periods) as period
        on period.period_number = summed.period_number
    inner join cells on cells.cell_number = summed.cell_number
    left join second_largest
        on
            second_largest.period_number = summed.period_number
            and second_largest.cell_number = summed.cell_number
),
periods as (
    select distinct period_kind, period_end from core_periods
),
seen as (
    select distinct quantity, dimension, dimension_value from core_series_cells
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
    select 'all', 'elected' from core_series where person_group = 'elected'
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
