{# The columns by which a site's own indicator may choose what it counts: base → columns of int_countable.
   One list, read by the model, by the mart and by the test that an indicator names nothing else. #}
{% macro countable_fields() -%}
    {% set session = ['activity', 'tier', 'status', 'audience', 'audience_recorded', 'attendance_kind', 'area', 'has_partner'] %}
    {{ return({
        'sessions': session,
        'attendances': session,
        'hours': session,
        'stories': ['activity', 'teller_role', 'change_domain', 'change_level', 'consent', 'selected'],
        'learning_items': ['activity', 'learning_source', 'status'],
    }) }}
{%- endmacro %}

{# Every such column once, in the order in which int_countable has them. #}
{% macro all_countable_fields() -%}
    {% set fields = [] %}
    {% for names in countable_fields().values() %}
        {% for name in names if name not in fields %}
            {% do fields.append(name) %}
        {% endfor %}
    {% endfor %}
    {{ return(fields) }}
{%- endmacro %}

{# The value of the column that an indicator names, as text. #}
{% macro countable_value(thing, field) -%}
    case {{ field }}
    {% for name in all_countable_fields() %}
        when '{{ name }}' then {{ thing }}.{{ name }}
    {% endfor %}
    end
{%- endmacro %}

{# Whether an indicator's choice could take in a session of an activity. Only what a definition says of the activity itself can
   rule it out: any session may have any status, area or partner. No choice takes in everything. #}
{% macro could_choose(field, chosen, activity) -%}
    coalesce(case {{ field }}
    {% for name in ['activity', 'tier', 'audience'] %}
        when '{{ name }}' then array_contains({{ chosen }}, {{ activity }}.{{ name }})
    {% endfor %}
    end, true)
{%- endmacro %}

{# The countable columns of one base's select list: those that the base lacks are null. #}
{% macro countable_columns(base, written=none) -%}
    {% for name in all_countable_fields() %}
        {%- if name not in countable_fields()[base] -%}
            cast(null as {{ dbt.type_string() }}) as {{ name }}
        {%- else -%}
            {{ (written or {}).get(name, name) }} as {{ name }}
        {%- endif -%}
        {{- ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}
