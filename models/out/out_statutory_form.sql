-- Business travel as the form of Förordning 2009:907 asks for it, by closed year and for the whole organisation: trips
-- by their main mode, kilometres and carbon dioxide by the mode of each leg. Its sum 1.2 leaves out long flights;
-- ferries, flights of unknown length and unknown modes have no place in it and stand beside.
with categories as (
    select *
    from (
        values
        ('flight_short', '1.1 a', 'flight'), ('flight_long', '1.3', 'flight'), ('flight_unknown', 'none', 'flight'),
        ('car', '1.1 b', 'car'), ('train', '1.1 c', 'train'), ('bus', '1.1 d', 'bus'),
        ('machine_other', '1.1 e', 'machine_other'), ('ferry', 'none', 'ferry'), ('unknown', 'none', 'unknown')
    ) as listed (category, form_item, category_group)
),
cells as (
    select
        cell.*,
        case
            when cell.dimension = 'statutory_category' then categories.category_group
            when cell.dimension_value in ('car', 'taxi') then 'car'
            when cell.dimension_value = 'rail' then 'train'
            when cell.dimension_value in ('flight', 'bus', 'ferry', 'unknown') then cell.dimension_value
            else 'machine_other'
        end as category_group
    from core_disclosure as cell
    left join categories on categories.category = cell.dimension_value
    where
        cell.period_kind = 'year'
        and cell.department = 'all'
        and cell.person_group = 'all'
        and cell.quantity in ('trips', 'distance_km', 'co2_kg')
        and cell.dimension in ('mode', 'statutory_category')
),
-- a category and the modes it is made of are both published: none of them may be had from the others
groups_withheld as (
    select period_end, category_group, bool_or(is_withheld) as is_withheld
    from cells
    group by period_end, category_group
),
totals_withheld as (
    select period_end, bool_or(is_withheld) as is_withheld
    from core_disclosure
    where
        period_kind = 'year' and department = 'all' and person_group = 'all' and dimension = 'all'
        and quantity in ('trips', 'distance_km', 'co2_kg')
    group by period_end
),
amounts as (
    select
        period_end,
        dimension_value as category,
        max(case when quantity = 'trips' then amount end) as trips,
        max(case when quantity = 'distance_km' then amount end) as distance_km,
        max(case when quantity = 'distance_km' then known_share end) as distance_known_share,
        max(case when quantity = 'co2_kg' then amount end) as co2_kg,
        max(case when quantity = 'co2_kg' then known_share end) as known_share
    from cells
    where dimension = 'statutory_category'
    group by period_end, dimension_value
),
figures as (
    select
        coverage.period_end,
        categories.category,
        categories.form_item,
        -- a category nobody has ever travelled in has no cell: in a covered year that is a true zero
        coalesce(amounts.trips, 0) as trips,
        coalesce(amounts.distance_km, 0) as distance_km,
        amounts.distance_known_share < settings_method.published_share as is_distance_short,
        coalesce(amounts.co2_kg, 0) as co2_kg,
        coalesce(amounts.known_share, 1) as known_share,
        denominator.denominator,
        case
            when not coverage.is_covered then 'source_missing'
            when groups_withheld.is_withheld or totals_withheld.is_withheld then 'too_few_people'
            when amounts.known_share < settings_method.published_share then 'incomplete'
            when coalesce(denominator.denominator, 0) = 0 then 'no_staff'
        end as reason
    from core_period_coverage as coverage
    cross join settings_method
    cross join categories
    left join amounts on amounts.period_end = coverage.period_end and amounts.category = categories.category
    left join groups_withheld
        on
            groups_withheld.period_end = coverage.period_end
            and groups_withheld.category_group = categories.category_group
    inner join totals_withheld on totals_withheld.period_end = coverage.period_end
    left join core_period_denominators as denominator
        on
            denominator.period_kind = 'year'
            and denominator.period_end = coverage.period_end
            and denominator.department = 'all'
            and denominator.person_group = 'all'
    where coverage.period_kind = 'year' and coverage.kind = 'travel'
),
-- the form's sum: what cannot be said of one of its parts cannot be said of it; files are missing for all of them or none
lines as (
    select * from figures
    union all
    select
        period_end,
        'sum_without_long_flights',
        '1.2',
        sum(trips),
        sum(distance_km),
        bool_or(is_distance_short),
        sum(co2_kg),
        min(known_share),
        max(denominator),
        coalesce(
            max(case when reason = 'too_few_people' then reason end),
            max(case when reason = 'incomplete' then reason end),
            max(reason)
        )
    from figures
    where form_item like '1.1 %'
    group by period_end
)
select
    settings_method.organisation,
    lines.period_end,
    lines.category,
    lines.form_item,
    case when lines.reason is null or lines.reason in ('incomplete', 'no_staff') then lines.trips end as trips,
    case
        when
            (lines.reason is null or lines.reason in ('incomplete', 'no_staff'))
            and not coalesce(lines.is_distance_short, false)
            then lines.distance_km
    end as distance_km,
    case when lines.reason is null or lines.reason = 'no_staff' then lines.co2_kg end as co2_kg,
    case when lines.reason is null then lines.co2_kg / nullif(lines.denominator, 0) end as co2_kg_per_fte,
    case when lines.reason is null or lines.reason in ('incomplete', 'no_staff') then lines.known_share end
        as known_share,
    lines.reason
from lines
cross join settings_method
