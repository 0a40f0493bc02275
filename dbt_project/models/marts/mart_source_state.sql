select site, source, is_held, held_since, held_reason, held_file
from {{ ref('stg_lake__source_state') }}
