-- The yardstick: the figures of mart_outcome_indicator for this one survey, from the same Parquet, by somebody who knows its
-- questions by heart. No codebook, no contract, no test, no reasons, no percentage's own interval.
create table answer as
select respondent_id, instrument, item, missing_reason, case when item in ('T2', 'D3') then 6 - value else value end as v
from survey_answer;

create table score as
select respondent_id, item as indicator,
    case when v >= 4 then 100.0 when v is not null then 0.0 when missing_reason = 'dont_know' and item like 'K%' then 0.0 end as y
from answer where instrument = 'tfc_core_1'
union all
select respondent_id, scale, case when count(v) >= 2 then (avg(v) - 1) * 25 end
from answer inner join (values
    ('K', 'know'), ('T', 'think'), ('D', 'do'), ('1', 'identify'), ('2', 'address'), ('3', 'prevent')) as part (letter, scale)
    on contains(item, letter)
where instrument = 'tfc_core_1' group by respondent_id, scale
union all
select respondent_id, 'ons_satisfied', v::double from answer where item = 'ONS1'
union all
select respondent_id, 'ons_satisfied:ons:' || band, case when v between lowest and highest then 100.0 else 0.0 end
from answer cross join (values ('low', 0, 4), ('medium', 5, 6), ('high', 7, 8), ('very_high', 9, 10)) as bands (band, lowest, highest)
where item = 'ONS1' and v is not null;

create table figure as
with person as (
    select s.indicator, s.y, p.weight as w, p.stratum, p.cluster, p.area, p.sector, p.school
    from score as s inner join survey_respondent as p using (respondent_id) where s.y is not null
), domain as (
    select indicator, case grouping(area, sector, school) when 7 then 'all' when 3 then 'area' when 5 then 'sector' else 'school' end
        as breakdown, coalesce(area, sector, school, 'all') as value, stratum, cluster, count(*) as n, sum(w) as w, sum(w * y) as wy
    from person
    group by grouping sets ((indicator, stratum, cluster), (indicator, stratum, cluster, area), (indicator, stratum, cluster, sector),
        (indicator, stratum, cluster, school))
), mean as (
    select indicator, breakdown, value, sum(n) as n, sum(w) as w, sum(wy) / sum(w) as estimate,
        count(*) - count(distinct stratum) as df
    from domain group by all
), strata as (select indicator, stratum, count(distinct cluster) as m from person group by all),
part as (
    select indicator, breakdown, value, m / (m - 1) * (sum(score * score) - sum(score) ** 2 / m) as variance
    from (select d.indicator, d.breakdown, d.value, d.stratum, (d.wy - mean.estimate * d.w) / mean.w as score
        from domain as d inner join mean using (indicator, breakdown, value))
    inner join strata using (indicator, stratum)
    group by indicator, breakdown, value, stratum, m
)
select indicator, breakdown, value, any_value(n) as n, any_value(estimate) as estimate,
    case when any_value(df) > 0 then sqrt(greatest(sum(variance), 0)) end as se
from part inner join mean using (indicator, breakdown, value)
group by indicator, breakdown, value;
