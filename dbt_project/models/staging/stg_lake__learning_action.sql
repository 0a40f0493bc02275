select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    learning_id,
    to_site,
    sent_on,
    received_on,
    adopted_on,
    status
from {{ source('lake', 'learning_action') }}
