{# A view: the checks judge the other marts, so their results are complete only after this build. #}
{{ config(materialized='view') }}

select
    site,
    source,
    check_id,
    dimension,
    severity,
    rows_checked,
    rows_failed,
    coalesce(verdict = 'passed', false) as passed,
    gate_effect,
    verdict,
    place
from {{ source('lake', 'check_result') }}
