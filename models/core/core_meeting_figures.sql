-- What is no sum: the median length of meetings, how many other organisations were met, and how many video rooms stood
-- empty. Lengths are counted in whole seconds; a median of too few known ones is none.
with shown as (
    select period_kind, period_end, min(month) as first_month, max(month) as last_month
    from core_periods
    where period_kind <> 'baseline'
    group by period_kind, period_end
),
lengths as (
    select
        meeting.month,
        department.reporting_department as department,
        cast(round(meeting.minutes * 60) as bigint) as seconds,
        count(*) as meetings
    from core_meetings as meeting
    left join core_people as person
        on
            person.person_key = meeting.organiser_key
            and person.valid_from <= meeting.started_on
            and meeting.started_on < person.valid_before
    left join core_departments as department
        on department.source_value = person.department and department.month = meeting.month
    where meeting.is_digital and meeting.organiser_party = 'internal' and meeting.minutes is not null
    group by meeting.month, department.reporting_department, cast(round(meeting.minutes * 60) as bigint)
),
leveled as (
    select month, 'all' as department, seconds, meetings from lengths
    union all
    select month, department, seconds, meetings from lengths where department is not null
),
histogram as (
    select
        period.period_kind, period.period_end, leveled.department, leveled.seconds, sum(leveled.meetings) as meetings
    from leveled
    inner join core_periods as period on period.month = leveled.month
    where leveled.department = 'all' or period.period_kind in ('quarter', 'year')
    group by period.period_kind, period.period_end, leveled.department, leveled.seconds
),
cumulated as (
    select
        *,
        sum(meetings) over (
            partition by period_kind, period_end, department order by seconds rows unbounded preceding
        ) as up_to,
        sum(meetings) over (partition by period_kind, period_end, department) as all_meetings
    from histogram
),
medians as (
    select
        period_kind,
        period_end,
        department,
        -- the middle one; the mean of both in the middle for an even number
        cast(
            min(case when up_to >= floor((all_meetings + 1) / 2.0) then seconds end)
            + min(case when up_to >= floor((all_meetings + 2) / 2.0) then seconds end)
            as double
        ) / 120 as minutes
    from cumulated
    group by period_kind, period_end, department
),
met as (
    select distinct meeting.month, participation.party_org_key
    from core_meetings as meeting
    inner join core_participations as participation on participation.meeting_number = meeting.meeting_number
    where
        meeting.is_digital
        and meeting.internal_people >= 1
        and participation.is_external
        and participation.party_org_key is not null
),
organisations as (
    select period.period_kind, period.period_end, count(distinct met.party_org_key) as organisations
    from met
    inner join core_periods as period on period.month = met.month
    group by period.period_kind, period.period_end
),
-- what a directory says of a room holds until it says something else, and its first word for the time before
rooms as (
    select
        room_key,
        has_video,
        valid_from,
        valid_to,
        case
            when lag(observed_on) over (partition by room_key order by observed_on, source) is null then date '1900-01-01'
            else observed_on
        end as said_from,
        coalesce(lead(observed_on) over (partition by room_key order by observed_on, source), date '9999-12-31')
            as said_before
    from landing_rooms
),
used as (
    select distinct period.period_kind, period.period_end, room.participant_key as room_key
    from core_meetings as meeting
    inner join core_participations as participation on participation.meeting_number = meeting.meeting_number
    inner join core_participants as room on room.participant_number = participation.participant_number and room.is_room
    inner join core_periods as period on period.month = meeting.month
    where meeting.is_digital
),
room_counts as (
    select
        shown.period_kind,
        shown.period_end,
        count(rooms.room_key) as rooms,
        sum(case when rooms.room_key is not null and used.room_key is null then 1 else 0 end) as unused
    from shown
    left join rooms
        on
            rooms.has_video
            and rooms.said_from <= shown.period_end
            and shown.period_end < rooms.said_before
            and coalesce(rooms.valid_from, shown.period_end) <= shown.period_end
            and coalesce(rooms.valid_to, shown.period_end) >= shown.first_month
    left join used
        on
            used.room_key = rooms.room_key
            and used.period_kind = shown.period_kind
            and used.period_end = shown.period_end
    group by shown.period_kind, shown.period_end
),
found as (
    select
        cell.period_kind, cell.period_end, cell.department, 'meeting_length' as indicator, 'median_min' as measure,
        medians.minutes as value, cast(null as double) as numerator, cast(null as double) as denominator,
        cell.known_share, cell.people,
        case
            when cell.is_withheld then 'too_few_people'
            when cell.known_share < settings_method.published_share then 'incomplete'
            when medians.minutes is null then 'nothing_counted'
        end as reason
    from core_disclosure as cell
    cross join settings_method
    left join medians
        on
            medians.period_kind = cell.period_kind
            and medians.period_end = cell.period_end
            and medians.department = cell.department
    where cell.quantity = 'meetings_timed' and cell.dimension = 'all' and cell.person_group = 'all'
    union all
    select
        cell.period_kind, cell.period_end, 'all', 'external_reach', 'organisations',
        cast(coalesce(organisations.organisations, 0) as double), cast(coalesce(organisations.organisations, 0) as double),
        null, cell.known_share, cell.people, case when cell.is_withheld then 'too_few_people' end
    from core_disclosure as cell
    left join organisations
        on organisations.period_kind = cell.period_kind and organisations.period_end = cell.period_end
    where
        cell.quantity = 'meetings_attended_spanning'
        and cell.dimension = 'all'
        and cell.person_group = 'all'
        and cell.department = 'all'
    union all
    -- a room is nobody's
    select
        period_kind, period_end, 'all', 'room_use', 'unused_rooms', cast(unused as double), cast(unused as double),
        cast(rooms as double), 1, cast(null as bigint), case when rooms = 0 then 'no_rooms' end
    from room_counts
)
select
    found.period_kind,
    found.period_end,
    found.department,
    'all' as person_group,
    'none' as baseline,
    found.indicator,
    found.measure,
    'all' as dimension_1,
    'all' as value_1,
    'all' as dimension_2,
    'all' as value_2,
    found.value,
    cast(null as double) as low,
    cast(null as double) as high,
    found.numerator,
    found.denominator,
    measure.unit,
    cast(found.known_share as double) as known_share,
    found.people,
    case when not coverage.is_covered then 'source_missing' else found.reason end as reason
from found
inner join shown on shown.period_kind = found.period_kind and shown.period_end = found.period_end
inner join ref_indicators as measure on measure.indicator = found.indicator and measure.measure = found.measure
inner join core_period_coverage as coverage
    on
        coverage.kind = 'meetings'
        and coverage.period_kind = found.period_kind
        and coverage.period_end = found.period_end
where found.department = 'all' or found.period_kind in ('quarter', 'year')
