-- Every spelling of a department, month by month, and the department its figures are published under.
-- Units with too few people are merged into "Små enheter" here, before anything is counted, so that totals add up.
with in_files as (
    select file_sha256, department from landing_staff
    union
    select file_sha256, department from landing_travel_segments
    union
    select file_sha256, department from landing_training
    union
    select file_sha256, department from landing_survey_answers
),
spellings as (
    select department as source_value from landing_people where department is not null
    union
    select in_files.department
    from in_files
    inner join core_files on core_files.file_sha256 = in_files.file_sha256
    where in_files.department is not null
),
meanings as (
    select lower(mapping.source_value) as spelled, mapping.department, mapping.valid_from, mapping.valid_to
    from landing_departments as mapping
    inner join core_files on core_files.file_sha256 = mapping.file_sha256
),
named as (
    select
        spellings.source_value,
        calendar.month,
        calendar.year,
        calendar.year_end,
        coalesce(mapping.department, spellings.source_value) as department,
        row_number() over (
            partition by spellings.source_value, calendar.month order by mapping.valid_from desc nulls last, mapping.department
        ) as choice
    from spellings
    cross join ref_calendar as calendar
    inner join settings_method on calendar.month <= settings_method.as_of
    left join meanings as mapping
        on
            mapping.spelled = lower(spellings.source_value)
            and mapping.valid_from <= calendar.month_end
            and coalesce(mapping.valid_to, date '9999-12-31') >= calendar.month
),
counted_in_staff as (
    select named.department, named.year, named.month, sum(staff.headcount) as people
    from named
    inner join landing_staff as staff on staff.department = named.source_value and staff.month = named.month
    inner join core_files on core_files.file_sha256 = staff.file_sha256
    where named.choice = 1
    group by named.department, named.year, named.month
),
counted_in_directory as (
    select named.department, named.year, count(distinct person.person_key) as people
    -- by the name it has when its people are counted: one it had before is none that it has as well
    from (select *, max(month) over (partition by source_value, year) as last_month from named) as named
    inner join core_people as person
        on person.department = named.source_value and person.valid_from <= named.year_end and named.year_end < person.valid_before
    where named.choice = 1 and named.month = named.last_month and person.is_active
    group by named.department, named.year
),
smallest_in_staff as (
    select department, year, min(people) as people
    from counted_in_staff
    group by department, year
),
sized as (
    select
        coalesce(staff.department, directory.department) as department,
        coalesce(staff.year, directory.year) as year,
        cast(coalesce(staff.people, directory.people) as bigint) as people
    from smallest_in_staff as staff
    full outer join counted_in_directory as directory
        on directory.department = staff.department and directory.year = staff.year
),
judged as (
    select
        sized.department,
        sized.year,
        sized.people,
        -- once small, always small: a unit that comes and goes would show itself by the difference
        coalesce(
            bool_or(sized.people < settings_method.k) over (partition by sized.department order by sized.year), false
        ) as is_small,
        settings_method.k
    from sized
    cross join settings_method
),
ranked as (
    select
        *,
        row_number() over (partition by year order by is_small desc, people, department) as place,
        count(case when is_small then department end) over (partition by year) as small_units,
        sum(people) over (
            partition by year order by is_small desc, people, department rows between unbounded preceding and 1 preceding
        ) as people_before
    from judged
)
select
    named.source_value,
    named.month,
    named.department,
    case
        when ranked.department is null then null
        -- one small unit alone would still be seen, so the next smallest joins until there are two and k people
        when ranked.is_small or (ranked.small_units > 0 and (ranked.place <= 2 or ranked.people_before < ranked.k))
            then 'Små enheter'
        else ranked.department
    end as reporting_department
from named
left join ranked on ranked.department = named.department and ranked.year = named.year
where named.choice = 1
