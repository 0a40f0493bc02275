{# Which indicators a survey asked for, whoever answered: so that an indicator with an empty base is a row with its reason, and
   not a gap. A survey is a site's population in a wave. #}

with item as (

    select
        site,
        population,
        wave,
        instrument,
        item,
        asked
    from {{ ref('int_item_quality') }}

),

scale as (

    select
        site,
        population,
        wave,
        instrument,
        scale,
        count(*) as asked
    from {{ ref('int_scale_score') }}
    group by site, population, wave, instrument, scale

)

select
    item.site,
    item.population,
    item.wave,
    item.instrument,
    item.item as indicator,
    'percent_positive' as measure,
    cast(null as {{ dbt.type_string() }}) as scale,
    item.asked
from item
inner join {{ source('lake', 'ref_item') }} as known
    on item.instrument = known.instrument and item.item = known.item
where known.positive_from is not null

union all

select
    site,
    population,
    wave,
    instrument,
    scale as indicator,
    'scale_mean' as measure,
    scale,
    asked
from scale

union all

select
    scale.site,
    scale.population,
    scale.wave,
    scale.instrument,
    concat(scale.scale, ':', band.banding, ':', band.band) as indicator,
    'percent_in_band' as measure,
    scale.scale,
    scale.asked
from scale
inner join {{ source('lake', 'ref_band') }} as band
    on scale.instrument = band.instrument and scale.scale = band.scale
