{# Each respondent's score on each scale of which they were asked an item: null where they answered too little of it.
   How a scale is scored is its codebook's; the five methods are here and nowhere else. #}

with answered as (

    select
        site,
        population,
        wave,
        respondent_id,
        instrument,
        scale,
        min(minimum) as lowest_answer,
        max(maximum) as highest_answer,
        count(score) as answered,
        sum(score) as raw
    from {{ ref('int_scale_item') }}
    group by site, population, wave, respondent_id, instrument, scale

),

of_items as (

    select
        answered.site,
        answered.population,
        answered.wave,
        answered.respondent_id,
        answered.instrument,
        answered.scale,
        answered.answered,
        cast(
            case
                when answered.answered < scale.minimum_answered then null
                when scale.method = 'mean_rescaled' then
                    100.0 * (answered.raw - answered.lowest_answer * answered.answered)
                    / ((answered.highest_answer - answered.lowest_answer) * answered.answered)
                -- The table knows whole sums only: one answer less, and there is no score.
                when scale.method = 'sum_table' then score_table.score
                when scale.method = 'sum_prorated' then
                    case
                        when scale.rounding = 'half_up'
                            then floor(1.0 * answered.raw * scale.members / answered.answered + 0.5)
                        else 1.0 * answered.raw * scale.members / answered.answered
                    end
                when scale.method = 'single_item' then answered.raw
            end as double
        ) as score
    from answered
    inner join {{ source('lake', 'ref_scale') }} as scale
        on answered.instrument = scale.instrument and answered.scale = scale.scale
    left join {{ source('lake', 'ref_score_table') }} as score_table
        on
            answered.instrument = score_table.instrument
            and answered.scale = score_table.scale
            and answered.raw = score_table.raw
            and answered.answered = scale.members

),

of_scales as (

    select
        part.site,
        part.population,
        part.wave,
        part.respondent_id,
        part.instrument,
        member.scale,
        count(part.score) as answered,
        sum(part.score) as raw
    from of_items as part
    inner join {{ source('lake', 'ref_scale_member') }} as member
        on part.instrument = member.instrument and part.scale = member.member and member.kind = 'scale'
    group by part.site, part.population, part.wave, part.respondent_id, part.instrument, member.scale

),

scored as (

    select site, population, wave, respondent_id, instrument, scale, answered, score
    from of_items

    union all

    select
        whole.site,
        whole.population,
        whole.wave,
        whole.respondent_id,
        whole.instrument,
        whole.scale,
        whole.answered,
        case when whole.answered >= scale.minimum_answered then whole.raw end as score
    from of_scales as whole
    inner join {{ source('lake', 'ref_scale') }} as scale
        on whole.instrument = scale.instrument and whole.scale = scale.scale

)

select
    scored.site,
    scored.population,
    scored.wave,
    scored.respondent_id,
    scored.instrument,
    scored.scale,
    scored.answered,
    scored.score,
    scale.minimum,
    scale.maximum,
    case when scale.higher_is = 'worse' then -scored.score else scored.score end as oriented
from scored
inner join {{ source('lake', 'ref_scale') }} as scale
    on scored.instrument = scale.instrument and scored.scale = scale.scale
