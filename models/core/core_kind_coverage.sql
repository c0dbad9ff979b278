-- A kind of data is known for a month when every source expected for that month is. A quantity that totals may tell is a
-- kind of its own, known also where totals stand in for a source.
with told as (
    select source, kind, month, quantity
    from core_totals
    where amount is not null
)
select
    kind,
    month,
    min(case when is_covered then 1 else 0 end) = 1 as is_covered
from core_coverage
where is_expected
group by kind, month
union all
select
    measures.quantity as kind,
    coverage.month,
    min(case when coverage.is_covered or told.quantity is not null then 1 else 0 end) = 1 as is_covered
from core_coverage as coverage
inner join ref_totals as measures on measures.kind = coverage.kind
left join told
    on
        told.source = coverage.source
        and told.kind = coverage.kind
        and told.month = coverage.month
        and told.quantity = measures.quantity
where coverage.is_expected
group by measures.quantity, coverage.month
