{# How well a scale holds together, survey by survey, and for how many of those whom it was asked there is no score.
   Cronbach's alpha = k / (k - 1) x (1 - sum of the items' variances / variance of their sum), Cronbach (1951), Psychometrika
   16:297-334, of those who answered all k items, unweighted. Null for one item, for a sum of scales, and where all sums are
   alike. #}

with of_everybody as (

    select
        site,
        population,
        wave,
        instrument,
        scale,
        count(*) as asked,
        count(score) as scored
    from {{ ref('int_scale_score') }}
    group by site, population, wave, instrument, scale

),

person as (

    select
        site,
        population,
        wave,
        respondent_id,
        instrument,
        scale,
        count(score) as answered,
        sum(score) as total
    from {{ ref('int_scale_item') }}
    group by site, population, wave, respondent_id, instrument, scale

),

complete as (

    select
        person.site,
        person.population,
        person.wave,
        person.respondent_id,
        person.instrument,
        person.scale,
        person.total,
        scale.members
    from person
    inner join {{ source('lake', 'ref_scale') }} as scale
        on person.instrument = scale.instrument and person.scale = scale.scale
    where person.answered = scale.members

),

of_the_sum as (

    select
        site,
        population,
        wave,
        instrument,
        scale,
        members,
        count(*) as complete,
        var_samp(total) as variance
    from complete
    group by site, population, wave, instrument, scale, members

),

of_an_item as (

    select
        item.site,
        item.population,
        item.wave,
        item.instrument,
        item.scale,
        item.item,
        var_samp(item.score) as variance
    from {{ ref('int_scale_item') }} as item
    inner join complete
        on
            item.site = complete.site
            and item.population = complete.population
            and item.wave = complete.wave
            and item.respondent_id = complete.respondent_id
            and item.instrument = complete.instrument
            and item.scale = complete.scale
    group by item.site, item.population, item.wave, item.instrument, item.scale, item.item

),

of_the_items as (

    select site, population, wave, instrument, scale, sum(variance) as variance
    from of_an_item
    group by site, population, wave, instrument, scale

)

select
    of_everybody.site,
    of_everybody.population,
    of_everybody.wave,
    of_everybody.instrument,
    of_everybody.scale,
    of_everybody.asked,
    of_everybody.scored,
    {{ share('of_everybody.asked - of_everybody.scored', 'of_everybody.asked') }} as unscorable_share,
    coalesce(of_the_sum.complete, 0) as complete,
    cast(
        case
            when of_the_sum.members > 1
                then round(
                    (1.0 * of_the_sum.members / (of_the_sum.members - 1))
                    * (1 - of_the_items.variance / nullif(of_the_sum.variance, 0)), 6
                )
        end as double
    ) as alpha
from of_everybody
left join of_the_sum
    on
        of_everybody.site = of_the_sum.site
        and of_everybody.population = of_the_sum.population
        and of_everybody.wave = of_the_sum.wave
        and of_everybody.instrument = of_the_sum.instrument
        and of_everybody.scale = of_the_sum.scale
left join of_the_items
    on
        of_everybody.site = of_the_items.site
        and of_everybody.population = of_the_items.population
        and of_everybody.wave = of_the_items.wave
        and of_everybody.instrument = of_the_items.instrument
        and of_everybody.scale = of_the_items.scale
