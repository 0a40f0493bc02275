{% set tolerance = var('fidelity_tolerance') %}

with partner as (

    select site, quarter, activity, {{ each_value('partners') }} as partner
    from {{ ref('fct_session') }}
    where is_delivered

),

partner_count as (

    select site, quarter, activity, count(distinct partner) as partners
    from partner
    group by site, quarter, activity

),

session as (

    select
        site,
        quarter,
        activity,
        tier,
        audience,
        designed_hours,
        audience_unit,
        count(*) filter (where is_delivered) as sessions_delivered,
        count(*) filter (where status = 'cancelled') as sessions_cancelled,
        count(hours) as sessions_with_hours,
        coalesce(round(sum(hours), 4), 0) as hours,
        count(*) filter (where hours is not null and designed_hours > 0) as sessions_assessed,
        count(*) filter (
            where designed_hours > 0
            and hours between (1 - {{ tolerance }}) * designed_hours and (1 + {{ tolerance }}) * designed_hours
        ) as sessions_near_design,
        count(*) filter (where is_delivered and audience_recorded is not null and audience <> 'unmapped')
            as sessions_with_audience,
        count(*) filter (where is_delivered and audience_recorded <> audience and audience <> 'unmapped')
            as sessions_other_audience,
        count(attendance_low) as sessions_with_attendance
    from {{ ref('fct_session') }}
    group by site, quarter, activity, tier, audience, designed_hours, audience_unit

)

select
    session.site,
    session.quarter,
    session.activity,
    session.tier,
    session.audience,
    session.sessions_delivered,
    session.sessions_cancelled,
    {{ share('session.sessions_cancelled', 'session.sessions_delivered + session.sessions_cancelled') }} as cancelled_share,
    session.hours,
    session.sessions_with_hours,
    {{ share('session.sessions_with_hours', 'session.sessions_delivered') }} as hours_completeness,
    {{ share('session.hours', 'session.sessions_with_hours') }} as mean_hours,
    session.designed_hours,
    {{ share('session.hours', 'session.sessions_with_hours * session.designed_hours') }} as dose_ratio,
    session.sessions_assessed,
    session.sessions_near_design,
    {{ share('session.sessions_near_design', 'session.sessions_assessed') }} as fidelity_share,
    session.sessions_with_audience,
    case when session.sessions_with_audience > 0 then session.sessions_other_audience end as adaptations,
    coalesce(partner_count.partners, 0) as partners,
    session.sessions_with_attendance,
    {{ share('session.sessions_with_attendance', 'session.sessions_delivered') }} as attendance_completeness,
    session.audience_unit
from session
left join partner_count
    on session.site = partner_count.site
    and session.quarter = partner_count.quarter
    and session.activity = partner_count.activity
