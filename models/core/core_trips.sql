-- One row per journey from home and back by one person, assembled from its legs; NULL where a part is unknown. Its mode is
-- the one most kilometres were travelled by; one way is half of the way there and back, and all of a way without return.
with legs as (
    select
        leg.trip_file_sha256,
        leg.trip_row_number,
        leg.leg,
        leg.is_closed,
        segment.*,
        mode_order.place as mode_place
    from core_trip_legs as leg
    inner join core_segments as segment
        on segment.file_sha256 = leg.file_sha256 and segment.row_number = leg.row_number
    left join
        (
            values
            ('flight', 1), ('rail', 2), ('ferry', 3), ('bus', 4), ('car', 5), ('taxi', 6), ('public_transport', 7),
            ('machine', 8), ('bicycle', 9), ('other', 10)
        ) as mode_order (mode, place)
        on mode_order.mode = segment.mode
),
-- a journey of one leg has nothing to choose between
several as (
    select legs.*, first_leg.origin_latitude as home_latitude, first_leg.origin_longitude as home_longitude
    from legs
    inner join core_segments as first_leg
        on first_leg.file_sha256 = legs.trip_file_sha256 and first_leg.row_number = legs.trip_row_number
    inner join (select trip_file_sha256, trip_row_number from core_trip_legs where leg = 2) as longer
        on longer.trip_file_sha256 = legs.trip_file_sha256 and longer.trip_row_number = legs.trip_row_number
),
by_mode as (
    select
        *,
        sum(distance_km) over (partition by trip_file_sha256, trip_row_number, mode) as mode_km,
        count(*) over (partition by trip_file_sha256, trip_row_number)
        = count(distance_km) over (partition by trip_file_sha256, trip_row_number) as has_every_km
    from several
),
chosen as (
    select
        file_sha256,
        row_number,
        row_number() over (
            partition by trip_file_sha256, trip_row_number
            -- with a distance missing the longest is not known: the order of modes decides, an unknown one last
            order by
                case when has_every_km then mode_km end desc,
                mode_place nulls last,
                distance_km desc nulls last,
                leg
        ) as main_choice,
        -- the farthest from where it began, near enough to order by
        row_number() over (
            partition by trip_file_sha256, trip_row_number
            order by
                destination_place is null,
                power(destination_latitude - home_latitude, 2)
                + power((destination_longitude - home_longitude) * cos(radians(home_latitude)), 2) desc nulls last,
                leg
        ) as far_choice
    from by_mode
),
ranked as (
    select
        legs.*,
        coalesce(chosen.main_choice, 1) as main_choice,
        coalesce(chosen.far_choice, 1) as far_choice
    from legs
    left join chosen on chosen.file_sha256 = legs.file_sha256 and chosen.row_number = legs.row_number
),
journeys as (
    select
        trip_file_sha256 as file_sha256,
        trip_row_number as row_number,
        max(case when leg = 1 then source end) as source,
        max(case when leg = 1 then person_key end) as person_key,
        max(case when leg = 1 then vehicle_key end) as vehicle_key,
        max(case when leg = 1 then booking_ref end) as booking_ref,
        max(case when leg = 1 then row_means end) in ('segment', 'one_way') as is_from_parts,
        max(travellers) as travellers,
        coalesce(max(case when leg = 1 then department end), min(department)) as department,
        coalesce(max(case when leg = 1 then person_group end), min(person_group)) as person_group,
        max(case when leg = 1 then departed_on end) as departed_on,
        max(returned_on) as returned_on,
        max(arrived_on) as arrived_on,
        bool_or(time_precision = 'month') as is_by_month,
        bool_and(is_closed) as is_closed,
        max(case when main_choice = 1 then mode end) as mode,
        max(case when main_choice = 1 then fuel end) as fuel,
        max(case when main_choice = 1 then cabin end) as cabin,
        max(case when main_choice = 1 then statutory_category end) as statutory_category,
        max(case when leg = 1 then origin_place end) as origin_place,
        max(case when far_choice = 1 then destination_place end) as destination_place,
        -- decimal: the sum does not depend on the order of adding
        cast(sum(cast(distance_km as decimal(18, 6))) as double) as known_km,
        count(*) = count(distance_km) as has_every_km,
        -- what one leg calls a meeting is one, else what one leg calls a service
        min(trip_class) as trip_class,
        count(*) as legs,
        case when count(*) = count(co2_kg_reported) then cast(sum(cast(co2_kg_reported as decimal(18, 6))) as double) end
            as co2_kg_reported
    from ranked
    group by trip_file_sha256, trip_row_number
),
measured as (
    select
        *,
        case when is_from_parts and not is_closed and returned_on is null then known_km else known_km / 2 end
            as known_one_way_km,
        case
            when not is_from_parts then returned_on
            when is_by_month then null
            when is_closed then greatest(arrived_on, coalesce(returned_on, arrived_on))
            else returned_on
        end as ended_on
    from journeys
)
select
    trip.source,
    trip.file_sha256,
    trip.row_number,
    trip.person_key,
    department.reporting_department as department,
    coalesce(trip.person_group, person.person_group, 'unknown') as person_group,
    trip.departed_on,
    cast(date_trunc('month', trip.departed_on) as date) as month,
    trip.ended_on as returned_on,
    trip.mode,
    trip.fuel,
    trip.cabin,
    trip.statutory_category,
    trip.origin_place,
    trip.destination_place,
    case when trip.has_every_km then trip.known_km end as distance_km,
    case when trip.has_every_km then trip.known_one_way_km end as one_way_km,
    case
        -- what is known already makes it long
        when trip.known_one_way_km >= settings_method.long_trip_km then 'long'
        when trip.has_every_km then 'short'
        else 'unknown'
    end as length,
    trip.trip_class,
    trip.booking_ref,
    cast(trip.legs as bigint) as legs,
    -- a shared vehicle without a driver, and single ways of nobody known, give kilometres and emissions, never trips
    cast(
        case
            when trip.person_key is null and trip.vehicle_key is not null then 0
            when trip.person_key is null and trip.booking_ref is null and trip.is_from_parts then 0
            else coalesce(trip.travellers, 1)
        end
        as bigint
    ) as trips,
    case
        when date_diff('day', trip.departed_on, trip.ended_on) between 0 and settings_method.odd_duration_days - 1
            then cast(date_diff('day', trip.departed_on, trip.ended_on) + 1 as bigint)
    end as days,
    coalesce(
        date_diff('day', trip.departed_on, trip.ended_on) not between 0 and settings_method.odd_duration_days - 1, false
    ) as is_odd_duration,
    trip.is_from_parts and trip.person_key is null and trip.booking_ref is null as is_unassembled,
    trip.is_from_parts and trip.ended_on is null and not (trip.person_key is null and trip.booking_ref is null)
        as is_return_missing,
    trip.co2_kg_reported
from measured as trip
cross join settings_method
left join core_people as person
    on
        person.person_key = trip.person_key
        and person.valid_from <= trip.departed_on
        and trip.departed_on < person.valid_before
left join core_departments as department
    on
        department.source_value = coalesce(trip.department, person.department)
        and department.month = cast(date_trunc('month', trip.departed_on) as date)
