-- One row per real meeting, with what the method asks of it: who, how, how long, and whether it counts as digital. Records
-- of one meeting on several bridges or platforms are one row, named by the record with the most participants.
with records as (
    select
        record.meeting_number,
        record.source,
        record.meeting_id,
        record.is_first,
        record.merged_by,
        record.started_on,
        meeting.platform,
        meeting.kind,
        meeting.started_at,
        meeting.ended_at,
        coalesce(alias.person_key, meeting.organiser_key) as organiser_key,
        case when employee.person_key is not null then 'internal' else meeting.organiser_party end as organiser_party,
        meeting.participants_reported,
        meeting.participant_minutes_reported,
        meeting.reported_modality,
        meeting.has_room_system,
        meeting.has_telephone,
        meeting.has_video
    from landing_meetings as meeting
    inner join core_meeting_records as record on record.source = meeting.source and record.meeting_id = meeting.meeting_id
    left join core_aliases as alias on alias.alias_key = meeting.organiser_key
    left join (select distinct person_key from core_people) as employee
        on employee.person_key = coalesce(alias.person_key, meeting.organiser_key)
),
merged as (
    select
        meeting_number,
        max(case when is_first then source end) as source,
        max(case when is_first then meeting_id end) as meeting_id,
        min(merged_by) as merged_by,
        min(started_on) as started_on,
        cast(count(*) as bigint) as records,
        cast(count(distinct platform) as bigint) as platforms,
        max(case when is_first then platform end) as platform,
        case
            when bool_or(kind = 'broadcast') then 'broadcast'
            when bool_or(kind = 'scheduled') then 'scheduled'
            when bool_or(kind = 'ad_hoc') then 'ad_hoc'
            else 'unknown'
        end as kind,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        -- who called the meeting is somebody of the organisation if any record says so; ties by key
        min(case when organiser_party = 'internal' then organiser_key end) as internal_organiser,
        bool_or(organiser_party = 'internal') as has_internal,
        min(case when organiser_party = 'external' then organiser_key end) as external_organiser,
        bool_or(organiser_party = 'external') as has_external,
        min(organiser_key) as any_organiser,
        -- reported numbers of two records may hold the same people: the largest is what is known, at least
        max(participants_reported) as participants_reported,
        max(participant_minutes_reported) as participant_minutes_reported,
        coalesce(bool_or(has_room_system), false) as has_room,
        bool_or(has_telephone) as has_telephone,
        coalesce(bool_or(has_video), false) as has_video,
        bool_or(has_video is null) as has_untold_video,
        coalesce(bool_or(reported_modality = 'video'), false) as says_video,
        coalesce(bool_or(reported_modality = 'web'), false) as says_web,
        coalesce(bool_or(reported_modality = 'phone'), false) as says_phone
    from records
    group by meeting_number
),
present as (
    select
        participation.meeting_number,
        count(*) as participants,
        count(case when participation.is_room then participation.meeting_number end) as rooms,
        max(participation.people_in_room) as most_in_room,
        -- a room that counted its people stands for them, one that did not for one
        cast(sum(greatest(coalesce(participation.people_in_room, 1), 1)) as bigint) as people_present,
        count(case when participation.is_person and participation.is_internal then participation.meeting_number end)
            as internal_people,
        coalesce(min(period.site_number) < max(period.site_number), false) as is_between_sites,
        bool_or(participation.is_external and participation.party_org_key is not null) as is_with_others,
        cast(sum(participation.microseconds) as double) / 60000000 as person_minutes
    from core_participations as participation
    left join core_participant_periods as period on period.period_number = participation.period_number
    group by participation.meeting_number
),
described as (
    select
        meeting.meeting_number,
        meeting.source,
        meeting.meeting_id,
        meeting.merged_by,
        meeting.records,
        meeting.platform,
        meeting.platforms,
        meeting.kind,
        meeting.started_at,
        meeting.ended_at,
        meeting.started_on,
        case
            when meeting.ended_at < meeting.started_at then null
            else cast(epoch_us(meeting.ended_at) - epoch_us(meeting.started_at) as double) / 60000000
        end as minutes,
        case
            when meeting.has_internal then meeting.internal_organiser
            when meeting.has_external then meeting.external_organiser
            else meeting.any_organiser
        end as organiser_key,
        case when meeting.has_internal then 'internal' when meeting.has_external then 'external' else 'unknown' end
            as organiser_party,
        case
            when meeting.has_room or present.rooms > 0 then 'video'
            when not meeting.has_video and not meeting.has_untold_video and meeting.has_telephone then 'phone'
            when meeting.has_video or not meeting.has_untold_video then 'web'
            when meeting.says_video then 'video'
            when meeting.says_web then 'web'
            when meeting.says_phone then 'phone'
            else 'web'
        end as modality,
        -- nobody said which media were used: counted as web, and the share is shown among the gaps
        not (meeting.has_room or meeting.has_video or meeting.says_video or meeting.says_web or meeting.says_phone)
        and meeting.has_untold_video as is_modality_assumed,
        coalesce(present.participants, meeting.participants_reported) as people,
        case
            when present.participants is not null then 'joins'
            when meeting.participants_reported is not null then 'reported'
            else 'unknown'
        end as people_basis,
        coalesce(present.people_present, meeting.participants_reported) as people_present,
        present.rooms,
        present.most_in_room,
        present.internal_people,
        present.is_between_sites,
        present.is_with_others,
        coalesce(present.person_minutes, meeting.participant_minutes_reported) as person_minutes
    from merged as meeting
    left join present on present.meeting_number = meeting.meeting_number
)
select
    described.meeting_number,
    described.source,
    described.meeting_id,
    described.merged_by,
    described.records,
    described.platform,
    described.platforms,
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
    described.people_present,
    described.rooms,
    described.most_in_room,
    described.internal_people,
    described.is_between_sites,
    described.is_with_others,
    described.person_minutes,
    coalesce(described.is_between_sites or described.is_with_others, false) as is_spanning,
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
