-- An alias that two active people claim belongs to neither: merging them would invent a person, so it stays on its own
-- and is listed as a gap.
with newest as (
    select
        person_key,
        is_active,
        row_number() over (partition by person_key order by observed_on desc, source) as age
    from landing_people
),
claims as (
    select
        identity.alias_key,
        identity.person_key,
        max(case when newest.is_active is not distinct from false then 0 else 1 end) as is_active
    from landing_identities as identity
    left join newest on newest.person_key = identity.person_key and newest.age = 1
    group by identity.alias_key, identity.person_key
    union
    select person_key, person_key, case when is_active is not distinct from false then 0 else 1 end
    from newest
    where age = 1
),
judged as (
    select
        alias_key,
        person_key,
        sum(is_active) over (partition by alias_key) as active_claims,
        row_number() over (partition by alias_key order by is_active desc, person_key) as choice
    from claims
)
select
    alias_key,
    case when active_claims > 1 then alias_key else person_key end as person_key,
    active_claims > 1 as is_ambiguous
from judged
where choice = 1
