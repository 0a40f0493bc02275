select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    learning_id,
    noted_on,
    learning_source,
    activity
from {{ source('lake', 'learning_item') }}
