select
    instrument,
    scale,
    member,
    kind
from {{ source('lake', 'ref_scale_member') }}
