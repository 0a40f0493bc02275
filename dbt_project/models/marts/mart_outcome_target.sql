{# The framework's targets against the figures: the level in the baseline wave and in the latest one, and whether the target is
   reached beyond sampling error. #}

with target as (

    select distinct
        asked.site,
        asked.population,
        asked.indicator,
        asked.measure,
        target.baseline_wave,
        target.target
    from {{ source('lake', 'ref_outcome_target') }} as target
    inner join {{ ref('mart_outcome_indicator') }} as asked
        on
            target.indicator = asked.indicator
            and coalesce(target.site, asked.site) = asked.site
            and coalesce(target.population, asked.population) = asked.population
    where asked.breakdown = 'all'

),

figure as (

    select
        figure.site,
        figure.population,
        figure.indicator,
        figure.measure,
        figure.wave,
        figure.n,
        figure.estimate,
        figure.ci_low,
        figure.ci_high,
        row_number() over (
            partition by figure.site, figure.population, figure.indicator, figure.measure order by survey.position desc
        ) as place
    from {{ ref('mart_outcome_indicator') }} as figure
    inner join {{ ref('int_survey_wave') }} as survey
        on {{ survey_alike('figure', 'survey', ['site', 'population', 'wave']) }}
    where figure.breakdown = 'all'

),

-- A scale that two codebooks turn in two ways has no direction.
scale as (

    select scale, case when min(higher_is) = max(higher_is) then min(higher_is) end as higher_is
    from {{ source('lake', 'ref_scale') }}
    group by scale

),

compared as (

    select
        {{ survey_columns('target', ['site', 'population', 'indicator', 'measure', 'baseline_wave', 'target']) }}
        baseline.estimate as baseline,
        latest.wave as latest_wave,
        latest.n,
        latest.estimate as latest,
        latest.ci_low,
        latest.ci_high,
        case when scale.scale is null then 'better' else scale.higher_is end as higher_is
    from target
    left join figure as baseline
        on
            {{ survey_alike('target', 'baseline', ['site', 'population', 'indicator', 'measure']) }}
            and target.baseline_wave = baseline.wave
    left join figure as latest
        on {{ survey_alike('target', 'latest', ['site', 'population', 'indicator', 'measure']) }} and latest.place = 1
    left join scale on target.indicator = scale.scale

)

select
    site,
    population,
    indicator,
    measure,
    target,
    baseline_wave,
    {{ round_estimate('baseline') }} as baseline,
    latest_wave,
    n,
    {{ round_estimate('latest') }} as latest,
    {{ round_estimate('ci_low') }} as ci_low,
    {{ round_estimate('ci_high') }} as ci_high,
    -- Of the way from the baseline to the target; beyond 1 it is passed, below 0 it went the other way.
    case
        when latest_wave <> baseline_wave then {{ round_estimate('(latest - baseline) / nullif(target - baseline, 0)') }}
    end as share_of_way,
    case
        when latest is null then 'not_available'
        when higher_is is null or ci_low is null or n < {{ var('smallest_base') }} then 'cannot_say'
        when higher_is = 'worse' and ci_high <= target then 'reached'
        when higher_is = 'worse' and ci_low > target then 'not_reached'
        when higher_is <> 'worse' and ci_low >= target then 'reached'
        when higher_is <> 'worse' and ci_high < target then 'not_reached'
        else 'cannot_say'
    end as finding
from compared
