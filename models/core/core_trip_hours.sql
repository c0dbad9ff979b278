-- Hours under way on each journey, and how many of them in the evening and at night: from when its legs left to when they
-- arrived, by the clock of the place. Only legs of which both times are known to the minute have hours, and no leg has more
-- than two days; a journey has them when all of its legs do. Time spent at the destination is not under way.
with timed as (
    select
        leg.trip_file_sha256,
        leg.trip_row_number,
        segment.departed_at,
        segment.arrived_at,
        case
            when
                segment.time_precision = 'minute'
                and segment.arrived_at > segment.departed_at
                and date_diff('second', segment.departed_at, segment.arrived_at) <= 2 * 86400
                then cast(date_diff('second', segment.departed_at, segment.arrived_at) as double) / 3600
        end as hours
    from core_trip_legs as leg
    inner join landing_travel_segments as segment
        on segment.file_sha256 = leg.file_sha256 and segment.row_number = leg.row_number
),
-- the evening that began the day before the leg left, and those of the days it touches
nights as (
    select
        timed.trip_file_sha256,
        timed.trip_row_number,
        timed.hours,
        sum(
            greatest(
                cast(
                    date_diff(
                        'second',
                        greatest(
                            timed.departed_at,
                            cast(cast(timed.departed_at as date) + offsets.days * interval 1 day as timestamp)
                            + settings_method.evening_from * interval 1 hour
                        ),
                        least(
                            timed.arrived_at,
                            cast(cast(timed.departed_at as date) + (offsets.days + 1) * interval 1 day as timestamp)
                            + settings_method.evening_to * interval 1 hour
                        )
                    ) as double
                ) / 3600,
                0
            )
        ) as evening_hours
    from timed
    cross join settings_method
    cross join (values (-1), (0), (1), (2)) as offsets (days)
    where timed.hours is not null
    group by
        timed.trip_file_sha256, timed.trip_row_number, timed.hours, timed.departed_at, timed.arrived_at
),
legs as (
    select trip_file_sha256, trip_row_number, count(*) as legs, count(hours) as legs_timed, sum(hours) as hours
    from timed
    group by trip_file_sha256, trip_row_number
),
evenings as (
    select trip_file_sha256, trip_row_number, sum(evening_hours) as evening_hours
    from nights
    group by trip_file_sha256, trip_row_number
)
select
    legs.trip_file_sha256 as file_sha256,
    legs.trip_row_number as row_number,
    cast(legs.legs as bigint) as legs,
    cast(legs.legs_timed as bigint) as legs_timed,
    case when legs.legs = legs.legs_timed then legs.hours end as hours,
    case when legs.legs = legs.legs_timed then evenings.evening_hours end as evening_hours
from legs
left join evenings
    on evenings.trip_file_sha256 = legs.trip_file_sha256 and evenings.trip_row_number = legs.trip_row_number
