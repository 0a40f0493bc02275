{#- Where a group has this value in a column, it has no other value there. -#}
{% test value_excludes_others(model, column, value, group) %}
    select 'beside others' as rule
    from {{ model }}
    group by {{ group | join(', ') }}
    having count(distinct {{ column }}) > 1 and max(case when {{ column }} = '{{ value }}' then 1 else 0 end) = 1
{% endtest %}
