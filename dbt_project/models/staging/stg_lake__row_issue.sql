select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    column_name,
    cell,
    severity,
    disposition,
    reason,
    message
from {{ source('lake', 'row_issue') }}
