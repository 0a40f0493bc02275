select site, activity, name, tier, audience, designed_hours
from {{ ref('stg_lake__ref_activity') }}
