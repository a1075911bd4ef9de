with at_age as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {%- for hours, name in [(24, '24h'), (72, '72h'), (168, '7d'), (672, '28d')] %}
        max(case when age_hours = {{ hours }} then value end) as engagements_public_{{ name }},
        max(case when age_hours = {{ hours }} then basis end) as basis_{{ name }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_post_metrics_at_age') }}
    where metric = 'engagements_public'
    group by workspace_id, platform, account_id, post_id
)

select
    publications.workspace_id,
    publications.outbox_key,
    publications.draft_id,
    publications.version,
    publications.platform,
    publications.vendor,
    publications.account_id,
    planned.pillar,
    publications.status,
    publications.attempts,
    publications.steps,
    publications.due_at,
    publications.queued_at,
    publications.first_sending_at,
    publications.sent_at,
    publications.failed_at,
    publications.unknown_at,
    publications.hours_late,
    publications.post_id,
    publications.url,
    case when publications.post_id is not null then posts.post_id is not null end as post_observed,
    posts.observed_at as post_observed_at,
    posts.engagements_public,
    at_age.engagements_public_24h,
    at_age.basis_24h,
    at_age.engagements_public_72h,
    at_age.basis_72h,
    at_age.engagements_public_7d,
    at_age.basis_7d,
    at_age.engagements_public_28d,
    at_age.basis_28d,
    posts.percentile_28d
from {{ ref('int_publications') }} as publications
left join {{ ref('stg_draft') }} as drafts
    on publications.workspace_id = drafts.workspace_id and publications.draft_id = drafts.draft_id
left join {{ ref('int_planned_posts') }} as planned
    on
        drafts.workspace_id = planned.workspace_id
        and drafts.entry_id = planned.entry_id
        and drafts.platform = planned.platform
left join {{ ref('int_post_summary') }} as posts
    on
        publications.workspace_id = posts.workspace_id
        and publications.platform = posts.platform
        and publications.account_id = posts.account_id
        and publications.post_id = posts.post_id
        and posts.owner = 'own'
left join at_age
    on
        posts.workspace_id = at_age.workspace_id
        and posts.platform = at_age.platform
        and posts.account_id = at_age.account_id
        and posts.post_id = at_age.post_id
