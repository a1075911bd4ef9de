with first_versions as (
    -- a draft has no time of its own: it is there from its first version on
    select workspace_id, draft_id, created_at
    from {{ source('raw', 'op_draft_version') }}
    where version = 1 and {{ known('created_at') }}
)

select
    drafts.workspace_id,
    drafts.draft_id,
    drafts.entry_id,
    drafts.platform,
    drafts.status as stored_status,
    drafts.version as stored_version,
    first_versions.created_at
from {{ source('raw', 'op_draft') }} as drafts
inner join first_versions
    on drafts.workspace_id = first_versions.workspace_id and drafts.draft_id = first_versions.draft_id
