-- Spans of time for which a source has told everything, as long as they can be made: from complete pulls, and from the days
-- that files say they cover. Never from the presence of rows: a day without meetings and a day not asked for differ.
with spans as (
    select
        source,
        cast(window_from at time zone 'Europe/Stockholm' as timestamp) as span_from,
        cast(window_to at time zone 'Europe/Stockholm' as timestamp) as span_to
    from landing_pulls
    where status = 'complete'
    union all
    select
        source,
        cast(covers_from as timestamp),
        cast(covers_to + interval 1 day as timestamp)
    from core_files
    -- a total speaks for the months it counts, which core_totals knows
    where kind not in ('meeting_totals', 'travel_totals')
),
ordered as (
    select
        *,
        max(span_to) over (
            partition by source order by span_from, span_to rows between unbounded preceding and 1 preceding
        ) as reached
    from spans
),
numbered as (
    select
        *,
        count(case when reached is null or span_from > reached then span_from end) over (
            partition by source order by span_from, span_to rows unbounded preceding
        ) as island
    from ordered
)
select
    source,
    min(span_from) as known_from,
    max(span_to) as known_to
from numbered
group by source, island
