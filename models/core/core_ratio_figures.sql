-- Trips gone per new digital meeting: the change in trips beside the change in meetings between sites or organisations,
-- each per full-time equivalent and over the same calendar months. Trips that no meeting could replace are left out. For
-- the whole organisation: of a department the change in meetings is too small to divide by.
with shown as (
    select period_kind, period_end
    from core_periods
    cross join settings_method
    where period_kind <> 'baseline'
    group by period_kind, period_end
    having min(month) > min(settings_method.meetings_baseline_to)
),
pairs as (
    select shown.period_kind, shown.period_end, period.month, baseline.month as baseline_month
    from shown
    cross join settings_method
    inner join core_periods as period
        on period.period_kind = shown.period_kind and period.period_end = shown.period_end
    inner join ref_calendar as baseline
        on
            baseline.month >= settings_method.meetings_baseline_from
            and baseline.month <= settings_method.meetings_baseline_to
            and mod(period.month_number - baseline.month_number, 12) = 0
),
known as (
    select
        month,
        max(case when kind = 'meetings' then 1 else 0 end) as has_meetings,
        max(case when kind = 'trips_replaceable' then 1 else 0 end) as has_travel
    from core_kind_coverage
    where kind in ('meetings', 'trips_replaceable') and is_covered
    group by month
),
-- whether there is anything of the period, and any meetings to compare with
spoken as (
    select
        pairs.period_kind,
        pairs.period_end,
        max(present.has_meetings * present.has_travel) as is_known,
        max(past.has_meetings) as has_past_meetings
    from pairs
    left join known as present on present.month = pairs.month
    left join known as past on past.month = pairs.baseline_month
    group by pairs.period_kind, pairs.period_end
),
covered as (
    select pairs.*
    from pairs
    inner join known as present
        on present.month = pairs.month and present.has_meetings = 1 and present.has_travel = 1
    inner join known as past
        on past.month = pairs.baseline_month and past.has_meetings = 1 and past.has_travel = 1
),
monthly as (
    select
        month,
        sum(case when quantity = 'trips_replaceable' then amount else 0 end) as trips,
        sum(case when quantity = 'meetings_organised_spanning' then amount else 0 end) as meetings
    from core_monthly
    where
        quantity in ('trips_replaceable', 'meetings_organised_spanning')
        and dimension = 'all'
        and department = 'all'
        and person_group = 'all'
    group by month
),
summed as (
    select
        covered.period_kind,
        covered.period_end,
        cast(sum(cast(coalesce(present.trips, 0) as decimal(18, 6))) as double) as trips,
        cast(sum(cast(coalesce(present.meetings, 0) as decimal(18, 6))) as double) as meetings,
        cast(sum(cast(coalesce(past.trips, 0) as decimal(18, 6))) as double) as past_trips,
        cast(sum(cast(coalesce(past.meetings, 0) as decimal(18, 6))) as double) as past_meetings,
        cast(sum(cast(fte.denominator as decimal(18, 6))) as double) as fte,
        cast(sum(cast(past_fte.denominator as decimal(18, 6))) as double) as past_fte
    from covered
    left join monthly as present on present.month = covered.month
    left join monthly as past on past.month = covered.baseline_month
    inner join core_denominators as fte
        on fte.month = covered.month and fte.department = 'all' and fte.person_group = 'all' and fte.denominator > 0
    inner join core_denominators as past_fte
        on
            past_fte.month = covered.baseline_month
            and past_fte.department = 'all'
            and past_fte.person_group = 'all'
            and past_fte.denominator > 0
    group by covered.period_kind, covered.period_end
),
-- the ratio shows what the baseline's side was: it too rests on enough people
past_people as (
    select
        covered.period_kind,
        covered.period_end,
        series.quantity,
        -- everything without a known person together counts as one person
        greatest(
            count(distinct quantities.person_number) + max(case when quantities.person_number is null then 1 else 0 end),
            max(quantities.people)
        ) as people
    from covered
    inner join core_quantities as quantities on quantities.month = covered.baseline_month
    inner join core_series as series on series.series_number = quantities.series_number
    where series.quantity in ('trips_replaceable', 'meetings_organised_spanning')
    group by covered.period_kind, covered.period_end, series.quantity
),
past_withheld as (
    select period_kind, period_end, max(case when people < settings_method.k then 1 else 0 end) as is_withheld
    from past_people
    cross join settings_method
    group by period_kind, period_end
),
cells as (
    select *
    from core_disclosure
    where
        quantity in ('trips_replaceable', 'meetings_organised_spanning')
        and dimension = 'all'
        and department = 'all'
        and person_group = 'all'
),
-- what a month or quarter is compared with is that month or quarter of the baseline
counterparts as (
    select
        shown.period_kind,
        shown.period_end,
        max(case when cells.is_withheld then 1 else 0 end) as is_withheld
    from shown
    cross join settings_method
    inner join cells
        on
            cells.period_kind = shown.period_kind
            and cells.period_kind in ('month', 'quarter')
            and month(cells.period_end) = month(shown.period_end)
            and date_trunc('month', cells.period_end) >= settings_method.meetings_baseline_from
            and date_trunc('month', cells.period_end) <= settings_method.meetings_baseline_to
    group by shown.period_kind, shown.period_end
),
withheld as (
    select
        cells.period_kind,
        cells.period_end,
        greatest(
            max(case when cells.is_withheld then 1 else 0 end),
            max(coalesce(past_withheld.is_withheld, 0)),
            max(coalesce(counterparts.is_withheld, 0))
        ) as is_withheld,
        min(cells.people) as people
    from cells
    left join past_withheld
        on past_withheld.period_kind = cells.period_kind and past_withheld.period_end = cells.period_end
    left join counterparts
        on counterparts.period_kind = cells.period_kind and counterparts.period_end = cells.period_end
    group by cells.period_kind, cells.period_end
),
figures as (
    select
        shown.period_kind,
        shown.period_end,
        settings_method.meetings_baseline_label as baseline,
        summed.past_trips / nullif(summed.past_fte, 0) - summed.trips / nullif(summed.fte, 0) as trips_gone,
        summed.meetings / nullif(summed.fte, 0) - summed.past_meetings / nullif(summed.past_fte, 0) as meetings_new,
        summed.past_meetings,
        coalesce(spoken.is_known, 0) as is_known,
        coalesce(spoken.has_past_meetings, 0) as has_past_meetings,
        covered_pairs.period_end is not null as has_pairs,
        withheld.people,
        withheld.is_withheld
    from shown
    cross join settings_method
    left join summed on summed.period_kind = shown.period_kind and summed.period_end = shown.period_end
    left join spoken on spoken.period_kind = shown.period_kind and spoken.period_end = shown.period_end
    left join (select distinct period_kind, period_end from covered) as covered_pairs
        on covered_pairs.period_kind = shown.period_kind and covered_pairs.period_end = shown.period_end
    left join withheld on withheld.period_kind = shown.period_kind and withheld.period_end = shown.period_end
)
select
    figures.period_kind,
    figures.period_end,
    'all' as department,
    'all' as person_group,
    figures.baseline,
    measure.indicator,
    measure.measure,
    'all' as dimension_1,
    'all' as value_1,
    'all' as dimension_2,
    'all' as value_2,
    figures.trips_gone / nullif(figures.meetings_new, 0) as value,
    cast(null as double) as low,
    cast(null as double) as high,
    figures.trips_gone as numerator,
    figures.meetings_new as denominator,
    measure.unit,
    cast(1 as double) as known_share,
    figures.people,
    case
        when figures.is_known = 0 then 'source_missing'
        when figures.has_past_meetings = 0 then 'no_baseline_meetings'
        when not figures.has_pairs then 'source_missing'
        when figures.is_withheld = 1 then 'too_few_people'
        when figures.past_meetings is null then 'no_staff'
        when figures.past_meetings = 0 then 'no_baseline_meetings'
        when figures.meetings_new = 0 then 'nothing_counted'
    end as reason
from figures
inner join ref_indicators as measure on measure.indicator = 'replacement_ratio'
