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
series as (
    select distinct series_number, quantity, dimension, dimension_value, department, person_group
    from core_quantities
),
-- The rest of a whole without its part, under the name of the one of them that is withheld when the rest is too small:
-- of a total the one fewer figures are made of, of a breakdown the part.
rests as (
    select
        'rest' as remainder,
        series.series_number,
        case when series.quantity = pairs.whole then 1 else -1 end as sign,
        case when series.dimension = 'all' then pairs.withheld_total else pairs.part end as quantity,
        series.dimension,
        series.dimension_value,
        series.department,
        series.person_group
    from series
    inner join pairs on series.quantity = pairs.whole or series.quantity = pairs.part
),
leveled as (
    select rests.*, 'all' as level_department, 'all' as level_group from rests
    union all
    select rests.*, 'all', 'elected' from rests where person_group = 'elected'
    union all
    select rests.*, department, 'all' from rests where department is not null
    union all
    select
        'not_elected', series_number, 1, quantity, dimension, dimension_value, department, person_group, 'all', 'elected'
    from series
    -- where nobody elected is known there is no figure of theirs to take from the whole
    inner join (select distinct quantity, dimension, dimension_value from series where person_group = 'elected') as theirs
        using (quantity, dimension, dimension_value)
    where person_group <> 'elected'
    union all
    select
        'unplaced', series_number, 1, quantity, dimension, dimension_value, department, person_group,
        cast(null as varchar), 'all'
    from series
    where department is null
),
numbered as (
    select
        *,
        dense_rank() over (
            order by remainder, quantity, dimension, dimension_value, level_department, level_group
        ) as rest_number
    from leveled
),
by_person as (
    select
        numbered.rest_number, quantities.period_number, quantities.person_number, max(quantities.people) as people
    from core_person_periods as quantities
    inner join numbered on numbered.series_number = quantities.series_number
    inner join (select distinct period_number, period_kind from core_periods) as period
        on period.period_number = quantities.period_number
    where numbered.level_department = 'all' or period.period_kind in ('quarter', 'year', 'baseline')
    group by numbered.rest_number, quantities.period_number, quantities.person_number
    having
        sum(
            case
                when numbered.remainder = 'rest' then numbered.sign * quantities.amount
                else cast(quantities.facts as decimal(18, 6))
            end
        ) <> 0
),
counted as (
    select
        rest_number,
        period_number,
        greatest(cast(count(*) as bigint), max(people)) as people,
        count(*) = count(person_number) as is_everyone_known
    from by_person
    group by rest_number, period_number
)
select
    named.remainder,
    period.period_kind,
    period.period_end,
    named.quantity,
    named.dimension,
    named.dimension_value,
    named.level_department as department,
    named.level_group as person_group,
    counted.people
from counted
inner join
    (
        select distinct
            rest_number, remainder, quantity, dimension, dimension_value, level_department, level_group
        from numbered
    ) as named on named.rest_number = counted.rest_number
inner join (select distinct period_number, period_kind, period_end from core_periods) as period
    on period.period_number = counted.period_number
-- rows of no known person are given for the organisation as a whole, and hide those of known people among them
where named.remainder <> 'unplaced' or counted.is_everyone_known
