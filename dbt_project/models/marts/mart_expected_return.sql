select site, source, return_key, due_on, status
from {{ ref('stg_lake__expected_return') }}
