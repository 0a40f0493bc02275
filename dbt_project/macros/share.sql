{# A part of a whole, as a fraction of four decimals: null where there is no whole, never 0 and never an error. #}
{% macro share(part, whole) -%}
    cast(round(({{ part }}) / nullif(cast({{ whole }} as double), 0), 4) as double)
{%- endmacro %}
