select
    instrument,
    scale,
    name,
    method,
    members,
    minimum_answered,
    rounding,
    minimum,
    maximum,
    higher_is
from {{ source('lake', 'ref_scale') }}
