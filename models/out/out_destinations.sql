-- Where trips of a year go: place by place for the organisation and its departments, ranked by the emissions that
-- meetings could save there. A place counts by itself if k people went there from every department that anybody went
-- from, and what is left is other places; a department whose other places too few went to shows none.
with leveled as (
    select 'all' as level_department, false as is_department, gone.* from core_destinations as gone
    union all
    -- people of no known department are one more department that is never shown
    select coalesce(gone.department, '?'), true, gone.* from core_destinations as gone
),
-- everything of nobody known counts as one person
people as (
    select
        level_department, is_department, period_end, place, person_key,
        sum(trips) as trips, sum(replaceable_trips) as replaceable_trips,
        sum(cast(distance_km as decimal(18, 6))) as distance_km, sum(cast(ticket_cost_sek as decimal(18, 6))) as ticket_cost_sek,
        sum(cast(co2_kg as decimal(18, 6))) as co2_kg, sum(cast(co2e_kg as decimal(18, 6))) as co2e_kg,
        sum(cast(replaceable_co2e_kg as decimal(18, 6))) as replaceable_co2e_kg,
        sum(trips_known) as trips_known, sum(trips_timed) as trips_timed, sum(same_day_trips) as same_day_trips,
        sum(trips_to_own_sites) as trips_to_own_sites, sum(trips_with_meetings) as trips_with_meetings
    from leveled
    group by level_department, is_department, period_end, place, person_key
),
judged as (
    select
        people.level_department,
        people.is_department,
        people.period_end,
        people.place,
        -- the second largest is taken to be as large as the largest; what nobody knows gives nobody away
        count(*) < max(settings_method.k)
        or sum(abs(people.distance_km)) < 2.2 * max(abs(people.distance_km))
        or sum(abs(people.co2_kg)) < 2.2 * max(abs(people.co2_kg))
        or sum(abs(people.co2e_kg)) < 2.2 * max(abs(people.co2e_kg)) as is_unsafe
    from people
    cross join settings_method
    group by people.level_department, people.is_department, people.period_end, people.place
),
named as (
    select
        level_department,
        period_end,
        place,
        -- of departments one alone may not fail: its part would be what the others leave of the whole, which fails with it
        bool_or(is_unsafe) over (partition by period_end, place, is_department) as is_hidden
    from judged
),
-- people by the place they are shown under
placed as (
    select
        people.level_department,
        people.is_department,
        people.period_end,
        case when named.is_hidden then 'other places' else people.place end as shown_place,
        people.person_key,
        sum(people.trips) as trips,
        sum(people.replaceable_trips) as replaceable_trips,
        sum(people.distance_km) as distance_km,
        sum(people.ticket_cost_sek) as ticket_cost_sek,
        sum(people.co2_kg) as co2_kg,
        sum(people.co2e_kg) as co2e_kg,
        sum(people.replaceable_co2e_kg) as replaceable_co2e_kg,
        sum(people.trips_known) as trips_known,
        sum(people.trips_timed) as trips_timed,
        sum(people.same_day_trips) as same_day_trips,
        sum(people.trips_to_own_sites) as trips_to_own_sites,
        sum(people.trips_with_meetings) as trips_with_meetings
    from people
    inner join named
        on
            named.level_department = people.level_department
            and named.period_end = people.period_end
            and named.place = people.place
    group by
        people.level_department, people.is_department, people.period_end,
        case when named.is_hidden then 'other places' else people.place end, people.person_key
),
summed as (
    select
        placed.level_department,
        placed.is_department,
        placed.period_end,
        placed.shown_place,
        sum(placed.trips) as trips,
        cast(sum(placed.distance_km) as double) as distance_km,
        cast(sum(placed.ticket_cost_sek) as double) as ticket_cost_sek,
        cast(sum(placed.co2_kg) as double) as co2_kg,
        cast(sum(placed.co2e_kg) as double) as co2e_kg,
        cast(sum(placed.replaceable_co2e_kg) as double) as replaceable_co2e_kg,
        sum(placed.trips_timed) as trips_timed,
        sum(placed.same_day_trips) as same_day_trips,
        sum(placed.trips_to_own_sites) as trips_to_own_sites,
        sum(placed.trips_with_meetings) as trips_with_meetings,
        sum(placed.trips_known) >= max(settings_method.published_share) * sum(placed.trips) as is_known,
        placed.shown_place = 'other places'
        and (
            count(*) < max(settings_method.k)
            or sum(abs(placed.distance_km)) < 2.2 * max(abs(placed.distance_km))
            or sum(abs(placed.co2_kg)) < 2.2 * max(abs(placed.co2_kg))
            or sum(abs(placed.co2e_kg)) < 2.2 * max(abs(placed.co2e_kg))
        ) as is_rest_unsafe,
        -- of tickets alone no total is published that would show what is left out here
        sum(abs(placed.ticket_cost_sek)) < 2.2 * max(abs(placed.ticket_cost_sek)) as is_cost_unsafe,
        -- a part of a place, and what it leaves of it, rest on no one or on k people as well
        sum(case when placed.replaceable_trips > 0 then 1 else 0 end) between 1 and max(settings_method.k) - 1
        or sum(case when placed.trips > placed.replaceable_trips then 1 else 0 end)
        between 1 and max(settings_method.k) - 1
        or sum(abs(placed.replaceable_co2e_kg)) < 2.2 * max(abs(placed.replaceable_co2e_kg))
        or sum(abs(placed.co2e_kg - placed.replaceable_co2e_kg))
        < 2.2 * max(abs(placed.co2e_kg - placed.replaceable_co2e_kg)) as is_saving_unsafe,
        sum(case when placed.same_day_trips > 0 then 1 else 0 end) between 1 and max(settings_method.k) - 1
        or sum(case when placed.trips_timed > placed.same_day_trips then 1 else 0 end)
        between 1 and max(settings_method.k) - 1 as is_same_day_unsafe,
        sum(case when placed.trips_with_meetings > 0 then 1 else 0 end) between 1 and max(settings_method.k) - 1
        or sum(case when placed.trips_to_own_sites > placed.trips_with_meetings then 1 else 0 end)
        between 1 and max(settings_method.k) - 1 as is_alternative_unsafe
    from placed
    cross join settings_method
    group by placed.level_department, placed.is_department, placed.period_end, placed.shown_place
),
tested as (
    select
        *,
        -- the other places are what a total leaves of those shown: where they may not be told none may
        bool_or(is_rest_unsafe) over (partition by period_end, is_department) as is_hidden,
        bool_or(is_cost_unsafe) over (partition by period_end, shown_place, is_department) as is_cost_hidden,
        bool_or(is_saving_unsafe) over (partition by period_end, shown_place, is_department) as is_saving_hidden,
        bool_or(is_same_day_unsafe) over (partition by period_end, shown_place, is_department) as is_same_day_hidden,
        bool_or(is_alternative_unsafe) over (partition by period_end, shown_place, is_department) as is_alternative_hidden
    from summed
),
shown as (
    select
        tested.*,
        case when not coverage.is_covered then 'source_missing' when tested.is_hidden then 'too_few_people' end
            as reason,
        case when tested.is_known and not tested.is_saving_hidden then tested.replaceable_co2e_kg end as saving
    from tested
    inner join core_period_coverage as coverage
        on coverage.kind = 'travel' and coverage.period_kind = 'year' and coverage.period_end = tested.period_end
)
select
    settings_method.organisation,
    shown.period_end,
    shown.level_department as department,
    shown.shown_place as place,
    case
        when shown.reason is null
            then
                row_number() over (
                    partition by shown.period_end, shown.level_department
                    order by
                        shown.shown_place = 'other places',
                        shown.saving desc nulls last,
                        shown.shown_place
                )
    end as saving_rank,
    case when shown.reason is null then cast(shown.trips as double) end as trips,
    case when shown.reason is null and shown.is_known then shown.distance_km end as distance_km,
    case when shown.reason is null and not shown.is_cost_hidden then shown.ticket_cost_sek end as ticket_cost_sek,
    case when shown.reason is null and shown.is_known then shown.co2_kg end as co2_kg,
    case when shown.reason is null and shown.is_known then shown.co2e_kg end as co2e_kg,
    case when shown.reason is null then shown.saving end as replaceable_co2e_kg,
    case
        when shown.reason is null and not shown.is_same_day_hidden
            then cast(shown.same_day_trips as double) / nullif(shown.trips_timed, 0)
    end as same_day_share,
    case
        when shown.reason is null and not shown.is_alternative_hidden
            then cast(shown.trips_with_meetings as double) / nullif(shown.trips_to_own_sites, 0)
    end as digital_alternative_share,
    case
        when shown.reason is not null then shown.reason
        when not shown.is_known then 'incomplete'
        when
            shown.is_cost_hidden or shown.is_saving_hidden or shown.is_same_day_hidden or shown.is_alternative_hidden
            then 'too_few_people'
    end as reason
from shown
cross join settings_method
where shown.level_department <> '?'
