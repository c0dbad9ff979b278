-- Full-time equivalents of a department that changed from one month to the next by more than is likely: a reorganisation, or
-- a file with other departments, hours for equivalents, or a part of the staff. Every figure per full-time equivalent
-- changes with it. A department that a month with staff does not name had none in it: it ended, or has another name.
with told as (
    select
        staff.department,
        staff.month,
        calendar.month_number,
        case when count(*) = count(staff.fte) then sum(cast(staff.fte as decimal(18, 6))) end as fte
    from core_staff_monthly as staff
    inner join ref_calendar as calendar on calendar.month = staff.month
    where staff.person_group <> 'elected'
    group by staff.department, staff.month, calendar.month_number
),
monthly as (
    select
        departments.department,
        months.month,
        months.month_number,
        case when told.department is null then 0 else told.fte end as fte
    from (select distinct department from told) as departments
    cross join (select distinct month, month_number from told) as months
    left join told on told.department = departments.department and told.month = months.month
),
paired as (
    select
        department,
        month,
        fte,
        month_number - lag(month_number) over (partition by department order by month_number) as months,
        lag(fte) over (partition by department order by month_number) as fte_before
    from monthly
)
select
    paired.department,
    paired.month,
    cast(paired.fte_before as double) as fte_before,
    cast(paired.fte as double) as fte,
    cast(paired.fte - paired.fte_before as double) / nullif(cast(paired.fte_before as double), 0) as change_share,
    date_diff('day', paired.month, settings_method.as_of) <= settings_method.reconcile_days as is_open
from paired
cross join settings_method
where
    paired.months = 1
    and abs(paired.fte - paired.fte_before) >= 5
    and abs(paired.fte - paired.fte_before) > settings_method.staff_change_share * paired.fte_before
