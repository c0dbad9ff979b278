-- What digital meetings may have replaced: journeys that could have been needed, times the share of meetings that
-- replaced a trip according to the latest survey, with its interval; beside it the plain example of one in ten. The
-- meetings' own impact is subtracted. A scenario, never added to what was observed.
with shown as (
    select period_kind, period_end, min(month) as first_month, max(month) as last_month
    from core_periods
    where period_kind <> 'baseline'
    group by period_kind, period_end
),
candidates as (
    select
        shown.period_kind,
        shown.period_end,
        cast(count(journey.person_key) as double) as trips,
        count(distinct journey.person_key) as people,
        case when count(journey.person_key) = count(journey.distance_km) then cast(sum(cast(journey.distance_km as decimal(18, 6))) as double) end as km,
        case when count(journey.person_key) = count(journey.co2e_kg) then cast(sum(cast(journey.co2e_kg as decimal(18, 6))) as double) end as co2e_kg,
        case when count(journey.person_key) = count(journey.energy_kwh) then cast(sum(cast(journey.energy_kwh as decimal(18, 6))) as double) end
            as energy_kwh,
        case when count(journey.person_key) = count(journey.hours) then cast(sum(cast(journey.hours as decimal(18, 6))) as double) end as hours,
        case when count(journey.person_key) = count(journey.likely_cost_sek) then cast(sum(cast(journey.likely_cost_sek as decimal(18, 6))) as double) end as cost_sek
    from shown
    inner join core_periods as period
        on period.period_kind = shown.period_kind and period.period_end = shown.period_end
    left join core_scenario_journeys as journey on journey.month = period.month
    group by shown.period_kind, shown.period_end
),
-- all eligible meetings cost something, not only those that replaced a trip
footprints as (
    select
        period.period_kind,
        period.period_end,
        -- decimal: the sum does not depend on the order of adding
        cast(
            sum(
                cast(
                    meeting.person_minutes / 60
                    * case
                        when meeting.modality = 'phone' then settings_method.phone_g_per_hour
                        else settings_method.meeting_g_per_hour
                    end as decimal(18, 6)
                )
            ) as double
        ) / 1000 as co2e_kg
    from core_periods as period
    cross join settings_method
    inner join core_meetings as meeting on meeting.month = period.month
    where meeting.is_digital and meeting.is_spanning
    group by period.period_kind, period.period_end
),
surveyed as (
    select
        shown.period_kind,
        shown.period_end,
        rounds.share_positive as share,
        cast(rounds.answers as double) as n,
        row_number() over (
            partition by shown.period_kind, shown.period_end order by rounds.ended_on desc, rounds.round desc
        ) as choice
    from shown
    cross join settings_method
    inner join core_survey_rounds as rounds
        on
            rounds.question = settings_method.replacement_question
            and rounds.department = 'all'
            and rounds.ended_on <= shown.period_end
),
shares as (
    select
        period_kind,
        period_end,
        'all' as dimension,
        'all' as dimension_value,
        share,
        (n * share + 1.9207 - 1.959964 * sqrt(n * share * (1 - share) + 0.9604)) / nullif(n + 3.8415, 0) as low,
        -- rounding must not put the figure outside of its own interval
        greatest(
            share, (n * share + 1.9207 + 1.959964 * sqrt(n * share * (1 - share) + 0.9604)) / nullif(n + 3.8415, 0)
        ) as high
    from surveyed
    where choice = 1
    union all
    select shown.period_kind, shown.period_end, 'all', 'all', null, null, null
    from shown
    left join surveyed on surveyed.period_kind = shown.period_kind and surveyed.period_end = shown.period_end
    where surveyed.period_end is null
    union all
    select period_kind, period_end, 'assumption', 'one_in_ten', 0.1, null, null from shown
),
quantities as (
    select
        candidates.period_kind,
        candidates.period_end,
        candidates.people,
        measure.indicator,
        measure.measure,
        measure.unit,
        case measure.measure
            when 'trips' then candidates.trips
            when 'km' then candidates.km
            when 'co2e_kg' then candidates.co2e_kg
            when 'energy_kwh' then candidates.energy_kwh
            when 'hours' then candidates.hours
            else candidates.cost_sek
        end as amount,
        case when measure.measure = 'co2e_kg' then coalesce(footprints.co2e_kg, 0) else 0 end as subtracted
    from candidates
    inner join ref_indicators as measure on measure.indicator like 'avoided_%'
    left join footprints
        on footprints.period_kind = candidates.period_kind and footprints.period_end = candidates.period_end
)
select
    quantities.period_kind,
    quantities.period_end,
    'all' as department,
    'all' as person_group,
    'none' as baseline,
    quantities.indicator,
    quantities.measure,
    shares.dimension as dimension_1,
    shares.dimension_value as value_1,
    'all' as dimension_2,
    'all' as value_2,
    shares.share * quantities.amount - quantities.subtracted as value,
    shares.low * quantities.amount - quantities.subtracted as low,
    shares.high * quantities.amount - quantities.subtracted as high,
    quantities.amount as numerator,
    cast(null as double) as denominator,
    quantities.unit,
    cast(1 as double) as known_share,
    quantities.people,
    case
        when not coverage.is_covered then 'source_missing'
        when quantities.people > 0 and quantities.people < settings_method.k then 'too_few_people'
        when shares.share is null then 'no_survey'
        when quantities.amount is null then 'incomplete'
    end as reason
from quantities
cross join settings_method
inner join shares on shares.period_kind = quantities.period_kind and shares.period_end = quantities.period_end
inner join core_period_coverage as coverage
    on
        coverage.kind = 'meetings'
        and coverage.period_kind = quantities.period_kind
        and coverage.period_end = quantities.period_end
