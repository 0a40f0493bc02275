select
    site,
    indicator,
    name,
    base,
    numerator_field,
    numerator_in,
    denominator_field,
    denominator_in,
    measure,
    period,
    target,
    direction
from {{ source('lake', 'ref_local_indicator') }}
