{# What the estimators of survey_estimates.sql and survey_change.sql share. Plain Jinja and plain SQL, without anything of dbt:
   the tests render these files by themselves and run the very SQL of a night on the inputs whose figures R has worked out.

   Sources, named below by author:
   - Lumley (2010), Complex Surveys: A Guide to Analysis Using R, ch. 2 and appendix; R package `survey`, whose functions are
     named beside what they agree with.
   - Wolter (2007), Introduction to Variance Estimation, 2nd ed., ch. 6 (Taylor linearisation).
   - Kish (1965), Survey Sampling, section 11.7 (effective n of unequal weights).
   - Korn and Graubard (1998), Survey Methodology 24:193-201 (interval of a proportion at few or no events). #}

{# Columns of one relation, with a comma after each. #}
{% macro survey_columns(alias, names) -%}
    {% for name in names %}{{ alias }}.{{ name }}, {% endfor %}
{%- endmacro %}

{# Two relations alike in these columns; true where there is none. #}
{% macro survey_alike(one, other, names) -%}
    {% for name in names %}{{ one }}.{{ name }} = {{ other }}.{{ name }} and {% endfor %}1 = 1
{%- endmacro %}

{# The strata of a design: how many clusters each has, in the domain or not, and the finite population correction
   (N - n) / N where the number of clusters in the population is given (Lumley, section 2.2.2; `svydesign(fpc=)`). #}
{% macro survey_strata(cells, by, population) -%}
    select
        {{ survey_columns('cell', by) }}
        cell.stratum,
        count(distinct cell.cluster) as clusters,
        {% if population is none %}
        cast(1 as double) as correction
        {% else %}
        1 - count(distinct cell.cluster) / cast(max(cell.population) as double) as correction
        {% endif %}
    from {{ cells }} as cell
    group by {{ survey_columns('cell', by) }} cell.stratum
{%- endmacro %}

{# What one stratum adds to the variance: correction x m / (m - 1) x sum of (t - mean of t)^2 over all m clusters of the
   stratum, those without a row of the domain with t = 0 (Lumley, section 2.2; Wolter, section 6.11; `svyrecvar`). Of the k
   clusters that have rows the sum about their own mean is k x var_pop, which squares no large number; moving to the mean of
   all m adds (sum t)^2 x (1/k - 1/m). With one cluster there is nothing to compare it with: null, unless it is all of its
   population. To be grouped by stratum. #}
{% macro survey_stratum_variance(score, clusters, correction) -%}
    case
        when {{ correction }} = 0 then 0
        when {{ clusters }} > 1 then
            {{ correction }} * {{ clusters }} / ({{ clusters }} - 1.0)
            * (count(*) * var_pop({{ score }}) + sum({{ score }}) * sum({{ score }}) * (1.0 / count(*) - 1.0 / {{ clusters }}))
    end
{%- endmacro %}

{# A sum that is null where one of its terms is: an unknown part makes the whole unknown. #}
{% macro survey_whole_sum(term) -%}
    case when count({{ term }}) = count(*) then sum({{ term }}) end
{%- endmacro %}

{# 97.5 per cent quantile of t; null without degrees of freedom. The functions are of tfc_platform/build/statistics.py. #}
{% macro survey_t(df) -%}
    student_t_quantile(cast(0.975 as double), cast({{ df }} as double))
{%- endmacro %}

{# Two-sided p of an estimate against zero, by t with df degrees of freedom (`svyttest`). #}
{% macro survey_p(estimate, se, df) -%}
    case
        when {{ se }} > 0 then 2 * student_t_cdf(-abs({{ estimate }}) / {{ se }}, cast({{ df }} as double))
    end
{%- endmacro %}

{# Holm (1979), Scandinavian Journal of Statistics 6:65-70 (`p.adjust(method = "holm")`), in two steps, for SQL has no window
   within a window: the i-th smallest of m is multiplied by m - i + 1, and none may come out below a smaller one. #}
{% macro survey_holm_step(p, family) -%}
    case when {{ p }} is not null then
        (count({{ p }}) over (partition by {{ family }}) + 1
            - row_number() over (partition by {{ family }} order by case when {{ p }} is null then 1 else 0 end, {{ p }})
        ) * {{ p }}
    end
{%- endmacro %}

{% macro survey_holm(p, step, family) -%}
    case when {{ p }} is not null then
        least(1, max({{ step }}) over (
            partition by {{ family }} order by case when {{ p }} is null then 1 else 0 end, {{ p }}
            range between unbounded preceding and current row
        ))
    end
{%- endmacro %}

{# Why there is no standard error, or null where there is one. The marts hold these words. #}
{% macro survey_why_no_se(n, clusters, lonely, df) -%}
    case
        when {{ n }} = 0 then 'Nobody is in the base.'
        when {{ clusters }} = 1 then 'One cluster only: nothing to work a standard error out from.'
        when {{ lonely }} then 'A stratum has one cluster only: nothing to work a standard error out from.'
        when {{ df }} < 1 then 'No more clusters than strata: no degrees of freedom.'
    end
{%- endmacro %}

{# The smallest true change that a two-sided test at this level finds with this power, by its standard error: (quantile of t for
   the level + that for the power) x se (Bloom 1995, Evaluation Review 19:547-556). #}
{% macro survey_smallest_change(se, df, level, power) -%}
    (
        student_t_quantile(cast(1 - ({{ level }}) / 2 as double), cast({{ df }} as double))
        + student_t_quantile(cast({{ power }} as double), cast({{ df }} as double))
    ) * {{ se }}
{%- endmacro %}
