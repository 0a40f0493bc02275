select site, source, return_key, due_on, status
from {{ source('lake', 'expected_return') }}
