-- Mean full-time equivalents over the period; unknown as soon as one month is.
with levels as (
    select distinct department, person_group, denominator_unit
    from core_denominators
)
select
    period.period_kind,
    period.period_end,
    levels.department,
    levels.person_group,
    levels.denominator_unit,
    case
        when count(*) = count(denominators.denominator)
            then cast(sum(cast(denominators.denominator as decimal(18, 6))) as double) / count(*)
    end as denominator
from core_periods as period
cross join levels
left join core_denominators as denominators
    on
        denominators.month = period.month
        and denominators.department = levels.department
        and denominators.person_group = levels.person_group
group by period.period_kind, period.period_end, levels.department, levels.person_group, levels.denominator_unit
