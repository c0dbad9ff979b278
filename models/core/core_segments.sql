-- One row per row of a travel file in which somebody travelled, with places resolved and distances filled in. A given
-- distance is kept; else the great circle between the places, times 1.2 by rail and 1.3 by road; an unknown place gives
-- none. A booking that was cancelled, or whose tickets were repaid whole, was not travelled.
with rows_that_count as (
    select
        segment.*,
        coalesce(alias.person_key, segment.person_key) as traveller_key,
        cast(segment.departed_at as date) as departed_on,
        segment.row_means in ('segment', 'one_way', 'round_trip', 'day_total') as is_way,
        -- a route written as one pair of airport codes
        regexp_matches(upper(trim(coalesce(segment.origin_place, segment.destination_place))), '^[A-Z]{3}[-–/][A-Z]{3}$')
        and coalesce(segment.origin_place, segment.destination_place)
        = coalesce(segment.destination_place, segment.origin_place) as is_pair
    from landing_travel_segments as segment
    inner join core_files on core_files.file_sha256 = segment.file_sha256
    left join core_aliases as alias on alias.alias_key = segment.person_key
    left join core_authorities as authority
        on
            authority.quantity = 'trips'
            and authority.source = segment.source
            and authority.mode = segment.mode
            and authority.vehicle_class = coalesce(segment.vehicle_class, 'any')
            and authority.month = cast(date_trunc('month', segment.departed_at) as date)
    where coalesce(authority.is_counted, true)
),
accounts as (
    select
        source,
        booking_ref,
        traveller_key,
        bool_or(row_means = 'cancellation') as is_cancelled,
        sum(case when is_way then greatest(cost_sek, 0) end) as tickets,
        sum(case when is_way then least(cost_sek, 0) when row_means in ('refund', 'cancellation') then cost_sek end)
            as repaid
    from rows_that_count
    where booking_ref is not null
    group by source, booking_ref, traveller_key
),
bookings as (
    select
        source,
        booking_ref,
        bool_or(traveller_key is null and is_cancelled) as is_cancelled,
        sum(tickets) as tickets,
        sum(repaid) as repaid
    from accounts
    group by source, booking_ref
),
travelled as (
    select
        row_of_trip.*,
        case when is_pair then left(upper(trim(coalesce(origin_place, destination_place))), 3) else origin_place end
            as origin_spelling,
        case when is_pair then right(upper(trim(coalesce(origin_place, destination_place))), 3) else destination_place end
            as destination_spelling,
        coalesce(row_of_trip.cost_sek < 0, false)
        or coalesce(own.is_cancelled or bookings.is_cancelled, false)
        or coalesce(own.tickets > 0 and own.tickets + own.repaid <= 0, false)
        or coalesce(bookings.tickets > 0 and bookings.tickets + bookings.repaid <= 0, false) as is_cancelled
    from rows_that_count as row_of_trip
    left join bookings
        on bookings.source = row_of_trip.source and bookings.booking_ref = row_of_trip.booking_ref
    left join accounts as own
        on
            own.source = row_of_trip.source
            and own.booking_ref = row_of_trip.booking_ref
            and own.traveller_key = row_of_trip.traveller_key
    where row_of_trip.is_way and row_of_trip.departed_at is not null
),
placed as (
    select
        travelled.*,
        origin.locality as origin_locality,
        destination.locality as destination_locality,
        origin.latitude as origin_latitude,
        origin.longitude as origin_longitude,
        destination.latitude as destination_latitude,
        destination.longitude as destination_longitude,
        home.locality as home_locality,
        coalesce(by_vehicle.trip_class, by_department.trip_class) as class_in_settings,
        case
            -- within one town nothing is known of how far it was
            when origin.locality <> destination.locality
                then
                    2 * 6371.0 * asin(
                        sqrt(
                            power(sin(radians(destination.latitude - origin.latitude) / 2), 2)
                            + cos(radians(origin.latitude)) * cos(radians(destination.latitude))
                            * power(sin(radians(destination.longitude - origin.longitude) / 2), 2)
                        )
                    )
        end as great_circle
    from travelled
    left join core_spellings as origin on origin.spelling = travelled.origin_spelling
    left join core_spellings as destination on destination.spelling = travelled.destination_spelling
    left join core_people as person
        on
            person.person_key = travelled.traveller_key
            and person.valid_from <= travelled.departed_on
            and travelled.departed_on < person.valid_before
    left join core_spellings as home on home.spelling = person.site
    left join core_departments as department
        on
            department.source_value = coalesce(travelled.department, person.department)
            and department.month = cast(date_trunc('month', travelled.departed_on) as date)
    left join settings_trip_classes as by_vehicle
        on by_vehicle.rule = 'vehicle_class' and by_vehicle.rule_value = travelled.vehicle_class
    left join settings_trip_classes as by_department
        on by_department.rule = 'department' and by_department.rule_value = department.department
),
measured as (
    select
        *,
        -- positions are good to about a kilometre, so that no more is said
        case when row_means = 'round_trip' then 2 else 1 end * round(
            case
                when row_means = 'day_total' then null
                when mode = 'flight' then great_circle
                when mode = 'rail' then great_circle * 1.2
                when mode in ('car', 'taxi', 'bus', 'bicycle') then great_circle * 1.3
            end
        ) as filled_km
    from placed
),
sized as (
    select
        *,
        case when row_means in ('round_trip', 'day_total') then 2 else 1 end as ways,
        coalesce(distance_km, filled_km) as known_km
    from measured
)
select
    source,
    file_sha256,
    row_number,
    row_means,
    booking_ref,
    traveller_key as person_key,
    vehicle_key,
    travellers,
    department,
    person_group,
    departed_at,
    departed_on,
    coalesce(cast(arrived_at as date), departed_on) as arrived_on,
    cast(returned_at as date) as returned_on,
    time_precision,
    mode,
    coalesce(fuel, 'unknown') as fuel,
    coalesce(cabin, 'unknown') as cabin,
    origin_spelling as origin_place,
    destination_spelling as destination_place,
    origin_locality,
    destination_locality,
    origin_latitude,
    origin_longitude,
    destination_latitude,
    destination_longitude,
    home_locality,
    known_km as distance_km,
    case when ways = 2 then known_km / 2 else known_km end as one_way_km,
    cast(ways as bigint) as ways,
    case when distance_km is not null then 'given' when filled_km is not null then 'places' end as distance_basis,
    case
        when mode = 'flight' and known_km is null then 'flight_unknown'
        -- 50 mil one way, as the ordinance on environmental management has it
        when mode = 'flight' and known_km < 500 * ways then 'flight_short'
        when mode = 'flight' then 'flight_long'
        when mode in ('car', 'taxi') then 'car'
        when mode = 'rail' then 'train'
        when mode in ('bus', 'ferry', 'unknown') then mode
        else 'machine_other'
    end as statutory_category,
    -- what the row says itself, by its profile, wins over what settings say of its vehicle or its department
    case when trip_class = 'unknown' then coalesce(class_in_settings, trip_class) else trip_class end as trip_class,
    vehicle_class,
    co2_kg_reported,
    is_cancelled
from sized
