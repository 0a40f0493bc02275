select
    site,
    quarter,
    activity,
    area,
    small_area_code,
    audience_unit,
    count(*) filter (where is_delivered) as sessions,
    count(*) filter (where is_delivered and attendance_low is null) as sessions_unknown,
    cast(coalesce(sum(attendance_low), 0) as bigint) as attendances_low,
    cast(coalesce(sum(attendance_high), 0) as bigint) as attendances_high,
    -- So many different people came at least: those of one session are not the same person twice.
    max(attendance_low) as largest_session,
    coalesce(round(sum(hours), 4), 0) as hours,
    count(hours) as sessions_with_hours,
    count(*) filter (where status = 'cancelled') as sessions_cancelled,
    tier,
    reporting_year
from {{ ref('fct_session') }}
group by site, quarter, reporting_year, activity, tier, audience_unit, area, small_area_code
