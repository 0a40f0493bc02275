{# The labels of periods, defined once. All take a date. #}

{# The month's first day, as a date. #}
{% macro month_start(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{# The month as text: 2025-04. #}
{% macro month_label(day) -%}
    concat(cast(extract(year from {{ day }}) as {{ dbt.type_string() }}), '-',
           lpad(cast(extract(month from {{ day }}) as {{ dbt.type_string() }}), 2, '0'))
{%- endmacro %}

{# The calendar quarter as text: 2025-Q2 is April to June 2025. #}
{% macro quarter_label(day) -%}
    concat(cast(extract(year from {{ day }}) as {{ dbt.type_string() }}), '-Q',
           cast(extract(quarter from {{ day }}) as {{ dbt.type_string() }}))
{%- endmacro %}

{# The reporting year, April to March, as text: 2025-26. #}
{% macro reporting_year_label(day) -%}
    {%- set first_year -%}
        (extract(year from {{ day }}) - case when extract(month from {{ day }}) < 4 then 1 else 0 end)
    {%- endset -%}
    concat(cast({{ first_year }} as {{ dbt.type_string() }}), '-',
           lpad(cast(({{ first_year }} + 1) % 100 as {{ dbt.type_string() }}), 2, '0'))
{%- endmacro %}
