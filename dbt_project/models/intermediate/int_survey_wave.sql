{# The surveys of each site's population in their order: by the fieldwork that the contract gives, else by the number in the
   wave's name, else by when people answered. #}

with survey as (

    select
        respondent.site,
        respondent.population,
        respondent.wave,
        count(*) as respondents,
        min(stated.fieldwork_first) as fieldwork_first,
        max(stated.fieldwork_last) as fieldwork_last,
        min(stated.mode) as mode,
        median({{ day_number('respondent.answered_on') }}) as answered_day
    from {{ ref('fct_survey_respondent') }} as respondent
    left join {{ source('lake', 'ref_wave') }} as stated
        on
            respondent.site = stated.site
            and respondent.source = stated.source
            and respondent.wave = stated.wave
    group by respondent.site, respondent.population, respondent.wave

),

dated as (

    select
        site,
        population,
        wave,
        respondents,
        fieldwork_first,
        fieldwork_last,
        mode,
        {{ day_number('fieldwork_first') }} as first_day,
        cast(nullif(regexp_extract(wave, '([0-9]+)', 1), '') as bigint) as number_in_name,
        -- When people really answered; where no answer has a date, the middle of the stated fieldwork.
        cast(
            coalesce(answered_day, ({{ day_number('fieldwork_first') }} + {{ day_number('fieldwork_last') }}) / 2.0) as double
        ) as middle_day
    from survey

),

-- What one wave lacks orders none of them.
known as (

    select
        site,
        population,
        count(*) = count(first_day) as has_first_days,
        count(*) = count(number_in_name) as has_numbers,
        count(*) = count(middle_day) as has_middle_days
    from dated
    group by site, population

)

select
    dated.site,
    dated.population,
    dated.wave,
    row_number() over (
        partition by dated.site, dated.population
        order by
            case when known.has_first_days then dated.first_day end,
            case when known.has_numbers then dated.number_in_name end,
            case when known.has_middle_days then dated.middle_day end,
            dated.wave
    ) as position,
    dated.respondents,
    dated.fieldwork_first,
    dated.fieldwork_last,
    dated.mode,
    dated.middle_day
from dated
inner join known on dated.site = known.site and dated.population = known.population
