-- What each person did in each period, by number: the months of core_quantities added up once, for everything that is made
-- of them. Months are told by few dimensions, since a month's parts rest on too few people.
select
    period.period_number,
    quantities.series_number,
    quantities.person_number,
    sum(quantities.amount) as amount,
    cast(sum(quantities.facts) as bigint) as facts,
    cast(sum(quantities.facts_known) as bigint) as facts_known,
    max(quantities.people) as people
from core_quantities as quantities
inner join core_periods as period on period.month = quantities.month
where period.period_kind <> 'month' or quantities.dimension in ('all', 'modality', 'meeting_form')
group by period.period_number, quantities.series_number, quantities.person_number
