-- Every kind of fact there is, by number: a quantity with everything it is told by. What follows adds facts up many times, and
-- numbers are added up several times as fast as names.
with listed as (
    select
        quantity, department, person_group, modality, meeting_form, platform, endpoint,
        cast(null as varchar) as length, cast(null as varchar) as mode, cast(null as varchar) as trip_class,
        cast(null as varchar) as statutory_category
    from core_meeting_quantities
    union
    select
        quantity, department, person_group, cast(null as varchar), cast(null as varchar), cast(null as varchar),
        cast(null as varchar), length, mode, trip_class, statutory_category
    from core_travel_quantities
    union
    select quantity, null, 'unknown', null, null, null, null, null, null, null, null
    from core_totals
    where amount is not null
)
select
    row_number() over (
        order by
            quantity, department, person_group, modality, meeting_form, platform, endpoint, length, mode, trip_class,
            statutory_category
    ) as series_number,
    listed.*
from listed
