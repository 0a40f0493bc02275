select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    learning_id,
    to_site,
    sent_on,
    received_on,
    adopted_on,
    status,
    -- How far an action has come, so that the furthest of several can be taken. A site that answers gives only dates.
    case coalesce(status, case when adopted_on is not null then 'adopted' when received_on is not null then 'received' end)
        when 'adopted' then 3
        when 'received' then 2
        when 'sent' then 1
        else 0
    end as stage
from {{ source('lake', 'learning_action') }}
