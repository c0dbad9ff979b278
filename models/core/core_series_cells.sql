-- The cells that each series is added to: as a whole and by every dimension it is told by, for the whole organisation, its
-- elected representatives and each department.
with spread as (
    select
        series.series_number,
        series.quantity,
        dimensions.dimension,
        case dimensions.dimension
            when 'all' then 'all'
            when 'modality' then series.modality
            when 'meeting_form' then series.meeting_form
            when 'platform' then series.platform
            when 'endpoint' then series.endpoint
            when 'length' then series.length
            when 'mode' then series.mode
            when 'trip_class' then series.trip_class
            else series.statutory_category
        end as dimension_value,
        series.department,
        series.person_group
    from core_series as series
    cross join
        (
            values
            ('all'), ('modality'), ('meeting_form'), ('platform'), ('endpoint'), ('length'), ('mode'), ('trip_class'),
            ('statutory_category')
        ) as dimensions (dimension)
),
leveled as (
    select series_number, quantity, dimension, dimension_value, 'all' as department, 'all' as person_group
    from spread
    union all
    select series_number, quantity, dimension, dimension_value, 'all', 'elected'
    from spread
    where person_group = 'elected'
    union all
    select series_number, quantity, dimension, dimension_value, department, 'all'
    from spread
    where department is not null
)
select
    series_number,
    dense_rank() over (order by quantity, dimension, dimension_value, department, person_group) as cell_number,
    quantity,
    dimension,
    dimension_value,
    department,
    person_group
from leveled
where dimension_value is not null
