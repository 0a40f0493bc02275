select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    claim_id,
    claimed_on,
    {{ quarter_label('claimed_on') }} as quarter,
    outcome,
    coalesce(activity, 'not_stated') as activity,
    coalesce(evidence, 'not_stated') as evidence,
    strength,
    coalesce(alternatives_considered, false) as alternatives_considered
from {{ source('lake', 'contribution_claim') }}
