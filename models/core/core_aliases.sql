-- Every key a person is known by, and the person: keys that identities link, over any number of sources, are one person,
-- named by the smallest of them. An alias that two active people of one source claim belongs to neither: merging them
-- would invent a person, so it stays on its own and is listed as a gap. Where links of several sources would make two
-- active people of one directory into one, each key follows only what is said of itself. Labels travel eight links: enough
-- for five sources that each know a person by a key of their own, in a chain.
with described as (
    select
        source,
        person_key,
        coalesce(is_active, true) as is_active,
        row_number() over (partition by source, person_key order by observed_on desc) as age
    from landing_people
),
people as (
    select person_key, max(case when is_active then 1 else 0 end) as is_active
    from described
    where age = 1
    group by person_key
),
claims as (
    select distinct
        identity.source,
        identity.alias_key,
        identity.person_key,
        -- whom no directory describes may well be here
        coalesce(people.is_active, 1) as is_active
    from landing_identities as identity
    left join people on people.person_key = identity.person_key
),
judged as (
    select
        *,
        sum(is_active) over (partition by source, alias_key) as active_claims,
        -- an address handed on belongs to who has it now
        row_number() over (partition by source, alias_key order by is_active desc, person_key) as choice
    from claims
),
contested as (
    select distinct alias_key
    from judged
    where active_claims > 1
),
keys as (
    select alias_key as own_key from claims
    union
    select person_key from claims
    union
    select person_key from people
),
told as (
    select judged.alias_key, judged.person_key
    from judged
    left join contested on contested.alias_key = judged.alias_key
    where judged.choice = 1 and contested.alias_key is null
),
links as (
    select alias_key as own_key, person_key as other_key from told
    union
    select person_key, alias_key from told
    union
    select own_key, own_key from keys
),
near as (
    select distinct one.own_key, two.other_key
    from links as one
    inner join links as two on two.own_key = one.other_key
),
two_links as (
    select own_key, min(other_key) as label
    from near
    group by own_key
),
four_links as (
    select near.own_key, min(reached.label) as label
    from near
    inner join two_links as reached on reached.own_key = near.other_key
    group by near.own_key
),
six_links as (
    select near.own_key, min(reached.label) as label
    from near
    inner join four_links as reached on reached.own_key = near.other_key
    group by near.own_key
),
eight_links as (
    select near.own_key, min(reached.label) as label
    from near
    inner join six_links as reached on reached.own_key = near.other_key
    group by near.own_key
),
-- every key is linked to itself too, so its own label is among those
unsettled as (
    select links.own_key
    from links
    inner join eight_links as reached on reached.own_key = links.other_key
    group by links.own_key
    having min(reached.label) <> max(reached.label)
),
overdrawn as (
    select distinct reached.label
    from eight_links as reached
    inner join described on described.person_key = reached.own_key and described.age = 1 and described.is_active
    group by reached.label, described.source
    having count(distinct described.person_key) > 1
),
said_of_itself as (
    select
        alias_key,
        person_key,
        sum(is_active) over (partition by alias_key) as active_claims,
        row_number() over (partition by alias_key order by is_active desc, person_key) as choice
    from (
        select alias_key, person_key, is_active from claims
        union
        select person_key, person_key, is_active from people
    ) as own_claims
)
select
    reached.own_key as alias_key,
    case
        when overdrawn.label is null then reached.label
        when own.active_claims > 1 then reached.own_key
        else coalesce(own.person_key, reached.own_key)
    end as person_key,
    contested.alias_key is not null or (overdrawn.label is not null and coalesce(own.active_claims > 1, false)) as is_ambiguous,
    unsettled.own_key is null as is_settled
from eight_links as reached
left join overdrawn on overdrawn.label = reached.label
left join said_of_itself as own on own.alias_key = reached.own_key and own.choice = 1
left join contested on contested.alias_key = reached.own_key
left join unsettled on unsettled.own_key = reached.own_key
