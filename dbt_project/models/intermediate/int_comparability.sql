{# For each two waves and each indicator of either: whether they may be compared, and why not. What people have judged, in the
   contracts' comparability, goes before what the surveys themselves show; of several judgements that apply a `no` counts. #}

with asked as (

    select
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        pair.design,
        pair.tool_from,
        pair.tool_to,
        pair.difference_between,
        indicator.indicator,
        indicator.measure,
        min(case when indicator.wave = pair.wave_from then indicator.instrument end) as instrument_from,
        min(case when indicator.wave = pair.wave_to then indicator.instrument end) as instrument_to
    from {{ ref('int_wave_pair') }} as pair
    inner join {{ ref('int_indicator_asked') }} as indicator
        on
            pair.site = indicator.site
            and pair.population = indicator.population
            and indicator.wave in (pair.wave_from, pair.wave_to)
    group by
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        pair.design,
        pair.tool_from,
        pair.tool_to,
        pair.difference_between,
        indicator.indicator,
        indicator.measure

),

judged as (

    select
        asked.site,
        asked.population,
        asked.wave_from,
        asked.wave_to,
        asked.indicator,
        asked.measure,
        min(case when not judgement.comparable then judgement.reason end) as why_not,
        {{ any_true('judgement.comparable') }} as is_allowed
    from asked
    inner join {{ source('lake', 'ref_comparability') }} as judgement
        on
            judgement.instrument in (asked.instrument_from, asked.instrument_to)
            -- A band's share is as comparable as the scale that it is cut from.
            and coalesce(
                judgement.indicator = asked.indicator or asked.indicator like concat(judgement.indicator, ':%'), true
            )
            and coalesce(judgement.site = asked.site, true)
            and coalesce(judgement.population = asked.population, true)
            and coalesce(judgement.wave_from = asked.wave_from, true)
            and coalesce(judgement.wave_to = asked.wave_to, true)
            and coalesce(judgement.tool_from = asked.tool_from, true)
            and coalesce(judgement.tool_to = asked.tool_to, true)
    group by asked.site, asked.population, asked.wave_from, asked.wave_to, asked.indicator, asked.measure

),

reasoned as (

    select
        asked.site,
        asked.population,
        asked.wave_from,
        asked.wave_to,
        asked.design,
        asked.indicator,
        asked.measure,
        case
            when asked.instrument_from is null or asked.instrument_to is null then 'It was asked in one of the two waves only.'
            when judged.why_not is not null then judged.why_not
            when coalesce(judged.is_allowed, false) then null
            when asked.instrument_from <> asked.instrument_to then 'The two waves have different versions of the instrument.'
            else asked.difference_between
        end as reason
    from asked
    left join judged
        on
            asked.site = judged.site
            and asked.population = judged.population
            and asked.wave_from = judged.wave_from
            and asked.wave_to = judged.wave_to
            and asked.indicator = judged.indicator
            and asked.measure = judged.measure

)

select
    site,
    population,
    wave_from,
    wave_to,
    design,
    indicator,
    measure,
    reason is null as comparable,
    reason
from reasoned
