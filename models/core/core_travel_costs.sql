-- Every krona booked, in the month of the journey it belongs to: fees, refunds and hotels follow their booking, and
-- stand in their own month where the booking is unknown.
with bookings as (
    select
        source,
        booking_ref,
        month,
        person_key,
        department,
        person_group,
        mode,
        row_number() over (partition by source, booking_ref order by departed_on, file_sha256, row_number) as place
    from core_trips
    where booking_ref is not null
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
        booking.month as trip_month,
        booking.person_key as trip_person,
        booking.department as trip_department,
        booking.person_group as trip_group,
        booking.mode as trip_mode
    from landing_travel_segments as segment
    inner join core_files on core_files.file_sha256 = segment.file_sha256
    left join core_aliases as alias on alias.alias_key = segment.person_key
    left join bookings as booking
        on booking.source = segment.source and booking.booking_ref = segment.booking_ref and booking.place = 1
    where segment.cost_sek is not null and segment.row_means <> 'private'
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
