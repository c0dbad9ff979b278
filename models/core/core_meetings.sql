-- One row per real meeting, with what the method asks of it: who, how, how long, and whether it counts as digital. Records
-- of one meeting on several bridges or platforms are one row, named by the record with the most participants.
with records as (
    select
        record.meeting_number,
        record.is_first,
        record.merged_by,
        record.started_on,
        meeting.source,
        meeting.meeting_id,
        meeting.platform,
        meeting.kind,
        meeting.started_at,
        meeting.ended_at,
        coalesce(alias.person_key, meeting.organiser_key) as organiser_key,
        case when employee.person_key is not null then 'internal' else meeting.organiser_party end as organiser_party,
        meeting.participants_reported,
        meeting.participant_minutes_reported,
        coalesce(meeting.has_room_system, false) as has_room,
        meeting.has_telephone,
        coalesce(meeting.has_video, false) as has_video,
        meeting.has_video is null as has_untold_video,
        coalesce(meeting.reported_modality = 'video', false) as says_video,
        coalesce(meeting.reported_modality = 'web', false) as says_web,
        coalesce(meeting.reported_modality = 'phone', false) as says_phone
    from landing_meetings as meeting
    inner join core_meeting_records as record on record.source = meeting.source and record.meeting_id = meeting.meeting_id
    left join core_aliases as alias on alias.alias_key = meeting.organiser_key
    left join (select distinct person_key from core_people) as employee
        on employee.person_key = coalesce(alias.person_key, meeting.organiser_key)
),
-- nearly every meeting has one record, and is what that says
merged as (
    select
        meeting_number, source, meeting_id, merged_by, started_on, 1 as records, 1 as platforms, platform, kind, started_at,
        ended_at, organiser_key, organiser_party, participants_reported, participant_minutes_reported, has_room,
        has_telephone, has_video, has_untold_video, says_video, says_web, says_phone
    from records
    where merged_by = 'none'
    union all
    select
        meeting_number,
        max(case when is_first then source end),
        max(case when is_first then meeting_id end),
        min(merged_by),
        min(started_on),
        count(*),
        count(distinct platform),
        max(case when is_first then platform end),
        case
            when bool_or(kind = 'broadcast') then 'broadcast'
            when bool_or(kind = 'scheduled') then 'scheduled'
            when bool_or(kind = 'ad_hoc') then 'ad_hoc'
            else 'unknown'
        end,
        min(started_at),
        max(ended_at),
        -- who called the meeting is somebody of the organisation if any record says so; ties by key
        case
            when bool_or(organiser_party = 'internal') then min(case when organiser_party = 'internal' then organiser_key end)
            when bool_or(organiser_party = 'external') then min(case when organiser_party = 'external' then organiser_key end)
            else min(organiser_key)
        end,
        case
            when bool_or(organiser_party = 'internal') then 'internal'
            when bool_or(organiser_party = 'external') then 'external'
            else 'unknown'
        end,
        -- reported numbers of two records may hold the same people: the largest is what is known, at least
        max(participants_reported),
        max(participant_minutes_reported),
        bool_or(has_room),
        bool_or(has_telephone),
        bool_or(has_video),
        bool_or(has_untold_video),
        bool_or(says_video),
        bool_or(says_web),
        bool_or(says_phone)
    from records
    where merged_by <> 'none'
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
        cast(meeting.records as bigint) as records,
        meeting.platform,
        cast(meeting.platforms as bigint) as platforms,
        meeting.kind,
        meeting.started_at,
        meeting.ended_at,
        meeting.started_on,
        case
            when meeting.ended_at < meeting.started_at then null
            else cast(epoch_us(meeting.ended_at) - epoch_us(meeting.started_at) as double) / 60000000
        end as minutes,
        meeting.organiser_key,
        meeting.organiser_party,
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
