-- Sums of a period: per full-time equivalent, per person for the elected, or as they are. A department that was formed or
-- ended within the period has neither.
with measures as (
    select
        ref_indicators.*,
        case multiplied_by when 'cost_multiplier' then settings_method.cost_multiplier when 'mwh' then 0.001 else 1 end
            as multiplier
    from ref_indicators
    cross join settings_method
    where formula in ('per_fte', 'total')
)
select
    cell.period_kind,
    cell.period_end,
    cell.department,
    cell.person_group,
    'none' as baseline,
    measure.indicator,
    measure.measure,
    cell.dimension as dimension_1,
    cell.dimension_value as value_1,
    'all' as dimension_2,
    'all' as value_2,
    case
        when measure.formula = 'total' then cell.amount * measure.multiplier
        else cell.amount * measure.multiplier / nullif(denominator.denominator, 0)
    end as value,
    cast(null as double) as low,
    cast(null as double) as high,
    cell.amount * measure.multiplier as numerator,
    case when measure.formula = 'per_fte' then denominator.denominator end as denominator,
    case when cell.person_group = 'elected' then replace(measure.unit, 'FTE', 'person') else measure.unit end as unit,
    cell.known_share,
    cell.people,
    case
        when not coverage.is_covered then 'source_missing'
        when cell.is_withheld then 'too_few_people'
        when cell.known_share < settings_method.published_share then 'incomplete'
        when measure.formula = 'per_fte' and coalesce(denominator.denominator, 0) = 0 then 'no_staff'
        when denominator.department is not null and denominator.denominator is null and whole.denominator is not null
            then 'no_staff'
    end as reason
from core_shown_cells as cell
cross join settings_method
inner join measures as measure
    on
        measure.quantity = cell.quantity
        and (cell.dimension = 'all' or measure.dimensions like '%' || cell.dimension || '%')
-- totals are of everybody and everything: parts need rows
left join ref_totals as totalled
    on
        totalled.quantity = cell.quantity
        and cell.dimension = 'all'
        and cell.department = 'all'
        and cell.person_group = 'all'
inner join core_period_coverage as coverage
    on
        coverage.period_kind = cell.period_kind
        and coverage.period_end = cell.period_end
        and coverage.kind = coalesce(totalled.quantity, measure.coverage)
left join core_period_denominators as denominator
    on
        denominator.period_kind = cell.period_kind
        and denominator.period_end = cell.period_end
        and denominator.department = cell.department
        and denominator.person_group = cell.person_group
left join core_period_denominators as whole
    on
        whole.period_kind = cell.period_kind
        and whole.period_end = cell.period_end
        and whole.department = 'all'
        and whole.person_group = cell.person_group
