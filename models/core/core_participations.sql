-- One row per meeting and participant. Rejoining, a second device, a second platform and overlapping connections are one
-- presence: minutes are the union of a participant's intervals, never their sum. Without a name each connection is a
-- participant of its own: two callers are not one because both are unknown.
-- Nearly all connect once, and only who did several times can be there twice at once.
with repeated as (
    select meeting_number, participant_number
    from core_connections
    where participant_number is not null
    group by meeting_number, participant_number
    having count(*) > 1
),
several as (
    select
        connection.*,
        epoch_us(connection.joined_at) as joined,
        max(epoch_us(connection.joined_at) + connection.microseconds) over (
            partition by connection.meeting_number, connection.participant_number
            order by connection.joined_at, connection.microseconds
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from core_connections as connection
    inner join repeated
        on
            repeated.meeting_number = connection.meeting_number
            and repeated.participant_number = connection.participant_number
)
select
    connection.meeting_number,
    connection.participant_number,
    connection.is_room,
    connection.is_person,
    connection.is_internal,
    connection.is_external,
    connection.party_org_key,
    connection.period_number,
    cast(1 as bigint) as connections,
    connection.people_in_room,
    connection.microseconds
from core_connections as connection
left join repeated
    on repeated.meeting_number = connection.meeting_number and repeated.participant_number = connection.participant_number
where repeated.meeting_number is null
union all
select
    meeting_number,
    participant_number,
    bool_or(is_room),
    bool_or(is_person),
    bool_or(is_internal),
    bool_or(is_external) and not bool_or(is_internal),
    min(party_org_key),
    min(period_number),
    count(*),
    max(people_in_room),
    -- what of each lies behind everything before it
    cast(
        sum(
            case when microseconds is not null then greatest(joined + microseconds - greatest(joined, covered_until), 0) end
        ) as bigint
    )
from several
group by meeting_number, participant_number
