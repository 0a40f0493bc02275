select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    story_id,
    told_on,
    {{ month_start('told_on') }} as month,
    {{ month_label('told_on') }} as month_label,
    {{ quarter_label('told_on') }} as quarter,
    {{ reporting_year_label('told_on') }} as reporting_year,
    coalesce(teller_role, 'not_stated') as teller_role,
    coalesce(activity, 'not_stated') as activity,
    coalesce(change_domain, 'not_stated') as change_domain,
    coalesce(change_level, 'not_stated') as change_level,
    consent,
    -- A withdrawn story counts nowhere; one whose consent is not recorded is treated as if it were withdrawn.
    coalesce(consent in ('share', 'internal'), false) as is_counted,
    coalesce(selected, false) as selected,
    follows_story
from {{ source('lake', 'story') }}
