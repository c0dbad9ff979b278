-- Every spelling of a place, and where it is: the organisation's own sites before the reference list, and in that a name
-- before an airport's code. An airport belongs to the town it serves.
with described as (
    select
        *,
        row_number() over (partition by site order by valid_from desc, source) as choice
    from landing_sites
),
spelled as (
    select
        regexp_replace(
            translate(lower(trim(site)), 'åäáàâæãéèêëíîìóôöøõúüùñçýšžčćłńśğıő', 'aaaaaaaeeeeiiiooooouuuncyszcclnsgio'),
            ' (c|cst|central|centralen|centralstation|resecentrum|station|flygplats|airport)$',
            ''
        ) as place,
        cast(null as varchar) as locality,
        municipality,
        latitude,
        longitude,
        true as is_own_site,
        false as is_code,
        site as name
    from described
    where choice = 1
    union all
    select normalised_name, locality, cast(null as varchar), latitude, longitude, false, false, name
    from ref_places
    union all
    select lower(iata), locality, cast(null as varchar), latitude, longitude, false, true, name
    from ref_places
    where iata is not null
),
ranked as (
    select
        *,
        row_number() over (
            -- a site whose position nobody told has that of the reference list
            partition by place order by latitude is null, is_code, is_own_site desc, name
        ) as choice,
        max(municipality) over (partition by place) as site_municipality,
        bool_or(is_own_site) over (partition by place) as is_site
    from spelled
)
select
    place,
    coalesce(locality, place) as locality,
    name,
    site_municipality as municipality,
    latitude,
    longitude,
    is_site as is_own_site
from ranked
where choice = 1
