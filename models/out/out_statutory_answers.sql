-- What the form of Förordning 2009:907 asks beside kilograms, by closed year: problems and gaps found in the data (1.4
-- b), where the data come from (1.5) and what the factors rest on (1.6). Gaps of rows of fewer than k people are said to
-- exist, not counted.
with years as (
    select distinct period_end, cast(date_trunc('year', period_end) as date) as first_month
    from core_periods
    where period_kind = 'year'
),
legs as (
    select
        years.period_end,
        segment.statutory_category as category,
        segment.distance_basis,
        row_of_file.is_own_car,
        row_of_file.vehicle_key,
        segment.distance_km,
        footprint.co2_factor_id
    from core_trip_legs as leg
    inner join core_trips as trip
        on trip.file_sha256 = leg.trip_file_sha256 and trip.row_number = leg.trip_row_number
    inner join core_segments as segment
        on segment.file_sha256 = leg.file_sha256 and segment.row_number = leg.row_number
    inner join landing_travel_segments as row_of_file
        on row_of_file.file_sha256 = leg.file_sha256 and row_of_file.row_number = leg.row_number
    inner join core_trip_footprint as footprint
        on footprint.file_sha256 = leg.file_sha256 and footprint.row_number = leg.row_number
    inner join years on trip.month between years.first_month and years.period_end
),
travelled as (
    select distinct period_end, category from legs
),
origins as (
    select
        period_end,
        category,
        sum(distance_km) as km,
        sum(case when distance_basis = 'places' then distance_km else 0 end) as km_estimated,
        sum(case when coalesce(is_own_car, false) or vehicle_key is not null then distance_km else 0 end) as km_own
    from legs
    where distance_km is not null
    group by period_end, category
),
rests as (
    select
        legs.period_end,
        legs.category,
        count(*) as legs,
        -- the agencies' list has its name in the source of each factor taken from it
        sum(case when lower(factor.source) like '%schablonlist%' then 1 else 0 end) as legs_of_list
    from legs
    cross join settings_method
    inner join ref_emission_factors as factor
        on
            factor.factor_set = settings_method.factor_set
            and factor.factor_id = legs.co2_factor_id
    group by legs.period_end, legs.category
),
gaps as (
    select
        years.period_end,
        gap.gap,
        count(distinct gap.month) as months,
        sum(gap.rows) as rows,
        bool_or(gap.rows is null) as is_untold
    from years
    inner join out_gaps as gap on gap.month between years.first_month and years.period_end
    where
        gap.gap in (
            'unknown_mode', 'odd_duration', 'not_assembled', 'missing_return', 'no_distance', 'no_factor', 'no_staff'
        )
    group by years.period_end, gap.gap
),
missing as (
    select years.period_end, coverage.source, count(*) as months
    from years
    inner join core_coverage as coverage
        on coverage.month between years.first_month and years.period_end
    where coverage.kind = 'travel' and coverage.is_expected and not coverage.is_covered
    group by years.period_end, coverage.source
),
answers as (
    select
        period_end, '1.4 b' as form_item, 'all' as category, gap as answer, cast(months as bigint) as months,
        case when not is_untold then cast(rows as double) end as amount, 'rows' as unit
    from gaps
    union all
    select period_end, '1.4 b', 'all', 'source_missing ' || source, cast(months as bigint), cast(months as double), 'months'
    from missing
    union all
    select period_end, '1.4 b', 'ferry', 'no_place_in_form', cast(12 as bigint), cast(null as double), 'rows'
    from travelled
    where category = 'ferry'
    union all
    select
        period_end,
        '1.5',
        category,
        case
            when km_estimated > 0.5 * km then 'estimate'
            when km_own > 0.5 * km then 'own_system'
            else 'supplier'
        end,
        cast(12 as bigint),
        cast(null as double),
        'share'
    from origins
    union all
    select
        period_end,
        '1.6',
        category,
        case when legs_of_list = legs then 'standard_list' else 'other' end,
        cast(12 as bigint),
        cast(null as double),
        'share'
    from rests
)
select
    settings_method.organisation,
    answers.period_end,
    answers.form_item,
    answers.category,
    answers.answer,
    answers.months,
    answers.amount,
    answers.unit
from answers
cross join settings_method
