{# By what a headline's p is multiplied beyond Holm's adjustment, so that all claims of all waves keep one error rate (Bonferroni).
   The rate is spread over the declared surveys; over the comparisons that end with a wave, which are one with the second wave
   and three later (wave before, baseline, trend); and over waves, the k-th later one having 1 / (k (k + 1)) of it, which add up to
   less than 1 however many there are. Nothing of it hangs on the data, so a published verdict does not move. #}
{% macro headline_share(surveys, position) -%}
    {{ surveys }} * case when {{ position }} > 2 then 3 else 1 end * ({{ position }} - 1) * {{ position }}
{%- endmacro %}
