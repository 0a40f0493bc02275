{# What DuckDB and Spark write differently. Nothing else in the project knows the engine. #}

{# One row for each value of a list column; the only expression of its kind in a select list. #}
{% macro each_value(list) -%}
    {{ return(adapter.dispatch('each_value')(list)) }}
{%- endmacro %}

{% macro default__each_value(list) -%}
    unnest({{ list }})
{%- endmacro %}

{% macro spark__each_value(list) -%}
    explode({{ list }})
{%- endmacro %}

{# How many values a list holds; a missing list holds none. #}
{% macro list_size(list) -%}
    {{ return(adapter.dispatch('list_size')(list)) }}
{%- endmacro %}

{% macro default__list_size(list) -%}
    coalesce(len({{ list }}), 0)
{%- endmacro %}

{% macro spark__list_size(list) -%}
    case when {{ list }} is null then 0 else size({{ list }}) end
{%- endmacro %}

{# A moment with a zone, as the clock in UTC without one: readers then need no time zone library. #}
{% macro utc_clock(moment) -%}
    {{ return(adapter.dispatch('utc_clock')(moment)) }}
{%- endmacro %}

{% macro default__utc_clock(moment) -%}
    timezone('UTC', {{ moment }})
{%- endmacro %}

{% macro spark__utc_clock(moment) -%}
    to_utc_timestamp({{ moment }}, current_timezone())
{%- endmacro %}

{# Whether a number is one: neither endless nor `not a number`. #}
{% macro is_finite(number) -%}
    {{ return(adapter.dispatch('is_finite')(number)) }}
{%- endmacro %}

{% macro default__is_finite(number) -%}
    isfinite({{ number }})
{%- endmacro %}

{% macro spark__is_finite(number) -%}
    not isnan({{ number }}) and abs({{ number }}) < cast('Infinity' as double)
{%- endmacro %}

{# Over a group: whether a condition holds for one row at least. #}
{% macro any_true(condition) -%}
    (max(case when {{ condition }} then 1 else 0 end) = 1)
{%- endmacro %}

{# The cluster of all whose cluster nobody wrote down. A key has no such character. #}
{% macro unknown_cluster() -%}
    (unknown)
{%- endmacro %}

{# The name of a cluster without case, spaces and punctuation: `St. Mary` and `ST MARY` are one. Null of a
   blank. #}
{% macro cluster_key(name) -%}
    {{ return(adapter.dispatch('cluster_key')(name)) }}
{%- endmacro %}

{% macro default__cluster_key(name) -%}
    nullif(regexp_replace(lower({{ name }}), '[^\p{L}\p{N}]', '', 'g'), '')
{%- endmacro %}

{% macro spark__cluster_key(name) -%}
    nullif(regexp_replace(lower({{ name }}), '[^\\p{L}\\p{N}]', ''), '')
{%- endmacro %}

{# Whether a text matches a regular expression that is anchored at both ends. #}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    {{ text }} rlike '{{ pattern }}'
{%- endmacro %}

{# The days from 1 January 1970 to a date. #}
{% macro day_number(day) -%}
    {{ return(adapter.dispatch('day_number')(day)) }}
{%- endmacro %}

{% macro default__day_number(day) -%}
    date_diff('day', date '1970-01-01', {{ day }})
{%- endmacro %}

{% macro spark__day_number(day) -%}
    datediff({{ day }}, date '1970-01-01')
{%- endmacro %}

{# The date that is so many days after 1 January 1970. #}
{% macro day_of_number(number) -%}
    {{ return(adapter.dispatch('day_of_number')(number)) }}
{%- endmacro %}

{% macro default__day_of_number(number) -%}
    (date '1970-01-01' + cast(floor({{ number }}) as integer))
{%- endmacro %}

{% macro spark__day_of_number(number) -%}
    date_add(date '1970-01-01', cast(floor({{ number }}) as int))
{%- endmacro %}

{# Over a group: texts joined in order, with a comma between; a null is left out. #}
{% macro joined_text(text) -%}
    {{ return(adapter.dispatch('joined_text')(text)) }}
{%- endmacro %}

{% macro default__joined_text(text) -%}
    string_agg(distinct {{ text }}, ', ' order by {{ text }})
{%- endmacro %}

{% macro spark__joined_text(text) -%}
    nullif(array_join(array_sort(collect_set({{ text }})), ', '), '')
{%- endmacro %}
