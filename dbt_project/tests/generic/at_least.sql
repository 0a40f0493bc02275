{#- A number, where there is one, is not below a limit. -#}
{% test at_least(model, column, minimum) %}
    select 'below' as rule
    from {{ model }}
    where {{ adapter.quote(column) }} < {{ minimum }}
{% endtest %}
