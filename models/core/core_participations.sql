-- One row per meeting and participant. Rejoining, a second device, a second platform and overlapping connections are one
-- presence: minutes are the union of a participant's intervals, never their sum.
with timed as (
    select
        meeting_number,
        participant_kind,
        participant_key,
        joined_at,
        left_at,
        case when left_at >= joined_at then epoch_us(left_at) - epoch_us(joined_at) end as microseconds,
        party,
        party_org_key,
        people_in_room,
        valid_from,
        site
    from core_connections
),
gathered as (
    select
        meeting_number,
        participant_kind,
        participant_key,
        count(*) as connections,
        max(case when party = 'internal' or valid_from is not null then 1 else 0 end) as has_internal,
        max(case when party = 'external' then 1 else 0 end) as has_external,
        min(party_org_key) as party_org_key,
        max(case when participant_kind = 'room' then people_in_room end) as people_in_room,
        min(valid_from) as valid_from,
        min(site) as site,
        sum(microseconds) as microseconds
    from timed
    group by meeting_number, participant_kind, participant_key
),
-- nearly all connect once, and only who did several times can be there twice at once
several as (
    select
        timed.*,
        max(timed.left_at) over (
            partition by timed.meeting_number, timed.participant_kind, timed.participant_key
            order by timed.joined_at, timed.left_at
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from timed
    inner join gathered
        on
            gathered.meeting_number = timed.meeting_number
            and gathered.participant_kind = timed.participant_kind
            and gathered.participant_key = timed.participant_key
    where gathered.connections > 1
),
united as (
    select
        meeting_number,
        participant_kind,
        participant_key,
        sum(
            case
                when microseconds is null or covered_until is null or covered_until <= joined_at then microseconds
                when covered_until < left_at then epoch_us(left_at) - epoch_us(covered_until)
                else 0
            end
        ) as microseconds
    from several
    group by meeting_number, participant_kind, participant_key
)
select
    gathered.meeting_number,
    gathered.participant_kind,
    gathered.participant_key,
    case when gathered.participant_kind = 'person' then gathered.participant_key end as person_key,
    case when gathered.has_internal = 1 then 'internal' when gathered.has_external = 1 then 'external' else 'unknown' end
        as party,
    gathered.party_org_key,
    gathered.valid_from,
    gathered.site,
    gathered.connections,
    gathered.people_in_room,
    cast(case when gathered.connections = 1 then gathered.microseconds else united.microseconds end as double) / 60000000
        as person_minutes
from gathered
left join united
    on
        united.meeting_number = gathered.meeting_number
        and united.participant_kind = gathered.participant_kind
        and united.participant_key = gathered.participant_key
