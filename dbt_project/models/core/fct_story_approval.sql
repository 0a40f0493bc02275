select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    story_id,
    approved_on,
    text_sha256
from {{ source('lake', 'story_approval') }}
