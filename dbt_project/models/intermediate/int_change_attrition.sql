{# Whether those of a panel's earlier wave who are linked were like those who are not: the figures of the earlier wave, of the
   first less the others. #}

{% set by = ['site', 'population', 'wave_from', 'wave_to', 'indicator', 'measure'] %}

with person as (

    select
        {{ survey_columns('known', by) }}
        case when later.link_key is null then 'from' else 'to' end as side,
        earlier.y,
        earlier.weight,
        earlier.stratum,
        earlier.cluster
    from {{ ref('int_comparability') }} as known
    inner join {{ ref('int_indicator_score') }} as earlier
        on
            {{ survey_alike('known', 'earlier', ['site', 'population', 'indicator', 'measure']) }}
            and known.wave_from = earlier.wave
    left join {{ ref('int_indicator_score') }} as later
        on
            {{ survey_alike('earlier', 'later', ['site', 'population', 'indicator', 'measure', 'link_key']) }}
            and known.wave_to = later.wave
    where known.design = 'panel'

)

select
    contrast.site,
    contrast.population,
    contrast.wave_from,
    contrast.wave_to,
    contrast.indicator,
    contrast.measure,
    contrast.difference,
    contrast.p_value
from ({{ survey_contrast('person', by, percent="measure like 'percent%'") }}) as contrast
