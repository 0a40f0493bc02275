{# Who did not say belongs to a cell as everybody does: left out, they could be worked out as the difference from the whole. #}

with survey as (

    select
        site,
        population,
        wave,
        count(area) > 0 as has_area,
        count(sector) > 0 as has_sector
    from {{ ref('int_survey_design') }}
    group by site, population, wave

),

respondent as (

    select
        score.site,
        score.population,
        score.wave,
        score.indicator,
        score.measure,
        {% for place in ['area', 'sector'] %}
        case
            when score.{{ place }} is not null then score.{{ place }}
            when survey.has_{{ place }} then 'unknown'
            else 'not_asked'
        end as {{ place }},
        {% endfor %}
        score.y,
        score.stratum,
        score.cluster,
        score.is_clustered
    from {{ ref('int_indicator_score') }} as score
    inner join survey on {{ survey_alike('score', 'survey', ['site', 'population', 'wave']) }}

)

select
    site,
    population,
    wave,
    indicator,
    measure,
    area,
    sector,
    count(*) as n,
    case when measure like 'percent%' then count(*) filter (where y > 0) end as positive,
    count(distinct concat(stratum, '|', cluster)) as n_clusters,
    is_clustered as clustered
from respondent
group by site, population, wave, indicator, measure, area, sector, is_clustered
