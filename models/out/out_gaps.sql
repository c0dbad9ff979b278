-- What the figures do not know, month by month: rows that could not be placed, measured or tied to a factor.
-- Fewer rows than k are said to exist, not counted.
with found as (
    select trip.source, trip.month, 'unknown_mode' as gap, case when trip.mode = 'unknown' then 1 else 0 end as is_gap
    from core_trips as trip
    union all
    select source, month, 'odd_duration', case when is_odd_duration then 1 else 0 end from core_trips
    union all
    select source, month, 'no_distance', case when distance_km is null then 1 else 0 end from core_trips
    union all
    select source, month, 'unknown_department', case when department is null then 1 else 0 end from core_trips
    union all
    select source, month, 'unknown_purpose', case when trip_class = 'unknown' then 1 else 0 end from core_trips
    union all
    select trip.source, trip.month, 'no_factor', case when footprint.co2e_kg is null then 1 else 0 end
    from core_trips as trip
    inner join core_trip_footprint as footprint
        on footprint.file_sha256 = trip.file_sha256 and footprint.row_number = trip.row_number
    union all
    select
        segment.source,
        cast(date_trunc('month', cast(segment.departed_at as date)) as date),
        'not_assembled',
        case when segment.row_means in ('segment', 'one_way') then 1 else 0 end
    from landing_travel_segments as segment
    inner join core_files on core_files.file_sha256 = segment.file_sha256
    where segment.departed_at is not null and segment.row_means in ('segment', 'one_way', 'round_trip', 'day_total')
    union all
    select source, month, 'assumed_web', case when is_modality_assumed then 1 else 0 end from core_meetings
    union all
    select source, month, 'unknown_participants', case when people is null then 1 else 0 end from core_meetings
    union all
    select 'staff', calendar.month, 'no_staff', case when denominators.denominator is null then 1 else 0 end
    from ref_calendar as calendar
    inner join core_periods as period on period.period_kind = 'month' and period.month = calendar.month
    left join core_denominators as denominators
        on denominators.month = calendar.month and denominators.department = 'all' and denominators.person_group = 'all'
),
summed as (
    select
        source,
        month,
        gap,
        cast(sum(is_gap) as bigint) as gap_rows,
        cast(sum(is_gap) as double) / count(*) as share
    from found
    group by source, month, gap
    having sum(is_gap) > 0
)
select
    settings_method.organisation,
    summed.source,
    summed.month,
    summed.gap,
    case when summed.gap = 'no_staff' or summed.gap_rows >= settings_method.k then summed.gap_rows end as rows,
    case when summed.gap = 'no_staff' or summed.gap_rows >= settings_method.k then summed.share end as share,
    case when summed.gap <> 'no_staff' and summed.gap_rows < settings_method.k then 'too_few_people' end as reason
from summed
cross join settings_method
inner join core_periods as period on period.period_kind = 'month' and period.month = summed.month
