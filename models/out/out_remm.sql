-- The lists of REMM as they ask for it, item by item and for the whole organisation: step 10 of the method of 2011 to
-- 2022, and step 9 of the method since.
select
    settings_method.organisation,
    listed.view as remm_view,
    listed.item,
    listed.text_sv,
    listed.text_en,
    figure.period_kind,
    figure.period_end,
    figure.indicator,
    figure.measure,
    figure.dimension_1,
    figure.value_1,
    figure.value,
    figure.unit,
    figure.reason
from ref_remm_views as listed
cross join settings_method
inner join out_indicators as figure
    on
        figure.indicator = listed.indicator
        and figure.measure = listed.measure
        and figure.department = 'all'
        and figure.person_group = 'all'
        and figure.dimension_1 in ('all', listed.dimension)
