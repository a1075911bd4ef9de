with drafts as (
    select
        drafts.workspace_id,
        drafts.draft_id,
        drafts.entry_id,
        drafts.platform,
        drafts.created_at,
        count(*) as versions
    from {{ ref('stg_draft') }} as drafts
    inner join {{ ref('stg_draft_version') }} as versions
        on drafts.workspace_id = versions.workspace_id and drafts.draft_id = versions.draft_id
    group by drafts.workspace_id, drafts.draft_id, drafts.entry_id, drafts.platform, drafts.created_at
),

events as (
    select
        workspace_id,
        draft_id,
        sequence,
        kind,
        version,
        happened_at,
        case when kind in ('approved', 'changes_requested', 'rejected') then sequence end as decided
    from {{ ref('stg_draft_event') }}
),

steps as (
    select
        drafts.workspace_id,
        drafts.draft_id,
        drafts.entry_id,
        drafts.platform,
        drafts.created_at,
        drafts.versions,
        max_by(events.kind, events.sequence) as last_kind,
        count(events.decided) as decisions,
        count(case when events.kind = 'changes_requested' then 1 end) as changes_requested,
        count(case when events.kind = 'revoked' then 1 end) as revocations,
        min_by(events.kind, events.decided) as first_decision,
        min_by(events.happened_at, events.decided) as first_decided_at,
        min(case when events.kind = 'approved' then events.happened_at end) as first_approved_at,
        max(case when events.kind = 'approved' then events.happened_at end) as approved_at,
        max(case when events.kind = 'approved' then events.version end) as approved_version,
        max(case when events.kind = 'rejected' then events.happened_at end) as rejected_at
    from drafts
    left join events
        on drafts.workspace_id = events.workspace_id and drafts.draft_id = events.draft_id
    group by
        drafts.workspace_id, drafts.draft_id, drafts.entry_id, drafts.platform, drafts.created_at, drafts.versions
)

select
    steps.workspace_id,
    steps.draft_id,
    steps.entry_id,
    steps.platform,
    steps.created_at,
    case
        when steps.last_kind in ('approved', 'changes_requested', 'rejected') then steps.last_kind
        -- an edit, a new submission and a revoked approval all lead back to review
        else 'in_review'
    end as status,
    steps.versions,
    steps.decisions,
    steps.changes_requested,
    steps.revocations,
    steps.first_decision,
    steps.first_decided_at,
    steps.first_approved_at,
    steps.approved_at,
    steps.approved_version,
    texts.edit_distance as approved_edit_distance,
    steps.rejected_at,
    {{ hours_between('steps.created_at', 'steps.first_decided_at') }} as hours_to_first_decision,
    {{ hours_between('steps.created_at', 'steps.first_approved_at') }} as hours_to_approval
from steps
left join {{ ref('stg_draft_version') }} as texts
    on
        steps.workspace_id = texts.workspace_id
        and steps.draft_id = texts.draft_id
        and steps.approved_version = texts.version
