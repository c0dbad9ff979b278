-- Days on end for which a source of meetings has answered, and answered nothing: healthy but empty. A silence is one of five
-- days or more in which, at the pace of the four weeks before, at least thirty meetings would have been held; a source that
-- answers and has never told of a meeting is silent from the first day on. Months in which settings do not expect it are
-- left out.
with days as (
    select source, record_started_on as day, count(*) as meetings
    from core_meeting_records
    group by source, record_started_on
),
spans as (
    select
        known.source,
        known.known_from,
        greatest(cast(known.known_from as date), coalesce(expected.expected_from, cast(known.known_from as date))) as first_day,
        least(cast(known.known_to as date), coalesce(calendar.next_month, cast(known.known_to as date))) as day_after
    from core_known_spans as known
    inner join settings_sources as expected on expected.source = known.source and expected.kind = 'meetings'
    left join ref_calendar as calendar on calendar.month = expected.expected_to
),
asked as (
    -- no day at all where it is not expected
    select source, known_from, first_day, greatest(day_after, first_day) as day_after
    from spans
),
-- days with meetings, and the ends of what is known, beyond which nothing is asked
marks as (
    select asked.source, asked.known_from, days.day
    from asked
    inner join days on days.source = asked.source and days.day between asked.first_day and asked.day_after
    union
    select source, known_from, cast(first_day - interval 1 day as date)
    from asked
    union
    select source, known_from, day_after
    from asked
),
pauses as (
    select
        source,
        cast(lag(day) over (partition by source, known_from order by day) + interval 1 day as date) as silent_from,
        cast(day - interval 1 day as date) as silent_to
    from marks
),
paced as (
    select
        pauses.source,
        pauses.silent_from,
        pauses.silent_to,
        date_diff('day', pauses.silent_from, pauses.silent_to) + 1 as silent_days,
        coalesce(
            sum(
                case
                    when date_diff('day', days.day, pauses.silent_from) between 1 and 28 then days.meetings
                end
            ),
            0
        ) as meetings_before,
        count(days.day) as days_with_meetings
    from pauses
    left join days on days.source = pauses.source
    where pauses.silent_from is not null
    group by pauses.source, pauses.silent_from, pauses.silent_to
)
select
    paced.source,
    paced.silent_from,
    paced.silent_to,
    cast(paced.silent_days as bigint) as silent_days,
    cast(paced.meetings_before as bigint) as meetings_before,
    date_diff('day', paced.silent_to, settings_method.as_of) <= settings_method.reconcile_days as is_open
from paced
cross join settings_method
where
    paced.silent_days >= 5
    and (paced.days_with_meetings = 0 or paced.meetings_before * paced.silent_days >= 28 * 30)
