-- Each meeting platform by quarter, year and twelve months: meetings called and attended on it, and how many connections
-- had trouble. A meeting on several platforms counts on the one with most participants. A period not covered has no numbers:
-- they would look like fewer meetings.
with platforms as (
    select
        period_kind,
        period_end,
        dimension_value as platform,
        max(case when quantity = 'meetings_organised' and not is_withheld then amount end) as organised,
        max(case when quantity = 'meetings_attended' and not is_withheld then amount end) as attended,
        max(case when quantity = 'connections' and not is_withheld then amount end) as connections
    from core_disclosure
    where
        dimension = 'platform' and department = 'all' and person_group = 'all'
        and period_kind in ('quarter', 'year', 'rolling_12')
    group by period_kind, period_end, dimension_value
)
select
    settings_method.organisation,
    platforms.period_kind,
    platforms.period_end,
    platforms.platform,
    case when coverage.is_covered then platforms.organised end as meetings_organised,
    case when coverage.is_covered then platforms.attended end as meetings_attended,
    case
        when not coverage.is_covered then 'source_missing'
        when platforms.organised is null or platforms.attended is null then 'too_few_people'
    end as reason,
    case when coverage.is_covered then platforms.connections end as connections_known,
    case when trouble.reason is null then trouble.value end as trouble_share,
    case
        when not coverage.is_covered then 'source_missing'
        -- nobody is known to have connected to it
        when trouble.indicator is null then 'nothing_counted'
        else trouble.reason
    end as trouble_reason
from platforms
cross join settings_method
inner join core_period_coverage as coverage
    on
        coverage.kind = 'meetings'
        and coverage.period_kind = platforms.period_kind
        and coverage.period_end = platforms.period_end
left join core_share_figures as trouble
    on
        trouble.indicator = 'technical_trouble'
        and trouble.department = 'all'
        and trouble.person_group = 'all'
        and trouble.dimension_1 = 'platform'
        and trouble.value_1 = platforms.platform
        and trouble.period_kind = platforms.period_kind
        and trouble.period_end = platforms.period_end
