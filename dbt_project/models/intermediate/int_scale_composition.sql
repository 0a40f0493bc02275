{# Which items each scale was really made of in each survey: of those who were asked the scale, the share with an answer to the
   item. A sum of scales is made of their items. #}

with part as (

    select instrument, scale, member as item
    from {{ source('lake', 'ref_scale_member') }}
    where kind = 'item'

    union all

    select whole.instrument, whole.scale, inside.member as item
    from {{ source('lake', 'ref_scale_member') }} as whole
    inner join {{ source('lake', 'ref_scale_member') }} as inside
        on whole.instrument = inside.instrument and whole.member = inside.scale and inside.kind = 'item'
    where whole.kind = 'scale'

)

select
    asked.site,
    asked.population,
    asked.wave,
    asked.instrument,
    asked.scale,
    part.item,
    coalesce(quality.answered, 0) / cast(asked.asked as double) as answered_share
from {{ ref('int_indicator_asked') }} as asked
inner join part on asked.instrument = part.instrument and asked.scale = part.scale
left join {{ ref('int_item_quality') }} as quality
    on
        asked.site = quality.site
        and asked.population = quality.population
        and asked.wave = quality.wave
        and asked.instrument = quality.instrument
        and part.item = quality.item
where asked.measure = 'scale_mean'
