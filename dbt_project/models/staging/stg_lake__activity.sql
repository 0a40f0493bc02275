select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    session_id,
    session_on,
    activity,
    status,
    audience,
    attendance_low,
    attendance_high,
    attendance_kind,
    hours,
    partners,
    small_area_code
from {{ source('lake', 'activity') }}
