{# The optional breakdowns of people, in harmonised codes (contracts/reference/harmonised_codes.csv). #}
{% macro equity_breakdowns() -%}
    {{ return(['age_band', 'sex', 'ethnic_group', 'disability', 'deprivation_quintile']) }}
{%- endmacro %}

{# Those of them that a session can be recorded by; deprivation is that of its venue's area. #}
{% macro session_breakdowns() -%}
    {{ return(['age_band', 'sex', 'ethnic_group', 'disability']) }}
{%- endmacro %}
