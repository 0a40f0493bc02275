{# No indicator is named here: what each one counts is a row of the sites' own definitions. #}
with chosen as (

    select
        indicator.site,
        indicator.indicator,
        case indicator.period
            when 'month' then thing.month_label
            when 'quarter' then thing.quarter
            when 'year' then thing.reporting_year
        end as period,
        thing.amount,
        indicator.denominator_field is null
        or array_contains(
            indicator.denominator_in, {{ countable_value('thing', 'indicator.denominator_field') }}
        ) as in_denominator,
        indicator.numerator_field is null
        or array_contains(
            indicator.numerator_in, {{ countable_value('thing', 'indicator.numerator_field') }}
        ) as in_numerator
    from {{ ref('stg_lake__ref_local_indicator') }} as indicator
    inner join {{ ref('int_countable') }} as thing
        on indicator.site = thing.site and indicator.base = thing.base

),

counted as (

    -- The numerator is taken within the denominator, so that a percentage cannot pass 100.
    select
        site,
        indicator,
        period,
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
        definition.direction
    from counted
    inner join {{ ref('stg_lake__ref_local_indicator') }} as definition
        on counted.site = definition.site and counted.indicator = definition.indicator

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
    period_kind
from worked_out
