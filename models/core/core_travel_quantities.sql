-- What each person's journeys come to, fact by fact: trips, days, hours, and by the mode of each leg kilometres, emissions
-- and energy; and every krona. A part that is unknown makes the fact unknown, not zero.
with trips as (
    select
        trip.month,
        trip.person_key,
        trip.department,
        trip.person_group,
        trip.length,
        trip.mode,
        trip.trip_class,
        trip.statutory_category,
        cast(trip.trips as decimal(18, 6)) as trips,
        cast(trip.days * trip.trips as decimal(18, 6)) as days,
        cast(hours.hours * trip.trips as decimal(18, 6)) as hours,
        cast(hours.evening_hours * trip.trips as decimal(18, 6)) as evening_hours
    from core_trips as trip
    left join core_trip_hours as hours
        on hours.file_sha256 = trip.file_sha256 and hours.row_number = trip.row_number
),
-- kilometres and emissions belong to the mode of each leg
legs as (
    select
        trip.month,
        trip.person_key,
        trip.department,
        trip.person_group,
        trip.length,
        segment.mode,
        trip.trip_class,
        segment.statutory_category,
        cast(segment.distance_km as decimal(18, 6)) as distance_km,
        -- counted with the vehicle's fuel: known, and nothing to add
        cast(case when footprint.is_by_fuel then 0 else footprint.co2_kg end as decimal(18, 6)) as co2_kg,
        cast(case when footprint.is_by_fuel then 0 else footprint.co2e_kg end as decimal(18, 6)) as co2e_kg,
        cast(case when footprint.is_by_fuel then 0 else footprint.energy_kwh end as decimal(18, 6)) as energy_kwh
    from core_trip_legs as leg
    inner join core_trips as trip
        on trip.file_sha256 = leg.trip_file_sha256 and trip.row_number = leg.trip_row_number
    inner join core_segments as segment
        on segment.file_sha256 = leg.file_sha256 and segment.row_number = leg.row_number
    inner join core_trip_footprint as footprint
        on footprint.file_sha256 = leg.file_sha256 and footprint.row_number = leg.row_number
),
travel as (
    select
        'trips' as quantity, month, person_key, department, person_group, length, mode, trip_class, statutory_category,
        trips as amount
    from trips where trips > 0
    union all
    select
        'trips_replaceable', month, person_key, department, person_group, length, mode, trip_class,
        cast(null as varchar), trips
    from trips where trips > 0 and trip_class <> 'service'
    union all
    select
        'travel_days', month, person_key, department, person_group, length, mode, trip_class, cast(null as varchar), days
    from trips where trips > 0
    union all
    select
        'travel_hours', month, person_key, department, person_group, length, mode, trip_class, cast(null as varchar), hours
    from trips where trips > 0
    union all
    select
        'evening_hours', month, person_key, department, person_group, length, mode, trip_class, cast(null as varchar),
        evening_hours
    from trips where trips > 0 and (evening_hours > 0 or evening_hours is null)
    union all
    select
        'distance_km', month, person_key, department, person_group, length, mode, trip_class, statutory_category,
        distance_km
    from legs
    union all
    select
        'co2_kg', month, person_key, department, person_group, length, mode, trip_class, statutory_category, co2_kg
    from legs
    union all
    select
        'co2e_kg', month, person_key, department, person_group, length, mode, trip_class, cast(null as varchar), co2e_kg
    from legs
    union all
    select
        'energy_kwh', month, person_key, department, person_group, length, mode, trip_class, cast(null as varchar),
        energy_kwh
    from legs
    union all
    select
        'energy_kwh', month, cast(null as varchar), department, 'unknown', 'unknown', mode, 'unknown',
        cast(null as varchar), cast(energy_kwh as decimal(18, 6))
    from core_fuel
    union all
    select
        'co2_kg', month, cast(null as varchar), department, 'unknown', 'unknown', mode, 'unknown', statutory_category,
        cast(co2_kg as decimal(18, 6))
    from core_fuel
    union all
    select
        'co2e_kg', month, cast(null as varchar), department, 'unknown', 'unknown', mode, 'unknown',
        cast(null as varchar), cast(co2e_kg as decimal(18, 6))
    from core_fuel
    union all
    select
        'cost_sek', month, person_key, department, person_group, cast(null as varchar), mode,
        cast(null as varchar), cast(null as varchar), cast(cost_sek as decimal(18, 6))
    from core_travel_costs
)
select
    quantity,
    month,
    person_key,
    department,
    person_group,
    length,
    mode,
    trip_class,
    statutory_category,
    cast(sum(amount) as decimal(18, 6)) as amount,
    cast(count(*) as bigint) as facts,
    cast(count(amount) as bigint) as facts_known
from travel
group by quantity, month, person_key, department, person_group, length, mode, trip_class, statutory_category
