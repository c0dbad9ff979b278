-- One row per connection to a meeting: who or what was connected, how it went, and which entry of the directory held for the
-- person on that day. Meetings, participants and entries are told by number.
select
    record.meeting_number,
    participant.participant_number,
    participation.endpoint = 'room' as is_room,
    participation.endpoint <> 'room' and participant.participant_number is not null as is_person,
    -- whom the directory knows is one of us, whatever a platform says
    participation.party = 'internal' or period.period_number is not null as is_internal,
    participation.party = 'external' and period.period_number is null as is_external,
    participation.party_org_key,
    case when participation.endpoint = 'room' then participation.people_in_room end as people_in_room,
    record.platform,
    participation.endpoint,
    participation.outcome <> 'unknown' as is_outcome_known,
    participation.outcome in ('poor_quality', 'dropped', 'setup_failed') as is_troubled,
    participation.joined_at,
    -- a connection whose end was never written lasted until its own record of the meeting ended, at most
    case
        when coalesce(participation.left_at, record.ended_at) >= participation.joined_at
            then epoch_us(coalesce(participation.left_at, record.ended_at)) - epoch_us(participation.joined_at)
    end as microseconds,
    period.period_number
from landing_participations as participation
inner join core_meeting_records as record
    on record.source = participation.source and record.meeting_id = participation.meeting_id
left join core_participants as participant
    on
        participant.is_room = (participation.endpoint = 'room')
        and participant.landed_key = case
            when participation.endpoint = 'room' then participation.room_key else participation.person_key
        end
left join core_participant_periods as period
    on
        period.participant_number = participant.participant_number
        and period.valid_from <= record.started_on
        and record.started_on < period.valid_before
