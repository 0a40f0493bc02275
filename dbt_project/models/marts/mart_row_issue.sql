with named as (

    -- Bytes that came under several names are read once: their issues are under the name that counts, else the first.
    select site, source, file_sha256, coalesce(min(case when is_counted then file end), min(file)) as file
    from {{ ref('stg_lake__submission') }}
    where status <> 'duplicate_file'
    group by site, source, file_sha256

)

select distinct
    issue.site,
    issue.source,
    named.file,
    issue.sheet,
    issue.row_number as {{ adapter.quote('row') }},
    issue.column_name as {{ adapter.quote('column') }},
    issue.column_name,
    issue.cell,
    issue.severity,
    issue.disposition,
    issue.reason,
    issue.message
from {{ source('lake', 'row_issue') }} as issue
left join named
    on issue.site = named.site and issue.source = named.source and issue.file_sha256 = named.file_sha256
