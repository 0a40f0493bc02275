{#- The columns together name one row: no two rows agree in all of them, and none of them is null but for those in `nullable`.
    Returns which rule a row breaks and never a value: the result may be read by people who may not read the table. -#}
{% test primary_key(model, columns, nullable=[]) %}
    select 'unique' as rule
    from {{ model }}
    group by {% for name in columns %}{{ adapter.quote(name) }}{{ ', ' if not loop.last }}{% endfor %}
    having count(*) > 1

    {% for name in columns if name not in nullable %}
    union all

    select 'not null' as rule
    from {{ model }}
    where {{ adapter.quote(name) }} is null
    {% endfor %}
{% endtest %}
