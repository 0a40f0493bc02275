{#- A population of a site has a panel or repeated cross-sections between two waves, and never both. -#}
{% test one_design_each(model) %}
    select 'two designs' as rule
    from {{ model }}
    group by site, population, wave_from, wave_to
    having count(distinct design) > 1
{% endtest %}
