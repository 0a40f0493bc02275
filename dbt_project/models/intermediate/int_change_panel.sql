{# Change of the same people between two waves: of the linked who are in the indicator's base in both. A key that is in a wave twice links nobody: it cannot be known which of the two it is. #}

{# Two scores that differ by less are the same: sums of decimals differ in their last digits. #}
{% set hair = '0.000000001' %}
{% set by = ['site', 'population', 'wave_from', 'wave_to', 'indicator', 'measure'] %}

with known as (

    select
        site,
        population,
        wave,
        panel_id,
        min(respondent_id) as respondent_id
    from {{ ref('int_survey_design') }}
    where panel_id is not null
    group by site, population, wave, panel_id
    having count(*) = 1

),

score as (

    select
        score.site,
        score.population,
        score.wave,
        score.indicator,
        score.measure,
        score.y,
        score.oriented,
        score.weight,
        score.stratum,
        score.cluster,
        known.panel_id
    from {{ ref('int_indicator_score') }} as score
    left join known
        on
            score.site = known.site
            and score.population = known.population
            and score.wave = known.wave
            and score.respondent_id = known.respondent_id

),

person as (

    select
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        earlier.indicator,
        earlier.measure,
        earlier.y as y_from,
        later.y as y_to,
        later.oriented - earlier.oriented as gain,
        earlier.weight,
        earlier.stratum,
        earlier.cluster
    from {{ ref('int_wave_pair') }} as pair
    inner join score as earlier
        on
            pair.site = earlier.site
            and pair.population = earlier.population
            and pair.wave_from = earlier.wave
    inner join score as later
        on
            earlier.site = later.site
            and earlier.population = later.population
            and pair.wave_to = later.wave
            and earlier.indicator = later.indicator
            and earlier.measure = later.measure
            and earlier.panel_id = later.panel_id
    where pair.design = 'panel'

),

-- Who is in another place than before, and in which direction: of a band by the score that it is cut from, for neither to enter
-- nor to leave one is better as such.
moved as (

    select
        {{ survey_columns('person', by) }}
        count(*) as pairs,
        count(*) filter (where person.y_to <> person.y_from and person.gain > {{ hair }}) as improved,
        count(*) filter (where person.y_to <> person.y_from and person.gain < -{{ hair }}) as worse
    from person
    group by {{ survey_columns('person', by[:-1]) }} person.{{ by[-1] }}

)

select
    change.site,
    change.population,
    change.wave_from,
    change.wave_to,
    change.indicator,
    change.measure,
    change.n_from as n_pairs,
    moved.improved,
    moved.pairs - moved.improved - moved.worse as same,
    moved.worse,
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
from ({{ survey_paired('person', by, percent="measure like 'percent%'") }}) as change
inner join moved on {{ survey_alike('change', 'moved', by) }}
