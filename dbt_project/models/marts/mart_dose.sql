{# Contact between two waves: sessions of groups at venues of the footprint from the middle of one wave's fieldwork to the middle of
   the next one's, over 1,000 residents. What came before the first return of activities is not known, and the row says how much
   of the time the returns cover. #}

with pair as (

    select
        earlier.site,
        earlier.population,
        earlier.wave as wave_from,
        later.wave as wave_to,
        earlier.middle_day as day_from,
        later.middle_day as day_to
    from {{ ref('int_survey_wave') }} as earlier
    inner join {{ ref('int_survey_wave') }} as later
        on
            earlier.site = later.site
            and earlier.population = later.population
            and earlier.position < later.position
            and (later.position = earlier.position + 1 or earlier.position = 1)
    where earlier.middle_day is not null and later.middle_day is not null

),

-- Of all sessions, also cancelled ones: they show that somebody kept a log.
recorded as (

    select
        site,
        min({{ day_number('session_on') }}) as first_day,
        max({{ day_number('session_on') }}) as last_day
    from {{ ref('fct_session') }}
    group by site

),

resident as (

    select site, area, case when count(*) = count(population) then sum(population) end as residents
    from {{ ref('dim_area') }}
    group by site, area

    union all

    select site, 'all' as area, case when count(*) = count(population) then sum(population) end as residents
    from {{ ref('dim_area') }}
    group by site

),

session as (

    select
        site,
        area,
        {{ day_number('session_on') }} as day,
        attendance_low,
        hours
    from {{ ref('fct_session') }}
    where is_delivered and audience_unit = 'group' and area not in ('outside_footprint', 'unknown')

),

held as (

    select
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        resident.area,
        count(session.day) as sessions,
        count(session.attendance_low) as sessions_with_attendance,
        cast(coalesce(sum(session.attendance_low), 0) as {{ dbt.type_bigint() }}) as attendances_low,
        coalesce(sum(session.hours), 0) as hours
    from pair
    inner join resident on pair.site = resident.site
    left join session
        on
            pair.site = session.site
            and resident.area in ('all', session.area)
            and session.day > pair.day_from
            and session.day < pair.day_to
    group by pair.site, pair.population, pair.wave_from, pair.wave_to, resident.area

)

select
    held.site,
    held.population,
    held.wave_from,
    held.wave_to,
    held.area,
    {{ day_of_number('pair.day_from') }} as from_day,
    {{ day_of_number('pair.day_to') }} as to_day,
    case
        when pair.day_to > pair.day_from then {{ round_estimate(
            "greatest(0, least(pair.day_to, coalesce(recorded.last_day, pair.day_from))"
            ~ " - greatest(pair.day_from, coalesce(recorded.first_day, pair.day_to))) / (pair.day_to - pair.day_from)"
        ) }}
    end as recorded_share,
    held.sessions,
    held.sessions_with_attendance,
    held.attendances_low,
    {{ round_estimate('held.hours') }} as hours,
    cast(resident.residents as {{ dbt.type_bigint() }}) as residents,
    {{ round_estimate('1000.0 * held.sessions / nullif(resident.residents, 0)') }} as sessions_per_1000,
    {{ round_estimate('1000.0 * held.attendances_low / nullif(resident.residents, 0)') }} as attendances_per_1000
from held
inner join pair
    on {{ survey_alike('held', 'pair', ['site', 'population', 'wave_from', 'wave_to']) }}
inner join resident on held.site = resident.site and held.area = resident.area
left join recorded on held.site = recorded.site
