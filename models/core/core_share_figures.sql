-- Shares: a part of a whole, a value of a breakdown, and digital meetings of meetings and trips together.
with parts as (
    select measure.*, listed.dimension
    from ref_indicators as measure
    cross join (values ('all'), ('meeting_form'), ('platform'), ('endpoint')) as listed (dimension)
    where
        measure.formula = 'share'
        -- the share of a whole in itself says nothing
        and case
            when listed.dimension = 'all' then measure.quantity <> measure.of_quantity
            else measure.dimensions like '%' || listed.dimension || '%'
        end
),
-- of a breakdown the whole is the breakdown's total where a quantity is broken down in itself, else the same value of the whole
paired as (
    select
        measure.indicator,
        measure.measure,
        measure.unit,
        measure.coverage,
        part.period_kind,
        part.period_end,
        part.department,
        part.person_group,
        part.dimension,
        part.dimension_value,
        part.amount,
        whole.amount as whole_amount,
        least(part.known_share, whole.known_share) as known_share,
        whole.people as people,
        part.is_withheld or whole.is_withheld as is_withheld
    from parts as measure
    inner join core_shown_cells as part on part.quantity = measure.quantity and part.dimension = measure.dimension
    inner join core_shown_cells as whole
        on
            whole.quantity = measure.of_quantity
            and whole.dimension = case when measure.quantity = measure.of_quantity then 'all' else part.dimension end
            and whole.dimension_value
            = case when measure.quantity = measure.of_quantity then 'all' else part.dimension_value end
            and whole.period_kind = part.period_kind
            and whole.period_end = part.period_end
            and whole.department = part.department
            and whole.person_group = part.person_group
    union all
    select
        measure.indicator,
        measure.measure,
        measure.unit,
        -- totals are of everybody: parts need rows
        case
            when totalled.quantity is not null and digital.department = 'all' and digital.person_group = 'all'
                then totalled.quantity || ',trips_replaceable'
            else measure.coverage
        end,
        digital.period_kind,
        digital.period_end,
        digital.department,
        digital.person_group,
        'all',
        'all',
        digital.amount,
        digital.amount + travelled.amount,
        least(digital.known_share, travelled.known_share),
        least(digital.people, travelled.people),
        digital.is_withheld or travelled.is_withheld
    from ref_indicators as measure
    inner join core_shown_cells as digital on digital.quantity = measure.quantity and digital.dimension = 'all'
    inner join core_shown_cells as travelled
        on
            travelled.quantity = 'trips_replaceable'
            and travelled.dimension = 'all'
            and travelled.period_kind = digital.period_kind
            and travelled.period_end = digital.period_end
            and travelled.department = digital.department
            and travelled.person_group = digital.person_group
    left join ref_totals as totalled on totalled.quantity = measure.quantity
    where measure.formula = 'digital_share'
),
-- every kind of data a share needs, in words of core_period_coverage
covered as (
    select
        paired.coverage,
        paired.period_kind,
        paired.period_end,
        bool_and(coverage.is_covered) as is_covered
    from (select distinct coverage, period_kind, period_end from paired) as paired
    inner join core_period_coverage as coverage
        on
            coverage.period_kind = paired.period_kind
            and coverage.period_end = paired.period_end
            and ',' || paired.coverage || ',' like '%,' || coverage.kind || ',%'
    group by paired.coverage, paired.period_kind, paired.period_end
)
select
    paired.period_kind,
    paired.period_end,
    paired.department,
    paired.person_group,
    'none' as baseline,
    paired.indicator,
    paired.measure,
    paired.dimension as dimension_1,
    paired.dimension_value as value_1,
    'all' as dimension_2,
    'all' as value_2,
    paired.amount / nullif(paired.whole_amount, 0) as value,
    cast(null as double) as low,
    cast(null as double) as high,
    paired.amount as numerator,
    paired.whole_amount as denominator,
    paired.unit,
    paired.known_share,
    paired.people,
    case
        when not covered.is_covered then 'source_missing'
        when paired.is_withheld then 'too_few_people'
        when paired.known_share < settings_method.published_share then 'incomplete'
        when paired.whole_amount = 0 then 'nothing_counted'
    end as reason
from paired
cross join settings_method
inner join covered
    on
        covered.coverage = paired.coverage
        and covered.period_kind = paired.period_kind
        and covered.period_end = paired.period_end
