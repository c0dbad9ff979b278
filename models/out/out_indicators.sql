-- Every published figure, one row each. A figure that cannot be given is NULL and says why; a figure that may not be
-- shown says so and shows nothing that it could be worked out from.
with shown_periods as (
    select distinct period_kind, period_end from core_periods where period_kind <> 'baseline'
),
cells as (
    select cell.*
    from core_disclosure as cell
    inner join shown_periods
        on shown_periods.period_kind = cell.period_kind and shown_periods.period_end = cell.period_end
    -- departments get quarters and years, the whole organisation months as well
    where cell.department = 'all' or cell.period_kind in ('quarter', 'year')
),
levels as (
    select
        cell.period_kind, cell.period_end, cell.department, cell.person_group,
        'none' as baseline,
        measure.indicator, measure.measure,
        cell.dimension as dimension_1, cell.dimension_value as value_1,
        'all' as dimension_2, 'all' as value_2,
        cell.amount * case when measure.multiplied_by = 'cost_multiplier' then settings_method.cost_multiplier else 1 end / nullif(denominator.denominator, 0) as value,
        cast(null as double) as low,
        cast(null as double) as high,
        cell.amount * case when measure.multiplied_by = 'cost_multiplier' then settings_method.cost_multiplier else 1 end as numerator,
        denominator.denominator,
        case when cell.person_group = 'elected' then replace(measure.unit, 'FTE', 'person') else measure.unit end as unit,
        cell.known_share,
        cell.people,
        case
            when not coverage.is_covered then 'source_missing'
            when cell.is_withheld then 'too_few_people'
            when cell.known_share < settings_method.published_share then 'incomplete'
            when coalesce(denominator.denominator, 0) = 0 then 'no_staff'
        end as reason
    from cells as cell
    cross join settings_method
    inner join ref_indicators as measure
        on
            measure.formula = 'per_fte'
            and measure.quantity = cell.quantity
            and (cell.dimension = 'all' or measure.dimensions like '%' || cell.dimension || '%')
    inner join core_period_coverage as coverage
        on
            coverage.period_kind = cell.period_kind
            and coverage.period_end = cell.period_end
            and coverage.kind = measure.coverage
    left join core_period_denominators as denominator
        on
            denominator.period_kind = cell.period_kind
            and denominator.period_end = cell.period_end
            and denominator.department = cell.department
            and denominator.person_group = cell.person_group
),
shares as (
    select
        digital.period_kind, digital.period_end, digital.department, digital.person_group,
        'none' as baseline,
        measure.indicator, measure.measure,
        'all' as dimension_1, 'all' as value_1,
        'all' as dimension_2, 'all' as value_2,
        digital.amount / nullif(digital.amount + travelled.amount, 0) as value,
        cast(null as double) as low,
        cast(null as double) as high,
        digital.amount as numerator,
        digital.amount + travelled.amount as denominator,
        measure.unit,
        least(digital.known_share, travelled.known_share) as known_share,
        least(digital.people, travelled.people) as people,
        case
            when not meetings_coverage.is_covered or not travel_coverage.is_covered then 'source_missing'
            when digital.is_withheld or travelled.is_withheld then 'too_few_people'
            when least(digital.known_share, travelled.known_share) < settings_method.published_share then 'incomplete'
            when digital.amount + travelled.amount = 0 then 'nothing_counted'
        end as reason
    from cells as digital
    cross join settings_method
    inner join ref_indicators as measure
        on measure.formula = 'digital_share' and measure.quantity = digital.quantity and digital.dimension = 'all'
    inner join cells as travelled
        on
            travelled.quantity = 'trips_replaceable'
            and travelled.dimension = 'all'
            and travelled.period_kind = digital.period_kind
            and travelled.period_end = digital.period_end
            and travelled.department = digital.department
            and travelled.person_group = digital.person_group
    inner join core_period_coverage as meetings_coverage
        on
            meetings_coverage.kind = 'meetings'
            and meetings_coverage.period_kind = digital.period_kind
            and meetings_coverage.period_end = digital.period_end
    inner join core_period_coverage as travel_coverage
        on
            travel_coverage.kind = 'travel'
            and travel_coverage.period_kind = digital.period_kind
            and travel_coverage.period_end = digital.period_end
),
-- what is compared with the baseline, whether or not a month could be compared
comparable as (
    select
        cell.period_kind, cell.period_end, cell.department, cell.person_group,
        settings_method.baseline_label as baseline,
        measure.indicator, measure.measure, measure.formula, measure.unit,
        cell.quantity, cell.dimension, cell.dimension_value,
        basis.basis,
        least(cell.people, past.people) as people,
        -- what is expected of a month or quarter is that month or quarter of the baseline
        cell.is_withheld or past.is_withheld or coalesce(counterpart.is_withheld, false) as is_withheld
    from cells as cell
    cross join settings_method
    cross join (values ('per_fte'), ('total')) as basis (basis)
    inner join ref_indicators as measure
        on
            measure.formula in ('change', 'replacement')
            and measure.quantity = cell.quantity
            and (cell.dimension = 'all' or measure.dimensions like '%' || cell.dimension || '%')
    inner join core_disclosure as past
        on
            past.period_kind = 'baseline'
            and past.quantity = cell.quantity
            and past.dimension = cell.dimension
            and past.dimension_value = cell.dimension_value
            and past.department = cell.department
            and past.person_group = cell.person_group
    left join core_disclosure as counterpart
        on
            counterpart.period_kind = cell.period_kind
            and counterpart.period_kind in ('month', 'quarter')
            and month(counterpart.period_end) = month(cell.period_end)
            and date_trunc('month', counterpart.period_end) >= settings_method.baseline_from
            and date_trunc('month', counterpart.period_end) <= settings_method.baseline_to
            and counterpart.quantity = cell.quantity
            and counterpart.dimension = cell.dimension
            and counterpart.dimension_value = cell.dimension_value
            and counterpart.department = cell.department
            and counterpart.person_group = cell.person_group
    inner join (
        select period_kind, period_end, min(month) as first_month from core_periods group by period_kind, period_end
    ) as span
        on span.period_kind = cell.period_kind and span.period_end = cell.period_end
    where span.first_month > settings_method.baseline_to
),
compared as (
    select
        comparable.period_kind, comparable.period_end, comparable.department, comparable.person_group,
        comparable.baseline, comparable.indicator, comparable.measure,
        comparable.dimension as dimension_1, comparable.dimension_value as value_1,
        'basis' as dimension_2, comparable.basis as value_2,
        case
            when comparable.formula = 'replacement' then replacement.rate
            else comparison.amount / nullif(comparison.expected, 0) - 1
        end as value,
        replacement.low,
        replacement.high,
        comparison.amount as numerator,
        comparison.expected as denominator,
        comparable.unit,
        least(comparison.known_share, comparison.baseline_known_share) as known_share,
        comparable.people,
        case
            when total.months is null then 'source_missing'
            when comparable.is_withheld then 'too_few_people'
            when comparison.months is null then 'no_staff'
            when comparison.expected = 0 then 'no_baseline'
            when
                least(comparison.known_share, comparison.baseline_known_share) < settings_method.published_share
                or abs(comparison.known_share - comparison.baseline_known_share) > settings_method.comparable_points
                then 'not_comparable'
            when comparable.formula = 'replacement' and replacement.rate is null then 'too_few_trips'
        end as reason
    from comparable
    cross join settings_method
    left join core_comparisons as comparison
        on
            comparison.period_kind = comparable.period_kind
            and comparison.period_end = comparable.period_end
            and comparison.department = comparable.department
            and comparison.person_group = comparable.person_group
            and comparison.quantity = comparable.quantity
            and comparison.dimension = comparable.dimension
            and comparison.dimension_value = comparable.dimension_value
            and comparison.basis = comparable.basis
    left join core_comparisons as total
        on
            total.basis = 'total'
            and total.period_kind = comparable.period_kind
            and total.period_end = comparable.period_end
            and total.department = comparable.department
            and total.person_group = comparable.person_group
            and total.quantity = comparable.quantity
            and total.dimension = comparable.dimension
            and total.dimension_value = comparable.dimension_value
    left join core_replacement as replacement
        on
            comparable.formula = 'replacement'
            and replacement.period_kind = comparable.period_kind
            and replacement.period_end = comparable.period_end
            and replacement.department = comparable.department
            and replacement.person_group = comparable.person_group
            and replacement.dimension = comparable.dimension
            and replacement.dimension_value = comparable.dimension_value
            and replacement.basis = comparable.basis
),
figures as (
    select * from levels
    union all
    select * from shares
    union all
    select * from compared
)
select
    settings_method.organisation,
    figures.department,
    figures.person_group,
    figures.period_kind,
    figures.period_end,
    figures.baseline,
    figures.indicator,
    figures.measure,
    figures.dimension_1,
    figures.value_1,
    figures.dimension_2,
    figures.value_2,
    case when figures.reason is null then figures.value end as value,
    case when figures.reason is null then figures.low end as low,
    case when figures.reason is null then figures.high end as high,
    -- without staff data the count itself is still known; whatever else stops a figure stops its count too
    case when figures.reason is null or figures.reason = 'no_staff' then figures.numerator end as numerator,
    case when figures.reason is null then figures.denominator end as denominator,
    figures.unit,
    case when figures.reason is null or figures.reason in ('no_staff', 'incomplete') then figures.known_share end
        as known_share,
    case
        when figures.reason in ('source_missing', 'too_few_people') then null
        when figures.people = 0 then '0'
        when figures.people < settings_method.k then null
        when figures.people < 20 then cast(settings_method.k as varchar) || '–19'
        when figures.people < 50 then cast(greatest(settings_method.k, 20) as varchar) || '–49'
        else '50+'
    end as people_class,
    figures.reason,
    settings_method.method_version
from figures
cross join settings_method
