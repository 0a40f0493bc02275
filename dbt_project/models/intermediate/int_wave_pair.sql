{# Each two surveys of a site's population, by each design that they can be compared by, and what differs between them beyond
   their answers. A share of the people decides, and never one cell: see the shares in dbt_project.yml. #}

{% set survey = ['site', 'population', 'wave'] %}
{% set season_days = var('season_days') %}

with survey as (

    select
        site,
        population,
        wave,
        count(*) as respondents,
        min(weight_status) as weight_status,
        {{ any_true('is_clustered') }} as is_clustered,
        count(panel_id) > 0 as has_panel
    from {{ ref('int_survey_design') }}
    group by site, population, wave

),

-- How many people are in each cluster and were asked with each tool. What nobody wrote down is no cluster that two waves could
-- share.
part as (

    select site, population, wave, 'cluster' as kind, cluster as name, count(*) as people
    from {{ ref('int_survey_design') }}
    where is_clustered and cluster <> '{{ unknown_cluster() }}'
    group by site, population, wave, cluster

    union all

    select site, population, wave, 'tool' as kind, tool as name, count(*) as people
    from {{ ref('int_survey_design') }}
    group by site, population, wave, tool

),

main_tool as (

    select
        site,
        population,
        wave,
        name as tool,
        row_number() over (partition by site, population, wave order by people desc, name) as place
    from part
    where kind = 'tool'

),

pair as (

    select
        earlier.site,
        earlier.population,
        earlier.wave as wave_from,
        later.wave as wave_to,
        earlier.position as position_from,
        later.position as position_to,
        earlier.mode as mode_from,
        later.mode as mode_to,
        earlier.middle_day as day_from,
        later.middle_day as day_to,
        later.middle_day - earlier.middle_day as days_between,
        -- How far apart in the year: half a year at the most.
        least(
            (cast(later.middle_day - earlier.middle_day as bigint) % 365 + 365) % 365,
            365 - (cast(later.middle_day - earlier.middle_day as bigint) % 365 + 365) % 365
        ) as days_apart_in_year
    from {{ ref('int_survey_wave') }} as earlier
    inner join {{ ref('int_survey_wave') }} as later
        on
            earlier.site = later.site
            and earlier.population = later.population
            and earlier.position < later.position

),

part_of_pair as (

    select
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        part.kind,
        part.name,
        sum(case when part.wave = pair.wave_from then part.people else 0 end) as people_from,
        sum(case when part.wave = pair.wave_to then part.people else 0 end) as people_to
    from pair
    inner join part
        on
            pair.site = part.site
            and pair.population = part.population
            and part.wave in (pair.wave_from, pair.wave_to)
    group by pair.site, pair.population, pair.wave_from, pair.wave_to, part.kind, part.name

),

total as (

    select
        site,
        population,
        wave_from,
        wave_to,
        kind,
        count(case when people_from > 0 and people_to > 0 then 1 end) as shared,
        1.0 * sum(people_from) as people_from,
        1.0 * sum(people_to) as people_to,
        1.0 * sum(case when people_to > 0 then people_from else 0 end) as shared_from,
        1.0 * sum(case when people_from > 0 then people_to else 0 end) as shared_to
    from part_of_pair
    group by site, population, wave_from, wave_to, kind

),

-- Of the people of each wave, how many are in a cluster that both waves have, and how many of both were asked with a like tool.
shared as (

    select
        total.site,
        total.population,
        total.wave_from,
        total.wave_to,
        max(case when total.kind = 'cluster' then total.shared end) as clusters_shared,
        max(
            case
                when total.kind = 'cluster'
                    then least(
                        total.shared_from / nullif(total.people_from, 0), total.shared_to / nullif(total.people_to, 0)
                    )
            end
        ) as clusters_share,
        sum(
            case
                when total.kind = 'tool'
                    then least(part.people_from / total.people_from, part.people_to / total.people_to)
                else 0
            end
        ) as tool_share
    from total
    inner join part_of_pair as part
        on {{ survey_alike('total', 'part', ['site', 'population', 'wave_from', 'wave_to', 'kind']) }}
    group by total.site, total.population, total.wave_from, total.wave_to

),

linked as (

    select
        earlier.site,
        earlier.population,
        earlier.wave as wave_from,
        later.wave as wave_to,
        count(*) as people
    from {{ ref('int_survey_design') }} as earlier
    inner join {{ ref('int_survey_design') }} as later
        on
            earlier.site = later.site
            and earlier.population = later.population
            and earlier.link_key = later.link_key
    where earlier.link_key is not null and later.link_key is not null
    group by earlier.site, earlier.population, earlier.wave, later.wave

),

known as (

    select
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        pair.position_from,
        pair.position_to,
        pair.day_from,
        pair.day_to,
        pair.days_between,
        pair.days_apart_in_year,
        tool_from.tool as tool_from,
        tool_to.tool as tool_to,
        earlier.weight_status as weight_status_from,
        later.weight_status as weight_status_to,
        earlier.is_clustered and later.is_clustered as is_clustered,
        earlier.has_panel and later.has_panel as has_panel,
        coalesce(linked.people, 0) / cast(earlier.respondents as double) as linked_share,
        coalesce(shared.clusters_shared, 0) as clusters_shared,
        shared.clusters_share,
        case
            when coalesce(shared.tool_share, 0) < 1 - {{ var('left_out_share') }}
                then 'The two waves were asked with different tools.'
            when pair.mode_from <> pair.mode_to then 'The two waves were asked in different modes.'
            when pair.days_between <= 0 then 'The dates of the answers contradict the order of the waves.'
            -- Within a year the season is part of the design: before and after a course.
            when pair.days_between > 365 - {{ season_days }} and pair.days_apart_in_year > {{ season_days }}
                then 'The two waves were asked at different times of the year.'
        end as difference_in_asking,
        case
            when earlier.weight_status <> later.weight_status then 'One wave is weighted and the other is not.'
            when earlier.is_clustered <> later.is_clustered then 'Clusters were recorded in one of the two waves only.'
        end as difference_in_design
    from pair
    inner join survey as earlier
        on pair.site = earlier.site and pair.population = earlier.population and pair.wave_from = earlier.wave
    inner join survey as later
        on pair.site = later.site and pair.population = later.population and pair.wave_to = later.wave
    inner join main_tool as tool_from
        on
            pair.site = tool_from.site
            and pair.population = tool_from.population
            and pair.wave_from = tool_from.wave
            and tool_from.place = 1
    inner join main_tool as tool_to
        on
            pair.site = tool_to.site
            and pair.population = tool_to.population
            and pair.wave_to = tool_to.wave
            and tool_to.place = 1
    left join linked
        on
            pair.site = linked.site
            and pair.population = linked.population
            and pair.wave_from = linked.wave_from
            and pair.wave_to = linked.wave_to
    left join shared on {{ survey_alike('pair', 'shared', ['site', 'population', 'wave_from', 'wave_to']) }}

),

designed as (

    -- The pairs of a panel have the weights and schools of the earlier wave: the later wave's rules say nothing of them. Other
    -- schools are other children: what looks like change may be who was asked.
    {% for design, where, difference, limit in [
        (
            'panel', 'has_panel', 'difference_in_asking',
            "case when linked_share < " ~ var('linked_share') ~ " then 'Too few people of the earlier wave are linked.' end"
        ),
        (
            'repeated_cross_section', '1 = 1',
            "coalesce(difference_in_asking, difference_in_design, case when is_clustered and coalesce(clusters_share, 0) < 1 - "
            ~ var('left_out_share') ~ " then 'The two waves were asked in different clusters.' end)", 'null'
        ),
        (
            'common_clusters',
            'is_clustered and clusters_shared > 0 and clusters_share < 1 - ' ~ var('left_out_share'),
            'coalesce(difference_in_asking, difference_in_design)', 'null'
        )
    ] %}
    select
        {{ survey_columns('known', ['site', 'population', 'wave_from', 'wave_to']) }}
        '{{ design }}' as design,
        {{ difference }} as difference_between,
        cast({{ limit }} as {{ dbt.type_string() }}) as limit_of_design
    from known
    where {{ where }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    known.site,
    known.population,
    known.wave_from,
    known.wave_to,
    designed.design,
    known.position_from,
    known.position_to,
    known.day_from,
    known.day_to,
    known.days_between,
    known.tool_from,
    known.tool_to,
    known.weight_status_from,
    known.weight_status_to,
    known.linked_share,
    known.clusters_shared,
    known.clusters_share,
    case
        when known.days_apart_in_year > {{ season_days }}
            then 'The two waves were asked at different times of the year.'
    end as caution,
    designed.difference_between,
    designed.limit_of_design
from known
inner join designed on {{ survey_alike('known', 'designed', ['site', 'population', 'wave_from', 'wave_to']) }}
