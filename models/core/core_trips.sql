-- One row per journey there and back. Rows that hold only a part of a journey are not counted here yet; they are listed
-- among the gaps as not assembled.
with rows_that_count as (
    select
        segment.source,
        segment.file_sha256,
        segment.row_number,
        coalesce(alias.person_key, segment.person_key) as person_key,
        segment.vehicle_key,
        segment.travellers,
        segment.department,
        segment.person_group,
        cast(segment.departed_at as date) as departed_on,
        cast(segment.returned_at as date) as returned_on,
        segment.mode,
        coalesce(segment.fuel, 'unknown') as fuel,
        coalesce(segment.cabin, 'unknown') as cabin,
        segment.origin_place,
        segment.destination_place,
        segment.distance_km,
        segment.trip_class,
        segment.booking_ref,
        segment.co2_kg_reported
    from landing_travel_segments as segment
    inner join core_files on core_files.file_sha256 = segment.file_sha256
    left join core_aliases as alias on alias.alias_key = segment.person_key
    where segment.row_means in ('round_trip', 'day_total') and segment.departed_at is not null
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
    trip.mode,
    trip.fuel,
    trip.cabin,
    trip.origin_place,
    trip.destination_place,
    trip.distance_km,
    trip.distance_km / 2 as one_way_km,
    case
        when trip.distance_km is null then 'unknown'
        when trip.distance_km / 2 < settings_method.long_trip_km then 'short'
        else 'long'
    end as length,
    trip.trip_class,
    trip.booking_ref,
    -- a shared vehicle without a driver gives kilometres and emissions, never trips
    cast(
        case when trip.person_key is null and trip.vehicle_key is not null then 0 else coalesce(trip.travellers, 1) end
        as bigint
    ) as trips,
    case
        when date_diff('day', trip.departed_on, trip.returned_on) between 0 and settings_method.odd_duration_days - 1
            then cast(date_diff('day', trip.departed_on, trip.returned_on) + 1 as bigint)
    end as days,
    coalesce(
        date_diff('day', trip.departed_on, trip.returned_on) not between 0 and settings_method.odd_duration_days - 1, false
    ) as is_odd_duration,
    trip.co2_kg_reported
from rows_that_count as trip
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
