-- Which cells may be published. A cell passes if it rests on no one or on k people, if for money, distance and emissions
-- what is left without its two largest contributors hides the largest, and if what is left when it is taken from another
-- published figure passes too. What is withheld cannot be had by subtraction: a failing month leaves the quarter, a
-- failing quarter the year; a failing value takes another value with it; a department whose total or breakdown
-- fails takes another department's with it.
with rests as (
    select period_kind, period_end, quantity, dimension, dimension_value, department, person_group, min(people) as people
    from core_remainders
    where remainder <> 'unplaced'
    group by period_kind, period_end, quantity, dimension, dimension_value, department, person_group
),
judged as (
    select
        cell.period_kind, cell.period_end, cell.quantity, cell.dimension, cell.dimension_value, cell.department,
        cell.person_group, cell.amount, cell.known_share, cell.people,
        case when cell.department = 'all' then 0 else 1 end as is_department,
        coalesce(breakdown.gives_way, 0) as gives_way,
        case
            when cell.people = 0 then 0
            when cell.people < settings_method.k or rests.people < settings_method.k then 1
            when
                cell.quantity in ('cost_sek', 'distance_km', 'co2_kg', 'co2e_kg', 'energy_kwh')
                and abs(cell.amount) - cell.largest - cell.second_largest < 0.2 * cell.largest
                then 1
            else 0
        end as is_unsafe
    from core_cells as cell
    cross join settings_method
    left join rests
        on
            rests.period_kind = cell.period_kind
            and rests.period_end = cell.period_end
            and rests.quantity = cell.quantity
            and rests.dimension = cell.dimension
            and rests.dimension_value = cell.dimension_value
            and rests.department = cell.department
            and rests.person_group = cell.person_group
    -- which value is withheld with a failing one: the one that a reader misses least, the same in every period
    left join ref_breakdown_order as breakdown
        on breakdown.dimension = cell.dimension and breakdown.dimension_value = cell.dimension_value
    union all
    -- people of no known department are one more department that is never shown: NULL
    select
        unplaced.period_kind, unplaced.period_end, unplaced.quantity, unplaced.dimension, unplaced.dimension_value,
        unplaced.department, unplaced.person_group, cast(null as double), cast(null as double), unplaced.people,
        1,
        0,
        case when unplaced.people < settings_method.k then 1 else 0 end
    from core_remainders as unplaced
    cross join settings_method
    where unplaced.remainder = 'unplaced' and unplaced.period_kind in ('quarter', 'year', 'baseline')
),
sized as (
    select
        *,
        -- the order in which cells are withheld with others is one for the whole year, else they would show each other
        sum(case when people = 0 then 1 else 0 end) over (
            partition by quantity, dimension, dimension_value, department, person_group, year(period_end)
        ) as empty_cells,
        max(people) over (
            partition by quantity, dimension, dimension_value, department, person_group, year(period_end)
        ) as most_people,
        max(case when period_kind in ('quarter', 'year') then is_unsafe else 0 end) over (
            partition by quantity, dimension, dimension_value, department, person_group, year(period_end)
        ) as is_unsafe_in_quarters,
        max(case when period_kind in ('month', 'quarter') then is_unsafe else 0 end) over (
            partition by
                quantity, dimension, dimension_value, department, person_group, year(period_end), quarter(period_end)
        ) as is_unsafe_in_months
    from judged
),
timed as (
    select
        *,
        case period_kind
            when 'month' then greatest(is_unsafe, is_unsafe_in_months, is_unsafe_in_quarters)
            when 'quarter' then greatest(is_unsafe, is_unsafe_in_quarters)
            else is_unsafe
        end as is_failing
    from sized
),
ranked as (
    select
        *,
        max(is_failing) over (
            partition by period_kind, period_end, quantity, dimension, department, person_group
        ) as fails_in_breakdown,
        row_number() over (
            partition by period_kind, period_end, quantity, dimension, department, person_group
            order by is_failing, empty_cells, gives_way, most_people, dimension_value
        ) as value_place,
        max(is_failing) over (
            partition by
                period_kind, year(period_end), quantity, dimension, dimension_value, person_group, is_department
        ) as fails_in_departments,
        row_number() over (
            partition by period_kind, period_end, quantity, dimension, dimension_value, person_group, is_department
            order by is_failing, department is null, empty_cells, most_people, department
        ) as department_place
    from timed
),
-- totals of departments, and values within the whole organisation: each takes the smallest other one with it
joined as (
    select
        *,
        case
            when is_failing = 1 then 1
            when is_department = 0 and dimension <> 'all' and fails_in_breakdown = 1 and value_place = 1 then 1
            when is_department = 1 and dimension = 'all' and fails_in_departments = 1 and department_place = 1 then 1
            else 0
        end as is_joined
    from ranked
),
totals as (
    select
        *,
        -- a breakdown adds up to its total
        max(case when dimension = 'all' then is_joined else 0 end) over (
            partition by period_kind, period_end, quantity, department, person_group
        ) as is_total_withheld,
        max(case when dimension = 'all' then most_people else 0 end) over (
            partition by period_kind, period_end, quantity, department, person_group
        ) as department_size
    from joined
),
-- breakdowns of departments: one failing value withholds all of that department's, and the largest department's with it
rows_judged as (
    select
        *,
        case
            when is_total_withheld = 1 or (is_department = 1 and dimension <> 'all' and fails_in_breakdown = 1) then 1
            else is_joined
        end as is_row_failing
    from totals
),
rows_ranked as (
    select
        *,
        max(is_row_failing) over (
            partition by period_kind, year(period_end), quantity, dimension, person_group, is_department
        ) as some_row_fails,
        dense_rank() over (
            partition by period_kind, period_end, quantity, dimension, person_group, is_department
            order by is_row_failing, department is null, department_size desc, department
        ) as row_place
    from rows_judged
),
rows_withheld as (
    select
        *,
        case
            when is_row_failing = 1 then 1
            when is_department = 1 and dimension <> 'all' and some_row_fails = 1 and row_place = 1 then 1
            else 0
        end as is_row_withheld
    from rows_ranked
),
shielded as (
    select
        rows_withheld.*,
        -- what all withheld departments have together can be had by subtraction where another department shows its part
        max(case when is_row_withheld = 1 and is_failing = 1 and people > 0 then 1 else 0 end) over (
            partition by period_kind, period_end, quantity, dimension, dimension_value, person_group, is_department
        )
        * max(case when is_row_withheld = 0 and people > 0 then 1 else 0 end) over (
            partition by period_kind, period_end, quantity, dimension, dimension_value, person_group, is_department
        )
        * min(case when is_row_withheld = 1 and people >= settings_method.k then 0 else 1 end) over (
            partition by period_kind, period_end, quantity, dimension, dimension_value, person_group, is_department
        ) as is_open
    from rows_withheld
    cross join settings_method
),
closed as (
    select
        *,
        case
            when is_row_withheld = 1 then 1
            when is_department = 1 and dimension <> 'all'
                then
                    max(is_open) over (
                        partition by
                            period_kind, year(period_end), quantity, dimension, person_group, is_department
                    )
            else 0
        end as is_closed
    from shielded
),
rolled as (
    select
        *,
        -- twelve months up to the end of a quarter, as the baseline may be, differ from a year by a few quarters
        max(case when period_kind = 'quarter' then is_closed else 0 end) over (
            partition by quantity, dimension, dimension_value, department, person_group
            order by year(period_end)
            range between 1 preceding and current row
        ) as is_closed_in_two_years
    from closed
)
select
    period_kind,
    period_end,
    quantity,
    dimension,
    dimension_value,
    department,
    person_group,
    amount,
    known_share,
    people,
    is_closed = 1
    or (
        period_kind in ('rolling_12', 'baseline') and quarter(period_end) < 4 and is_closed_in_two_years = 1
    ) as is_withheld
from rolled
where department is not null
