{# A figure of an estimate to ten decimals: sums of decimals differ in their last digits by the order in which threads add them,
   and a night with the same rows has to give the same table. #}
{% macro round_estimate(figure) -%}
    cast(round({{ figure }}, 10) as double)
{%- endmacro %}
