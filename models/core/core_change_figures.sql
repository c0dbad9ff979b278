-- Changes since the baseline, and the replacement rate: month by month beside the same months of the baseline, at the
-- period's full-time equivalents and as they are.
-- what is compared with the baseline, whether or not a month could be compared
with comparable as (
    select
        cell.period_kind, cell.period_end, cell.department, cell.person_group,
        settings_method.baseline_label as baseline,
        measure.indicator, measure.measure, measure.formula, measure.unit,
        cell.quantity, cell.dimension, cell.dimension_value,
        basis.basis,
        least(cell.people, past.people) as people,
        -- what is expected of a month or quarter is that month or quarter of the baseline
        cell.is_withheld or past.is_withheld or coalesce(counterpart.is_withheld, false) as is_withheld
    from core_shown_cells as cell
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
)
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
            -- exactly as many points apart is within them, whatever the last bit says
            or round(abs(comparison.known_share - comparison.baseline_known_share), 9) > settings_method.comparable_points
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
