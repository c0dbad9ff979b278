-- Month by month, for the whole organisation, its elected representatives and each department.
with leveled as (
    select *, 'all' as level_department, 'all' as level_group from core_quantities
    union all
    select *, 'all', 'elected' from core_quantities where person_group = 'elected'
    union all
    select *, department, 'all' from core_quantities where department is not null
)
select
    month,
    quantity,
    dimension,
    dimension_value,
    level_department as department,
    level_group as person_group,
    cast(sum(amount) as double) as amount,
    cast(sum(facts) as bigint) as facts,
    cast(sum(facts_known) as bigint) as facts_known
from leveled
group by month, quantity, dimension, dimension_value, level_department, level_group
