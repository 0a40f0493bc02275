select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    population,
    wave,
    respondent_id,
    instrument,
    item,
    code,
    value,
    missing_reason
from {{ source('lake', 'survey_answer') }}
