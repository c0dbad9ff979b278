-- What was put into vehicles, row by row of the sources that settings name for fuel, with its emissions by litre or
-- kilowatt-hour. Without a factor of that unit the emission is unknown, not zero. No row is a trip or a person's.
with fuelled as (
    select segment.*, cast(date_trunc('month', segment.departed_at) as date) as month
    from landing_travel_segments as segment
    inner join core_files on core_files.file_sha256 = segment.file_sha256
    where segment.row_means = 'fuel' and segment.quantity_unit in ('litre', 'kwh')
),
-- where no source is named kilometres count, and these would count the same again
named as (
    select
        fuelled.file_sha256,
        fuelled.row_number,
        max(case when authority.vehicle_class = fuelled.vehicle_class then 1 else 0 end) as has_own,
        max(case when authority.vehicle_class = fuelled.vehicle_class and authority.source = fuelled.source then 1 else 0 end)
            as is_own,
        -- an invoice that tells of no class of vehicle is for those its source is named for
        max(
            case
                when
                    (authority.vehicle_class is null or fuelled.vehicle_class is null)
                    and authority.source = fuelled.source
                    then 1
                else 0
            end
        ) as is_any
    from fuelled
    inner join settings_authorities as authority
        on authority.quantity = 'fuel' and authority.mode = fuelled.mode
    group by fuelled.file_sha256, fuelled.row_number
),
counted as (
    select fuelled.*
    from fuelled
    inner join named on named.file_sha256 = fuelled.file_sha256 and named.row_number = fuelled.row_number
    where case when named.has_own = 1 then named.is_own else named.is_any end = 1
),
matched as (
    select
        counted.file_sha256,
        counted.row_number,
        factor.gas,
        counted.quantity * factor.kg_per_unit as kg,
        row_number() over (
            partition by counted.file_sha256, counted.row_number, factor.gas
            order by factor.fuel = 'any', factor.factor_id
        ) as choice
    from counted
    cross join settings_method
    inner join ref_emission_factors as factor
        on
            factor.factor_set = settings_method.factor_set
            and factor.mode = counted.mode
            and factor.fuel in (counted.fuel, 'any')
            and lower(factor.unit) = counted.quantity_unit
),
energetic as (
    select counted.file_sha256, counted.row_number, max(counted.quantity * factor.kwh_per_unit) as energy_kwh
    from counted
    inner join ref_energy_factors as factor
        on factor.mode = counted.mode and factor.fuel = counted.fuel and lower(factor.unit) = counted.quantity_unit
    group by counted.file_sha256, counted.row_number
),
kilograms as (
    select
        file_sha256,
        row_number,
        max(case when gas = 'co2' then kg end) as co2_kg,
        max(case when gas = 'co2e' then kg end) as co2e_kg
    from matched
    where choice = 1
    group by file_sha256, row_number
)
select
    counted.source,
    counted.file_sha256,
    counted.row_number,
    counted.month,
    department.reporting_department as department,
    counted.mode,
    counted.vehicle_class,
    coalesce(counted.fuel, 'unknown') as fuel,
    counted.quantity as fuel_quantity,
    counted.quantity_unit as fuel_unit,
    case when counted.mode in ('car', 'taxi') then 'car' else 'machine_other' end as statutory_category,
    kilograms.co2_kg,
    kilograms.co2e_kg,
    energetic.energy_kwh
from counted
left join energetic on energetic.file_sha256 = counted.file_sha256 and energetic.row_number = counted.row_number
left join kilograms on kilograms.file_sha256 = counted.file_sha256 and kilograms.row_number = counted.row_number
left join core_departments as department
    on department.source_value = counted.department and department.month = counted.month
