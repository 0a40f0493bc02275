select
    instrument,
    scale,
    raw,
    score
from {{ source('lake', 'ref_score_table') }}
