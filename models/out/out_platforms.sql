-- Each meeting platform by quarter, year and twelve months: meetings called and attended on it, and how many connections
-- had trouble. A meeting on several platforms counts on the one with most participants. A period not covered has no numbers:
-- they would look like fewer meetings.
with cells as (
    select period_kind, period_end, quantity, dimension_value as platform, amount, known_share, is_withheld
    from core_disclosure
    where
        dimension = 'platform' and department = 'all' and person_group = 'all'
        and period_kind in ('quarter', 'year', 'rolling_12')
),
platforms as (
    select
        period_kind,
        period_end,
        platform,
        max(case when quantity = 'meetings_organised' and not is_withheld then amount end) as organised,
        max(case when quantity = 'meetings_attended' and not is_withheld then amount end) as attended,
        max(case when quantity = 'connections' and not is_withheld then amount end) as connections,
        max(case when quantity = 'connections' then known_share end) as known_share,
        max(case when quantity = 'connections_troubled' and not is_withheld then amount end) as troubled
    from cells
    group by period_kind, period_end, platform
)
select
    settings_method.organisation,
    platforms.period_kind,
    platforms.period_end,
    platforms.platform,
    case when coverage.is_covered then platforms.organised end as meetings_organised,
    case when coverage.is_covered then platforms.attended end as meetings_attended,
    case when coverage.is_covered then platforms.connections end as connections_known,
    case
        when
            coverage.is_covered and platforms.known_share >= settings_method.published_share
            then platforms.troubled / nullif(platforms.connections, 0)
    end as trouble_share,
    case
        when not coverage.is_covered then 'source_missing'
        when platforms.organised is null or platforms.attended is null then 'too_few_people'
    end as reason
from platforms
cross join settings_method
inner join core_period_coverage as coverage
    on
        coverage.kind = 'meetings'
        and coverage.period_kind = platforms.period_kind
        and coverage.period_end = platforms.period_end
