-- Who and which rooms were ever connected to a meeting, by number: every key they are told by, and who that is. Numbers are
-- compared and written several times as fast as keys, and nothing is told of as often as connections.
with landed as (
    select distinct
        endpoint = 'room' as is_room,
        case when endpoint = 'room' then room_key else person_key end as landed_key
    from landing_participations
),
named as (
    select
        landed.is_room,
        landed.landed_key,
        coalesce(alias.person_key, landed.landed_key) as participant_key
    from landed
    left join core_aliases as alias on alias.alias_key = landed.landed_key and not landed.is_room
    where landed.landed_key is not null
)
select
    is_room,
    landed_key,
    participant_key,
    dense_rank() over (order by is_room, participant_key) as participant_number
from named
