{# The trend of each indicator from its first wave to each wave from the third on, over the waves that may be compared with the
   first. Time is the years between the middles of fieldwork; where one wave has no date, the waves are counted. #}

{% set by = ['site', 'population', 'wave_from', 'wave_to', 'indicator', 'measure'] %}
{% set figure = ['site', 'population', 'indicator', 'measure'] %}

with from_first as (

    select
        {{ survey_columns('known', figure) }}
        known.wave_from,
        known.wave_to as wave,
        known.comparison,
        survey.position,
        survey.middle_day
    from {{ ref('int_comparability') }} as known
    inner join {{ ref('int_survey_wave') }} as survey
        on known.site = survey.site and known.population = survey.population and known.wave_to = survey.wave
    where known.design = 'repeated_cross_section' and known.is_baseline and known.comparable

),

-- The first wave and every later one, up to the one that the trend is to.
member as (

    select
        {{ survey_columns('latest', figure) }}
        latest.wave_from,
        latest.wave as wave_to,
        inside.wave,
        inside.position,
        inside.middle_day
    from from_first as latest
    inner join from_first as inside
        on {{ survey_alike('latest', 'inside', figure + ['wave_from']) }} and inside.position <= latest.position
    where latest.comparison = 'baseline'

    union all

    select
        {{ survey_columns('latest', figure) }}
        latest.wave_from,
        latest.wave as wave_to,
        latest.wave_from as wave,
        survey.position,
        survey.middle_day
    from from_first as latest
    inner join {{ ref('int_survey_wave') }} as survey
        on latest.site = survey.site and latest.population = survey.population and latest.wave_from = survey.wave
    where latest.comparison = 'baseline'

),

timed as (

    select
        {{ survey_columns('member', by) }}
        member.wave,
        count(member.middle_day) over (partition by {{ survey_columns('member', by[:-1]) }} member.measure)
        = count(*) over (partition by {{ survey_columns('member', by[:-1]) }} member.measure) as is_dated,
        member.position,
        member.middle_day
    from member

),

person as (

    select
        {{ survey_columns('timed', by) }}
        timed.wave,
        case when timed.is_dated then timed.middle_day / 365.25 else timed.position end as time,
        score.y,
        score.weight,
        score.stratum,
        {{ cluster_over_waves('score') }} as cluster
    from timed
    inner join {{ ref('int_indicator_score') }} as score
        on {{ survey_alike('timed', 'score', figure + ['wave']) }}

),

unit as (

    select
        {{ survey_columns('timed', by) }}
        min(case when timed.is_dated then 'year' else 'wave' end) as time_unit,
        {{ joined_text('timed.wave') }} as wave_names,
        max(case when timed.is_dated then timed.middle_day / 365.25 else timed.position end)
        - min(case when timed.is_dated then timed.middle_day / 365.25 else timed.position end) as span
    from timed
    group by {{ survey_columns('timed', by[:-1]) }} timed.measure

)

select
    trend.site,
    trend.population,
    trend.wave_from,
    trend.wave_to,
    trend.indicator,
    trend.measure,
    trend.waves,
    unit.time_unit,
    unit.wave_names,
    unit.span,
    trend.n,
    trend.n_smallest,
    trend.n_eff_smallest,
    trend.slope,
    trend.se,
    trend.df,
    trend.ci_low,
    trend.ci_high,
    trend.p_value,
    trend.reason
from ({{ survey_trend('person', by) }}) as trend
inner join unit on {{ survey_alike('trend', 'unit', by) }}
