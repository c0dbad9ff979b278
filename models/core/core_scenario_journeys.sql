-- Journeys that digital meetings may have replaced: internal participants of a meeting between sites or organisations whose
-- site is not where most of the others are, far enough away. A person is at most at one place a day, and takes a flight once
-- a fortnight; the way is as the organisation itself travels at that distance.
with pairs as (
    select
        home.spelling as site,
        there.spelling as host_site,
        -- as by road: what people say they drive
        1.3 * 2 * 6371.0 * asin(
            sqrt(
                power(sin(radians(there.latitude - home.latitude) / 2), 2)
                + cos(radians(home.latitude)) * cos(radians(there.latitude))
                * power(sin(radians(there.longitude - home.longitude) / 2), 2)
            )
        ) as one_way_km
    from core_spellings as home
    cross join core_spellings as there
    where home.spelling in (select site from core_people) and there.spelling in (select site from core_people)
),
-- distances that are travelled alike
banded as (
    select lengths.one_way_km, bands.from_km
    from (select one_way_km from core_trips union select one_way_km from pairs) as lengths
    inner join (values (0, 100), (100, 250), (250, 500), (500, null)) as bands (from_km, below_km)
        on lengths.one_way_km >= bands.from_km and coalesce(lengths.one_way_km < bands.below_km, true)
),
own_trips as (
    select
        banded.from_km,
        trip.mode,
        trip.trips,
        trip.one_way_km * trip.trips as way_km,
        trip.distance_km * trip.trips as all_km,
        footprint.co2e_kg,
        footprint.energy_kwh,
        hours.hours * trip.trips as hours
    from core_trips as trip
    inner join banded on banded.one_way_km = trip.one_way_km
    left join core_trip_hours as hours
        on hours.file_sha256 = trip.file_sha256 and hours.row_number = trip.row_number
    left join
        (
            select
                leg.trip_file_sha256,
                leg.trip_row_number,
                case
                    when count(*) = count(footprint.co2e_kg)
                        then cast(sum(cast(footprint.co2e_kg as decimal(18, 6))) as double)
                end as co2e_kg,
                case
                    when count(*) = count(footprint.energy_kwh)
                        then cast(sum(cast(footprint.energy_kwh as decimal(18, 6))) as double)
                end as energy_kwh
            from core_trip_legs as leg
            inner join core_trip_footprint as footprint
                on footprint.file_sha256 = leg.file_sha256 and footprint.row_number = leg.row_number
            group by leg.trip_file_sha256, leg.trip_row_number
        ) as footprint
        on footprint.trip_file_sha256 = trip.file_sha256 and footprint.trip_row_number = trip.row_number
    where trip.trips > 0 and trip.trip_class <> 'service'
),
-- what a kilometre one way comes to, by how the organisation travels at that distance
habits as (
    select
        from_km,
        sum(case when mode = 'flight' then trips else 0 end) * 2 > sum(trips) as is_by_air,
        cast(sum(cast(all_km as decimal(18, 6))) as double) / nullif(cast(sum(cast(way_km as decimal(18, 6))) as double), 0)
            as km_per_km,
        cast(sum(cast(co2e_kg as decimal(18, 6))) as double)
        / nullif(cast(sum(cast(case when co2e_kg is not null then way_km end as decimal(18, 6))) as double), 0)
            as co2e_kg_per_km,
        cast(sum(cast(energy_kwh as decimal(18, 6))) as double)
        / nullif(cast(sum(cast(case when energy_kwh is not null then way_km end as decimal(18, 6))) as double), 0)
            as energy_kwh_per_km,
        cast(sum(cast(hours as decimal(18, 6))) as double)
        / nullif(cast(sum(cast(case when hours is not null then way_km end as decimal(18, 6))) as double), 0)
            as hours_per_km
    from own_trips
    group by from_km
),
-- a krona is not told by distance: what all travel costs, by the kilometre
spent as (
    select
        cast(sum(case when series.quantity = 'cost_sek' then quantities.amount end) as double)
        / nullif(cast(sum(case when series.quantity = 'distance_km' then quantities.amount end) as double), 0) as cost_sek_per_km
    from core_quantities as quantities
    inner join core_series as series on series.series_number = quantities.series_number
),
hosted as (
    select
        meeting_number,
        site,
        row_number() over (partition by meeting_number order by people desc, site) as choice
    from core_meeting_sites
),
seated as (
    select
        meeting.meeting_number,
        meeting.month,
        meeting.started_on,
        meeting.started_at,
        period.person_key,
        period.site,
        host.site as host_site
    from hosted as host
    inner join core_meetings as meeting on meeting.meeting_number = host.meeting_number
    inner join core_participations as participation on participation.meeting_number = host.meeting_number
    inner join core_participant_periods as period on period.period_number = participation.period_number
    where host.choice = 1 and period.site <> host.site
),
far as (
    select
        seated.month,
        seated.started_on,
        seated.person_key,
        seated.host_site as destination,
        seated.started_at,
        seated.meeting_number,
        pairs.one_way_km,
        banded.from_km,
        coalesce(habits.is_by_air, false) as is_by_air
    from seated
    cross join settings_method
    inner join pairs on pairs.site = seated.site and pairs.host_site = seated.host_site
    inner join banded on banded.one_way_km = pairs.one_way_km
    left join habits on habits.from_km = banded.from_km
    where pairs.one_way_km >= settings_method.scenario_min_km
),
chosen as (
    select
        *,
        row_number() over (
            partition by
                person_key,
                is_by_air,
                case
                    when is_by_air then cast(floor(date_diff('day', date '2000-01-03', started_on) / 14.0) as bigint)
                    else date_diff('day', date '2000-01-03', started_on)
                end
            order by started_at, meeting_number
        ) as choice
    from far
)
select
    chosen.month,
    chosen.started_on,
    chosen.person_key,
    chosen.destination,
    chosen.is_by_air,
    chosen.one_way_km,
    chosen.one_way_km * habits.km_per_km as distance_km,
    chosen.one_way_km * habits.co2e_kg_per_km as co2e_kg,
    chosen.one_way_km * habits.energy_kwh_per_km as energy_kwh,
    chosen.one_way_km * habits.hours_per_km as hours,
    chosen.one_way_km * habits.km_per_km * spent.cost_sek_per_km as likely_cost_sek
from chosen
cross join spent
left join habits on habits.from_km = chosen.from_km
where chosen.choice = 1
