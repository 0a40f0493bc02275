{#- There are no more sites' populations than the declared number over which a headline's error rate is spread: with more of them
    more than that rate of programmes without any change would claim one. #}
{% test surveys_declared(model, headlines) %}
    select 'more surveys than declared' as rule
    from (select count(*) as surveys from (select distinct site, population from {{ model }}) as survey) as found
    inner join (select min(surveys) as surveys from {{ headlines }}) as declared on found.surveys > declared.surveys
{% endtest %}
