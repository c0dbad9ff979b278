-- The cells that figures are made of: those of every closed period, and of departments by quarter and year. The baseline is
-- compared with, and no figure of its own.
select cell.*
from core_disclosure as cell
inner join (select distinct period_kind, period_end from core_periods where period_kind <> 'baseline') as shown
    on shown.period_kind = cell.period_kind and shown.period_end = cell.period_end
where cell.department = 'all' or cell.period_kind in ('quarter', 'year')
