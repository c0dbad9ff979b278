-- What each person did in each month, one row per quantity and per value of each dimension; "all" is the sum.
-- Everything that becomes a figure passes here, so that each counting rule stands in one place. Amounts are decimal: their
-- sums do not depend on the order of adding, so that a rebuild is equal to the last digit. Series and people are numbered,
-- since what follows adds them up many times, and numbers are added up several times as fast as names.
with facts as (
    select
        quantity, month, person_key, department, person_group, modality, meeting_form, platform, endpoint,
        cast(null as varchar) as length, cast(null as varchar) as mode, cast(null as varchar) as trip_class,
        cast(null as varchar) as statutory_category, amount, facts, facts_known, cast(1 as bigint) as people
    from core_meeting_quantities
    union all
    select
        quantity, month, person_key, department, person_group, cast(null as varchar), cast(null as varchar),
        cast(null as varchar), cast(null as varchar), length, mode, trip_class, statutory_category, amount, facts,
        facts_known, 1
    from core_travel_quantities
    union all
    -- months without rows, of which only totals are known, undivided
    select
        quantity, month, null, null, 'unknown', null, null, null, null, null, null, null, null, amount, 1, 1,
        coalesce(people, 1)
    from core_totals
    where amount is not null
),
spread as (
    select
        facts.*,
        dimensions.dimension,
        case dimensions.dimension
            when 'all' then 'all'
            when 'modality' then facts.modality
            when 'meeting_form' then facts.meeting_form
            when 'platform' then facts.platform
            when 'endpoint' then facts.endpoint
            when 'length' then facts.length
            when 'mode' then facts.mode
            when 'trip_class' then facts.trip_class
            else facts.statutory_category
        end as dimension_value
    from facts
    cross join
        (
            values
            ('all'), ('modality'), ('meeting_form'), ('platform'), ('endpoint'), ('length'), ('mode'), ('trip_class'),
            ('statutory_category')
        ) as dimensions (dimension)
),
summed as (
    select
        month,
        quantity,
        dimension,
        dimension_value,
        department,
        person_group,
        person_key,
        sum(amount) as amount,
        cast(sum(facts) as bigint) as facts,
        cast(sum(facts_known) as bigint) as facts_known,
        max(people) as people
    from spread
    where dimension_value is not null
    group by month, quantity, dimension, dimension_value, department, person_group, person_key
),
series as (
    select
        *, row_number() over (order by quantity, dimension, dimension_value, department, person_group) as series_number
    from (select distinct quantity, dimension, dimension_value, department, person_group from summed) as listed
),
people as (
    select person_key, row_number() over (order by person_key) as person_number
    from (select distinct person_key from summed where person_key is not null) as listed
)
select
    summed.month,
    series.series_number,
    people.person_number,
    summed.quantity,
    summed.dimension,
    summed.dimension_value,
    summed.department,
    summed.person_group,
    summed.person_key,
    summed.amount,
    summed.facts,
    summed.facts_known,
    summed.people
from summed
inner join series
    on
        series.quantity = summed.quantity
        and series.dimension = summed.dimension
        and series.dimension_value = summed.dimension_value
        and coalesce(series.department, '') = coalesce(summed.department, '')
        and series.person_group = summed.person_group
left join people on people.person_key = summed.person_key
