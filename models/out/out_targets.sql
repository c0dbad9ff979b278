-- Targets of the organisation, year by year: what was, what the straight line from base to target asks for, whether that
-- is met, and where the years so far lead. What may not be shown of a year is left out with its reason.
select
    settings_method.organisation,
    years.target,
    years.target_name,
    years.indicator,
    years.measure,
    years.unit,
    years.period_kind,
    years.period_end,
    years.base_year,
    years.base_value,
    years.target_year,
    years.target_value,
    years.value,
    years.path_value,
    case when years.reason is null then years.share_of_way end as share_of_way,
    years.status,
    years.forecast,
    years.forecast_low,
    years.forecast_high,
    years.reached_year,
    years.reason,
    years.forecast_reason
from core_target_years as years
cross join settings_method
