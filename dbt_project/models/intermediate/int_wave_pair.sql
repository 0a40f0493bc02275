{# Each two surveys of a site's population that follow one another, by which design they can be compared, and what differs
   between them beyond their answers. #}

with survey as (

    select
        site,
        population,
        wave,
        lead(wave) over (partition by site, population order by wave) as next_wave,
        min(tool) as tool,
        count(distinct tool) as tools,
        min(weight_status) as weight_status,
        {{ any_true('is_clustered') }} as is_clustered,
        count(panel_id) > 0 as has_panel
    from {{ ref('int_survey_design') }}
    group by site, population, wave

),

-- What nobody wrote down is no cluster that two waves could share.
cluster as (

    select distinct site, population, wave, cluster
    from {{ ref('int_survey_design') }}
    where is_clustered and cluster <> '{{ unknown_cluster() }}'

),

counted as (

    select site, population, wave, count(*) as clusters
    from cluster
    group by site, population, wave

),

shared as (

    select
        earlier.site,
        earlier.population,
        earlier.wave as wave_from,
        later.wave as wave_to,
        count(*) as clusters_shared
    from cluster as earlier
    inner join cluster as later
        on
            earlier.site = later.site
            and earlier.population = later.population
            and earlier.cluster = later.cluster
    group by earlier.site, earlier.population, earlier.wave, later.wave

)

select
    earlier.site,
    earlier.population,
    earlier.wave as wave_from,
    later.wave as wave_to,
    case when earlier.has_panel and later.has_panel then 'panel' else 'repeated_cross_section' end as design,
    earlier.tool as tool_from,
    later.tool as tool_to,
    earlier.weight_status as weight_status_from,
    later.weight_status as weight_status_to,
    coalesce(shared.clusters_shared, 0) as clusters_shared,
    case
        when earlier.tool <> later.tool or earlier.tools > 1 or later.tools > 1
            then 'The two waves were asked with different tools.'
        when earlier.weight_status <> later.weight_status
            then 'One wave is weighted and the other is not.'
        when earlier.is_clustered <> later.is_clustered
            then 'Clusters were recorded in one of the two waves only.'
        -- Other schools are other children: what looks like change may be who was asked.
        when
            earlier.is_clustered
            and coalesce(shared.clusters_shared, 0)
            < {{ var('clusters_in_common') }} * greatest(clusters_from.clusters, clusters_to.clusters)
            then concat(
                'The two waves were asked in different clusters: ', coalesce(shared.clusters_shared, 0), ' in both, of ',
                clusters_from.clusters, ' and ', clusters_to.clusters, '.'
            )
    end as difference_between
from survey as earlier
inner join survey as later
    on
        earlier.site = later.site
        and earlier.population = later.population
        and earlier.next_wave = later.wave
left join counted as clusters_from
    on
        earlier.site = clusters_from.site
        and earlier.population = clusters_from.population
        and earlier.wave = clusters_from.wave
left join counted as clusters_to
    on
        later.site = clusters_to.site
        and later.population = clusters_to.population
        and later.wave = clusters_to.wave
left join shared
    on
        earlier.site = shared.site
        and earlier.population = shared.population
        and earlier.wave = shared.wave_from
        and later.wave = shared.wave_to
