-- Where trips of a year went, by place and department, with everything they came to and how many people went; and
-- whether the place is one that people of the traveller's own site also met digitally in that quarter. Places of the
-- organisation's own sites only can tell that.
with met as (
    -- pairs of own sites between which a digital meeting was held, quarter by quarter
    select distinct
        cast(date_trunc('quarter', one.month) as date) as quarter_start,
        home.locality as one_place,
        there.locality as other_place
    from core_meeting_sites as one
    inner join core_meeting_sites as other
        on other.source = one.source and other.meeting_id = one.meeting_id and other.site <> one.site
    inner join core_spellings as home on home.spelling = one.site
    inner join core_spellings as there on there.spelling = other.site
),
own_places as (
    select distinct spelling.locality
    from core_people as person
    inner join core_spellings as spelling on spelling.spelling = person.site
),
trips as (
    select
        trip.*,
        -- a place nobody knows is none to go to
        case when place.latitude is not null then coalesce(town.name, place.locality) else 'other places' end as place,
        place.locality,
        cast(date_trunc('year', trip.month) as date) as first_month,
        cast(date_trunc('quarter', trip.month) as date) as quarter_start,
        home.locality as home_place,
        tickets.cost_sek,
        tickets.co2_kg,
        tickets.co2e_kg
    from core_trips as trip
    left join core_spellings as place on place.spelling = trip.destination_place
    left join core_places as town on town.place = place.locality
    left join core_people as person
        on
            person.person_key = trip.person_key
            and person.valid_from <= trip.departed_on
            and trip.departed_on < person.valid_before
    left join core_spellings as home on home.spelling = person.site
    left join
        (
            select
                leg.trip_file_sha256,
                leg.trip_row_number,
                sum(row_of_file.cost_sek) as cost_sek,
                case when count(*) = count(footprint.co2_kg) then sum(cast(footprint.co2_kg as decimal(18, 6))) end
                    as co2_kg,
                case when count(*) = count(footprint.co2e_kg) then sum(cast(footprint.co2e_kg as decimal(18, 6))) end
                    as co2e_kg
            from core_trip_legs as leg
            inner join landing_travel_segments as row_of_file
                on row_of_file.file_sha256 = leg.file_sha256 and row_of_file.row_number = leg.row_number
            inner join core_trip_footprint as footprint
                on footprint.file_sha256 = leg.file_sha256 and footprint.row_number = leg.row_number
            group by leg.trip_file_sha256, leg.trip_row_number
        ) as tickets
        on tickets.trip_file_sha256 = trip.file_sha256 and tickets.trip_row_number = trip.row_number
    where trip.trips > 0
)
select
    period.period_end,
    trips.department,
    trips.place,
    trips.person_key,
    cast(sum(trips.trips) as bigint) as trips,
    cast(sum(case when trips.trip_class <> 'service' then trips.trips else 0 end) as bigint) as replaceable_trips,
    cast(sum(cast(trips.distance_km as decimal(18, 6))) as double) as distance_km,
    cast(sum(trips.cost_sek) as double) as ticket_cost_sek,
    cast(sum(trips.co2_kg) as double) as co2_kg,
    cast(sum(trips.co2e_kg) as double) as co2e_kg,
    cast(sum(case when trips.trip_class <> 'service' then trips.co2e_kg else 0 end) as double)
        as replaceable_co2e_kg,
    cast(sum(case when trips.distance_km is not null and trips.co2e_kg is not null then trips.trips else 0 end) as bigint)
        as trips_known,
    cast(sum(case when trips.days is not null then trips.trips else 0 end) as bigint) as trips_timed,
    cast(sum(case when trips.days = 1 then trips.trips else 0 end) as bigint) as same_day_trips,
    cast(sum(case when own_places.locality is not null and trips.home_place is not null then trips.trips else 0 end) as bigint)
        as trips_to_own_sites,
    cast(sum(case when met.one_place is not null then trips.trips else 0 end) as bigint) as trips_with_meetings
from trips
inner join (select distinct period_end from core_periods where period_kind = 'year') as period
    on date_trunc('year', period.period_end) = trips.first_month
left join own_places on own_places.locality = trips.locality
left join met
    on
        met.quarter_start = trips.quarter_start
        and met.one_place = trips.home_place
        and met.other_place = trips.locality
group by period.period_end, trips.department, trips.place, trips.person_key
