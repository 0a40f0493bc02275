{# The answers to a scale's items, turned where they have to be: what scores and alpha are both worked out from. A view. #}
{{ config(materialized='view') }}

select
    answer.site,
    answer.population,
    answer.wave,
    answer.respondent_id,
    answer.instrument,
    member.scale,
    answer.item,
    answer.minimum,
    answer.maximum,
    answer.score
from {{ ref('int_item_answer') }} as answer
inner join {{ source('lake', 'ref_scale_member') }} as member
    on answer.instrument = member.instrument and answer.item = member.member and member.kind = 'item'
