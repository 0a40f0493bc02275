select
    site,
    month,
    activity,
    audience,
    'attendances' as measure,
    cast(coalesce(sum(attendance_low), 0) as bigint) as value_low,
    cast(coalesce(sum(attendance_high), 0) as bigint) as value_high,
    count(*) filter (where attendance_low is null) as sessions_unknown,
    audience_unit
from {{ ref('fct_session') }}
where is_delivered
group by site, month, activity, audience, audience_unit
