-- A month in which one department's full-time equivalents are unknown has no known sum.
select
    staff.month,
    coalesce(department.reporting_department, staff.department) as department,
    staff.person_group,
    case when count(*) = count(staff.headcount) then cast(sum(staff.headcount) as bigint) end as headcount,
    case when count(*) = count(staff.fte) then cast(sum(cast(staff.fte as decimal(18, 6))) as double) end as fte
from landing_staff as staff
inner join core_files on core_files.file_sha256 = staff.file_sha256
left join core_departments as department
    on department.source_value = staff.department and department.month = staff.month
group by 1, 2, 3
