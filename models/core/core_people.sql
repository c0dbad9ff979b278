-- What a directory says of a person holds until it says something else. Its first word also holds for the time before,
-- because a directory has no memory of its own.
with described as (
    select
        person_key,
        observed_on,
        department,
        site,
        person_group,
        coalesce(is_active, true) as is_active,
        row_number() over (partition by person_key, observed_on order by source) as choice
    from landing_people
),
bounded as (
    select
        *,
        lag(observed_on) over (partition by person_key order by observed_on) as previous_on,
        lead(observed_on) over (partition by person_key order by observed_on) as next_on
    from described
    where choice = 1
)
select
    person_key,
    case when previous_on is null then date '1900-01-01' else observed_on end as valid_from,
    coalesce(next_on, date '9999-12-31') as valid_before,
    department,
    site,
    person_group,
    is_active
from bounded
