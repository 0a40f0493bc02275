{# For each two waves and each indicator: whether they may be compared, and why not. An indicator is compared with the wave
   before in which it was asked, and with the first one. What people have judged, in the contracts' comparability, goes before
   what the surveys themselves show; of several judgements that apply a `no` counts. #}

{% set figure = ['site', 'population', 'indicator', 'measure'] %}
{% set pair_key = ['site', 'population', 'wave_from', 'wave_to'] %}

with version as (

    select
        site,
        population,
        wave,
        indicator,
        measure,
        scale,
        instrument,
        asked / cast(sum(asked) over (partition by site, population, wave, indicator, measure) as double) as share,
        row_number() over (
            partition by site, population, wave, indicator, measure order by asked desc, instrument
        ) as place
    from {{ ref('int_indicator_asked') }}

),

-- Each wave in which the indicator was asked, with the version that most people had.
asked as (

    select
        version.site,
        version.population,
        version.wave,
        version.indicator,
        version.measure,
        version.scale,
        version.instrument,
        version.share,
        survey.position,
        lag(survey.position) over (
            partition by version.site, version.population, version.indicator, version.measure order by survey.position
        ) as previous_position,
        min(survey.position) over (
            partition by version.site, version.population, version.indicator, version.measure
        ) as first_position
    from version
    inner join {{ ref('int_survey_wave') }} as survey
        on version.site = survey.site and version.population = survey.population and version.wave = survey.wave
    where version.place = 1

),

compared as (

    select
        {{ survey_columns('pair', pair_key) }}
        pair.design,
        pair.tool_from,
        pair.tool_to,
        pair.difference_between,
        pair.limit_of_design,
        later.indicator,
        later.measure,
        later.scale,
        case when pair.position_from = later.previous_position then 'previous' else 'baseline' end as comparison,
        pair.position_from = later.first_position as is_baseline,
        earlier.instrument as instrument_from,
        later.instrument as instrument_to,
        least(earlier.share, later.share) >= 1 - {{ var('left_out_share') }} as is_one_version,
        true as is_asked_in_both
    from asked as later
    inner join {{ ref('int_wave_pair') }} as pair
        on
            later.site = pair.site
            and later.population = pair.population
            and later.wave = pair.wave_to
            and pair.position_from in (later.previous_position, later.first_position)
    inner join asked as earlier
        on {{ survey_alike('later', 'earlier', figure) }} and pair.wave_from = earlier.wave

    union all

    -- Of two waves that follow one another, what one of them left out.
    select
        {{ survey_columns('pair', pair_key) }}
        pair.design,
        pair.tool_from,
        pair.tool_to,
        pair.difference_between,
        pair.limit_of_design,
        either.indicator,
        either.measure,
        min(either.scale) as scale,
        'previous' as comparison,
        false as is_baseline,
        min(either.instrument) as instrument_from,
        min(either.instrument) as instrument_to,
        true as is_one_version,
        false as is_asked_in_both
    from {{ ref('int_wave_pair') }} as pair
    inner join asked as either
        on
            pair.site = either.site
            and pair.population = either.population
            and either.wave in (pair.wave_from, pair.wave_to)
    where pair.position_to = pair.position_from + 1
    group by
        {{ survey_columns('pair', pair_key) }}
        pair.design,
        pair.tool_from,
        pair.tool_to,
        pair.difference_between,
        pair.limit_of_design,
        either.indicator,
        either.measure
    having count(*) = 1

),

judged as (

    select
        {{ survey_columns('compared', pair_key + ['design', 'indicator', 'measure']) }}
        min(case when not judgement.comparable then judgement.reason end) as why_not,
        {{ any_true('judgement.comparable') }} as is_allowed
    from compared
    inner join {{ source('lake', 'ref_comparability') }} as judgement
        on
            judgement.instrument in (compared.instrument_from, compared.instrument_to)
            -- A band's share is as comparable as the scale that it is cut from.
            and coalesce(
                judgement.indicator in (compared.indicator, coalesce(compared.scale, compared.indicator)), true
            )
            and coalesce(judgement.site = compared.site, true)
            and coalesce(judgement.population = compared.population, true)
            and coalesce(judgement.wave_from = compared.wave_from, true)
            and coalesce(judgement.wave_to = compared.wave_to, true)
            and coalesce(judgement.tool_from = compared.tool_from, true)
            and coalesce(judgement.tool_to = compared.tool_to, true)
    group by {{ survey_columns('compared', pair_key) }} compared.design, compared.indicator, compared.measure

),

scale_pair as (

    select distinct {{ survey_columns('compared', pair_key) }} compared.scale, compared.instrument_from, compared.instrument_to
    from compared
    where compared.scale is not null and compared.is_asked_in_both

),

-- The items that one wave's scale had and the other's had not.
other_items as (

    select
        {{ survey_columns('scale_pair', pair_key) }}
        scale_pair.scale,
        {{ joined_text('earlier.item') }} as items
    from scale_pair
    inner join {{ ref('int_scale_composition') }} as earlier
        on
            scale_pair.site = earlier.site
            and scale_pair.population = earlier.population
            and scale_pair.wave_from = earlier.wave
            and scale_pair.instrument_from = earlier.instrument
            and scale_pair.scale = earlier.scale
    inner join {{ ref('int_scale_composition') }} as later
        on
            scale_pair.site = later.site
            and scale_pair.population = later.population
            and scale_pair.wave_to = later.wave
            and scale_pair.instrument_to = later.instrument
            and scale_pair.scale = later.scale
            and earlier.item = later.item
    where abs(later.answered_share - earlier.answered_share) > {{ var('recorded_share') }}
    group by {{ survey_columns('scale_pair', pair_key) }} scale_pair.scale

),

reasoned as (

    select
        {{ survey_columns('compared', pair_key) }}
        compared.design,
        compared.indicator,
        compared.measure,
        compared.comparison,
        compared.is_baseline,
        case
            when not compared.is_asked_in_both then 'It was asked in one of the two waves only.'
            when judged.why_not is not null then judged.why_not
            when not coalesce(judged.is_allowed, false) then
                case
                    when compared.instrument_from <> compared.instrument_to
                        then 'The two waves have different versions of the instrument.'
                    when not compared.is_one_version then 'One wave has several versions of the instrument.'
                    when other_items.items is not null
                        then concat('The scale was made of other items in one of the two waves: ', other_items.items, '.')
                    else compared.difference_between
                end
        end as difference,
        compared.limit_of_design
    from compared
    left join judged
        on {{ survey_alike('compared', 'judged', pair_key + ['design', 'indicator', 'measure']) }}
    left join other_items
        on {{ survey_alike('compared', 'other_items', pair_key + ['scale']) }}

),

allowed as (

    select
        {{ survey_columns('reasoned', pair_key) }}
        reasoned.design,
        reasoned.indicator,
        reasoned.measure,
        reasoned.comparison,
        reasoned.is_baseline,
        coalesce(reasoned.difference, reasoned.limit_of_design) as reason
    from reasoned

)

select
    {{ survey_columns('allowed', pair_key) }}
    allowed.design,
    allowed.indicator,
    allowed.measure,
    allowed.comparison,
    allowed.is_baseline,
    allowed.reason is null as comparable,
    allowed.reason,
    -- One design of each two waves can carry a claim: the same people before different ones. No figure decides which.
    row_number() over (
        partition by allowed.site, allowed.population, allowed.wave_from, allowed.wave_to, allowed.indicator, allowed.measure
        order by
            case when allowed.reason is null then 0 else 1 end,
            case allowed.design when 'panel' then 1 when 'repeated_cross_section' then 2 else 3 end
    ) = 1 as is_leading_design
from allowed
