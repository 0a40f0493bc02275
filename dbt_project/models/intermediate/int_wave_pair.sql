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

-- What nobody wrote down is no cluster that two waves could share.
cluster as (

    select site, population, wave, cluster, count(*) as people
    from {{ ref('int_survey_design') }}
    where is_clustered and cluster <> '{{ unknown_cluster() }}'
    group by site, population, wave, cluster

),

tool as (

    select site, population, wave, tool, count(*) as people
    from {{ ref('int_survey_design') }}
    group by site, population, wave, tool

),

main_tool as (

    select
        site,
        population,
        wave,
        tool,
        row_number() over (partition by site, population, wave order by people desc, tool) as place
    from tool

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

-- Of the people of each wave, how many are in a cluster that both waves have.
shared_cluster as (

    select
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        count(later.cluster) as clusters_shared,
        sum(case when later.cluster is not null then earlier.people else 0 end) / sum(1.0 * earlier.people) as share_from
    from pair
    inner join cluster as earlier
        on pair.site = earlier.site and pair.population = earlier.population and pair.wave_from = earlier.wave
    left join cluster as later
        on
            pair.site = later.site
            and pair.population = later.population
            and pair.wave_to = later.wave
            and earlier.cluster = later.cluster
    group by pair.site, pair.population, pair.wave_from, pair.wave_to

),

shared_cluster_to as (

    select
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        sum(case when earlier.cluster is not null then later.people else 0 end) / sum(1.0 * later.people) as share_to
    from pair
    inner join cluster as later
        on pair.site = later.site and pair.population = later.population and pair.wave_to = later.wave
    left join cluster as earlier
        on
            pair.site = earlier.site
            and pair.population = earlier.population
            and pair.wave_from = earlier.wave
            and later.cluster = earlier.cluster
    group by pair.site, pair.population, pair.wave_from, pair.wave_to

),

shared_tool as (

    select
        pair.site,
        pair.population,
        pair.wave_from,
        pair.wave_to,
        sum(least(
            1.0 * tool_from.people / survey_from.respondents, 1.0 * tool_to.people / survey_to.respondents
        )) as tool_share
    from pair
    inner join tool as tool_from
        on pair.site = tool_from.site and pair.population = tool_from.population and pair.wave_from = tool_from.wave
    inner join tool as tool_to
        on
            pair.site = tool_to.site
            and pair.population = tool_to.population
            and pair.wave_to = tool_to.wave
            and tool_from.tool = tool_to.tool
    inner join survey as survey_from
        on pair.site = survey_from.site and pair.population = survey_from.population and pair.wave_from = survey_from.wave
    inner join survey as survey_to
        on pair.site = survey_to.site and pair.population = survey_to.population and pair.wave_to = survey_to.wave
    group by pair.site, pair.population, pair.wave_from, pair.wave_to

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
        coalesce(shared_cluster.clusters_shared, 0) as clusters_shared,
        least(shared_cluster.share_from, shared_cluster_to.share_to) as clusters_share,
        case
            when coalesce(shared_tool.tool_share, 0) < 1 - {{ var('left_out_share') }}
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
    left join shared_cluster
        on
            pair.site = shared_cluster.site
            and pair.population = shared_cluster.population
            and pair.wave_from = shared_cluster.wave_from
            and pair.wave_to = shared_cluster.wave_to
    left join shared_cluster_to
        on
            pair.site = shared_cluster_to.site
            and pair.population = shared_cluster_to.population
            and pair.wave_from = shared_cluster_to.wave_from
            and pair.wave_to = shared_cluster_to.wave_to
    left join shared_tool
        on
            pair.site = shared_tool.site
            and pair.population = shared_tool.population
            and pair.wave_from = shared_tool.wave_from
            and pair.wave_to = shared_tool.wave_to

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
