select
    site,
    source,
    file,
    file_sha256 as sha256,
    status,
    received,
    accepted,
    rejected,
    duplicate,
    not_data,
    message,
    first_seen_at,
    superseded_by,
    return_key,
    is_counted
from {{ ref('stg_lake__submission') }}
