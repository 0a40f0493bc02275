{# Who answered which survey, and with which part of its design. Everybody is here, whatever they answered: an estimate for
   some of them keeps the design of all. A survey is a site's population in a wave.
   A share decides what a survey has, and never one cell: see the shares in dbt_project.yml. #}

with respondent as (

    select
        site,
        population,
        wave,
        respondent_id,
        panel_id,
        instrument,
        tool,
        area,
        sector,
        school,
        stratum,
        {{ cluster_key('cluster') }} as cluster,
        {%- for breakdown in equity_breakdowns() %}
        {{ breakdown }},
        {%- endfor %}
        weighted,
        case when weighted and weight > 0 and {{ is_finite('weight') }} then weight end as weight
    from {{ ref('fct_survey_respondent') }}

),

survey as (

    select
        site,
        population,
        wave,
        case
            when count(case when weighted then 1 end) < {{ var('recorded_share') }} * count(*) then 'not_weighted'
            when count(weight) < (1 - {{ var('left_out_share') }}) * count(*) then 'rejected'
            else 'weighted'
        end as weight_status,
        {%- for breakdown in equity_breakdowns() %}
        count({{ breakdown }}) > 0 as has_{{ breakdown }},
        {%- endfor %}
        avg(weight) as mean_weight,
        count(stratum) >= {{ var('recorded_share') }} * count(*) and count(stratum) > 0 as is_stratified,
        count(stratum) >= (1 - {{ var('left_out_share') }}) * count(*) as has_nearly_all_strata,
        count(cluster) >= {{ var('recorded_share') }} * count(*) and count(cluster) > 0 as is_clustered
    from respondent
    group by site, population, wave

),

stratum as (

    select
        site,
        population,
        wave,
        stratum,
        row_number() over (partition by site, population, wave order by count(*) desc, stratum) as place
    from respondent
    where stratum is not null
    group by site, population, wave, stratum

),

-- A key that is in a wave twice links nobody: it cannot be known which of the two it is.
linkable as (

    select site, population, wave, panel_id
    from respondent
    where panel_id is not null
    group by site, population, wave, panel_id
    having count(*) = 1

)

select
    respondent.site,
    respondent.population,
    respondent.wave,
    respondent.respondent_id,
    respondent.panel_id,
    linkable.panel_id as link_key,
    respondent.instrument,
    respondent.tool,
    survey.weight_status,
    survey.weight_status = 'weighted' as is_weighted,
    -- The few without a usable weight count as the mean of the others.
    case when survey.weight_status = 'weighted' then coalesce(respondent.weight, survey.mean_weight) else 1 end as weight,
    survey.weight_status = 'weighted' and respondent.weight is null as is_weight_imputed,
    -- The few without a stratum are in the largest: a stratum of their own could have one cluster, and nothing an error.
    case
        when not survey.is_stratified then 'all'
        when respondent.stratum is null and survey.has_nearly_all_strata then stratum.stratum
        else coalesce(respondent.stratum, 'unknown')
    end as stratum,
    -- All whose school nobody wrote down are one cluster, and none that R7 counts: each a cluster of one, they would narrow
    -- the intervals and pass for schools.
    case
        when survey.is_clustered then coalesce(respondent.cluster, '{{ unknown_cluster() }}')
        else respondent.respondent_id
    end as cluster,
    survey.is_clustered and respondent.cluster is null as is_cluster_unknown,
    survey.is_clustered,
    respondent.area,
    respondent.sector,
    respondent.school,
    -- Who was asked and gave no answer is not who was not asked: the latter is in no group.
    {%- for breakdown in equity_breakdowns() %}
    case when survey.has_{{ breakdown }} then coalesce(respondent.{{ breakdown }}, 'not_stated') end as {{ breakdown }},
    {%- endfor %}
    {% for breakdown in equity_breakdowns() %}survey.has_{{ breakdown }}{{ ' or ' if not loop.last }}{% endfor %} as has_equity
from respondent
inner join survey
    on
        respondent.site = survey.site
        and respondent.population = survey.population
        and respondent.wave = survey.wave
left join stratum
    on
        respondent.site = stratum.site
        and respondent.population = stratum.population
        and respondent.wave = stratum.wave
        and stratum.place = 1
left join linkable
    on
        respondent.site = linkable.site
        and respondent.population = linkable.population
        and respondent.wave = linkable.wave
        and respondent.panel_id = linkable.panel_id
