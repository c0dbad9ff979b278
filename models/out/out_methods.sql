-- What each figure means and where its definition comes from.
select
    indicator,
    measure,
    name_sv,
    name_en,
    question_sv,
    question_en,
    formula_sv,
    formula_en,
    symbols,
    settings_used,
    unit,
    direction,
    definition_source,
    weaknesses_sv,
    weaknesses_en,
    references_text
from ref_indicators
