-- What the figures do not know, month by month: rows that could not be placed, measured or tied to a factor.
-- Rows of fewer than k people, and rows that are a withheld figure, are said to exist, not counted.
with legs as (
    select
        segment.source,
        trip.month,
        trip.person_key,
        segment.distance_km,
        footprint.co2e_kg
    from core_trip_legs as leg
    inner join core_trips as trip
        on trip.file_sha256 = leg.trip_file_sha256 and trip.row_number = leg.trip_row_number
    inner join core_segments as segment
        on segment.file_sha256 = leg.file_sha256 and segment.row_number = leg.row_number
    inner join core_trip_footprint as footprint
        on footprint.file_sha256 = leg.file_sha256 and footprint.row_number = leg.row_number
),
found as (
    select source, month, person_key, 'unknown_mode' as gap, case when mode = 'unknown' then 1 else 0 end as is_gap
    from core_trips
    union all
    select source, month, person_key, 'odd_duration', case when is_odd_duration then 1 else 0 end from core_trips
    union all
    select source, month, person_key, 'unknown_department', case when department is null then 1 else 0 end
    from core_trips
    union all
    select source, month, person_key, 'unknown_purpose', case when trip_class = 'unknown' then 1 else 0 end
    from core_trips
    union all
    select source, month, person_key, 'not_assembled', case when is_unassembled then 1 else 0 end from core_trips
    union all
    select source, month, person_key, 'missing_return', case when is_return_missing then 1 else 0 end from core_trips
    union all
    select source, month, person_key, 'no_distance', case when distance_km is null then 1 else 0 end from legs
    union all
    select source, month, person_key, 'no_factor', case when co2e_kg is null then 1 else 0 end from legs
    union all
    select source, month, organiser_key, 'assumed_web', case when is_modality_assumed then 1 else 0 end
    from core_meetings
    union all
    select source, month, organiser_key, 'unknown_participants', case when people is null then 1 else 0 end
    from core_meetings
    union all
    select
        'staff', calendar.month, cast(null as varchar), 'no_staff',
        case when denominators.denominator is null then 1 else 0 end
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
        cast(sum(is_gap) as double) / count(*) as share,
        count(distinct case when is_gap = 1 then person_key end) as people,
        sum(case when is_gap = 1 and person_key is null then 1 else 0 end) as rows_of_no_one
    from found
    group by source, month, gap
    having sum(is_gap) > 0
),
-- gaps that are figures of their own, by quarter and year: where one of them is withheld its months may not add up to it
figures as (
    select
        calendar.month,
        cell.dimension,
        bool_or(cell.period_kind = 'quarter') as has_quarter,
        bool_or(cell.is_withheld) as is_withheld
    from core_disclosure as cell
    inner join ref_calendar as calendar
        on
            calendar.month between case
                when cell.period_kind = 'quarter' then date_trunc('quarter', cell.period_end)
                else date_trunc('year', cell.period_end)
            end
            and cell.period_end
    where
        cell.period_kind in ('quarter', 'year')
        and cell.quantity = 'trips'
        and cell.dimension in ('mode', 'trip_class')
        and cell.dimension_value = 'unknown'
        and cell.department = 'all'
        and cell.person_group = 'all'
    group by calendar.month, cell.dimension
),
judged as (
    select
        summed.*,
        case
            when summed.gap = 'no_staff' then true
            when summed.people < settings_method.k and summed.rows_of_no_one < settings_method.k then false
            -- a month waits for its quarter, which decides
            when summed.gap in ('unknown_mode', 'unknown_purpose')
                then figures.has_quarter and not figures.is_withheld
            else true
        end as is_shown
    from summed
    cross join settings_method
    left join figures
        on
            figures.month = summed.month
            and figures.dimension = case summed.gap when 'unknown_mode' then 'mode' when 'unknown_purpose' then 'trip_class' end
)
select
    settings_method.organisation,
    judged.source,
    judged.month,
    judged.gap,
    case when judged.is_shown then judged.gap_rows end as rows,
    case when judged.is_shown then judged.share end as share,
    case when not coalesce(judged.is_shown, false) then 'too_few_people' end as reason
from judged
cross join settings_method
inner join core_periods as period on period.period_kind = 'month' and period.month = judged.month
