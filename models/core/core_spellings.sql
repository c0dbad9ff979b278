-- Every spelling of a place that travel or the directory uses, and where it is. A place nobody knows has no position.
with written as (
    select origin_place as spelling from landing_travel_segments where origin_place is not null
    union
    select destination_place from landing_travel_segments where destination_place is not null
),
-- a route written as one pair of airport codes
pairs as (
    select upper(trim(spelling)) as pair
    from written
    where regexp_matches(upper(trim(spelling)), '^[A-Z]{3}[-–/][A-Z]{3}$')
),
spellings as (
    select spelling from written
    union
    select left(pair, 3) from pairs
    union
    select right(pair, 3) from pairs
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
