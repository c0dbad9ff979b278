-- Replacement rate: the share of the trips expected from the baseline that were not made, whatever the cause. R = trips
-- ÷ expected, rate = 1 − R. Its interval is 1 − R·exp(±t·se), se² = φ·(1/trips + Σw²y₀/expected²), with φ how much more
-- the months vary than independent counts would (Pearson), at least 1, times (1 + r) / (1 − r) for how far a month takes
-- after the one before it (r from the residuals, freed of the bias of few months, 0.02 to 0.6). With three baseline
-- years or more, what whole years differ beyond chance is added, once for the baseline's year and once for the period's:
-- 2·max(0, s² − φ·mean of 1/trips), and the degrees of freedom are Satterthwaite's.
with rates as (
    select
        period_kind, period_end, department, person_group, dimension, dimension_value, basis,
        months, amount as trips, expected, expected_variance,
        amount / nullif(expected, 0) as ratio
    from core_comparisons
    where quantity = 'trips_replaceable'
),
residuals as (
    select
        rates.*,
        pair.month,
        pair.amount as y1,
        pair.baseline_amount as y0,
        (pair.amount + pair.baseline_amount) * rates.ratio * pair.exposure
        / nullif(pair.baseline_exposure + rates.ratio * pair.exposure, 0) as fitted_1,
        (pair.amount + pair.baseline_amount) * pair.baseline_exposure
        / nullif(pair.baseline_exposure + rates.ratio * pair.exposure, 0) as fitted_0
    from rates
    inner join core_paired_months as pair
        on
            pair.quantity = 'trips_replaceable'
            and pair.period_kind = rates.period_kind
            and pair.period_end = rates.period_end
            and pair.department = rates.department
            and pair.person_group = rates.person_group
            and pair.dimension = rates.dimension
            and pair.dimension_value = rates.dimension_value
            and pair.basis = rates.basis
),
-- each month's residual in units of its own standard deviation, beside that of the month before
standardised as (
    select
        *,
        coalesce((y1 - fitted_1) / nullif(sqrt(fitted_1 * fitted_0 / nullif(fitted_1 + fitted_0, 0)), 0), 0) as residual
    from residuals
),
followed as (
    select
        *,
        case
            when
                date_diff(
                    'month',
                    lag(month) over (
                        partition by period_kind, period_end, department, person_group, dimension, dimension_value, basis
                        order by month
                    ),
                    month
                ) = 1
                then
                    lag(residual) over (
                        partition by period_kind, period_end, department, person_group, dimension, dimension_value, basis
                        order by month
                    )
        end as residual_before
    from standardised
),
dispersions as (
    select
        period_kind, period_end, department, person_group, dimension, dimension_value, basis, months,
        greatest(
            1.0,
            cast(
                sum(
                    cast(
                        -- a month without trips on either side fits exactly
                        coalesce((y1 - fitted_1) * (y1 - fitted_1) / nullif(fitted_1, 0), 0)
                        + coalesce((y0 - fitted_0) * (y0 - fitted_0) / nullif(fitted_0, 0), 0)
                        as decimal(38, 18)
                    )
                ) as double
            ) / nullif(months - 1, 0)
        ) as dispersion,
        (
            cast(sum(cast(coalesce(residual * residual_before, 0) as decimal(38, 15))) as double)
            / nullif(cast(sum(cast(residual * residual as decimal(38, 15))) as double), 0)
            + 1 / nullif(cast(months as double), 0)
        ) / nullif(1 - 4 / nullif(cast(months as double), 0), 0) as estimated_correlation
    from followed
    where months >= 6
    group by period_kind, period_end, department, person_group, dimension, dimension_value, basis, months
),
-- fewer than six months cannot tell how much months vary: the twelve months with the most pairs, the latest of them, speak for them
borrowed as (
    select
        *,
        row_number() over (
            partition by department, person_group, dimension, dimension_value, basis
            order by months desc, period_end desc
        ) as choice
    from dispersions
    where period_kind = 'rolling_12'
),
judged as (
    select
        rates.*,
        case when rates.months >= 6 then own.dispersion else borrowed.dispersion end as dispersion,
        -- a month always takes after the one before it a little, and nobody can tell more than this from a year of them
        least(
            greatest(
                coalesce(
                    case when rates.months >= 6 then own.estimated_correlation else borrowed.estimated_correlation end, 0
                ),
                0.02
            ),
            0.6
        ) as correlation,
        case when rates.months >= 6 then rates.months else borrowed.months end - 1 as degrees_of_freedom
    from rates
    left join dispersions as own
        on
            own.period_kind = rates.period_kind
            and own.period_end = rates.period_end
            and own.department = rates.department
            and own.person_group = rates.person_group
            and own.dimension = rates.dimension
            and own.dimension_value = rates.dimension_value
            and own.basis = rates.basis
    left join borrowed
        on
            borrowed.choice = 1
            and borrowed.department = rates.department
            and borrowed.person_group = rates.person_group
            and borrowed.dimension = rates.dimension
            and borrowed.dimension_value = rates.dimension_value
            and borrowed.basis = rates.basis
),
correlated as (
    select *, dispersion * (1 + correlation) / nullif(1 - correlation, 0) as total_dispersion from judged
),
varied as (
    select
        judged.*,
        coalesce(history.years, 0) as baseline_years,
        judged.total_dispersion
        * (1 / nullif(judged.trips, 0) + judged.expected_variance / nullif(judged.expected * judged.expected, 0))
            as month_variance,
        case
            when history.years >= 3
                then 2 * greatest(history.log_variance - judged.total_dispersion * history.mean_inverse, 0)
            else 0
        end as year_variance
    from correlated as judged
    left join core_baseline_years as history
        on
            history.department = judged.department
            and history.person_group = judged.person_group
            and history.dimension = judged.dimension
            and history.dimension_value = judged.dimension_value
            and history.basis = judged.basis
),
weighed as (
    select
        *,
        power(month_variance + year_variance, 2)
        / nullif(
            power(month_variance, 2) / nullif(degrees_of_freedom, 0)
            + power(year_variance, 2) / nullif(greatest(baseline_years - 1, 1), 0),
            0
        ) as joint_degrees
    from varied
),
spread as (
    select
        weighed.*,
        sqrt(weighed.month_variance + weighed.year_variance)
        -- between two whole degrees of freedom the quantile is all but straight in one divided by them
        * (
            below.t_975
            + (above.t_975 - below.t_975)
            * (weighed.joint_degrees - floor(weighed.joint_degrees)) * (floor(weighed.joint_degrees) + 1)
            / nullif(weighed.joint_degrees, 0)
        ) as half_width
    from weighed
    left join ref_t_quantiles as below on below.degrees_of_freedom = cast(floor(weighed.joint_degrees) as bigint)
    left join ref_t_quantiles as above on above.degrees_of_freedom = cast(floor(weighed.joint_degrees) as bigint) + 1
)
select
    period_kind,
    period_end,
    department,
    person_group,
    dimension,
    dimension_value,
    basis,
    months,
    trips,
    expected,
    dispersion,
    correlation,
    joint_degrees as degrees_of_freedom,
    baseline_years,
    year_variance,
    case when expected >= 5 then 1 - ratio end as rate,
    case
        when expected < 5 or dispersion is null then null
        when trips = 0 then 1 - 3.69 * dispersion / expected
        else 1 - ratio * exp(half_width)
    end as low,
    case
        when expected < 5 or dispersion is null then null
        when trips = 0 then 1.0
        else 1 - ratio * exp(-half_width)
    end as high
from spread
