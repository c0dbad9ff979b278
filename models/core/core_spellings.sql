-- Every spelling of a place that travel or the directory uses, and where it is. A place nobody knows has no position.
with spellings as (
    select origin_place as spelling from landing_travel_segments where origin_place is not null
    union
    select destination_place from landing_travel_segments where destination_place is not null
    union
    -- a route written as one pair of airport codes
    select left(upper(trim(origin_place)), 3)
    from landing_travel_segments
    where regexp_matches(upper(trim(origin_place)), '^[A-Z]{3}[-–/][A-Z]{3}$')
    union
    select right(upper(trim(origin_place)), 3)
    from landing_travel_segments
    where regexp_matches(upper(trim(origin_place)), '^[A-Z]{3}[-–/][A-Z]{3}$')
    union
    select left(upper(trim(destination_place)), 3)
    from landing_travel_segments
    where regexp_matches(upper(trim(destination_place)), '^[A-Z]{3}[-–/][A-Z]{3}$')
    union
    select right(upper(trim(destination_place)), 3)
    from landing_travel_segments
    where regexp_matches(upper(trim(destination_place)), '^[A-Z]{3}[-–/][A-Z]{3}$')
    union
    select site from core_people where site is not null
),
normalised as (
    select
        spelling,
        regexp_replace(
            translate(
                lower(trim(spelling)), 'åäáàâæãéèêëíîìóôöøõúüùñçýšžčćłńśğıő', 'aaaaaaaeeeeiiiooooouuuncyszcclnsgio'
            ),
            ' (c|cst|central|centralen|centralstation|resecentrum|station|flygplats|airport)$',
            ''
        ) as place
    from spellings
)
select
    normalised.spelling,
    coalesce(core_places.locality, normalised.place) as locality,
    core_places.latitude,
    core_places.longitude
from normalised
left join core_places on core_places.place = normalised.place
