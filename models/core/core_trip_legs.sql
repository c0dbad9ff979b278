-- Which rows make one journey. A row there and back is one; single ways of a person, or of a booking where no person is
-- known, follow each other until one reaches home (the town of the person's site, or the first origin), the next
-- leaves from home, or the next starts too many days later. A row without places, or within one town, belongs to the
-- rows of its day or its booking; a taxi or public transport during a journey there and back belongs to that.
with segments as (
    select
        *,
        -- several people on one booking that names none of them: the same way once for each
        row_number() over (
            partition by source, booking_ref, departed_at, origin_locality, destination_locality, mode
            order by file_sha256, row_number
        ) as companion,
        coalesce(origin_locality <> destination_locality, false) as has_places
    from core_segments
    where not is_cancelled
),
whole as (
    select * from segments where row_means in ('round_trip', 'day_total')
),
local_rides as (
    select
        ride.file_sha256,
        ride.row_number,
        journey.file_sha256 as trip_file_sha256,
        journey.row_number as trip_row_number,
        row_number() over (
            partition by ride.file_sha256, ride.row_number
            order by journey.departed_on desc, journey.file_sha256, journey.row_number
        ) as choice
    from segments as ride
    cross join settings_method
    inner join whole as journey
        on
            journey.person_key = ride.person_key
            and journey.departed_on <= ride.departed_on
            and ride.departed_on <= coalesce(journey.returned_on, journey.departed_on)
            and date_diff('day', journey.departed_on, ride.departed_on) < settings_method.odd_duration_days
    where ride.row_means in ('segment', 'one_way') and ride.mode in ('taxi', 'public_transport')
),
parts as (
    select
        segments.*,
        case
            when segments.person_key is not null then 'person ' || segments.person_key
            when segments.booking_ref is not null
                then
                    'booking ' || segments.source || ' ' || segments.booking_ref
                    || case when has_places then ' ' || cast(companion as varchar) else '' end
            else 'row ' || segments.file_sha256 || ' ' || cast(segments.row_number as varchar)
        end
        -- rows of which only the month is known are in no order of their own
        || case
            when segments.time_precision = 'month'
                then
                    ' ' || coalesce(
                        segments.booking_ref, segments.file_sha256 || ' ' || cast(segments.row_number as varchar)
                    )
            else ''
        end as traveller
    from segments
    left join local_rides
        on
            local_rides.file_sha256 = segments.file_sha256
            and local_rides.row_number = segments.row_number
            and local_rides.choice = 1
    where segments.row_means in ('segment', 'one_way') and local_rides.file_sha256 is null
),
ordered as (
    select
        *,
        row_number() over (partition by traveller order by departed_at, arrived_on, file_sha256, row_number) as place,
        lag(arrived_on) over (partition by traveller order by departed_at, arrived_on, file_sha256, row_number)
            as previous_on,
        lag(booking_ref) over (partition by traveller order by departed_at, arrived_on, file_sha256, row_number)
            as previous_booking,
        lag(has_places) over (partition by traveller order by departed_at, arrived_on, file_sha256, row_number)
            as previous_has_places
    from parts
),
timed as (
    select
        ordered.*,
        -- a row that follows soon is of the stretch of the row before
        place - count(
            case when date_diff('day', previous_on, departed_on) <= settings_method.longest_stay_days then place end
        ) over (partition by traveller order by place rows between unbounded preceding and current row) as stretch
    from ordered
    cross join settings_method
),
started as (
    select
        *,
        lag(destination_locality) over (partition by traveller, stretch, has_places order by place) as previous_destination,
        min(case when has_places then place end) over (partition by traveller, stretch) as first_place,
        min(place) over (partition by traveller, stretch) as stretch_start,
        count(case when has_places then place end) over (partition by traveller, stretch) as ways_in_all,
        count(case when has_places then place end) over (
            partition by traveller, stretch order by place rows between unbounded preceding and current row
        ) as ways_so_far
    from timed
),
homed as (
    select
        *,
        max(case when place = first_place then origin_locality end) over (partition by traveller, stretch)
            as first_locality,
        max(case when has_places then destination_locality end) over (partition by traveller, stretch, ways_so_far)
            as whereabouts,
        departed_on <= previous_on or booking_ref = previous_booking as is_close
    from started
),
located as (
    select *, coalesce(whereabouts = home_locality or whereabouts = first_locality, false) as is_at_home
    from homed
),
broken as (
    select
        *,
        case
            when place = stretch_start then true
            when (not has_places or not previous_has_places) and is_close then false
            -- on the way: away from home, and travelling on later
            when not has_places then is_at_home or ways_so_far not between 1 and ways_in_all - 1
            else
                coalesce(
                    place = first_place
                    or previous_destination = home_locality or previous_destination = first_locality
                    or origin_locality = home_locality or origin_locality = first_locality,
                    false
                )
        end as starts_trip
    from located
),
numbered as (
    select
        *,
        count(case when starts_trip then place end) over (
            partition by traveller order by place rows between unbounded preceding and current row
        ) as trip_number
    from broken
),
assembled as (
    select
        *,
        row_number() over (partition by traveller, trip_number order by place) as leg,
        max(case when has_places then place end) over (partition by traveller, trip_number) as last_way
    from numbered
),
keyed as (
    select
        *,
        max(case when leg = 1 then file_sha256 end) over (partition by traveller, trip_number) as trip_file_sha256,
        max(case when leg = 1 then row_number end) over (partition by traveller, trip_number) as trip_row_number,
        -- one way that ends at home has its way out missing
        bool_or(has_places and place = last_way and is_at_home) over (partition by traveller, trip_number)
        and count(case when has_places then place end) over (partition by traveller, trip_number) > 1 as is_closed
    from assembled
)
select
    file_sha256, row_number, file_sha256 as trip_file_sha256, row_number as trip_row_number,
    cast(1 as bigint) as leg, true as is_closed
from whole
union all
select file_sha256, row_number, trip_file_sha256, trip_row_number, cast(leg as bigint), is_closed
from keyed
union all
select
    file_sha256, row_number, trip_file_sha256, trip_row_number,
    cast(
        1 + row_number() over (partition by trip_file_sha256, trip_row_number order by file_sha256, row_number) as bigint
    ),
    true
from local_rides
where choice = 1
