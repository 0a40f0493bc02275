select
    site,
    month,
    activity,
    tier,
    audience,
    count(*) filter (where is_delivered) as sessions_delivered,
    count(*) filter (where status = 'cancelled') as sessions_cancelled,
    coalesce(round(sum(hours), 4), 0) as hours,
    count(hours) as sessions_with_hours,
    audience_unit
from {{ ref('fct_session') }}
group by site, month, activity, tier, audience, audience_unit
