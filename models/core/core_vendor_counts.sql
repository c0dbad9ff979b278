-- The vendors' own counts of meetings beside what landed of the same source, platform and days; a control, never a part
-- of a figure. Only totals that count each meeting once, where it is organised, are held against landed records, and
-- only against those that nobody outside called. Teams counts meetings that a licensed user organised, calls not among
-- them; Zoom counts meetings the account hosted, also with one person in them, by days that may be UTC. Records are counted
-- as the platform has them, before those of one meeting are merged. A report that lands no meetings itself is held against
-- the one source that lands its platform; a period that crosses a month, and a department's total, against nothing.
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
            order by case when own.source is null then 1 else 0 end, totals.told_by
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
    where organiser_party <> 'external'
    group by 1, 2, 3
),
held as (
    select
        chosen.source,
        chosen.month,
        chosen.platform,
        chosen.period_from,
        chosen.period_to,
        chosen.meetings,
        coalesce(sum(daily.meetings), 0) as landed
    from chosen
    left join daily
        on
            daily.source = chosen.source
            and daily.platform = chosen.platform
            and daily.day between chosen.period_from and chosen.period_to
    group by chosen.source, chosen.month, chosen.platform, chosen.period_from, chosen.period_to, chosen.meetings
)
select
    source,
    month,
    cast(sum(meetings) as bigint) as vendor_meetings,
    cast(sum(landed) as bigint) as landed_meetings
from held
group by source, month
