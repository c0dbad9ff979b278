-- One row per meeting and participant. Rejoining, a second device, a second platform and overlapping connections are one
-- presence: minutes are the union of a participant's intervals, never their sum. Without a name each connection is a
-- participant of its own: two callers are not one because both are unknown.
with timed as (
    select
        *,
        -- whom the directory knows is one of us, whatever a platform says
        is_internal or period_number is not null as is_ours,
        case when is_room then people_in_room end as people_counted,
        case when left_at >= joined_at then epoch_us(left_at) - epoch_us(joined_at) end as microseconds
    from core_connections
),
-- nearly all connect once, and only who did several times can be there twice at once
repeated as (
    select meeting_number, participant_number
    from core_connections
    where participant_number is not null
    group by meeting_number, participant_number
    having count(*) > 1
),
several as (
    select
        timed.*,
        max(timed.left_at) over (
            partition by timed.meeting_number, timed.participant_number
            order by timed.joined_at, timed.left_at
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from timed
    inner join repeated
        on repeated.meeting_number = timed.meeting_number and repeated.participant_number = timed.participant_number
)
select
    timed.meeting_number,
    timed.participant_number,
    timed.is_room,
    timed.is_person,
    timed.is_ours as is_internal,
    timed.is_external and not timed.is_ours as is_external,
    timed.party_org_key,
    timed.period_number,
    cast(1 as bigint) as connections,
    timed.people_counted as people_in_room,
    timed.microseconds
from timed
left join repeated
    on repeated.meeting_number = timed.meeting_number and repeated.participant_number = timed.participant_number
where repeated.meeting_number is null
union all
select
    meeting_number,
    participant_number,
    bool_or(is_room),
    bool_or(is_person),
    bool_or(is_ours),
    bool_or(is_external) and not bool_or(is_ours),
    min(party_org_key),
    min(period_number),
    count(*),
    max(people_counted),
    cast(
        sum(
            case
                when microseconds is null or covered_until is null or covered_until <= joined_at then microseconds
                when covered_until < left_at then epoch_us(left_at) - epoch_us(covered_until)
                else 0
            end
        ) as bigint
    )
from several
group by meeting_number, participant_number
