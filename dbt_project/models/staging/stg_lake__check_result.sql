select
    check_id,
    place,
    site,
    source,
    dimension,
    severity,
    content_hash,
    rows_checked,
    rows_failed,
    verdict,
    gate_effect
from {{ source('lake', 'check_result') }}
