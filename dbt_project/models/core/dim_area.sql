select
    site,
    small_area_code,
    area,
    small_area_kind,
    index_name,
    rank as index_rank,
    areas_in_nation,
    nation_quintile,
    pop_0_4,
    pop_5_11,
    pop_12_17,
    pop_18_plus,
    -- Everyone who lives there. Null where a band is missing: part of a population is no denominator.
    pop_0_4 + pop_5_11 + pop_12_17 + pop_18_plus as population,
    pop_year
from {{ ref('stg_lake__ref_footprint_area') }}
