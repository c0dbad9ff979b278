-- How many people meet digitally, and whether it is gathered on a few: people of the directory, with those who took part
-- in no digital meeting. Where the figure of one department may not be shown none of that period's is, since the last
-- one could be worked out.
with shown as (
    select period_kind, period_end, min(month) as first_month, max(month) as last_month
    from core_periods
    where period_kind <> 'baseline'
    group by period_kind, period_end
),
present as (
    select
        shown.period_kind,
        shown.period_end,
        person.person_key,
        department.reporting_department as department,
        row_number() over (
            partition by shown.period_kind, shown.period_end, person.person_key order by person.valid_from desc
        ) as choice
    from shown
    inner join core_people as person
        on person.is_active and person.valid_from <= shown.period_end and person.valid_before > shown.first_month
    left join core_departments as department
        on department.source_value = person.department and department.month = shown.last_month
),
attended as (
    select period.period_kind, period.period_end, quantities.person_key, cast(sum(quantities.amount) as double) as attendances
    from core_meeting_quantities as quantities
    inner join core_periods as period on period.month = quantities.month
    where quantities.quantity = 'meetings_attended' and quantities.person_key is not null
    group by period.period_kind, period.period_end, quantities.person_key
),
people as (
    select
        present.period_kind,
        present.period_end,
        present.department,
        present.person_key,
        coalesce(attended.attendances, 0) as attendances
    from present
    left join attended
        on
            attended.period_kind = present.period_kind
            and attended.period_end = present.period_end
            and attended.person_key = present.person_key
    where present.choice = 1
),
leveled as (
    select *, 'all' as level_department from people
    union all
    -- people of no known department are one more department, which has no cell and so is never shown
    select *, department from people where period_kind in ('quarter', 'year')
),
ranked as (
    select
        *,
        count(*) over (partition by period_kind, period_end, level_department) as people,
        row_number() over (
            partition by period_kind, period_end, level_department order by attendances desc, person_key
        ) as place
    from leveled
),
counted as (
    select
        period_kind,
        period_end,
        level_department as department,
        max(people) as people,
        cast(sum(case when attendances > 0 then 1 else 0 end) as bigint) as active,
        cast(floor((max(people) + 9) / 10.0) as bigint) as tenth,
        sum(case when place <= floor((people + 9) / 10.0) then attendances else 0 end) as of_tenth
    from ranked
    group by period_kind, period_end, level_department
),
judged as (
    select
        counted.*,
        case
            when counted.active > 0 and counted.active < settings_method.k then 1
            when counted.people - counted.active > 0 and counted.people - counted.active < settings_method.k then 1
            else 0
        end as is_unsafe,
        case
            when counted.tenth < settings_method.k or counted.active - counted.tenth < settings_method.k then 1 else 0
        end as is_tenth_unsafe
    from counted
    cross join settings_method
),
spread as (
    select
        *,
        max(is_unsafe) over (
            partition by period_kind, period_end, department is not distinct from 'all'
        ) as is_withheld,
        max(is_tenth_unsafe) over (
            partition by period_kind, period_end, department is not distinct from 'all'
        ) as is_tenth_withheld
    from judged
)
select
    spread.period_kind,
    spread.period_end,
    spread.department,
    'all' as person_group,
    'none' as baseline,
    measure.indicator,
    measure.measure,
    'all' as dimension_1,
    'all' as value_1,
    'all' as dimension_2,
    'all' as value_2,
    case
        when measure.measure = 'share_active' then cast(spread.active as double) / nullif(spread.people, 0)
        else spread.of_tenth / nullif(cell.amount, 0)
    end as value,
    cast(null as double) as low,
    cast(null as double) as high,
    case when measure.measure = 'share_active' then cast(spread.active as double) else spread.of_tenth end as numerator,
    case when measure.measure = 'share_active' then cast(spread.people as double) else cell.amount end as denominator,
    measure.unit,
    cell.known_share,
    spread.people,
    case
        when not coverage.is_covered then 'source_missing'
        when measure.measure = 'share_active' and spread.is_withheld = 1 then 'too_few_people'
        when measure.measure = 'share_top_tenth' and cell.is_withheld then 'too_few_people'
        -- where nobody met there is nobody to work out
        when measure.measure = 'share_top_tenth' and cell.amount = 0 then 'nothing_counted'
        when measure.measure = 'share_top_tenth' and spread.is_tenth_withheld = 1 then 'too_few_people'
    end as reason
from spread
inner join ref_indicators as measure on measure.indicator = 'reach'
inner join core_period_coverage as coverage
    on
        coverage.kind = 'meetings'
        and coverage.period_kind = spread.period_kind
        and coverage.period_end = spread.period_end
inner join core_disclosure as cell
    on
        cell.quantity = 'meetings_attended'
        and cell.dimension = 'all'
        and cell.person_group = 'all'
        and cell.department = spread.department
        and cell.period_kind = spread.period_kind
        and cell.period_end = spread.period_end
