-- Every published figure, one row each. A figure that cannot be given is NULL and says why; a figure that may not be
-- shown says so and shows nothing that it could be worked out from.
with figures as (
    select * from core_level_figures
    union all
    select * from core_share_figures
    union all
    select * from core_change_figures
    union all
    select * from core_reach_figures
    union all
    select * from core_meeting_figures
    union all
    select * from core_cost_figures
    union all
    select * from core_survey_figures
    union all
    select * from core_training_figures
    union all
    select * from core_ratio_figures
    union all
    select * from core_scenario_figures
    union all
    select * from core_target_figures
)
select
    settings_method.organisation,
    figures.department,
    figures.person_group,
    figures.period_kind,
    figures.period_end,
    figures.baseline,
    figures.indicator,
    figures.measure,
    figures.dimension_1,
    figures.value_1,
    figures.dimension_2,
    figures.value_2,
    case when figures.reason is null then figures.value end as value,
    case when figures.reason is null then figures.low end as low,
    case when figures.reason is null then figures.high end as high,
    -- without staff data the count itself is still known; whatever else stops a figure stops its count too
    case when figures.reason is null or figures.reason = 'no_staff' then figures.numerator end as numerator,
    case when figures.reason is null then figures.denominator end as denominator,
    figures.unit,
    case when figures.reason is null or figures.reason in ('no_staff', 'incomplete') then figures.known_share end
        as known_share,
    case
        when figures.reason in ('source_missing', 'too_few_people') then null
        when figures.people is null then null
        when figures.people = 0 then '0'
        when figures.people < settings_method.k then null
        when figures.people < 20 then cast(settings_method.k as varchar) || '–19'
        when figures.people < 50 then cast(greatest(settings_method.k, 20) as varchar) || '–49'
        else '50+'
    end as people_class,
    figures.reason,
    settings_method.method_version
from figures
cross join settings_method
