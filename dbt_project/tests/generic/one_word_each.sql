{#- Where a survey has the word for `nobody was asked` in a column, it has nothing else there. -#}
{% test one_word_each(model, survey, columns, word) %}
    {% for column in columns %}
    select '{{ column }}' as rule
    from {{ model }}
    group by {{ survey | join(', ') }}
    having count(distinct {{ column }}) > 1 and max(case when {{ column }} = '{{ word }}' then 1 else 0 end) = 1
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endtest %}
