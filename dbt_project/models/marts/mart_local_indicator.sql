{# No indicator is named here: what each one counts is a row of the sites' own definitions. #}
with one_by_one as (

    -- Activities whose sessions are one person's or family's: declared so, or met in the returns and never declared.
    select site, activity, tier, audience
    from {{ ref('dim_activity') }}
    where audience_unit = 'individual'

    union

    select site, activity, tier, audience
    from {{ ref('fct_session') }}
    where audience_unit = 'individual'

),

of_persons as (

    -- Indicators of sessions or hours that could choose such an activity, by what is published of them: of a count the
    -- numerator, which is within the denominator, and of a percentage the denominator.
    select distinct indicator.site, indicator.indicator
    from {{ source('lake', 'ref_local_indicator') }} as indicator
    inner join one_by_one on indicator.site = one_by_one.site
    where
        {{ could_choose('indicator.denominator_field', 'indicator.denominator_in', 'one_by_one') }}
        and (
            coalesce(indicator.measure <> 'count', true)
            or {{ could_choose('indicator.numerator_field', 'indicator.numerator_in', 'one_by_one') }}
        )

),

chosen as (

    select
        indicator.site,
        indicator.indicator,
        case indicator.period
            when 'month' then thing.month_label
            when 'quarter' then thing.quarter
            when 'year' then thing.reporting_year
        end as period,
        thing.amount,
        one_by_one.activity is null as is_beside_casework,
        indicator.denominator_field is null
        or array_contains(
            indicator.denominator_in, {{ countable_value('thing', 'indicator.denominator_field') }}
        ) as in_denominator,
        indicator.numerator_field is null
        or array_contains(
            indicator.numerator_in, {{ countable_value('thing', 'indicator.numerator_field') }}
        ) as in_numerator
    from {{ source('lake', 'ref_local_indicator') }} as indicator
    inner join {{ ref('int_countable') }} as thing
        on indicator.site = thing.site and indicator.base = thing.base
    left join (select distinct site, activity from one_by_one) as one_by_one
        on
            thing.site = one_by_one.site
            and thing.activity = one_by_one.activity
            and thing.base in ('sessions', 'attendances', 'hours')

),

counted as (

    -- The numerator is taken within the denominator, so that a percentage cannot pass 100.
    select
        site,
        indicator,
        period,
        {{ any_true('is_beside_casework') }} as is_beside_casework,
        coalesce(round(sum(amount) filter (where in_denominator and in_numerator), 4), 0) as numerator,
        coalesce(round(sum(amount) filter (where in_denominator), 4), 0) as denominator
    from chosen
    group by site, indicator, period

),

worked_out as (

    select
        counted.site,
        counted.indicator,
        definition.name,
        definition.base,
        definition.measure,
        definition.period as period_kind,
        counted.period,
        case definition.measure
            when 'count' then counted.numerator
            when 'percent' then round(100 * counted.numerator / nullif(counted.denominator, 0), 4)
        end as value,
        counted.numerator,
        case when definition.measure = 'percent' then counted.denominator end as denominator,
        definition.target,
        definition.direction,
        counted.is_beside_casework,
        case
            when definition.base in ('sessions', 'hours') then of_persons.site is not null
            else definition.base <> 'learning_items'
        end as about_persons
    from counted
    inner join {{ source('lake', 'ref_local_indicator') }} as definition
        on counted.site = definition.site and counted.indicator = definition.indicator
    left join of_persons
        on counted.site = of_persons.site and counted.indicator = of_persons.indicator

)

select
    site,
    indicator,
    period,
    value,
    numerator,
    denominator,
    target,
    direction,
    case direction when 'at_least' then value >= target when 'at_most' then value <= target end as met,
    name,
    base,
    measure,
    period_kind,
    about_persons,
    is_beside_casework
from worked_out
