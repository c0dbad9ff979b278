-- Which source has spoken for which month, and what became of what it said.
with counted as (
    select
        source,
        cast(date_trunc('month', cast(window_to at time zone 'Europe/Stockholm' as timestamp) - interval 1 day) as date) as month,
        sum(pulled) as pulled,
        sum(landed) as landed,
        sum(rejected) as rejected,
        sum(excluded) as excluded
    from landing_pulls
    group by 1, 2
    union all
    select
        source,
        cast(date_trunc('month', covers_to) as date),
        sum(rows_read),
        sum(rows_landed),
        sum(rows_rejected),
        sum(rows_excluded)
    from core_files
    group by 1, 2
)
select
    settings_method.organisation,
    coverage.source,
    coverage.kind,
    coverage.month,
    coverage.is_expected,
    coverage.is_covered,
    coverage.status,
    cast(counted.pulled as bigint) as pulled,
    cast(counted.landed as bigint) as landed,
    cast(counted.rejected as bigint) as rejected,
    cast(counted.excluded as bigint) as excluded
from core_coverage as coverage
cross join settings_method
left join counted on counted.source = coverage.source and counted.month = coverage.month
where date_diff('day', coverage.month, settings_method.as_of) >= 0
