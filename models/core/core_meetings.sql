-- One row per meeting, with what the method asks of it: who, how, how long, and whether it counts as digital.
with present as (
    select
        participation.source,
        participation.meeting_id,
        cast(count(*) as bigint) as participants,
        cast(sum(case when participation.participant_kind = 'room' then 1 else 0 end) as bigint) as rooms,
        cast(
            sum(case when participation.participant_kind = 'person' and participation.party = 'internal' then 1 else 0 end)
            as bigint
        ) as internal_people,
        count(distinct person.site) as internal_sites,
        count(distinct case when participation.party = 'external' then participation.party_org_key end)
            as outside_organisations,
        cast(sum(cast(participation.person_minutes as decimal(18, 6))) as double) as person_minutes
    from core_participations as participation
    inner join landing_meetings as meeting
        on meeting.source = participation.source and meeting.meeting_id = participation.meeting_id
    left join core_people as person
        on
            person.person_key = participation.person_key
            and person.valid_from <= cast(meeting.started_at at time zone 'Europe/Stockholm' as date)
            and cast(meeting.started_at at time zone 'Europe/Stockholm' as date) < person.valid_before
    group by participation.source, participation.meeting_id
),
described as (
    select
        meeting.source,
        meeting.meeting_id,
        meeting.platform,
        meeting.kind,
        meeting.started_at,
        meeting.ended_at,
        cast(meeting.started_at at time zone 'Europe/Stockholm' as date) as started_on,
        case
            when meeting.ended_at < meeting.started_at then null
            else cast(date_diff('microsecond', meeting.started_at, meeting.ended_at) as double) / 60000000
        end as minutes,
        coalesce(alias.person_key, meeting.organiser_key) as organiser_key,
        case when employee.person_key is not null then 'internal' else meeting.organiser_party end as organiser_party,
        case
            when meeting.has_room_system or present.rooms > 0 then 'video'
            when not meeting.has_video and meeting.has_telephone then 'phone'
            when meeting.has_video is null and meeting.reported_modality in ('phone', 'web', 'video')
                then meeting.reported_modality
            else 'web'
        end as modality,
        -- nobody said which media were used: counted as web, and the share is shown among the gaps
        meeting.has_video is null
        and not coalesce(meeting.has_room_system, false)
        and coalesce(meeting.reported_modality, 'unknown') = 'unknown' as is_modality_assumed,
        coalesce(present.participants, meeting.participants_reported) as people,
        case
            when present.participants is not null then 'joins'
            when meeting.participants_reported is not null then 'reported'
            else 'unknown'
        end as people_basis,
        present.rooms,
        present.internal_people,
        present.internal_sites,
        present.outside_organisations,
        coalesce(present.person_minutes, meeting.participant_minutes_reported) as person_minutes
    from landing_meetings as meeting
    left join present on present.source = meeting.source and present.meeting_id = meeting.meeting_id
    left join core_aliases as alias on alias.alias_key = meeting.organiser_key
    left join (select distinct person_key from core_people) as employee
        on employee.person_key = coalesce(alias.person_key, meeting.organiser_key)
)
select
    described.source,
    described.meeting_id,
    described.platform,
    described.kind,
    described.started_at,
    described.ended_at,
    described.started_on,
    cast(date_trunc('month', described.started_on) as date) as month,
    described.minutes,
    described.organiser_key,
    described.organiser_party,
    described.modality,
    described.is_modality_assumed,
    described.people,
    described.people_basis,
    described.rooms,
    described.internal_people,
    described.internal_sites,
    described.outside_organisations,
    described.person_minutes,
    coalesce(described.internal_sites >= 2 or described.outside_organisations >= 1, false) as is_spanning,
    coalesce(
        described.kind <> 'broadcast'
        and coalesce(described.minutes, 0) >= settings_method.meeting_min_minutes
        and described.people >= case
            when described.modality = 'phone' then settings_method.phone_min_people
            else settings_method.web_min_people
        end, false
    ) as is_digital
from described
cross join settings_method
