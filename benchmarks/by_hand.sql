-- The figures of the night's marts as one would write them by hand: no lineage, no checks, no history, no release.
-- `benchmarks.by_hand` makes the tables activity, story, learning_item, learning_action, ref_activity, ref_footprint_area and
-- ref_local_indicator first. This file is written apart from the dbt project, so that the two can be compared.

create macro month_of(day) as strftime(day, '%Y-%m');
create macro quarter_of(day) as year(day) || '-Q' || quarter(day);
create macro april_year_of(day) as
    year(day - interval 3 month) || '-' || right((year(day - interval 3 month) + 1)::varchar, 2);
create macro yes_no(truth) as if(coalesce(truth, false), 'yes', 'no');

create table session as
select
    a.site, coalesce(a.activity, 'unmapped') as activity, coalesce(r.tier, 'unmapped') as tier,
    coalesce(r.audience, 'unmapped') as audience, r.designed_hours, a.audience as audience_recorded, a.status,
    a.status is not distinct from 'delivered' as took_place,
    a.session_on as day, date_trunc('month', a.session_on)::date as month, quarter_of(a.session_on) as quarter,
    if(took_place, a.attendance_low, null) as low, if(took_place, coalesce(a.attendance_high, a.attendance_low), null) as high,
    if(took_place, if(a.attendance_low is null, 'unknown', a.attendance_kind), null) as kind,
    if(took_place, a.hours, null) as hours, if(took_place, a.partners, null) as partners,
    coalesce(a.small_area_code, 'unknown') as code,
    if(a.small_area_code is null, 'unknown', coalesce(f.area, 'outside_footprint')) as area,
    f."index" as index_name, f.nation_quintile, f.pop_0_4 + f.pop_5_11 + f.pop_12_17 + f.pop_18_plus as population
from activity a
left join ref_activity r using (site, activity)
left join ref_footprint_area f using (site, small_area_code);

create table mart_delivery as
select site, month, activity, tier, audience,
    count_if(took_place) as sessions_delivered, count_if(status = 'cancelled') as sessions_cancelled,
    coalesce(round(sum(hours), 4), 0) as hours, count(hours) as sessions_with_hours
from session group by all;

create table mart_reach as
select site, month, activity, audience, 'attendances' as measure,
    coalesce(sum(low), 0)::bigint as value_low, coalesce(sum(high), 0)::bigint as value_high,
    count_if(low is null) as sessions_unknown
from session where took_place group by all;

create table mart_reach_area as
select site, month, area, small_area_code, index_name, nation_quintile, population,
    coalesce(known, 0) as attendances_low,
    if(population > 0, round(1000.0 * known / population, 2), null)::double as rate_per_1000, 'venue' as area_basis
from (
    select site, month, area, code as small_area_code, index_name, nation_quintile, population, sum(low)::bigint as known
    from session where took_place group by all
);

create table mart_process as
with met as (
    select site, quarter, activity, count(distinct partner) as partners
    from (select site, quarter, activity, unnest(partners) as partner from session) group by all
)
select s.site, s.quarter, s.activity, any_value(s.tier) as tier,
    count_if(took_place) as sessions_delivered, count_if(status = 'cancelled') as sessions_cancelled,
    round(count_if(status = 'cancelled') / nullif(count_if(took_place or status = 'cancelled'), 0), 4) as cancelled_share,
    coalesce(round(sum(hours), 4), 0) as hours, count(hours) as sessions_with_hours,
    round(count(hours) / nullif(count_if(took_place), 0), 4) as hours_completeness,
    round(round(sum(hours), 4) / nullif(count(hours) * s.designed_hours, 0), 4) as dose_ratio,
    round(count_if(abs(hours - s.designed_hours) <= 0.25 * s.designed_hours and s.designed_hours > 0)
        / nullif(count_if(hours is not null and s.designed_hours > 0), 0), 4) as fidelity_share,
    coalesce(any_value(met.partners), 0) as partners
from session s left join met using (site, quarter, activity)
group by s.site, s.quarter, s.activity, s.designed_hours;

create table mart_partnership as
with met as (
    select site, quarter, count(distinct partner) as partners_active
    from (select site, quarter, unnest(partners) as partner from session) group by all
)
select s.site, s.quarter, coalesce(any_value(met.partners_active), 0) as partners_active,
    count_if(len(partners) > 0) as sessions_with_partner, count_if(took_place and tier = 'system') as boards_held
from session s left join met using (site, quarter)
group by s.site, s.quarter;

create table mart_story_domain as
select site, coalesce(change_domain, 'not_stated') as change_domain, coalesce(teller_role, 'not_stated') as teller_role,
    count(*) as stories, count_if(coalesce(selected, false)) as selected
from story where consent in ('share', 'internal') group by all;

create table furthest as
select learning_id, to_site, min(sent_on) as sent_on, min(received_on) as received_on, min(adopted_on) as adopted_on,
    max(list_position(['sent', 'received', 'adopted'], status)) as stage
from learning_action group by all;

create table mart_learning_action as
select i.learning_id, i.site, f.to_site, i.noted_on, f.sent_on, f.received_on, f.adopted_on,
    coalesce(['sent', 'received', 'adopted'][f.stage], 'none') as status,
    f.sent_on - i.noted_on as days_to_send, f.adopted_on - f.sent_on as days_to_adopt
from (select learning_id, site, min(noted_on) as noted_on from learning_item group by all) i
left join furthest f using (learning_id);

create table countable as
with fact as (
    select *, map {
        'activity': activity, 'tier': tier, 'status': status, 'audience': audience, 'audience_recorded': audience_recorded,
        'attendance_kind': kind, 'area': area, 'has_partner': yes_no(len(partners) > 0)
    } as facts
    from session
)
select 'sessions' as base, site, day, 1::double as amount, facts from fact
union all
select 'attendances', site, day, low::double, facts from fact where low is not null
union all
select 'hours', site, day, hours, facts from fact where hours is not null
union all
select 'stories', site, told_on, 1, map {
    'activity': coalesce(activity, 'not_stated'), 'teller_role': coalesce(teller_role, 'not_stated'),
    'change_domain': coalesce(change_domain, 'not_stated'), 'change_level': coalesce(change_level, 'not_stated'),
    'consent': consent, 'selected': yes_no(selected)
}
from story where consent in ('share', 'internal')
union all
select 'learning_items', i.site, i.noted_on, 1, map {
    'activity': coalesce(i.activity, 'not_stated'), 'learning_source': coalesce(i.learning_source, 'not_stated'),
    'status': coalesce(['sent', 'received', 'adopted'][f.stage], 'none')
}
from learning_item i
left join (select learning_id, max(stage) as stage from furthest group by all) f using (learning_id);

create table mart_local_indicator as
with chosen as (
    select d.site, d.indicator, d.measure, d.target, d.direction, c.amount,
        case d.period when 'month' then month_of(day) when 'quarter' then quarter_of(day) else april_year_of(day) end as period,
        d.denominator_field is null or list_contains(d.denominator_in, c.facts[d.denominator_field]) as below,
        d.numerator_field is null or list_contains(d.numerator_in, c.facts[d.numerator_field]) as above
    from ref_local_indicator d join countable c using (site, base)
),
counted as (
    select site, indicator, period, measure, target, direction,
        coalesce(round(sum(amount) filter (below and above), 4), 0) as numerator,
        coalesce(round(sum(amount) filter (below), 4), 0) as whole
    from chosen group by all
)
select site, indicator, period, if(measure = 'count', numerator, round(100 * numerator / nullif(whole, 0), 4)) as value,
    numerator, if(measure = 'percent', whole, null) as denominator, target, direction,
    if(direction = 'at_least', value >= target, value <= target) as met
from counted;
