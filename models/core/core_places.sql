-- The places the organisation has told where they are: its own sites, at locality level.
with described as (
    select
        *,
        row_number() over (partition by site order by valid_from desc, source) as choice
    from landing_sites
)
select
    site as place,
    municipality,
    latitude,
    longitude,
    true as is_own_site
from described
where choice = 1
