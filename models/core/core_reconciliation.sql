-- What the vendors count themselves beside what landed of the same source, platform and days; a control, never a part of a
-- figure. Meetings: only totals that count each meeting once, where it is organised, are held against landed records, and
-- only against those that nobody outside called. Teams counts meetings that a licensed user organised, calls not among
-- them; Zoom counts meetings the account hosted, also with one person in them, by days that may be UTC. Records are counted
-- as the platform has them, before those of one meeting are merged. A report that lands no meetings itself is held against
-- the one source that lands its platform; a period that crosses a month, and a department's total, against nothing.
-- Participants: the number a meeting's own record gives, as far as connections of it landed; who comes back connects twice,
-- so more connections than that are no difference. Newer days than three are still being told.
with landed_platforms as (
    select distinct source, platform
    from landing_meetings
),
only_source as (
    select platform, min(source) as source
    from landed_platforms
    group by platform
    having count(*) = 1
),
totals as (
    select
        source as told_by,
        platform,
        period_from,
        period_to,
        sum(meetings) as meetings
    from landing_meeting_totals
    where
        basis = 'vendor_report'
        and role = 'organised'
        and department is null
        and date_trunc('month', period_from) = date_trunc('month', period_to)
    group by source, platform, period_from, period_to
    having count(*) = count(meetings)
),
placed as (
    select
        coalesce(own.source, only_source.source) as source,
        totals.platform,
        cast(date_trunc('month', totals.period_from) as date) as month,
        totals.period_from,
        totals.period_to,
        totals.meetings,
        row_number() over (
            partition by coalesce(own.source, only_source.source), totals.platform, totals.period_from, totals.period_to
            order by own.source is null, totals.told_by
        ) as choice
    from totals
    left join landed_platforms as own on own.source = totals.told_by and own.platform = totals.platform
    left join only_source on only_source.platform = totals.platform
    where coalesce(own.source, only_source.source) is not null
),
ranked as (
    select
        *,
        -- days where there are any, else the longest report: overlapping totals are never added
        max(case when period_from = period_to then 1 else 0 end) over (partition by source, platform, month) as has_days,
        row_number() over (
            partition by source, platform, month order by date_diff('day', period_from, period_to) desc, period_to desc
        ) as length_rank
    from placed
    where choice = 1
),
chosen as (
    select *
    from ranked
    where case when has_days = 1 then period_from = period_to else length_rank = 1 end
),
daily as (
    select
        source,
        platform,
        cast(started_at at time zone 'Europe/Stockholm' as date) as day,
        count(*) as meetings
    from landing_meetings
    where organiser_party <> 'external' and source in (select source from chosen)
    group by 1, 2, 3
),
meetings as (
    select
        chosen.source,
        chosen.platform,
        chosen.period_from,
        chosen.period_to,
        chosen.meetings as vendor_count,
        coalesce(sum(daily.meetings), 0) as landed_count
    from chosen
    left join daily
        on
            daily.source = chosen.source
            and daily.platform = chosen.platform
            and daily.day between chosen.period_from and chosen.period_to
    group by chosen.source, chosen.platform, chosen.period_from, chosen.period_to, chosen.meetings
),
connections as (
    select source, meeting_id, version, count(*) as connections
    from landing_participations
    group by source, meeting_id, version
),
-- a source that lands nobody at all was not asked for people
with_people as (
    select distinct source
    from connections
),
participants as (
    select
        meeting.source,
        meeting.platform,
        cast(meeting.started_at at time zone 'Europe/Stockholm' as date) as day,
        sum(meeting.participants_reported) as vendor_count,
        sum(least(coalesce(connections.connections, 0), meeting.participants_reported)) as landed_count
    from landing_meetings as meeting
    inner join with_people on with_people.source = meeting.source
    left join connections
        on
            connections.source = meeting.source
            and connections.meeting_id = meeting.meeting_id
            and connections.version = meeting.version
    where meeting.participants_reported is not null
    group by 1, 2, 3
),
held as (
    select 'meetings' as counted, source, platform, period_from, period_to, vendor_count, landed_count
    from meetings
    union all
    select 'participants', source, platform, day, day, vendor_count, landed_count
    from participants
),
judged as (
    select
        held.counted,
        held.source,
        held.platform,
        held.period_from,
        held.period_to,
        cast(date_trunc('month', held.period_from) as date) as month,
        cast(held.vendor_count as bigint) as vendor_count,
        cast(held.landed_count as bigint) as landed_count,
        max(case when known.source is null then 0 else 1 end) = 1
        and date_diff('day', held.period_to, settings_method.as_of) > 3 as is_told,
        abs(held.vendor_count - held.landed_count) > settings_method.reconcile_share * held.vendor_count
        and abs(held.vendor_count - held.landed_count) >= settings_method.reconcile_least as is_beyond,
        date_diff('day', held.period_to, settings_method.as_of) <= settings_method.reconcile_days as is_recent
    from held
    cross join settings_method
    left join core_known_spans as known
        on
            known.source = held.source
            and known.known_from <= cast(held.period_from as timestamp)
            and known.known_to >= cast(held.period_to + interval 1 day as timestamp)
    group by
        held.counted,
        held.source,
        held.platform,
        held.period_from,
        held.period_to,
        held.vendor_count,
        held.landed_count,
        settings_method.as_of,
        settings_method.reconcile_share,
        settings_method.reconcile_least,
        settings_method.reconcile_days
)
select
    counted,
    source,
    platform,
    period_from,
    period_to,
    month,
    vendor_count,
    landed_count,
    is_told,
    is_told and is_beyond as is_beyond_tolerance,
    is_told and is_beyond and is_recent as is_open
from judged
