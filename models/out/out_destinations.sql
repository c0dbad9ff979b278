-- Where trips of a year go: place by place for the organisation and its departments, ranked by the emissions that
-- meetings could save there. A place counts by itself if k people went there from every department that anybody went
-- from, and what is left is other places; a department whose other places too few went to shows none.
with by_person as (
    select period_end, department, place, person_key,
        sum(trips) as trips, sum(replaceable_trips) as replaceable_trips, sum(cast(distance_km as decimal(18, 6))) as distance_km,
        sum(cast(ticket_cost_sek as decimal(18, 6))) as ticket_cost_sek, sum(cast(co2_kg as decimal(18, 6))) as co2_kg, sum(cast(co2e_kg as decimal(18, 6))) as co2e_kg,
        sum(cast(replaceable_co2e_kg as decimal(18, 6))) as replaceable_co2e_kg, sum(trips_known) as trips_known, sum(trips_timed) as trips_timed,
        sum(same_day_trips) as same_day_trips, sum(trips_to_own_sites) as trips_to_own_sites,
        sum(trips_with_meetings) as trips_with_meetings
    from core_destinations
    group by period_end, department, place, person_key
),
leveled as (
    select 'all' as level_department, by_person.* from by_person
    union all
    -- people of no known department are one more department that is never shown
    select coalesce(department, '?'), by_person.* from by_person
),
sized as (
    select
        leveled.level_department,
        leveled.period_end,
        leveled.place,
        -- everything of nobody known counts as one person
        count(distinct coalesce(leveled.person_key, '?')) as people,
        sum(abs(coalesce(leveled.co2e_kg, 0))) as size,
        max(abs(coalesce(leveled.co2e_kg, 0))) as largest
    from leveled
    group by leveled.level_department, leveled.period_end, leveled.place
),
judged as (
    select
        sized.*,
        case
            when sized.people < settings_method.k then 1
            when sized.size - 2 * sized.largest < 0.2 * sized.largest then 1
            else 0
        end as is_unsafe
    from sized
    cross join settings_method
),
named as (
    select
        level_department,
        period_end,
        place,
        -- of departments one alone may not fail: its part would be what the others leave of the whole
        max(is_unsafe) over (
            partition by period_end, place, case when level_department = 'all' then 1 else 0 end
        ) as is_hidden,
        max(case when level_department = 'all' then is_unsafe else 0 end) over (partition by period_end, place)
            as is_hidden_everywhere
    from judged
),
placed as (
    select
        leveled.*,
        case when named.is_hidden = 1 or named.is_hidden_everywhere = 1 or named.place = 'other places' then 'other places' else leveled.place end
            as shown_place
    from leveled
    inner join named
        on
            named.level_department = leveled.level_department
            and named.period_end = leveled.period_end
            and named.place = leveled.place
),
people as (
    select
        level_department, period_end, shown_place, person_key,
        sum(trips) as trips, sum(replaceable_trips) as replaceable_trips, sum(distance_km) as distance_km,
        sum(ticket_cost_sek) as ticket_cost_sek, sum(co2_kg) as co2_kg, sum(co2e_kg) as co2e_kg,
        sum(replaceable_co2e_kg) as replaceable_co2e_kg, sum(trips_known) as trips_known, sum(trips_timed) as trips_timed,
        sum(same_day_trips) as same_day_trips, sum(trips_to_own_sites) as trips_to_own_sites,
        sum(trips_with_meetings) as trips_with_meetings
    from placed
    group by level_department, period_end, shown_place, person_key
),
summed as (
    select
        level_department,
        period_end,
        shown_place,
        count(*) as people,
        sum(trips) as trips,
        sum(replaceable_trips) as replaceable_trips,
        cast(sum(distance_km) as double) as distance_km,
        cast(sum(ticket_cost_sek) as double) as ticket_cost_sek,
        cast(sum(co2_kg) as double) as co2_kg,
        cast(sum(co2e_kg) as double) as co2e_kg,
        cast(sum(replaceable_co2e_kg) as double) as replaceable_co2e_kg,
        sum(trips_known) as trips_known,
        sum(trips_timed) as trips_timed,
        sum(same_day_trips) as same_day_trips,
        sum(trips_to_own_sites) as trips_to_own_sites,
        sum(trips_with_meetings) as trips_with_meetings,
        sum(abs(coalesce(co2e_kg, 0))) as size,
        max(abs(coalesce(co2e_kg, 0))) as largest
    from people
    group by level_department, period_end, shown_place
),
tested as (
    select
        summed.*,
        max(
            case
                when summed.shown_place <> 'other places' then 0
                when summed.people < settings_method.k or summed.size - 2 * summed.largest < 0.2 * summed.largest then 1
                else 0
            end
        ) over (
            partition by summed.period_end, case when summed.level_department = 'all' then 1 else 0 end
        ) as is_rest_unsafe
    from summed
    cross join settings_method
)
select
    settings_method.organisation,
    tested.period_end,
    tested.level_department as department,
    tested.shown_place as place,
    case
        when tested.is_hidden = 0
            then
                row_number() over (
                    partition by tested.period_end, tested.level_department
                    order by
                        case when tested.shown_place = 'other places' then 1 else 0 end,
                        tested.replaceable_co2e_kg desc nulls last,
                        tested.shown_place
                )
    end as saving_rank,
    case when tested.is_hidden = 0 then cast(tested.trips as double) end as trips,
    case when tested.is_hidden = 0 and tested.is_known = 1 then tested.distance_km end as distance_km,
    case when tested.is_hidden = 0 then tested.ticket_cost_sek end as ticket_cost_sek,
    case when tested.is_hidden = 0 and tested.is_known = 1 then tested.co2_kg end as co2_kg,
    case when tested.is_hidden = 0 and tested.is_known = 1 then tested.co2e_kg end as co2e_kg,
    case when tested.is_hidden = 0 and tested.is_known = 1 then tested.replaceable_co2e_kg end as replaceable_co2e_kg,
    case when tested.is_hidden = 0 then cast(tested.same_day_trips as double) / nullif(tested.trips_timed, 0) end
        as same_day_share,
    case when tested.is_hidden = 0 then cast(tested.trips_with_meetings as double) / nullif(tested.trips_to_own_sites, 0) end
        as digital_alternative_share,
    case
        when not coverage.is_covered then 'source_missing'
        when tested.is_hidden = 1 then 'too_few_people'
        when tested.is_known = 0 then 'incomplete'
    end as reason
from
    (
        select
            tested.*,
            -- the other places are what a total leaves of those shown: where they may not be told none may
            tested.is_rest_unsafe as is_hidden,
            case when tested.trips_known >= settings_method.published_share * tested.trips then 1 else 0 end as is_known
        from tested
        cross join settings_method
    ) as tested
cross join settings_method
inner join core_period_coverage as coverage
    on coverage.kind = 'travel' and coverage.period_kind = 'year' and coverage.period_end = tested.period_end
where tested.level_department <> '?'
