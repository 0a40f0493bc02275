{# Change between two waves of different people: the figures of the contrast, also where the two may not be compared. #}

{% set by = ['site', 'population', 'wave_from', 'wave_to', 'indicator', 'measure'] %}

with person as (

    select
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        score.indicator,
        score.measure,
        case when score.wave = pair.wave_to then 'to' else 'from' end as side,
        score.y,
        score.weight,
        score.stratum,
        -- Two waves share schools. Whoever is a cluster of their own is another person in each, and so are those whose school
        -- nobody wrote down.
        case
            when score.is_clustered and score.cluster <> '{{ unknown_cluster() }}' then score.cluster
            when score.is_clustered then concat(score.wave, '|', score.cluster)
            else concat(score.wave, '|', score.respondent_id)
        end as cluster
    from {{ ref('int_wave_pair') }} as pair
    inner join {{ ref('int_indicator_score') }} as score
        on
            pair.site = score.site
            and pair.population = score.population
            and score.wave in (pair.wave_from, pair.wave_to)
    where pair.design = 'repeated_cross_section'

)

select
    change.site,
    change.population,
    change.wave_from,
    change.wave_to,
    change.indicator,
    change.measure,
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
