{# Who answered which survey, and with which part of its design. Everybody is here, whatever they answered: an estimate for
   some of them keeps the design of all.
   A survey is a site's population in a wave. Where one weight of a weighted survey is missing, zero, negative or no
   number, none of the survey's weights is used: some weighted and some not would be no estimate of anything. #}

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
        weight,
        weighted,
        not (weighted and coalesce(weight > 0 and {{ is_finite('weight') }}, false)) as is_without_usable_weight
    from {{ ref('fct_survey_respondent') }}

),

survey as (

    select
        site,
        population,
        wave,
        case
            when not {{ any_true('weighted') }} then 'not_weighted'
            when {{ any_true('is_without_usable_weight') }} then 'rejected'
            else 'weighted'
        end as weight_status,
        {%- for breakdown in equity_breakdowns() %}
        count({{ breakdown }}) > 0 as has_{{ breakdown }},
        {%- endfor %}
        count(stratum) > 0 as is_stratified,
        count(cluster) > 0 as is_clustered
    from respondent
    group by site, population, wave

)

select
    respondent.site,
    respondent.population,
    respondent.wave,
    respondent.respondent_id,
    respondent.panel_id,
    respondent.instrument,
    respondent.tool,
    survey.weight_status,
    survey.weight_status = 'weighted' as is_weighted,
    case when survey.weight_status = 'weighted' then respondent.weight else 1 end as weight,
    case when survey.is_stratified then coalesce(respondent.stratum, 'unknown') else 'all' end as stratum,
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
