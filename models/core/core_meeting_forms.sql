-- One row per meeting as people met: digital, hybrid, physical or unknown. Digital meetings that were held, and room bookings
-- without an online part that was held; a booking is what was booked, not what was observed. A digital meeting is hybrid if at
-- least two people sat in one room, counted by the room system or invited to a booked room, and somebody else joined from
-- elsewhere. Where calendars or meeting logs do not cover the month, no form is known: without calendars a hybrid meeting looks
-- like a digital one, without logs like a physical one.
with bookings as (
    select
        source,
        event_key,
        starts_at,
        max(ends_at) as ends_at,
        max(invited) as invited,
        max(join_key) as join_key,
        count(distinct room_key) as rooms
    from landing_room_bookings
    where not coalesce(is_cancelled, false)
    group by source, event_key, starts_at
),
-- the meeting behind a booking: the same join address at an overlapping time; of several, the first to begin
answering as (
    select
        booking.source as booking_source,
        booking.event_key,
        booking.starts_at,
        record.meeting_number,
        row_number() over (
            partition by booking.source, booking.event_key, booking.starts_at
            order by record.started_at, record.meeting_number
        ) as choice
    from bookings as booking
    inner join landing_meetings as meeting
        on
            meeting.join_key = booking.join_key
            and meeting.started_at < booking.ends_at
            and meeting.ended_at > booking.starts_at
    inner join core_meeting_records as record
        on record.source = meeting.source and record.meeting_id = meeting.meeting_id
),
held as (
    select booking_source, event_key, starts_at, meeting_number
    from answering
    where choice = 1
),
booked as (
    select
        held.meeting_number,
        max(case when booking.invited >= 2 then 1 else 0 end) as has_room_for_two,
        sum(booking.rooms) as rooms
    from held
    inner join bookings as booking
        on
            booking.source = held.booking_source
            and booking.event_key = held.event_key
            and booking.starts_at = held.starts_at
    group by held.meeting_number
),
digital as (
    select
        meeting.source,
        meeting.meeting_id as event_id,
        meeting.started_on,
        meeting.month,
        meeting.organiser_key,
        meeting.organiser_party,
        coalesce(booked.rooms, 0) as rooms_booked,
        case
            when
                (meeting.most_in_room >= 2 or booked.has_room_for_two = 1)
                and (meeting.people - meeting.rooms >= 1 or meeting.rooms >= 2)
                then 'hybrid'
            else 'digital'
        end as form
    from core_meetings as meeting
    left join booked on booked.meeting_number = meeting.meeting_number
    where meeting.is_digital
),
physical as (
    select
        booking.source,
        booking.event_key || ' ' || strftime(booking.starts_at, '%Y-%m-%d %H:%M:%S+00') as event_id,
        cast(booking.starts_at at time zone 'Europe/Stockholm' as date) as started_on,
        cast(date_trunc('month', cast(booking.starts_at at time zone 'Europe/Stockholm' as timestamp)) as date) as month,
        cast(null as varchar) as organiser_key,
        'unknown' as organiser_party,
        booking.rooms as rooms_booked,
        'physical' as form
    from bookings as booking
    left join held
        on
            held.booking_source = booking.source
            and held.event_key = booking.event_key
            and held.starts_at = booking.starts_at
    where held.event_key is null and booking.invited >= 2
),
events as (
    select * from digital
    union all
    select * from physical
)
select
    events.source,
    events.event_id,
    events.started_on,
    events.month,
    events.organiser_key,
    events.organiser_party,
    cast(events.rooms_booked as bigint) as rooms_booked,
    case when coalesce(calendars.is_covered, false) and coalesce(logs.is_covered, false) then events.form else 'unknown' end
        as form
from events
left join core_kind_coverage as calendars on calendars.kind = 'bookings' and calendars.month = events.month
left join core_kind_coverage as logs on logs.kind = 'meetings' and logs.month = events.month
