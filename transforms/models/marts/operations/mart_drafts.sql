with sent as (
    select
        reviews.workspace_id,
        reviews.draft_id,
        count(publications.outbox_key) as publications,
        count(case when publications.status = 'sent' then 1 end) as publications_sent,
        min(publications.sent_at) as sent_at
    from {{ ref('int_draft_reviews') }} as reviews
    left join {{ ref('int_publications') }} as publications
        on
            reviews.workspace_id = publications.workspace_id
            and reviews.draft_id = publications.draft_id
            and publications.status <> 'cancelled'
    group by reviews.workspace_id, reviews.draft_id
),

first_posts as (
    select workspace_id, draft_id, account_id, post_id, url
    from {{ ref('int_publications') }}
    where status = 'sent'
    qualify row_number() over (partition by workspace_id, draft_id order by sent_at, outbox_key) = 1
)

select
    reviews.workspace_id,
    reviews.draft_id,
    reviews.entry_id,
    planned.strategy_id,
    planned.strategy_version,
    reviews.platform,
    planned.pillar,
    planned.slot_at,
    planned.slot_local,
    planned.slot_date,
    reviews.status,
    reviews.versions,
    reviews.decisions,
    reviews.changes_requested,
    reviews.revocations,
    reviews.created_at,
    reviews.first_decision,
    reviews.first_decided_at,
    reviews.approved_at,
    reviews.approved_version,
    reviews.approved_version = 1 as approved_as_written,
    reviews.approved_edit_distance as edit_distance,
    reviews.rejected_at,
    reviews.hours_to_first_decision,
    reviews.hours_to_approval,
    sent.publications,
    sent.publications_sent,
    sent.sent_at,
    {{ hours_between('reviews.approved_at', 'sent.sent_at') }} as hours_approval_to_sent,
    first_posts.account_id,
    first_posts.post_id,
    first_posts.url,
    usage.calls as ai_calls,
    usage.calls_priced as ai_calls_priced,
    usage.cost_usd as ai_cost_usd
from {{ ref('int_draft_reviews') }} as reviews
left join {{ ref('int_planned_posts') }} as planned
    on
        reviews.workspace_id = planned.workspace_id
        and reviews.entry_id = planned.entry_id
        and reviews.platform = planned.platform
inner join sent
    on reviews.workspace_id = sent.workspace_id and reviews.draft_id = sent.draft_id
left join first_posts
    on reviews.workspace_id = first_posts.workspace_id and reviews.draft_id = first_posts.draft_id
left join {{ ref('int_draft_usage') }} as usage
    on reviews.workspace_id = usage.workspace_id and reviews.draft_id = usage.draft_id
