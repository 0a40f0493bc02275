select
    site,
    activity,
    name,
    tier,
    audience,
    designed_hours,
    -- Fail safe: of what nobody has declared, a session may be one person's.
    coalesce(audience_unit, 'individual') as audience_unit
from {{ source('lake', 'ref_activity') }}
