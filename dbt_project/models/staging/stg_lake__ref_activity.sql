select
    site,
    activity,
    name,
    tier,
    audience,
    designed_hours
from {{ source('lake', 'ref_activity') }}
