{#- A value is in a column of one of several tables. What is missing is in none. -#}
{% test in_one_of_tables(model, column_name, tables) %}
    select 'not there' as rule
    from {{ model }} as child
    where
        child.{{ column_name }} is not null
        {%- for table in tables %}
        and not exists (select 1 from {{ table.to }} as parent where parent.{{ table.field }} = child.{{ column_name }})
        {%- endfor %}
{% endtest %}
