{# Every answer to an item of a codebook, turned where the item runs the other way, and what it adds to the item's
   percentage. Whom the survey did not ask has no row: they are in no base. #}

with answer as (

    select
        answer.site,
        answer.population,
        answer.wave,
        answer.respondent_id,
        answer.instrument,
        answer.item,
        answer.value,
        answer.missing_reason,
        item.minimum,
        item.maximum,
        item.positive_from,
        item.dont_know_in_base,
        case when item.is_reversed then item.minimum + item.maximum - answer.value else answer.value end as score
    from {{ ref('fct_survey_answer') }} as answer
    inner join {{ source('lake', 'ref_item') }} as item
        on answer.instrument = item.instrument and answer.item = item.item
    where coalesce(answer.missing_reason <> 'not_asked', true)

)

select
    site,
    population,
    wave,
    respondent_id,
    instrument,
    item,
    value,
    missing_reason,
    minimum,
    maximum,
    score,
    cast(
        case
            when positive_from is null then null
            when score >= positive_from then 100
            when score is not null then 0
            when missing_reason = 'dont_know' and dont_know_in_base then 0
        end as double
    ) as percent_positive
from answer
