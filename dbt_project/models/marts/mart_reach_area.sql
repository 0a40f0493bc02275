with by_area as (

    select
        site,
        month,
        area,
        small_area_code,
        count(*) as sessions_delivered,
        count(*) filter (where attendance_low is null) as sessions_unknown,
        cast(sum(attendance_low) as bigint) as attendances_known
    from {{ ref('fct_session') }}
    where is_delivered
    group by site, month, area, small_area_code

)

select
    by_area.site,
    by_area.month,
    by_area.area,
    by_area.small_area_code,
    area.index_name,
    area.nation_quintile,
    area.population,
    coalesce(by_area.attendances_known, 0) as attendances_low,
    case
        when area.population > 0 then cast(round(1000.0 * by_area.attendances_known / area.population, 2) as double)
    end as rate_per_1000,
    by_area.sessions_delivered,
    by_area.sessions_unknown,
    'venue' as area_basis
from by_area
left join {{ ref('dim_area') }} as area
    on by_area.site = area.site and by_area.small_area_code = area.small_area_code
