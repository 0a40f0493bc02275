{# Attendances at group sessions by who came, and by the deprivation of the venue's area, over the residents that they are a part of.
   Rates are of sessions within the footprint: who came elsewhere need not live there. #}

with session as (

    select
        site,
        quarter,
        audience,
        age_band,
        sex,
        ethnic_group,
        disability,
        small_area_code,
        area not in ('outside_footprint', 'unknown') as is_in_footprint,
        attendance_low
    from {{ ref('fct_session') }}
    where is_delivered and audience_unit = 'group'

),

-- Where no session of a site was asked it, a breakdown has no row; a session without an answer is `not_stated`.
asked as (

    select site{% for breakdown in session_breakdowns() %}, count({{ breakdown }}) > 0 as has_{{ breakdown }}{% endfor %}
    from session
    group by site

),

grouped as (

    select site, quarter, 'audience' as breakdown, audience as breakdown_value, is_in_footprint, attendance_low
    from session

    {% for breakdown in session_breakdowns() %}
    union all

    select
        session.site,
        session.quarter,
        '{{ breakdown }}' as breakdown,
        coalesce(session.{{ breakdown }}, 'not_stated') as breakdown_value,
        session.is_in_footprint,
        session.attendance_low
    from session
    inner join asked on session.site = asked.site and asked.has_{{ breakdown }}
    {% endfor %}

    union all

    -- Never pooled over indices: a site is in one nation.
    select
        session.site,
        session.quarter,
        'venue_quintile' as breakdown,
        coalesce(cast(area.nation_quintile as {{ dbt.type_string() }}), 'not_known') as breakdown_value,
        session.is_in_footprint,
        session.attendance_low
    from session
    left join {{ ref('dim_area') }} as area
        on session.site = area.site and session.small_area_code = area.small_area_code

),

age as (

    {% for band in ['pop_0_4', 'pop_5_11', 'pop_12_17', 'pop_18_plus'] %}
    select site, '{{ band }}' as residents, sum({{ band }}) as people, count(*) = count({{ band }}) as is_known
    from {{ ref('dim_area') }}
    group by site
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

resident as (

    select
        age.site,
        residents.breakdown,
        residents.breakdown_value,
        case when min(case when age.is_known then 1 else 0 end) = 1 then sum(age.people) end as residents
    from age
    inner join {{ source('lake', 'ref_resident_group') }} as residents on age.residents = residents.residents
    group by age.site, residents.breakdown, residents.breakdown_value

    union all

    select
        site,
        'venue_quintile' as breakdown,
        cast(nation_quintile as {{ dbt.type_string() }}) as breakdown_value,
        case when count(*) = count(population) then sum(population) end as residents
    from {{ ref('dim_area') }}
    group by site, nation_quintile

)

select
    grouped.site,
    grouped.quarter,
    grouped.breakdown,
    grouped.breakdown_value,
    cast(coalesce(sum(grouped.attendance_low), 0) as bigint) as attendances_low,
    count(*) as sessions_delivered,
    count(*) filter (where grouped.attendance_low is null) as sessions_unknown,
    cast(coalesce(sum(case when grouped.is_in_footprint then grouped.attendance_low end), 0) as bigint) as attendances_in_footprint,
    cast(max(resident.residents) as bigint) as residents,
    case
        when max(resident.residents) > 0
            then cast(
                round(
                    1000.0 * sum(case when grouped.is_in_footprint then grouped.attendance_low end) / max(resident.residents), 2
                ) as double
            )
    end as rate_per_1000
from grouped
left join resident
    on
        grouped.site = resident.site
        and grouped.breakdown = resident.breakdown
        and grouped.breakdown_value = resident.breakdown_value
group by grouped.site, grouped.quarter, grouped.breakdown, grouped.breakdown_value
