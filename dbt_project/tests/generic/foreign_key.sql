{#- The columns together name a row of another table. dbt's own `relationships` does this for one column. -#}
{% test foreign_key(model, columns, to) %}
    select 'not there' as rule
    from {{ model }} as child
    where not exists (
        select 1
        from {{ to }} as parent
        where {% for name in columns %}child.{{ name }} = parent.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
    )
{% endtest %}
