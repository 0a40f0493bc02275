{# How each indicator was asked in each survey: what decides whether figures of two sites may be compared. The rules for two waves
   of one site are in int_comparability; these are the same facts of one survey by itself. #}

{% set survey = ['site', 'population', 'wave'] %}

with tool as (

    select site, population, wave, tool, count(*) as people
    from {{ ref('int_survey_design') }}
    group by site, population, wave, tool

),

designed as (

    select site, population, wave, min(weight_status) as weight_status, count(*) as people
    from {{ ref('int_survey_design') }}
    group by site, population, wave

),

-- A few answers that came by another tool are no second tool.
used as (

    select {{ survey_columns('tool', survey) }} {{ joined_text('tool.tool') }} as tools
    from tool
    inner join designed on {{ survey_alike('tool', 'designed', survey) }}
    where tool.people > {{ var('left_out_share') }} * designed.people
    group by tool.site, tool.population, tool.wave

),

made as (

    select site, population, wave, scale, {{ joined_text('item') }} as made_of
    from {{ ref('int_scale_composition') }}
    where answered_share > {{ var('recorded_share') }}
    group by site, population, wave, scale

),

asked as (

    select
        site,
        population,
        wave,
        indicator,
        measure,
        min(scale) as scale,
        {{ joined_text('instrument') }} as instrument
    from {{ ref('int_indicator_asked') }}
    group by site, population, wave, indicator, measure

)

select
    asked.site,
    asked.population,
    asked.wave,
    asked.indicator,
    asked.measure,
    asked.instrument,
    made.made_of,
    used.tools,
    timed.mode,
    {{ month_label(day_of_number('timed.middle_day')) }} as asked_in,
    designed.weight_status
from asked
inner join designed on {{ survey_alike('asked', 'designed', survey) }}
inner join {{ ref('int_survey_wave') }} as timed on {{ survey_alike('asked', 'timed', survey) }}
left join used on {{ survey_alike('asked', 'used', survey) }}
left join made on {{ survey_alike('asked', 'made', survey + ['scale']) }}
