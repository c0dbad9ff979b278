-- The emission factors of the chosen set, each with its source.
select
    factor.factor_id,
    factor.mode,
    factor.fuel,
    factor.cabin,
    factor.from_km,
    factor.below_km,
    factor.gas,
    factor.boundary,
    factor.kg_per_unit,
    factor.unit,
    factor.distance_basis,
    factor.high_altitude_factor,
    factor.valid_year,
    factor.status,
    factor.source
from ref_emission_factors as factor
inner join settings_method on settings_method.factor_set = factor.factor_set
