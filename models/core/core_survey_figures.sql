-- What people answered in the latest round of a survey that ended in the period, question by question. Whether a meeting
-- replaced a trip is no attitude and belongs to the scenario. The interval is Wilson's.
with shown as (
    select period_kind, period_end, min(month) as first_month, max(month) as last_month
    from core_periods
    where period_kind <> 'baseline'
    group by period_kind, period_end
),
latest as (
    select
        shown.period_kind,
        shown.period_end,
        rounds.*,
        row_number() over (
            partition by shown.period_kind, shown.period_end, rounds.question, rounds.department
            order by rounds.ended_on desc, rounds.round desc
        ) as choice
    from shown
    cross join settings_method
    inner join core_survey_rounds as rounds
        on rounds.ended_on >= shown.first_month and rounds.ended_on <= shown.period_end
    where
        rounds.question <> settings_method.replacement_question
        and (rounds.department = 'all' or shown.period_kind in ('quarter', 'year'))
),
bounded as (
    select
        *,
        cast(answers as double) as n
    from latest
    where choice = 1
),
figures as (
    select
        bounded.period_kind,
        bounded.period_end,
        bounded.department,
        measure.indicator,
        measure.measure,
        measure.unit,
        bounded.question,
        bounded.n,
        case when measure.measure = 'mean' then bounded.mean else bounded.share_positive end as value,
        case when measure.measure = 'share_positive' then (bounded.n * bounded.share_positive + 1.9207 - 1.959964 * sqrt(bounded.n * bounded.share_positive * (1 - bounded.share_positive) + 0.9604)) / nullif(bounded.n + 3.8415, 0) end as low,
        -- rounding must not put the figure outside of its own interval
        case when measure.measure = 'share_positive' then greatest((bounded.n * bounded.share_positive + 1.9207 + 1.959964 * sqrt(bounded.n * bounded.share_positive * (1 - bounded.share_positive) + 0.9604)) / nullif(bounded.n + 3.8415, 0), bounded.share_positive) end as high
    from bounded
    inner join ref_indicators as measure on measure.indicator = 'meeting_attitude'
)
select
    figures.period_kind,
    figures.period_end,
    figures.department,
    'all' as person_group,
    'none' as baseline,
    figures.indicator,
    figures.measure,
    'question' as dimension_1,
    figures.question as value_1,
    'all' as dimension_2,
    'all' as value_2,
    figures.value,
    figures.low,
    figures.high,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    figures.unit,
    cast(1 as double) as known_share,
    cast(round(figures.n) as bigint) as people,
    case
        when figures.n < settings_method.k then 'too_few_people'
        when figures.value is null then 'nothing_counted'
    end as reason
from figures
cross join settings_method
union all
-- a period without a survey says so
select
    shown.period_kind, shown.period_end, 'all', 'all', 'none', measure.indicator, measure.measure,
    'all', 'all', 'all', 'all',
    cast(null as double), cast(null as double), cast(null as double), cast(null as double), cast(null as double),
    measure.unit, cast(null as double), cast(null as bigint), 'no_survey'
from shown
inner join ref_indicators as measure on measure.indicator = 'meeting_attitude'
left join (select distinct period_kind, period_end from bounded) as asked
    on asked.period_kind = shown.period_kind and asked.period_end = shown.period_end
where asked.period_end is null
