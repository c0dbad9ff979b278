-- What a directory says of a person holds until it says something else. Its first word also holds for the time before,
-- because a directory has no memory of its own. Of several directories that know a person, one is heard: one that tells
-- departments before one that does not.
with resolved as (
    select
        alias.person_key,
        person.person_key as own_key,
        person.source,
        person.observed_on,
        person.department,
        person.site,
        person.person_group,
        coalesce(person.is_active, true) as is_active
    from landing_people as person
    inner join core_aliases as alias on alias.alias_key = person.person_key
),
heard as (
    select
        person_key,
        source,
        row_number() over (
            partition by person_key order by bool_or(department is not null) desc, source
        ) as choice
    from resolved
    group by person_key, source
),
described as (
    select
        resolved.*,
        row_number() over (
            partition by resolved.person_key, resolved.observed_on
            order by resolved.is_active desc, resolved.own_key
        ) as choice
    from resolved
    inner join heard on heard.person_key = resolved.person_key and heard.source = resolved.source and heard.choice = 1
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
