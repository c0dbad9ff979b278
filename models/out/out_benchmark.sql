-- Each figure of the whole organisation beside those of the others it is compared with: their median and quartiles, from
-- three others on. The quartiles are values that one of them has.
with others as (
    select other.*, own.unit, own.value as own_value
    from out_indicators as own
    inner join settings_others as other
        on
            other.indicator = own.indicator
            and other.measure = own.measure
            and other.period_kind = own.period_kind
            and other.period_end = own.period_end
            and other.dimension_2 = own.dimension_2
            and other.value_2 = own.value_2
    where own.department = 'all' and own.person_group = 'all' and own.dimension_1 = 'all' and own.value is not null
),
ranked as (
    select
        *,
        row_number() over (
            partition by indicator, measure, period_kind, period_end, dimension_2, value_2 order by value, organisation
        ) as place,
        count(*) over (partition by indicator, measure, period_kind, period_end, dimension_2, value_2) as others
    from others
),
summed as (
    select
        indicator,
        measure,
        period_kind,
        period_end,
        dimension_2,
        value_2,
        unit,
        max(own_value) as value,
        max(others) as others,
        max(case when place = ceil(others / 4.0) then value end) as first_quartile,
        (
            max(case when place = floor((others + 1) / 2.0) then value end)
            + max(case when place = floor((others + 2) / 2.0) then value end)
        ) / 2 as median,
        max(case when place = ceil(3 * others / 4.0) then value end) as third_quartile
    from ranked
    group by indicator, measure, period_kind, period_end, dimension_2, value_2, unit
)
select
    settings_method.organisation,
    summed.period_kind,
    summed.period_end,
    summed.indicator,
    summed.measure,
    summed.dimension_2,
    summed.value_2,
    summed.unit,
    summed.value,
    cast(summed.others as bigint) as others,
    case when summed.others >= 3 then summed.first_quartile end as first_quartile,
    case when summed.others >= 3 then summed.median end as median,
    case when summed.others >= 3 then summed.third_quartile end as third_quartile,
    case when summed.others < 3 then 'too_few_organisations' end as reason
from summed
cross join settings_method
