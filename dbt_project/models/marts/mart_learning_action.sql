with item as (

    -- An id that a log gives twice is one item, noted when it was first noted.
    select site, learning_id, min(noted_on) as noted_on
    from {{ ref('fct_learning_item') }}
    group by site, learning_id

),

action as (

    -- One item sent to one site twice is one transfer: its first dates and its furthest stage.
    select
        learning_id,
        to_site,
        min(sent_on) as sent_on,
        min(received_on) as received_on,
        min(adopted_on) as adopted_on,
        max(stage) as stage
    from {{ ref('fct_learning_action') }}
    group by learning_id, to_site

)

select
    item.learning_id,
    item.site,
    action.to_site,
    item.noted_on,
    action.sent_on,
    action.received_on,
    action.adopted_on,
    case coalesce(action.stage, 0) when 3 then 'adopted' when 2 then 'received' when 1 then 'sent' else 'none' end as status,
    cast({{ dbt.datediff('item.noted_on', 'action.sent_on', 'day') }} as bigint) as days_to_send,
    cast({{ dbt.datediff('action.sent_on', 'action.adopted_on', 'day') }} as bigint) as days_to_adopt
from item
left join action on item.learning_id = action.learning_id
