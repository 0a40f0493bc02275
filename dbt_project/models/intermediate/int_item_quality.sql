{# How well an item was answered, survey by survey. #}

with counted as (

    select
        site,
        population,
        wave,
        instrument,
        item,
        count(*) as asked,
        count(value) as answered,
        sum(case when missing_reason = 'dont_know' then 1 else 0 end) as dont_know,
        sum(case when missing_reason = 'prefer_not' then 1 else 0 end) as prefer_not,
        sum(case when missing_reason in ('unanswered', 'invalid') then 1 else 0 end) as without_answer
    from {{ ref('int_item_answer') }}
    group by site, population, wave, instrument, item

)

select
    site,
    population,
    wave,
    instrument,
    item,
    asked,
    answered,
    dont_know,
    prefer_not,
    without_answer,
    -- Don't know is an answer that was given; prefer not to say is none.
    {{ share('prefer_not + without_answer', 'asked') }} as nonresponse_share,
    {{ share('dont_know', 'asked') }} as dont_know_share
from counted
