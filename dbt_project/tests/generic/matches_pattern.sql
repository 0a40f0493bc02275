{#- A text is of a form, given as a regular expression that is anchored at both ends; null is of none. -#}
{% test matches_pattern(model, column, pattern) %}
    select 'other form' as rule
    from {{ model }}
    where not coalesce({{ matches(column, pattern) }}, false)
{% endtest %}
