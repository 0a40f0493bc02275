{#- An SQL expression that holds for every row. Where it is null it does not hold, so that a rule about a column that may be
    missing has to say so. -#}
{% test expression_is_true(model, expression) %}
    select 'not true' as rule
    from {{ model }}
    where not coalesce(({{ expression }}), false)
{% endtest %}
