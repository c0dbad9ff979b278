-- One row per connection to a meeting: who or what was connected, how it went, and what the directory said of the person on
-- that day. Meetings are told by number.
with connected as (
    select
        record.meeting_number,
        record.platform,
        record.started_on,
        -- ids of connections are the record's own: two records of one meeting may use the same
        case
            when record.source = record.merged_source and record.meeting_id = record.merged_meeting_id
                then participation.participation_id
            else record.source || '/' || record.meeting_id || '/' || participation.participation_id
        end as participation_id,
        case when participation.endpoint <> 'room' then coalesce(alias.person_key, participation.person_key) end as person_key,
        participation.room_key,
        participation.people_in_room,
        participation.endpoint,
        participation.outcome,
        participation.party,
        participation.party_org_key,
        participation.joined_at,
        -- a connection whose end was never written lasted until its own record of the meeting ended, at most
        coalesce(participation.left_at, record.ended_at) as left_at
    from landing_participations as participation
    inner join core_meeting_records as record
        on record.source = participation.source and record.meeting_id = participation.meeting_id
    left join core_aliases as alias on alias.alias_key = participation.person_key
)
select
    connected.meeting_number,
    case
        when connected.endpoint = 'room' then 'room'
        when connected.person_key is not null then 'person'
        else 'unidentified'
    end as participant_kind,
    -- without a name each connection is a participant of its own: two callers are not one because both are unknown
    case
        when connected.endpoint = 'room' then coalesce(connected.room_key, connected.participation_id)
        else coalesce(connected.person_key, connected.participation_id)
    end as participant_key,
    connected.platform,
    connected.endpoint,
    connected.outcome,
    connected.party,
    connected.party_org_key,
    connected.people_in_room,
    connected.joined_at,
    connected.left_at,
    person.valid_from,
    person.site
from connected
left join core_people as person
    on
        person.person_key = connected.person_key
        and person.valid_from <= connected.started_on
        and connected.started_on < person.valid_before
