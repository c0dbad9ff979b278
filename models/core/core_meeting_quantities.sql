-- What each person did in digital meetings, fact by fact: called them, took part, for how long, with others than the own
-- organisation, from a room, and with what trouble. Calling a meeting counts once, taking part once for each person.
-- What there is much of is counted by person and month before it is told apart by quantity.
with organised as (
    select
        meeting.month,
        meeting.organiser_key as person_key,
        person.department,
        person.person_group,
        meeting.modality,
        meeting.platform,
        count(*) as meetings,
        count(case when meeting.is_spanning then meeting.month end) as spanning,
        count(meeting.minutes) as timed,
        count(case when meeting.minutes <= settings_method.short_meeting_minutes then meeting.month end) as short,
        count(meeting.is_with_others) as placed,
        count(case when meeting.is_with_others then meeting.month end) as with_others
    from core_meetings as meeting
    cross join settings_method
    left join core_people as person
        on
            person.person_key = meeting.organiser_key
            and person.valid_from <= meeting.started_on
            and meeting.started_on < person.valid_before
    where meeting.is_digital and meeting.organiser_party = 'internal'
    group by
        meeting.month, meeting.organiser_key, person.department, person.person_group, meeting.modality, meeting.platform
),
people as (
    select distinct participant_number, participant_key as person_key from core_participants where not is_room
),
attended as (
    select
        meeting.month,
        participation.participant_number,
        participation.period_number,
        meeting.modality,
        meeting.platform,
        count(*) as meetings,
        count(case when meeting.is_spanning then meeting.month end) as spanning,
        -- whole millionths: a half would not be rounded alike by every database
        cast(cast(sum(participation.microseconds) as bigint) // 3600 / 1000000 as decimal(18, 6)) as hours,
        count(participation.microseconds) as timed
    from core_meetings as meeting
    inner join core_participations as participation on participation.meeting_number = meeting.meeting_number
    where meeting.is_digital and participation.is_person and participation.is_internal
    group by
        meeting.month, participation.participant_number, participation.period_number, meeting.modality, meeting.platform
),
attended_by as (
    select people.person_key, person.department, person.person_group, attended.*
    from attended
    inner join people on people.participant_number = attended.participant_number
    left join core_participant_periods as period on period.period_number = attended.period_number
    left join core_people as person
        on person.person_key = people.person_key and person.valid_from = period.valid_from
),
-- our rooms, whoever called the meeting
in_rooms as (
    select meeting.month, meeting.started_on, meeting.organiser_key
    from core_meetings as meeting
    inner join
        (
            select distinct meeting_number
            from core_participations
            where is_room and not is_external
        ) as used on used.meeting_number = meeting.meeting_number
    where meeting.is_digital
),
events as (
    select 'meetings_in_rooms' as quantity, month, started_on, organiser_key as person_key, cast(null as varchar) as meeting_form
    from in_rooms
    union all
    select 'meetings_held', month, started_on, coalesce(organiser_key, 'event ' || event_id), form
    from core_meeting_forms
    where form <> 'unknown'
),
held as (
    select
        events.quantity, events.month, events.person_key, person.department, person.person_group, events.meeting_form,
        count(*) as meetings
    from events
    left join core_people as person
        on
            person.person_key = events.person_key
            and person.valid_from <= events.started_on
            and events.started_on < person.valid_before
    group by
        events.quantity, events.month, events.person_key, person.department, person.person_group, events.meeting_form
),
connections as (
    select
        meeting.month,
        case when connection.is_person then connection.participant_number end as participant_number,
        connection.period_number,
        connection.platform,
        connection.endpoint,
        count(*) as connections,
        count(case when connection.is_outcome_known then connection.meeting_number end) as told,
        count(case when connection.is_troubled then connection.meeting_number end) as troubled
    from core_connections as connection
    inner join core_meetings as meeting on meeting.meeting_number = connection.meeting_number
    where meeting.is_digital and not connection.is_external
    group by
        meeting.month, case when connection.is_person then connection.participant_number end, connection.period_number,
        connection.platform, connection.endpoint
),
connections_by as (
    select people.person_key, person.department, person.person_group, connections.*
    from connections
    left join people on people.participant_number = connections.participant_number
    left join core_participant_periods as period on period.period_number = connections.period_number
    left join core_people as person
        on person.person_key = people.person_key and person.valid_from = period.valid_from
),
-- a fact without an amount is one nobody knows: a meeting of unknown length, or of unknown guests
counted as (
    select
        'meetings_organised' as quantity, month, person_key, department, person_group, modality,
        cast(null as varchar) as meeting_form, platform, cast(null as varchar) as endpoint,
        cast(meetings as decimal(18, 6)) as amount, meetings as facts, meetings as facts_known
    from organised
    union all
    select 'meetings_organised_spanning', month, person_key, department, person_group, modality, null, null, null, spanning, spanning, spanning
    from organised where spanning > 0
    union all
    select
        'meetings_timed', month, person_key, department, person_group, null, null, null, null,
        case when timed > 0 then timed end, meetings, timed
    from organised
    union all
    select 'meetings_short', month, person_key, department, person_group, null, null, null, null, short, short, short
    from organised where short > 0
    union all
    select
        'meetings_placed', month, person_key, department, person_group, null, null, null, null,
        case when placed > 0 then placed end, meetings, placed
    from organised
    union all
    select 'meetings_external', month, person_key, department, person_group, null, null, null, null, with_others, with_others,
        with_others
    from organised where with_others > 0
    union all
    select 'meetings_attended', month, person_key, department, person_group, modality, null, platform, null, meetings, meetings, meetings
    from attended_by
    union all
    select 'meetings_attended_spanning', month, person_key, department, person_group, modality, null, null, null, spanning, spanning, spanning
    from attended_by where spanning > 0
    union all
    select 'attended_hours', month, person_key, department, person_group, null, null, null, null, hours, meetings, timed from attended_by
    union all
    select quantity, month, person_key, department, person_group, null, meeting_form, null, null, meetings, meetings, meetings from held
    union all
    select
        'connections', month, person_key, department, person_group, null, null, platform, endpoint,
        case when told > 0 then told end, connections, told
    from connections_by
    union all
    select
        'connections_troubled', month, person_key, department, person_group, null, null, platform, endpoint, troubled, troubled, troubled
    from connections_by
    where troubled > 0
)
select
    counted.quantity,
    counted.month,
    counted.person_key,
    department.reporting_department as department,
    coalesce(counted.person_group, 'unknown') as person_group,
    counted.modality,
    counted.meeting_form,
    counted.platform,
    counted.endpoint,
    cast(sum(counted.amount) as decimal(18, 6)) as amount,
    cast(sum(counted.facts) as bigint) as facts,
    cast(sum(counted.facts_known) as bigint) as facts_known
from counted
left join core_departments as department
    on department.source_value = counted.department and department.month = counted.month
group by
    counted.quantity, counted.month, counted.person_key, department.reporting_department, counted.person_group,
    counted.modality, counted.meeting_form, counted.platform, counted.endpoint
