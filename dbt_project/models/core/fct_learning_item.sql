select
    site,
    source,
    file_sha256,
    sheet,
    row_number,
    learning_id,
    noted_on,
    {{ month_start('noted_on') }} as month,
    {{ month_label('noted_on') }} as month_label,
    {{ quarter_label('noted_on') }} as quarter,
    {{ reporting_year_label('noted_on') }} as reporting_year,
    coalesce(learning_source, 'not_stated') as learning_source,
    coalesce(activity, 'not_stated') as activity,
    learning_tag
from {{ source('lake', 'learning_item') }}
