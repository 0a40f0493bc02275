{#- All rows of a group have the same value in a column. -#}
{% test one_value_in_group(model, column, group) %}
    select 'several values' as rule
    from {{ model }}
    group by {{ group | join(', ') }}
    having count(distinct {{ column }}) > 1
{% endtest %}
