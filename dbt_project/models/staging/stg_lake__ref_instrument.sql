select
    instrument,
    name,
    version,
    informant,
    licence,
    source
from {{ source('lake', 'ref_instrument') }}
