select
    site,
    source,
    file,
    file_sha256,
    return_key,
    status,
    is_counted,
    received,
    accepted,
    rejected,
    duplicate,
    not_data,
    message,
    {{ utc_clock('first_seen_at') }} as first_seen_at,
    superseded_by
from {{ source('lake', 'submission') }}
