{#- No two names in a group of which one goes on where the other ends: `St Marys` and `St Mary's CofE` are likely to be one
    school, and are counted as two clusters. They are reported and never merged: a person knows. A number or a letter more is
    another name (`School 1`, `School 12`). One row a pair; it holds no name. This is over all files of a wave; within a file
    taking in finds slips of the pen too, and tells the site the rows (`near_names`). -#}
{% test no_near_names(model, column, group) %}
    with name as (
        select distinct {{ group | join(', ') }}, {{ cluster_key(column) }} as name_key
        from {{ model }}
        where {{ column }} is not null
    ),

    pair as (
        select
            length(longer.name_key) - length(shorter.name_key) as letters_more,
            substr(longer.name_key, length(shorter.name_key) + 1) as remainder
        from name as shorter
        inner join name as longer
            on
                {% for key in group -%}
                shorter.{{ key }} = longer.{{ key }} and
                {% endfor -%}
                length(shorter.name_key) >= 4
                and length(longer.name_key) > length(shorter.name_key)
                and substr(longer.name_key, 1, length(shorter.name_key)) = shorter.name_key
    )

    select 'near names' as rule
    from pair
    where (letters_more > 1 or remainder = 's') and translate(remainder, '0123456789', '') <> ''
{% endtest %}
