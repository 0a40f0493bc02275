select site, name, nation
from {{ source('lake', 'ref_site') }}
