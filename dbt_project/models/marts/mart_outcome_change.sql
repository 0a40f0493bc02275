{% set key = ['site', 'population', 'wave_from', 'wave_to', 'indicator', 'measure'] %}
{% set survey = ['site', 'population', 'indicator', 'measure'] %}
{% set family = 'site, population, measure' %}
{% set figures = ['estimate_from', 'estimate_to', 'difference', 'se', 'df', 'ci_low', 'ci_high', 'p_value', 'effect_size', 'reason'] %}

with change as (

    select {{ survey_columns('panel', key + figures) }} panel.n_pairs, panel.improved, panel.same, panel.worse
    from {{ ref('int_change_panel') }} as panel

    union all

    select
        {{ survey_columns('repeated', key + figures) }}
        cast(null as {{ dbt.type_bigint() }}) as n_pairs,
        cast(null as {{ dbt.type_bigint() }}) as improved,
        cast(null as {{ dbt.type_bigint() }}) as same,
        cast(null as {{ dbt.type_bigint() }}) as worse
    from {{ ref('int_change_repeated') }} as repeated

),

base as (

    select site, population, wave, indicator, measure, count(*) as n
    from {{ ref('int_indicator_score') }}
    group by site, population, wave, indicator, measure

),

-- What may not be compared has no difference, and its p is in nobody's family.
allowed as (

    select
        {{ survey_columns('known', key) }}
        known.design,
        known.comparable,
        coalesce(earlier.n, 0) as n_from,
        coalesce(later.n, 0) as n_to,
        case when known.design = 'panel' then coalesce(change.n_pairs, 0) end as n_pairs,
        {% for move in ['improved', 'same', 'worse'] %}
        case when known.design = 'panel' and known.comparable then coalesce(change.{{ move }}, 0) end as {{ move }},
        {% endfor %}
        case when known.comparable then change.estimate_from end as estimate_from,
        case when known.comparable then change.estimate_to end as estimate_to,
        case when known.comparable then {{ round_estimate('change.difference') }} end as difference,
        case when known.comparable then {{ round_estimate('change.se') }} end as se,
        case when known.comparable then change.df end as df,
        case when known.comparable then {{ round_estimate('change.ci_low') }} end as ci_low,
        case when known.comparable then {{ round_estimate('change.ci_high') }} end as ci_high,
        case when known.comparable then {{ round_estimate('change.p_value') }} end as p_value,
        case when known.comparable then {{ round_estimate('change.effect_size') }} end as effect_size,
        case
            when not known.comparable then known.reason
            when earlier.n is null or later.n is null then 'Nobody is in the base of one of the waves.'
            when change.site is null then 'Nobody in the base of both waves is linked.'
            else change.reason
        end as reason
    from {{ ref('int_comparability') }} as known
    left join change on {{ survey_alike('known', 'change', key) }}
    left join base as earlier
        on {{ survey_alike('known', 'earlier', survey) }} and known.wave_from = earlier.wave
    left join base as later
        on {{ survey_alike('known', 'later', survey) }} and known.wave_to = later.wave

),

stepped as (

    select
        {{ survey_columns('allowed', key) }}
        allowed.design,
        allowed.comparable,
        allowed.n_from,
        allowed.n_to,
        allowed.n_pairs,
        allowed.improved,
        allowed.same,
        allowed.worse,
        allowed.estimate_from,
        allowed.estimate_to,
        allowed.difference,
        allowed.se,
        allowed.df,
        allowed.ci_low,
        allowed.ci_high,
        allowed.p_value,
        allowed.effect_size,
        allowed.reason,
        {{ survey_holm_step('p_value', family) }} as step
    from allowed

)

select
    site,
    population,
    indicator,
    measure,
    design,
    wave_from,
    wave_to,
    n_from,
    n_to,
    n_pairs,
    difference,
    se,
    ci_low,
    ci_high,
    p_value,
    {{ round_estimate(survey_holm('p_value', 'step', family)) }} as p_adjusted,
    effect_size,
    comparable,
    reason,
    case when effect_size is null then null when measure like 'percent%' then 'cohens_h' else 'glass_delta' end as effect_size_kind,
    {{ round_estimate('estimate_from') }} as estimate_from,
    {{ round_estimate('estimate_to') }} as estimate_to,
    df,
    n_from - n_pairs as not_linked_from,
    n_to - n_pairs as not_linked_to,
    {{ share('n_pairs', 'n_from') }} as linkage_rate,
    case
        when not comparable then 'not_comparable'
        when difference is null then 'none'
        when least(n_from, n_to, coalesce(n_pairs, n_from)) < {{ var('smallest_base') }} then 'indicative'
        when ci_low > 0 or ci_high < 0 then 'change'
        when ci_low is not null then 'no_clear_change'
        else 'no_interval'
    end as reading,
    improved,
    same,
    worse,
    n_from as base_from,
    n_to as base_to
from stepped
