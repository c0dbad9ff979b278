-- How many years up to the baseline are known without a gap, and so whether the interval of the replacement rate covers
-- ordinary differences between years, for which three are needed.
select
    settings_method.organisation,
    settings_method.baseline_label as baseline,
    years.basis,
    years.years,
    years.years >= 3 as is_covering_years
from core_baseline_years as years
cross join settings_method
where
    years.department = 'all' and years.person_group = 'all' and years.dimension = 'all'
