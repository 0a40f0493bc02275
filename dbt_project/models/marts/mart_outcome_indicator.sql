{% set survey = ['site', 'population', 'wave'] %}
{% set key = survey + ['instrument', 'indicator', 'measure'] %}
{% set figures = ['n', 'n_eff', 'n_clusters', 'n_strata', 'df', 'estimate', 'se', 'ci_low', 'ci_high', 'ci_method', 'reason'] %}
{% set breakdowns = ['area', 'sector', 'school'] %}

{# The whole grid first: every indicator that a survey asked for, for all and for each place, sector and school in it. #}
with domain as (

    select
        site,
        population,
        wave,
        'all' as breakdown,
        'all' as breakdown_value,
        {{ any_true('is_cluster_unknown') }} as has_unknown_cluster
    from {{ ref('int_survey_design') }}
    group by site, population, wave

    {% for breakdown in breakdowns + equity_breakdowns() %}
    union all

    select
        site,
        population,
        wave,
        '{{ breakdown }}' as breakdown,
        {{ breakdown }} as breakdown_value,
        {{ any_true('is_cluster_unknown') }} as has_unknown_cluster
    from {{ ref('int_survey_design') }}
    where {{ breakdown }} is not null
    group by site, population, wave, {{ breakdown }}
    {% endfor %}

),

survey as (

    select
        site,
        population,
        wave,
        min(weight_status) as weight_status
    from {{ ref('int_survey_design') }}
    group by site, population, wave

),

figure as (

    {{ survey_estimates(
        ref('int_indicator_score'), survey + ['instrument', 'indicator', 'measure'], breakdowns=breakdowns,
        percent="measure like 'percent%'", whole=100
    ) }}

),

-- Most surveys ask none of these, so those that do are estimated by themselves.
equity_score as (

    select {{ survey_columns('score', key + equity_breakdowns()) }} score.y, score.weight, score.stratum, score.cluster
    from {{ ref('int_indicator_score') }} as score
    where score.has_equity

),

equity as (

    {{ survey_estimates(
        'equity_score', key, breakdowns=equity_breakdowns(), percent="measure like 'percent%'", whole=100
    ) }}

),

every as (

    select {{ survey_columns('figure', key + figures) }} figure.breakdown, figure.breakdown_value
    from figure

    union all

    select {{ survey_columns('equity', key + figures) }} equity.breakdown, equity.breakdown_value
    from equity
    where equity.breakdown <> 'all'

)

select
    asked.site,
    asked.population,
    asked.wave,
    asked.indicator,
    asked.measure,
    domain.breakdown,
    domain.breakdown_value,
    coalesce(figure.n, 0) as n,
    {{ round_estimate('figure.n_eff') }} as n_eff,
    coalesce(figure.n_clusters, 0) as n_clusters,
    -- Those that somebody wrote down. Where a base has none of the unknown ones it may be one too low, never too high.
    greatest(coalesce(figure.n_clusters, 0) - case when domain.has_unknown_cluster then 1 else 0 end, 0) as n_known_clusters,
    coalesce(figure.n_strata, 0) as n_strata,
    {{ round_estimate('figure.estimate') }} as estimate,
    {{ round_estimate('figure.se') }} as se,
    {{ round_estimate('figure.ci_low') }} as ci_low,
    {{ round_estimate('figure.ci_high') }} as ci_high,
    figure.ci_method,
    survey.weight_status = 'weighted' as weighted,
    survey.weight_status,
    asked.instrument,
    figure.df,
    case when figure.n is null then 'Nobody is in the base.' else figure.reason end as reason
from {{ ref('int_indicator_asked') }} as asked
inner join survey on {{ survey_alike('asked', 'survey', survey) }}
inner join domain on {{ survey_alike('asked', 'domain', survey) }}
left join every as figure
    on
        {{ survey_alike('asked', 'figure', survey + ['instrument', 'indicator', 'measure']) }}
        and domain.breakdown = figure.breakdown
        and domain.breakdown_value = figure.breakdown_value
