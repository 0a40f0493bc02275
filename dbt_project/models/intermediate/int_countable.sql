{# What a site's own indicator can count: one row a thing, with the amount that it adds and the columns to choose it by.
   A view: it is read once, by mart_local_indicator. #}
{{ config(materialized='view') }}

{% set yes_no = "case when {} then 'yes' else 'no' end" %}
{% set session_columns = {'has_partner': yes_no.format(list_size('partners') ~ ' > 0')} %}

with furthest as (

    select learning_id, max(stage) as stage
    from {{ ref('fct_learning_action') }}
    group by learning_id

),

learning as (

    select
        item.site,
        item.month_label,
        item.quarter,
        item.reporting_year,
        item.activity,
        item.learning_source,
        case coalesce(furthest.stage, 0) when 3 then 'adopted' when 2 then 'received' when 1 then 'sent' else 'none' end as status
    from {{ ref('fct_learning_item') }} as item
    left join furthest on item.learning_id = furthest.learning_id

)

select
    'sessions' as base, site, month_label, quarter, reporting_year, cast(1 as double) as amount,
    {{ countable_columns('sessions', session_columns) }}
from {{ ref('fct_session') }}

union all

-- Only attendances that are known: a session with none written adds nothing, and is no zero.
select
    'attendances' as base, site, month_label, quarter, reporting_year, cast(attendance_low as double) as amount,
    {{ countable_columns('attendances', session_columns) }}
from {{ ref('fct_session') }}
where attendance_low is not null

union all

select
    'hours' as base, site, month_label, quarter, reporting_year, hours as amount,
    {{ countable_columns('hours', session_columns) }}
from {{ ref('fct_session') }}
where hours is not null

union all

select
    'stories' as base, site, month_label, quarter, reporting_year, cast(1 as double) as amount,
    {{ countable_columns('stories', {'selected': yes_no.format('selected')}) }}
from {{ ref('fct_story') }}
where is_counted

union all

select
    'learning_items' as base, site, month_label, quarter, reporting_year, cast(1 as double) as amount,
    {{ countable_columns('learning_items') }}
from learning
