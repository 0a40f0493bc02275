{# Change between two waves of different people, of all of them or of those in the clusters that both waves have. #}

{% set by = ['site', 'population', 'wave_from', 'wave_to', 'design', 'indicator', 'measure'] %}

with cluster as (

    select distinct site, population, wave, cluster
    from {{ ref('int_survey_design') }}
    where is_clustered and not is_cluster_unknown

),

wave_of_pair as (

    select {{ survey_columns('known', by) }} known.wave_from as wave, known.wave_to as other_wave, 'from' as side
    from {{ ref('int_comparability') }} as known
    where known.design <> 'panel' and known.comparable

    union all

    select {{ survey_columns('known', by) }} known.wave_to as wave, known.wave_from as other_wave, 'to' as side
    from {{ ref('int_comparability') }} as known
    where known.design <> 'panel' and known.comparable

),

person as (

    select
        {{ survey_columns('pair', by) }}
        pair.side,
        score.y,
        score.weight,
        score.stratum,
        {{ cluster_over_waves('score') }} as cluster
    from wave_of_pair as pair
    inner join {{ ref('int_indicator_score') }} as score
        on {{ survey_alike('pair', 'score', ['site', 'population', 'wave', 'indicator', 'measure']) }}
    left join cluster as in_other
        on
            pair.site = in_other.site
            and pair.population = in_other.population
            and pair.other_wave = in_other.wave
            and score.cluster = in_other.cluster
    where pair.design = 'repeated_cross_section' or in_other.cluster is not null

)

select
    change.site,
    change.population,
    change.wave_from,
    change.wave_to,
    change.design,
    change.indicator,
    change.measure,
    change.n_from,
    change.n_to,
    change.n_eff_from,
    change.n_eff_to,
    change.estimate_from,
    change.estimate_to,
    change.difference,
    change.se,
    change.df,
    change.ci_low,
    change.ci_high,
    change.p_value,
    change.effect_size,
    change.reason
from ({{ survey_contrast('person', by, percent="measure like 'percent%'") }}) as change
