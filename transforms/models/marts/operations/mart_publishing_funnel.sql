with drafted as (
    select
        planned.workspace_id,
        planned.platform,
        planned.slot_week,
        planned.pillar,
        reviews.draft_id,
        reviews.status,
        reviews.first_decision,
        reviews.hours_to_approval,
        reviews.approved_at,
        reviews.revocations
    from {{ ref('int_planned_posts') }} as planned
    left join {{ ref('int_draft_reviews') }} as reviews
        on
            planned.workspace_id = reviews.workspace_id
            and planned.entry_id = reviews.entry_id
            and planned.platform = reviews.platform
),

reviewed as (
    select
        workspace_id,
        platform,
        slot_week,
        pillar,
        count(*) as planned,
        count(draft_id) as drafted,
        count(case when status = 'in_review' then 1 end) as in_review,
        count(case when status = 'changes_requested' then 1 end) as changes_requested,
        count(case when status = 'approved' then 1 end) as approved,
        count(case when status = 'rejected' then 1 end) as rejected,
        count(case when revocations > 0 then 1 end) as revoked,
        count(first_decision) as decided,
        count(case when first_decision = 'approved' then 1 end) as approved_first_pass,
        count(hours_to_approval) as approved_once,
        median(hours_to_approval) as median_hours_to_approval
    from drafted
    group by workspace_id, platform, slot_week, pillar
),

sent as (
    select
        drafted.workspace_id,
        drafted.platform,
        drafted.slot_week,
        drafted.pillar,
        count(case when publications.status <> 'cancelled' then 1 end) as publications,
        count(case when publications.status in ('queued', 'claimed') then 1 end) as queued,
        count(case when publications.status = 'sending' then 1 end) as sending,
        count(case when publications.status = 'sent' then 1 end) as sent,
        count(case when publications.status = 'failed' then 1 end) as failed,
        count(case when publications.status = 'unknown' then 1 end) as unknown_outcome,
        median({{ hours_between('drafted.approved_at', 'publications.sent_at') }}) as median_hours_approval_to_sent,
        median(publications.hours_late) as median_hours_late
    from drafted
    left join {{ ref('int_publications') }} as publications
        on drafted.workspace_id = publications.workspace_id and drafted.draft_id = publications.draft_id
    group by drafted.workspace_id, drafted.platform, drafted.slot_week, drafted.pillar
)

select
    reviewed.workspace_id,
    reviewed.platform,
    reviewed.slot_week,
    reviewed.pillar,
    reviewed.planned,
    reviewed.drafted,
    reviewed.in_review,
    reviewed.changes_requested,
    reviewed.approved,
    reviewed.rejected,
    reviewed.revoked,
    reviewed.decided,
    reviewed.approved_first_pass,
    round({{ ratio('cast(reviewed.approved_first_pass as double)', 'reviewed.decided') }}, 9) as first_pass_approval_rate,
    reviewed.approved_once,
    round(reviewed.median_hours_to_approval, 6) as median_hours_to_approval,
    sent.publications,
    sent.queued,
    sent.sending,
    sent.sent,
    sent.failed,
    sent.unknown_outcome,
    round(sent.median_hours_approval_to_sent, 6) as median_hours_approval_to_sent,
    round(sent.median_hours_late, 6) as median_hours_late
from reviewed
inner join sent
    on
        reviewed.workspace_id = sent.workspace_id
        and reviewed.platform = sent.platform
        and reviewed.slot_week = sent.slot_week
        and reviewed.pillar = sent.pillar
