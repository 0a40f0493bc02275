{# What each respondent adds to each indicator, for those in its base, with their part of the survey's design.
   One mechanism for every instrument: an item's percentage, a scale's mean, the share of scores in a band. A figure is the
   weighted mean of `y`, whatever the measure.
   A view: to write it down costs more than all that read it (docs/decisions/0095). #}
{{ config(materialized='view') }}

with scored as (

    select
        site,
        population,
        wave,
        respondent_id,
        instrument,
        item as indicator,
        'percent_positive' as measure,
        percent_positive as y,
        percent_positive as oriented
    from {{ ref('int_item_answer') }}
    where percent_positive is not null

    union all

    select
        site,
        population,
        wave,
        respondent_id,
        instrument,
        scale as indicator,
        'scale_mean' as measure,
        score as y,
        oriented
    from {{ ref('int_scale_score') }}
    where score is not null

    union all

    select
        score.site,
        score.population,
        score.wave,
        score.respondent_id,
        score.instrument,
        concat(score.scale, ':', band.banding, ':', band.band) as indicator,
        'percent_in_band' as measure,
        cast(case when score.score between band.lowest and band.highest then 100 else 0 end as double) as y,
        score.oriented
    from {{ ref('int_scale_score') }} as score
    inner join {{ source('lake', 'ref_band') }} as band
        on score.instrument = band.instrument and score.scale = band.scale
    where score.score is not null

)

select
    scored.site,
    scored.population,
    scored.wave,
    scored.instrument,
    design.tool,
    scored.indicator,
    scored.measure,
    scored.respondent_id,
    design.link_key,
    scored.y,
    scored.oriented,
    design.weight,
    design.is_weighted,
    design.weight_status,
    design.stratum,
    design.cluster,
    design.is_clustered,
    design.area,
    design.sector,
    design.school,
    {%- for breakdown in equity_breakdowns() %}
    design.{{ breakdown }},
    {%- endfor %}
    design.has_equity
from scored
inner join {{ ref('int_survey_design') }} as design
    on
        scored.site = design.site
        and scored.population = design.population
        and scored.wave = design.wave
        and scored.respondent_id = design.respondent_id
