{# The trend over three or more waves: the slope of the waves' figures on time, each wave counting alike, as a contrast within one
   design of all waves (Lumley, section 2.4; `svyby(covmat = TRUE)` and `svycontrast`). A cluster that several waves have brings
   its covariance. It is the slope that `svyglm` fits where the weights of each wave add up to the same. Sources are in
   survey_parts.sql.

   relation  a row a respondent, indicator and wave; `wave` names the wave, `time` is when it was. Other arguments as in
             survey_estimates.

   Gives by, waves, n, n_smallest, n_eff_smallest, slope (a unit of time), se, df, ci_low, ci_high, p_value, reason. #}
{% macro survey_trend(
    relation, by, wave='wave', time='time', y='y', weight='weight', stratum='stratum', cluster='cluster'
) -%}
    with cell as (

        select
            {{ survey_columns('person', by) }}
            person.{{ wave }} as wave,
            max(person.{{ time }}) as time,
            person.{{ stratum }} as stratum,
            person.{{ cluster }} as cluster,
            count(person.{{ y }}) as n,
            sum(case when person.{{ y }} is not null then person.{{ weight }} end) as w,
            sum(case when person.{{ y }} is not null then person.{{ weight }} * person.{{ weight }} end) as ww,
            sum(person.{{ weight }} * person.{{ y }}) as wy
        from {{ relation }} as person
        group by {{ survey_columns('person', by) }} person.{{ wave }}, person.{{ stratum }}, person.{{ cluster }}

    ),

    strata as (

        {{ survey_strata('cell', by, none) }}

    ),

    wave as (

        select
            {{ survey_columns('cell', by) }}
            cell.wave,
            max(cell.time) as time,
            cast(sum(cell.n) as bigint) as n,
            count(distinct concat(cell.stratum, '|', cell.cluster)) as n_clusters,
            sum(cell.w) as w,
            sum(cell.w) * sum(cell.w) / sum(cell.ww) as n_eff,
            sum(cell.wy) / sum(cell.w) as estimate
        from cell
        where cell.n > 0
        group by {{ survey_columns('cell', by) }} cell.wave

    ),

    line as (

        select
            {{ survey_columns('wave', by) }}
            count(*) as waves,
            cast(sum(wave.n) as bigint) as n,
            min(wave.n) as n_smallest,
            min(wave.n_eff) as n_eff_smallest,
            min(wave.n_clusters) as n_clusters,
            max(abs(wave.estimate)) as largest,
            avg(wave.time) as mean_time,
            count(*) * var_pop(wave.time) as spread,
            covar_pop(wave.estimate, wave.time) / nullif(var_pop(wave.time), 0) as slope
        from wave
        group by {{ survey_columns('wave', by[:-1]) }} wave.{{ by[-1] }}

    ),

    -- Each wave's scores by its coefficient in the slope, summed to the cluster's total of all waves.
    score as (

        select
            {{ survey_columns('cell', by) }}
            cell.stratum,
            cell.cluster,
            sum(
                (wave.time - line.mean_time) / nullif(line.spread, 0) * (cell.wy - wave.estimate * cell.w) / wave.w
            ) as score
        from cell
        inner join wave on {{ survey_alike('cell', 'wave', by + ['wave']) }}
        inner join line on {{ survey_alike('cell', 'line', by) }}
        where cell.n > 0
        group by {{ survey_columns('cell', by) }} cell.stratum, cell.cluster

    ),

    of_stratum as (

        select
            {{ survey_columns('score', by) }}
            count(*) as n_clusters,
            {{ survey_stratum_variance('score.score', 'strata.clusters', 'strata.correction') }} as variance
        from score
        inner join strata on {{ survey_alike('score', 'strata', by + ['stratum']) }}
        group by {{ survey_columns('score', by) }} score.stratum, strata.clusters, strata.correction

    ),

    of_all as (

        select
            {{ survey_columns('of_stratum', by) }}
            {{ survey_whole_sum('of_stratum.variance') }} as variance,
            cast(sum(of_stratum.n_clusters) as bigint) - count(*) as df
        from of_stratum
        group by {{ survey_columns('of_stratum', by[:-1]) }} of_stratum.{{ by[-1] }}

    ),

    judged as (

        select
            {{ survey_columns('line', by) }}
            line.waves,
            line.n,
            line.n_smallest,
            line.n_eff_smallest,
            line.slope,
            of_all.df,
            coalesce(
                case when line.waves < 3 then 'Fewer than three waves: no trend.' end,
                case when line.slope is null then 'All waves are of one time: no trend.' end,
                {{ survey_why_no_se('line.n_smallest', 'line.n_clusters', 'of_all.variance is null', 'of_all.df') }},
                case
                    when sqrt(of_all.variance * line.spread) <= 1e-12 * line.largest
                        then 'All clusters are alike: no interval can be worked out.'
                end
            ) as reason,
            sqrt(of_all.variance) as any_se
        from line
        inner join of_all on {{ survey_alike('line', 'of_all', by) }}

    )

    select
        {{ survey_columns('judged', by) }}
        judged.waves,
        judged.n,
        judged.n_smallest,
        judged.n_eff_smallest,
        case when judged.waves >= 3 then judged.slope end as slope,
        case when judged.reason is null then judged.any_se end as se,
        judged.df,
        case when judged.reason is null then judged.slope - {{ survey_t('judged.df') }} * judged.any_se end as ci_low,
        case when judged.reason is null then judged.slope + {{ survey_t('judged.df') }} * judged.any_se end as ci_high,
        case when judged.reason is null then {{ survey_p('judged.slope', 'judged.any_se', 'judged.df') }} end as p_value,
        judged.reason
    from judged
{%- endmacro %}
