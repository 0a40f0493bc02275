with story as (

    select
        site,
        -- A story without a day is counted all the same, and is in no quarter.
        case when told_on is null then 'not_stated' else quarter end as quarter,
        case when told_on is null then 'not_stated' else reporting_year end as reporting_year,
        change_domain,
        teller_role,
        selected
    from {{ ref('fct_story') }}
    where is_counted

)

select
    site,
    quarter,
    reporting_year,
    change_domain,
    teller_role,
    count(*) as stories,
    count(*) filter (where selected) as selected
from story
group by site, quarter, reporting_year, change_domain, teller_role
