select
    instrument,
    indicator,
    site,
    population,
    wave_from,
    wave_to,
    tool_from,
    tool_to,
    comparable,
    reason
from {{ source('lake', 'ref_comparability') }}
