select
    instrument,
    item,
    constructs,
    wording,
    minimum,
    maximum,
    is_reversed,
    positive_from,
    dont_know_in_base
from {{ source('lake', 'ref_item') }}
