{# The cluster of a score in a design of several waves. A school that several waves have is one, and so is a linked person:
   both bring their covariance. Others who are their own cluster, and those whose school nobody wrote down, are different people in
   each wave. #}
{% macro cluster_over_waves(score) -%}
    case
        when {{ score }}.is_clustered and {{ score }}.cluster <> '{{ unknown_cluster() }}' then {{ score }}.cluster
        when {{ score }}.is_clustered then concat({{ score }}.wave, '|', {{ score }}.cluster)
        when {{ score }}.link_key is not null then concat('linked|', {{ score }}.link_key)
        else concat({{ score }}.wave, '|', {{ score }}.respondent_id)
    end
{%- endmacro %}
