{# Change of the same people between two waves: of the linked who are in the indicator's base in both. #}

{# Two scores that differ by less are the same: sums of decimals differ in their last digits. #}
{% set hair = '0.000000001' %}
{% set by = ['site', 'population', 'wave_from', 'wave_to', 'indicator', 'measure'] %}

with person as (

    select
        {{ survey_columns('known', by) }}
        earlier.y as y_from,
        later.y as y_to,
        later.oriented - earlier.oriented as gain,
        earlier.weight,
        earlier.stratum,
        earlier.cluster
    from {{ ref('int_comparability') }} as known
    inner join {{ ref('int_indicator_score') }} as earlier
        on
            {{ survey_alike('known', 'earlier', ['site', 'population', 'indicator', 'measure']) }}
            and known.wave_from = earlier.wave
    inner join {{ ref('int_indicator_score') }} as later
        on
            {{ survey_alike('earlier', 'later', ['site', 'population', 'indicator', 'measure', 'link_key']) }}
            and known.wave_to = later.wave
    where known.design = 'panel' and earlier.link_key is not null

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
    change.n_eff_from as n_eff_pairs,
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
