-- What is left when one published figure is taken from another, and how many people that rests on: trips that no meeting
-- could replace, meetings within one site, everyone but the elected, and people of no known department.
with pairs as (
    select *
    from (
        values
        ('trips', 'trips_replaceable', 'trips'),
        ('meetings_organised', 'meetings_organised_spanning', 'meetings_organised_spanning'),
        ('meetings_attended', 'meetings_attended_spanning', 'meetings_attended_spanning')
    ) as listed (whole, part, withheld_total)
),
monthly as (
    -- The rest of a whole without its part, under the name of the one of them that is withheld when the rest is too small:
    -- of a total the one fewer figures are made of, of a breakdown the part.
    select
        'rest' as remainder,
        quantities.month,
        case when quantities.dimension = 'all' then pairs.withheld_total else pairs.part end as quantity,
        quantities.dimension,
        quantities.dimension_value,
        quantities.department,
        quantities.person_group,
        quantities.person_key,
        sum(case when quantities.quantity = pairs.whole then quantities.amount else -quantities.amount end) as amount
    from core_quantities as quantities
    inner join pairs on quantities.quantity = pairs.whole or quantities.quantity = pairs.part
    group by
        quantities.month, pairs.part, pairs.withheld_total, quantities.dimension, quantities.dimension_value,
        quantities.department, quantities.person_group, quantities.person_key
    union all
    select
        'not_elected', month, quantity, dimension, dimension_value, department, person_group, person_key, facts
    from core_quantities
    where person_group is null or person_group <> 'elected'
    union all
    select
        'unplaced', month, quantity, dimension, dimension_value, department, person_group, person_key, facts
    from core_quantities
    where department is null
),
leveled as (
    select 'all' as level_department, 'all' as level_group, * from monthly where remainder = 'rest'
    union all
    select 'all', 'elected', * from monthly where remainder = 'rest' and person_group = 'elected'
    union all
    select department, 'all', * from monthly where remainder = 'rest' and department is not null
    union all
    select 'all', 'elected', * from monthly where remainder = 'not_elected'
    union all
    select cast(null as varchar), 'all', * from monthly where remainder = 'unplaced'
),
by_person as (
    select
        leveled.remainder,
        period.period_kind,
        period.period_end,
        leveled.quantity,
        leveled.dimension,
        leveled.dimension_value,
        leveled.level_department as department,
        leveled.level_group as person_group,
        leveled.person_key
    from leveled
    inner join core_periods as period on period.month = leveled.month
    where leveled.amount <> 0
    group by
        leveled.remainder, period.period_kind, period.period_end, leveled.quantity, leveled.dimension,
        leveled.dimension_value, leveled.level_department, leveled.level_group, leveled.person_key
)
select
    remainder,
    period_kind,
    period_end,
    quantity,
    dimension,
    dimension_value,
    department,
    person_group,
    cast(count(*) as bigint) as people
from by_person
group by remainder, period_kind, period_end, quantity, dimension, dimension_value, department, person_group
-- rows of no known person are given for the organisation as a whole, and hide those of known people among them
having remainder <> 'unplaced' or count(*) = count(person_key)
