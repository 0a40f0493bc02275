{% set key = ['site', 'population', 'indicator', 'measure', 'wave_from', 'wave_to'] %}
{% set family = 'site, population, wave_from, wave_to, family, case when family = \'headline\' then null else measure end' %}
{% set figures = ['waves', 'wave_names', 'time_unit', 'span', 'n', 'n_smallest', 'n_eff_smallest', 'slope', 'se', 'df', 'ci_low', 'ci_high', 'p_value'] %}

with judged as (

    select
        {{ survey_columns('known', key) }}
        known.comparable,
        case when headline.indicator is null then 'exploratory' else 'headline' end as family,
        headline.error_rate,
        headline.power,
        {{ headline_share('headline.surveys', 'latest.position') }} as divisor,
        {% for figure in figures %}
        case when known.comparable then trend.{{ figure }} end as {{ figure }},
        {% endfor %}
        case
            when not known.comparable then known.reason
            when trend.site is null then 'Nobody is in the base.'
            else trend.reason
        end as reason
    from {{ ref('int_comparability') }} as known
    inner join {{ ref('int_survey_wave') }} as latest
        on known.site = latest.site and known.population = latest.population and known.wave_to = latest.wave
    left join {{ source('lake', 'ref_headline') }} as headline
        on known.indicator = headline.indicator
    left join {{ ref('int_change_trend') }} as trend
        on {{ survey_alike('known', 'trend', key) }}
    -- Of two waves there is a change and no trend.
    where known.design = 'repeated_cross_section' and known.is_baseline and known.comparison = 'baseline'

),

stepped as (

    select
        {{ survey_columns('judged', key + figures) }}
        judged.comparable,
        judged.family,
        judged.error_rate,
        judged.power,
        judged.divisor,
        judged.reason,
        count(p_value) over (partition by {{ family }}) as tests,
        {{ survey_holm_step('p_value', family) }} as step
    from judged

),

adjusted as (

    select
        {{ survey_columns('stepped', key + figures) }}
        stepped.comparable,
        stepped.family,
        stepped.error_rate,
        stepped.reason,
        case when p_value is not null then {{ round_estimate(
            "least(1, " ~ survey_holm('p_value', 'step', family) ~ " * case when family = 'headline' then divisor else 1 end)"
        ) }} end as p_adjusted,
        case
            when family = 'headline' then {{ survey_smallest_change('se', 'df', 'error_rate / (divisor * tests)', 'power') }}
        end as smallest_trend
    from stepped

)

select
    site,
    population,
    indicator,
    measure,
    wave_from,
    wave_to,
    cast(waves as {{ dbt.type_bigint() }}) as waves,
    time_unit,
    n,
    n_smallest,
    {{ round_estimate('slope') }} as slope,
    {{ round_estimate('se') }} as se,
    df,
    {{ round_estimate('ci_low') }} as ci_low,
    {{ round_estimate('ci_high') }} as ci_high,
    {{ round_estimate('p_value') }} as p_value,
    p_adjusted,
    comparable,
    reason,
    family,
    {{ round_estimate('smallest_trend') }} as smallest_trend,
    case
        when not comparable then 'not_comparable'
        when slope is null then 'none'
        when least(n_smallest, n_eff_smallest) < {{ var('smallest_base') }} - 0.000001 then 'indicative'
        when ci_low is null then 'no_interval'
        when family <> 'headline' then 'exploratory'
        when p_adjusted < error_rate then 'change'
        else 'no_clear_change'
    end as reading,
    wave_names,
    {{ round_estimate('span') }} as span,
    -- Over the whole time: what a release says, in points of the scale as other changes are.
    {{ round_estimate('slope * span') }} as rise,
    {{ round_estimate('ci_low * span') }} as rise_low,
    {{ round_estimate('ci_high * span') }} as rise_high,
    {{ round_estimate('smallest_trend * span') }} as smallest_rise,
    {{ round_estimate('n_eff_smallest') }} as n_eff_smallest
from adjusted
