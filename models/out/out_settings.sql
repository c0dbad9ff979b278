-- Every choice the organisation has made about the counting, printed in every report.
select
    settings_method.organisation,
    printed.setting,
    printed.value,
    printed.unit,
    printed.description_sv,
    printed.description_en
from settings_printed as printed
cross join settings_method
