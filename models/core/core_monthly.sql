-- Month by month, for the whole organisation, its elected representatives and each department.
with summed as (
    select
        month, series_number, sum(amount) as amount, sum(facts) as facts, sum(facts_known) as facts_known
    from core_quantities
    group by month, series_number
)
select
    summed.month,
    cell.quantity,
    cell.dimension,
    cell.dimension_value,
    cell.department,
    cell.person_group,
    cast(sum(summed.amount) as double) as amount,
    cast(sum(summed.facts) as bigint) as facts,
    cast(sum(summed.facts_known) as bigint) as facts_known
from summed
inner join core_series_cells as cell on cell.series_number = summed.series_number
group by
    summed.month, cell.quantity, cell.dimension, cell.dimension_value, cell.department, cell.person_group
