-- What made emissions per full-time equivalent change since the baseline: fewer trips, shorter trips, other modes, or
-- other fuels and cabins. Logarithmic-mean Divisia; the parts add up to the whole. Made from published cells only: modes
-- that may not be shown are one mode together.
with periods as (
    select period_kind, period_end, count(*) as months, min(month) as first_month
    from core_periods
    where period_kind in ('year', 'rolling_12', 'baseline')
    group by period_kind, period_end
),
compared as (
    select now.period_kind, now.period_end, past.period_end as baseline_end, now.months as months, past.months as baseline_months
    from periods as now
    cross join settings_method
    inner join periods as past on past.period_kind = 'baseline'
    where now.first_month > settings_method.baseline_to
),
gases as (
    select 'co2_kg' as gas
    union all
    select 'co2e_kg'
),
cells as (
    select
        cell.period_kind,
        cell.period_end,
        cell.quantity,
        cell.dimension,
        cell.dimension_value,
        cell.amount,
        cell.known_share,
        cell.is_withheld
    from core_disclosure as cell
    where
        cell.department = 'all'
        and cell.person_group = 'all'
        and cell.dimension in ('all', 'mode')
        and cell.quantity in ('trips', 'distance_km', 'co2_kg', 'co2e_kg')
        and cell.period_kind in ('year', 'rolling_12', 'baseline')
),
totals as (
    select
        compared.period_kind,
        compared.period_end,
        compared.baseline_end,
        compared.months,
        compared.baseline_months,
        gases.gas,
        trips.amount as trips,
        past_trips.amount as past_trips,
        km.amount as km,
        past_km.amount as past_km,
        kg.amount as kg,
        past_kg.amount as past_kg,
        fte.denominator as fte,
        past_fte.denominator as past_fte,
        trips.is_withheld or past_trips.is_withheld or km.is_withheld or past_km.is_withheld or kg.is_withheld
        or past_kg.is_withheld as is_withheld,
        least(km.known_share, past_km.known_share, kg.known_share, past_kg.known_share) as known_share,
        now_covered.is_covered and past_covered.is_covered as is_covered
    from compared
    cross join gases
    inner join cells as trips
        on trips.quantity = 'trips' and trips.dimension = 'all' and trips.period_kind = compared.period_kind
        and trips.period_end = compared.period_end
    inner join cells as past_trips
        on past_trips.quantity = 'trips' and past_trips.dimension = 'all' and past_trips.period_kind = 'baseline'
    inner join cells as km
        on km.quantity = 'distance_km' and km.dimension = 'all' and km.period_kind = compared.period_kind
        and km.period_end = compared.period_end
    inner join cells as past_km
        on past_km.quantity = 'distance_km' and past_km.dimension = 'all' and past_km.period_kind = 'baseline'
    inner join cells as kg
        on kg.quantity = gases.gas and kg.dimension = 'all' and kg.period_kind = compared.period_kind
        and kg.period_end = compared.period_end
    inner join cells as past_kg
        on past_kg.quantity = gases.gas and past_kg.dimension = 'all' and past_kg.period_kind = 'baseline'
    inner join core_period_coverage as now_covered
        on now_covered.kind = 'travel' and now_covered.period_kind = compared.period_kind
        and now_covered.period_end = compared.period_end
    inner join core_period_coverage as past_covered
        on past_covered.kind = 'travel' and past_covered.period_kind = 'baseline'
        and past_covered.period_end = compared.baseline_end
    left join core_period_denominators as fte
        on fte.department = 'all' and fte.person_group = 'all' and fte.period_kind = compared.period_kind
        and fte.period_end = compared.period_end
    left join core_period_denominators as past_fte
        on past_fte.department = 'all' and past_fte.person_group = 'all' and past_fte.period_kind = 'baseline'
        and past_fte.period_end = compared.baseline_end
),
judged as (
    select
        totals.*,
        case
            when not totals.is_covered then 'source_missing'
            when totals.months <> totals.baseline_months then 'not_comparable'
            when totals.is_withheld then 'too_few_people'
            when totals.known_share < settings_method.published_share then 'incomplete'
            when coalesce(totals.fte, 0) = 0 or coalesce(totals.past_fte, 0) = 0 then 'no_staff'
            when totals.trips = 0 or totals.past_trips = 0 or totals.km = 0 or totals.past_km = 0 then 'nothing_counted'
        end as reason
    from totals
    cross join settings_method
),
by_mode as (
    select
        judged.period_kind,
        judged.period_end,
        judged.gas,
        coalesce(max(case when cell.quantity = 'distance_km' and cell.period_kind <> 'baseline' then cell.amount end), 0) as km,
        coalesce(max(case when cell.quantity = 'distance_km' and cell.period_kind = 'baseline' then cell.amount end), 0)
            as past_km,
        coalesce(max(case when cell.quantity <> 'distance_km' and cell.period_kind <> 'baseline' then cell.amount end), 0)
            as kg,
        coalesce(max(case when cell.quantity <> 'distance_km' and cell.period_kind = 'baseline' then cell.amount end), 0)
            as past_kg,
        bool_or(cell.is_withheld) as is_withheld
    from judged
    inner join cells as cell
        on
            cell.dimension = 'mode'
            and cell.quantity in ('distance_km', judged.gas)
            and (
                cell.period_kind = 'baseline'
                or (cell.period_kind = judged.period_kind and cell.period_end = judged.period_end)
            )
    where judged.reason is null
    group by judged.period_kind, judged.period_end, judged.gas, cell.dimension_value
),
-- what is not shown by itself can be had as the rest, and is taken as the rest; amounts are told in millionths
modes as (
    select period_kind, period_end, gas, km, past_km, kg, past_kg from by_mode where not is_withheld
    union all
    select
        judged.period_kind,
        judged.period_end,
        judged.gas,
        cast(judged.km - sum(case when not by_mode.is_withheld then by_mode.km else 0 end) as decimal(18, 6)),
        cast(judged.past_km - sum(case when not by_mode.is_withheld then by_mode.past_km else 0 end) as decimal(18, 6)),
        cast(judged.kg - sum(case when not by_mode.is_withheld then by_mode.kg else 0 end) as decimal(18, 6)),
        cast(judged.past_kg - sum(case when not by_mode.is_withheld then by_mode.past_kg else 0 end) as decimal(18, 6))
    from judged
    inner join by_mode
        on
            by_mode.period_kind = judged.period_kind
            and by_mode.period_end = judged.period_end
            and by_mode.gas = judged.gas
    where judged.reason is null
    group by
        judged.period_kind, judged.period_end, judged.gas, judged.km, judged.past_km, judged.kg, judged.past_kg
),
factors as (
    select
        modes.period_kind,
        modes.period_end,
        modes.gas,
        judged.trips / nullif(judged.fte, 0) as trips_1,
        judged.past_trips / nullif(judged.past_fte, 0) as trips_0,
        judged.km / nullif(judged.trips, 0) as km_1,
        judged.past_km / nullif(judged.past_trips, 0) as km_0,
        greatest(modes.km / nullif(judged.km, 0), 1e-12) as share_1,
        greatest(modes.past_km / nullif(judged.past_km, 0), 1e-12) as share_0,
        -- a mode that was not used takes the other side's emission per kilometre
        greatest(
            coalesce(modes.kg / nullif(modes.km, 0), modes.past_kg / nullif(modes.past_km, 0), 1e-12), 1e-12
        ) as kg_1,
        greatest(
            coalesce(modes.past_kg / nullif(modes.past_km, 0), modes.kg / nullif(modes.km, 0), 1e-12), 1e-12
        ) as kg_0
    from modes
    inner join judged
        on
            judged.period_kind = modes.period_kind
            and judged.period_end = modes.period_end
            and judged.gas = modes.gas
),
weighted as (
    select
        *,
        trips_1 * km_1 * share_1 * kg_1 as c_1,
        trips_0 * km_0 * share_0 * kg_0 as c_0
    from factors
),
means as (
    select
        *,
        case
            when abs(c_1 - c_0) <= 1e-12 * greatest(c_1, c_0) then c_1
            else (c_1 - c_0) / nullif(ln(c_1 / nullif(c_0, 0)), 0)
        end as mean
    from weighted
),
terms as (
    select period_kind, period_end, gas, 'trips_per_fte' as term, sum(mean * ln(trips_1 / nullif(trips_0, 0))) as change
    from means group by period_kind, period_end, gas
    union all
    select period_kind, period_end, gas, 'km_per_trip', sum(mean * ln(km_1 / nullif(km_0, 0)))
    from means group by period_kind, period_end, gas
    union all
    select period_kind, period_end, gas, 'mode', sum(mean * ln(share_1 / nullif(share_0, 0)))
    from means group by period_kind, period_end, gas
    union all
    select period_kind, period_end, gas, 'fuel_and_cabin', sum(mean * ln(kg_1 / nullif(kg_0, 0)))
    from means group by period_kind, period_end, gas
    union all
    select period_kind, period_end, gas, 'all', kg / nullif(fte, 0) - past_kg / nullif(past_fte, 0)
    from judged where reason is null
)
select
    settings_method.organisation,
    judged.period_kind,
    judged.period_end,
    settings_method.baseline_label as baseline,
    judged.gas,
    listed.term,
    terms.change as change_kg,
    judged.reason
from judged
cross join settings_method
cross join (values ('trips_per_fte'), ('km_per_trip'), ('mode'), ('fuel_and_cabin'), ('all')) as listed (term)
left join terms
    on
        terms.period_kind = judged.period_kind
        and terms.period_end = judged.period_end
        and terms.gas = judged.gas
        and terms.term = listed.term
