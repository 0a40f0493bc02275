select
    site,
    area,
    small_area_code,
    small_area_kind,
    {{ adapter.quote('index') }} as index_name,
    rank,
    areas_in_nation,
    nation_quintile,
    pop_0_4,
    pop_5_11,
    pop_12_17,
    pop_18_plus,
    pop_year
from {{ source('lake', 'ref_footprint_area') }}
