-- Which months each source has spoken for, whole, row by row or by totals. Coverage comes from complete pulls and from what a file says it
-- covers, never from the presence of rows: a month without trips and a month without a file are different things.
with first_words as (
    select source, cast(date_trunc('month', min(said_of)) as date) as first_month
    from (
        select source, cast(window_from at time zone 'Europe/Stockholm' as date) as said_of from landing_pulls
        union all
        select source, covers_from from core_files
        union all
        select source, month from core_totals
    ) as said
    group by source
),
attempts as (
    select
        source,
        status,
        cast(window_from at time zone 'Europe/Stockholm' as timestamp) as span_from,
        cast(window_to at time zone 'Europe/Stockholm' as timestamp) as span_to
    from landing_pulls
),
asked as (
    select
        expected.source,
        expected.kind,
        calendar.month,
        calendar.next_month,
        calendar.month >= coalesce(expected.expected_from, first_words.first_month)
        and calendar.month <= coalesce(expected.expected_to, calendar.month) as is_expected
    from settings_sources as expected
    left join first_words on first_words.source = expected.source
    cross join settings_method
    inner join ref_calendar as calendar
        on
            calendar.month >= coalesce(least(expected.expected_from, first_words.first_month), settings_method.baseline_from)
            and calendar.next_month <= settings_method.as_of
),
seen as (
    select
        asked.source,
        asked.kind,
        asked.month,
        max(
            case
                when known.known_from <= cast(asked.month as timestamp) and known.known_to >= cast(asked.next_month as timestamp)
                    then 1
                else 0
            end
        ) as whole,
        max(case when known.source is not null then 1 else 0 end) as some
    from asked
    left join core_known_spans as known
        on
            known.source = asked.source
            and known.known_from < cast(asked.next_month as timestamp)
            and known.known_to > cast(asked.month as timestamp)
    group by asked.source, asked.kind, asked.month
),
attempted as (
    select
        asked.source,
        asked.month,
        max(case when attempts.status = 'failed' then 0 else 1 end) as part
    from asked
    inner join attempts
        on
            attempts.source = asked.source
            and attempts.span_from < cast(asked.next_month as timestamp)
            and attempts.span_to > cast(asked.month as timestamp)
    group by asked.source, asked.month
)
select
    asked.source,
    asked.kind,
    asked.month,
    coalesce(asked.is_expected, true) as is_expected,
    seen.whole = 1 as is_covered,
    case
        when seen.whole = 1 then 'covered'
        when filled.source is not null then 'totals'
        when seen.some = 1 or attempted.part = 1 then 'partial'
        when attempted.source is not null then 'failed'
        when not coalesce(asked.is_expected, true) then 'not_expected'
        else 'missing'
    end as status
from asked
inner join seen on seen.source = asked.source and seen.month = asked.month and seen.kind = asked.kind
left join (select distinct source, kind, month from core_totals) as filled
    on filled.source = asked.source and filled.kind = asked.kind and filled.month = asked.month
left join attempted on attempted.source = asked.source and attempted.month = asked.month
