{# The difference between two waves, by one of two designs that are never mixed. Both give: by, n_from, n_to, n_eff_from, n_eff_to,
   estimate_from, estimate_to, difference, se, df, ci_low, ci_high, p_value, effect_size, reason. Sources are in survey_parts.sql. #}

{# Different people in each wave: a contrast within one design of both waves, so that a cluster that is in both brings its
   covariance (Lumley, section 2.4; `svyby(covmat = TRUE)` and `svycontrast`).

   relation  a row a respondent, indicator and pair of waves; `side` is `from` or `to`. Other arguments as in survey_estimates. #}
{% macro survey_contrast(
    relation, by, side='side', y='y', weight='weight', stratum='stratum', cluster='cluster', percent='false', whole=100,
    population=none
) -%}
    with cell as (

        select
            {{ survey_columns('person', by) }}
            person.{{ side }} as side,
            person.{{ stratum }} as stratum,
            person.{{ cluster }} as cluster,
            count(*) as n_in_design,
            {% if population is not none %}
            max(person.{{ population }}) as population,
            {% endif %}
            count(person.{{ y }}) as n,
            sum(case when person.{{ y }} is not null then person.{{ weight }} end) as w,
            sum(case when person.{{ y }} is not null then person.{{ weight }} * person.{{ weight }} end) as ww,
            sum(person.{{ weight }} * person.{{ y }}) as wy,
            sum(person.{{ weight }} * person.{{ y }} * person.{{ y }}) as wyy
        from {{ relation }} as person
        group by {{ survey_columns('person', by) }} person.{{ side }}, person.{{ stratum }}, person.{{ cluster }}

    ),

    strata as (

        {{ survey_strata('cell', by, population) }}

    ),

    wave as (

        select
            {{ survey_columns('cell', by) }}
            cell.side,
            cast(sum(cell.n) as bigint) as n,
            count(distinct case when cell.n > 0 then concat(cell.stratum, '|', cell.cluster) end) as n_clusters,
            sum(cell.w) as w,
            sum(cell.w) * sum(cell.w) / sum(cell.ww) as n_eff,
            sum(cell.wy) / sum(cell.w) as estimate,
            {{ survey_sd('sum(cell.w)', 'sum(cell.wy)', 'sum(cell.wyy)', 'sum(cell.n_in_design)') }} as sd
        from cell
        group by {{ survey_columns('cell', by) }} cell.side

    ),

    -- The scores of the later wave's mean less those of the earlier one's, summed to the cluster's total of both.
    score as (

        select
            {{ survey_columns('cell', by) }}
            cell.stratum,
            cell.cluster,
            sum(
                case when cell.side = 'to' then 1 else -1 end * (cell.wy - wave.estimate * cell.w) / wave.w
            ) as score
        from cell
        inner join wave on {{ survey_alike('cell', 'wave', by + ['side']) }}
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

    of_both as (

        select
            {{ survey_columns('of_stratum', by) }}
            {{ survey_whole_sum('of_stratum.variance') }} as variance,
            cast(sum(of_stratum.n_clusters) as bigint) - count(*) as df
        from of_stratum
        group by {{ survey_columns('of_stratum', by[:-1]) }} of_stratum.{{ by[-1] }}

    ),

    joined as (

        select
            {{ survey_columns('of_both', by) }}
            earlier.n as n_from,
            later.n as n_to,
            earlier.n_eff as n_eff_from,
            later.n_eff as n_eff_to,
            earlier.estimate as estimate_from,
            later.estimate as estimate_to,
            earlier.sd as sd_from,
            later.estimate - earlier.estimate as difference,
            of_both.df,
            -- A wave of one cluster has no standard error of its own, and none can come of comparing it.
            coalesce(
                {{ survey_why_no_se(
                    'least(earlier.n, later.n)', 'least(earlier.n_clusters, later.n_clusters)',
                    'of_both.variance is null', 'of_both.df'
                ) }},
                case
                    when sqrt(of_both.variance) <= 1e-12 * greatest(abs(earlier.estimate), abs(later.estimate))
                        then 'All clusters are alike: no interval can be worked out.'
                end
            ) as reason,
            sqrt(of_both.variance) as any_se
        from of_both
        inner join wave as earlier on {{ survey_alike('of_both', 'earlier', by) }} and earlier.side = 'from'
        inner join wave as later on {{ survey_alike('of_both', 'later', by) }} and later.side = 'to'

    )

    {{ survey_difference('joined', by, percent, whole) }}
{%- endmacro %}

{# The same people in both waves: the mean of their paired differences, as a figure of the survey (`svyttest(I(b - a) ~ 0)`),
   with the weight, stratum and cluster of the earlier wave.

   relation  a row a linked person, indicator and pair of waves, with both scores. Other arguments as in survey_estimates. #}
{% macro survey_paired(
    relation, by, y_from='y_from', y_to='y_to', weight='weight', stratum='stratum', cluster='cluster', percent='false',
    whole=100, population=none
) -%}
    with pair as (

        select
            {{ survey_columns('person', by) }}
            person.{{ stratum }} as stratum,
            person.{{ cluster }} as cluster,
            person.{{ weight }} as weight,
            {% if population is not none %}
            person.{{ population }} as population,
            {% endif %}
            case when person.{{ y_to }} is not null then person.{{ y_from }} end as y_from,
            case when person.{{ y_from }} is not null then person.{{ y_to }} end as y_to,
            person.{{ y_to }} - person.{{ y_from }} as y
        from {{ relation }} as person

    ),

    difference as (

        {{ survey_estimates('pair', by, population='population' if population is not none else none) }}

    ),

    wave as (

        select
            {{ survey_columns('pair', by) }}
            sum(pair.weight * pair.y_from) / sum(pair.weight) as estimate_from,
            sum(pair.weight * pair.y_to) / sum(pair.weight) as estimate_to,
            {{ survey_sd(
                'sum(pair.weight)', 'sum(pair.weight * pair.y_from)', 'sum(pair.weight * pair.y_from * pair.y_from)', 'count(*)'
            ) }} as sd_from
        from pair
        where pair.y is not null
        group by {{ survey_columns('pair', by[:-1]) }} pair.{{ by[-1] }}

    ),

    joined as (

        select
            {{ survey_columns('difference', by) }}
            difference.n as n_from,
            difference.n as n_to,
            difference.n_eff as n_eff_from,
            difference.n_eff as n_eff_to,
            wave.estimate_from,
            wave.estimate_to,
            wave.sd_from,
            difference.estimate as difference,
            difference.df,
            difference.reason,
            difference.se as any_se
        from difference
        inner join wave on {{ survey_alike('difference', 'wave', by) }}

    )

    {{ survey_difference('joined', by, percent, whole) }}
{%- endmacro %}

{# Standard deviation of a population, by its weights (`svyvar`): n / (n - 1) with n the respondents of the design, also those
   who gave no score. #}
{% macro survey_sd(w, wy, wyy, n) -%}
    sqrt(greatest({{ wyy }} / {{ w }} - ({{ wy }} / {{ w }}) * ({{ wy }} / {{ w }}), 0) * {{ n }} / nullif({{ n }} - 1.0, 0))
{%- endmacro %}

{# Interval, p and effect size of a difference. Cohen's h: 2 asin sqrt(p2) - 2 asin sqrt(p1) (Cohen 1988, ch. 6). Glass's delta:
   the difference by the standard deviation of the earlier wave (Glass 1976, Educational Researcher 5(10):3-8). #}
{% macro survey_difference(relation, by, percent, whole) -%}
    select
        {{ survey_columns('it', by) }}
        it.n_from,
        it.n_to,
        it.n_eff_from,
        it.n_eff_to,
        it.estimate_from,
        it.estimate_to,
        it.difference,
        case when it.reason is null then it.any_se end as se,
        it.df,
        case when it.reason is null then it.difference - {{ survey_t('it.df') }} * it.any_se end as ci_low,
        case when it.reason is null then it.difference + {{ survey_t('it.df') }} * it.any_se end as ci_high,
        case when it.reason is null then {{ survey_p('it.difference', 'it.any_se', 'it.df') }} end as p_value,
        case
            -- Within 0 and 1 to the last digit: a quotient of sums may come out a hair above.
            when {{ percent }} then
                2 * asin(sqrt(least(1, greatest(0, it.estimate_to / {{ whole }}))))
                - 2 * asin(sqrt(least(1, greatest(0, it.estimate_from / {{ whole }}))))
            else it.difference / nullif(it.sd_from, 0)
        end as effect_size,
        it.reason
    from {{ relation }} as it
{%- endmacro %}
