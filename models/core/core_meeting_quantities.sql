-- What each person did in digital meetings, fact by fact: called them, took part, for how long, with others than the own
-- organisation, from a room, and with what trouble. Calling a meeting counts once, taking part once for each person.
with organised as (
    select
        meeting.month,
        meeting.started_on as day,
        meeting.organiser_key as person_key,
        meeting.modality,
        meeting.platform,
        meeting.minutes,
        meeting.is_spanning,
        meeting.outside_organisations
    from core_meetings as meeting
    where meeting.is_digital and meeting.organiser_party = 'internal'
),
attended as (
    select
        meeting.month,
        meeting.started_on as day,
        participation.person_key,
        meeting.modality,
        meeting.platform,
        meeting.is_spanning,
        participation.person_minutes
    from core_meetings as meeting
    inner join core_participations as participation
        on participation.source = meeting.source and participation.meeting_id = meeting.meeting_id
    where meeting.is_digital and participation.participant_kind = 'person' and participation.party = 'internal'
),
-- our rooms, whoever called the meeting
in_rooms as (
    select distinct meeting.month, meeting.started_on as day, meeting.source, meeting.meeting_id, meeting.organiser_key
    from core_meetings as meeting
    inner join core_participations as participation
        on participation.source = meeting.source and participation.meeting_id = meeting.meeting_id
    where meeting.is_digital and participation.participant_kind = 'room' and participation.party <> 'external'
),
connections as (
    select
        meeting.month,
        meeting.started_on as day,
        case when connection.endpoint <> 'room' then coalesce(alias.person_key, connection.person_key) end as person_key,
        record_platform.platform,
        connection.endpoint,
        connection.outcome
    from landing_participations as connection
    inner join core_meeting_records as record
        on record.source = connection.source and record.meeting_id = connection.meeting_id
    inner join core_meetings as meeting
        on meeting.source = record.merged_source and meeting.meeting_id = record.merged_meeting_id
    inner join landing_meetings as record_platform
        on record_platform.source = connection.source and record_platform.meeting_id = connection.meeting_id
    left join core_aliases as alias on alias.alias_key = connection.person_key
    where meeting.is_digital and connection.party <> 'external'
),
facts as (
    select
        'meetings_organised' as quantity, month, day, person_key, modality,
        cast(null as varchar) as meeting_form, platform, cast(null as varchar) as endpoint,
        cast(1 as decimal(18, 6)) as amount
    from organised
    union all
    select 'meetings_attended', month, day, person_key, modality, null, platform, null, 1 from attended
    union all
    select 'meetings_organised_spanning', month, day, person_key, modality, null, null, null, 1
    from organised where is_spanning
    union all
    select 'meetings_attended_spanning', month, day, person_key, modality, null, null, null, 1
    from attended where is_spanning
    union all
    -- what a share is a share of: a meeting of unknown length, or of unknown guests, is a fact without an amount
    select
        'meetings_timed', month, day, person_key, null, null, null, null, case when minutes is not null then 1 end
    from organised
    union all
    select 'meetings_short', month, day, person_key, null, null, null, null, 1
    from organised
    cross join settings_method
    where minutes <= settings_method.short_meeting_minutes
    union all
    select
        'meetings_placed', month, day, person_key, null, null, null, null,
        case when outside_organisations is not null then 1 end
    from organised
    union all
    select 'meetings_external', month, day, person_key, null, null, null, null, 1
    from organised where outside_organisations >= 1
    union all
    select
        'attended_hours', month, day, person_key, null, null, null, null,
        cast(person_minutes / 60 as decimal(18, 6))
    from attended
    union all
    select 'meetings_in_rooms', month, day, organiser_key, null, null, null, null, 1 from in_rooms
    union all
    select
        'meetings_held', month, started_on, coalesce(organiser_key, 'event ' || event_id), null, form, null, null, 1
    from core_meeting_forms
    where form <> 'unknown'
    union all
    select
        'connections', month, day, person_key, null, null, platform, endpoint, case when outcome <> 'unknown' then 1 end
    from connections
    union all
    select 'connections_troubled', month, day, person_key, null, null, platform, endpoint, 1
    from connections
    where outcome in ('poor_quality', 'dropped', 'setup_failed')
)
select
    facts.quantity,
    facts.month,
    facts.person_key,
    department.reporting_department as department,
    coalesce(person.person_group, 'unknown') as person_group,
    facts.modality,
    facts.meeting_form,
    facts.platform,
    facts.endpoint,
    cast(sum(facts.amount) as decimal(18, 6)) as amount,
    cast(count(*) as bigint) as facts,
    cast(count(facts.amount) as bigint) as facts_known
from facts
left join core_people as person
    on person.person_key = facts.person_key and person.valid_from <= facts.day and facts.day < person.valid_before
left join core_departments as department
    on department.source_value = person.department and department.month = facts.month
group by
    facts.quantity, facts.month, facts.person_key, department.reporting_department, person.person_group, facts.modality,
    facts.meeting_form, facts.platform, facts.endpoint
