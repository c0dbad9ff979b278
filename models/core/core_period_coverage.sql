-- A period is known for a kind of data when every one of its months is.
select
    period.period_kind,
    period.period_end,
    kind.kind,
    min(case when coverage.is_covered then 1 else 0 end) = 1 as is_covered
from core_periods as period
cross join
    (
        select kind from (values ('meetings'), ('travel'), ('bookings')) as listed (kind)
        union all
        select quantity from ref_totals
    ) as kind
left join core_kind_coverage as coverage on coverage.kind = kind.kind and coverage.month = period.month
group by period.period_kind, period.period_end, kind.kind
