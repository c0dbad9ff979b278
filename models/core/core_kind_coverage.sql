-- A kind of data is known for a month when every source expected for that month is.
select
    kind,
    month,
    min(case when is_covered then 1 else 0 end) = 1 as is_covered
from core_coverage
where is_expected
group by kind, month
