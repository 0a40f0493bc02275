{# Weighted means and percentages with their standard errors and intervals, for all and for each value of each breakdown: one
   query for every survey, whatever its design. Sources are in survey_parts.sql.

   relation    what comes after `from`: a row a respondent and indicator
   by          columns that together name one design and one indicator: each combination is estimated by itself
   y           the score; null: in the design, and not in the indicator's base
   breakdowns  columns whose values are domains; a null is in none of them
   percent     SQL condition on a column of `by`: y is 0 or `whole`, and the figure a percentage of it
   population  column with the number of clusters in the stratum's population, where that is known

   Gives by, breakdown, breakdown_value (`all` for `all`), n (unweighted), n_eff, n_clusters, n_strata, df, estimate, se, ci_low,
   ci_high, ci_method, reason. #}
{% macro survey_estimates(
    relation, by, y='y', weight='weight', stratum='stratum', cluster='cluster',
    breakdowns=[], percent='false', whole=100, population=none
) -%}
    {%- set domain = by + ['breakdown', 'breakdown_value'] -%}

    with cell as (

        -- Linear scores need the sums of a cluster only, so the respondents are read once.
        select
            {{ survey_columns('person', by + breakdowns) }}
            person.{{ stratum }} as stratum,
            person.{{ cluster }} as cluster,
            count(person.{{ y }}) as n,
            sum(case when person.{{ y }} is not null then person.{{ weight }} end) as w,
            sum(person.{{ weight }} * person.{{ y }}) as wy,
            sum(case when person.{{ y }} is not null then person.{{ weight }} * person.{{ weight }} end) as ww,
            {% if population is not none %}
            max(person.{{ population }}) as population,
            {% endif %}
            min(person.{{ y }}) as lowest,
            max(person.{{ y }}) as highest
        from {{ relation }} as person
        group by {{ survey_columns('person', by + breakdowns) }} person.{{ stratum }}, person.{{ cluster }}

    ),

    strata as (

        {{ survey_strata('cell', by, population) }}

    ),

    -- The clusters of each domain. Those without a row in it are not here: their score is 0, and `strata` counts them.
    in_domain as (

        {% for breakdown in [none] + breakdowns %}
        select
            {{ survey_columns('cell', by) }}
            '{{ breakdown or 'all' }}' as breakdown,
            {{ 'cell.' ~ breakdown if breakdown else "'all'" }} as breakdown_value,
            cell.stratum,
            cell.cluster,
            sum(cell.n) as n,
            sum(cell.w) as w,
            sum(cell.wy) as wy,
            sum(cell.ww) as ww,
            min(cell.lowest) as lowest,
            max(cell.highest) as highest
        from cell
        where cell.n > 0 {{ 'and cell.' ~ breakdown ~ ' is not null' if breakdown }}
        group by {{ survey_columns('cell', by) }} {{ 'cell.' ~ breakdown ~ ',' if breakdown }} cell.stratum, cell.cluster
        {{ 'union all' if not loop.last }}
        {% endfor %}

    ),

    domain_total as (

        select
            {{ survey_columns('in_domain', domain) }}
            cast(sum(in_domain.n) as bigint) as n,
            sum(in_domain.w) as w,
            -- The ratio estimator: sum of wy over sum of w (Lumley, section 2.2; `svymean`).
            case
                -- All alike: the mean is that value, which a quotient of sums may miss by its last digit.
                when min(in_domain.lowest) = max(in_domain.highest) then min(in_domain.lowest)
                else sum(in_domain.wy) / sum(in_domain.w)
            end as estimate,
            -- Kish: (sum of w)^2 / sum of w^2.
            sum(in_domain.w) * sum(in_domain.w) / sum(in_domain.ww) as n_eff,
            min(in_domain.lowest) as lowest,
            max(in_domain.highest) as highest,
            count(*) as n_clusters,
            count(distinct in_domain.stratum) as n_strata
        from in_domain
        group by {{ survey_columns('in_domain', by) }} in_domain.breakdown, in_domain.breakdown_value

    ),

    -- Linearised: w (y - estimate) / sum of w, summed to the cluster's total (Wolter, section 6.3; `svymean`).
    score as (

        select
            {{ survey_columns('in_domain', domain) }}
            in_domain.stratum,
            (in_domain.wy - domain_total.estimate * in_domain.w) / domain_total.w as score
        from in_domain
        inner join domain_total
            on {{ survey_alike('in_domain', 'domain_total', domain) }}

    ),

    of_stratum as (

        select
            {{ survey_columns('score', domain) }}
            {{ survey_stratum_variance('score.score', 'strata.clusters', 'strata.correction') }} as variance
        from score
        inner join strata on {{ survey_alike('score', 'strata', by + ['stratum']) }}
        group by {{ survey_columns('score', domain) }} score.stratum, strata.clusters, strata.correction

    ),

    of_domain as (

        select
            {{ survey_columns('of_stratum', domain) }}
            {{ survey_whole_sum('of_stratum.variance') }} as variance
        from of_stratum
        group by {{ survey_columns('of_stratum', by) }} of_stratum.breakdown, of_stratum.breakdown_value

    ),

    judged as (

        select
            {{ survey_columns('domain_total', domain) }}
            domain_total.n,
            domain_total.n_eff,
            domain_total.n_clusters,
            domain_total.n_strata,
            domain_total.estimate,
            domain_total.lowest,
            domain_total.highest,
            -- `degf`: the clusters and the strata that have a row in the domain.
            domain_total.n_clusters - domain_total.n_strata as df,
            {{ survey_why_no_se(
                'domain_total.n', 'domain_total.n_clusters', 'of_domain.variance is null',
                'domain_total.n_clusters - domain_total.n_strata'
            ) }} as no_se,
            case
                -- Nothing but the last digits of the sums: clusters that do not differ at all.
                when sqrt(of_domain.variance) <= 1e-12 * (domain_total.highest - domain_total.lowest) then 0
                else sqrt(of_domain.variance)
            end as any_se
        from domain_total
        inner join of_domain
            on {{ survey_alike('domain_total', 'of_domain', domain) }}

    ),

    chosen as (

        select
            {{ survey_columns('judged', domain) }}
            judged.n,
            judged.n_eff,
            judged.n_clusters,
            judged.n_strata,
            judged.df,
            judged.estimate,
            judged.no_se,
            case when judged.no_se is null then judged.any_se end as se,
            case
                when judged.no_se is not null then null
                when {{ percent }} and judged.lowest = judged.highest then 'beta'
                when judged.any_se = 0 then null
                when {{ percent }} then 'logit'
                else 't'
            end as ci_method,
            {{ survey_t('judged.df') }} as t,
            ln(judged.estimate / nullif({{ whole }} - judged.estimate, 0)) as log_odds,
            -- The delta method: se of log(p / (1 - p)) is se / (p (1 - p)), in per cent as well as in parts of one.
            judged.any_se * {{ whole }} / nullif(judged.estimate * ({{ whole }} - judged.estimate), 0) as log_odds_se,
            -- Korn and Graubard: effective n times (t of n - 1 / t of the design)^2, and never more than n. At 0 or 100
            -- per cent the sample says nothing of a design effect, so the effective n is that of the weights.
            least(
                judged.n,
                judged.n_eff * power({{ survey_t('judged.n - 1') }} / {{ survey_t('judged.df') }}, 2)
            ) as n_beta
        from judged

    )

    select
        {{ survey_columns('chosen', domain) }}
        chosen.n,
        chosen.n_eff,
        chosen.n_clusters,
        chosen.n_strata,
        chosen.df,
        chosen.estimate,
        chosen.se,
        -- Means by t (`confint(svymean(), df = degf())`), percentages by logit with t (`svyciprop(method = "logit")`). At 0 or
        -- 100 per cent the beta quantiles of `svyciprop(method = "beta")` have the closed form (alpha / 2)^(1 / n).
        case chosen.ci_method
            when 't' then chosen.estimate - chosen.t * chosen.se
            when 'logit' then {{ whole }} / (1 + exp(-(chosen.log_odds - chosen.t * chosen.log_odds_se)))
            when 'beta' then case when chosen.estimate = 0 then 0 else {{ whole }} * power(0.025, 1 / chosen.n_beta) end
        end as ci_low,
        case chosen.ci_method
            when 't' then chosen.estimate + chosen.t * chosen.se
            when 'logit' then {{ whole }} / (1 + exp(-(chosen.log_odds + chosen.t * chosen.log_odds_se)))
            when 'beta' then case when chosen.estimate = 0 then {{ whole }} * (1 - power(0.025, 1 / chosen.n_beta)) else {{ whole }} end
        end as ci_high,
        chosen.ci_method,
        coalesce(
            chosen.no_se,
            case when chosen.ci_method is null then 'All clusters are alike: no interval can be worked out.' end
        ) as reason
    from chosen
{%- endmacro %}
