-- One row per meeting and participant. Rejoining, a second device, a second platform and overlapping connections are one
-- presence: minutes are the union of a participant's intervals, never their sum.
with connections as (
    select
        meeting.merged_source as source,
        meeting.merged_meeting_id as meeting_id,
        -- ids of connections are the record's own: two records of one meeting may use the same
        case
            when meeting.source = meeting.merged_source and meeting.meeting_id = meeting.merged_meeting_id
                then participation.participation_id
            else meeting.source || '/' || meeting.meeting_id || '/' || participation.participation_id
        end as participation_id,
        case when participation.endpoint = 'room' then null else coalesce(alias.person_key, participation.person_key) end
            as person_key,
        participation.room_key,
        participation.people_in_room,
        participation.endpoint,
        participation.party,
        participation.party_org_key,
        participation.joined_at,
        -- a connection whose end was never written lasted until its own record of the meeting ended, at most
        coalesce(participation.left_at, meeting.ended_at) as left_at
    from landing_participations as participation
    inner join core_meeting_records as meeting
        on meeting.source = participation.source and meeting.meeting_id = participation.meeting_id
    left join core_aliases as alias on alias.alias_key = participation.person_key
),
employees as (
    select distinct person_key from core_people
),
present as (
    select
        connections.*,
        case
            when connections.endpoint = 'room' then 'room'
            when connections.person_key is not null then 'person'
            else 'unidentified'
        end as participant_kind,
        -- without a name each connection is a participant of its own: two callers are not one because both are unknown
        case
            when connections.endpoint = 'room' then coalesce(connections.room_key, connections.participation_id)
            when connections.person_key is not null then connections.person_key
            else connections.participation_id
        end as participant_key,
        case when employees.person_key is not null then 'internal' else connections.party end as resolved_party
    from connections
    left join employees on employees.person_key = connections.person_key
),
ordered as (
    select
        *,
        max(left_at) over (
            partition by source, meeting_id, participant_kind, participant_key
            order by joined_at, left_at, participation_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from present
),
measured as (
    select
        *,
        case
            when joined_at is null or left_at is null or left_at < joined_at then null
            when covered_until is null or covered_until <= joined_at then date_diff('microsecond', joined_at, left_at)
            when covered_until < left_at then date_diff('microsecond', covered_until, left_at)
            else 0
        end as new_microseconds
    from ordered
)
select
    source,
    meeting_id,
    participant_kind,
    participant_key,
    case when participant_kind = 'person' then participant_key end as person_key,
    case
        when max(case when resolved_party = 'internal' then 1 else 0 end) = 1 then 'internal'
        when max(case when resolved_party = 'external' then 1 else 0 end) = 1 then 'external'
        else 'unknown'
    end as party,
    min(party_org_key) as party_org_key,
    count(*) as connections,
    max(case when participant_kind = 'room' then people_in_room end) as people_in_room,
    cast(sum(new_microseconds) as double) / 60000000 as person_minutes
from measured
group by source, meeting_id, participant_kind, participant_key
