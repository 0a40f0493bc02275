select site, name, nation
from {{ ref('stg_lake__ref_site') }}
