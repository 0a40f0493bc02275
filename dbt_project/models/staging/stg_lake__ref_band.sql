select
    instrument,
    scale,
    banding,
    band,
    position,
    lowest,
    highest
from {{ source('lake', 'ref_band') }}
