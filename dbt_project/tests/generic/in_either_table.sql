{#- A value is in a column of one of two tables. What is missing is in neither. -#}
{% test in_either_table(model, column_name, to, field, or_to, or_field) %}
    select 'not there' as rule
    from {{ model }} as child
    where
        child.{{ column_name }} is not null
        and not exists (select 1 from {{ to }} as parent where parent.{{ field }} = child.{{ column_name }})
        and not exists (select 1 from {{ or_to }} as parent where parent.{{ or_field }} = child.{{ column_name }})
{% endtest %}
