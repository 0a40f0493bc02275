{#- What a table keeps to, in one test, since each test costs more than the query that it runs:
    - `grain`: the columns that together name one row; none of them is null, but for those in `nullable`;
    - `rules`: a name → an SQL condition that holds for every row. A condition that comes out null is not kept, so that a rule
      about a column that may be missing has to say so.
    Returns the names of what rows break, a row each, and never a value: the result may be read by people who may not read
    the table. -#}
{% test keeps(model, grain=[], nullable=[], rules={}) %}
    {% set parts = [] %}

    {% if grain %}
        {% set quoted = [] %}
        {% for name in grain %}{% do quoted.append(adapter.quote(name)) %}{% endfor %}
        {% set part %}
            select 'one row each' as rule from {{ model }} group by {{ quoted | join(', ') }} having count(*) > 1
        {% endset %}
        {% do parts.append(part) %}
    {% endif %}

    {% set conditions = {} %}
    {% for name in grain if name not in nullable %}
        {% do conditions.update({name ~ ' is not null': adapter.quote(name) ~ ' is not null'}) %}
    {% endfor %}
    {% do conditions.update(rules) %}

    {% for name, condition in conditions.items() %}
        {% set part %}
            select '{{ name }}' as rule from {{ model }} where not coalesce(({{ condition }}), false)
        {% endset %}
        {% do parts.append(part) %}
    {% endfor %}

    {{ parts | join(' union all ') }}
{% endtest %}
