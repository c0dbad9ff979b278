-- Kilograms per trip and gas, by the most specific factor of the chosen set: a known fuel or cabin before "any".
-- Without a distance or a factor the emission is unknown, not zero.
with matched as (
    select
        trip.file_sha256,
        trip.row_number,
        factor.gas,
        factor.factor_id,
        trip.distance_km * factor.kg_per_km * factor.high_altitude_factor as kg,
        row_number() over (
            partition by trip.file_sha256, trip.row_number, factor.gas
            order by
                case when factor.fuel = 'any' then 1 else 0 end,
                case when factor.cabin = 'any' then 1 else 0 end,
                factor.factor_id
        ) as choice
    from core_trips as trip
    cross join settings_method
    inner join ref_emission_factors as factor
        on
            factor.factor_set = settings_method.factor_set
            and factor.mode = trip.mode
            and factor.fuel in (trip.fuel, 'any')
            and factor.cabin in (trip.cabin, 'any')
            and trip.one_way_km >= factor.from_km
            and trip.one_way_km < factor.below_km
)
select
    trip.file_sha256,
    trip.row_number,
    max(case when matched.gas = 'co2' then matched.kg end) as co2_kg,
    max(case when matched.gas = 'co2e' then matched.kg end) as co2e_kg,
    max(case when matched.gas = 'co2' then matched.factor_id end) as co2_factor_id,
    max(case when matched.gas = 'co2e' then matched.factor_id end) as co2e_factor_id
from core_trips as trip
left join matched
    on matched.file_sha256 = trip.file_sha256 and matched.row_number = trip.row_number and matched.choice = 1
group by trip.file_sha256, trip.row_number
