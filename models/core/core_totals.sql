-- What totals say of months in which a source told no rows, for figures of the whole organisation that are not divided.
-- Never both: where rows of a source landed in a month, or it has spoken for all of it, totals are left alone. They are its
-- own, kept when rows were purged, or those of the source that settings name to stand in for it. Only totals of one whole
-- calendar month count: a year is never spread over its months. A vendor's report is a control and no total, since it also
-- counts meetings of one person; and emissions that somebody else reckoned are not compared with ours.
with told as (
    select
        'meetings' as kind, source, period_from, period_to, department, platform as told_of, people,
        case role when 'organised' then 'meetings_organised' else 'meetings_attended' end as quantity,
        cast(meetings as decimal(18, 6)) as amount
    from landing_meeting_totals
    where basis in ('manual', 'purged') and role <> 'unknown'
    union all
    select
        'meetings', source, period_from, period_to, department, platform, people, 'attended_hours',
        cast(person_minutes / 60 as decimal(18, 6))
    from landing_meeting_totals
    where basis in ('manual', 'purged') and role = 'attended'
    union all
    select
        'travel', travelled.source, travelled.period_from, travelled.period_to, travelled.department, travelled.mode,
        travelled.people, measures.quantity,
        cast(
            case measures.quantity
                when 'travel_days' then travelled.days
                when 'distance_km' then travelled.distance_km
                when 'cost_sek' then travelled.cost_sek
                when 'co2_kg' then case when travelled.basis = 'purged' then travelled.co2_kg end
                when 'trips_replaceable' then case when travelled.trip_class = 'service' then 0 else travelled.trips end
                else travelled.trips
            end as decimal(18, 6)
        )
    from landing_travel_totals as travelled
    cross join ref_totals as measures
    where travelled.basis in ('manual', 'purged') and measures.kind = 'travel'
),
-- a total of everybody stands before those of departments, which are parts of it
ranked as (
    select
        told.*,
        calendar.month,
        bool_or(told.department is null) over (
            partition by told.kind, told.source, calendar.month, told.quantity, told.told_of
        ) as has_whole
    from told
    inner join ref_calendar as calendar on calendar.month = told.period_from and calendar.month_end = told.period_to
),
totals as (
    select
        kind,
        source,
        month,
        quantity,
        case when count(*) = count(amount) then sum(amount) end as amount,
        -- who is counted by several totals may be the same people
        max(people) as people
    from ranked
    where not has_whole or department is null
    group by kind, source, month, quantity
),
spoken as (
    select 'meetings' as kind, source, cast(date_trunc('month', record_started_on) as date) as month
    from core_meeting_records
    union
    select 'travel', source, cast(date_trunc('month', departed_at) as date)
    from landing_travel_segments
    where departed_at is not null
    union
    select expected.kind, expected.source, calendar.month
    from settings_sources as expected
    inner join core_known_spans as known on known.source = expected.source
    inner join ref_calendar as calendar
        on
            cast(calendar.month as timestamp) >= known.known_from
            and cast(calendar.next_month as timestamp) <= known.known_to
),
filling as (
    select
        expected.source,
        totals.kind,
        totals.month,
        totals.source as told_by,
        row_number() over (
            partition by expected.source, totals.kind, totals.month
            order by totals.source <> expected.source
        ) as choice
    from settings_sources as expected
    inner join (select distinct kind, source, month from totals) as totals
        on
            totals.kind = expected.kind
            and (totals.source = expected.source or totals.source = expected.filled_by)
            and totals.month >= coalesce(expected.expected_from, totals.month)
            and totals.month <= coalesce(expected.expected_to, totals.month)
    left join spoken
        on spoken.kind = expected.kind and spoken.source = expected.source and spoken.month = totals.month
    where spoken.month is null
)
select
    filling.source,
    filling.kind,
    filling.month,
    totals.quantity,
    filling.told_by,
    totals.amount,
    totals.people
from filling
inner join totals
    on totals.kind = filling.kind and totals.source = filling.told_by and totals.month = filling.month
where filling.choice = 1
