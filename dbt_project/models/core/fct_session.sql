select
    session.site,
    session.source,
    session.file_sha256,
    session.sheet,
    session.row_number,
    session.session_id,
    session.session_on,
    {{ month_start('session.session_on') }} as month,
    {{ month_label('session.session_on') }} as month_label,
    {{ quarter_label('session.session_on') }} as quarter,
    {{ reporting_year_label('session.session_on') }} as reporting_year,
    coalesce(session.activity, 'unmapped') as activity,
    coalesce(activity.tier, 'unmapped') as tier,
    coalesce(activity.audience, 'unmapped') as audience,
    activity.designed_hours,
    coalesce(activity.audience_unit, 'individual') as audience_unit,
    session.audience as audience_recorded,
    session.status,
    coalesce(session.status = 'delivered', false) as is_delivered,
    -- What did not take place has no attendance, no length and no partners, whatever was typed in its row.
    case when session.status = 'delivered' then session.attendance_low end as attendance_low,
    -- Of "20+" only the 20 is known: the high total adds the low one rather than nothing.
    case when session.status = 'delivered' then coalesce(session.attendance_high, session.attendance_low) end as attendance_high,
    case
        when session.status = 'delivered' and session.attendance_low is null then 'unknown'
        when session.status = 'delivered' then session.attendance_kind
    end as attendance_kind,
    case when session.status = 'delivered' then session.hours end as hours,
    case when session.status = 'delivered' then session.partners end as partners,
    coalesce(session.small_area_code, 'unknown') as small_area_code,
    case
        when session.small_area_code is null then 'unknown'
        else coalesce(area.area, 'outside_footprint')
    end as area,
    session.age_band,
    session.sex,
    session.ethnic_group,
    session.disability
from {{ source('lake', 'activity') }} as session
left join {{ ref('dim_activity') }} as activity
    on session.site = activity.site and session.activity = activity.activity
left join {{ ref('dim_area') }} as area
    on session.site = area.site and session.small_area_code = area.small_area_code
