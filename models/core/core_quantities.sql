-- What each person did in each month, fact by fact. Everything that becomes a figure passes here, so that each counting rule
-- stands in one place. Amounts are decimal: their sums do not depend on the order of adding, so that a rebuild is equal to
-- the last digit.
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
        quantity, month, null, null, 'unknown', null, null, null, null, null, null, null, null,
        cast(sum(amount) as decimal(18, 6)), cast(count(*) as bigint), cast(count(*) as bigint), coalesce(max(people), 1)
    from core_totals
    where amount is not null
    group by quantity, month
),
people as (
    select person_key, row_number() over (order by person_key) as person_number
    from
        (
            select person_key from core_meeting_quantities where person_key is not null
            union
            select person_key from core_travel_quantities where person_key is not null
        ) as listed
)
select
    facts.month,
    calendar.month_number,
    series.series_number,
    people.person_number,
    facts.amount,
    facts.facts,
    facts.facts_known,
    facts.people
from facts
inner join core_series as series
    on
        series.quantity = facts.quantity
        and series.person_group = facts.person_group
        and series.department is not distinct from facts.department
        and series.modality is not distinct from facts.modality
        and series.meeting_form is not distinct from facts.meeting_form
        and series.platform is not distinct from facts.platform
        and series.endpoint is not distinct from facts.endpoint
        and series.length is not distinct from facts.length
        and series.mode is not distinct from facts.mode
        and series.trip_class is not distinct from facts.trip_class
        and series.statutory_category is not distinct from facts.statutory_category
left join people on people.person_key = facts.person_key
left join ref_calendar as calendar on calendar.month = facts.month
-- what a person did lies together: it is added up by person, and for many cells and periods at once
order by people.person_number
