{# How a model becomes a relation on DuckDB: replaced in one statement.
   dbt's own materialisations build beside the old relation, rename twice and drop, so that a reader always finds one. Here
   nobody reads the warehouse while it is built (see docs/marts.md), and those steps were half of a build's processor time.
   The contract is checked as dbt checks it. #}

{% materialization table, adapter='duckdb' %}
    {{ return(replaced_in_place('table', 'create or replace table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(replaced_in_place('view', 'create or replace view')) }}
{% endmaterialization %}

{% macro replaced_in_place(kind, statement_start) %}
    {%- set target = this.incorporate(type=kind) -%}
    {%- set existing = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks) }}

    {#- DuckDB replaces a table by a table and a view by a view, and nothing else. -#}
    {% if existing is not none and existing.type != kind %}
        {% do adapter.drop_relation(existing) %}
    {% endif %}

    {% call statement('main') -%}
        {%- if config.get('contract').enforced %}
            {{ get_assert_columns_equivalent(compiled_code) }}
        {%- endif %}
        {{ statement_start }} {{ target }} as (
            {{ compiled_code }}
        )
    {%- endcall %}

    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmacro %}
