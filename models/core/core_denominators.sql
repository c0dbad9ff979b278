-- Figures are given per full-time equivalent. Elected representatives have none, so theirs are given per person.
with leveled as (
    select month, department, person_group, headcount, fte from core_staff_monthly
    union all
    select month, 'all', person_group, headcount, fte from core_staff_monthly
)
select
    month,
    department,
    'all' as person_group,
    'fte' as denominator_unit,
    case when count(*) = count(fte) then cast(sum(cast(fte as decimal(18, 6))) as double) end as denominator
from leveled
where person_group <> 'elected'
group by month, department
union all
select
    month,
    department,
    'elected',
    'people',
    case when count(*) = count(headcount) then cast(sum(headcount) as double) end
from leveled
where person_group = 'elected'
group by month, department
