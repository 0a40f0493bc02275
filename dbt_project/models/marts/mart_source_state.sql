select site, source, is_held, held_since, held_reason, held_file
from {{ source('lake', 'source_state') }}
