-- Kilograms per leg of a trip and gas, by the most specific factor of the chosen set: a known fuel or cabin before "any".
-- A row that has a cost and no distance takes a factor per krona, where the set has one. Without distance or cost, or
-- without a factor, the emission is unknown, not zero. The supplier's own figure stands beside. Where settings name a
-- source of fuel for the vehicle, its litres count and these kilograms are a cross-check.
with matched as (
    select
        leg.file_sha256,
        leg.row_number,
        factor.gas,
        factor.factor_id,
        case when factor.unit = 'SEK' then cast(row_of_file.cost_sek as double) else segment.distance_km
            -- what is added to a great circle for the way that is really flown
            + case
                when factor.distance_basis = 'great_circle_plus_95' and segment.distance_basis = 'places'
                    then 95 * segment.ways
                else 0
            end
        end * factor.kg_per_unit * factor.high_altitude_factor as kg,
        row_number() over (
            partition by leg.file_sha256, leg.row_number, factor.gas
            order by
                factor.fuel = 'any',
                factor.cabin = 'any',
                factor.factor_id
        ) as choice
    from core_trip_legs as leg
    inner join core_segments as segment
        on segment.file_sha256 = leg.file_sha256 and segment.row_number = leg.row_number
    inner join landing_travel_segments as row_of_file
        on row_of_file.file_sha256 = leg.file_sha256 and row_of_file.row_number = leg.row_number
    cross join settings_method
    inner join ref_emission_factors as factor
        on
            factor.factor_set = settings_method.factor_set
            and factor.mode = segment.mode
            and factor.fuel in (segment.fuel, 'any')
            and factor.cabin in (segment.cabin, 'any')
            and case
                when factor.unit = 'SEK' then segment.distance_km is null and row_of_file.cost_sek > 0
                when factor.unit in ('pkm', 'vkm')
                    then segment.one_way_km >= factor.from_km and segment.one_way_km < factor.below_km
                else false
            end
),
-- energy is a property of the way and the vehicle, not of a set of emission factors
energetic as (
    select
        leg.file_sha256,
        leg.row_number,
        segment.distance_km * factor.kwh_per_unit as energy_kwh,
        row_number() over (
            partition by leg.file_sha256, leg.row_number
            order by factor.fuel = 'any', factor.from_km, factor.factor_id
        ) as choice
    from core_trip_legs as leg
    inner join core_segments as segment
        on segment.file_sha256 = leg.file_sha256 and segment.row_number = leg.row_number
    inner join ref_energy_factors as factor
        on
            factor.mode = segment.mode
            and factor.fuel in (segment.fuel, 'any')
            and factor.unit in ('pkm', 'vkm')
            and segment.one_way_km >= factor.from_km
            and segment.one_way_km < factor.below_km
)
select
    leg.file_sha256,
    leg.row_number,
    max(case when matched.gas = 'co2' then matched.kg end) as co2_kg,
    max(case when matched.gas = 'co2e' then matched.kg end) as co2e_kg,
    max(case when matched.gas = 'co2' then matched.factor_id end) as co2_factor_id,
    max(case when matched.gas = 'co2e' then matched.factor_id end) as co2e_factor_id,
    max(segment.co2_kg_reported) as co2_kg_reported,
    max(energetic.energy_kwh) as energy_kwh,
    max(case when by_fuel.mode is not null then 1 else 0 end) = 1 as is_by_fuel
from core_trip_legs as leg
inner join core_segments as segment
    on segment.file_sha256 = leg.file_sha256 and segment.row_number = leg.row_number
left join matched
    on matched.file_sha256 = leg.file_sha256 and matched.row_number = leg.row_number and matched.choice = 1
left join energetic
    on energetic.file_sha256 = leg.file_sha256 and energetic.row_number = leg.row_number and energetic.choice = 1
left join settings_authorities as by_fuel
    on
        by_fuel.quantity = 'fuel'
        and by_fuel.mode = segment.mode
        and (by_fuel.vehicle_class is null or by_fuel.vehicle_class = segment.vehicle_class)
group by leg.file_sha256, leg.row_number
