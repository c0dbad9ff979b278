-- Every krona booked, in the month of the journey it belongs to: fees, refunds and hotels follow their booking, and
-- stand in their own month where the booking is unknown; what a cancelled booking cost stands in the month it was for.
with trip_of_row as (
    select
        segment.source,
        segment.booking_ref,
        segment.file_sha256,
        segment.row_number,
        segment.departed_on,
        segment.is_cancelled,
        segment.person_key as own_person,
        segment.mode as own_mode,
        trip.month,
        trip.person_key,
        trip.department,
        trip.person_group,
        trip.mode,
        row_number() over (
            partition by segment.source, segment.booking_ref
            order by
                trip.month is null,
                trip.departed_on,
                segment.departed_on,
                segment.file_sha256,
                segment.row_number
        ) as place
    from core_segments as segment
    left join core_trip_legs as leg on leg.file_sha256 = segment.file_sha256 and leg.row_number = segment.row_number
    left join core_trips as trip
        on trip.file_sha256 = leg.trip_file_sha256 and trip.row_number = leg.trip_row_number
),
booked as (
    select
        segment.source,
        segment.row_means,
        segment.cost_sek,
        segment.department as spelling,
        segment.mode as own_mode,
        segment.person_group as own_group,
        cast(segment.departed_at as date) as booked_on,
        coalesce(alias.person_key, segment.person_key) as own_person,
        coalesce(
            own_trip.month, booking.month, cast(date_trunc('month', booking.departed_on) as date)
        ) as trip_month,
        case when own_trip.month is not null then own_trip.person_key else coalesce(booking.person_key, booking.own_person) end
            as trip_person,
        case when own_trip.month is not null then own_trip.department else booking.department end as trip_department,
        case when own_trip.month is not null then own_trip.person_group else booking.person_group end as trip_group,
        case when own_trip.month is not null then own_trip.mode else coalesce(booking.mode, booking.own_mode) end
            as trip_mode
    from landing_travel_segments as segment
    inner join core_files on core_files.file_sha256 = segment.file_sha256
    left join core_aliases as alias on alias.alias_key = segment.person_key
    left join trip_of_row as own_trip
        on own_trip.file_sha256 = segment.file_sha256 and own_trip.row_number = segment.row_number
    left join trip_of_row as booking
        on booking.source = segment.source and booking.booking_ref = segment.booking_ref and booking.place = 1
    left join core_authorities as authority
        on
            authority.quantity = 'cost'
            and authority.source = segment.source
            and authority.mode = segment.mode
            and authority.vehicle_class = coalesce(segment.vehicle_class, 'any')
            and authority.month = cast(date_trunc('month', segment.departed_at) as date)
    where segment.cost_sek is not null and segment.row_means <> 'private' and coalesce(authority.is_counted, true)
),
placed as (
    select
        booked.*,
        coalesce(trip_month, cast(date_trunc('month', booked_on) as date)) as month,
        coalesce(trip_person, own_person) as person_key
    from booked
)
select
    placed.source,
    placed.month,
    placed.person_key,
    coalesce(placed.trip_department, department.reporting_department) as department,
    coalesce(placed.trip_group, placed.own_group, person.person_group, 'unknown') as person_group,
    coalesce(placed.trip_mode, placed.own_mode) as mode,
    placed.row_means,
    placed.cost_sek
from placed
left join core_people as person
    on
        person.person_key = placed.person_key
        and person.valid_from <= coalesce(placed.booked_on, placed.month)
        and coalesce(placed.booked_on, placed.month) < person.valid_before
left join core_departments as department
    on department.source_value = coalesce(placed.spelling, person.department) and department.month = placed.month
where placed.month is not null
