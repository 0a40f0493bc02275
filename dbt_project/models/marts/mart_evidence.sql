{# A row for each piece that speaks for or against an outcome at a site. Pieces are put side by side and never added up: how each
   finding is read (direction, grade, limits) is data of the framework. #}
{% set tolerance = var('fidelity_tolerance') %}

with outcome as (

    select site, outcome from {{ source('lake', 'ref_outcome') }}

),

link as (

    select outcome.site, outcome.outcome, link.kind, link.code, link.is_headline
    from outcome
    inner join {{ source('lake', 'ref_outcome_link') }} as link on outcome.outcome = link.outcome

),

-- A scale that two codebooks turn in two ways has no direction.
scale as (

    select
        scale,
        min(higher_is) as higher_is,
        max(higher_is) as other_is
    from {{ source('lake', 'ref_scale') }}
    group by scale

),

change as (

    select
        change.site,
        change.population,
        change.indicator,
        change.design,
        change.wave_from,
        change.wave_to,
        change.difference,
        change.ci_low,
        change.ci_high,
        change.reading,
        case
            when scale.scale is null then 1
            when scale.higher_is <> scale.other_is then null
            when scale.higher_is = 'worse' then -1
            else 1
        end as better
    from {{ ref('mart_outcome_change') }} as change
    left join scale on change.indicator = scale.scale

),

survey as (

    select
        link.site,
        link.outcome,
        'survey_change' as kind,
        concat_ws(' ', link.code, change.population, change.design, change.wave_from, change.wave_to) as piece,
        link.code as subject,
        case
            when change.site is null or change.reading = 'none' or change.better is null then 'not_available'
            when change.reading <> 'change' then change.reading
            when change.difference * change.better > 0 then 'better'
            else 'worse'
        end as finding,
        link.is_headline,
        change.difference as figure,
        change.ci_low,
        change.ci_high
    from link
    left join change on link.site = change.site and link.code = change.indicator
    -- Of an indicator that is no headline, nothing is said where it was not asked twice.
    where link.kind = 'indicators' and (link.is_headline or change.site is not null)

),

process as (

    select
        site,
        activity,
        sum(sessions_delivered) as sessions_delivered,
        {{ share('sum(hours)', 'sum(sessions_with_hours * designed_hours)') }} as dose_ratio
    from {{ ref('mart_process') }}
    group by site, activity

),

delivery as (

    select
        link.site,
        link.outcome,
        'delivery' as kind,
        link.code as piece,
        activity.audience_unit as subject,
        case
            when coalesce(process.sessions_delivered, 0) = 0 then 'not_delivered'
            when process.dose_ratio is null then 'length_unknown'
            when process.dose_ratio < 1 - {{ tolerance }} then 'below_design'
            else 'as_designed'
        end as finding,
        process.dose_ratio as figure
    from link
    inner join {{ ref('dim_activity') }} as activity on link.site = activity.site and link.code = activity.activity
    left join process on link.site = process.site and link.code = process.activity
    where link.kind = 'activities'

),

story as (

    select distinct
        story.site,
        link.outcome,
        'story' as kind,
        story.story_id as piece,
        story.change_domain as subject,
        'told' as finding
    from {{ ref('fct_story') }} as story
    inner join link on story.site = link.site and link.kind = 'story_domains' and story.change_domain = link.code
    where story.is_counted

),

-- By its tag; an item without one by the activity that it is about.
learning as (

    select distinct
        item.site,
        link.outcome,
        'learning' as kind,
        item.learning_id as piece,
        'noted' as finding
    from {{ ref('fct_learning_item') }} as item
    inner join link
        on item.site = link.site
        and (
            (link.kind = 'learning_tags' and item.learning_tag = link.code)
            or (link.kind = 'activities' and item.learning_tag is null and item.activity = link.code)
        )

),

-- Of two rows of a claim the weaker judgement holds.
claim as (

    select
        claim.site,
        claim.outcome,
        'contribution' as kind,
        claim.claim_id as piece,
        max(claim.activity) as subject,
        case min(case claim.strength when 'none' then 0 when 'weak' then 1 when 'moderate' then 2 else 3 end)
            when 0 then 'none' when 1 then 'weak' when 2 then 'moderate' else 'strong'
        end as finding,
        min(case when claim.alternatives_considered then 1 else 0 end) = 1 as has_alternatives
    from {{ ref('fct_contribution_claim') }} as claim
    inner join outcome on claim.site = outcome.site and claim.outcome = outcome.outcome
    group by claim.site, claim.outcome, claim.claim_id

),

piece as (

    select site, outcome, kind, piece, subject, finding, is_headline, figure, ci_low, ci_high, true as has_alternatives
    from survey

    union all

    select site, outcome, kind, piece, subject, finding, false, figure, null, null, true
    from delivery

    union all

    select site, outcome, kind, piece, subject, finding, false, null, null, null, true
    from story

    union all

    select site, outcome, kind, piece, null, finding, false, null, null, null, true
    from learning

    union all

    select site, outcome, kind, piece, subject, finding, false, null, null, null, has_alternatives
    from claim

)

select
    piece.site,
    piece.outcome,
    piece.kind,
    piece.piece,
    piece.subject,
    piece.is_headline,
    piece.finding,
    reading.direction,
    reading.grade,
    case
        when piece.has_alternatives then reading.limits
        else concat(reading.limits, ' The site names no other explanation.')
    end as limits,
    piece.figure,
    piece.ci_low,
    piece.ci_high,
    piece.kind in ('survey_change', 'story') or (piece.kind = 'delivery' and piece.subject = 'individual') as about_persons
from piece
left join {{ source('lake', 'ref_evidence_reading') }} as reading
    on piece.kind = reading.kind and piece.finding = reading.finding
