-- Each target of the settings, year by year: what was, what the straight line from base to target asks for, how much of
-- the way is gone, and where a straight line through the logarithms of the years so far leads. A forecast needs four
-- years.
with years as (
    select
        target.target,
        target.target_name,
        figure.indicator,
        figure.measure,
        figure.unit,
        figure.period_kind,
        figure.period_end,
        -- twelve months that end within a year lie between two
        year(figure.period_end) + (month(figure.period_end) - 12) / 12.0 as at_year,
        target.base_year,
        target.target_year,
        target.target_change,
        target.base_value,
        case when figure.reason is null then figure.value end as value,
        figure.people,
        figure.reason
    from settings_targets as target
    inner join core_level_figures as figure
        on
            figure.indicator = target.indicator
            and figure.measure = target.measure
            and figure.department = 'all'
            and figure.person_group = 'all'
            and figure.dimension_1 = 'all'
            and figure.period_kind in ('year', 'rolling_12')
),
based as (
    select
        years.*,
        coalesce(
            base_value,
            max(case when period_kind = 'year' and at_year = base_year then value end) over (partition by target)
        ) as base
    from years
),
pathed as (
    select
        *,
        base * (1 + target_change) as target_value,
        base + base * target_change * (at_year - base_year) / nullif(target_year - base_year, 0) as path_value
    from based
),
-- the years up to each period that a line can be drawn through
points as (
    select
        pathed.target,
        pathed.period_kind,
        pathed.period_end,
        pathed.target_year,
        earlier.at_year as x,
        ln(earlier.value) as y
    from pathed
    inner join pathed as earlier
        on
            earlier.target = pathed.target
            and earlier.period_kind = 'year'
            and earlier.period_end <= pathed.period_end
            and earlier.value > 0
),
means as (
    select target, period_kind, period_end, count(*) as n, avg(x) as mean_x, avg(y) as mean_y
    from points
    group by target, period_kind, period_end
),
slopes as (
    select
        means.target,
        means.period_kind,
        means.period_end,
        means.n,
        means.mean_x,
        means.mean_y,
        sum((points.x - means.mean_x) * (points.x - means.mean_x)) as sxx,
        sum((points.x - means.mean_x) * (points.y - means.mean_y)) as sxy,
        sum((points.y - means.mean_y) * (points.y - means.mean_y)) as syy
    from means
    inner join points
        on
            points.target = means.target
            and points.period_kind = means.period_kind
            and points.period_end = means.period_end
    where means.n >= 4
    group by means.target, means.period_kind, means.period_end, means.n, means.mean_x, means.mean_y
),
lines as (
    select
        slopes.*,
        sxy / nullif(sxx, 0) as slope,
        -- rounding must not make a perfect line's scatter negative
        sqrt(greatest(syy - sxy * sxy / nullif(sxx, 0), 0) / nullif(n - 2, 0)) as scatter,
        quantile.t_975
    from slopes
    inner join ref_t_quantiles as quantile on quantile.degrees_of_freedom = slopes.n - 2
)
select
    pathed.target,
    pathed.target_name,
    pathed.indicator,
    pathed.measure,
    pathed.unit,
    pathed.period_kind,
    pathed.period_end,
    cast(pathed.base_year as bigint) as base_year,
    pathed.base as base_value,
    cast(pathed.target_year as bigint) as target_year,
    pathed.target_value,
    pathed.value,
    pathed.path_value,
    (pathed.base - pathed.value) / nullif(pathed.base - pathed.target_value, 0) as share_of_way,
    case
        when pathed.value is null or pathed.base is null then null
        when (pathed.target_value - pathed.value) * pathed.target_change <= 0 then 'reached'
        when (pathed.path_value - pathed.value) * pathed.target_change <= 0 then 'on_path'
        else 'behind'
    end as status,
    exp(lines.mean_y + lines.slope * (pathed.target_year - lines.mean_x)) as forecast,
    exp(
        lines.mean_y + lines.slope * (pathed.target_year - lines.mean_x)
        - lines.t_975 * lines.scatter
        * sqrt(1 + 1 / nullif(cast(lines.n as double), 0) + power(pathed.target_year - lines.mean_x, 2) / nullif(lines.sxx, 0))
    ) as forecast_low,
    exp(
        lines.mean_y + lines.slope * (pathed.target_year - lines.mean_x)
        + lines.t_975 * lines.scatter
        * sqrt(1 + 1 / nullif(cast(lines.n as double), 0) + power(pathed.target_year - lines.mean_x, 2) / nullif(lines.sxx, 0))
    ) as forecast_high,
    -- the first whole year in which the line is at the target; none where it leads away from it
    case
        when lines.slope * pathed.target_change > 0 and pathed.target_value > 0
            then cast(ceil(lines.mean_x + (ln(pathed.target_value) - lines.mean_y) / lines.slope) as bigint)
    end as reached_year,
    pathed.people,
    case when pathed.reason is not null then pathed.reason when pathed.base is null then 'no_baseline' end as reason,
    case when lines.n is null then 'short_history' end as forecast_reason
from pathed
left join lines
    on
        lines.target = pathed.target
        and lines.period_kind = pathed.period_kind
        and lines.period_end = pathed.period_end
