-- Which source counts for which travel in which month. Where settings name a source for a mode, or for a mode and a class of
-- vehicle, that one counts and every other is a cross-check, also where the named one is silent: what is missing there shows
-- as missing. Where settings name none and several sources tell of the same travel, all of them count and it is contested:
-- nothing may be published before somebody has said which counts.
with told as (
    select
        segment.source,
        segment.mode,
        coalesce(segment.vehicle_class, 'any') as vehicle_class,
        cast(date_trunc('month', segment.departed_at) as date) as month,
        case when segment.row_means in ('segment', 'one_way', 'round_trip', 'day_total') then 1 else 0 end as is_trip,
        case when segment.cost_sek is not null then 1 else 0 end as has_cost
    from landing_travel_segments as segment
    inner join core_files on core_files.file_sha256 = segment.file_sha256
    where segment.mode <> 'unknown' and segment.departed_at is not null and segment.row_means <> 'private'
),
tellers as (
    select distinct 'trips' as quantity, month, mode, vehicle_class, source from told where is_trip = 1
    union all
    select distinct 'cost', month, mode, vehicle_class, source from told where has_cost = 1
),
-- what settings say of the vehicle's class wins over what they say of the mode
named as (
    select
        tellers.quantity,
        tellers.month,
        tellers.mode,
        tellers.vehicle_class,
        tellers.source,
        max(case when own.vehicle_class is not null then 1 else 0 end) as has_own,
        max(case when own.vehicle_class is not null and own.source = tellers.source then 1 else 0 end) as is_own,
        max(case when own.mode is not null and own.vehicle_class is null then 1 else 0 end) as has_any,
        max(case when own.vehicle_class is null and own.source = tellers.source then 1 else 0 end) as is_any
    from tellers
    left join settings_authorities as own
        on
            own.quantity = tellers.quantity
            and own.mode = tellers.mode
            and (own.vehicle_class is null or own.vehicle_class = tellers.vehicle_class)
    group by tellers.quantity, tellers.month, tellers.mode, tellers.vehicle_class, tellers.source
),
counted as (
    select quantity, month, mode, vehicle_class, count(*) as sources
    from tellers
    group by quantity, month, mode, vehicle_class
)
select
    named.quantity,
    named.month,
    named.mode,
    named.vehicle_class,
    named.source,
    case when named.has_own = 1 then named.is_own = 1 when named.has_any = 1 then named.is_any = 1 else true end as is_counted,
    named.has_own = 0 and named.has_any = 0 and counted.sources > 1 as is_contested
from named
inner join counted
    on
        counted.quantity = named.quantity
        and counted.month = named.month
        and counted.mode = named.mode
        and counted.vehicle_class = named.vehicle_class
