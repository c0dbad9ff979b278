-- Which cells may be published. A cell passes if it rests on no one or on k people, and if for money, distance and
-- emissions what is left without its two largest contributors hides the largest. One withheld cell among siblings could
-- be had by subtraction, so the sibling with the fewest people is withheld with it.
with judged as (
    select
        cell.*,
        case
            when cell.people = 0 then 0
            when cell.people < settings_method.k then 1
            when
                cell.quantity in ('cost_sek', 'distance_km', 'co2_kg', 'co2e_kg')
                and abs(cell.amount) - cell.largest - cell.second_largest < 0.2 * cell.largest
                then 1
            else 0
        end as is_unsafe
    from core_cells as cell
    cross join settings_method
),
among_values as (
    select
        *,
        sum(is_unsafe) over (
            partition by period_kind, period_end, quantity, dimension, department, person_group
        ) as unsafe_values,
        row_number() over (
            partition by period_kind, period_end, quantity, dimension, department, person_group
            order by is_unsafe, case when people = 0 then 1 else 0 end, people, dimension_value
        ) as value_place
    from judged
),
after_values as (
    select
        *,
        case
            when is_unsafe = 1 then 1
            when dimension <> 'all' and unsafe_values = 1 and value_place = 1 and people > 0 then 1
            else 0
        end as is_withheld_once
    from among_values
),
among_departments as (
    select
        *,
        sum(is_withheld_once) over (
            partition by period_kind, period_end, quantity, dimension, dimension_value, person_group,
                case when department = 'all' then 0 else 1 end
        ) as withheld_departments,
        row_number() over (
            partition by period_kind, period_end, quantity, dimension, dimension_value, person_group,
                case when department = 'all' then 0 else 1 end
            order by is_withheld_once, case when people = 0 then 1 else 0 end, people, department
        ) as department_place
    from after_values
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
    is_withheld_once = 1
    or (department <> 'all' and withheld_departments = 1 and department_place = 1 and people > 0) as is_withheld
from among_departments
