with partner as (

    select site, quarter, audience_unit, {{ each_value('partners') }} as partner
    from {{ ref('fct_session') }}
    where is_delivered

),

partner_count as (

    select
        site,
        quarter,
        count(distinct partner) as partners_active,
        count(distinct case when audience_unit = 'group' then partner end) as group_partners_active
    from partner
    group by site, quarter

),

session as (

    select
        site,
        quarter,
        count(*) filter (where is_delivered and {{ list_size('partners') }} > 0) as sessions_with_partner,
        count(*) filter (where is_delivered and tier = 'system') as boards_held,
        count(*) filter (
            where is_delivered and {{ list_size('partners') }} > 0 and audience_unit = 'group'
        ) as group_sessions_with_partner,
        {{ any_true("audience_unit = 'group'") }} as has_group_sessions
    from {{ ref('fct_session') }}
    group by site, quarter

)

select
    session.site,
    session.quarter,
    coalesce(partner_count.partners_active, 0) as partners_active,
    session.sessions_with_partner,
    session.boards_held,
    session.group_sessions_with_partner,
    coalesce(partner_count.group_partners_active, 0) as group_partners_active,
    session.has_group_sessions
from session
left join partner_count
    on session.site = partner_count.site and session.quarter = partner_count.quarter
