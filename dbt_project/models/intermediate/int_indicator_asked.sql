{# Which indicators a survey asked for, whoever answered: so that an indicator with an empty base is a row with its reason, and
   not a gap. A survey is a site's population in a wave. #}

with asked as (

    select
        answer.site,
        answer.population,
        answer.wave,
        answer.instrument,
        answer.item as indicator,
        'percent_positive' as measure
    from {{ ref('int_item_answer') }} as answer
    inner join {{ source('lake', 'ref_item') }} as item
        on answer.instrument = item.instrument and answer.item = item.item
    where item.positive_from is not null

    union all

    select site, population, wave, instrument, scale as indicator, 'scale_mean' as measure
    from {{ ref('int_scale_score') }}

    union all

    select
        score.site,
        score.population,
        score.wave,
        score.instrument,
        concat(score.scale, ':', band.banding, ':', band.band) as indicator,
        'percent_in_band' as measure
    from {{ ref('int_scale_score') }} as score
    inner join {{ source('lake', 'ref_band') }} as band
        on score.instrument = band.instrument and score.scale = band.scale

)

select distinct
    site,
    population,
    wave,
    instrument,
    indicator,
    measure
from asked
