-- Which real meeting each landed record belongs to. Records of one meeting on several bridges or platforms share the
-- vendor's correlator or the join address, and overlap in time; touching is not overlapping, so the next meeting behind
-- the same link stays apart. What overlaps something that overlaps is the same meeting. The record with the most
-- participants stands for the meeting. A record whose end is unknown lasted its first instant, at least.
with records as (
    select
        source,
        meeting_id,
        correlator_key,
        join_key,
        started_at,
        case when ended_at > started_at then ended_at else started_at + interval 1 microsecond end as held_until
    from landing_meetings
),
keyed as (
    select 'correlator' as reason, correlator_key as shared_key, source, meeting_id, started_at, held_until
    from records
    where correlator_key is not null
    union all
    select 'join', join_key, source, meeting_id, started_at, held_until
    from records
    where join_key is not null
),
ordered as (
    select
        *,
        max(held_until) over (
            partition by reason, shared_key order by started_at, held_until, source, meeting_id
            rows between unbounded preceding and 1 preceding
        ) as reached
    from keyed
),
counted as (
    select
        *,
        count(case when reached is null or started_at >= reached then started_at end) over (
            partition by reason, shared_key order by started_at, held_until, source, meeting_id rows unbounded preceding
        ) as island
    from ordered
),
overlapping as (
    select *, count(*) over (partition by reason, shared_key, island) as together
    from counted
),
numbered as (
    select *, dense_rank() over (order by source, meeting_id) as number
    from overlapping
    where together > 1
),
named as (
    select *, min(number) over (partition by reason, shared_key, island) as bond
    from numbered
),
bonded as (
    -- a record without a bond of one kind is alone in it
    select
        source,
        meeting_id,
        number,
        coalesce(max(case when reason = 'correlator' then bond end), -number) as correlator_bond,
        coalesce(max(case when reason = 'join' then bond end), -number) as join_bond,
        bool_or(reason = 'correlator') as is_correlated
    from named
    group by source, meeting_id, number
),
-- the smallest number travels through bonds of both kinds in turn
pass_1 as (select *, min(number) over (partition by join_bond) as label_1 from bonded),
pass_2 as (select *, min(label_1) over (partition by correlator_bond) as label_2 from pass_1),
pass_3 as (select *, min(label_2) over (partition by join_bond) as label_3 from pass_2),
pass_4 as (select *, min(label_3) over (partition by correlator_bond) as label_4 from pass_3),
pass_5 as (select *, min(label_4) over (partition by join_bond) as label_5 from pass_4),
pass_6 as (select *, min(label_5) over (partition by correlator_bond) as label_6 from pass_5),
pass_7 as (select *, min(label_6) over (partition by join_bond) as label_7 from pass_6),
pass_8 as (select *, min(label_7) over (partition by correlator_bond) as label from pass_7),
connected as (
    select
        bonded.source,
        bonded.meeting_id,
        cast(count(
            distinct case
                when participation.endpoint = 'room' then coalesce(participation.room_key, participation.participation_id)
                else coalesce(alias.person_key, participation.person_key, participation.participation_id)
            end
        ) as bigint) as participants
    from bonded
    inner join landing_participations as participation
        on participation.source = bonded.source and participation.meeting_id = bonded.meeting_id
    left join core_aliases as alias on alias.alias_key = participation.person_key
    group by bonded.source, bonded.meeting_id
),
ranked as (
    select
        pass_8.*,
        min(label) over (partition by join_bond) = max(label) over (partition by join_bond) as is_settled,
        bool_or(is_correlated) over (partition by label) as has_correlator,
        min(meeting.started_at) over (partition by label) as merged_started_at,
        row_number() over (
            partition by label
            -- only an order: a record whose participants nobody knows comes last
            order by
                coalesce(connected.participants, meeting.participants_reported, 0) desc,
                meeting.platform,
                meeting.source,
                meeting.meeting_id
        ) as choice
    from pass_8
    inner join landing_meetings as meeting on meeting.source = pass_8.source and meeting.meeting_id = pass_8.meeting_id
    left join connected on connected.source = pass_8.source and connected.meeting_id = pass_8.meeting_id
),
merged as (
    select
        meeting.source,
        meeting.meeting_id,
        coalesce(first.source, meeting.source) as merged_source,
        coalesce(first.meeting_id, meeting.meeting_id) as merged_meeting_id,
        case when own.has_correlator then 'correlator' when own.label is not null then 'join' else 'none' end as merged_by,
        meeting.platform,
        meeting.started_at,
        meeting.ended_at,
        coalesce(own.is_settled, true) as is_settled,
        coalesce(own.merged_started_at, meeting.started_at) as merged_started_at
    from landing_meetings as meeting
    left join ranked as own on own.source = meeting.source and own.meeting_id = meeting.meeting_id
    left join ranked as first on first.label = own.label and first.choice = 1
),
placed as (
    select *, cast(started_at at time zone 'Europe/Stockholm' as date) as record_started_on
    from merged
)
-- meetings are numbered, since there is more of what is told of them than of anything else
select
    dense_rank() over (order by merged_started_at, merged_source, merged_meeting_id) as meeting_number,
    source,
    meeting_id,
    source = merged_source and meeting_id = merged_meeting_id as is_first,
    merged_by,
    platform,
    started_at,
    ended_at,
    record_started_on,
    -- nearly always the record's own day, and days by local time are slow to tell
    case
        when merged_started_at = started_at then record_started_on
        else cast(merged_started_at at time zone 'Europe/Stockholm' as date)
    end as started_on,
    is_settled
from placed
