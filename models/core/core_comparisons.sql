-- Each period's amount beside what the baseline gives to expect of it: month by month, the baseline's amount grown or
-- shrunk with the number of full-time equivalents ("per_fte"), or as it was ("total").
select
    period_kind,
    period_end,
    department,
    person_group,
    quantity,
    dimension,
    dimension_value,
    basis,
    cast(count(*) as bigint) as months,
    cast(sum(cast(amount as decimal(38, 18))) as double) as amount,
    cast(sum(cast(exposure / baseline_exposure * baseline_amount as decimal(38, 18))) as double) as expected,
    cast(
        sum(cast(exposure / baseline_exposure * exposure / baseline_exposure * baseline_amount as decimal(38, 18))) as double
    ) as expected_variance,
    case when sum(facts) = 0 then 1 else cast(sum(facts_known) as double) / sum(facts) end as known_share,
    case when sum(baseline_facts) = 0 then 1 else cast(sum(baseline_facts_known) as double) / sum(baseline_facts) end
        as baseline_known_share
from core_paired_months
group by period_kind, period_end, department, person_group, quantity, dimension, dimension_value, basis
