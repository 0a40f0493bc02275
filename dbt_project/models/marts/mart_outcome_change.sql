{% set key = ['site', 'population', 'wave_from', 'wave_to', 'design', 'indicator', 'measure'] %}
{% set survey = ['site', 'population', 'indicator', 'measure'] %}
{% set family = 'site, population, wave_from, wave_to, family, case when family = \'headline\' then null else design end, '
    ~ 'case when family = \'headline\' then null else measure end' %}
{% set figures = ['estimate_from', 'estimate_to', 'difference', 'se', 'df', 'ci_low', 'ci_high', 'p_value', 'effect_size', 'reason'] %}

with change as (

    select
        {{ survey_columns('panel', ['site', 'population', 'wave_from', 'wave_to']) }}
        'panel' as design,
        {{ survey_columns('panel', ['indicator', 'measure'] + figures) }}
        cast(null as {{ dbt.type_bigint() }}) as n_from,
        cast(null as {{ dbt.type_bigint() }}) as n_to,
        panel.n_eff_pairs as n_eff_from,
        panel.n_eff_pairs as n_eff_to,
        panel.n_pairs,
        panel.improved,
        panel.same,
        panel.worse
    from {{ ref('int_change_panel') }} as panel

    union all

    select
        {{ survey_columns('repeated', key + figures) }}
        repeated.n_from,
        repeated.n_to,
        repeated.n_eff_from,
        repeated.n_eff_to,
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
        known.comparison,
        known.is_baseline,
        known.comparable,
        case when headline.indicator is not null and known.is_leading_design then 'headline' else 'exploratory' end as family,
        headline.error_rate,
        headline.power,
        {{ headline_share('headline.surveys', 'pair.position_to') }} as divisor,
        pair.day_from,
        pair.day_to,
        case when known.comparable then pair.caution end as caution,
        -- In the schools of both waves are fewer than in the waves.
        coalesce(change.n_from, earlier.n, 0) as n_from,
        coalesce(change.n_to, later.n, 0) as n_to,
        change.n_eff_from,
        change.n_eff_to,
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
        case when known.comparable then attrition.difference end as attrition_difference,
        case when known.comparable then attrition.p_value end as attrition_p,
        case
            when not known.comparable then known.reason
            when earlier.n is null or later.n is null then 'Nobody is in the base of one of the waves.'
            when change.site is null and known.design = 'panel' then 'Nobody in the base of both waves is linked.'
            when change.site is null then 'Nobody is in the base of one of the waves.'
            else change.reason
        end as reason
    from {{ ref('int_comparability') }} as known
    inner join {{ ref('int_wave_pair') }} as pair
        on {{ survey_alike('known', 'pair', ['site', 'population', 'wave_from', 'wave_to', 'design']) }}
    left join {{ source('lake', 'ref_headline') }} as headline
        on known.indicator = headline.indicator
    left join change on {{ survey_alike('known', 'change', key) }}
    left join {{ ref('int_change_attrition') }} as attrition
        on
            {{ survey_alike('known', 'attrition', survey + ['wave_from', 'wave_to']) }}
            and known.design = 'panel'
    left join base as earlier
        on {{ survey_alike('known', 'earlier', survey) }} and known.wave_from = earlier.wave
    left join base as later
        on {{ survey_alike('known', 'later', survey) }} and known.wave_to = later.wave

),

stepped as (

    select
        {{ survey_columns('allowed', key) }}
        {{ survey_columns('allowed', [
            'comparison', 'is_baseline', 'comparable', 'family', 'error_rate', 'power', 'divisor', 'day_from', 'day_to', 'caution',
            'n_from', 'n_to', 'n_eff_from', 'n_eff_to', 'n_pairs', 'improved', 'same', 'worse'
        ] + figures[:-1]) }}
        allowed.attrition_difference,
        allowed.attrition_p,
        allowed.reason,
        count(p_value) over (partition by {{ family }}) as tests,
        {{ survey_holm_step('p_value', family) }} as step
    from allowed

),

adjusted as (

    select
        {{ survey_columns('stepped', key) }}
        {{ survey_columns('stepped', [
            'comparison', 'is_baseline', 'comparable', 'family', 'day_from', 'day_to', 'caution',
            'n_from', 'n_to', 'n_eff_from', 'n_eff_to', 'n_pairs', 'improved', 'same', 'worse'
        ] + figures[:-1]) }}
        stepped.attrition_difference,
        stepped.attrition_p,
        stepped.reason,
        case when p_value is not null then {{ round_estimate(
            "least(1, " ~ survey_holm('p_value', 'step', family) ~ " * case when family = 'headline' then divisor else 1 end)"
        ) }} end as p_adjusted,
        error_rate,
        case
            when family = 'headline' then {{ survey_smallest_change('se', 'df', 'error_rate / (divisor * tests)', 'power') }}
        end as smallest_change
    from stepped

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
    p_adjusted,
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
        when
            least(n_from, n_to, coalesce(n_pairs, n_from), coalesce(n_eff_from, n_from), coalesce(n_eff_to, n_to))
            < {{ var('smallest_base') }} - 0.000001
            then 'indicative'
        when ci_low is null then 'no_interval'
        when family <> 'headline' then 'exploratory'
        when p_adjusted < error_rate then 'change'
        else 'no_clear_change'
    end as reading,
    improved,
    same,
    worse,
    n_from as base_from,
    n_to as base_to,
    comparison,
    is_baseline,
    family,
    {{ round_estimate('smallest_change') }} as smallest_change,
    {{ round_estimate('least(n_eff_from, n_eff_to)') }} as n_eff_smallest,
    {{ round_estimate('attrition_difference') }} as attrition_difference,
    {{ round_estimate('attrition_p') }} as attrition_p,
    caution,
    cast(round((day_to - day_from) / 365.25, 2) as double) as years_between
from adjusted
