-- What is left when one published figure is taken from another, and how many people that rests on: trips that no meeting
-- could replace, meetings within one site, everyone but the elected, and people of no known department.
with pairs as (
    select *
    from (
        values
        ('trips', 'trips_replaceable', 'trips'),
        ('meetings_organised', 'meetings_organised_spanning', 'meetings_organised_spanning'),
        ('meetings_attended', 'meetings_attended_spanning', 'meetings_attended_spanning'),
        ('meetings_timed', 'meetings_short', 'meetings_short'),
        ('meetings_placed', 'meetings_external', 'meetings_external'),
        ('connections', 'connections_troubled', 'connections_troubled'),
        ('travel_hours', 'evening_hours', 'evening_hours')
    ) as listed (whole, part, withheld_total)
),
told_by as (
    select distinct quantity, dimension from core_series_cells
),
-- The rest of a whole without its part, under the name of the one of them that is withheld when the rest is too small:
-- of a total the one fewer figures are made of, of a breakdown the part. By what the part is not told, nothing is left of it.
parts as (
    select
        'rest' as remainder,
        cell.series_number,
        cell.quantity = pairs.whole as is_whole,
        case when cell.dimension = 'all' then pairs.withheld_total else pairs.part end as quantity,
        cell.dimension,
        cell.dimension_value,
        cell.department,
        cell.person_group
    from core_series_cells as cell
    inner join pairs on cell.quantity = pairs.whole or cell.quantity = pairs.part
    inner join told_by on told_by.quantity = pairs.part and told_by.dimension = cell.dimension
    union all
    select
        'not_elected', cell.series_number, cast(null as boolean), cell.quantity, cell.dimension, cell.dimension_value, 'all',
        'elected'
    from core_series_cells as cell
    inner join core_series as series on series.series_number = cell.series_number
    -- where nobody elected is known there is no figure of theirs to take from the whole
    inner join
        (
            select distinct quantity, dimension, dimension_value from core_series_cells where person_group = 'elected'
        ) as theirs
        on
            theirs.quantity = cell.quantity
            and theirs.dimension = cell.dimension
            and theirs.dimension_value = cell.dimension_value
    where cell.department = 'all' and cell.person_group = 'all' and series.person_group <> 'elected'
    union all
    select
        'unplaced', cell.series_number, cast(null as boolean), cell.quantity, cell.dimension, cell.dimension_value,
        cast(null as varchar), 'all'
    from core_series_cells as cell
    inner join core_series as series on series.series_number = cell.series_number
    where cell.department = 'all' and cell.person_group = 'all' and series.department is null
),
numbered as (
    select
        *,
        dense_rank() over (
            order by remainder, quantity, dimension, dimension_value, department, person_group
        ) as rest_number
    from parts
),
named as (
    select distinct rest_number, remainder, quantity, dimension, dimension_value, department, person_group
    from numbered
),
-- series that go into the same rests are one level: there the part is taken from the whole, before it is added up
routed as (
    select
        series_number,
        bool_or(is_whole) as is_whole,
        string_agg(cast(rest_number as varchar), ' ' order by rest_number) as rests
    from numbered
    where remainder = 'rest'
    group by series_number
),
levels as (
    select series_number, is_whole, dense_rank() over (order by rests) as level_number
    from routed
),
-- a part is never more than its whole, so that months with something left do not make up for others
left_of_level as (
    select
        levels.level_number, quantities.person_number, quantities.month_number, max(quantities.people) as people
    from core_quantities as quantities
    inner join levels on levels.series_number = quantities.series_number
    group by levels.level_number, quantities.person_number, quantities.month_number
    having sum(case when levels.is_whole then quantities.amount else -quantities.amount end) > 0
),
left_over as (
    select rests.rest_number, remaining.person_number, remaining.month_number, remaining.people
    from left_of_level as remaining
    inner join
        (
            select distinct levels.level_number, numbered.rest_number
            from levels
            inner join numbered on numbered.series_number = levels.series_number and numbered.remainder = 'rest'
        ) as rests
        on rests.level_number = remaining.level_number
    union all
    select numbered.rest_number, quantities.person_number, quantities.month_number, quantities.people
    from core_quantities as quantities
    inner join numbered on numbered.series_number = quantities.series_number
    where numbered.remainder <> 'rest'
),
-- as in core_cells: counted where it is not known already since the period began
present as (
    select
        *,
        lag(month_number) over (
            partition by cast(rest_number as bigint) * 1000000000 + coalesce(person_number, 0) order by month_number
        ) as earlier_number
    from left_over
),
seen as (
    select
        rest_number,
        month_number,
        earlier_number,
        count(*) as people,
        count(person_number) as people_known,
        max(people) as people_told
    from present
    group by rest_number, month_number, earlier_number
)
select
    named.remainder,
    period.period_kind,
    period.period_end,
    named.quantity,
    named.dimension,
    named.dimension_value,
    named.department,
    named.person_group,
    greatest(
        cast(sum(case when seen.earlier_number >= period.first_number then 0 else seen.people end) as bigint),
        max(seen.people_told)
    ) as people
from seen
inner join named on named.rest_number = seen.rest_number
inner join core_periods as period on period.month_number = seen.month_number
where
    -- departments are given by quarter and year only, and a month's parts rest on too few people
    (named.department = 'all' or period.period_kind in ('quarter', 'year', 'baseline'))
    and (period.period_kind <> 'month' or named.dimension in ('all', 'modality', 'meeting_form'))
group by
    named.remainder, period.period_kind, period.period_end, named.quantity, named.dimension, named.dimension_value,
    named.department, named.person_group
-- rows of no known person are given for the organisation as a whole, and hide those of known people among them
having named.remainder <> 'unplaced' or sum(seen.people) = sum(seen.people_known)
