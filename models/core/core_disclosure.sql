-- Which cells may be published. A cell passes if it rests on no one or on k people, if for money, distance and emissions
-- what is left without its two largest contributors hides the largest, and if what is left when it is taken from another
-- published figure passes too. What is withheld cannot be had by subtraction: a failing month leaves the quarter, a
-- failing quarter the year; a failing value takes another value with it; a department whose total or breakdown
-- fails takes another department's with it.
with rests as (
    select period_kind, period_end, quantity, dimension, dimension_value, department, person_group, min(people) as people
    from core_remainders
    group by period_kind, period_end, quantity, dimension, dimension_value, department, person_group
),
judged as (
    select
        cell.period_kind, cell.period_end, cell.quantity, cell.dimension, cell.dimension_value, cell.department,
        cell.person_group, cell.amount, cell.known_share, cell.people,
        cell.department <> 'all' as is_department,
        breakdown.gives_way,
        case
            when cell.people = 0 then false
            when cell.people < settings_method.k or rests.people < settings_method.k then true
            else
                coalesce(
                    cell.quantity in ('cost_sek', 'distance_km', 'co2_kg', 'co2e_kg', 'energy_kwh')
                    and abs(cell.amount) - cell.largest - cell.second_largest < 0.2 * cell.largest,
                    false
                )
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
        true,
        cast(null as integer),
        unplaced.people < settings_method.k
    from core_remainders as unplaced
    cross join settings_method
    where unplaced.remainder = 'unplaced'
),
sized as (
    select
        *,
        -- the order in which cells are withheld with others is one for the whole year, else they would show each other
        count(nullif(people, 0)) over (
            partition by quantity, dimension, dimension_value, department, person_group, year(period_end)
        ) as cells_of_people,
        max(people) over (
            partition by quantity, dimension, dimension_value, department, person_group, year(period_end)
        ) as most_people,
        bool_or(period_kind in ('quarter', 'year') and is_unsafe) over (
            partition by quantity, dimension, dimension_value, department, person_group, year(period_end)
        ) as is_unsafe_in_quarters,
        bool_or(period_kind = 'month' and is_unsafe) over (
            partition by
                quantity, dimension, dimension_value, department, person_group, year(period_end), quarter(period_end)
        ) as is_unsafe_in_months
    from judged
),
timed as (
    select
        *,
        case period_kind
            when 'month' then is_unsafe_in_months or is_unsafe_in_quarters
            when 'quarter' then is_unsafe_in_quarters
            else is_unsafe
        end as is_failing
    from sized
),
ranked as (
    select
        *,
        bool_or(is_failing) over (
            partition by period_kind, period_end, quantity, dimension, department, person_group
        ) as fails_in_breakdown,
        row_number() over (
            partition by period_kind, period_end, quantity, dimension, department, person_group
            order by is_failing, cells_of_people desc, gives_way nulls first, most_people, dimension_value
        ) as value_place,
        bool_or(is_failing) over (
            partition by
                period_kind, year(period_end), quantity, dimension, dimension_value, person_group, is_department
        ) as fails_in_departments,
        row_number() over (
            partition by period_kind, period_end, quantity, dimension, dimension_value, person_group, is_department
            order by is_failing, department is null, cells_of_people desc, most_people, department
        ) as department_place
    from timed
),
-- totals of departments, and values within the whole organisation: each takes the smallest other one with it
joined as (
    select
        *,
        is_failing
        or (not is_department and fails_in_breakdown and value_place = 1)
        or (is_department and dimension = 'all' and fails_in_departments and department_place = 1) as is_joined
    from ranked
),
totals as (
    select
        *,
        -- a breakdown adds up to its total
        bool_or(dimension = 'all' and is_joined) over (
            partition by period_kind, period_end, quantity, department, person_group
        ) as is_total_withheld,
        max(case when dimension = 'all' then most_people end) over (
            partition by period_kind, period_end, quantity, department, person_group
        ) as department_size
    from joined
),
-- breakdowns of departments: one failing value withholds all of that department's, and the largest department's with it
rows_judged as (
    select *, is_joined or is_total_withheld or (is_department and fails_in_breakdown) as is_row_failing
    from totals
),
rows_ranked as (
    select
        *,
        bool_or(is_row_failing) over (
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
        is_row_failing or (is_department and dimension <> 'all' and some_row_fails and row_place = 1) as is_row_withheld
    from rows_ranked
),
shielded as (
    select
        rows_withheld.*,
        -- what all withheld departments, or values of the whole organisation, have together can be had by subtraction
        -- where another one shows its part
        bool_or(is_failing and people > 0) over (
            partition by
                period_kind, period_end, quantity, dimension, case when is_department then dimension_value end,
                person_group, is_department
        )
        and bool_or(not is_row_withheld and people <> 0) over (
            partition by
                period_kind, period_end, quantity, dimension, case when is_department then dimension_value end,
                person_group, is_department
        )
        and not bool_or(is_row_withheld and people >= settings_method.k) over (
            partition by
                period_kind, period_end, quantity, dimension, case when is_department then dimension_value end,
                person_group, is_department
        ) as is_open
    from rows_withheld
    cross join settings_method
),
closed as (
    select
        *,
        is_row_withheld
        or bool_or(is_open) over (
            partition by period_kind, year(period_end), quantity, dimension, person_group, is_department
        )
        -- and breakdowns add up to the totals of their departments
        or bool_or(is_open and dimension = 'all') over (
            partition by period_kind, year(period_end), quantity, person_group, is_department
        ) as is_closed
    from shielded
),
rolled as (
    select
        *,
        -- twelve months up to the end of a quarter, as the baseline may be, differ from a year by a few quarters
        bool_or(period_kind = 'quarter' and is_closed) over (
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
    is_closed
    or (period_kind in ('rolling_12', 'baseline') and quarter(period_end) < 4 and is_closed_in_two_years) as is_withheld
from rolled
where department is not null
