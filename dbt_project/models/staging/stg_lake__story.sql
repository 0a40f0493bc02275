select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    story_id,
    told_on,
    teller_role,
    activity,
    change_domain,
    change_level,
    consent,
    consent_on,
    selected
from {{ source('lake', 'story') }}
