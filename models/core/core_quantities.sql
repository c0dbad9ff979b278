-- What each person did in each month, one row per quantity and per value of each dimension; "all" is the sum.
-- Everything that becomes a figure passes here, so that each counting rule stands in one place. Amounts are decimal: their
-- sums do not depend on the order of adding, so that a rebuild is equal to the last digit.
with organised as (
    select
        meeting.month,
        meeting.started_on as day,
        meeting.organiser_key as person_key,
        cast(null as varchar) as department,
        cast(null as varchar) as person_group,
        meeting.modality,
        meeting.is_spanning
    from core_meetings as meeting
    where meeting.is_digital and meeting.organiser_party = 'internal'
),
attended as (
    select
        meeting.month,
        meeting.started_on as day,
        participation.person_key,
        cast(null as varchar) as department,
        cast(null as varchar) as person_group,
        meeting.modality,
        meeting.is_spanning
    from core_meetings as meeting
    inner join core_participations as participation
        on participation.source = meeting.source and participation.meeting_id = meeting.meeting_id
    where meeting.is_digital and participation.participant_kind = 'person' and participation.party = 'internal'
),
meetings as (
    select 'meetings_organised' as quantity, * from organised
    union all
    select 'meetings_attended', * from attended
    union all
    select 'meetings_organised_spanning', * from organised where is_spanning
    union all
    select 'meetings_attended_spanning', * from attended where is_spanning
),
meeting_facts as (
    select
        meetings.quantity,
        meetings.month,
        meetings.person_key,
        department.reporting_department as department,
        coalesce(person.person_group, 'unknown') as person_group,
        meetings.modality,
        cast(null as varchar) as length,
        cast(null as varchar) as mode,
        cast(null as varchar) as trip_class,
        cast(null as varchar) as statutory_category,
        cast(1 as decimal(18, 6)) as amount
    from meetings
    left join core_people as person
        on
            person.person_key = meetings.person_key
            and person.valid_from <= meetings.day
            and meetings.day < person.valid_before
    left join core_departments as department
        on department.source_value = person.department and department.month = meetings.month
),
trips as (
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
        cast(trip.days * trip.trips as decimal(18, 6)) as days
    from core_trips as trip
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
        cast(case when footprint.is_by_fuel then 0 else footprint.co2e_kg end as decimal(18, 6)) as co2e_kg
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
        'co2_kg', month, cast(null as varchar), department, 'unknown', 'unknown', mode, 'unknown', statutory_category,
        cast(co2_kg as decimal(18, 6))
    from core_fuel
    union all
    select
        'co2e_kg', month, cast(null as varchar), department, 'unknown', 'unknown', mode, 'unknown',
        cast(null as varchar), cast(co2e_kg as decimal(18, 6))
    from core_fuel
),
facts as (
    select
        quantity, month, person_key, department, person_group, modality, length, mode, trip_class, statutory_category,
        amount
    from meeting_facts
    union all
    select
        quantity, month, person_key, department, person_group, cast(null as varchar), length, mode, trip_class,
        statutory_category, amount
    from travel
    union all
    select
        'cost_sek', month, person_key, department, person_group, cast(null as varchar), cast(null as varchar), mode,
        cast(null as varchar), cast(null as varchar), cast(cost_sek as decimal(18, 6))
    from core_travel_costs
),
spread as (
    select
        facts.*,
        dimensions.dimension,
        case dimensions.dimension
            when 'all' then 'all'
            when 'modality' then facts.modality
            when 'length' then facts.length
            when 'mode' then facts.mode
            when 'trip_class' then facts.trip_class
            when 'statutory_category' then facts.statutory_category
        end as dimension_value
    from facts
    cross join (values ('all'), ('modality'), ('length'), ('mode'), ('trip_class'), ('statutory_category'))
        as dimensions (dimension)
)
select
    month,
    quantity,
    dimension,
    dimension_value,
    department,
    person_group,
    person_key,
    sum(amount) as amount,
    cast(count(*) as bigint) as facts,
    cast(count(amount) as bigint) as facts_known
from spread
where dimension_value is not null
group by month, quantity, dimension, dimension_value, department, person_group, person_key
