select
    site,
    activity,
    name,
    tier,
    audience,
    designed_hours,
    audience_unit
from {{ source('lake', 'ref_activity') }}
