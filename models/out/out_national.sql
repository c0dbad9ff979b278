-- What others have published of whole groups of organisations, each with its source and what makes it hard to compare.
-- Beside the organisation's own figures, never mixed with them.
select
    value_id,
    indicator,
    measure,
    scope_sv,
    scope_en,
    year,
    cast(value as double) as value,
    unit,
    basis,
    caveat_sv,
    caveat_en,
    source
from ref_national_values
