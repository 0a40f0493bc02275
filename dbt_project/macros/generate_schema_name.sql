{# Schemas are named as the project names them (`staging`, `intermediate`, `marts`), whatever the target's own schema:
   people's queries say `marts.mart_reach` on every engine. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
